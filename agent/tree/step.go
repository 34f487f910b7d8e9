package tree

import (
	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// step is one step of a path, resolved.
type step struct {
	def   *schema.Node
	names bool    // one entry of a list, or one value of a leaf-list
	key   listKey // which one
	index int     // which one, from 1, in a list without keys
}

func (x *Txn) last() step {
	if len(x.steps) == 0 {
		return step{}
	}
	return x.steps[len(x.steps)-1]
}

// resolve finds the schema node of p and fills x.steps.
func (x *Txn) resolve(p path.Path) (*schema.Node, error) {
	x.steps = x.steps[:0]
	def := x.schema.Root
	if x.root.def != def {
		def = x.root.def // the input or output of an operation
	}
	for i, e := range p {
		c := def.Child(e.Module, e.Name)
		if c == nil {
			if def.Kind == schema.Container || def.Kind == schema.List {
				if _, err := x.schema.Find(p); err != nil {
					return nil, err
				}
			}
			return nil, fault.New(fault.UnknownElement, p[:i], "no node %q", e.Name).WithInfo("bad-element", e.Name)
		}
		s, err := newStep(c, e, p[:i+1])
		if err != nil {
			return nil, err
		}
		if i < len(p)-1 && c.Kind == schema.List && !s.names {
			return nil, fault.New(fault.MissingElement, p[:i+1], "the keys of the entry are missing")
		}
		x.steps = append(x.steps, s)
		def = c
	}
	return def, nil
}

func newStep(def *schema.Node, e path.Elem, at path.Path) (step, error) {
	s := step{def: def, names: len(e.Keys) > 0}
	if !s.names {
		return s, nil
	}
	switch {
	case def.Kind == schema.LeafList && len(e.Keys) == 1 && e.Keys[0].Name == ".":
		s.key = listKey(e.Keys[0].Value)
	case def.Kind == schema.LeafList:
		return s, fault.New(fault.BadElement, at, "a value of a leaf-list is named by [.='value']")
	case def.Kind != schema.List:
		return s, fault.New(fault.BadElement, at, "a %s has no keys", def.Kind)
	case layoutOf(def) == asGiven:
		if s.index = position([]string{e.Keys[0].Value}); s.index == 0 || len(e.Keys) > 1 {
			return s, fault.New(fault.BadElement, at, "an entry of a list without keys is named by its position, from [1]")
		}
	default:
		var ok bool
		if s.key, ok = keyOf(def, e); !ok {
			return s, fault.New(fault.BadElement, at, "an entry is named by all of its keys and nothing else: %s", keyNames(def))
		}
	}
	return s, nil
}

func keyNames(def *schema.Node) string {
	var names []byte
	for i, k := range def.Keys {
		if i > 0 {
			names = append(names, ", "...)
		}
		names = append(names, k.Name...)
	}
	return string(names)
}
