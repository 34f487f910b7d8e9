package schema

import "slices"

// check refuses what is well written and yet no schema: references to nodes that
// cannot be referred to, nodes where their kind cannot stand, and references in
// circles. Whoever walks a loaded schema relies on it.
func (l *loader) check() {
	for i := range l.nodes {
		if l.err != nil {
			return
		}
		l.checkNode(&l.nodes[i], i == 0)
	}
	if l.err == nil {
		l.checkCycles()
	}
}

func (l *loader) checkNode(n *Node, root bool) {
	isLeaf := n.Kind == Leaf || n.Kind == LeafList
	switch {
	case n.Kind == 0:
		l.fail("a node has no kind")
	case !root && (n.Module == nil || n.Name == ""):
		l.fail("a node has no name or module")
	case isLeaf != (n.Type != nil):
		l.fail("%s %q: only leafs have a type, and all do", n.Kind, n.Name)
	case !root && !mayContain(n.Parent.Kind, n.Kind):
		l.fail("%s %q cannot stand in a %s", n.Kind, n.Name, n.Parent.Kind)
	case n.Kind != List && len(n.Keys)+len(n.Unique) > 0:
		l.fail("%s %q has keys", n.Kind, n.Name)
	case (n.Kind == RPC || n.Kind == Action) && (n.Input() == nil || n.Output() == nil):
		l.fail("%s %q lacks input or output", n.Kind, n.Name)
	case n.DefaultCase != nil && (n.Kind != Choice || n.DefaultCase.Parent != n):
		l.fail("%s %q has a default case that is none of its cases", n.Kind, n.Name)
	}
	for i, k := range n.Keys {
		if k.Parent != n || k.Kind != Leaf || slices.Contains(n.Keys[:i], k) {
			l.fail("list %q has a key that is no leaf of it", n.Name)
		}
	}
	for _, u := range n.Unique {
		for _, leaf := range u {
			if leaf.Kind != Leaf || !below(leaf, n) {
				l.fail("list %q has a unique that is no leaf of it", n.Name)
			}
		}
	}
	for _, v := range n.Defaults {
		if v.Type.Kind == Union || v.Type.Kind == Leafref {
			l.fail("%s %q has a default of type %s", n.Kind, n.Name, v.Type.Kind)
		}
	}
}

func below(n, ancestor *Node) bool {
	for n != nil && n != ancestor {
		n = n.Parent
	}
	return n != nil
}

// mayContain says what kinds of node stand in which (RFC 7950 §14).
func mayContain(parent, child Kind) bool {
	switch child {
	case Case:
		return parent == Choice
	case RPC, Notification, Action:
		return parent == Container || parent == List
	case Input, Output:
		return parent == RPC || parent == Action
	}
	switch parent {
	case Container, List, Case, Input, Output, Notification:
		return true
	}
	return false
}

// checkCycles refuses leafrefs without a leaf at their end and identities that
// are derived from themselves.
func (l *loader) checkCycles() {
	types := map[*Type]visit{}
	for i := range l.types {
		if !l.typeEnds(&l.types[i], types) {
			l.fail("a leafref leads back to itself, or to no leaf")
			return
		}
	}
	identities := map[*Identity]visit{}
	for _, i := range l.identities {
		if !identityEnds(i, identities) {
			l.fail("identity %q is derived from itself", i.Name)
			return
		}
	}
}

// visit is how far a depth-first search has come with something.
type visit uint8

const (
	visiting visit = iota + 1
	visited
)

func (l *loader) typeEnds(t *Type, state map[*Type]visit) bool {
	switch state[t] {
	case visiting:
		return false
	case visited:
		return true
	}
	state[t] = visiting
	if t.Target != nil && (t.Target.Type == nil || !l.typeEnds(t.Target.Type, state)) {
		return false
	}
	for _, m := range t.Members {
		if !l.typeEnds(m, state) {
			return false
		}
	}
	state[t] = visited
	return true
}

func identityEnds(i *Identity, state map[*Identity]visit) bool {
	switch state[i] {
	case visiting:
		return false
	case visited:
		return true
	}
	state[i] = visiting
	for _, b := range i.Bases {
		if !identityEnds(b, state) {
			return false
		}
	}
	state[i] = visited
	return true
}
