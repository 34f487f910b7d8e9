package compile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/openconfig/goyang/pkg/yang"
)

// feature is a feature statement.
type feature struct {
	stmt *yang.Statement
	unit *unit
	want bool // asked for
	on   bool // asked for, and its own if-feature allows it

	state decision
}

type decision uint8

const (
	undecided decision = iota
	deciding
	decided
)

func (c *compiler) declareFeatures(u *unit) {
	want := c.opt.Features[u.mod.out.Name]
	all := c.opt.AllFeatures || slices.Contains(want, "*")
	for s := range each(u.stmt, "feature") {
		if u.mod.features[s.Argument] != nil {
			c.errorf(s, "feature %s is defined twice", s.Argument)
			continue
		}
		u.mod.features[s.Argument] = &feature{
			stmt: s, unit: u, want: all || slices.Contains(want, s.Argument),
		}
	}
}

// decideFeatures decides every feature, and refuses names that are none.
func (c *compiler) decideFeatures() {
	for _, m := range c.modules {
		for _, name := range sortedKeys(m.features) {
			if c.enabled(m.features[name]) {
				m.out.Features = append(m.out.Features, name)
			}
		}
		for _, name := range c.opt.Features[m.out.Name] {
			if name != "*" && m.features[name] == nil {
				c.errorf(m.units[0].stmt, "module %s has no feature %q; it has %s", m.out.Name, name, strings.Join(sortedKeys(m.features), ", "))
			}
		}
	}
	for _, name := range sortedKeys(c.opt.Features) {
		if c.find(name, "") == nil {
			c.errs.add(fmt.Errorf("features of module %q are named, which is neither implemented nor imported", name))
		}
	}
}

func (c *compiler) enabled(f *feature) bool {
	switch f.state {
	case deciding:
		c.errorf(f.stmt, "feature %s depends on itself", f.stmt.Argument)
		return false
	case undecided:
		f.state = deciding
		f.on = f.want && c.featuresAllow(f.unit, f.stmt)
		f.state = decided
	}
	return f.on
}

// featuresAllow decides the if-feature statements of s; all must hold.
func (c *compiler) featuresAllow(u *unit, s *yang.Statement) bool {
	allow := true
	for cond := range each(s, "if-feature") {
		e := featureExpr{c: c, unit: u, at: cond, words: featureWords(cond.Argument)}
		value := e.or(0)
		if e.failed == "" && len(e.words) > 0 {
			e.fail(fmt.Sprintf("%q is unexpected", e.words[0]))
		}
		if e.failed != "" {
			c.errorf(cond, "if-feature %q: %s", cond.Argument, e.failed)
			return false
		}
		allow = allow && value
	}
	return allow
}

// featureWords splits an if-feature expression into names, operators and
// parentheses.
func featureWords(text string) []string {
	text = strings.NewReplacer("(", " ( ", ")", " ) ").Replace(text)
	return strings.Fields(text)
}

// maxFeatureDepth bounds the parentheses of an if-feature expression.
const maxFeatureDepth = 100

// featureExpr decides an if-feature expression (RFC 7950 §7.20.2) while it reads
// it: "not" binds strongest, then "and", then "or".
type featureExpr struct {
	c      *compiler
	unit   *unit
	at     *yang.Statement
	words  []string
	failed string
}

func (e *featureExpr) fail(why string) bool {
	if e.failed == "" {
		e.failed = why
	}
	e.words = nil
	return false
}

func (e *featureExpr) take(word string) bool {
	if len(e.words) > 0 && e.words[0] == word {
		e.words = e.words[1:]
		return true
	}
	return false
}

func (e *featureExpr) or(depth int) bool {
	value := e.and(depth)
	for e.take("or") {
		value = e.and(depth) || value
	}
	return value
}

func (e *featureExpr) and(depth int) bool {
	value := e.not(depth)
	for e.take("and") {
		value = e.not(depth) && value
	}
	return value
}

func (e *featureExpr) not(depth int) bool {
	switch {
	case depth > maxFeatureDepth:
		return e.fail("nested too deeply")
	case e.take("not"):
		return !e.not(depth + 1)
	case e.take("("):
		value := e.or(depth + 1)
		if !e.take(")") {
			return e.fail("a closing parenthesis is missing")
		}
		return value
	case len(e.words) == 0:
		return e.fail("a feature name is missing")
	}
	name := e.words[0]
	e.words = e.words[1:]
	prefix, local := splitPrefix(name)
	m := e.c.prefixed(e.unit, e.at, prefix)
	if m == nil {
		return false
	}
	f := m.features[local]
	if f == nil {
		return e.fail(fmt.Sprintf("no feature %q in module %s", local, m.out.Name))
	}
	return e.c.enabled(f)
}
