package tree_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// Parts of entries that are put in together lead where each of them alone does, where
// there is such an entry, and leave the tree that they were put into as it was.
func TestEditWithin(t *testing.T) {
	s := testSchema()
	list := at(t, s, "/t:interfaces/interface")
	rng := rand.New(rand.NewPCG(3, 4))
	base := tree.New(s)
	for range 200 {
		before := text(base)
		one, many := base.Txn(), base.Txn()
		var edits []tree.EntryEdit
		var within path.Path
		for range rng.IntN(40) {
			name := fmt.Sprint(rng.IntN(30))
			entry := at(t, s, "/t:interfaces/interface[name='"+name+"']")
			if rng.IntN(8) == 0 {
				for _, x := range []*tree.Txn{one, many} {
					if err := x.Ensure(entry); err != nil {
						t.Fatal(err)
					}
				}
			}
			leaf := "/t:interfaces/interface[name='" + name + "']/config/mtu"
			part := at(t, s, leaf).Parent()
			within = part[len(entry):]
			edits = append(edits, tree.EntryEdit{
				Keys: []string{name},
				Node: tree.New(s).Set(at(t, s, leaf), value(t, s, leaf, fmt.Sprint(rng.IntN(1000)))).Node(part),
			})
		}
		if within == nil {
			continue
		}
		for _, e := range edits {
			entry := list.Parent().Child(path.Elem{Module: list.Last().Module, Name: list.Last().Name, Keys: []path.Key{{Name: "name", Value: e.Keys[0]}}})
			if one.Node(entry) == nil {
				continue
			}
			if err := one.Replace(append(entry, within...), e.Node); err != nil {
				t.Fatal(err)
			}
		}
		done, err := many.EditWithin(list, within, edits)
		if err != nil {
			t.Fatal(err)
		}
		for i, d := range done {
			if i > 0 && done[i-1].Keys[0] >= d.Keys[0] || many.Node(list).Entry(d.Keys...).Child(d.Node.Schema()) != d.Node {
				t.Fatalf("%v is not what is there, or out of order", d)
			}
		}
		if got, want := text(many.Tree()), text(one.Tree()); got != want {
			t.Fatalf("of\n%s%v made\n%swant\n%s", before, edits, got, want)
		}
		if got, want := differences(base, many.Tree()), differences(base, one.Tree()); got != want {
			t.Fatalf("the difference is\n%swant\n%s", got, want)
		}
		if after := text(base); after != before {
			t.Fatal("the tree itself has changed")
		}
		base = many.Tree()
		if _, err := many.EditWithin(list, within, edits[len(edits)-1:]); err != nil || many.Tree().Root() != base.Root() && text(many.Tree()) != text(base) {
			t.Fatalf("what is there already has changed something: %v", err)
		}
	}
}

// A part that cannot be put in is refused with all that are beside it.
func TestEditWithinRefuses(t *testing.T) {
	s := testSchema()
	leaf := "/t:interfaces/interface[name='a']/config/mtu"
	mtu := at(t, s, leaf)
	base := tree.New(s).Set(mtu, value(t, s, leaf, "1"))
	x := base.Txn()
	bare := base.Txn()
	if _, err := bare.Delete(mtu); err != nil {
		t.Fatal(err)
	}
	entry := bare.Tree().Node(mtu[:2])
	empty := entry.ChildOrDefault(entry.Schema().Child("t", "config"))
	good := tree.EntryEdit{Keys: []string{"a"}, Node: tree.New(s).Set(mtu, value(t, s, leaf, "2")).Node(mtu.Parent())}
	list, config := at(t, s, "/t:interfaces/interface"), mtu[len(mtu)-2:len(mtu)-1]
	for name, tt := range map[string]struct {
		at, within path.Path
		edit       tree.EntryEdit
	}{
		"no list":             {at(t, s, "/t:interfaces"), config, good},
		"one entry":           {mtu[:2], config, good},
		"ordered by the user": {at(t, s, "/t:rule"), config, good},
		"not in a schema":     {path.Path{{Module: "t", Name: "no"}}, config, good},
		"all of it":           {list, nil, good},
		"nothing within":      {list, path.Path{{Module: "t", Name: "no"}}, good},
		"a leaf":              {list, mtu[len(mtu)-2:], good},
		"too many keys":       {list, config, tree.EntryEdit{Keys: []string{"a", "b"}, Node: good.Node}},
		"something else":      {list, config, tree.EntryEdit{Keys: []string{"a"}, Node: base.Node(mtu)}},
		"no part":             {list, config, tree.EntryEdit{Keys: []string{"a"}}},
		"nothing in it":       {list, config, tree.EntryEdit{Keys: []string{"a"}, Node: empty}},
	} {
		if _, err := x.EditWithin(tt.at, tt.within, []tree.EntryEdit{good, tt.edit}); err == nil {
			t.Errorf("%s: it was done", name)
		}
	}
	if got := text(x.Tree()); got != text(base) {
		t.Errorf("what was refused has left\n%s", got)
	}
}
