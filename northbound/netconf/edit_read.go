package netconf

import (
	"errors"
	"strings"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// instance is one data node that has been read.
type instance struct {
	elem  path.Elem    // its step, below its parent
	node  *tree.Node   // nil for a value of a leaf-list, and for a container that holds nothing
	value schema.Value // of a leaf-list
}

// child finds the schema node of e below f.
func (x *editor) child(f *frame, e *element) (*schema.Node, error) {
	m := x.schema.ModuleByNamespace(e.space)
	if m == nil {
		at := fault.New(fault.UnknownNamespace, x.path(f), "no module of this server has the namespace %q", e.space)
		return nil, at.WithInfo("bad-element", e.local).WithInfo("bad-namespace", e.space)
	}
	def := f.def.Child(m.Name, e.local)
	switch {
	case def == nil:
		p := x.path(f).Child(path.Elem{Module: m.Name, Name: e.local})
		return nil, fault.New(fault.UnknownElement, p, "there is no such node in the module %s", m.Name).
			WithInfo("bad-element", e.local)
	case !def.Config:
		return nil, fault.New(fault.InvalidValue, x.path(f).Child(def.Elem()), "it is state, and cannot be configured").
			WithInfo("bad-element", e.local)
	}
	return def, nil
}

// read reads the instance of def that e begins, up to its end tag.
func (x *editor) read(f *frame, def *schema.Node, e *element) (instance, error) {
	switch def.Kind {
	case schema.Leaf, schema.LeafList:
		v, err := x.value(f, def)
		if err != nil {
			return instance{}, err
		}
		if def.Kind == schema.LeafList {
			return instance{elem: valueElem(def, v.Text), value: v}, nil
		}
		return instance{elem: def.Elem(), node: x.build.Leaf(def, v)}, nil
	case schema.Container, schema.List:
		return x.interior(f, def)
	default:
		json, err := x.doc.opaque(e, def)
		if err != nil {
			return instance{}, located(err, x.path(f).Child(def.Elem()))
		}
		return instance{elem: def.Elem(), node: x.build.Opaque(def, json)}, nil
	}
}

func valueElem(def *schema.Node, text string) path.Elem {
	e := def.Elem()
	e.Keys = []path.Key{{Name: ".", Value: text}}
	return e
}

// value reads the text of the current element as a value of def.
func (x *editor) value(f *frame, def *schema.Node) (schema.Value, error) {
	v, err := x.doc.value(x.schema, def)
	if err != nil {
		p := x.path(f)
		return v, located(err, p.Child(def.Elem()))
	}
	return v, nil
}

// interior reads a container or a list entry.
func (x *editor) interior(f *frame, def *schema.Node) (instance, error) {
	r := x.region
	before, after := len(r.before), len(r.after)
	inner := &frame{parent: f, def: def, kids: len(x.kids)}
	if err := x.inside(inner); err != nil {
		return instance{}, err
	}
	n, err := x.finish(inner)
	if err != nil {
		return instance{}, err
	}
	if def.Kind != schema.List {
		return instance{elem: def.Elem(), node: n}, nil
	}
	elem := n.Elem()
	if x.unkeyed {
		depth := len(x.path(f))
		for _, e := range r.before[before:] {
			complete(e, depth, elem)
		}
		for _, e := range r.after[after:] {
			complete(e, depth, elem)
		}
	}
	return instance{elem: elem, node: n}, nil
}

// complete gives the step at depth of an edit's path its keys.
func complete(e *agent.Edit, depth int, elem path.Elem) {
	if len(e.Path) > depth && len(e.Path[depth].Keys) == 0 {
		e.Path[depth] = elem
	}
}

// removal reads an element with operation delete or remove, of which only what
// names the instance matters.
func (x *editor) removal(f *frame, def *schema.Node, e *element, op agent.Op) error {
	content, err := x.doc.fragment(e)
	if err != nil {
		return err
	}
	elem := def.Elem()
	switch {
	case def.IsKey():
		return fault.New(fault.BadAttribute, x.path(f).Child(elem), "a key cannot be deleted; delete its entry").
			WithInfo("bad-attribute", "operation").WithInfo("bad-element", def.Name)
	case def.Kind == schema.LeafList:
		v, err := parseTrimmed(def, content.text, prefixModules{x.schema, content})
		if err != nil {
			return located(err, x.path(f).Child(elem))
		}
		elem = valueElem(def, v.Text)
	case def.Kind == schema.List:
		if elem, err = x.keysIn(f, def, content); err != nil {
			return err
		}
	}
	edit := &agent.Edit{Op: op, Path: x.path(f).Child(elem)}
	switch r := x.region; {
	case !r.keeps():
		r.after = append(r.after, edit)
	case op == agent.Delete:
		r.before = append(r.before, edit)
	}
	return nil
}

// keysIn finds the keys of an entry among the children of its element.
func (x *editor) keysIn(f *frame, def *schema.Node, content *fragment) (path.Elem, error) {
	keys := make([]string, len(def.Keys))
	for i, k := range def.Keys {
		found := false
		for _, c := range content.children {
			if c.local != k.Name || c.space != k.Module.Namespace {
				continue
			}
			v, err := parseTrimmed(k, c.text, prefixModules{x.schema, c})
			if err != nil {
				return path.Elem{}, located(err, x.path(f).Child(def.Elem()).Child(k.Elem()))
			}
			keys[i], found = v.Text, true
		}
		if !found {
			return path.Elem{}, fault.New(fault.MissingElement, x.path(f).Child(def.Elem()),
				"the key %q is missing; an entry is named by all its keys", k.Name).WithInfo("bad-element", k.Name)
		}
	}
	return def.Elem(keys...), nil
}

// unset carries out default="true" (RFC 6243 §4.5.2): the leaf must have the
// value of its default, and goes back to it.
func (x *editor) unset(f *frame, def *schema.Node, v instance) error {
	p := x.path(f).Child(def.Elem())
	if len(def.Defaults) != 1 || def.Kind != schema.Leaf || def.Defaults[0].Text != v.node.Value().Text {
		return fault.New(fault.InvalidValue, p, "the attribute default says that it has its default value, and it has not").
			WithInfo("bad-attribute", "default")
	}
	if !x.region.keeps() {
		x.region.after = append(x.region.after, &agent.Edit{Op: agent.Remove, Path: p})
	}
	return nil
}

// parseTrimmed parses text as it is, or else without white space around it,
// which people and pretty-printers put there.
func parseTrimmed(def *schema.Node, text string, ns schema.Namespaces) (schema.Value, error) {
	v, err := def.Parse(text, ns)
	if err == nil {
		return v, nil
	}
	if trimmed := strings.TrimSpace(text); trimmed != text {
		if v, err := def.Parse(trimmed, ns); err == nil {
			return v, nil
		}
	}
	return v, err
}

// located gives a fault that has no path that of the node concerned.
func located(err error, p path.Path) error {
	if e, ok := errors.AsType[*fault.Error](err); ok && e.Path == nil {
		e.Path = p
	}
	return err
}
