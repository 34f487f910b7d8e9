package vpp

import (
	"testing"

	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
)

// A look at a table that is as it was at the last look tells nothing, unless the listener
// was told otherwise in between, or may have been.
func TestLooksAlike(t *testing.T) {
	var d told
	d.begin(1)
	neighbor := func(mac byte) *object.NeighborState {
		return &object.NeighborState{Neighbor: object.Neighbor{Link: "l", MAC: object.MACAddr{2, 0, 0, 0, 0, mac}}}
	}
	id := neighbor(1).ID()
	for _, step := range []struct {
		what   string
		before func()
		table  []object.State
		tells  int
	}{
		{what: "the first one", table: []object.State{neighbor(1)}, tells: 0},
		{what: "nothing has happened", table: []object.State{neighbor(1)}, tells: 0},
		{what: "an event came between", before: func() { d.tell(id, neighbor(2)) }, table: []object.State{neighbor(1)}, tells: 1},
		{what: "nothing has happened since", table: []object.State{neighbor(1)}, tells: 0},
		{what: "it was written to", before: func() { d.write(plan.Step{ID: id}) }, table: []object.State{neighbor(1)}, tells: 1},
		{what: "it was read, and was another", before: func() { d.read(id, neighbor(3)) }, table: []object.State{neighbor(1)}, tells: 1},
		{what: "it was read, and was the same", before: func() { d.read(id, neighbor(1)) }, table: []object.State{neighbor(1)}, tells: 0},
		{what: "it is another", table: []object.State{neighbor(4)}, tells: 1},
		{what: "it is gone", table: nil, tells: 1},
		{what: "it stays gone", table: nil, tells: 0},
		{what: "it is there again", table: []object.State{neighbor(4)}, tells: 1},
	} {
		if step.before != nil {
			step.before()
		}
		d.look(object.KindNeighbor)
		if step.what == "the first one" {
			d.dump(1, step.table)
		}
		if changes := d.looked(object.KindNeighbor, step.table); len(changes) != step.tells {
			t.Errorf("%s: %d changes, want %d", step.what, len(changes), step.tells)
		}
	}
}
