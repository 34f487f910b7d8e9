package conformance

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// crowd is more of each kind than is carried out one by one: addresses, neighbors,
// routes, and routes whose gateway others of them lead to.
func crowd(w World, third byte) []object.Claim {
	p, q := w.Ports()
	claims := []object.Claim{Address(p, "192.0.2.1/24"), Address(q, "198.51.100.1/24")}
	for i := range 12 {
		claims = append(claims,
			Address(q, fmt.Sprintf("10.1.%d.1/24", i)),
			Neighbor(p, fmt.Sprintf("192.0.2.%d", 100+i), fmt.Sprintf("02:00:00:00:%02x:01", third)),
			Route(fmt.Sprintf("10.2.%d.0/24", i), 0, Via(fmt.Sprintf("192.0.2.%d", third), p)),
			Route(fmt.Sprintf("10.3.%d.0/24", i), 0, Via(fmt.Sprintf("198.51.100.%d", third), q)))
	}
	return claims
}

// many creates, changes and deletes many objects in one commit, with a step
// failing here and there among them.
func many(t *testing.T, w World) {
	b := NewBench(t, w, southbound.Config{})
	before := b.State()
	for _, claims := range [][]object.Claim{crowd(w, 2), crowd(w, 3), nil} {
		state := b.State()
		for k := 0; ; k += 7 {
			b.Backend.FailAfter(k)
			err := b.Apply(claims...)
			if !b.Backend.Heal() {
				if err != nil {
					t.Fatal(err)
				}
				break
			}
			if err == nil || fault.All(err)[0].Tag == fault.RollbackFailed {
				t.Fatalf("step %d fails, and the error is %v", k+1, err)
			}
			if after := b.State(); after != state {
				t.Fatalf("step %d fails and leaves a trace; -before +after:\n%s", k+1, cmp.Diff(state, after))
			}
		}
		b.MustHave(claims...)
		adopts(t, b)
	}
	if after := b.State(); after != before {
		t.Errorf("deletion leaves a trace; -before +after:\n%s", cmp.Diff(before, after))
	}
}

// manyDrift has somebody else take some of many objects away, and put the same in
// the place of others while nobody looks.
func manyDrift(t *testing.T, w World) {
	claims := crowd(w, 2)
	b := NewBench(t, w, southbound.Config{}, claims...)
	state := b.State()
	b.Observe()
	for i, c := range claims {
		if c.ID().Kind == object.KindRoute && i%3 != 0 {
			w.Remove(t, c.Object)
		}
	}
	b.Eventually("all is as before", func() bool { return b.State() == state })
	b.MustHave(claims...)
}
