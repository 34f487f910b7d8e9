package xpath

import (
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// Probe looks for a node on x, the path of a leafref, whose value is text. It
// looks only where the indexes of lists lead: to entries whose keys the path
// gives, and, where one key is open, to the entry whose key is text itself (so
// are most leafs that leafrefs point to keyed, or named after their key). Sure
// tells whether the answer is final; where it is not, all of the path's nodes
// have to be looked at.
func (x *Expr) Probe(t tree.Tree, at *Node, text string) (found, sure bool, err error) {
	p, ok := x.root.(*pathExpr)
	if !ok || len(p.filters) > 0 {
		return false, false, nil
	}
	if at.parent != nil && x.Leads(at.parent, text) {
		return true, true, nil
	}
	e := evaluation{x: x, tree: t, current: at, visits: maxVisits}
	c := &context{evaluation: &e, node: at, position: 1, size: 1}
	start := []*Node{at}
	switch {
	case p.start != nil:
		start = p.start.eval(c).Nodes
	case p.absolute:
		for start[0].parent != nil {
			start = []*Node{start[0].parent}
		}
	}
	sure = true
	for _, n := range start {
		f, s := probe(c, n, p.steps, text)
		if f {
			return true, true, e.err
		}
		sure = sure && s
	}
	return false, sure, e.err
}

// Leads reports whether x, the path of a leafref, leads straight from a child of
// parent to a leaf whose value is text: up, and down through what is explicit and
// the entries that text is the only key of. That is how nearly all leafrefs are
// satisfied, and it takes no Nodes. Where it does not lead there, Probe knows more.
func (x *Expr) Leads(parent *Node, text string) bool {
	p, ok := x.root.(*pathExpr)
	if !ok || p.start != nil || len(p.filters) > 0 {
		return false
	}
	at, steps := parent, p.steps
	if !p.absolute {
		if len(steps) == 0 || !steps[0].up() {
			return false
		}
		steps = steps[1:]
	}
	for at.parent != nil && (p.absolute || len(steps) > 0 && steps[0].up()) {
		if at = at.parent; !p.absolute {
			steps = steps[1:]
		}
	}
	n := at.inst
	for i := range steps {
		s := &steps[i]
		if n == nil || s.axis != axisChild || s.test != namedNode || len(s.preds) > 0 {
			return false
		}
		def := s.name.only(n.Schema())
		if def == nil || isList(def) && len(def.Keys) != 1 {
			return false
		}
		if n = n.Child(def); isList(def) {
			n = n.Entry(text)
		}
	}
	return n != nil && n.Schema().Kind == schema.Leaf && n.Value().Text == text
}

// up reports whether s is "..".
func (s *step) up() bool { return s.axis == axisParent && s.test == anyNode && len(s.preds) == 0 }

// probe follows steps from n.
func probe(c *context, n *Node, steps []step, text string) (found, sure bool) {
	for len(steps) > 0 {
		next, simple := steps[0].single(c, n)
		if !simple {
			return probeList(c, n, steps, text)
		}
		if next == nil {
			return false, true
		}
		n, steps = next, steps[1:]
	}
	v, ok := n.Value()
	return ok && v.Text == text, true
}

func probeList(c *context, n *Node, steps []step, text string) (found, sure bool) {
	s := &steps[0]
	if s.axis != axisChild || s.test != namedNode || n.inst == nil {
		return false, false
	}
	def := s.name.only(n.def)
	if def == nil {
		return false, false
	}
	if def.Kind == schema.LeafList && len(steps) == 1 && len(s.preds) == 0 {
		for _, v := range c.childOf(n, def).Values() {
			if c.spend(1); v.Text == text {
				return true, true
			}
		}
		return false, true
	}
	if !isList(def) {
		return false, false
	}
	if len(s.preds) > 0 {
		entries, ok := s.indexed(c, n)
		if !ok {
			return probeOpen(c, n, def, steps, text)
		}
		for _, p := range s.preds {
			entries = c.filter(entries, p)
		}
		sure = true
		for _, e := range entries {
			f, s := probe(c, e, steps[1:], text)
			if f {
				return true, true
			}
			sure = sure && s
		}
		return false, sure
	}
	return probeOpen(c, n, def, steps, text)
}

// probeOpen is for a list with one key that the path does not give.
func probeOpen(c *context, n *Node, def *schema.Node, steps []step, text string) (found, sure bool) {
	if len(def.Keys) != 1 || len(steps[0].preds) > 0 {
		return false, false
	}
	c.spend(1)
	entry := n.inst.Child(def).Entry(text)
	if entry == nil {
		// With the key itself as the target, no other entry can have it.
		return false, len(steps) == 2 && steps[1].axis == axisChild && steps[1].test == namedNode &&
			steps[1].name.only(def) == def.Keys[0]
	}
	found, _ = probe(c, n.Down(entry), steps[1:], text)
	return found, found
}

// HasPredicates reports whether x has predicates, in a leafref's path then: the
// nodes that it leads to depend on more than the node above both.
func (x *Expr) HasPredicates() bool {
	p, ok := x.root.(*pathExpr)
	if !ok || len(p.filters) > 0 || p.start != nil {
		return true
	}
	for i := range p.steps {
		if len(p.steps[i].preds) > 0 {
			return true
		}
	}
	return false
}
