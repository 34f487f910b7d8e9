package schema

import (
	"math"
	"strconv"
	"strings"
)

// integer reads the lexical forms of RFC 7950 §9.2.1. Data may be hexadecimal
// also, which can mean nothing else; octal is for default statements only,
// because leading zeros are decimal in data.
func (p *parser) integer(t *Type, text string) (Value, error) {
	negative, magnitude, ok := p.magnitude(text)
	if !ok {
		if p.quiet {
			return Value{}, errQuiet
		}
		return p.fail("%s is not an integer, such as %s", quote(text), t.example())
	}
	lo, hi := t.Kind.bounds()
	var bits uint64
	switch {
	case t.Kind.Signed() && negative:
		if magnitude > -uint64(lo) {
			return p.outOfRange(t, text)
		}
		bits = -magnitude
	case negative && magnitude != 0, magnitude > hi:
		return p.outOfRange(t, text)
	default:
		bits = magnitude
	}
	if !t.inRange(bits) {
		return p.outOfRange(t, text)
	}
	return Value{t, t.canonical(text, bits)}, nil
}

// canonical formats the integer, reusing text where it is canonical already: a
// value that is decoded from a document then costs no allocation.
func (t *Type) canonical(text string, bits uint64) string {
	var buf [24]byte
	var out []byte
	if t.Kind.Signed() {
		out = strconv.AppendInt(buf[:0], int64(bits), 10)
	} else {
		out = strconv.AppendUint(buf[:0], bits, 10)
	}
	if string(out) == text {
		return text
	}
	return string(out)
}

func (p *parser) magnitude(text string) (negative bool, n uint64, ok bool) {
	s := text
	if s != "" && (s[0] == '+' || s[0] == '-') {
		negative = s[0] == '-'
		s = s[1:]
	}
	base := 10
	switch {
	case len(s) > 2 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X') && p.json != JSONNumber:
		base, s = 16, s[2:]
	case len(s) > 1 && s[0] == '0' && p.octal:
		base, s = 8, s[1:]
	}
	if s == "" || s[0] == '+' || s[0] == '-' {
		return false, 0, false
	}
	n, err := strconv.ParseUint(s, base, 64)
	if err != nil {
		if e, is := err.(*strconv.NumError); is && e.Err == strconv.ErrRange { // digits, but too many
			return negative, math.MaxUint64, true
		}
		return false, 0, false
	}
	return negative, n, true
}

func (p *parser) outOfRange(t *Type, text string) (Value, error) {
	if p.quiet {
		return Value{}, errQuiet
	}
	return p.fail("%s is not in %s", quote(text), t.ranges())
}

// bounds are those of the built-in type; lo is zero for unsigned ones.
func (k TypeKind) bounds() (lo int64, hi uint64) {
	switch k {
	case Int8:
		return math.MinInt8, math.MaxInt8
	case Int16:
		return math.MinInt16, math.MaxInt16
	case Int32:
		return math.MinInt32, math.MaxInt32
	case Int64, Decimal64:
		return math.MinInt64, math.MaxInt64
	case Uint8:
		return 0, math.MaxUint8
	case Uint16:
		return 0, math.MaxUint16
	case Uint32:
		return 0, math.MaxUint32
	}
	return 0, math.MaxUint64
}

// inRange reports whether the two's complement bits lie in one of t's ranges.
func (t *Type) inRange(bits uint64) bool {
	if len(t.Ranges) == 0 {
		return true
	}
	for _, r := range t.Ranges {
		if t.Kind.Signed() {
			if int64(r.Lo) <= int64(bits) && int64(bits) <= int64(r.Hi) {
				return true
			}
		} else if r.Lo <= bits && bits <= r.Hi {
			return true
		}
	}
	return false
}

// Unsigned reports whether t is one of the unsigned integer types, restricted or not.
func (t *Type) Unsigned() bool { return t.Kind >= Uint8 && t.Kind <= Uint64 }

// HasUint reports whether n is a value of t, which is Unsigned.
func (t *Type) HasUint(n uint64) bool {
	_, hi := t.Kind.bounds()
	return n <= hi && t.inRange(n)
}

// decimal64 reads RFC 7950 §9.3.1 and writes §9.3.2: at least one digit on each
// side of the point, and no zero too many.
func (p *parser) decimal64(t *Type, text string) (Value, error) {
	s, negative := text, false
	if s != "" && (s[0] == '+' || s[0] == '-') {
		negative = s[0] == '-'
		s = s[1:]
	}
	whole, fraction, point := strings.Cut(s, ".")
	if !digits(whole) || point && !digits(fraction) {
		return p.fail("%s is not a decimal number, such as 1.5", quote(text))
	}
	fraction = strings.TrimRight(fraction, "0")
	if len(fraction) > int(t.FractionDigits) {
		return p.fail("%s has more than %d fraction digits", quote(text), t.FractionDigits)
	}
	scaled := whole + fraction + strings.Repeat("0", int(t.FractionDigits)-len(fraction))
	if negative {
		scaled = "-" + scaled
	}
	n, err := strconv.ParseInt(scaled, 10, 64)
	if err != nil || !t.inRange(uint64(n)) {
		return p.outOfRange(t, text)
	}
	out := formatDecimal(n, t.FractionDigits)
	if out == text {
		out = text
	}
	return Value{t, out}, nil
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// formatDecimal writes n / 10^digits in canonical form.
func formatDecimal(n int64, digits uint8) string {
	sign, magnitude := "", uint64(n)
	if n < 0 {
		sign, magnitude = "-", -uint64(n)
	}
	s := strconv.FormatUint(magnitude, 10)
	if pad := int(digits) + 1 - len(s); pad > 0 {
		s = strings.Repeat("0", pad) + s
	}
	whole, fraction := s[:len(s)-int(digits)], strings.TrimRight(s[len(s)-int(digits):], "0")
	if fraction == "" {
		fraction = "0"
	}
	return sign + whole + "." + fraction
}
