package compile

import (
	"strings"

	"github.com/openconfig/goyang/pkg/yang"

	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// expr makes an expression of s's argument. Its prefixes are checked; where the
// file's meaning of one differs from that of the module, it is renamed.
func (c *compiler) expr(u *unit, s *yang.Statement) schema.Expr {
	return schema.Expr{Text: c.rewritePrefixes(u, s), Lexical: u.mod.out}
}

// rewritePrefixes goes over the names in an XPath expression that have a prefix.
// A literal that is a prefixed name as a whole counts too: so derived-from() and
// its like name identities.
func (c *compiler) rewritePrefixes(u *unit, s *yang.Statement) string {
	text := s.Argument
	var b strings.Builder
	for i := 0; i < len(text); {
		switch ch := text[i]; {
		case ch == '\'' || ch == '"':
			end := strings.IndexByte(text[i+1:], ch)
			if end < 0 {
				c.errorf(s, "%s %q: the closing %c is missing", s.Keyword, text, ch)
				return text
			}
			literal := text[i+1 : i+1+end]
			prefix, local := splitPrefix(literal)
			if renamed := u.renamed[prefix]; renamed != "" && isIdentifier(local) {
				literal = renamed + ":" + local
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
			// A single colon makes a prefix, two an axis.
			if end+1 < len(text) && text[end] == ':' && text[end+1] != ':' && isIdentifier(name) {
				if c.prefixed(u, s, name) == nil {
					return text
				}
				if renamed := u.renamed[name]; renamed != "" {
					name = renamed
				}
			}
			b.WriteString(name)
			i = end
		default:
			b.WriteByte(ch)
			i++
		}
	}
	return b.String()
}

// isNameByte tells the bytes that identifiers are made of.
func isNameByte(c byte) bool {
	return c == '_' || c == '-' || c == '.' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}
