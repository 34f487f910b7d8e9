package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/openconfig/goyang/pkg/yang"
)

// statement is one YANG statement (RFC 7950 §6.3).
type statement struct {
	Keyword string
	HasArg  bool
	Arg     string // unquoted and concatenated
	Subs    []*statement
}

// module is one upstream module or submodule, its prose left out.
type module struct {
	*statement
	Revision  string   // the latest; empty where there is none
	Copyright []string // the copyright notices that its prose holds
	Needs     []string // imported modules and included submodules
}

// prose names the statements that say nothing to a machine. All others stay,
// those of extensions too.
var prose = map[string]bool{
	"description": true, "reference": true, "contact": true, "organization": true,
}

// parse reads the text of one module.
func parse(text, name string) (*module, error) {
	stmts, err := yang.Parse(text, name)
	if err != nil {
		return nil, err
	}
	if len(stmts) != 1 || (stmts[0].Keyword != "module" && stmts[0].Keyword != "submodule") {
		return nil, fmt.Errorf("%s: want one module or submodule in a file", name)
	}
	m := &module{}
	m.statement = m.strip(stmts[0])
	for _, s := range m.Subs {
		switch s.Keyword {
		case "revision":
			m.Revision = max(m.Revision, s.Arg)
		case "import", "include":
			m.Needs = append(m.Needs, s.Arg)
		}
	}
	return m, nil
}

// strip copies s without prose, and collects the copyright notices in it.
func (m *module) strip(s *yang.Statement) *statement {
	out := &statement{Keyword: s.Keyword, HasArg: s.HasArgument, Arg: s.Argument}
	for _, sub := range s.SubStatements() {
		if !prose[sub.Keyword] {
			out.Subs = append(out.Subs, m.strip(sub))
			continue
		}
		for _, n := range copyright.FindAllString(sub.Argument, -1) {
			n = strings.Join(strings.Fields(n), " ")
			if !slices.Contains(m.Copyright, n) {
				m.Copyright = append(m.Copyright, n)
			}
		}
	}
	return out
}

var copyright = regexp.MustCompile(`Copyright \([cC]\)[^.]*`)
