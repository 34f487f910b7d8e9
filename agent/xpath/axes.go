package xpath

import (
	"slices"

	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// axis is one of XPath 1.0 §2.2.
type axis uint8

const (
	axisChild axis = iota
	axisSelf
	axisParent
	axisDescendant
	axisDescendantOrSelf
	axisAncestor
	axisAncestorOrSelf
	axisFollowing
	axisFollowingSibling
	axisPreceding
	axisPrecedingSibling
	axisAttribute
	axisNamespace
)

func axes() map[string]axis {
	return map[string]axis{
		"child": axisChild, "self": axisSelf, "parent": axisParent,
		"descendant": axisDescendant, "descendant-or-self": axisDescendantOrSelf,
		"ancestor": axisAncestor, "ancestor-or-self": axisAncestorOrSelf,
		"following": axisFollowing, "following-sibling": axisFollowingSibling,
		"preceding": axisPreceding, "preceding-sibling": axisPrecedingSibling,
		"attribute": axisAttribute, "namespace": axisNamespace,
	}
}

func (a axis) reverse() bool {
	switch a {
	case axisAncestor, axisAncestorOrSelf, axisPreceding, axisPrecedingSibling:
		return true
	}
	return false
}

// along calls yield for the nodes on the axis that pass the node test.
func (s *step) along(c *context, n *Node, yield func(*Node) bool) {
	switch s.axis {
	case axisChild:
		s.childrenOf(c, n, yield)
	case axisSelf:
		s.pass(c, n, yield)
	case axisParent:
		if n.parent != nil {
			s.pass(c, n.parent, yield)
		}
	case axisAncestor, axisAncestorOrSelf:
		if s.axis == axisAncestor {
			n = n.parent
		}
		for ; n != nil; n = n.parent {
			if !s.pass(c, n, yield) {
				return
			}
		}
	case axisDescendant, axisDescendantOrSelf:
		if s.axis == axisDescendantOrSelf && !s.pass(c, n, yield) {
			return
		}
		s.below(c, n, yield)
	case axisFollowingSibling, axisPrecedingSibling:
		if n.parent == nil {
			return
		}
		s.siblings(c, n, s.axis == axisFollowingSibling, func(m *Node) bool { return s.pass(c, m, yield) })
	case axisFollowing, axisPreceding:
		s.outside(c, n, yield)
	}
}

// pass yields n where it passes the node test, and reports whether to go on.
func (s *step) pass(c *context, n *Node, yield func(*Node) bool) bool {
	if !c.spend(1) {
		return false
	}
	switch s.test {
	case namedNode:
		if n.text || !s.name.matches(n.def) {
			return true
		}
	case textNode:
		if !n.text {
			return true
		}
	case noNode:
		return true
	}
	return yield(n)
}

func (s *step) childrenOf(c *context, n *Node, yield func(*Node) bool) {
	switch s.test {
	case namedNode:
		if n.hasChildren() {
			s.name.defs(n.def, func(def *schema.Node) bool { return n.children(c.evaluation, def, yield) })
		}
	case anyNode, textNode:
		if s.test == anyNode && n.hasChildren() {
			for _, def := range n.def.Data {
				if !n.children(c.evaluation, def, yield) {
					return
				}
			}
		}
		if t := n.textNode(); t != nil && c.spend(1) {
			yield(t)
		}
	}
}

// below yields the descendants of n that pass, in document order.
func (s *step) below(c *context, n *Node, yield func(*Node) bool) bool {
	if t := n.textNode(); t != nil && s.test != namedNode {
		return s.pass(c, t, yield)
	}
	within := s.within
	if s.test != namedNode {
		within = nil
	}
	return n.descend(c.evaluation, within, func(m *Node) bool {
		if !s.pass(c, m, yield) {
			return false
		}
		if t := m.textNode(); t != nil && s.test != namedNode {
			return s.pass(c, t, yield)
		}
		return true
	})
}

// siblings yields the siblings after n, or those before it nearest first.
func (s *step) siblings(c *context, n *Node, after bool, yield func(*Node) bool) {
	if n.text || n.parent.inst == nil {
		return
	}
	var all []*Node
	at := -1
	for _, def := range n.parent.def.Data {
		if !n.parent.children(c.evaluation, def, func(m *Node) bool {
			if m.def == n.def && m.index == n.index && (m.def.Kind != schema.List || m.inst == n.inst) {
				at = len(all)
			}
			all = append(all, m)
			return true
		}) {
			return
		}
	}
	if at < 0 {
		return
	}
	if after {
		all = all[at+1:]
	} else {
		all = all[:at]
		slices.Reverse(all)
	}
	for _, m := range all {
		if !yield(m) {
			return
		}
	}
}

// outside yields what comes after n, or before it nearest first, in document
// order, without its descendants and ancestors.
func (s *step) outside(c *context, n *Node, yield func(*Node) bool) {
	after := s.axis == axisFollowing
	for a := n; a.parent != nil; a = a.parent {
		goOn := true
		s.siblings(c, a, after, func(m *Node) bool {
			if after {
				goOn = s.pass(c, m, yield) && s.below(c, m, yield)
				return goOn
			}
			var sub []*Node
			s.below(c, m, func(d *Node) bool { sub = append(sub, d); return true })
			slices.Reverse(sub)
			for _, d := range sub {
				if goOn = yield(d); !goOn {
					return false
				}
			}
			goOn = s.pass(c, m, yield)
			return goOn
		})
		if !goOn || c.err != nil {
			return
		}
	}
}
