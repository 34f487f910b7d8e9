package conformance

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// random goes from one random configuration to the next, from several beginnings:
// those that have found something once.
func random(t *testing.T, w World) {
	seeds := []uint64{1, 4, 28}
	if text := os.Getenv("OUTRIGGER_TEST_SEED"); text != "" { // somebody looks for trouble
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		seeds = []uint64{n}
	}
	for _, seed := range seeds {
		randomOf(t, w, seed)
	}
}

// randomOf is always the same for a seed. Some of the configurations fail on the way.
// After each, what is configured is there or waits; now and then another driver looks
// and finds nothing to do; and at the end nothing is left.
func randomOf(t *testing.T, w World, seed uint64) {
	const commits = 120
	rng := rand.New(rand.NewPCG(seed, 0))
	t.Logf("seed %d", seed)
	b := NewBench(t, w, southbound.Config{})
	before := b.State()
	choices := pool(b, w)
	var last []object.Claim
	succeeded := 0
	for n := range commits {
		claims := pick(rng, choices)
		state := b.State()
		if n%3 == 0 {
			b.Backend.FailAfter(rng.IntN(8))
		}
		err := b.Apply(claims...)
		failed := b.Backend.Heal()
		switch {
		case failed && err == nil:
			t.Fatalf("commit %d: a step failed and nobody was told", n)
		case failed:
			if after := b.State(); after != state {
				t.Fatalf("commit %d, %s to %s, failed (%v) and left a trace; -before +after:\n%s", n, list(last), list(claims), err, cmp.Diff(state, after))
			}
			continue
		case err != nil: // some things do not go together; but then nothing may change
			if after := b.State(); after != state {
				t.Fatalf("commit %d, %s to %s, was refused (%v) and left a trace; -before +after:\n%s", n, list(last), list(claims), err, cmp.Diff(state, after))
			}
			continue
		}
		succeeded++
		for _, c := range claims {
			if !b.Has(c) && b.Condition(c) != object.Pending {
				t.Fatalf("commit %d: %s is neither there nor pending: %+v; from %s to %s", n, list([]object.Claim{c}), b.Read(c.Object), list(last), list(claims))
			}
		}
		if n%10 == 0 {
			adopts(t, b)
		}
		last = claims
	}
	if succeeded < commits/4 {
		t.Errorf("only %d of %d commits succeeded: the test tests little", succeeded, commits)
	}
	b.MustApply()
	if after := b.State(); after != before {
		t.Errorf("in the end something is left; -before +after:\n%s", cmp.Diff(before, after))
	}
}

// pool is all that samples and their changes claim, what stands on the links
// among them, and both ports down. Claims of one object stand together.
func pool(b *Bench, w World) [][]object.Claim {
	p, q := w.Ports()
	claims := []object.Claim{Up(p, true), Up(p, false), Up(q, true), Up(q, false)}
	for _, s := range samples(w) {
		claims = append(append(append(claims, s.Needs...), s.Claim), s.Changes...)
		if l, ok := s.Claim.Object.(*object.Link); ok && s.Claim.Has(object.LinkKindAttr) {
			n := len(claims)
			claims = append(claims,
				Address(l.Name, fmt.Sprintf("10.%d.0.1/24", n)), Address(l.Name, fmt.Sprintf("2001:db8:%d::1/64", n)),
				Route(fmt.Sprintf("10.%d.0.0/16", n), 3, Via("", l.Name), Via("", p)), Route(fmt.Sprintf("2001:db8:f%d::/48", n), 3, Via("", l.Name)))
		}
	}
	var ids []object.ID
	by := make(map[object.ID][]object.Claim)
	for _, c := range claims {
		id := b.Backend.Normal(c.Object).ID()
		if by[id] == nil {
			ids = append(ids, id)
		}
		by[id] = append(by[id], c)
	}
	var groups [][]object.Claim
	for _, id := range ids {
		groups = append(groups, by[id])
	}
	return groups
}

// pick takes about half of the objects, in one form each. Two that claim the same
// in its implications are not taken together.
func pick(rng *rand.Rand, choices [][]object.Claim) []object.Claim {
	var picked []object.Claim
	taken := make(map[object.ID]bool)
	for _, i := range rng.Perm(len(choices)) {
		if rng.IntN(2) == 0 {
			continue
		}
		c := choices[i][rng.IntN(len(choices[i]))]
		implied := c.Implied()
		if taken[c.ID()] || slices.ContainsFunc(implied, func(x object.Claim) bool { return taken[x.ID()] }) {
			continue
		}
		taken[c.ID()] = true
		for _, x := range implied {
			taken[x.ID()] = true
		}
		picked = append(picked, c)
	}
	return picked
}

func list(claims []object.Claim) string {
	text := "{"
	for _, c := range claims {
		text += " [" + c.ID().String() + " " + describe(c) + "]"
	}
	return text + " }"
}
