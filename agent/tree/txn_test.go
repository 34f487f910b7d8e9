package tree_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// TestMoveToOneSpot moves entries to the same place until there are no labels left
// between its neighbors, again and again.
func TestMoveToOneSpot(t *testing.T) {
	s := testSchema()
	x := tree.New(s).Txn()
	var want []string
	for i := range 5 {
		id := fmt.Sprint(i)
		if err := x.Ensure(at(t, s, "/t:rule[group='g'][id='"+id+"']")); err != nil {
			t.Fatal(err)
		}
		want = append(want, id)
	}
	for i := range 500 {
		where := []tree.Where{tree.After, tree.Before, tree.First, tree.Last}[i/125]
		id, point := want[len(want)-1], want[0]
		if where == tree.Last {
			id = want[0]
		}
		if err := x.Move(at(t, s, "/t:rule[group='g'][id='"+id+"']"), tree.Position{Where: where, Point: []string{"g", point}}); err != nil {
			t.Fatal(err)
		}
		want = slices.DeleteFunc(want, func(w string) bool { return w == id })
		switch where {
		case tree.After:
			want = slices.Insert(want, 1, id)
		case tree.Last:
			want = append(want, id)
		default:
			want = slices.Insert(want, 0, id)
		}
		var got []string
		for e := range x.Node(at(t, s, "/t:rule")).Entries() {
			got = append(got, e.Keys()[1])
		}
		if !slices.Equal(got, want) {
			t.Fatalf("after %d moves: %v, want %v", i+1, got, want)
		}
	}
}

// TestNodeInTwoPlaces puts what a Txn has made into a second place, and goes on
// editing the first.
func TestNodeInTwoPlaces(t *testing.T) {
	s := testSchema()
	x := tree.New(s).Txn()
	set := func(name, mtu string) {
		p := "/t:interfaces/interface[name='" + name + "']/config/mtu"
		if err := x.Set(at(t, s, p), value(t, s, p, mtu)); err != nil {
			t.Fatal(err)
		}
	}
	config := func(name string) *tree.Node {
		return x.Node(at(t, s, "/t:interfaces/interface[name='"+name+"']/config"))
	}
	set("a", "1")
	for i, put := range []func(name string) error{
		func(name string) error {
			return x.Replace(at(t, s, "/t:interfaces/interface[name='"+name+"']/config"), config("a"))
		},
		func(name string) error {
			return x.Merge(at(t, s, "/t:interfaces/interface[name='"+name+"']/config"), config("a"))
		},
	} {
		name := fmt.Sprint("copy", i)
		if err := put(name); err != nil {
			t.Fatal(err)
		}
		before := text(x.Tree())
		set("a", fmt.Sprint(100+i))
		if now := text(tree.FromRoot(s, config(name))); now == "" || before == text(x.Tree()) {
			t.Fatal("nothing changed")
		}
		mtu := s.Root.Child("", "interfaces").Child("", "interface").Child("", "config").Child("", "mtu")
		if got := config(name).Child(mtu).Value().Text; got == config("a").Child(mtu).Value().Text {
			t.Errorf("%s follows the first: %s", name, got)
		}
	}
}

// TestReadersBesideAWriter reads trees while newer ones are made of them; the race
// detector watches.
func TestReadersBesideAWriter(t *testing.T) {
	s := testSchema()
	base := interfaces(t, s, 200)
	want := text(base)
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			if got := text(base); got != want {
				t.Error("the tree that is read has changed")
			}
			for range tree.Diff(base, tree.New(s), nil) {
				break
			}
		})
	}
	x := base.Txn()
	for i := range 200 {
		p := fmt.Sprintf("/t:interfaces/interface[name='eth%d']/config/mtu", i)
		if err := x.Set(at(t, s, p), value(t, s, p, "9000")); err != nil {
			t.Fatal(err)
		}
		if _, err := x.Delete(at(t, s, fmt.Sprintf("/t:interfaces/interface[name='eth%d']", i*7%200))); err != nil {
			t.Fatal(err)
		}
	}
	readers.Wait()
}
