package xpath

import (
	"math"
	"slices"
	"strings"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// yangFunction returns a function of RFC 7950 §10, or nil.
func yangFunction(name string) *function {
	f := &function{name: name}
	switch name {
	case "current":
		f.returns = NodeSet
		f.call = func(c *context, _ *callExpr) Value {
			return Value{Nodes: []*Node{c.current}, e: c.evaluation}
		}
	case "re-match":
		f.min, f.max, f.returns = 2, 2, Boolean
		f.call = callReMatch
	case "deref":
		f.min, f.max, f.sets, f.returns = 1, 1, true, NodeSet
		f.call = callDeref
	case "derived-from", "derived-from-or-self":
		f.min, f.max, f.sets, f.returns = 2, 2, true, Boolean
		f.call = callDerivedFrom
	case "enum-value":
		f.min, f.max, f.sets, f.returns = 1, 1, true, Number
		f.call = callEnumValue
	case "bit-is-set":
		f.min, f.max, f.sets, f.returns = 2, 2, true, Boolean
		f.call = callBitIsSet
	default:
		return nil
	}
	return f
}

func callReMatch(c *context, x *callExpr) Value {
	subject := x.str(c, 0)
	re := x.re
	if re == nil {
		c.spend(1000)
		var err error
		if re, err = schema.CompilePattern(x.str(c, 1)); err != nil {
			c.err = fault.Wrap(fault.InvalidValue, nil, err, "re-match")
			return boolean(false)
		}
	}
	return boolean(re.MatchString(subject))
}

// maxDerefs bounds leafrefs whose paths call deref in turn.
const maxDerefs = 8

// callDeref follows a leafref or an instance-identifier (RFC 7950 §10.3.1).
func callDeref(c *context, x *callExpr) Value {
	none := Value{e: c.evaluation}
	n := x.args[0].eval(c).first()
	if n == nil {
		return none
	}
	v, ok := n.Value()
	if !ok {
		return none
	}
	if v.Type != nil && v.Type.Kind == schema.InstanceIdentifier {
		p, _, err := c.tree.Schema().Resolve(v.Text)
		if err != nil {
			return none
		}
		if target := Find(c.tree, p); target != nil {
			return Value{Nodes: []*Node{target}, e: c.evaluation}
		}
		return none
	}
	for _, t := range leafrefs(n.def.Type, nil) {
		path, err := c.x.leafref(t, n.def)
		if err != nil {
			c.err = err
			return none
		}
		if ns := c.follow(path, n, v); len(ns) > 0 {
			return Value{Nodes: ns, e: c.evaluation}
		}
		if c.err != nil {
			break
		}
	}
	return none
}

// follow returns the nodes on a leafref's path whose value is v.
func (c *context) follow(path *Expr, n *Node, v schema.Value) []*Node {
	if c.depth++; c.depth > maxDerefs {
		c.err = fault.New(fault.ResourceDenied, nil, "XPath %.80q: deref is nested deeper than %d", c.x.text, maxDerefs)
		return nil
	}
	defer func() { c.depth-- }()
	inner := evaluation{x: path, tree: c.tree, current: n, visits: c.visits, depth: c.depth}
	found := path.root.eval(&context{evaluation: &inner, node: n, position: 1, size: 1})
	c.visits = inner.visits
	if inner.err != nil {
		c.err = inner.err
		return nil
	}
	var out []*Node
	for _, m := range found.Ordered() {
		if w, ok := m.Value(); ok && w.Text == v.Text {
			out = append(out, m)
		}
	}
	return out
}

// leafrefs returns t and its members that are leafrefs.
func leafrefs(t *schema.Type, out []*schema.Type) []*schema.Type {
	if t == nil {
		return out
	}
	if t.Kind == schema.Leafref {
		out = append(out, t)
	}
	for _, m := range t.Members {
		out = leafrefs(m, out)
	}
	return out
}

// leafref compiles the path of a leafref once.
func (x *Expr) leafref(t *schema.Type, ctx *schema.Node) (*Expr, error) {
	type key struct {
		t   *schema.Type
		ctx *schema.Node
	}
	if p, ok := x.others.Load(key{t, ctx}); ok {
		return p.(*Expr), nil
	}
	p, err := Compile(t.Path, ctx)
	if err != nil {
		return nil, err
	}
	kept, _ := x.others.LoadOrStore(key{t, ctx}, p)
	return kept.(*Expr), nil
}

// callDerivedFrom is derived-from and derived-from-or-self (§10.4).
func callDerivedFrom(c *context, x *callExpr) Value {
	set := x.args[0].eval(c)
	name, ok := c.x.names.canonical(x.str(c, 1))
	if !ok {
		return boolean(false)
	}
	module, local, _ := strings.Cut(name, ":")
	s := c.tree.Schema()
	base := s.Identity(module, local)
	if base == nil {
		return boolean(false)
	}
	return boolean(slices.ContainsFunc(set.Nodes, func(n *Node) bool {
		v, ok := n.Value()
		if !ok || v.Type == nil || v.Type.Kind != schema.Identityref {
			return false
		}
		id := s.Identity(v.Identity())
		return id != nil && (id.DerivedFrom(base) || id == base && x.f.name == "derived-from-or-self")
	}))
}

// callEnumValue is §10.5.1.
func callEnumValue(c *context, x *callExpr) Value {
	if n := x.args[0].eval(c).first(); n != nil {
		if v, ok := n.Value(); ok && v.Type != nil && v.Type.Kind == schema.Enumeration {
			return number(float64(v.Int()))
		}
	}
	return number(math.NaN())
}

// callBitIsSet is §10.6.1.
func callBitIsSet(c *context, x *callExpr) Value {
	n := x.args[0].eval(c).first()
	if n == nil {
		return boolean(false)
	}
	v, ok := n.Value()
	return boolean(ok && slices.Contains(v.Bits(), x.str(c, 1)))
}
