package compile_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/outrigger-cnf/outrigger/yang/compile"
)

// TestErrors: each mistake is refused with its place and what would be right. A
// body is put into "module m", line 1; imports of x are ready.
func TestErrors(t *testing.T) {
	const x = `module x { yang-version 1.1; namespace "urn:x"; prefix x;
		feature f; identity i; typedef t { type string; } grouping g { leaf l { type string; } }
		container top { leaf l { type string; } list k { key a; leaf a { type string; } leaf b { type string; } } choice c { leaf c1 { type string; } } } }`
	for _, tc := range []struct{ name, body, want string }{
		// Grammar.
		{"unknown statement", "\nleef l;", `m.yang:2:1: unknown statement "leef"`},
		{"misplaced statement", "\nleaf l { type string; key x; }", "m.yang:2:23: key cannot stand in leaf"},
		{"missing statement", "leaf l;", "leaf l has no type"},
		{"second statement", "leaf l { type string; type string; }", "second type in leaf l; there can be one"},
		{"no argument", "container;", "container needs an argument"},
		{"argument", "rpc r { input x; }", "input has no argument"},
		{"fixed words", "leaf l { type string; config maybe; }", `config "maybe"; there are true, false`},
		{"identifier", "leaf 1l { type string; }", `leaf "1l" is no identifier`},
		{"syntax", "leaf l { type string }", "syntax error"},
		{"revision", "revision 2020;", `revision "2020"; a date is written YYYY-MM-DD`},

		// Modules.
		{"no module", "import y { prefix y; }", "no module y among the sources"},
		{"no such revision", "import x { prefix z; revision-date 2001-01-01; }", "no revision 2001-01-01 of module x"},
		{"prefix twice", "import x { prefix x; }", `prefix "x" stands for two modules`},
		{"undeclared prefix", "leaf l { type q:t; }", `prefix "q" is not declared; m imports m, x`},
		{"module as submodule", "include x;", "x is a module; a submodule is needed here"},

		// Names.
		{"unknown type", "\nleaf l { type x:u; }", `m.yang:2:10: no typedef "u" in module x`},
		{"unknown local type", "leaf l { type u; }", `no typedef "u" in module m or around this statement`},
		{"unknown grouping", "uses h;", `no grouping "h" in module m`},
		{"unknown feature", "leaf l { if-feature q; type string; }", `if-feature "q": no feature "q" in module m`},
		{"unknown identity", "identity i { base x:j; }", `no identity "j" in module x`},
		{"typedef named like a type", "typedef string { type int8; }", "typedef string has the name of a built-in type"},
		{"typedef twice", "typedef a { type int8; } container c { typedef a { type int8; } }", "typedef a is defined already at m.yang:1"},
		{"feature twice", "feature a; feature a;", "feature a is defined twice"},
		{"identity twice", "identity a; identity a;", "identity a is defined twice"},
		{"node twice", "leaf l { type string; }\ncontainer l;", `m.yang:2:1: container "l" is defined already at m.yang:1`},
		{"node twice through cases", "choice c { leaf l { type string; } case d { leaf l { type int8; } } }", `leaf "l" is defined already`},
		{"node twice through uses", "container c { uses x:g; uses x:g; }", `leaf "l" is defined already`},
		{"case twice", "choice c { case d; case d; }", `case "d" is defined already`},
		{"nodes twice inside operations", "rpc r { input { leaf l { type string; } leaf l { type string; } } }", `leaf "l" is defined already`},

		// Cycles.
		{"typedef cycle", "typedef a { type b; } typedef b { type a; } leaf l { type a; }", "is defined by itself"},
		{"grouping cycle", "grouping a { container c { uses b; } } grouping b { uses a; } uses a;", "uses itself"},
		{"identity cycle", "identity a { base b; } identity b { base a; }", "is derived from itself"},
		{"feature cycle", "feature a { if-feature b; } feature b { if-feature a; }", "depends on itself"},
		{"leafref cycle", "leaf a { type leafref { path ../b; } } leaf b { type leafref { path ../a; } }", "leads back to itself"},

		// Features.
		{"feature operator", "leaf l { if-feature 'x:f and'; type string; }", "a feature name is missing"},
		{"feature parenthesis", "leaf l { if-feature '(x:f'; type string; }", "a closing parenthesis is missing"},
		{"feature rest", "leaf l { if-feature 'x:f x:f'; type string; }", `"x:f" is unexpected`},

		// Types.
		{"range on string", "leaf l { type string { range 1..2; } }", "range does not restrict a type string"},
		{"path again", "typedef r { type leafref { path /l; } } leaf l { type r { path /k; } }", "cannot be given again"},
		{"no path", "leaf l { type leafref; }", "a type leafref needs a path"},
		{"no digits", "leaf l { type decimal64; }", "a type decimal64 needs a fraction-digits"},
		{"digits", "leaf l { type decimal64 { fraction-digits 19; } }", `fraction-digits "19"; they are 1 to 18`},
		{"range order", "leaf l { type int8 { range 5..1; } }", "the lower boundary comes first"},
		{"range overlap", "leaf l { type int8 { range '1..5 | 3..9'; } }", "do not ascend"},
		{"range too wide", "leaf l { type int8 { range 1..200; } }", "wider than the type that is restricted"},
		{"range outside typedef", "typedef a { type int8 { range '1..5 | 7..9'; } } leaf l { type a { range 4..8; } }", "wider than the type"},
		{"range not a number", "leaf l { type int8 { range a..b; } }", `boundary "a": invalid syntax`},
		{"range too precise", "leaf l { type decimal64 { fraction-digits 1; range 1.25; } }", "more than 1 fraction digits"},
		{"length", "leaf l { type string { length -1; } }", `boundary "-1"`},
		{"pattern", "leaf l { type string { pattern '('; } }", `pattern "("`},
		{"enum twice", "leaf l { type enumeration { enum a; enum b { value 0; } } }", `enum "b", value 0: the name or the value stands twice`},
		{"enum not in base", "typedef e { type enumeration { enum a; } } leaf l { type e { enum b; } }", `enum "b" is not in the type`},
		{"enum value", "leaf l { type enumeration { enum a { value x; } } }", `value "x"; it is a number from -2147483648 to 2147483647`},
		{"enum after highest", "leaf l { type enumeration { enum a { value 2147483647; } enum b; } }", `enum "b" needs a value`},
		{"bit twice", "leaf l { type bits { bit a; bit a; } }", `bit "a", position 1: the name`},

		// Nodes.
		{"no key", "list k { leaf a { type string; } }", "list k is configuration and has no key"},
		{"unknown key", "list k { key b; leaf a { type string; } }", `key "b" is no leaf of list k`},
		{"key not a leaf", "list k { key a; leaf-list a { type string; } }", `key "a" of list k is a leaf-list; a key is a leaf`},
		{"key twice", "list k { key 'a a'; leaf a { type string; } }", `key "a" stands twice`},
		{"key not config", "list k { key a; leaf a { type string; config false; } }", `key "a" is not config true, as list k is`},
		{"key with when", "list k { key a; leaf a { type string; when 1; } }", `key "a" has a when`},
		{"empty key", "list k { key ''; }", "list k has an empty key"},
		{"unique", "list k { key a; unique b; leaf a { type string; } }", `unique "b": "b" is no leaf below list k`},
		{"config below state", "container c { config false; leaf l { config true; type string; } }", "config true below a node that is config false"},
		{"min above max", "leaf-list l { type string; min-elements 3; max-elements 2; }", "min-elements 3 is more than max-elements 2"},
		{"elements", "leaf-list l { type string; max-elements 0; }", `max-elements "0" is no number of elements`},
		{"default case", "choice c { default z; leaf a { type string; } }", `choice c has no case "z"; there are a`},
		{"mandatory and default", "leaf l { type string; mandatory true; default a; }", "mandatory and has a default"},
		{"bad default", "\nleaf l { type int8; default a; }", `m.yang:2:21: default of leaf l: "a"`},
		{"bad default of typedef", "typedef s { type int8; default 9; } leaf l { type s { range 1..3; } }", "default of leaf l"},
		{"default identity", "leaf l { type identityref { base x:i; } default i; }", "default of leaf l"},

		// Leafrefs.
		{"leafref", "\nleaf l { type leafref { path ../k; } }", `m.yang:2:10: leafref "../k" of /m:l: no node "k" at the top`},
		{"leafref below", "leaf l { type leafref { path /x:top/x:z; } }", `no node "x:z" in /x:top`},
		{"leafref up", "leaf l { type leafref { path ../../k; } }", "it goes up beyond the top"},
		{"leafref to container", "leaf l { type leafref { path /x:top; } }", "it leads to the container top"},
		{"leafref syntax", "leaf l { type leafref { path '/x:top[1'; } }", "brackets do not match"},
		{"leafref to state", "container c { leaf l { type leafref { path ../s; } } leaf s { config false; type string; } }", "refers to /m:c/s, which is not"},

		// Uses, augments, deviations.
		{"refine target", "uses x:g { refine q { mandatory true; } }", `refine "q": no node "q"; there are l`},
		{"refine property", "uses x:g { refine l { presence a; } }", "presence does not apply to leaf l"},
		{"refine outside", "container c { leaf o { type string; } uses x:g { refine o { mandatory true; } } }", `no node "o"`},
		{"augment target", "\naugment /x:top/x:z { leaf l { type string; } }", `m.yang:2:1: augment "/x:top/x:z": no node "z" of module x; there are l, k, c`},
		{"augment relative", "augment x:top { leaf l { type string; } }", "the path starts with / here"},
		{"augment a leaf", "augment /x:top/x:l { leaf l { type string; } }", "the target is a leaf"},
		{"augment a case into a container", "augment /x:top { case z; }", "a case can be added to a choice only"},
		{"augment twice", "augment /x:top { leaf n { type string; } leaf n { type string; } }", `leaf "n" is defined already`},
		{"deviation of nothing", "deviation /x:top/x:q { deviate not-supported; }", `no node "q" of module x`},
		{"deviation of oneself", "leaf l { type string; } deviation /m:l { deviate not-supported; }", "a module cannot deviate itself"},
		{"deviate add", "deviation /x:top/x:k { deviate add { max-elements 2; } deviate add { max-elements 3; } }", "list k has max-elements already; replace it"},
		{"deviate replace", "deviation /x:top/x:l { deviate replace { units m; } }", "leaf l has no units; add it"},
		{"deviate delete", "deviation /x:top/x:l { deviate delete { units m; } }", `leaf l has no units "m"`},
		{"deviate a key away", "deviation /x:top/x:k/x:a { deviate not-supported; }", `key "a" is no leaf of list k`},
		{"deviate property", "deviation /x:top { deviate add { units m; } }", "units does not apply to container top"},

		// Expressions.
		{"must prefix", "leaf l { type string; must 'q:x'; }", `prefix "q" is not declared`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := `module m { yang-version 1.1; namespace "urn:m"; prefix m; import x { prefix x; } ` + tc.body + "\n}"
			_, err := compile.Compile(compile.Texts{m, x}, compile.Options{Implement: []string{"m", "x"}, AllFeatures: true})
			if err == nil {
				t.Fatalf("it compiles; it should be refused with %q", tc.want)
			}
			if !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got  %v\nwant %s", err, tc.want)
			}
		})
	}
}

