package tree_test

import (
	"testing"

	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// testSchema is this module, made by hand so that the test needs no compiler:
//
//	module t {
//	  container interfaces { list interface { key name; leaf name; container config {
//	    leaf name; leaf type { enumeration }; leaf mtu { default 1500 }; leaf enabled { default true }; leaf description; }
//	    container state { config false; leaf-list log; list sample { leaf at } } } }
//	  list rule { key "group id"; ordered-by user; leaf id; leaf group; leaf action; leaf-list port { ordered-by user } }
//	  container box { presence; leaf-list tag; leaf-list level { default 1 2 } anydata blob;
//	    choice way { default slow; case fast { leaf speed { default 9 }; container turbo { leaf boost { default 3 } } }
//	      case slow { leaf delay { default 5 }; choice why { default b; leaf a { default 1 } leaf b { default 2 } } } } }
//	}
func testSchema() *schema.Schema {
	m := &schema.Module{Name: "t", Namespace: "urn:t", Prefix: "t", Implemented: true}
	str := &schema.Type{Kind: schema.String, Name: "string"}
	num := &schema.Type{Kind: schema.Uint32, Name: "uint32"}
	boolean := &schema.Type{Kind: schema.Boolean, Name: "boolean"}
	enum := &schema.Type{Kind: schema.Enumeration, Enums: []schema.Enum{{Name: "ethernet"}, {Name: "loopback", Value: 1}}}
	node := func(k schema.Kind, name string, kids ...*schema.Node) *schema.Node {
		n := &schema.Node{Kind: k, Name: name, Module: m, Config: true, Children: kids}
		return n
	}
	leaf := func(name string, t *schema.Type, defaults ...string) *schema.Node {
		n := node(schema.Leaf, name)
		n.Type = t
		for _, d := range defaults {
			n.Defaults = append(n.Defaults, schema.Value{Type: t, Text: d})
		}
		return n
	}
	leafList := func(name string, t *schema.Type, defaults ...string) *schema.Node {
		n := leaf(name, t, defaults...)
		n.Kind = schema.LeafList
		return n
	}
	user := func(n *schema.Node) *schema.Node { n.UserOrdered = true; return n }
	var state func(n *schema.Node) *schema.Node
	state = func(n *schema.Node) *schema.Node {
		n.Config = false
		for _, c := range n.Children {
			state(c)
		}
		return n
	}
	list := func(n *schema.Node, keys ...*schema.Node) *schema.Node { n.Keys = keys; return n }
	choice := func(name string, def int, cases ...*schema.Node) *schema.Node {
		n := node(schema.Choice, name, cases...)
		n.DefaultCase = cases[def]
		return n
	}

	name := leaf("name", str)
	iface := list(node(schema.List, "interface", name,
		node(schema.Container, "config", leaf("name", str), leaf("type", enum), leaf("mtu", num, "1500"),
			leaf("enabled", boolean, "true"), leaf("description", str)),
		state(node(schema.Container, "state", leafList("log", str),
			list(node(schema.List, "sample", leaf("at", num)))))), name)
	id, group := leaf("id", num), leaf("group", str)
	rule := user(list(node(schema.List, "rule", id, group, leaf("action", str), user(leafList("port", num))), group, id))
	box := node(schema.Container, "box", leafList("tag", str), leafList("level", num, "1", "2"),
		node(schema.AnyData, "blob"),
		choice("way", 1,
			node(schema.Case, "fast", leaf("speed", num, "9"), node(schema.Container, "turbo", leaf("boost", num, "3"))),
			node(schema.Case, "slow", leaf("delay", num, "5"),
				choice("why", 1, node(schema.Case, "a", leaf("a", num, "1")), node(schema.Case, "b", leaf("b", num, "2"))))))
	box.Presence = true
	return schema.New(node(schema.Container, "", node(schema.Container, "interfaces", iface), rule, box), []*schema.Module{m})
}

// at resolves an instance-identifier.
func at(t testing.TB, s *schema.Schema, text string) path.Path {
	t.Helper()
	p, _, err := s.Resolve(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// value parses the value of the leaf that text names.
func value(t testing.TB, s *schema.Schema, text, v string) schema.Value {
	t.Helper()
	_, def, err := s.Resolve(text)
	if err != nil {
		t.Fatal(err)
	}
	got, err := def.Parse(v, s.ModuleNames())
	if err != nil {
		t.Fatal(err)
	}
	return got
}
