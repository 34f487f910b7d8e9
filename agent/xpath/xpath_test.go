package xpath_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/agent/xpath"
	"github.com/outrigger-cnf/outrigger/yang/compile/compiletest"
)

const moduleA = `
module a {
  yang-version 1.1;
  namespace "urn:a";
  prefix a;
  identity kind;
  identity ethernet { base kind; }
  identity gigabit { base ethernet; }
  identity vlan { base kind; }
  typedef if-ref { type leafref { path "/a:top/a:interface/a:name"; } }
  container top {
    list interface {
      key name;
      leaf name { type string; }
      leaf type { type identityref { base kind; } }
      leaf mtu { type uint16; default 1500; }
      leaf enabled { type boolean; default true; }
      leaf-list tag { type string; ordered-by user; }
      leaf flags { type bits { bit up { position 0; } bit dhcp { position 1; } } }
      leaf speed { type enumeration { enum slow { value 10; } enum fast { value 1000; } } }
      leaf rate { type decimal64 { fraction-digits 2; } }
      container counters { leaf in { type uint64; } leaf out { type uint64; default 7; } }
      list unit { key "id kind"; leaf id { type uint8; } leaf kind { type identityref { base kind; } } leaf note { type string; } }
    }
    list step { key n; ordered-by user; leaf n { type string; } }
    leaf main { type if-ref; }
    leaf which { type instance-identifier { require-instance false; } }
    leaf unit { type leafref { path "../interface[name=current()/../main]/unit/id"; } }
    container p { presence "it"; leaf x { type string; } }
    container np { leaf y { type string; default yes; } }
    choice c { default one; case one { leaf c1 { type string; default first; } } case two { leaf c2 { type string; } } }
  }
}`

const moduleB = `
module b {
  yang-version 1.1;
  namespace "urn:b";
  prefix b;
  import a { prefix aa; }
  identity tunnel { base aa:kind; }
  augment "/aa:top/aa:interface" { leaf extra { type string; } leaf mtu { type uint8; } }
  container other { leaf ref { type aa:if-ref; } }
}`

func testSchema(t testing.TB) *schema.Schema { return compiletest.Schema(t, moduleA, moduleB) }

// build makes a tree of lines "path = value"; a line without = is a container or
// an entry.
func build(t testing.TB, s *schema.Schema, lines ...string) tree.Tree {
	t.Helper()
	x := tree.New(s).Txn()
	for _, l := range lines {
		at, value, isLeaf := strings.Cut(l, " = ")
		p, n, err := s.Resolve(at)
		if err != nil {
			t.Fatal(err)
		}
		if !isLeaf {
			err = x.Ensure(p)
		} else {
			v, e := n.Parse(value, s.ModuleNames())
			if e != nil {
				t.Fatal(l, e)
			}
			err = x.Set(p, v)
		}
		if err != nil {
			t.Fatal(l, err)
		}
	}
	return x.Tree()
}

func testTree(t testing.TB, s *schema.Schema) tree.Tree {
	return build(t, s,
		"/a:top/interface[name='eth0']/type = a:gigabit",
		"/a:top/interface[name='eth0']/mtu = 9000",
		"/a:top/interface[name='eth0']/tag = red",
		"/a:top/interface[name='eth0']/tag = green",
		"/a:top/interface[name='eth0']/flags = up dhcp",
		"/a:top/interface[name='eth0']/speed = fast",
		"/a:top/interface[name='eth0']/rate = 1.50",
		"/a:top/interface[name='eth0']/counters/in = 5",
		"/a:top/interface[name='eth0']/unit[id='1'][kind='a:vlan']/note = one",
		"/a:top/interface[name='eth0']/unit[id='2'][kind='b:tunnel']/note = two",
		"/a:top/interface[name='eth0']/b:extra = more",
		"/a:top/interface[name='eth1']/type = b:tunnel",
		"/a:top/interface[name='eth1']/enabled = false",
		"/a:top/interface[name='eth1']/tag = green",
		"/a:top/interface[name='lo']",
		"/a:top/step[n='z']",
		"/a:top/step[n='a']",
		"/a:top/step[n='m']",
		"/a:top/main = eth0",
		"/a:top/unit = 2",
		"/a:top/which = /a:top/interface[name='eth1']/enabled",
		"/b:other/ref = eth1",
	)
}

