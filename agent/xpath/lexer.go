package xpath

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/outrigger-cnf/outrigger/agent/fault"
)

// token is a kind of ExprToken (XPath 1.0 §3.7).
type token uint8

const (
	tokEnd token = iota
	tokLeftParen
	tokRightParen
	tokLeftBracket
	tokRightBracket
	tokDot
	tokDotDot
	tokAt
	tokComma
	tokAxisSeparator // ::
	tokLiteral
	tokNumber
	tokName // [prefix:]local, prefix:* or *
	tokVariable

	tokSlash
	tokSlashSlash
	tokUnion
	tokPlus
	tokMinus
	tokEqual
	tokNotEqual
	tokLess
	tokLessEqual
	tokGreater
	tokGreaterEqual
	tokAnd
	tokOr
	tokMod
	tokDiv
	tokMultiply
)

// mirrored is the operator with its operands exchanged.
func (t token) mirrored() token {
	switch t {
	case tokLess:
		return tokGreater
	case tokLessEqual:
		return tokGreaterEqual
	case tokGreater:
		return tokLess
	case tokGreaterEqual:
		return tokLessEqual
	}
	return t
}

// lexeme is one token. For a name, prefix may be empty; for a literal or number,
// text is its content.
type lexeme struct {
	kind   token
	prefix string
	text   string
	at     int // byte offset
}

// tokenize splits an expression. Whether * and the operator names are operators
// depends on the token before (§3.7).
func tokenize(text string) ([]lexeme, error) {
	if len(text) > maxText {
		return nil, fault.New(fault.TooBig, nil, "the XPath expression has %d bytes; the limit is %d", len(text), maxText)
	}
	l := lexer{text: text}
	var out []lexeme
	for {
		l.space()
		if l.pos == len(text) {
			return append(out, lexeme{kind: tokEnd, at: l.pos}), nil
		}
		operand := len(out) > 0 && out[len(out)-1].endsOperand()
		t, err := l.next(operand)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
}

// endsOperand reports whether an operator may follow.
func (t lexeme) endsOperand() bool {
	switch t.kind {
	case tokAt, tokAxisSeparator, tokLeftParen, tokLeftBracket, tokComma:
		return false
	}
	return t.kind < tokSlash
}

type lexer struct {
	text string
	pos  int
}

func syntax(text string, at int, format string, args ...any) error {
	return fault.New(fault.InvalidValue, nil, "XPath %.200q, at character %d: "+format,
		append([]any{text, at + 1}, args...)...)
}

func (l *lexer) fail(format string, args ...any) (lexeme, error) {
	return lexeme{}, syntax(l.text, l.pos, format, args...)
}

func (l *lexer) space() {
	for l.pos < len(l.text) && strings.IndexByte(" \t\r\n", l.text[l.pos]) >= 0 {
		l.pos++
	}
}

// symbols are the tokens of punctuation, longer ones first.
func symbol(s string) (token, int) {
	if len(s) >= 2 {
		switch s[:2] {
		case "..":
			return tokDotDot, 2
		case "::":
			return tokAxisSeparator, 2
		case "//":
			return tokSlashSlash, 2
		case "!=":
			return tokNotEqual, 2
		case "<=":
			return tokLessEqual, 2
		case ">=":
			return tokGreaterEqual, 2
		}
	}
	switch s[0] {
	case '(':
		return tokLeftParen, 1
	case ')':
		return tokRightParen, 1
	case '[':
		return tokLeftBracket, 1
	case ']':
		return tokRightBracket, 1
	case '.':
		return tokDot, 1
	case '@':
		return tokAt, 1
	case ',':
		return tokComma, 1
	case '/':
		return tokSlash, 1
	case '|':
		return tokUnion, 1
	case '+':
		return tokPlus, 1
	case '-':
		return tokMinus, 1
	case '=':
		return tokEqual, 1
	case '<':
		return tokLess, 1
	case '>':
		return tokGreater, 1
	}
	return tokEnd, 0
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func (l *lexer) next(operand bool) (lexeme, error) {
	rest, at := l.text[l.pos:], l.pos
	c := rest[0]
	switch {
	case c == '\'' || c == '"':
		end := strings.IndexByte(rest[1:], c)
		if end < 0 {
			return l.fail("the literal is not closed")
		}
		l.pos += end + 2
		return lexeme{kind: tokLiteral, text: rest[1 : end+1], at: at}, nil
	case isDigit(c) || c == '.' && len(rest) > 1 && isDigit(rest[1]):
		end := 0
		for end < len(rest) && isDigit(rest[end]) {
			end++
		}
		if end < len(rest) && rest[end] == '.' {
			for end++; end < len(rest) && isDigit(rest[end]); end++ {
			}
		}
		l.pos += end
		return lexeme{kind: tokNumber, text: rest[:end], at: at}, nil
	case c == '*':
		l.pos++
		if operand {
			return lexeme{kind: tokMultiply, at: at}, nil
		}
		return lexeme{kind: tokName, text: "*", at: at}, nil
	case c == '$':
		return l.fail("YANG has no variables")
	}
	if t, size := symbol(rest); size > 0 {
		l.pos += size
		return lexeme{kind: t, at: at}, nil
	}
	name := l.ncName()
	if name == "" {
		r, _ := utf8.DecodeRuneInString(rest)
		return l.fail("unexpected %q", r)
	}
	if operand {
		switch name {
		case "and":
			return lexeme{kind: tokAnd, at: at}, nil
		case "or":
			return lexeme{kind: tokOr, at: at}, nil
		case "mod":
			return lexeme{kind: tokMod, at: at}, nil
		case "div":
			return lexeme{kind: tokDiv, at: at}, nil
		}
		l.pos = at
		return l.fail("an operator is expected before %q", name)
	}
	if l.pos+1 < len(l.text) && l.text[l.pos] == ':' && l.text[l.pos+1] != ':' {
		l.pos++
		if l.text[l.pos] == '*' {
			l.pos++
			return lexeme{kind: tokName, prefix: name, text: "*", at: at}, nil
		}
		local := l.ncName()
		if local == "" {
			return l.fail("a name is expected after %q", name+":")
		}
		return lexeme{kind: tokName, prefix: name, text: local, at: at}, nil
	}
	return lexeme{kind: tokName, text: name, at: at}, nil
}

// ncName reads an NCName and returns it, or "".
func (l *lexer) ncName() string {
	start := l.pos
	for l.pos < len(l.text) {
		r, size := utf8.DecodeRuneInString(l.text[l.pos:])
		letter := r == '_' || unicode.IsLetter(r)
		if !letter && (l.pos == start || r != '-' && r != '.' && !unicode.IsDigit(r) && !unicode.Is(unicode.M, r)) {
			break
		}
		if r == utf8.RuneError && size <= 1 {
			break
		}
		l.pos += size
	}
	return l.text[start:l.pos]
}
