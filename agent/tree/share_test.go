package tree_test

import (
	"fmt"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/yang/compile/compiletest"
)

const moduleRoutes = `
module m {
  namespace "urn:m"; prefix m;
  list route {
    key id;
    leaf id { type uint32; }
    container hops { list hop { key via; leaf via { type string; } leaf weight { type uint8; } } }
  }
  list seen { config false; leaf what { type string; } }
}`

// routes builds n routes over one and the same hop.
func routes(t *testing.T, s *schema.Schema, n int) tree.Tree {
	t.Helper()
	b := tree.NewBuilder()
	must := func(n *tree.Node, err error) *tree.Node {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	leaf := func(def *schema.Node, text string) *tree.Node {
		v, err := def.Parse(text, s.ModuleNames())
		if err != nil {
			t.Fatal(err)
		}
		return b.Leaf(def, v)
	}
	route := s.Root.Child("m", "route")
	hops := route.Child("", "hops")
	hop := hops.Child("", "hop")
	via, weight := leaf(hop.Child("", "via"), "gateway"), leaf(hop.Child("", "weight"), "7")
	entries := make([]*tree.Node, n)
	for i := range entries {
		e := must(b.Entry(hop, []*tree.Node{via, weight}))
		c := must(b.Container(hops, []*tree.Node{must(b.List(hop, []*tree.Node{e}))}))
		entries[i] = must(b.Entry(route, []*tree.Node{leaf(route.Keys[0], fmt.Sprint(i)), c}))
	}
	return tree.FromRoot(s, must(b.Container(s.Root, []*tree.Node{must(b.List(route, entries))})))
}

func TestWhatRepeatsIsShared(t *testing.T) {
	s := compiletest.Schema(t, moduleRoutes)
	before := routes(t, s, 1000)
	at := func(format string, args ...any) path.Path {
		p, _, err := s.Resolve(fmt.Sprintf(format, args...))
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	hops := map[*tree.Node]bool{}
	for i := 500; i < 1000; i++ { // in a small tree nothing is remembered
		hops[before.Node(at("/m:route[id='%d']/hops", i))] = true
	}
	if len(hops) > 50 {
		t.Fatalf("500 equal subtrees are %d", len(hops))
	}
	if before.Node(at("/m:route[id='800']")) == before.Node(at("/m:route[id='900']")) {
		t.Fatal("two entries are one")
	}
	// An edit of one changes none of the others: not of a leaf, not of a list.
	x := before.Txn()
	v := schema.Value{Type: s.Root.Child("m", "route").Child("", "hops").Child("", "hop").Child("", "weight").Type, Text: "9"}
	if err := x.Set(at("/m:route[id='800']/hops/hop[via='gateway']/weight"), v); err != nil {
		t.Fatal(err)
	}
	if err := x.Ensure(at("/m:route[id='801']/hops/hop[via='another']")); err != nil {
		t.Fatal(err)
	}
	if _, err := x.Delete(at("/m:route[id='802']/hops/hop[via='gateway']")); err != nil {
		t.Fatal(err)
	}
	after := x.Tree()
	var got []string
	for c := range tree.Diff(before, after, nil) {
		got = append(got, c.Path.String())
	}
	want := []string{
		"/m:route[id='800']/hops/hop[via='gateway']/weight",
		"/m:route[id='801']/hops/hop[via='another']",
		"/m:route[id='802']/hops",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("changed is %q, not %q", got, want)
	}
}

// Entries without keys are told apart by being different Nodes.
func TestEntriesWithoutKeysAreNotShared(t *testing.T) {
	s := compiletest.Schema(t, moduleRoutes)
	b := tree.NewBuilder()
	seen := s.Root.Child("m", "seen")
	what := b.Leaf(seen.Child("", "what"), schema.Value{Text: "it"})
	var last *tree.Node
	for range 1000 {
		e, err := b.Entry(seen, []*tree.Node{what})
		if err != nil {
			t.Fatal(err)
		}
		if e == last {
			t.Fatal("two entries are one")
		}
		last = e
	}
}
