package tree

import (
	"iter"

	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// ChildOrDefault is Child, but where there is no instance and a default is in
// use (RFC 7950 §7.6.1, §7.7.2) it returns that: a leaf or leaf-list with its
// default values. Where there is no instance of a container without presence it
// returns an empty one to look for defaults in, unless the container stands in a
// case that is not in use. Whether a when holds is not looked at.
func (n *Node) ChildOrDefault(def *schema.Node) *Node {
	if c := n.Child(def); c != nil || n == nil || def == nil {
		return c
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

// synthesize makes the default of def.
func synthesize(def *schema.Node) *Node {
	d := &Node{def: def, synthetic: true}
	switch def.Kind {
	case schema.Leaf:
		d.value = def.Defaults[0]
	case schema.LeafList:
		d.body = &body{list: &list{values: def.Defaults}}
	}
	return d
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
