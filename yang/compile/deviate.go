package compile

import (
	"slices"

	"github.com/openconfig/goyang/pkg/yang"

	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// deviateAll applies the deviations of implemented modules. All targets are
// looked up first: one deviation may take away what another one speaks of.
func (c *compiler) deviateAll() {
	type deviation struct {
		stmt   *yang.Statement
		unit   *unit
		target *node
	}
	var all []deviation
	for _, m := range c.implemented() {
		for _, u := range m.units {
			for s := range each(u.stmt, "deviation") {
				steps, ok := c.nodeID(u, s, true)
				if !ok {
					continue
				}
				n, _ := c.walk(steps)
				if n == nil {
					c.unresolved(s, steps)
					continue
				}
				if n.mod == m {
					c.errorf(s, "deviation %q: a module cannot deviate itself", s.Argument)
					continue
				}
				all = append(all, deviation{s, u, n})
				if !slices.Contains(n.mod.out.DeviatedBy, m.out.Name) {
					n.mod.out.DeviatedBy = append(n.mod.out.DeviatedBy, m.out.Name)
				}
			}
		}
	}
	for _, d := range all {
		for s := range each(d.stmt, "deviate") {
			c.deviate(d.target, s, d.unit.scope)
		}
	}
}

// deviate applies one deviate statement (RFC 7950 §7.20.3.2).
func (c *compiler) deviate(n *node, s *yang.Statement, sc *scope) {
	switch s.Argument {
	case "not-supported":
		c.roots = n.remove(c.roots)
	case "add":
		c.deviateAdd(n, s, sc)
	case "replace":
		c.deviateReplace(n, s, sc)
	case "delete":
		c.deviateDelete(n, s)
	}
}

func (c *compiler) deviateAdd(n *node, s *yang.Statement, sc *scope) {
	added := 0
	for _, sub := range s.SubStatements() {
		if !c.applies(n, sub) {
			continue
		}
		exists := false
		switch sub.Keyword {
		case "config":
			exists, n.config = n.config != nil, boolean(sub)
		case "mandatory":
			exists, n.mandatory = n.mandatory, *boolean(sub)
		case "min-elements":
			exists, n.min = n.min != 0, c.elements(sub)
		case "max-elements":
			exists, n.max = n.max != 0, c.elements(sub)
		case "units":
			exists, n.units = n.units != "", sub.Argument
		case "default":
			// A leaf-list may be given more, a leaf or choice has one.
			exists = n.kind != schema.LeafList && len(n.defaults) > 0
			n.defaults = append(n.defaults, arg{sub, sc})
		case "must":
			n.musts = append(n.musts, c.must(sc.unit, sub))
		case "unique":
			n.uniques = append(n.uniques, arg{sub, sc})
		case "type":
			exists = true
		}
		if exists {
			c.errorf(sub, "deviate add: %s %s has %s already; replace it", n.kind, n.name, sub.Keyword)
		}
		added++
	}
	if added == 0 {
		c.errorf(s, "deviate add adds nothing")
	}
}

func (c *compiler) deviateReplace(n *node, s *yang.Statement, sc *scope) {
	replaceDefaults := true
	for _, sub := range s.SubStatements() {
		if !c.applies(n, sub) {
			continue
		}
		exists := true
		switch sub.Keyword {
		case "config":
			n.config = boolean(sub)
		case "mandatory":
			n.mandatory = *boolean(sub)
		case "min-elements":
			n.min = c.elements(sub)
		case "max-elements":
			n.max = c.elements(sub)
		case "units":
			exists, n.units = n.units != "", sub.Argument
		case "default":
			exists = len(n.defaults) > 0
			if replaceDefaults {
				n.defaults, replaceDefaults = nil, false
			}
			n.defaults = append(n.defaults, arg{sub, sc})
		case "type":
			n.typ = &arg{sub, sc}
		case "must", "unique":
			c.errorf(sub, "deviate replace: %s cannot be replaced; delete one and add another", sub.Keyword)
		}
		if !exists {
			c.errorf(sub, "deviate replace: %s %s has no %s; add it", n.kind, n.name, sub.Keyword)
		}
	}
}

func (c *compiler) deviateDelete(n *node, s *yang.Statement) {
	for _, sub := range s.SubStatements() {
		if !c.applies(n, sub) {
			continue
		}
		var found bool
		switch sub.Keyword {
		case "units":
			found, n.units = n.units == sub.Argument && n.units != "", ""
		case "default":
			n.defaults, found = without(n.defaults, func(d arg) bool { return d.stmt.Argument == sub.Argument })
		case "must":
			n.musts, found = without(n.musts, func(m schema.Must) bool { return m.Text == sub.Argument })
		case "unique":
			n.uniques, found = without(n.uniques, func(u arg) bool { return u.stmt.Argument == sub.Argument })
		default:
			c.errorf(sub, "deviate delete: %s cannot be deleted; replace it", sub.Keyword)
			continue
		}
		if !found {
			c.errorf(sub, "deviate delete: %s %s has no %s %q", n.kind, n.name, sub.Keyword, sub.Argument)
		}
	}
}

// without returns list without those that match, and whether there were any.
func without[T any](list []T, match func(T) bool) ([]T, bool) {
	rest := make([]T, 0, len(list))
	for _, v := range list {
		if !match(v) {
			rest = append(rest, v)
		}
	}
	return rest, len(rest) < len(list)
}
