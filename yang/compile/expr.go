package compile

import (
	"cmp"
	"strings"

	"github.com/openconfig/goyang/pkg/yang"

	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// expr makes an expression of s's argument. Its prefixes are checked; where the
// file's meaning of one differs from that of the module, it is renamed.
func (c *compiler) expr(u *unit, s *yang.Statement) schema.Expr {
	text, ok := mapPrefixes(s.Argument, func(prefix string, literal bool) (string, bool) {
		if literal && u.prefixes[prefix] == nil {
			return prefix, true // it need not be a name at all
		}
		if c.prefixed(u, s, prefix) == nil {
			return "", false
		}
		return cmp.Or(u.renamed[prefix], prefix), true
	})
	if !ok {
		text = s.Argument
	}
	return schema.Expr{Text: text, Lexical: u.mod.out}
}

// mapPrefixes replaces the prefixes of the names in an XPath expression. A literal
// that is a prefixed name as a whole counts too: so derived-from() and its like
// name identities. It fails where to does.
func mapPrefixes(text string, to func(prefix string, literal bool) (string, bool)) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(text); {
		switch ch := text[i]; {
		case ch == '\'' || ch == '"':
			end := strings.IndexByte(text[i+1:], ch)
			if end < 0 {
				return "", false
			}
			literal := text[i+1 : i+1+end]
			if prefix, local := splitPrefix(literal); isIdentifier(prefix) && isIdentifier(local) {
				mapped, ok := to(prefix, true)
				if !ok {
					return "", false
				}
				literal = mapped + ":" + local
			}
			b.WriteByte(ch)
			b.WriteString(literal)
			b.WriteByte(ch)
			i += end + 2
		case isNameByte(ch):
			end := i
			for end < len(text) && isNameByte(text[end]) {
				end++
			}
			name := text[i:end]
			// One colon makes a prefix, two make an axis.
			if end+1 < len(text) && text[end] == ':' && text[end+1] != ':' && isIdentifier(name) {
				mapped, ok := to(name, false)
				if !ok {
					return "", false
				}
				name = mapped
			}
			b.WriteString(name)
			i = end
		default:
			b.WriteByte(ch)
			i++
		}
	}
	return b.String(), true
}

// isNameByte tells the bytes that identifiers are made of.
func isNameByte(c byte) bool {
	return c == '_' || c == '-' || c == '.' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}
