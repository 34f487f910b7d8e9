package xpath

import "math"

// expr is a node of the syntax tree.
type expr interface {
	eval(c *context) Value
	// nodeSet reports whether the value is a node-set.
	nodeSet() bool
	// positional reports whether it may be a number, or asks for the context
	// position or size: such a predicate depends on the order of those before.
	positional() bool
	// free reports whether the value is the same whatever the context node.
	free() bool
	// analyse records what x reads at any of the nodes, and returns what a
	// node-set may hold.
	analyse(a *analysis, at []place) []place
}

func anyPositional(xs []expr) bool {
	for _, x := range xs {
		if x.positional() {
			return true
		}
	}
	return false
}

type literalExpr struct{ v Value }

func (x *literalExpr) eval(*context) Value                { return x.v }
func (x *literalExpr) nodeSet() bool                      { return false }
func (x *literalExpr) positional() bool                   { return x.v.Kind == Number }
func (x *literalExpr) free() bool                         { return true }
func (x *literalExpr) analyse(*analysis, []place) []place { return nil }

type binaryExpr struct {
	op          token
	left, right expr
}

func (x *binaryExpr) nodeSet() bool { return false }

func (x *binaryExpr) positional() bool {
	return x.op == tokPlus || x.op == tokMinus || x.op == tokMultiply || x.op == tokDiv || x.op == tokMod ||
		usesPosition(x.left) || usesPosition(x.right)
}

func (x *binaryExpr) free() bool { return x.left.free() && x.right.free() }

func (x *binaryExpr) eval(c *context) Value {
	a := x.left.eval(c)
	switch x.op {
	case tokAnd:
		return boolean(a.Bool() && x.right.eval(c).Bool())
	case tokOr:
		return boolean(a.Bool() || x.right.eval(c).Bool())
	}
	b := x.right.eval(c)
	if c.err != nil {
		return boolean(false)
	}
	switch x.op {
	case tokPlus:
		return number(a.Number() + b.Number())
	case tokMinus:
		return number(a.Number() - b.Number())
	case tokMultiply:
		return number(a.Number() * b.Number())
	case tokDiv:
		return number(a.Number() / b.Number())
	case tokMod:
		return number(math.Mod(a.Number(), b.Number()))
	}
	return boolean(compare(c.evaluation, x.op, a, b))
}

// usesPosition reports whether position() or last() of the context is asked for
// in x. A number that is an operand, and not the predicate, is no position.
func usesPosition(x expr) bool {
	switch x := x.(type) {
	case *literalExpr:
		return false
	case *binaryExpr:
		return usesPosition(x.left) || usesPosition(x.right)
	case *negateExpr:
		return usesPosition(x.x)
	case *callExpr:
		if x.f.name == "position" || x.f.name == "last" {
			return true
		}
		for _, a := range x.args {
			if usesPosition(a) {
				return true
			}
		}
		return false
	case *unionExpr:
		for _, p := range x.parts {
			if usesPosition(p) {
				return true
			}
		}
		return false
	case *pathExpr:
		return x.start != nil && usesPosition(x.start)
	}
	return true
}

type negateExpr struct {
	x   expr
	odd bool
}

func (x *negateExpr) nodeSet() bool    { return false }
func (x *negateExpr) positional() bool { return true }
func (x *negateExpr) free() bool       { return x.x.free() }
func (x *negateExpr) eval(c *context) Value {
	f := x.x.eval(c).Number()
	if x.odd {
		f = -f
	}
	return number(f)
}

type unionExpr struct{ parts []expr }

func (x *unionExpr) nodeSet() bool    { return true }
func (x *unionExpr) positional() bool { return usesPosition(x) }
func (x *unionExpr) free() bool {
	for _, p := range x.parts {
		if !p.free() {
			return false
		}
	}
	return true
}

func (x *unionExpr) eval(c *context) Value {
	var all []*Node
	for _, p := range x.parts {
		all = append(all, p.eval(c).Nodes...)
	}
	return Value{Nodes: c.dedup(all), mixed: true, e: c.evaluation}
}

// pathExpr is a location path: from the root, from the context node, or from the
// nodes of start that pass the filters.
type pathExpr struct {
	absolute bool
	start    expr
	filters  []expr
	steps    []step
}

func (x *pathExpr) nodeSet() bool    { return true }
func (x *pathExpr) positional() bool { return x.start != nil && usesPosition(x.start) }

func (x *pathExpr) free() bool {
	if x.start == nil {
		return x.absolute
	}
	return x.start.free()
}

func (x *pathExpr) eval(c *context) Value {
	if x.start == nil {
		n := c.node
		if x.absolute {
			for n.parent != nil {
				n = n.parent
			}
		}
		return x.walk(c, n)
	}
	v := x.start.eval(c)
	if len(x.filters) == 0 && len(v.Nodes) == 1 {
		return x.walk(c, v.Nodes[0])
	}
	ns := v.Ordered()
	for _, f := range x.filters {
		ns = c.filter(ns, f)
	}
	return c.steps(ns, x.steps, false)
}

// walk goes along the steps that lead from one node to at most one other, and
// only from where there may be several has sets of nodes.
func (x *pathExpr) walk(c *context, n *Node) Value {
	for i := range x.steps {
		next, simple := x.steps[i].single(c, n)
		if !simple {
			return c.steps([]*Node{n}, x.steps[i:], false)
		}
		if next == nil {
			return Value{e: c.evaluation}
		}
		n = next
	}
	return Value{Nodes: []*Node{n}, e: c.evaluation}
}
