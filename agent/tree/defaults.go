package tree

import (
	"iter"

	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// Defaults are in use where the configuration exists that they belong to. A list
// entry, or a container with presence, that nobody has configured and that is there
// because it was observed (RFC 8342 §5.3: an interface that the host has) is no
// configuration whose defaults somebody relies on: what is in use of it was
// observed, too, and everything else is not. So such an entry is marked, with the
// containers in it, and ChildOrDefault finds no default in it. A tree of
// configuration has no marks; a tree that is written with ObservedTxn has; and where
// one is merged into the other, an entry that is configured has its defaults in use.
//
// For the same reason no default of state is ever made up: state has the value that
// was observed, "regardless of any default value specified in the YANG module", or
// none (RFC 8342 §5.3).

// ObservedTxn begins a batch of edits on t, a tree of what was observed.
func (t Tree) ObservedTxn() *Txn {
	x := t.Txn()
	x.observed = true
	return x
}

// begins reports whether an instance of def exists for a reason of its own, and not
// because something is in it.
func begins(def *schema.Node) bool {
	return def.Kind == schema.List || def.Kind == schema.Container && def.Presence
}

// observe returns n marked, with what is configuration in it. Without within only
// what is in entries and in containers with presence is marked.
func observe(n *Node, within bool, o *token) *Node {
	if n == nil || !n.def.Config || n.body == nil || single(n.def.Kind) {
		return n
	}
	within = within || begins(n.def)
	c := n
	if within && !n.observed() && (n.def.Kind != schema.List || n.IsEntry()) {
		c = n.own(o)
		c.setObserved(true)
	}
	if n.def.Kind == schema.List && !n.IsEntry() {
		for e := range n.Entries() {
			if marked := observe(e, true, o); marked != e {
				c = c.own(o)
				c.body.list.put(o, marked)
			}
		}
		return c
	}
	for _, kid := range n.parts().kids {
		if marked := observe(kid, within, o); marked != kid {
			c = c.own(o)
			c.setKid(kid.def, marked)
		}
	}
	return c
}

func single(k schema.Kind) bool { return k != schema.Container && k != schema.List }

// Configured returns n as it is in an entry that is configured: containers without
// presence have their defaults in use then, though nothing in them is configured.
func (n *Node) Configured() *Node { return n.configured(new(token)) }

func (n *Node) configured(o *token) *Node {
	if n == nil || !n.observed() || begins(n.def) {
		return n
	}
	c := n.own(o)
	c.setObserved(false)
	for i, kid := range c.body.kids {
		c.body.kids[i] = kid.configured(o)
	}
	return c
}

// ChildOrDefault is Child, but where there is no instance and a default is in
// use (RFC 7950 §7.6.1, §7.7.2) it returns that: a leaf or leaf-list with its
// default values. Where there is no instance of a container without presence it
// returns an empty one to look for defaults in, unless the container stands in a
// case that is not in use. Whether a when holds is not looked at.
func (n *Node) ChildOrDefault(def *schema.Node) *Node {
	if c := n.Child(def); c != nil || n == nil || def == nil {
		return c
	}
	if n.observed() || !def.Config {
		return nil
	}
	switch def.Kind {
	case schema.Leaf, schema.LeafList:
		if len(def.Defaults) == 0 {
			return nil
		}
	case schema.Container:
		if def.Presence {
			return nil
		}
	default:
		return nil
	}
	if def.DataParent != n.def {
		return nil
	}
	if inChoice(def) {
		c := def.Parent
		if c.Kind == schema.Choice {
			// A case in shorthand (RFC 7950 §7.9.2): the node is its case.
			if c.DefaultCase != def || hasWithin(n.parts().kids, c) ||
				c.Parent.Kind == schema.Case && !caseInUse(n.parts().kids, c.Parent) {
				return nil
			}
		} else if !caseInUse(n.parts().kids, c) {
			return nil
		}
	}
	return synthesize(def)
}

// byDefault is the body of defaults that have no other parts.
var byDefault = &body{rare: &rare{synthetic: true}}

// synthesize makes the default of def.
func synthesize(def *schema.Node) *Node {
	switch def.Kind {
	case schema.Leaf:
		return &Node{def: def, leaf: &def.Defaults[0], body: byDefault}
	case schema.LeafList:
		d := newList(def, nil)
		d.body.list.values, d.body.rare = def.Defaults, byDefault.rare
		return d
	default:
		return &Node{def: def, body: byDefault}
	}
}

// ChildrenWithDefaults yields what ChildOrDefault returns for every data child
// of n's schema node, in schema order, lists included where they exist.
func (n *Node) ChildrenWithDefaults() iter.Seq[*Node] {
	return func(yield func(*Node) bool) {
		if n == nil || n.def.Kind == schema.List && !n.IsEntry() {
			return
		}
		for _, def := range n.def.Data {
			if c := n.ChildOrDefault(def); c != nil && !yield(c) {
				return
			}
		}
	}
}
