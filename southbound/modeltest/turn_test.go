package modeltest_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/gen"
	"github.com/outrigger-cnf/outrigger/southbound/modeltest"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// Changes that are rendered together show what each of them alone does: whatever
// routes come, change and go.
func TestManyAtATime(t *testing.T) {
	s := gen.Schema()
	oc, twin := models(t, s)
	each, together := modeltest.NewScreen(t, s, oc, twin), modeltest.NewScreen(t, s, oc, twin)
	each.Show(modeltest.Everything()...)
	together.Turn(nil, modeltest.Everything())
	rng := rand.New(rand.NewPCG(1, 2))
	there := map[object.ID]object.State{}
	for round := range 60 {
		var hide, show []object.State
		for range 1 + rng.IntN(30) {
			r := randomRoute(rng)
			if old := there[r.ID()]; old != nil && rng.IntN(2) == 0 {
				delete(there, r.ID())
				hide = append(hide, old)
			} else {
				there[r.ID()] = r
				show = append(show, r)
			}
		}
		each.Hide(hide...)
		each.Show(show...)
		together.Turn(hide, show)
		if !tree.Equal(each.Tree().Root(), together.Tree().Root()) {
			for c := range tree.Diff(each.Tree(), together.Tree(), nil) {
				t.Errorf("round %d: %s differs", round, c.Path)
			}
			t.FailNow()
		}
	}
}

// randomRoute is one of a few prefixes, metrics and tables, with any hops.
func randomRoute(rng *rand.Rand) *object.RouteState {
	prefix, via := fmt.Sprintf("10.0.%d.0/24", rng.IntN(4)), "192.0.2.%d"
	if rng.IntN(3) == 0 {
		prefix, via = fmt.Sprintf("2001:db8:%x::/48", rng.IntN(4)), "2001:db8::%d"
	}
	hops := make([]object.NextHop, rng.IntN(4))
	for i := range hops {
		hops[i] = modeltest.Hop(fmt.Sprintf(via, 1+i), []string{"", "eth0", "eth0.100"}[rng.IntN(3)])
		hops[i].Weight = uint16(rng.IntN(3))
	}
	r := modeltest.Route(prefix, uint32(rng.IntN(3)), hops...)
	r.Dead = rng.IntN(4) == 0
	if len(hops) == 0 {
		r.Type = []object.ForwardType{object.Blackhole, object.LocalDelivery}[rng.IntN(2)]
	}
	if rng.IntN(3) == 0 {
		modeltest.InTable("red", r)
	}
	return r
}