// show writes a value: paths of nodes one after the other, or text.
func show(v xpath.Value) string {
	if v.Kind != xpath.NodeSet {
		return v.String()
	}
	var out []string
	for _, n := range v.Ordered() {
		out = append(out, strings.TrimPrefix(n.Path().String(), "/a:top"))
	}
	return strings.Join(out, " ")
}

func TestEval(t *testing.T) {
	s := testSchema(t)
	doc := testTree(t, s)
	eth0 := "/a:top/interface[name='eth0']"
	for _, c := range []struct{ at, text, want string }{
		// numbers, strings, booleans
		{"", "1 + 2 * 3 - 4 div 2", "5"},
		{"", "7 mod 3 + -7 mod 3", "0"},
		{"", "5.5 mod 2", "1.5"},
		{"", "- -3", "3"},
		{"", "-(3)", "-3"},
		{"", "1 div 0", "Infinity"},
		{"", "-1 div 0", "-Infinity"},
		{"", "0 div 0", "NaN"},
		{"", "0 div 0 = 0 div 0", "false"},
		{"", "1000000000000 * 1000000000000", "1000000000000000000000000"},
		{"", "0.1", "0.1"},
		{"", "string(-0)", "0"},
		{"", "1 < 2 and 2 <= 2 and 3 > 2 and 3 >= 3", "true"},
		{"", "1 = 1 != false()", "true"},
		{"", "'a' < 'b'", "false"},
		{"", "'1' < '2'", "true"},
		{"", "'1' = 1", "true"},
		{"", "'1.0' = '1'", "false"},
		{"", "true() = 'x'", "true"},
		{"", "false() or not(true()) or 'x'", "true"},
		{"", "boolean(0) or boolean('') or boolean(/a:nothing)", "false"},
		{"", "boolean('false')", "true"},
		{"", "number('  12.5 ')", "12.5"},
		{"", "number('1e3')", "NaN"},
		{"", "number('+1')", "NaN"},
		{"", "number('')", "NaN"},
		{"", "number(true())", "1"},
		{"", "floor(-1.5) + ceiling(-1.5) + round(-1.5) + round(2.5)", "-1"},
		{"", "round(0.49999999999999994)", "0"},
		{"", "concat('a', 1, true())", "a1true"},
		{"", "substring('12345', 2, 3)", "234"},
		{"", "substring('12345', 1.5, 2.6)", "234"},
		{"", "substring('12345', 0, 3)", "12"},
		{"", "substring('12345', 0 div 0, 3)", ""},
		{"", "substring('12345', -42, 1 div 0)", "12345"},
		{"", "substring('héllo', 2, 2)", "él"},
		{"", "substring('12345', 2)", "2345"},
		{"", "substring-before('1999/04/01', '/')", "1999"},
		{"", "substring-before('x', '/')", ""},
		{"", "substring-after('1999/04/01', '/')", "04/01"},
		{"", "starts-with('abc', 'ab') and contains('abc', 'bc') and not(contains('abc', 'x'))", "true"},
		{"", "string-length('héllo')", "5"},
		{"", "normalize-space('  a  b\n')", "a b"},
		{"", "translate('bar', 'abc', 'AB')", "BAr"},
		{"", "translate('--aaa--', 'abc-', 'ABC')", "AAA"},
		{"", `"it's"`, "it's"},

		// paths and axes
		{"", "/a:top/a:interface/a:name", "/interface[name='eth0']/name /interface[name='eth1']/name /interface[name='lo']/name"},
		{"", "a:top/a:step", "/step[n='z'] /step[n='a'] /step[n='m']"},
		{"", "a:top/a:step[2]", "/step[n='a']"},
		{"", "a:top/a:step[last()]", "/step[n='m']"},
		{"", "a:top/a:step[position() < 3]", "/step[n='z'] /step[n='a']"},
		{"", "a:top/a:step[a:n='m']/preceding-sibling::a:step[1]", "/step[n='a']"},
		{"", "a:top/a:step[a:n='m']/preceding-sibling::a:step", "/step[n='z'] /step[n='a']"},
		{"", "string(a:top/a:step[a:n='m']/preceding-sibling::a:step)", "z"},
		{"", "a:top/a:step[1]/following-sibling::a:step", "/step[n='a'] /step[n='m']"},
		{"", "//a:unit/a:note", "/interface[name='eth0']/unit[id='1'][kind='a:vlan']/note /interface[name='eth0']/unit[id='2'][kind='b:tunnel']/note"},
		{"", "//a:note[1]", "/interface[name='eth0']/unit[id='1'][kind='a:vlan']/note /interface[name='eth0']/unit[id='2'][kind='b:tunnel']/note"},
		{"", "(//a:note)[1]", "/interface[name='eth0']/unit[id='1'][kind='a:vlan']/note"},
		{"", "(//a:note)[last()]", "/interface[name='eth0']/unit[id='2'][kind='b:tunnel']/note"},
		{"", "count(//a:name)", "3"},
		{"", "count(//*[local-name() = 'mtu'])", "3"},
		{"", "count(//b:*)", "3"},
		{"", "count(/a:top/a:interface/@*)", "0"},
		{"", "count(/descendant-or-self::node()) > 20", "true"},
		{"", "count(/a:top/a:interface[1]/a:name/text())", "1"},
		{"", "/", "/"},
		{"", "count(/)", "1"},
		{eth0 + "/counters/in", "../../name | ../../mtu | .", "/interface[name='eth0']/name /interface[name='eth0']/mtu /interface[name='eth0']/counters/in"},
		{eth0 + "/counters/in", "ancestor::*[1]", "/interface[name='eth0']/counters"},
		{eth0 + "/counters/in", "count(ancestor::node())", "4"},
		{eth0 + "/counters/in", "ancestor-or-self::a:interface/name", "/interface[name='eth0']/name"},
		{eth0 + "/counters/in", "following::a:note", "/interface[name='eth0']/unit[id='1'][kind='a:vlan']/note /interface[name='eth0']/unit[id='2'][kind='b:tunnel']/note"},
		{eth0 + "/counters/in", "preceding::a:speed", "/interface[name='eth0']/speed"},
		{eth0 + "/counters", "self::a:counters | self::a:other", "/interface[name='eth0']/counters"},
		{eth0 + "/counters", "*", "/interface[name='eth0']/counters/in /interface[name='eth0']/counters/out"},
		{eth0 + "/name", "../tag", "/interface[name='eth0']/tag[.='red'] /interface[name='eth0']/tag[.='green']"},
		{eth0 + "/name", "../tag[.='green']", "/interface[name='eth0']/tag[.='green']"},
		{eth0 + "/name", "string(../tag)", "red"},
		{eth0 + "/name", "sum(../counters/*)", "12"},
		{eth0 + "/name", "string(../counters)", "57"},
		{eth0, "mtu", "/interface[name='eth0']/mtu"},
		{eth0, "b:mtu", ""},
		{eth0, "name(b:extra)", "b:extra"},
		{eth0, "namespace-uri(b:extra)", "urn:b"},
		{eth0, "extra", ""},
		{eth0, "a:mtu = 9000 and ../interface[name='lo']/mtu = 1500", "true"}, // a default
		{eth0, "../interface[mtu < 9000]/name", "/interface[name='eth1']/name /interface[name='lo']/name"},
		{eth0, "../interface/mtu != ../interface/mtu", "true"},
		{eth0, "../interface/name = ../../b:other/b:ref", "true"},
		{eth0, "../interface/mtu > ../interface/mtu", "true"},
		{eth0, "name < name", "false"},
		{eth0, "../np/y", "/np/y"},
		{eth0, "boolean(../p) or ../p/x", "false"},
		{eth0, "string(../c1)", "first"},
		{eth0, "rate", "/interface[name='eth0']/rate"},
		{eth0, "string(rate)", "1.5"},
		{eth0, "rate * 2", "3"},

		// list index
		{eth0, "../interface[name=current()/../main]/mtu", "/interface[name='eth0']/mtu"},
		{eth0, "../interface['eth1' = name and enabled='false']", "/interface[name='eth1']"},
		{eth0, "../interface[name='eth1'][enabled='true']", ""},
		{eth0, "../interface[name='none']", ""},
		{eth0, "../interface[name=../main]", "/interface[name='eth0']"},
		{eth0, "../interface[name=current()/../step/n]", ""},
		{eth0, "../interface[name=../interface/name]", "/interface[name='eth0'] /interface[name='eth1'] /interface[name='lo']"},
		{eth0, "unit[id=2][kind='b:tunnel']", "/interface[name='eth0']/unit[id='2'][kind='b:tunnel']"},
		{eth0, "unit[kind='a:vlan' and id='1']/note", "/interface[name='eth0']/unit[id='1'][kind='a:vlan']/note"},
		{eth0, "unit[id='1']/note", "/interface[name='eth0']/unit[id='1'][kind='a:vlan']/note"},
		{eth0, "unit[2][id='2'][kind='b:tunnel']/note", "/interface[name='eth0']/unit[id='2'][kind='b:tunnel']/note"},
		{eth0, "unit[1][id='2'][kind='b:tunnel']/note", ""},
		{eth0, "unit[id='2'][kind='b:tunnel'][1]/note", "/interface[name='eth0']/unit[id='2'][kind='b:tunnel']/note"},

		// RFC 7950 §10
		{eth0, "re-match(name, 'eth[0-9]+')", "true"},
		{eth0, "re-match(name, 'eth')", "false"},
		{eth0, "re-match(name, concat(substring(name, 1, 3), '\\d'))", "true"},
		{eth0, "derived-from(type, 'ethernet')", "true"},
		{eth0, "derived-from(type, 'a:gigabit')", "false"},
		{eth0, "derived-from-or-self(type, 'a:gigabit')", "true"},
		{eth0, "derived-from-or-self(../interface/type, 'b:tunnel')", "true"},
		{eth0, "derived-from(type, 'nothing')", "false"},
		{eth0, "derived-from(name, 'kind')", "false"},
		{eth0, "enum-value(speed)", "1000"},
		{eth0, "enum-value(name)", "NaN"},
		{eth0, "bit-is-set(flags, 'dhcp') and not(bit-is-set(flags, 'down'))", "true"},
		{eth0, "bit-is-set(../interface[name='lo']/flags, 'up')", "false"},
		{"/a:top/main", "deref(.)", "/interface[name='eth0']/name"},
		{"/a:top/main", "deref(.)/../mtu", "/interface[name='eth0']/mtu"},
		{"/a:top/unit", "deref(.)/../note", "/interface[name='eth0']/unit[id='2'][kind='b:tunnel']/note"},
		{"/a:top/which", "deref(.)", "/interface[name='eth1']/enabled"},
		{"/a:top/main", "deref(../np/y)", ""},
		{eth0, "type = 'a:gigabit' and ../interface/type = 'b:tunnel'", "true"},
		{eth0, "type = 'gigabit'", "false"}, // the string value has a prefix
		{eth0, "string(type)", "a:gigabit"},
		{"/a:top/main", "current() = 'eth0' and ../interface[name=current()]/mtu = 9000", "true"},
	} {
		n := xpath.Root(doc)
		if c.at != "" {
			p, _, err := s.Resolve(c.at)
			if err != nil {
				t.Fatal(err)
			}
			n = xpath.Find(doc, p)
		}
		// The module has both prefixes, as if a imported b.
		lexical := *s.Module("a")
		lexical.Prefixes = map[string]string{"a": "a", "b": "b"}
		x, err := xpath.Compile(schema.Expr{Text: c.text, Lexical: &lexical}, n.Schema())
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		v, err := x.Eval(doc, n)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if got := show(v); got != c.want {
			t.Errorf("at %s, %s = %q, want %q", c.at, c.text, got, c.want)
		}
	}
}

