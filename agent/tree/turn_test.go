package tree_test

import (
	"math/rand/v2"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/agent/tree/treetest"
	"github.com/outrigger-cnf/outrigger/yang/compile/compiletest"
)

// A Turn finds what ChildOrDefault does, whatever it has found before.
func TestTurn(t *testing.T) {
	s := compiletest.Schema(t, treetest.Modules()...)
	rng := rand.New(rand.NewPCG(5, 5))
	turns := map[*schema.Node]*tree.Turn{}
	found := 0
	var check func(n *tree.Node)
	check = func(n *tree.Node) {
		if n.Schema().Kind == schema.List && !n.IsEntry() {
			for e := range n.Entries() {
				check(e)
			}
			return
		}
		for _, def := range n.Schema().Data {
			turn := turns[def]
			if turn == nil {
				fresh := tree.NewTurn(def)
				turn = &fresh
				turns[def] = turn
			}
			got, want := turn.ChildOrDefault(n), n.ChildOrDefault(def)
			if n.Child(def) != nil && got != want || !tree.Equal(got, want) || got.IsDefault() != want.IsDefault() {
				t.Fatalf("%s of %s: %v, want %v", def.Name, n.Schema().Name, got, want)
			}
			if got != nil {
				found++
				check(got)
			}
		}
	}
	for range 200 {
		check(treetest.Random(rng, s).Root())
	}
	if found < 1000 {
		t.Errorf("%d children only", found)
	}
}
