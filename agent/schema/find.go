package schema

import (
	"cmp"
	"iter"
	"slices"
	"strings"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/path"
)

// Module returns the module of that name: the implemented revision, otherwise
// the latest that is imported; nil where there is none.
func (s *Schema) Module(name string) *Module { return s.byName[name] }

// ModuleByNamespace is Module for an XML namespace.
func (s *Schema) ModuleByNamespace(ns string) *Module { return s.byNamespace[ns] }

// Schema returns the schema that m is part of.
func (m *Module) Schema() *Schema { return m.schema }

// Identity returns an identity by its module and name, or nil.
func (s *Schema) Identity(module, name string) *Identity {
	m := s.byName[module]
	if m == nil {
		return nil
	}
	at, found := slices.BinarySearchFunc(m.Identities, name, func(i *Identity, name string) int {
		return cmp.Compare(i.Name, name)
	})
	if !found {
		return nil
	}
	return m.Identities[at]
}

// DerivedFrom reports whether i is derived from base, directly or not
// (RFC 7950 §7.18.2). An identity is not derived from itself.
func (i *Identity) DerivedFrom(base *Identity) bool {
	for _, b := range i.Bases {
		if b == base || b.DerivedFrom(base) {
			return true
		}
	}
	return false
}

// Find returns the node that p names; keys are not looked at. The empty path is
// the root. The error says which step leads nowhere, and what is there.
func (s *Schema) Find(p path.Path) (*Node, error) {
	n := s.Root
	for i, e := range p {
		c := n.Child(e.Module, e.Name)
		if c == nil {
			return nil, s.unknown(n, p[:i], e.Module, e.Name)
		}
		n = c
	}
	return n, nil
}

// unknown says that n, at path at, has no child of that name, and what is wrong
// with it.
func (s *Schema) unknown(n *Node, at path.Path, module, name string) error {
	qualified := name
	if module != "" {
		qualified = module + ":" + name
		if s.Module(module) == nil {
			return fault.New(fault.UnknownNamespace, at, "no module %q is served; %s", module, n.names()).
				WithInfo("bad-element", name).WithInfo("bad-namespace", module)
		}
	}
	return fault.New(fault.UnknownElement, at, "no node %q; %s", qualified, n.names()).
		WithInfo("bad-element", name)
}

// namesShown bounds the list of children in an error message.
const namesShown = 12

// names describes n's data children for an error message.
func (n *Node) names() string {
	if n.Kind == Leaf || n.Kind == LeafList {
		return "it is a " + n.Kind.String() + " and has no children"
	}
	if len(n.Data) == 0 {
		return "the " + n.Kind.String() + " has no children"
	}
	var b strings.Builder
	b.WriteString("there are ")
	for i, c := range n.Data {
		if i == namesShown {
			b.WriteString(" and others")
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		if c.Module != n.Module {
			b.WriteString(c.Module.Name + ":")
		}
		b.WriteString(c.Name)
	}
	return b.String()
}

// Child returns the data child of that name, choices and cases looked through,
// or nil. Without a module it is n's own module's child, otherwise the only
// child of that name.
func (n *Node) Child(module, name string) *Node {
	candidates := n.Data
	if n.byName != nil {
		i, ok := slices.BinarySearchFunc(n.byName, name, func(c *Node, name string) int {
			return cmp.Compare(c.Name, name)
		})
		if !ok {
			return nil
		}
		candidates = n.byName[i:]
	}
	var found *Node
	matches := 0
	for _, c := range candidates {
		if c.Name != name {
			if n.byName != nil {
				break
			}
			continue
		}
		if module == "" {
			if c.Module == n.Module {
				return c
			}
			found = c
			matches++
		} else if c.Module.Name == module {
			return c
		}
	}
	if matches != 1 {
		return nil
	}
	return found
}

// Statement returns the child of that name and kind, data node or not: an RPC,
// action, notification, choice or case. Nil where there is none.
func (n *Node) Statement(kind Kind, module, name string) *Node {
	for _, c := range n.Children {
		if c.Kind == kind && c.Name == name && c.Module.Name == module {
			return c
		}
	}
	return nil
}

// Input returns the input of an RPC or action; every one has it, empty or not.
func (n *Node) Input() *Node { return n.part(Input) }

// Output returns the output of an RPC or action; every one has it, empty or not.
func (n *Node) Output() *Node { return n.part(Output) }

func (n *Node) part(k Kind) *Node {
	for _, c := range n.Children {
		if c.Kind == k {
			return c
		}
	}
	return nil
}

// SchemaPath returns n's path without keys. Choices, cases, inputs and outputs
// are no steps; an RPC, action or notification is.
func (n *Node) SchemaPath() path.Path {
	depth := 0
	for a := n; a != nil; a = a.DataParent {
		if a.isStep() {
			depth++
		}
	}
	p := make(path.Path, depth)
	for a := n; a != nil; a = a.DataParent {
		if a.isStep() {
			depth--
			p[depth] = path.Elem{Module: a.Module.Name, Name: a.Name}
		}
	}
	return p
}

func (n *Node) isStep() bool {
	switch n.Kind {
	case Choice, Case, Input, Output:
		return false
	default:
		return n.Name != "" // the root has none
	}
}

// Elem returns a path step for n. The keys are canonical values in key order;
// for a leaf-list the one value, for a list without keys the position.
func (n *Node) Elem(keys ...string) path.Elem {
	e := path.Elem{Module: n.Module.Name, Name: n.Name}
	if len(keys) == 0 {
		return e
	}
	e.Keys = make([]path.Key, len(keys))
	for i, v := range keys {
		e.Keys[i].Value = v
		switch {
		case n.Kind == LeafList:
			e.Keys[i].Name = "."
		case i < len(n.Keys):
			e.Keys[i].Name = n.Keys[i].Name
		}
	}
	return e
}

// IsKey reports whether n is a key leaf of its list.
func (n *Node) IsKey() bool {
	return n.DataParent != nil && n.Kind == Leaf && n.Index < len(n.DataParent.Keys)
}

// Ancestors yields n's data ancestors from its parent up to the root.
func (n *Node) Ancestors() iter.Seq[*Node] {
	return func(yield func(*Node) bool) {
		for a := n.DataParent; a != nil; a = a.DataParent {
			if !yield(a) {
				return
			}
		}
	}
}
