package compile

import (
	"slices"

	"github.com/openconfig/goyang/pkg/yang"

	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// builtin returns the kind of a built-in type's name (RFC 7950 §4.2.4), or 0.
func builtin(name string) schema.TypeKind {
	for k := schema.Int8; k <= schema.Union; k++ {
		if k.String() == name {
			return k
		}
	}
	return 0
}

func isSigned(k schema.TypeKind) bool {
	return k >= schema.Int8 && k <= schema.Int64 || k == schema.Decimal64
}

func isInteger(k schema.TypeKind) bool { return k >= schema.Int8 && k <= schema.Uint64 }

// integerBits is the width of an integer type.
func integerBits(k schema.TypeKind) uint {
	switch k {
	case schema.Int8, schema.Uint8:
		return 8
	case schema.Int16, schema.Uint16:
		return 16
	case schema.Int32, schema.Uint32:
		return 32
	default:
		return 64
	}
}

// restrictions says which substatements restrict a type of each kind, and which
// of them the built-in type cannot do without.
func restrictions(k schema.TypeKind) (allowed, needed []string) {
	switch {
	case isInteger(k):
		return []string{"range"}, nil
	case k == schema.Decimal64:
		return []string{"range", "fraction-digits"}, []string{"fraction-digits"}
	case k == schema.String:
		return []string{"length", "pattern"}, nil
	case k == schema.Binary:
		return []string{"length"}, nil
	case k == schema.Enumeration:
		return []string{"enum"}, []string{"enum"}
	case k == schema.Bits:
		return []string{"bit"}, []string{"bit"}
	case k == schema.Identityref:
		return []string{"base"}, []string{"base"}
	case k == schema.Leafref:
		return []string{"path", "require-instance"}, []string{"path"}
	case k == schema.InstanceIdentifier:
		return []string{"require-instance"}, nil
	case k == schema.Union:
		return []string{"type"}, []string{"type"}
	default:
		return nil, nil
	}
}

// onlyBuiltin are the restrictions that define a type; one that is derived from
// it cannot have them again.
var onlyBuiltin = []string{"fraction-digits", "base", "path", "type"}

// checkRestrictions reports restrictions that the type cannot have, or lacks.
func (c *compiler) checkRestrictions(s *yang.Statement, k schema.TypeKind, isBuiltin bool) bool {
	allowed, needed := restrictions(k)
	ok := true
	for _, sub := range s.SubStatements() {
		switch {
		case isExtension(sub):
		case !slices.Contains(allowed, sub.Keyword):
			c.errorf(sub, "%s does not restrict a type %s", sub.Keyword, k)
			ok = false
		case !isBuiltin && slices.Contains(onlyBuiltin, sub.Keyword):
			c.errorf(sub, "%s cannot be given again for a type that is derived from %s", sub.Keyword, k)
			ok = false
		}
	}
	if isBuiltin {
		for _, keyword := range needed {
			if first(s, keyword) == nil {
				c.errorf(s, "a type %s needs a %s", k, keyword)
				ok = false
			}
		}
	}
	return ok
}
