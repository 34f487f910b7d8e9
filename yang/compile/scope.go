package compile

import (
	"strings"

	"github.com/openconfig/goyang/pkg/yang"
)

// scope is a place where typedefs and groupings are looked up (RFC 7950 §5.5):
// a file, or a statement within it that has definitions of its own.
type scope struct {
	unit   *unit
	parent *scope // nil at the top of a file
	defs   definitions
}

// definitions are the typedefs and groupings of a scope, by keyword and name. The
// files of a module share theirs.
type definitions map[definitionKey]*definition

type definitionKey struct{ keyword, name string }

// definition is a typedef or a grouping.
type definition struct {
	stmt  *yang.Statement
	scope *scope // where it stands
	busy  bool   // being resolved: to find definitions that need themselves
}

// define puts the typedefs and groupings that stand in s into sc.
func (c *compiler) define(sc *scope, s *yang.Statement) {
	for _, sub := range s.SubStatements() {
		if sub.Keyword != "typedef" && sub.Keyword != "grouping" {
			continue
		}
		key := definitionKey{sub.Keyword, sub.Argument}
		if sub.Keyword == "typedef" && builtin(sub.Argument) != 0 {
			c.errorf(sub, "typedef %s has the name of a built-in type", sub.Argument)
			continue
		}
		for up := sc; up != nil; up = up.parent {
			if other := up.defs[key]; other != nil {
				c.errorf(sub, "%s %s is defined already at %s", sub.Keyword, sub.Argument, other.stmt.Location())
			}
		}
		sc.defs[key] = &definition{stmt: sub, scope: sc}
	}
}

// inside returns the scope within s, which stands in sc.
func (c *compiler) inside(sc *scope, s *yang.Statement) *scope {
	if inner, ok := c.scopes[s]; ok {
		return inner
	}
	inner := sc
	if first(s, "typedef") != nil || first(s, "grouping") != nil {
		inner = &scope{unit: sc.unit, parent: sc, defs: definitions{}}
		c.define(inner, s)
	}
	c.scopes[s] = inner
	return inner
}

// lookup finds the definition that a name means in sc; nil if there is none,
// which is then reported at the statement.
func (c *compiler) lookup(sc *scope, at *yang.Statement, keyword, name string) *definition {
	prefix, local := splitPrefix(name)
	key := definitionKey{keyword, local}
	if prefix == "" || prefix == sc.unit.prefix {
		for up := sc; up != nil; up = up.parent {
			if d := up.defs[key]; d != nil {
				return d
			}
		}
		c.errorf(at, "no %s %q in module %s or around this statement", keyword, local, sc.unit.mod.out.Name)
		return nil
	}
	m := c.prefixed(sc.unit, at, prefix)
	if m == nil {
		return nil
	}
	d := m.top[key]
	if d == nil {
		c.errorf(at, "no %s %q in module %s", keyword, local, m.out.Name)
	}
	return d
}

// prefixed returns the module that a prefix means in a file; the empty one means
// the file's own.
func (c *compiler) prefixed(u *unit, at *yang.Statement, prefix string) *module {
	if prefix == "" {
		return u.mod
	}
	m := u.prefixes[prefix]
	if m == nil {
		c.errorf(at, "prefix %q is not declared; %s imports %s", prefix, u.stmt.Argument, strings.Join(sortedKeys(u.prefixes), ", "))
	}
	return m
}

func splitPrefix(name string) (prefix, local string) {
	if before, after, ok := strings.Cut(name, ":"); ok {
		return before, after
	}
	return "", name
}
