package xpath

import (
	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// parser reads the grammar of XPath 1.0 §3 by recursive descent.
type parser struct {
	names *names
	text  string
	toks  []lexeme
	depth int
	// descends tells that a descendant axis was met.
	descends bool
}

func (p *parser) parse(text string) (expr, error) {
	toks, err := tokenize(text)
	if err != nil {
		return nil, err
	}
	p.text, p.toks = text, toks
	x, err := p.expr()
	if err != nil {
		return nil, err
	}
	if p.peek() != tokEnd {
		return nil, p.errorf("the expression goes on after its end")
	}
	return x, nil
}

func (p *parser) errorf(format string, args ...any) error {
	return syntax(p.text, p.toks[0].at, format, args...)
}

func (p *parser) peek() token { return p.toks[0].kind }

func (p *parser) peekAt(i int) token {
	if i < len(p.toks) {
		return p.toks[i].kind
	}
	return tokEnd
}

func (p *parser) take() lexeme {
	t := p.toks[0]
	if t.kind != tokEnd {
		p.toks = p.toks[1:]
	}
	return t
}

func (p *parser) accept(k token) bool {
	if p.peek() != k {
		return false
	}
	p.take()
	return true
}

// levels are the binary operators, those that bind least first.
var levels = [...][]token{
	{tokOr},
	{tokAnd},
	{tokEqual, tokNotEqual},
	{tokLess, tokLessEqual, tokGreater, tokGreaterEqual},
	{tokPlus, tokMinus},
	{tokMultiply, tokDiv, tokMod},
}

func (p *parser) expr() (expr, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, p.errorf("the expression is nested deeper than %d", maxDepth)
	}
	defer func() { p.depth-- }()
	return p.binary(0)
}

// maxChain bounds operators in a row, each of which nests the tree once more.
const maxChain = 2000

func (p *parser) binary(level int) (expr, error) {
	if level == len(levels) {
		return p.unary()
	}
	left, err := p.binary(level + 1)
	if err != nil {
		return nil, err
	}
	for n := 0; ; n++ {
		op := tokEnd
		for _, t := range levels[level] {
			if p.peek() == t {
				op = t
			}
		}
		if op == tokEnd {
			return left, nil
		}
		if n == maxChain {
			return nil, p.errorf("more than %d operators in a row", maxChain)
		}
		p.take()
		right, err := p.binary(level + 1)
		if err != nil {
			return nil, err
		}
		left = &binaryExpr{op, left, right}
	}
}

func (p *parser) unary() (expr, error) {
	minus := 0
	for p.accept(tokMinus) {
		minus++
	}
	x, err := p.union()
	if err != nil || minus == 0 {
		return x, err
	}
	return &negateExpr{x, minus%2 == 1}, nil
}

func (p *parser) union() (expr, error) {
	x, err := p.path()
	if err != nil || p.peek() != tokUnion {
		return x, err
	}
	u := &unionExpr{}
	for {
		if !x.nodeSet() {
			return nil, p.errorf("| joins node-sets only")
		}
		u.parts = append(u.parts, x)
		if !p.accept(tokUnion) {
			return u, nil
		}
		if x, err = p.path(); err != nil {
			return nil, err
		}
	}
}

// path reads a LocationPath, or a FilterExpr with steps after it.
func (p *parser) path() (expr, error) {
	out := &pathExpr{}
	switch {
	case p.startsFilter():
		primary, err := p.primary()
		if err != nil {
			return nil, err
		}
		preds, err := p.predicates()
		if err != nil {
			return nil, err
		}
		if len(preds) == 0 && p.peek() != tokSlash && p.peek() != tokSlashSlash {
			return primary, nil
		}
		if !primary.nodeSet() {
			return nil, p.errorf("a predicate or step follows what is no node-set")
		}
		out.start, out.filters = primary, preds
		if p.peek() != tokSlash && p.peek() != tokSlashSlash {
			return out, nil
		}
	case p.peek() == tokSlash || p.peek() == tokSlashSlash:
		out.absolute = true
		if p.peek() == tokSlash && !p.startsStep(1) {
			p.take()
			return out, nil
		}
	default:
		if err := p.step(out, false); err != nil {
			return nil, err
		}
	}
	for {
		switch {
		case p.accept(tokSlash):
			if err := p.step(out, false); err != nil {
				return nil, err
			}
		case p.accept(tokSlashSlash):
			if err := p.step(out, true); err != nil {
				return nil, err
			}
		default:
			return out, nil
		}
		if len(out.steps) > maxDepth {
			return nil, p.errorf("a path has more than %d steps", maxDepth)
		}
	}
}

func (p *parser) startsStep(i int) bool {
	switch p.peekAt(i) {
	case tokDot, tokDotDot, tokAt, tokName:
		return true
	}
	return false
}

