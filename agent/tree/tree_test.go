package tree_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// text renders a tree as one line for each leaf, value and empty node, in order.
func text(t tree.Tree) string {
	var b strings.Builder
	render(&b, nil, t.Root())
	return b.String()
}

func render(b *strings.Builder, p path.Path, n *tree.Node) {
	if m := n.Meta(); m != nil {
		fmt.Fprintf(b, "%s @%s\n", p, m)
	}
	switch n.Schema().Kind {
	case schema.Leaf:
		fmt.Fprintf(b, "%s %s\n", p, n.Value().Text)
	case schema.LeafList:
		for _, v := range n.Values() {
			fmt.Fprintf(b, "%s += %s\n", p, v.Text)
		}
	case schema.AnyData:
		fmt.Fprintf(b, "%s %s\n", p, n.Opaque())
	case schema.List:
		if !n.IsEntry() {
			i := 0
			for e := range n.Entries() {
				i++
				elem := e.Elem()
				if len(e.Schema().Keys) == 0 {
					elem = e.Schema().Elem(fmt.Sprint(i))
				}
				render(b, p.Parent().Child(elem), e)
			}
			return
		}
		fallthrough
	default:
		if n.Len() == 0 && len(p) > 0 {
			fmt.Fprintf(b, "%s {}\n", p)
		}
		for c := range n.Children() {
			render(b, p.Child(c.Elem()), c)
		}
	}
}

// script runs one edit in each line: "set PATH VALUE", "delete PATH", "ensure
// PATH", "create PATH", "move PATH WHERE [KEY…]".
func script(t testing.TB, base tree.Tree, lines string) (tree.Tree, error) {
	t.Helper()
	x := base.Txn()
	for line := range strings.Lines(lines) {
		f := strings.Fields(line)
		if len(f) == 0 {
			continue
		}
		p := at(t, base.Schema(), f[1])
		var err error
		switch f[0] {
		case "set":
			v := ""
			if len(f) > 2 {
				v = f[2]
			}
			err = x.Set(p, value(t, base.Schema(), f[1], v))
		case "delete":
			_, err = x.Delete(p)
		case "ensure":
			err = x.Ensure(p)
		case "create":
			err = x.Create(p)
		case "move":
			where := map[string]tree.Where{"last": tree.Last, "first": tree.First, "before": tree.Before, "after": tree.After}
			err = x.Move(p, tree.Position{Where: where[f[2]], Point: f[3:]})
		default:
			t.Fatalf("no edit %q", f[0])
		}
		if err != nil {
			return base, err
		}
	}
	return x.Tree(), nil
}

func TestEdit(t *testing.T) {
	s := testSchema()
	for _, c := range []struct{ name, script, want string }{
		{"ancestors and keys are made", `
			set /t:interfaces/interface[name='eth0']/config/mtu 9000`, `
/t:interfaces/interface[name='eth0']/name eth0
/t:interfaces/interface[name='eth0']/config/mtu 9000`},
		{"emptied containers and lists vanish, entries stay", `
			set /t:interfaces/interface[name='a']/config/mtu 9000
			set /t:interfaces/interface[name='b']/config/mtu 9000
			delete /t:interfaces/interface[name='a']/config/mtu
			delete /t:interfaces/interface[name='b']`, `
/t:interfaces/interface[name='a']/name a`},
		{"the last entry takes the list along", `
			set /t:interfaces/interface[name='b']/config/mtu 9000
			delete /t:interfaces/interface[name='b']`, ``},
		{"what is absent can be deleted", `
			delete /t:interfaces/interface[name='b']/config
			delete /t:box`, ``},
		{"a presence container stands alone", `
			ensure /t:box
			ensure /t:interfaces`, `
/t:box {}`},
		{"the system sorts", `
			set /t:box/tag b
			set /t:box/tag a
			set /t:box/tag b
			ensure /t:interfaces/interface[name='y']
			ensure /t:interfaces/interface[name='x']`, `
/t:interfaces/interface[name='x']/name x
/t:interfaces/interface[name='y']/name y
/t:box/tag += a
/t:box/tag += b`},
		{"the user sorts", `
			ensure /t:rule[group='g'][id='2']
			ensure /t:rule[group='g'][id='1']
			ensure /t:rule[group='f'][id='1']
			move /t:rule[group='f'][id='1'] before g 1
			set /t:rule[group='f'][id='1']/port 2
			set /t:rule[group='f'][id='1']/port 1
			set /t:rule[group='f'][id='1']/port 3
			move /t:rule[group='f'][id='1']/port[.='3'] after 2`, `
/t:rule[group='g'][id='2']/group g
/t:rule[group='g'][id='2']/id 2
/t:rule[group='f'][id='1']/group f
/t:rule[group='f'][id='1']/id 1
/t:rule[group='f'][id='1']/port += 2
/t:rule[group='f'][id='1']/port += 3
/t:rule[group='f'][id='1']/port += 1
/t:rule[group='g'][id='1']/group g
/t:rule[group='g'][id='1']/id 1`},
		{"one value of a leaf-list", `
			set /t:box/tag a
			set /t:box/tag b
			delete /t:box/tag[.='a']`, `
/t:box/tag += b`},
		{"one case of a choice", `
			set /t:box/speed 1
			set /t:box/turbo/boost 2
			set /t:box/a 1
			set /t:box/delay 2
			set /t:box/b 3`, `
/t:box/delay 2
/t:box/b 3`},
		{"entries without keys", `
			set /t:interfaces/interface[name='a']/state/sample[1]/at 5
			set /t:interfaces/interface[name='a']/state/sample[2]/at 5
			set /t:interfaces/interface[name='a']/state/sample[3]/at 7
			delete /t:interfaces/interface[name='a']/state/sample[2]
			set /t:interfaces/interface[name='a']/state/log x
			set /t:interfaces/interface[name='a']/state/log x`, `
/t:interfaces/interface[name='a']/name a
/t:interfaces/interface[name='a']/state/log += x
/t:interfaces/interface[name='a']/state/log += x
/t:interfaces/interface[name='a']/state/sample[1]/at 5
/t:interfaces/interface[name='a']/state/sample[2]/at 7`},
		{"a key can be set to what it is", `
			set /t:interfaces/interface[name='a']/name a`, `
/t:interfaces/interface[name='a']/name a`},
		{"everything", `
			set /t:box/tag a
			delete /`, ``},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := script(t, tree.New(s), c.script)
			if err != nil {
				t.Fatal(err)
			}
			if diff := strings.TrimSpace(text(got)); diff != strings.TrimSpace(c.want) {
				t.Errorf("got\n%s\nwant%s", diff, c.want)
			}
		})
	}
}

