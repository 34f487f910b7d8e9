package schema

import (
	"fmt"
	"regexp"
	"strings"
)

// matcher is a pattern ready to be used.
type matcher struct {
	re  *regexp.Regexp
	err error // why there is none
}

func compileAll(ps []Pattern) []matcher {
	ms := make([]matcher, len(ps))
	for i := range ps {
		ms[i].re, ms[i].err = CompilePattern(ps[i].Text)
	}
	return ms
}

// CompilePattern translates an XSD regular expression (RFC 7950 §9.4.5, XSD
// Part 2 Appendix F) to one of Go's.
//
// It matches whole strings. In XSD ^ and $ are ordinary characters, but a
// pattern that begins with ^ and ends with $, as POSIX style has it in many
// OpenConfig modules, could hardly match anything so: there, both are anchors.
func CompilePattern(text string) (*regexp.Regexp, error) {
	src, err := translatePattern(text)
	if err != nil {
		return nil, err
	}
	return regexp.Compile(src)
}

func translatePattern(text string) (string, error) {
	if anchored(text) {
		text = text[1 : len(text)-1]
	}
	p := patternParser{rest: text, whole: text}
	body, err := p.alternatives(0)
	if err != nil {
		return "", err
	}
	if p.rest != "" {
		return "", p.errorf("unexpected )")
	}
	return `\A(?:` + body.text + `)\z`, nil
}

