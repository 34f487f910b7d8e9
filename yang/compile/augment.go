package compile

import (
	"cmp"

	"github.com/openconfig/goyang/pkg/yang"

	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// pendingAugment is a top-level augment that waits for its target.
type pendingAugment struct {
	stmt  *yang.Statement
	at    place
	steps []idStep
}

// augmentAll applies the top-level augments of implemented modules. Each may need
// nodes that another makes, so it goes round until nothing more fits.
func (c *compiler) augmentAll() {
	var waiting []pendingAugment
	for _, m := range c.implemented() {
		for _, u := range m.units {
			for s := range each(u.stmt, "augment") {
				if steps, ok := c.nodeID(u, s, true); ok {
					waiting = append(waiting, pendingAugment{s, place{scope: u.scope, mod: m}, steps})
				}
			}
		}
	}
	for progress := true; progress && len(waiting) > 0; {
		progress = false
		var still []pendingAugment
		for _, a := range waiting {
			if target, _ := c.walk(a.steps); target != nil {
				c.augmentNode(target, a.stmt, a.at)
				progress = true
			} else {
				still = append(still, a)
			}
		}
		waiting = still
	}
	for _, a := range waiting {
		c.unresolved(a.stmt, a.steps)
	}
}

// walk follows an absolute schema node identifier. Where it leads nowhere it
// returns how many steps there are.
func (c *compiler) walk(steps []idStep) (*node, int) {
	n := c.root(steps[0])
	for i := 1; n != nil && i < len(steps); i++ {
		next := n.child(steps[i].mod, steps[i].name)
		if next == nil {
			return nil, i
		}
		n = next
	}
	return n, 0
}

func (c *compiler) root(step idStep) *node {
	for _, n := range c.roots {
		if n.name == step.name && n.mod.out.Name == step.mod.out.Name {
			return n
		}
	}
	return nil
}

// unresolved reports a schema node identifier that names no node.
func (c *compiler) unresolved(s *yang.Statement, steps []idStep) {
	_, missing := c.walk(steps)
	step := steps[missing]
	if m := c.find(step.mod.out.Name, ""); m != nil && !m.out.Implemented {
		c.errorf(s, "%s %q: module %s must be implemented for this", s.Keyword, s.Argument, step.mod.out.Name)
		return
	}
	at := c.roots
	if missing > 0 {
		parent, _ := c.walk(steps[:missing])
		at = parent.children
	}
	c.errorf(s, "%s %q: no node %q of module %s%s", s.Keyword, s.Argument, step.name, step.mod.out.Name, there(at))
}

// augmentNode adds an augment's nodes to its target (RFC 7950 §7.17).
func (c *compiler) augmentNode(target *node, s *yang.Statement, at place) {
	switch target.kind {
	case schema.Container, schema.List, schema.Choice, schema.Case, schema.Input, schema.Output, schema.Notification:
	default:
		c.errorf(s, "augment %q: the target is a %s, and nothing can be added to that", s.Argument, target.kind)
		return
	}
	for up := target; up != nil; up = up.parent {
		at.depth++
	}
	start := len(target.children)
	c.expand(target, s, at)
	off := !c.featuresAllow(at.scope.unit, s)
	var whens []schema.When
	for w := range each(s, "when") {
		whens = append(whens, c.when(at.scope.unit, w, true))
	}
	for _, n := range target.children[start:] {
		if n.kind == schema.Case && target.kind != schema.Choice {
			c.errorf(n.at, "a case can be added to a choice only")
		}
		n.off = n.off || off
		n.whens = append(n.whens, whens...)
		n.status = cmp.Or(n.status, statusOf(s))
	}
	target.implicit = target.implicit && len(target.children) == 0
}