func TestCompileErrors(t *testing.T) {
	s := testSchema(t)
	for text, want := range map[string]string{
		"":                         "a node name is expected",
		"1 +":                      "a node name is expected",
		"a:":                       "unexpected",
		"a:1":                      "a name is expected",
		"zz:top":                   `prefix "zz" is not declared`,
		"zz:*":                     `prefix "zz" is not declared`,
		"'open":                    "not closed",
		"foo(1)":                   `no function "foo"`,
		"a:count(1)":               `no function`,
		"count()":                  "takes 1 argument",
		"count(1)":                 "node-set",
		"sum('x')":                 "node-set",
		"1 | 2":                    "node-sets only",
		"'a'/b":                    "no node-set",
		"(1)[1]":                   "no node-set",
		"a b":                      "an operator is expected",
		"a]":                       "goes on after its end",
		"a[1":                      "a ] is expected",
		"(a":                       "a ) is expected",
		"$v":                       "no variables",
		"nope::a":                  `no axis "nope"`,
		"re-match(., '[')":         "not closed",
		"a # b":                    "unexpected",
		"///a":                     "a node name is expected",
		"a/[1]":                    "a node name is expected",
		strings.Repeat("(", 1000):  "nested deeper",
		strings.Repeat("a[", 1000): "nested deeper",
		strings.Repeat("1+", 5000): "operators in a row",
		strings.Repeat("a", 70000): "limit",
	} {
		_, err := xpath.Compile(schema.Expr{Text: text, Lexical: s.Module("a")}, s.Root)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.30q: %v, want %q", text, err, want)
		}
	}
}

