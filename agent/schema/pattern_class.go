package schema

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// charSet is a set of characters: sorted, disjoint inclusive ranges.
type charSet [][2]rune

const lastRune = unicode.MaxRune

// normalize sorts and joins ranges in any order.
func (s charSet) normalize() charSet {
	slices.SortFunc(s, func(a, b [2]rune) int { return int(a[0] - b[0]) })
	out := s[:0]
	for _, r := range s {
		if n := len(out); n > 0 && r[0] <= out[n-1][1]+1 {
			out[n-1][1] = max(out[n-1][1], r[1])
			continue
		}
		out = append(out, r)
	}
	return out
}

// complement needs s normalized.
func (s charSet) complement() charSet {
	var out charSet
	next := rune(0)
	for _, r := range s {
		if r[0] > next {
			out = append(out, [2]rune{next, r[0] - 1})
		}
		next = r[1] + 1
	}
	if next <= lastRune {
		out = append(out, [2]rune{next, lastRune})
	}
	return out
}

func (s charSet) minus(t charSet) charSet {
	return append(s.complement(), t...).normalize().complement()
}

// String writes s as a class of Go's syntax.
func (s charSet) String() string {
	if len(s) == 0 {
		return `[^\x{0}-\x{10FFFF}]` // matches nothing
	}
	var b strings.Builder
	b.WriteByte('[')
	for _, r := range s {
		writeClassRune(&b, r[0])
		if r[1] > r[0] {
			b.WriteByte('-')
			writeClassRune(&b, r[1])
		}
	}
	b.WriteByte(']')
	return b.String()
}

func writeClassRune(b *strings.Builder, r rune) {
	if r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
		b.WriteRune(r)
		return
	}
	fmt.Fprintf(b, `\x{%X}`, r)
}

func tables(ts ...*unicode.RangeTable) charSet {
	var s charSet
	add := func(lo, hi, stride rune) {
		if stride == 1 {
			s = append(s, [2]rune{lo, hi})
			return
		}
		for r := lo; r <= hi; r += stride {
			s = append(s, [2]rune{r, r})
		}
	}
	for _, t := range ts {
		for _, r := range t.R16 {
			add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
		}
		for _, r := range t.R32 {
			add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
		}
	}
	return s.normalize()
}

func (p *patternParser) char() (rune, int, error) {
	r, size := utf8.DecodeRuneInString(p.rest)
	if r == utf8.RuneError && size <= 1 {
		return 0, 0, p.errorf("not UTF-8")
	}
	return r, size, nil
}

// class reads [...], subtractions included. A hyphen that is first, last or
// after a range stands for itself, and so does an opening bracket where no
// subtraction can be.
func (p *patternParser) class(depth int) (charSet, error) {
	if depth > maxPatternDepth {
		return nil, p.errorf("classes are nested deeper than %d", maxPatternDepth)
	}
	p.rest = p.rest[1:]
	negated := strings.HasPrefix(p.rest, "^")
	if negated {
		p.rest = p.rest[1:]
	}
	var set, without charSet
	for first := true; ; first = false {
		switch {
		case p.rest == "":
			return nil, p.errorf("a [ is not closed")
		case p.rest[0] == ']' && !first:
			p.rest = p.rest[1:]
			set = set.normalize()
			if negated {
				set = set.complement()
			}
			return set.minus(without), nil
		case strings.HasPrefix(p.rest, "-[") && !first:
			p.rest = p.rest[1:]
			var err error
			if without, err = p.class(depth + 1); err != nil {
				return nil, err
			}
			if !strings.HasPrefix(p.rest, "]") {
				return nil, p.errorf("a ] must follow the class that is taken away")
			}
			continue
		}
		item, err := p.classItem()
		if err != nil {
			return nil, err
		}
		set = append(set, item...)
	}
}

// classItem reads a character, an escape or a range.
func (p *patternParser) classItem() (charSet, error) {
	lo, err := p.classAtom()
	if err != nil {
		return nil, err
	}
	if len(p.rest) < 2 || p.rest[0] != '-' || p.rest[1] == ']' || p.rest[1] == '[' {
		return lo, nil
	}
	if len(lo) != 1 || lo[0][0] != lo[0][1] {
		return lo, nil // [\d-x]: the hyphen is a character
	}
	p.rest = p.rest[1:]
	hi, err := p.classAtom()
	if err != nil {
		return nil, err
	}
	if len(hi) != 1 || hi[0][0] != hi[0][1] || hi[0][0] < lo[0][0] {
		return nil, p.errorf("a range goes from a character to a later one")
	}
	return charSet{{lo[0][0], hi[0][0]}}, nil
}

