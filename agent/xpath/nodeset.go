package xpath

import (
	"slices"

	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// identity tells nodes apart. Two Nodes may have been reached in different ways,
// and a default in use is a new tree.Node each time it is looked at; so a node is
// known by its parent's identity, its schema node, and which of several it is.
type identity struct {
	parent *Node // the one that dedup keeps
	def    *schema.Node
	entry  *tree.Node // of a list entry
	index  int32
	text   bool
}

// canonical returns the one Node that stands for all equal ones.
func (e *evaluation) canonical(n *Node) *Node {
	if n == nil {
		return nil
	}
	if n.in == e {
		return n.same
	}
	id := identity{parent: e.canonical(n.parent), def: n.def, index: n.index, text: n.text}
	if n.def.Kind == schema.List {
		id.entry = n.inst
	}
	if e.known == nil {
		e.known = make(map[identity]*Node)
	}
	one, ok := e.known[id]
	if !ok {
		one = n
		e.known[id] = n
	}
	// The context node outlives the evaluation and is seen by others: it must
	// not be written to.
	if !e.outer(n) {
		n.same, n.in = one, e
	}
	return one
}

// outer reports whether n was there before the evaluation: the context node and
// its ancestors.
func (e *evaluation) outer(n *Node) bool {
	for c := e.current; c != nil; c = c.parent {
		if c == n {
			return true
		}
	}
	return false
}

// dedup removes nodes that are equal to an earlier one.
func (e *evaluation) dedup(ns []*Node) []*Node {
	if len(ns) < 2 {
		return ns
	}
	first := ns[0]
	if !slices.ContainsFunc(ns, func(n *Node) bool { return n != first }) {
		return ns[:1]
	}
	seen := make(map[*Node]struct{}, len(ns))
	out := ns[:0]
	for _, n := range ns {
		c := e.canonical(n)
		if _, dup := seen[c]; !dup {
			seen[c] = struct{}{}
			out = append(out, n)
		}
	}
	return out
}

// sort puts nodes in document order.
func (e *evaluation) sort(ns []*Node) {
	if len(ns) < 2 {
		return
	}
	type chain struct {
		n   *Node
		way []*Node // from the root
	}
	cs := make([]chain, len(ns))
	for i, n := range ns {
		cs[i].n = n
		for a := n; a != nil; a = a.parent {
			cs[i].way = append(cs[i].way, a)
		}
		slices.Reverse(cs[i].way)
	}
	slices.SortStableFunc(cs, func(a, b chain) int {
		for i := 0; i < len(a.way) && i < len(b.way); i++ {
			if c := e.order(a.way[i], b.way[i]); c != 0 {
				return c
			}
		}
		return len(a.way) - len(b.way)
	})
	for i := range cs {
		ns[i] = cs[i].n
	}
}

// order compares two nodes with equal parents.
func (e *evaluation) order(a, b *Node) int {
	switch {
	case a == b:
		return 0
	case a.def != b.def:
		return a.def.Index - b.def.Index
	case a.def.Kind == schema.List && a.inst != b.inst:
		if len(a.def.Keys) == 0 {
			return int(a.index - b.index)
		}
		if !a.def.UserOrdered {
			return slices.Compare(a.inst.Keys(), b.inst.Keys())
		}
		for entry := range a.parent.inst.Child(a.def).Entries() {
			if !e.spend(1) {
				return 0
			}
			if entry == a.inst {
				return -1
			}
			if entry == b.inst {
				return 1
			}
		}
		return 0
	case a.text != b.text:
		if a.text {
			return 1
		}
		return -1
	}
	return int(a.index - b.index)
}