// The list's index answers key predicates: no more nodes are looked at among
// many entries than among few.
func TestKeyPredicateCost(t *testing.T) {
	s := testSchema(t)
	var lines []string
	for i := range 2000 {
		lines = append(lines, fmt.Sprintf("/a:top/interface[name='e%d']", i))
	}
	doc := build(t, s, append(lines, "/a:top/main = e1999")...)
	for _, text := range []string{
		"/a:top/a:interface[a:name='e1999']/a:mtu",
		"/a:top/a:interface[a:name=current()]/a:mtu",
		"/a:top/a:interface[current()=a:name and a:enabled='true']/a:mtu",
	} {
		main := xpath.Find(doc, s.Root.Data[0].SchemaPath().Child(path.Elem{Module: "a", Name: "main"}))
		x, err := xpath.Compile(schema.Expr{Text: text, Lexical: s.Module("a")}, main.Schema())
		if err != nil {
			t.Fatal(err)
		}
		allocs := testing.AllocsPerRun(10, func() {
			if v, err := x.Eval(doc, main); err != nil || len(v.Nodes) != 1 {
				t.Errorf("%s: %v %v", text, v.Nodes, err)
			}
		})
		if allocs > 60 {
			t.Errorf("%s: %g allocations; the index was not used", text, allocs)
		}
	}
}

