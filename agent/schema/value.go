package schema

import (
	"slices"
	"strconv"
	"strings"
)

// Value is the value of one leaf or of one leaf-list entry.
//
// Text is the canonical form (RFC 7950 §9.1): what XPath compares, what a list
// is keyed by and what XML carries, save that names of identities and the steps
// of an instance-identifier are qualified by module names (RFC 7951 §6.8, §6.11)
// and not by XML prefixes. Two equal values have equal Text.
//
// Type is the type that Text belongs to with unions and leafrefs seen through:
// its Kind is never Union or Leafref. It decides how JSON and gNMI write Text.
type Value struct {
	Type *Type
	Text string
}

// Int returns the number of a signed or unsigned integer type, the assigned
// value of an enum, and 0 for all other types. An uint64 beyond the range of
// int64 is clamped.
func (v Value) Int() int64 {
	switch {
	case v.Type == nil:
		return 0
	case v.Type.Kind == Enumeration:
		i := slices.IndexFunc(v.Type.Enums, func(e Enum) bool { return e.Name == v.Text })
		if i < 0 {
			return 0
		}
		return int64(v.Type.Enums[i].Value)
	case v.Type.Kind.Integer():
		n, _ := strconv.ParseInt(v.Text, 10, 64) // clamps on overflow
		return n
	}
	return 0
}

// Uint returns the number of an integer type that is not negative, else 0.
func (v Value) Uint() uint64 {
	if v.Type == nil || !v.Type.Kind.Integer() {
		return 0
	}
	var n uint64 // a canonical Text does not overflow it
	for i := range len(v.Text) {
		digit := v.Text[i] - '0'
		if digit > 9 {
			return 0 // it is negative
		}
		n = n*10 + uint64(digit)
	}
	return n
}

// Float returns the number of an integer or decimal64 type, else 0.
func (v Value) Float() float64 {
	if v.Type == nil || !v.Type.Kind.Integer() && v.Type.Kind != Decimal64 {
		return 0
	}
	f, err := strconv.ParseFloat(v.Text, 64)
	if err != nil {
		return 0
	}
	return f
}

// Bool reports whether v is the boolean true.
func (v Value) Bool() bool {
	return v.Type != nil && v.Type.Kind == Boolean && v.Text == "true"
}

// Identity returns the module and the name of an identityref's identity, and
// two empty strings for another type.
func (v Value) Identity() (module, name string) {
	if v.Type == nil || v.Type.Kind != Identityref {
		return "", ""
	}
	module, name, _ = strings.Cut(v.Text, ":")
	return module, name
}

// Bits returns the names that are set in a value of type bits, by position.
func (v Value) Bits() []string {
	if v.Type == nil || v.Type.Kind != Bits {
		return nil
	}
	return strings.Fields(v.Text)
}

// Integer reports whether k is one of the eight integer types.
func (k TypeKind) Integer() bool { return k >= Int8 && k <= Uint64 }

// Signed reports whether k is a signed integer type or decimal64.
func (k TypeKind) Signed() bool { return k >= Int8 && k <= Int64 || k == Decimal64 }
