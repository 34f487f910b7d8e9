package compile

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/openconfig/goyang/pkg/yang"

	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// span is an inclusive range of numbers in an order-preserving form: signed ones
// have their sign bit flipped, so that all compare as unsigned.
type span struct{ lo, hi uint64 }

const signBit = 1 << 63

// narrowRange reads a range statement (RFC 7950 §9.2.4) of an integer or decimal64.
func (c *compiler) narrowRange(s *yang.Statement, t *schema.Type) ([]schema.Range, bool) {
	flip := uint64(0)
	if isSigned(t.Kind) {
		flip = signBit
	}
	base := make([]span, len(t.Ranges))
	for i, r := range t.Ranges {
		base[i] = span{r.Lo ^ flip, r.Hi ^ flip}
	}
	if len(base) == 0 {
		base = []span{wholeRange(t.Kind)}
	}
	spans, ok := c.narrow(s, base, func(text string) (uint64, error) {
		v, err := parseBound(text, t)
		return v ^ flip, err
	})
	if !ok {
		return nil, false
	}
	out := make([]schema.Range, len(spans))
	for i, sp := range spans {
		out[i] = schema.Range{Lo: sp.lo ^ flip, Hi: sp.hi ^ flip}
	}
	return out, true
}

// narrowLength reads a length statement (RFC 7950 §9.4.4).
func (c *compiler) narrowLength(s *yang.Statement, t *schema.Type) ([]schema.Length, bool) {
	base := make([]span, len(t.Lengths))
	for i, l := range t.Lengths {
		base[i] = span{l.Lo, l.Hi}
	}
	if len(base) == 0 {
		base = []span{{0, math.MaxUint64}}
	}
	spans, ok := c.narrow(s, base, func(text string) (uint64, error) { return strconv.ParseUint(text, 10, 64) })
	if !ok {
		return nil, false
	}
	out := make([]schema.Length, len(spans))
	for i, sp := range spans {
		out[i] = schema.Length{Lo: sp.lo, Hi: sp.hi}
	}
	return out, true
}

func wholeRange(k schema.TypeKind) span {
	bits := integerBits(k)
	if isSigned(k) {
		// In order-preserving form, the sign bit stands for zero.
		return span{signBit - 1<<(bits-1), signBit + 1<<(bits-1) - 1}
	}
	return span{0, math.MaxUint64 >> (64 - bits)}
}

// parseBound reads one boundary of a range as the two's complement of its value,
// which for decimal64 is scaled.
func parseBound(text string, t *schema.Type) (uint64, error) {
	switch {
	case t.Kind == schema.Decimal64:
		return scaled(text, int(t.FractionDigits))
	case isSigned(t.Kind):
		v, err := strconv.ParseInt(text, 10, 64)
		return uint64(v), err
	default:
		return strconv.ParseUint(text, 10, 64)
	}
}

// scaled reads a decimal number as an integer of its units in the last of the
// fraction digits.
func scaled(text string, digits int) (uint64, error) {
	whole, fraction, _ := strings.Cut(text, ".")
	if len(fraction) > digits {
		if strings.Trim(fraction[digits:], "0") != "" {
			return 0, fmt.Errorf("more than %d fraction digits", digits)
		}
		fraction = fraction[:digits]
	}
	v, err := strconv.ParseInt(whole+fraction+strings.Repeat("0", digits-len(fraction)), 10, 64)
	return uint64(v), err
}

// narrow reads parts "lo..hi | value | …", in ascending order and each within
// one of the base's.
func (c *compiler) narrow(s *yang.Statement, base []span, parse func(string) (uint64, error)) ([]span, bool) {
	fail := func(format string, args ...any) ([]span, bool) {
		c.errorf(s, "%s %q: %w", s.Keyword, s.Argument, fmt.Errorf(format, args...))
		return nil, false
	}
	lowest, highest := base[0].lo, base[len(base)-1].hi
	bound := func(text string) (uint64, error) {
		switch text = strings.TrimSpace(text); text {
		case "min":
			return lowest, nil
		case "max":
			return highest, nil
		}
		v, err := parse(text)
		if err != nil {
			if ne, ok := errors.AsType[*strconv.NumError](err); ok {
				err = ne.Err
			}
			return 0, fmt.Errorf("boundary %q: %w", text, err)
		}
		return v, nil
	}
	wider := join(base)
	var out []span
	for part := range strings.SplitSeq(s.Argument, "|") {
		loText, hiText, isRange := strings.Cut(part, "..")
		if !isRange {
			hiText = loText
		}
		lo, err := bound(loText)
		if err != nil {
			return fail("%w", err)
		}
		hi, err := bound(hiText)
		if err != nil {
			return fail("%w", err)
		}
		switch {
		case lo > hi:
			return fail("%q is empty: the lower boundary comes first", strings.TrimSpace(part))
		case len(out) > 0 && lo <= out[len(out)-1].hi:
			return fail("the parts do not ascend without overlap")
		case !slices.ContainsFunc(wider, func(b span) bool { return b.lo <= lo && hi <= b.hi }):
			return fail("%q is wider than the type that is restricted", strings.TrimSpace(part))
		}
		out = append(out, span{lo, hi})
	}
	return out, true
}

// join merges parts that touch.
func join(spans []span) []span {
	out := []span{spans[0]}
	for _, s := range spans[1:] {
		if last := &out[len(out)-1]; s.lo == last.hi+1 {
			last.hi = s.hi
		} else {
			out = append(out, s)
		}
	}
	return out
}
