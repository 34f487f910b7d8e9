package schema_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/yang/compile/compiletest"
)

const (
	moduleA = `module a {
	yang-version 1.1; namespace "urn:a"; prefix a;
	identity base; identity middle { base base; } identity leaf { base middle; } identity other;
	container top {
		list item {
			key "name number";
			leaf number { type uint8; }
			leaf name { type string; }
			choice kind { case one { leaf inside { type string; } } container two { leaf deep { type string; } } }
			action act { input { leaf x { type string; } } }
		}
		leaf-list tags { type int16; }
		list bare { config false; leaf x { type string; } }
		container wide {
			leaf l1 { type string; } leaf l2 { type string; } leaf l3 { type string; } leaf l4 { type string; }
			leaf l5 { type string; } leaf l6 { type string; } leaf l7 { type string; } leaf l8 { type string; }
			leaf l9 { type string; } leaf same { type string; }
		}
	}
	rpc do { output { leaf done { type empty; } } }
	notification told { leaf what { type string; } }
}`
	moduleB = `module b {
	namespace "urn:b"; prefix b;
	import a { prefix a; }
	augment /a:top { leaf added { type string; } }
	augment /a:top/a:wide { leaf same { type string; } leaf only { type string; } }
	identity mine { base a:leaf; }
}`
	moduleC = `module c {
	namespace "urn:c"; prefix c;
	import a { prefix a; }
	augment /a:top { leaf added { type string; } }
}`
)

func TestResolve(t *testing.T) {
	s := compiletest.Schema(t, moduleA, moduleB, moduleC)
	for _, tc := range []struct {
		text, want string
		kind       schema.Kind
	}{
		{"/", "/", schema.Container},
		{"/a:top", "/a:top", schema.Container},
		{"/a:top/item", "/a:top/item", schema.List},
		{"/a:top/a:item[number='7'][name='x']/inside", "/a:top/item[name='x'][number='7']/inside", schema.Leaf},
		{`/a:top/item[ a:name = "it's" ][number = '007']/two/deep`, `/a:top/item[name="it's"][number='7']/two/deep`, schema.Leaf},
		{`/a:top/item[name="\"'\\"][number='1']`, `/a:top/item[name="\"'\\"][number='1']`, schema.List},
		{"/a:top/tags[.='+05']", "/a:top/tags[.='5']", schema.LeafList},
		{"/a:top/bare[3]/x", "/a:top/bare[3]/x", schema.Leaf},
		{"/a:top/b:added", "/a:top/b:added", schema.Leaf},
		{"/a:top/wide/l9", "/a:top/wide/l9", schema.Leaf},
		{"/a:top/wide/same", "/a:top/wide/same", schema.Leaf},
		{"/a:top/wide/b:same", "/a:top/wide/b:same", schema.Leaf},
		{"/a:top/wide/only", "/a:top/wide/b:only", schema.Leaf},
	} {
		p, n, err := s.Resolve(tc.text)
		if err != nil {
			t.Errorf("%s: %v", tc.text, err)
			continue
		}
		if p.String() != tc.want || n.Kind != tc.kind {
			t.Errorf("%s: got %s, a %s; want %s, a %s", tc.text, p, n.Kind, tc.want, tc.kind)
		}
		found, err := s.Find(p)
		if err != nil || found != n {
			t.Errorf("Find(%s): %v, %v", p, found, err)
		}
	}
}