// anchored reports whether text starts with ^ and ends with a $ that is not
// escaped.
func anchored(text string) bool {
	if len(text) < 2 || text[0] != '^' || text[len(text)-1] != '$' {
		return false
	}
	before := text[:len(text)-1]
	return (len(before)-len(strings.TrimRight(before, `\`)))%2 == 0
}

const (
	// maxRepeat is what Go allows for a counted repetition, and for the product
	// of nested ones. Larger ones are written as a sequence of smaller ones.
	maxRepeat = 1000
	// maxPatternSize bounds the program that a pattern may become.
	maxPatternSize = 200_000
	// maxPatternDepth bounds the nesting of groups.
	maxPatternDepth = 200
)

// fragment is a translated part of a pattern.
type fragment struct {
	text   string
	size   int // about how many instructions
	weight int // largest product of nested counts
}

type patternParser struct{ rest, whole string }

func (p *patternParser) errorf(format string, args ...any) error {
	return fmt.Errorf("pattern, at character %d: "+format, append([]any{len(p.whole) - len(p.rest) + 1}, args...)...)
}

// alternatives reads branches up to the end or to a closing parenthesis.
func (p *patternParser) alternatives(depth int) (fragment, error) {
	if depth > maxPatternDepth {
		return fragment{}, p.errorf("groups are nested deeper than %d", maxPatternDepth)
	}
	out := fragment{size: 1, weight: 1}
	var b strings.Builder
	for p.rest != "" && p.rest[0] != ')' {
		if p.rest[0] == '|' {
			b.WriteByte('|')
			p.rest = p.rest[1:]
			continue
		}
		piece, err := p.piece(depth)
		if err != nil {
			return fragment{}, err
		}
		b.WriteString(piece.text)
		out.size += piece.size
		out.weight = max(out.weight, piece.weight)
		if out.size > maxPatternSize || b.Len() > maxPatternSize*8 {
			return fragment{}, p.errorf("the pattern is too large")
		}
	}
	out.text = b.String()
	return out, nil
}

// piece reads an atom with its quantifier.
func (p *patternParser) piece(depth int) (fragment, error) {
	atom, err := p.atom(depth)
	if err != nil || p.rest == "" {
		return atom, err
	}
	switch c := p.rest[0]; c {
	case '?', '*', '+':
		p.rest = p.rest[1:]
		atom.text += string(c)
		atom.size += 2
	case '{':
		lo, hi, ok := p.counts()
		if !ok {
			return fragment{}, p.errorf("a quantifier is {n}, {n,} or {n,m}")
		}
		if atom, err = p.repeat(atom, lo, hi); err != nil {
			return fragment{}, err
		}
	default:
		return atom, nil
	}
	if p.rest != "" && strings.IndexByte("?*+{", p.rest[0]) >= 0 {
		return fragment{}, p.errorf("a quantifier follows a quantifier")
	}
	return fragment{"(?:" + atom.text + ")", atom.size, atom.weight}, nil
}

// counts reads {n}, {n,} or {n,m}; hi is -1 where there is no bound.
func (p *patternParser) counts() (lo, hi int, ok bool) {
	end := strings.IndexByte(p.rest, '}')
	if end < 0 {
		return 0, 0, false
	}
	low, high, comma := strings.Cut(p.rest[1:end], ",")
	if lo, ok = count(low); !ok {
		return 0, 0, false
	}
	switch {
	case !comma:
		hi = lo
	case high == "":
		hi = -1
	default:
		if hi, ok = count(high); !ok || hi < lo {
			return 0, 0, false
		}
	}
	p.rest = p.rest[end+1:]
	return lo, hi, true
}

func count(s string) (int, bool) {
	if !digits(s) {
		return 0, false
	}
	n := 0
	for i := range len(s) {
		if n = n*10 + int(s[i]-'0'); n > 1<<30 {
			return 0, false
		}
	}
	return n, true
}

// repeat writes f{lo,hi} in counted repetitions that Go allows: f{2500} is
// f{1000}f{1000}f{500}.
func (p *patternParser) repeat(f fragment, lo, hi int) (fragment, error) {
	most := max(lo, hi)
	if most*f.size > maxPatternSize || most > maxPatternSize {
		return fragment{}, p.errorf("the repetition {%d,%d} makes the pattern too large", lo, hi)
	}
	step := max(1, maxRepeat/f.weight)
	unit := "(?:" + f.text + ")"
	out := fragment{size: most*f.size + 2, weight: f.weight * max(1, min(step, most))}
	var b strings.Builder
	emit := func(n int, format string) {
		for ; n > 0; n -= step {
			fmt.Fprintf(&b, format, unit, min(n, step))
			if b.Len() > maxPatternSize*8 {
				return
			}
		}
	}
	emit(lo, "%s{%d}")
	if hi < 0 {
		b.WriteString(unit + "*")
	} else {
		emit(hi-lo, "%s{0,%d}")
	}
	if b.Len() > maxPatternSize*8 {
		return fragment{}, p.errorf("the repetition {%d,%d} makes the pattern too large", lo, hi)
	}
	out.text = b.String()
	return out, nil
}

// atom reads one character, class or group.
func (p *patternParser) atom(depth int) (fragment, error) {
	one := func(s string) (fragment, error) { return fragment{s, 1, 1}, nil }
	switch c := p.rest[0]; c {
	case '(':
		p.rest = p.rest[1:]
		body, err := p.alternatives(depth + 1)
		if err != nil {
			return fragment{}, err
		}
		if p.rest == "" {
			return fragment{}, p.errorf("a ( is not closed")
		}
		p.rest = p.rest[1:]
		return fragment{"(?:" + body.text + ")", body.size + 1, body.weight}, nil
	case '.':
		p.rest = p.rest[1:]
		return one(`[^\n\r]`)
	case '[':
		set, err := p.class(0)
		if err != nil {
			return fragment{}, err
		}
		return one(set.String())
	case '\\':
		set, err := p.escape()
		if err != nil {
			return fragment{}, err
		}
		return one(set.String())
	case '?', '*', '+', '{', '}', ']':
		return fragment{}, p.errorf("%q must be escaped here", c)
	}
	r, size, err := p.char()
	if err != nil {
		return fragment{}, err
	}
	p.rest = p.rest[size:]
	return one(regexp.QuoteMeta(string(r)))
}