// startsFilter tells a primary expression from a step: a name with a parenthesis
// is a function, unless it is a node type.
func (p *parser) startsFilter() bool {
	switch p.peek() {
	case tokLeftParen, tokLiteral, tokNumber:
		return true
	case tokName:
		return p.peekAt(1) == tokLeftParen && !isNodeType(p.toks[0])
	}
	return false
}

func isNodeType(t lexeme) bool {
	if t.prefix != "" {
		return false
	}
	switch t.text {
	case "node", "text", "comment", "processing-instruction":
		return true
	}
	return false
}

func (p *parser) primary() (expr, error) {
	switch t := p.take(); t.kind {
	case tokLiteral:
		return &literalExpr{Value{Kind: String, str: t.text, literal: true}}, nil
	case tokNumber:
		return &literalExpr{number(toNumber(t.text))}, nil
	case tokName:
		return p.call(t)
	}
	x, err := p.expr() // after the parenthesis
	if err != nil {
		return nil, err
	}
	if !p.accept(tokRightParen) {
		return nil, p.errorf("a ) is expected")
	}
	return x, nil
}

func (p *parser) call(name lexeme) (expr, error) {
	f := lookup(name)
	if f == nil {
		return nil, syntax(p.text, name.at, "there is no function %q", name.text)
	}
	p.take() // the parenthesis
	var args []expr
	for p.peek() != tokRightParen {
		if len(args) > 0 && !p.accept(tokComma) {
			return nil, p.errorf("a , or ) is expected")
		}
		a, err := p.expr()
		if err != nil {
			return nil, err
		}
		args = append(args, a)
	}
	p.take()
	if len(args) < f.min || f.max >= 0 && len(args) > f.max {
		return nil, syntax(p.text, name.at, "%s takes %s, not %d", name.text, f.arity(), len(args))
	}
	if f.sets && (len(args) > 0 && !args[0].nodeSet()) {
		return nil, syntax(p.text, name.at, "the argument of %s has to be a node-set", name.text)
	}
	return newCall(f, args)
}

func (p *parser) predicates() ([]expr, error) {
	var preds []expr
	for p.accept(tokLeftBracket) {
		x, err := p.expr()
		if err != nil {
			return nil, err
		}
		if !p.accept(tokRightBracket) {
			return nil, p.errorf("a ] is expected")
		}
		preds = append(preds, x)
	}
	return preds, nil
}

// step reads one step into out. After // it looks among all descendants.
func (p *parser) step(out *pathExpr, anywhere bool) error {
	s := step{axis: axisChild}
	switch p.peek() {
	case tokDot:
		p.take()
		s.axis, s.test = axisSelf, anyNode
	case tokDotDot:
		p.take()
		s.axis, s.test = axisParent, anyNode
	default:
		if p.accept(tokAt) {
			s.axis = axisAttribute
		} else if p.peek() == tokName && p.peekAt(1) == tokAxisSeparator {
			t := p.take()
			axis, ok := axes()[t.text]
			if !ok || t.prefix != "" {
				return syntax(p.text, t.at, "there is no axis %q", t.text)
			}
			p.take()
			s.axis = axis
		}
		if err := p.nodeTest(&s); err != nil {
			return err
		}
		preds, err := p.predicates()
		if err != nil {
			return err
		}
		s.preds = preds
	}
	if anywhere {
		if s.axis == axisChild && !anyPositional(s.preds) {
			s.axis = axisDescendant // the same, and visits each node once
		} else {
			out.steps = append(out.steps, step{axis: axisDescendantOrSelf, test: anyNode})
		}
	}
	p.descends = p.descends || anywhere || s.axis == axisDescendant || s.axis == axisDescendantOrSelf
	s.plan()
	out.steps = append(out.steps, s)
	return nil
}

func (p *parser) nodeTest(s *step) error {
	t := p.take()
	if t.kind != tokName {
		return syntax(p.text, t.at, "a node name is expected")
	}
	if p.peek() == tokLeftParen && isNodeType(t) {
		p.take()
		if t.text == "processing-instruction" {
			p.accept(tokLiteral)
		}
		if !p.accept(tokRightParen) {
			return p.errorf("a ) is expected")
		}
		switch t.text {
		case "node":
			s.test = anyNode
		case "text":
			s.test = textNode
		default:
			s.test = noNode
		}
		return nil
	}
	s.test = namedNode
	s.name.local = t.text
	switch {
	case t.prefix != "":
		module, ok := p.names.module(t.prefix)
		if !ok {
			return syntax(p.text, t.at, "the prefix %q is not declared", t.prefix)
		}
		s.name.modules = []string{module}
	case t.text != "*":
		s.name.modules = p.names.unprefixed
	}
	return nil
}

// isList reports whether def is a list with keys.
func isList(def *schema.Node) bool { return def.Kind == schema.List && len(def.Keys) > 0 }
