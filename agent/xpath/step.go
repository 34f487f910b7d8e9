package xpath

import (
	"slices"
	"strconv"

	"github.com/outrigger-cnf/outrigger/agent/schema"
)

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
			if inst := n.inst.ChildOrDefault(def); inst != nil {
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
