package schema

import (
	"fmt"
	"strconv"
	"strings"
)

// describe names t for a message.
func (t *Type) describe() string {
	if t.Kind == Identityref || t.Kind == Union || t.Typedef == "" {
		return t.Kind.String()
	}
	return t.Kind.String() + " (" + t.Typedef + ")"
}

// ranges writes what an integer or decimal64 may be: 68..9192, or 1 | 5..10.
func (t *Type) ranges() string {
	format := func(bits uint64) string {
		switch {
		case t.Kind == Decimal64:
			return formatDecimal(int64(bits), t.FractionDigits)
		case t.Kind.Signed():
			return strconv.FormatInt(int64(bits), 10)
		}
		return strconv.FormatUint(bits, 10)
	}
	rs := t.Ranges
	if len(rs) == 0 {
		lo, hi := t.Kind.bounds()
		rs = []Range{{uint64(lo), hi}}
	}
	parts := make([]string, len(rs))
	for i, r := range rs {
		parts[i] = format(r.Lo)
		if r.Lo != r.Hi {
			parts[i] += ".." + format(r.Hi)
		}
	}
	return strings.Join(parts, " | ")
}

// lengths writes how long a string or binary may be.
func (t *Type) lengths() string {
	parts := make([]string, len(t.Lengths))
	for i, l := range t.Lengths {
		switch {
		case l.Lo == l.Hi:
			parts[i] = strconv.FormatUint(l.Lo, 10)
		case l.Hi >= 1<<63-1:
			parts[i] = fmt.Sprintf("%d or more", l.Lo)
		default:
			parts[i] = fmt.Sprintf("%d..%d", l.Lo, l.Hi)
		}
	}
	return strings.Join(parts, " | ")
}

// example is an integer that t allows.
func (t *Type) example() string {
	if len(t.Ranges) == 0 {
		return "1"
	}
	if t.Kind.Signed() {
		return strconv.FormatInt(int64(t.Ranges[0].Lo), 10)
	}
	return strconv.FormatUint(t.Ranges[0].Lo, 10)
}

// choices lists the names of an enumeration or of bits, the first of many.
func (t *Type) choices() string {
	const most = 12
	names := make([]string, 0, most+1)
	total := len(t.Enums) + len(t.Bits)
	for _, e := range t.Enums {
		names = append(names, e.Name)
	}
	for _, b := range t.Bits {
		names = append(names, b.Name)
	}
	if total > most {
		names = append(names[:most], fmt.Sprintf("… (%d in all)", total))
	}
	return strings.Join(names, ", ")
}