// TestModuleErrors has the mistakes that take more than one module, or none.
func TestModuleErrors(t *testing.T) {
	module := func(name, body string) string {
		return "module " + name + ` { namespace "urn:` + name + `"; prefix ` + name + "; " + body + " }"
	}
	for _, tc := range []struct {
		name  string
		texts compile.Texts
		opt   compile.Options
		want  string
	}{
		{"no such module", nil, compile.Options{Implement: []string{"m"}}, "no module m among the sources"},
		{
			"import cycle",
			compile.Texts{module("a", "import b { prefix b; }"), module("b", "import a { prefix a; }")},
			compile.Options{Implement: []string{"a"}},
			"modules b and a import one another",
		},
		{
			"unknown feature asked for",
			compile.Texts{module("a", "feature f;")},
			compile.Options{Implement: []string{"a"}, Features: map[string][]string{"a": {"g"}}},
			`module a has no feature "g"; it has f`,
		},
		{
			"features of a stranger",
			compile.Texts{module("a", "")},
			compile.Options{Implement: []string{"a"}, Features: map[string][]string{"z": {"g"}}},
			`features of module "z" are named`,
		},
		{
			"augment of what is only imported",
			compile.Texts{module("a", "container c;"), module("b", "import a { prefix a; } augment /a:c { leaf l { type string; } }")},
			compile.Options{Implement: []string{"b"}},
			"module a must be implemented for this",
		},
		{
			"leafref to what is only imported",
			compile.Texts{module("a", "leaf c { type string; }"), module("b", "import a { prefix a; } leaf l { type leafref { path /a:c; } }")},
			compile.Options{Implement: []string{"b"}},
			"module a must be implemented for this",
		},
		{
			"submodule of another",
			compile.Texts{module("a", "include s;"), "submodule s { belongs-to b { prefix b; } }"},
			compile.Options{Implement: []string{"a"}},
			"submodule s does not belong to module a",
		},
		{
			"growth without end",
			compile.Texts{module("a", explosion())},
			compile.Options{Implement: []string{"a"}},
			"the schema grows beyond",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := compile.Compile(tc.texts, tc.opt)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got  %v\nwant %s", err, tc.want)
			}
		})
	}
}