func TestEvalIsBounded(t *testing.T) {
	s := testSchema(t)
	var lines []string
	for i := range 300 {
		lines = append(lines, fmt.Sprintf("/a:top/interface[name='e%d']", i))
	}
	doc := build(t, s, lines...)
	_, err := xpath.Select(doc, "//*[count(//*[count(//*) > 0]) > 0]", s.ModuleNames())
	if err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("got %v", err)
	}
}

func TestReads(t *testing.T) {
	s := testSchema(t)
	for _, c := range []struct {
		ctx, text string
		want      []string // node < common
	}{
		{"/a:top/interface/counters", "../mtu > 5", []string{"/a:top/interface < /a:top/interface", "/a:top/interface/mtu < /a:top/interface"}},
		{"/a:top/interface/counters", "in", []string{"/a:top/interface/counters/in < /a:top/interface/counters"}},
		{"/a:top/main", "/a:top/a:np", []string{"/a:top < /", "/a:top/np < /", "/a:top/np/y < /"}},
		{"/a:top/main", "not(/a:top/a:np)", []string{"/a:top < /", "/a:top/np < /"}},
		{"/a:top/main", "../interface[name=current()]/mtu = 1",
			[]string{"/a:top < /a:top", "/a:top/interface < /a:top", "/a:top/interface/name < /a:top",
				"/a:top/main < /a:top/main", "/a:top/interface/mtu < /a:top"}},
		{"/a:top/np", "../c1", []string{"/a:top < /a:top", "/a:top/c1 < /a:top", "/a:top/c2 < /a:top"}},
		{"/a:top/main", "deref(.)/../mtu = 5", []string{"/a:top/main < /a:top/main", "/a:top < /", "/a:top/interface < /",
			"/a:top/interface/name < /", "/a:top/interface/mtu < /"}},
		{"/a:top/np", "//a:note = 1", []string{"/a:top/interface/unit/note < /"}},
	} {
		p, ctx, err := s.Resolve(c.ctx)
		if err != nil {
			t.Fatal(p, err)
		}
		x, err := xpath.Compile(schema.Expr{Text: c.text, Lexical: s.Module("a")}, ctx)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range x.Reads() {
			got = append(got, r.Node.SchemaPath().String()+" < "+r.Common.SchemaPath().String())
		}
		slices.Sort(got)
		slices.Sort(c.want)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s at %s reads\n %s\nwant\n %s", c.text, c.ctx, strings.Join(got, "\n "), strings.Join(c.want, "\n "))
		}
	}
}