func TestEditErrors(t *testing.T) {
	s := testSchema()
	base, err := script(t, tree.New(s), `
		ensure /t:interfaces/interface[name='a']
		ensure /t:rule[group='g'][id='1']
		ensure /t:box`)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		script, path string
		tag          fault.Tag
		message      string
	}{
		{"set /t:interfaces/interface[name='a']/name b", "/t:interfaces/interface[name='a']/name", fault.InvalidValue, `cannot be set to "b"`},
		{"delete /t:interfaces/interface[name='a']/name", "/t:interfaces/interface[name='a']/name", fault.BadElement, "delete its entry"},
		{"create /t:box", "/t:box", fault.DataExists, "exists already"},
		{"create /t:rule[group='g'][id='1']", "/t:rule[group='g'][id='1']", fault.DataExists, "exists already"},
		{"ensure /t:box/tag", "/t:box/tag", fault.BadElement, "by having a value"},
		{"move /t:interfaces/interface[name='a'] first", "/t:interfaces/interface[name='a']", fault.BadAttribute, "not ordered-by user"},
		{"move /t:rule[group='g'][id='2'] first", "/t:rule[group='g'][id='2']", fault.DataMissing, "does not exist"},
		{"move /t:rule[group='g'][id='1'] after g 7", "/t:rule[group='g'][id='1']", fault.BadAttribute, "stand before or after"},
		{"ensure /t:interfaces/interface[name='a']/state/sample[2]", "/t:interfaces/interface[name='a']/state/sample[2]", fault.DataMissing, "0 entries"},
	} {
		got, err := script(t, base, c.script)
		f, ok := errors.AsType[*fault.Error](err)
		if !ok || f.Tag != c.tag || f.Path.String() != c.path || !strings.Contains(f.Message, c.message) {
			t.Errorf("%s: %v", c.script, err)
		}
		if !tree.Equal(got.Root(), base.Root()) {
			t.Errorf("%s: the tree changed", c.script)
		}
	}
	x := base.Txn()
	for p, tag := range map[string]fault.Tag{
		"nothing": fault.UnknownElement, "box/nothing": fault.UnknownElement, "interfaces/interface/config": fault.MissingElement,
	} {
		var bad path.Path
		for name := range strings.SplitSeq(p, "/") {
			bad = append(bad, path.Elem{Module: "t", Name: name})
		}
		err := x.Ensure(bad)
		if f, ok := errors.AsType[*fault.Error](err); !ok || f.Tag != tag {
			t.Errorf("ensure %s: %v", bad, err)
		}
	}
	if err := x.Set(at(t, s, "/t:rule[group='g'][id='1']").Parent().Child(path.Elem{Module: "t", Name: "rule",
		Keys: []path.Key{{Name: "id", Value: "007"}, {Name: "group", Value: "g"}}}).Child(path.Elem{Module: "t", Name: "action"}),
		value(t, s, "/t:rule/action", "x")); err == nil || !strings.Contains(err.Error(), "canonical") {
		t.Errorf("a key that is not canonical: %v", err)
	}
}