func (p *patternParser) classAtom() (charSet, error) {
	if p.rest == "" {
		return nil, p.errorf("a [ is not closed")
	}
	if p.rest[0] == '\\' {
		return p.escape()
	}
	r, size, err := p.char()
	if err != nil {
		return nil, err
	}
	p.rest = p.rest[size:]
	return charSet{{r, r}}, nil
}

// escape reads what a backslash begins.
func (p *patternParser) escape() (charSet, error) {
	if len(p.rest) < 2 {
		return nil, p.errorf("nothing follows the backslash")
	}
	c := p.rest[1]
	p.rest = p.rest[2:]
	single := func(r rune) (charSet, error) { return charSet{{r, r}}, nil }
	switch c {
	case 'n':
		return single('\n')
	case 'r':
		return single('\r')
	case 't':
		return single('\t')
	case 'p', 'P':
		return p.property(c == 'P')
	}
	if set, ok := multiEscape(c | 0x20); ok && unicode.IsLetter(rune(c)) {
		if c < 'a' {
			return set.complement(), nil
		}
		return set, nil
	}
	// XSD lists the characters that may be escaped; modules escape more, always
	// to say that the character stands for itself.
	if c >= utf8.RuneSelf || unicode.IsLetter(rune(c)) || unicode.IsDigit(rune(c)) {
		return nil, p.errorf(`\%c is not an escape`, c)
	}
	return single(rune(c))
}

// multiEscape returns the set of \s, \i, \c, \d and \w.
func multiEscape(c byte) (charSet, bool) {
	switch c {
	case 's':
		return charSet{{'\t', '\n'}, {'\r', '\r'}, {' ', ' '}}, true
	case 'd':
		return tables(unicode.Nd), true
	case 'w':
		return append(other(), tables(unicode.P, unicode.Z)...).normalize().complement(), true
	case 'i':
		return nameStart(), true
	case 'c':
		return append(nameStart(), charSet{
			{'-', '.'}, {'0', '9'}, {0xB7, 0xB7}, {0x300, 0x36F}, {0x203F, 0x2040},
		}...).normalize(), true
	}
	return nil, false
}

// nameStart is NameStartChar of XML 1.0, fifth edition.
func nameStart() charSet {
	return charSet{
		{':', ':'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}, {0xC0, 0xD6}, {0xD8, 0xF6},
		{0xF8, 0x2FF}, {0x370, 0x37D}, {0x37F, 0x1FFF}, {0x200C, 0x200D},
		{0x2070, 0x218F}, {0x2C00, 0x2FEF}, {0x3001, 0xD7FF}, {0xF900, 0xFDCF},
		{0xFDF0, 0xFFFD}, {0x10000, 0xEFFFF},
	}
}

// other is the category C: controls, formats, private use, and whatever is in
// no other category.
func other() charSet {
	return tables(unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Z).complement()
}

// property reads {Category} or {IsBlock}.
func (p *patternParser) property(negated bool) (charSet, error) {
	end := strings.IndexByte(p.rest, '}')
	if !strings.HasPrefix(p.rest, "{") || end < 0 {
		return nil, p.errorf(`\p must be followed by {…}`)
	}
	name := p.rest[1:end]
	var set charSet
	switch block, isBlock := strings.CutPrefix(name, "Is"); {
	case isBlock:
		b, ok := blocks()[block]
		if !ok {
			return nil, p.errorf("unknown block %q", name)
		}
		set = charSet{b}
	case name == "C":
		set = other()
	case name == "Cn":
		set = other().minus(tables(unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs))
	default:
		t, ok := unicode.Categories[name]
		if !ok || len(name) > 2 {
			return nil, p.errorf("unknown category %q", name)
		}
		set = tables(t)
	}
	p.rest = p.rest[end+1:]
	if negated {
		return set.complement(), nil
	}
	return set, nil
}