// explosion is a chain of groupings in which each uses the next ten times.
func explosion() string {
	var b strings.Builder
	for level := 'a'; level <= 'h'; level++ {
		b.WriteString("grouping g" + string(level) + " { ")
		for i := 'a'; i <= 'j'; i++ {
			b.WriteString("container " + string(i))
			if level < 'h' {
				b.WriteString(" { uses g" + string(level+1) + "; } ")
			} else {
				b.WriteString("; ")
			}
		}
		b.WriteString("} ")
	}
	return b.String() + "uses ga;"
}

func TestFS(t *testing.T) {
	text := func(name string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("module " + name + ` { namespace "urn:` + name + `"; prefix ` + name + "; revision 2020-02-02; }")}
	}
	fsys := fstest.MapFS{
		"deep/down/a@2020-02-02.yang": text("a"), "b.yang": text("b"), "c.yang": text("not-c"), "d.txt": text("d"),
	}
	for name, want := range map[string]string{
		"a": "", "b": "", "a@2020-02-02": "",
		"c": `c.yang:1:1: module is named "not-c", and should be named "c"`,
		"d": "no module d among the sources", "a@2021-02-02": "no revision 2021-02-02 of module a; there is 2020-02-02",
	} {
		_, err := compile.Compile(compile.FS(fsys), compile.Options{Implement: []string{name}})
		if got := errorText(err); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	both := compile.Join(compile.FS(fsys), compile.Texts{`module e { namespace "urn:e"; prefix e; import a { prefix a; } }`})
	if _, err := compile.Compile(both, compile.Options{Implement: []string{"e"}}); err != nil {
		t.Error(err)
	}
	if _, err := compile.FS(brokenFS{}).Named("a"); err == nil {
		t.Error("a folder that cannot be read gives no error")
	}
}

type brokenFS struct{}

func (brokenFS) Open(string) (fs.File, error) { return nil, fs.ErrPermission }

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