func TestResolveErrors(t *testing.T) {
	s := compiletest.Schema(t, moduleA, moduleB, moduleC)
	for _, tc := range []struct {
		text, want string
		tag        fault.Tag
	}{
		{"", "a path starts with /", fault.InvalidValue},
		{"a:top", "a step starts with /", fault.InvalidValue},
		{"/a:top/", "a node name is expected", fault.InvalidValue},
		{"/:top", "a module name stands before the colon", fault.InvalidValue},
		{"/a:top/nowhere", `no node "nowhere"; there are item, tags, bare, wide, b:added, c:added`, fault.UnknownElement},
		{"/a:top/added", `no node "added"`, fault.UnknownElement}, // of two modules
		{"/z:top", `no module "z" is served`, fault.UnknownNamespace},
		{"/a:top/tags/x", "it is a leaf-list and has no children", fault.UnknownElement},
		{"/a:do/done", `no node "a:do"`, fault.UnknownElement},
		{"/a:top/item[name='x']", `key "number" is missing; the list is keyed by name number`, fault.BadElement},
		{"/a:top/item[name='x'][name='y']", `key "name" stands twice`, fault.BadElement},
		{"/a:top/item[size='x']", `"size" is not a key`, fault.BadElement},
		{"/a:top/item[name='x'][number='256']", "key number", fault.InvalidValue},
		{"/a:top/item[name=x]", "a quoted value is expected", fault.InvalidValue},
		{"/a:top/item[name='x]", "the closing quote is missing", fault.InvalidValue},
		{"/a:top/item[name 'x']", "= is expected", fault.InvalidValue},
		{"/a:top/item[name='x'/y", "] is expected", fault.InvalidValue},
		{"/a:top[name='x']", "a container has no keys", fault.BadElement},
		{"/a:top/bare[x='1']", "named by its position", fault.BadElement},
		{"/a:top/tags[1]", "named by [.='value']", fault.BadElement},
	} {
		_, _, err := s.Resolve(tc.text)
		if err == nil {
			t.Errorf("%s: resolved; want %q", tc.text, tc.want)
			continue
		}
		if e := fault.All(err)[0]; e.Tag != tc.tag || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: got %s, %v; want %s, %q", tc.text, e.Tag, err, tc.tag, tc.want)
		}
	}
	if _, err := s.Find(path.Path{{Module: "a", Name: "top"}, {Module: "a", Name: "x"}}); err == nil {
		t.Error("Find finds what is not there")
	}
}

func TestNode(t *testing.T) {
	s := compiletest.Schema(t, moduleA, moduleB, moduleC)
	_, item, err := s.Resolve("/a:top/item")
	if err != nil {
		t.Fatal(err)
	}
	deep := item.Child("", "two").Child("a", "deep")
	var up []string
	for a := range deep.Ancestors() {
		up = append(up, a.Name)
	}
	if want := []string{"two", "item", "top", ""}; !slices.Equal(up, want) {
		t.Errorf("ancestors %q, want %q", up, want)
	}
	if deep.Parent.Parent.Kind != schema.Case || deep.Parent.DataParent != item {
		t.Error("a data parent is not the nearest that is no choice or case")
	}
	for i, name := range []string{"name", "number", "inside", "two"} {
		if item.Data[i].Name != name || item.Data[i].Index != i || item.Data[i].IsKey() != (i < 2) {
			t.Errorf("data child %d is %s, index %d, key %t", i, item.Data[i].Name, item.Data[i].Index, item.Data[i].IsKey())
		}
	}
	act := item.Statement(schema.Action, "a", "act")
	if got := act.Input().Child("a", "x").SchemaPath().String(); got != "/a:top/item/act/x" {
		t.Errorf("path in an action's input: %s", got)
	}
	if act.Output() == nil || len(act.Output().Data) != 0 {
		t.Error("an action has no empty output")
	}
	do := s.Root.Statement(schema.RPC, "a", "do")
	if do == nil || do.Output().Child("", "done") == nil {
		t.Error("no rpc do with its output")
	}
	if s.Root.Statement(schema.Notification, "b", "told") != nil {
		t.Error("a statement is found in the wrong module")
	}
	if e := item.Elem(); len(e.Keys) != 0 {
		t.Errorf("a step without keys has %v", e.Keys)
	}
}

func TestModulesAndIdentities(t *testing.T) {
	s := compiletest.Schema(t, moduleA, moduleB, moduleC)
	if s.Module("a") == nil || s.Module("z") != nil || s.ModuleByNamespace("urn:b") != s.Module("b") || s.ModuleByNamespace("urn:z") != nil {
		t.Error("modules are not found by name and namespace")
	}
	base, mine := s.Identity("a", "base"), s.Identity("b", "mine")
	if !mine.DerivedFrom(base) || base.DerivedFrom(mine) || base.DerivedFrom(base) || s.Identity("a", "other").DerivedFrom(base) {
		t.Error("derivation of identities is wrong")
	}
	if s.Identity("b", "base") != nil || s.Identity("z", "base") != nil {
		t.Error("an identity is found where there is none")
	}
}
