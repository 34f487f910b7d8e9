package compile

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/openconfig/goyang/pkg/yang"

	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// Bounds on what a few lines of nested groupings can grow into.
const (
	maxNodes = 500_000
	maxDepth = 250
)

// expandAll makes the trees of the implemented modules.
func (c *compiler) expandAll() {
	for _, m := range c.implemented() {
		top := &node{kind: schema.Container, mod: m}
		for _, u := range m.units {
			c.expand(top, u.stmt, place{scope: u.scope, mod: m})
		}
		for _, n := range top.children {
			n.parent = nil
		}
		c.roots = append(c.roots, top.children...)
	}
}

// place is where statements are expanded: the scope they stand in, the namespace
// their nodes get, and how deep that is.
type place struct {
	scope *scope
	mod   *module
	depth int
}

// expand makes the nodes that s's substatements define and adds them to parent.
func (c *compiler) expand(parent *node, s *yang.Statement, at place) {
	at.depth++
	if at.depth > maxDepth {
		c.errorf(s, "nested more than %d levels deep", maxDepth)
		return
	}
	for _, sub := range s.SubStatements() {
		if sub.Keyword == "uses" {
			c.expandUses(parent, sub, at)
		} else if kind, ok := kinds[sub.Keyword]; ok {
			c.expandNode(parent, sub, kind, at)
		}
	}
}

func (c *compiler) expandNode(parent *node, s *yang.Statement, kind schema.Kind, at place) {
	c.nodes++
	if c.nodes > maxNodes {
		if c.nodes == maxNodes+1 {
			c.errorf(s, "the schema grows beyond %d nodes", maxNodes)
		}
		return
	}
	if parent.kind == schema.Choice && kind != schema.Case {
		parent = &node{
			kind: schema.Case, name: s.Argument, mod: at.mod, at: s, scope: at.scope,
			parent: parent, implicit: true,
		}
		parent.parent.children = append(parent.parent.children, parent)
	}
	n := &node{
		kind: kind, name: s.Argument, mod: at.mod, at: s, parent: parent,
		scope: c.inside(at.scope, s),
	}
	if kind == schema.Input || kind == schema.Output {
		n.name = s.Keyword
	}
	parent.children = append(parent.children, n)
	n.off = !c.featuresAllow(at.scope.unit, s)
	c.properties(n, s)
	at.scope = n.scope
	c.expand(n, s, at)
	if kind == schema.RPC || kind == schema.Action {
		c.completeOperation(n)
	}
}

// completeOperation gives an RPC or action the input and output that it has even
// when it does not say so (RFC 7950 §7.14), input first.
func (c *compiler) completeOperation(n *node) {
	var parts [2]*node
	for i, kind := range []schema.Kind{schema.Input, schema.Output} {
		at := slices.IndexFunc(n.children, func(p *node) bool { return p.kind == kind })
		if at >= 0 {
			parts[i] = n.children[at]
		} else {
			parts[i] = &node{
				kind: kind, name: kind.String(), mod: n.mod, at: n.at, scope: n.scope,
				parent: n, implicit: true,
			}
		}
	}
	n.children = parts[:]
}

// properties reads the substatements that are properties of n.
func (c *compiler) properties(n *node, s *yang.Statement) {
	for _, sub := range s.SubStatements() {
		switch sub.Keyword {
		case "config":
			n.config = boolean(sub)
		case "mandatory":
			n.mandatory = *boolean(sub)
		case "presence":
			n.presence = true
		case "status":
			n.status = statusOf(s)
		case "key":
			n.key = sub
		case "unique":
			n.uniques = append(n.uniques, arg{sub, n.scope})
		case "ordered-by":
			n.userOrdered = sub.Argument == "user"
		case "min-elements":
			n.min = c.elements(sub)
		case "max-elements":
			n.max = c.elements(sub)
		case "type":
			n.typ = &arg{sub, n.scope}
		case "default":
			n.defaults = append(n.defaults, arg{sub, n.scope})
		case "units":
			n.units = sub.Argument
		case "must":
			n.musts = append(n.musts, c.must(n.scope.unit, sub))
		case "when":
			n.whens = append(n.whens, c.when(n.scope.unit, sub, n.kind == schema.Choice || n.kind == schema.Case))
		}
	}
}

// statusOf is the status that s has, nil where it has none.
func statusOf(s *yang.Statement) *schema.Status {
	sub := first(s, "status")
	if sub == nil {
		return nil
	}
	st := statuses[sub.Argument]
	return &st
}

func boolean(s *yang.Statement) *bool {
	b := s.Argument == "true"
	return &b
}

