package compile

import (
	"strings"

	"github.com/openconfig/goyang/pkg/yang"
)

// idStep is one step of a schema node identifier (RFC 7950 §6.5).
type idStep struct {
	mod  *module
	name string
}

// nodeID reads the argument of an augment, refine or deviation.
func (c *compiler) nodeID(u *unit, s *yang.Statement, absolute bool) ([]idStep, bool) {
	text := s.Argument
	if strings.HasPrefix(text, "/") != absolute {
		if absolute {
			c.errorf(s, "%s %q; the path starts with / here", s.Keyword, text)
		} else {
			c.errorf(s, "%s %q; the path does not start with / within uses", s.Keyword, text)
		}
		return nil, false
	}
	parts := strings.Split(strings.TrimPrefix(text, "/"), "/")
	steps := make([]idStep, len(parts))
	for i, part := range parts {
		prefix, name := splitPrefix(strings.TrimSpace(part))
		if !isIdentifier(name) {
			c.errorf(s, "%s %q: step %q is no node name", s.Keyword, text, part)
			return nil, false
		}
		m := c.prefixed(u, s, prefix)
		if m == nil {
			return nil, false
		}
		steps[i] = idStep{m, name}
	}
	return steps, true
}

// there lists nodes for an error message.
func there(nodes []*node) string {
	const shown = 12
	if len(nodes) == 0 {
		return "; there are none"
	}
	names := make([]string, 0, shown+1)
	for i, n := range nodes {
		if i == shown {
			names = append(names, "and others")
			break
		}
		names = append(names, n.name)
	}
	return "; there are " + strings.Join(names, ", ")
}
