package xpath

import (
	"fmt"
	"regexp"

	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// function is one of the core library (XPath 1.0 §4) or of RFC 7950 §10.
type function struct {
	name     string
	min, max int  // arguments; max -1 is any number
	sets     bool // the first argument has to be a node-set
	returns  Kind
	context  bool // the result depends on the context node, position or size
	// existence tells that of its node-set only the members count, and not
	// their values.
	existence bool
	call      func(c *context, x *callExpr) Value
}

func (f *function) arity() string {
	switch {
	case f.max < 0:
		return fmt.Sprintf("%d or more arguments", f.min)
	case f.min == f.max:
		return fmt.Sprintf("%d argument(s)", f.min)
	}
	return fmt.Sprintf("%d to %d arguments", f.min, f.max)
}

// lookup finds a function by its name.
func lookup(name lexeme) *function {
	if name.prefix != "" {
		return nil
	}
	if f := coreFunction(name.text); f != nil {
		return f
	}
	return yangFunction(name.text)
}

// callExpr is a function call.
type callExpr struct {
	f    *function
	args []expr
	re   *regexp.Regexp // re-match with a literal pattern
}

func newCall(f *function, args []expr) (expr, error) {
	x := &callExpr{f: f, args: args}
	if f.name == "re-match" {
		if l, ok := args[1].(*literalExpr); ok {
			re, err := schema.CompilePattern(l.v.String())
			if err != nil {
				return nil, err
			}
			x.re = re
		}
	}
	return x, nil
}

func (x *callExpr) eval(c *context) Value {
	if c.err != nil {
		return Value{Kind: x.f.returns, e: c.evaluation}
	}
	return x.f.call(c, x)
}

func (x *callExpr) nodeSet() bool    { return x.f.returns == NodeSet }
func (x *callExpr) positional() bool { return x.f.returns == Number || usesPosition(x) }

func (x *callExpr) free() bool {
	// Functions of an optional node-set take the context node without it.
	if x.f.context || len(x.args) < x.f.max && x.f.max == 1 {
		return false
	}
	for _, a := range x.args {
		if !a.free() {
			return false
		}
	}
	return true
}

// str evaluates the argument i as a string; the context node where it is
// missing.
func (x *callExpr) str(c *context, i int) string {
	if i >= len(x.args) {
		return c.node.stringValue(c.evaluation)
	}
	return x.args[i].eval(c).String()
}

// node is the first node of the optional argument, or the context node.
func (x *callExpr) node(c *context) *Node {
	if len(x.args) == 0 {
		return c.node
	}
	return x.args[0].eval(c).first()
}