// names lists the children with defaults, default ones with a star.
func names(n *tree.Node) string {
	var out []string
	for c := range n.ChildrenWithDefaults() {
		name := c.Schema().Name
		if c.IsDefault() {
			name += "*"
		}
		out = append(out, name)
	}
	return strings.Join(out, " ")
}

func TestDefaults(t *testing.T) {
	s := testSchema()
	for _, c := range []struct{ script, at, want string }{
		{"ensure /t:interfaces/interface[name='a']", "/t:interfaces/interface[name='a']", "name config*"},
		{"set /t:interfaces/interface[name='a']/config/mtu 1500", "/t:interfaces/interface[name='a']/config", "mtu enabled*"},
		{"ensure /t:box", "/t:box", "level* delay* b*"},
		{"set /t:box/level 7", "/t:box", "level delay* b*"},
		{"set /t:box/speed 1", "/t:box", "level* speed turbo*"},
		{"set /t:box/turbo/boost 1", "/t:box", "level* speed* turbo"},
		{"set /t:box/delay 1", "/t:box", "level* delay b*"},
		{"set /t:box/a 1", "/t:box", "level* delay* a"},
	} {
		got, err := script(t, tree.New(s), c.script)
		if err != nil {
			t.Fatal(err)
		}
		if names := names(got.Node(at(t, s, c.at))); names != c.want {
			t.Errorf("%s: got %s, want %s", c.script, names, c.want)
		}
	}
	got, _ := script(t, tree.New(s), "ensure /t:interfaces/interface[name='a']")
	if v, ok := got.Get(at(t, s, "/t:interfaces/interface[name='a']/config/mtu")); !ok || v.Text != "1500" {
		t.Errorf("mtu is %v %v", v, ok)
	}
	if v, ok := got.Get(at(t, s, "/t:interfaces/interface[name='b']/config/mtu")); ok {
		t.Errorf("an absent entry has mtu %v", v)
	}
	if v, ok := got.Get(at(t, s, "/t:box/delay")); ok {
		t.Errorf("an absent presence container has delay %v", v)
	}
}

func TestEntriesFrom(t *testing.T) {
	s := testSchema()
	base, err := script(t, tree.New(s), `
		ensure /t:rule[group='b'][id='1']
		ensure /t:rule[group='a'][id='1']
		ensure /t:rule[group='c'][id='1']
		ensure /t:interfaces/interface[name='b']
		ensure /t:interfaces/interface[name='a']
		ensure /t:interfaces/interface[name='d']`)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		list  string
		after []string
		want  string
	}{
		{"/t:rule", nil, "b a c"}, {"/t:rule", []string{"b", "1"}, "a c"}, {"/t:rule", []string{"c", "1"}, ""}, {"/t:rule", []string{"x", "1"}, ""},
		{"/t:interfaces/interface", nil, "a b d"}, {"/t:interfaces/interface", []string{"b"}, "d"}, {"/t:interfaces/interface", []string{"c"}, "d"},
	} {
		var got []string
		for e := range base.Node(at(t, s, c.list)).EntriesFrom(c.after) {
			got = append(got, e.Keys()[0])
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s after %v: %v, want %s", c.list, c.after, got, c.want)
		}
	}
}

func TestUnder(t *testing.T) {
	s := testSchema()
	base, err := script(t, tree.New(s), `
		set /t:rule[group='b'][id='1']/port 5
		set /t:interfaces/interface[name='b']/config/mtu 5
		set /t:interfaces/interface[name='a']/state/sample[1]/at 5`)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for p := range base.Under(nil) {
		got = append(got, p.String())
	}
	want := []string{
		"/t:interfaces/interface[name='a']/name", "/t:interfaces/interface[name='a']/state/sample[1]/at",
		"/t:interfaces/interface[name='b']/name", "/t:interfaces/interface[name='b']/config/mtu",
		"/t:rule[group='b'][id='1']/group", "/t:rule[group='b'][id='1']/id", "/t:rule[group='b'][id='1']/port",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

func TestMeta(t *testing.T) {
	s := testSchema()
	x := tree.New(s).Txn()
	if err := x.SetMeta(nil, []byte(`{"t:x":1}`)); err != nil {
		t.Fatal(err)
	}
	a := x.Tree()
	if err := x.Ensure(at(t, s, "/t:box")); err != nil {
		t.Fatal(err)
	}
	b := x.Tree()
	if string(b.Root().Meta()) != `{"t:x":1}` {
		t.Errorf("the edit lost the metadata: %q", b.Root().Meta())
	}
	if tree.Equal(a.Root(), tree.New(s).Root()) {
		t.Error("metadata makes no difference")
	}
	n := 0
	for c := range tree.Diff(a, tree.New(s), nil) {
		if n++; !c.Meta || len(c.Path) > 0 {
			t.Errorf("change %+v", c)
		}
	}
	if n != 1 {
		t.Errorf("%d changes", n)
	}
}
