package tree_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// Changes of entries that are made together lead where each of them alone does, and
// leave the tree that they were made on as it was.
func TestEditEntries(t *testing.T) {
	s := testSchema()
	for name, list := range map[string]struct{ at, leaf string }{
		"system": {"/t:interfaces/interface[name='%s']", "/config/mtu"},
		"user":   {"/t:rule[group='g'][id='%s']", "/action"},
	} {
		t.Run(name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, 2))
			both := tree.New(s)
			for range 200 {
				before := text(both)
				one, many := both.Txn(), both.Txn()
				var edits []tree.EntryEdit
				var p path.Path
				keys := 1 + rng.IntN(60)
				for range rng.IntN(2 + rng.IntN(100)) {
					entry := fmt.Sprintf(list.at, fmt.Sprint(rng.IntN(keys)))
					p = at(t, s, entry)
					if rng.IntN(3) == 0 {
						var keys []string
						for _, k := range p.Last().Keys {
							keys = append(keys, k.Value)
						}
						edits = append(edits, tree.EntryEdit{Keys: keys})
						if _, err := one.Delete(p); err != nil {
							t.Fatal(err)
						}
						continue
					}
					made := tree.New(s).Set(at(t, s, entry+list.leaf), value(t, s, entry+list.leaf, fmt.Sprint(rng.IntN(1000)))).Node(p)
					edits = append(edits, tree.EntryEdit{Node: made})
					if err := one.Replace(p, made); err != nil {
						t.Fatal(err)
					}
				}
				if p == nil {
					continue
				}
				p = p.Parent().Child(path.Elem{Module: p.Last().Module, Name: p.Last().Name})
				if err := many.EditEntries(p, edits); err != nil {
					t.Fatal(err)
				}
				if got, want := text(many.Tree()), text(one.Tree()); got != want {
					t.Fatalf("of\n%s%v made\n%swant\n%s", before, edits, got, want)
				}
				if got, want := differences(both, many.Tree()), differences(both, one.Tree()); got != want {
					t.Fatalf("the difference is\n%swant\n%s", got, want)
				}
				for range tree.Diff(one.Tree(), many.Tree(), nil) {
					t.Fatal("trees that are equal differ")
				}
				if after := text(both); after != before {
					t.Fatal("the tree itself has changed")
				}
				both = many.Tree()
			}
		})
	}
}

// differences lists where two trees differ.
func differences(a, b tree.Tree) string {
	var out strings.Builder
	for c := range tree.Diff(a, b, nil) {
		fmt.Fprintln(&out, c.Path, c.Old != nil, c.New != nil)
	}
	return out.String()
}

// A change that cannot be made is refused with all that are beside it.
func TestEditEntriesRefuses(t *testing.T) {
	s := testSchema()
	x := tree.New(s).Txn()
	good := tree.New(s).Set(at(t, s, "/t:interfaces/interface[name='a']/config/mtu"),
		value(t, s, "/t:interfaces/interface[name='a']/config/mtu", "1")).Node(at(t, s, "/t:interfaces/interface[name='a']"))
	list := at(t, s, "/t:interfaces/interface")
	for name, tt := range map[string]struct {
		at   path.Path
		edit tree.EntryEdit
	}{
		"another list":    {at(t, s, "/t:rule"), tree.EntryEdit{Node: good}},
		"no list":         {at(t, s, "/t:interfaces"), tree.EntryEdit{Node: good}},
		"one entry":       {at(t, s, "/t:interfaces/interface[name='a']"), tree.EntryEdit{Node: good}},
		"too few keys":    {at(t, s, "/t:rule"), tree.EntryEdit{Keys: []string{"g"}}},
		"nothing":         {list, tree.EntryEdit{}},
		"not in a schema": {path.Path{{Module: "t", Name: "no"}}, tree.EntryEdit{Node: good}},
	} {
		if err := x.EditEntries(tt.at, []tree.EntryEdit{{Node: good}, tt.edit}); err == nil {
			t.Errorf("%s: it was done", name)
		}
	}
	if got := text(x.Tree()); got != "" {
		t.Errorf("what was refused has left\n%s", got)
	}
}