type prefixes map[string]string

func (p prefixes) Module(prefix string) (string, bool) { m, ok := p[prefix]; return m, ok }

func TestSelect(t *testing.T) {
	s := testSchema(t)
	doc := testTree(t, s)
	ns := prefixes{"x": "a", "y": "b"}
	for text, want := range map[string]string{
		"/x:top/x:interface[x:name='eth1']":    "/a:top/interface[name='eth1']",
		"/top/interface[name='eth1']/type":     "/a:top/interface[name='eth1']/type",
		"/top/interface[type='y:tunnel']/name": "/a:top/interface[name='eth1']/name",
		"//y:extra":                            "/a:top/interface[name='eth0']/b:extra",
		"/x:top/x:interface/x:tag[.='red']":    "/a:top/interface[name='eth0']/tag[.='red']",
		"/x:top/x:main | /y:other":             "/a:top/main /b:other",
		"/x:nothing":                           "",
		"/x:top/x:main/text()":                 "/a:top/main",
		"/z:top":                               `!prefix "z" is not declared`,
		"1 + 1":                                "!selects no nodes",
		"  ":                                   "!is empty",
		"/x:top/x:interface[re-match(x:name, '[')]":    "!not closed",
		"/x:top/x:interface[re-match(x:name, x:name)]": "/a:top/interface[name='eth0'] /a:top/interface[name='eth1'] /a:top/interface[name='lo']",
	} {
		ps, err := xpath.Select(doc, text, ns)
		if wrong, isError := strings.CutPrefix(want, "!"); isError {
			if err == nil || !strings.Contains(err.Error(), wrong) {
				t.Errorf("%s: %v, want %q", text, err, wrong)
			}
			continue
		}
		var got []string
		for _, p := range ps {
			got = append(got, p.String())
		}
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%s selects %v, %v; want %s", text, got, err, want)
		}
	}
}

// Expressions from clients neither panic nor take long.
func FuzzXPath(f *testing.F) {
	s := testSchema(f)
	doc := testTree(f, s)
	ns := prefixes{"a": "a", "b": "b"}
	interfacePath, _, err := s.Resolve("/a:top/interface[name='eth0']")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 200 {
			return
		}
		_, _ = xpath.Select(doc, text, ns)
		n := xpath.Find(doc, interfacePath)
		x, err := xpath.Compile(schema.Expr{Text: text, Lexical: s.Module("b")}, n.Schema())
		if err != nil {
			return
		}
		v, err := x.Eval(doc, n)
		if err == nil {
			_ = v.String()
			_ = v.Bool()
			if f := v.Number(); math.IsNaN(f) && v.Kind == xpath.Boolean {
				t.Error("a boolean is not a number")
			}
		}
	})
}

func BenchmarkEval(b *testing.B) {
	s := testSchema(b)
	var lines []string
	for i := range 1000 {
		lines = append(lines, fmt.Sprintf("/a:top/interface[name='e%d']/type = a:gigabit", i))
	}
	doc := build(b, s, append(lines, "/a:top/main = e999")...)
	p, _, _ := s.Resolve("/a:top/main")
	main := xpath.Find(doc, p)
	for name, text := range map[string]string{
		"relative": "../main = 'e999'",
		"key":      "/a:top/a:interface[a:name=current()]/a:type = 'a:gigabit'",
		"derived":  "derived-from(/a:top/a:interface[a:name=current()]/a:type, 'a:kind')",
		"scan1000": "count(/a:top/a:interface[a:mtu > 1])",
	} {
		b.Run(name, func(b *testing.B) {
			x, err := xpath.Compile(schema.Expr{Text: text, Lexical: s.Module("a")}, main.Schema())
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if ok, err := x.Bool(doc, main); !ok || err != nil {
					b.Fatal(ok, err)
				}
			}
		})
	}
}
