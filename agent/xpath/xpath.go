// Package xpath compiles and evaluates XPath 1.0 expressions with the functions
// of RFC 7950 §10 over a tree.Tree.
//
//	Compile(text, context) ── lexer ── parser ── Expr ── Eval(tree, node) ── Value
//	                                              └── Reads: what it depends on
//
// The accessible tree is that of RFC 7950 §6.4.1: defaults in use are there, and
// so are containers without presence. Trees have no parent pointers, so an
// expression works on Nodes, each of which knows the way it was reached.
//
// A predicate that compares the keys of a list with values that do not depend on
// the entry (interface[name=current()/../ref]) is looked up in the list's index.
// All else costs what it visits; an evaluation that visits too much is given up
// with an error, so that no expression holds up a commit for long.
//
// # Caveats
//
// There are no attributes, namespace nodes,
// comments or processing instructions in a tree; those axes and tests yield
// nothing. The string value of an identityref is prefix:name with the prefix
// that the expression's module has for it (RFC 7950 §9.10.3), or the module's
// name where it has none.
package xpath

import (
	"sync"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// Limits on expressions, which clients send also.
const (
	maxText  = 64 << 10 // bytes of an expression
	maxDepth = 200      // nesting
	// maxVisits is how many nodes one evaluation may look at.
	maxVisits = 20_000_000
)

// Expr is a compiled expression. It is immutable and may be used concurrently.
type Expr struct {
	text  string
	root  expr
	names *names
	ctx   *schema.Node // the context node's schema node
	reads []Read
	// descends tells that there is a descendant axis.
	descends bool
	// others holds expressions of the schema that this one has led to: paths of
	// leafrefs, and whens of defaults.
	others sync.Map
}

// Compile compiles an expression of a YANG module, whose context node is an
// instance of ctx. Prefixes are those of the module that the expression is
// written in; a name without a prefix belongs to the module of ctx (RFC 7950
// §6.4.1).
func Compile(e schema.Expr, ctx *schema.Node) (*Expr, error) {
	x, err := compile(e.Text, newNames(e.Lexical, ctx), ctx)
	if err != nil {
		return nil, err
	}
	reads, ok := analyse(x)
	if !ok {
		return nil, fault.New(fault.TooBig, nil, "the XPath expression %.80q may depend on too many nodes", e.Text)
	}
	x.reads = reads
	return x, nil
}

func compile(text string, n *names, ctx *schema.Node) (*Expr, error) {
	p := parser{names: n}
	root, err := p.parse(text)
	if err != nil {
		return nil, err
	}
	return &Expr{text: text, root: root, names: n, ctx: ctx, descends: p.descends}, nil
}

// String returns the expression as written.
func (x *Expr) String() string { return x.text }

// Eval evaluates x at a node of t.
func (x *Expr) Eval(t tree.Tree, at *Node) (Value, error) {
	e := evaluation{x: x, tree: t, current: at, visits: maxVisits}
	v := x.root.eval(&context{evaluation: &e, node: at, position: 1, size: 1})
	if e.err != nil {
		return Value{}, e.err
	}
	return v, nil
}

// Bool evaluates x as a condition: a must or when statement.
func (x *Expr) Bool(t tree.Tree, at *Node) (bool, error) {
	v, err := x.Eval(t, at)
	if err != nil {
		return false, err
	}
	return v.Bool(), nil
}

// evaluation is the state of one Eval.
type evaluation struct {
	x       *Expr
	tree    tree.Tree
	current *Node
	visits  int   // how many more nodes may be looked at
	err     error // why the evaluation was given up
	depth   int   // of other expressions that this one has led to
	known   map[identity]*Node
}

// context is what XPath 1.0 §1 calls the context.
type context struct {
	*evaluation
	node           *Node
	position, size int
}

// spend counts n visited nodes and reports whether the evaluation may go on.
func (e *evaluation) spend(n int) bool {
	if e.visits -= n; e.visits < 0 && e.err == nil {
		e.err = fault.New(fault.ResourceDenied, nil,
			"the XPath expression %.80q looks at more than %d nodes; a narrower one is needed", e.x.text, maxVisits)
	}
	return e.err == nil
}
