package xpath

import (
	"slices"
	"strconv"

	"github.com/outrigger-cnf/outrigger/agent/schema"
)

type testKind uint8

const (
	namedNode testKind = iota
	anyNode
	textNode
	noNode
)

// step is one step of a location path (XPath 1.0 §2.1).
type step struct {
	axis  axis
	test  testKind
	name  nameTest // where test is namedNode
	preds []expr
	// keys are the predicates that compare a child, by name, with a value that
	// is the same for all entries. They stand before any positional one.
	keys []keyTest
	// within holds, for the descendant axes, the schema nodes that lead to one
	// that is looked for. Nil where the expression has no context.
	within map[*schema.Node]bool
}

// keyTest is name = value in a predicate.
type keyTest struct {
	name  nameTest
	value expr
}

// plan finds the keyTests.
func (s *step) plan() {
	if s.axis != axisChild || s.test != namedNode || s.name.local == "*" {
		return
	}
	for _, p := range s.preds {
		if p.positional() {
			return
		}
		s.planPredicate(p)
	}
}

func (s *step) planPredicate(x expr) {
	b, ok := x.(*binaryExpr)
	if !ok {
		return
	}
	switch b.op {
	case tokAnd:
		s.planPredicate(b.left)
		s.planPredicate(b.right)
	case tokEqual:
		if name, ok := childName(b.left); ok && b.right.free() {
			s.keys = append(s.keys, keyTest{name, b.right})
		} else if name, ok := childName(b.right); ok && b.left.free() {
			s.keys = append(s.keys, keyTest{name, b.left})
		}
	}
}

// childName returns the name in an expression that is just the name of a child.
func childName(x expr) (nameTest, bool) {
	p, ok := x.(*pathExpr)
	if !ok || p.absolute || p.start != nil || len(p.steps) != 1 {
		return nameTest{}, false
	}
	s := p.steps[0]
	return s.name, s.axis == axisChild && s.test == namedNode && s.name.local != "*" && len(s.preds) == 0
}

// single follows a step that leads to one node at most. Simple is false for all
// other steps.
func (s *step) single(c *context, n *Node) (next *Node, simple bool) {
	if len(s.preds) > 0 {
		return nil, false
	}
	switch s.axis {
	case axisSelf:
		return n, s.test == anyNode
	case axisParent:
		return n.parent, s.test == anyNode
	case axisChild:
		if s.test != namedNode || s.name.local == "*" || len(s.name.modules) == 0 || n.text {
			return nil, false
		}
		for _, m := range s.name.modules {
			def := n.def.Child(m, s.name.local)
			if def == nil {
				continue
			}
			if def.Kind == schema.List || def.Kind == schema.LeafList {
				return nil, false
			}
			c.spend(1)
			if inst := c.childOf(n, def); inst != nil {
				return n.Down(inst), true
			}
			return nil, true
		}
		return nil, true
	}
	return nil, false
}

// steps follows a path from a set of nodes.
func (c *context) steps(ns []*Node, steps []step, mixed bool) Value {
	for i := range steps {
		s := &steps[i]
		var out []*Node
		for _, n := range ns {
			if c.err != nil {
				return Value{e: c.evaluation}
			}
			found := s.from(c, n)
			if len(ns) == 1 {
				out = found
			} else {
				out = append(out, found...)
			}
		}
		if len(ns) > 1 && s.axis != axisChild && s.axis != axisSelf {
			out = c.dedup(out)
			mixed = true
		}
		mixed = mixed || s.axis.reverse()
		if ns = out; len(ns) == 0 {
			break
		}
	}
	return Value{Nodes: ns, mixed: mixed && len(ns) > 1, e: c.evaluation}
}

// from returns what the step selects from one node, in the order of its axis.
func (s *step) from(c *context, n *Node) []*Node {
	if len(s.keys) > 0 {
		if found, ok := s.indexed(c, n); ok {
			for _, p := range s.preds {
				found = c.filter(found, p)
			}
			return found
		}
	}
	var found []*Node
	s.along(c, n, func(m *Node) bool {
		found = append(found, m)
		return c.err == nil
	})
	for _, p := range s.preds {
		found = c.filter(found, p)
	}
	return found
}

// filter keeps the nodes for which a predicate holds (§2.4).
func (c *context) filter(ns []*Node, pred expr) []*Node {
	if len(ns) == 0 {
		return ns
	}
	out := ns[:0:0]
	inner := context{evaluation: c.evaluation, size: len(ns)}
	for i, n := range ns {
		if !c.spend(1) {
			return nil
		}
		inner.node, inner.position = n, i+1
		v := pred.eval(&inner)
		if v.Kind == Number && v.num == float64(i+1) || v.Kind != Number && v.Bool() {
			out = append(out, n)
		}
	}
	return out
}

// indexed looks list entries up by their keys. Ok is false where the step is no
// list, or where not all keys are given in a form that the index has.
func (s *step) indexed(c *context, n *Node) (found []*Node, ok bool) {
	if n.inst == nil {
		return nil, false
	}
	def := s.name.only(n.def)
	if def == nil || !isList(def) {
		return nil, false
	}
	list := n.inst.Child(def)
	if list == nil {
		return nil, true
	}
	candidates := make([][]string, len(def.Keys))
	for i, key := range def.Keys {
		for _, t := range s.keys {
			if t.name.only(def) != key {
				continue
			}
			v := t.value.eval(c)
			if c.err != nil {
				return nil, true
			}
			texts, exact := c.keyTexts(key.Type, v)
			if !exact {
				continue
			}
			if len(texts) == 0 {
				return nil, true
			}
			candidates[i] = texts
			break
		}
		if candidates[i] == nil {
			return nil, false
		}
	}
	keys := make([]string, len(candidates))
	var try func(i int)
	try = func(i int) {
		if i == len(keys) {
			c.spend(1)
			if e := list.Entry(keys...); e != nil {
				found = append(found, n.Down(e))
			}
			return
		}
		for _, k := range candidates[i] {
			keys[i] = k
			try(i + 1)
		}
	}
	try(0)
	if len(found) > 1 {
		found = c.dedup(found)
		c.sort(found)
	}
	return found, true
}

// keyTexts returns the canonical key values that may equal v. Exact is false
// where they cannot be listed.
func (c *context) keyTexts(t *schema.Type, v Value) (texts []string, exact bool) {
	switch v.Kind {
	case String:
		return c.keyText(nil, t, v.str), true
	case NodeSet:
		if len(v.Nodes) > 1000 {
			return nil, false
		}
		for _, n := range v.Nodes {
			if value, ok := n.Value(); ok {
				texts = append(texts, value.Text)
			}
			texts = c.keyText(texts, t, n.stringValue(c.evaluation))
		}
		slices.Sort(texts)
		return slices.Compact(texts), true
	case Number:
		// Only an integer type has one text for each number.
		if t.Resolved().Kind.Integer() && v.num == float64(int64(v.num)) {
			return []string{strconv.FormatInt(int64(v.num), 10)}, true
		}
	}
	return nil, false
}

// keyText appends the texts of a key that equal s: itself, and the identity that
// it may name.
func (c *context) keyText(texts []string, t *schema.Type, s string) []string {
	texts = append(texts, s)
	if mayBeIdentity(t) {
		if id, ok := c.x.names.qualified(s); ok && id != s {
			texts = append(texts, id)
		}
	}
	return texts
}

func mayBeIdentity(t *schema.Type) bool {
	t = t.Resolved()
	return t.Kind == schema.Identityref || slices.ContainsFunc(t.Members, mayBeIdentity)
}