var statuses = map[string]schema.Status{
	"current": schema.Current, "deprecated": schema.Deprecated, "obsolete": schema.Obsolete,
}

// elements reads the argument of min-elements or max-elements; "unbounded" is 0.
func (c *compiler) elements(s *yang.Statement) uint32 {
	if s.Keyword == "max-elements" && s.Argument == "unbounded" {
		return 0
	}
	v, err := strconv.ParseUint(s.Argument, 10, 32)
	if err != nil || v == 0 && s.Keyword == "max-elements" {
		c.errorf(s, "%s %q is no number of elements", s.Keyword, s.Argument)
	}
	return uint32(v)
}

func (c *compiler) must(u *unit, s *yang.Statement) schema.Must {
	return schema.Must{
		Expr:         c.expr(u, s),
		ErrorMessage: argOf(s, "error-message"),
		ErrorAppTag:  argOf(s, "error-app-tag"),
	}
}

func (c *compiler) when(u *unit, s *yang.Statement, onParent bool) schema.When {
	return schema.When{Expr: c.expr(u, s), OnParent: onParent}
}

// expandUses puts a grouping's nodes into parent, then refines and augments them
// (RFC 7950 §7.13).
func (c *compiler) expandUses(parent *node, uses *yang.Statement, at place) {
	d := c.lookup(at.scope, uses, "grouping", uses.Argument)
	if d == nil {
		return
	}
	if d.busy {
		c.errorf(uses, "grouping %s uses itself", uses.Argument)
		return
	}
	d.busy = true
	defer func() { d.busy = false }()

	start := len(parent.children)
	c.expand(parent, d.stmt, place{scope: c.inside(d.scope, d.stmt), mod: at.mod, depth: at.depth})
	added := parent.children[start:]

	off := !c.featuresAllow(at.scope.unit, uses)
	var whens []schema.When
	for w := range each(uses, "when") {
		whens = append(whens, c.when(at.scope.unit, w, true))
	}
	for _, n := range added {
		n.off = n.off || off
		n.whens = append(n.whens, whens...)
		n.status = cmp.Or(n.status, statusOf(uses))
	}
	// Only what this uses has brought can be refined.
	brought := &node{children: added, mod: parent.mod, kind: parent.kind}
	for _, sub := range uses.SubStatements() {
		switch sub.Keyword {
		case "refine":
			if n := c.descend(brought, sub, at); n != nil {
				c.refine(n, sub, at.scope)
			}
		case "augment":
			if n := c.descend(brought, sub, at); n != nil {
				c.augmentNode(n, sub, at)
			}
		}
	}
}

// descend finds the node that a descendant-schema-nodeid names below n; what it
// does not find it reports.
func (c *compiler) descend(n *node, s *yang.Statement, at place) *node {
	steps, ok := c.nodeID(at.scope.unit, s, false)
	if !ok {
		return nil
	}
	for _, step := range steps {
		m := step.mod
		if m == at.scope.unit.mod {
			m = nil // the grouping's own names are in the namespace of its user
		}
		next := n.child(m, step.name)
		if next == nil {
			c.errorf(s, "%s %q: no node %q%s", s.Keyword, s.Argument, step.name, there(n.children))
			return nil
		}
		n = next
	}
	return n
}

// refine applies one refine statement (RFC 7950 §7.13.2).
func (c *compiler) refine(n *node, s *yang.Statement, sc *scope) {
	n.off = n.off || !c.featuresAllow(sc.unit, s)
	if first(s, "default") != nil {
		n.defaults = nil
	}
	for _, sub := range s.SubStatements() {
		if !c.applies(n, sub) {
			continue
		}
		switch sub.Keyword {
		case "config":
			n.config = boolean(sub)
		case "mandatory":
			n.mandatory = *boolean(sub)
		case "presence":
			n.presence = true
		case "min-elements":
			n.min = c.elements(sub)
		case "max-elements":
			n.max = c.elements(sub)
		case "default":
			n.defaults = append(n.defaults, arg{sub, sc})
		case "must":
			n.musts = append(n.musts, c.must(sc.unit, sub))
		}
	}
}

// applies reports whether a node of n's kind can have the property that a refine
// or deviate statement gives it: what its own statement may hold.
func (c *compiler) applies(n *node, property *yang.Statement) bool {
	if isExtension(property) || property.Keyword == "description" || property.Keyword == "reference" {
		return false
	}
	often := grammar[n.kind.String()][property.Keyword]
	if often == 0 {
		c.errorf(property, "%s does not apply to %s %s", property.Keyword, n.kind, n.name)
		return false
	}
	return true
}
