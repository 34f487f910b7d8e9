package conformance

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// Run runs the suite; each test gets a world of its own.
func Run(t *testing.T, world func(testing.TB) World) {
	first := world(t)
	for i, s := range samples(first) {
		t.Run(s.Name, func(t *testing.T) {
			each := func(name string, f func(*testing.T, World, Sample)) {
				t.Run(name, func(t *testing.T) {
					w := world(t)
					f(t, w, samples(w)[i])
				})
			}
			each("create, change, adopt and delete", lifeCycle)
			each("drift", drift)
			each("undo", undo)
			each("released", released)
			each("remembered", remembered)
			each("goes home", goesHome)
			if s.Foreign != nil {
				each("foreign conflict", foreign)
			}
			each("leftover", leftover)
		})
	}
	for name, f := range map[string]func(*testing.T, World){
		"pending":              pending,
		"contradiction":        contradiction,
		"foreign is untouched": untouched,
		"circle":               circle,
		"fight":                fight,
		"all at once":          allAtOnce,
		"many":                 many,
		"many drift":           manyDrift,
		"report only":          reportOnly,
		"undo fails":           undoFails,
		"impossible":           impossible,
		"state":                state,
		"random":               random,
		"typed":                typed,
		"baselines":            baselines,
		"baseline full":        baselineFull,
		"baseline lost":        baselineLost,
		"baseline trimmed":     baselineTrimmed,
		"baseline of another":  baselineOfAnother,
		"baseline cost":        baselineCost,
	} {
		t.Run(name, func(t *testing.T) { f(t, world(t)) })
	}
	runAway(t, world)
}

// lifeCycle creates an object, changes it in every way, restarts after each
// change without a write, and deletes it, which leaves no trace.
func lifeCycle(t *testing.T, w World, s Sample) {
	b := NewBench(t, w, southbound.Config{}, s.Needs...)
	before := b.State()
	for _, c := range append([]object.Claim{s.Claim}, s.Changes...) {
		b.MustApply(append(slices.Clone(s.Needs), c)...)
		b.MustHave(append(slices.Clone(s.Needs), c)...)
		if t.Failed() {
			t.Fatalf("after %s", describe(c))
		}
		if got := b.Condition(c); got != object.InSync {
			t.Fatalf("%s is %s", c.ID(), got)
		}
		adopts(t, b)
	}
	b.MustApply(s.Needs...)
	if after := b.State(); after != before {
		t.Errorf("deletion leaves a trace; -before +after:\n%s", cmp.Diff(before, after))
	}
}

// released takes each attribute of a link back that can be: what was never said
// of it holds again.
func released(t *testing.T, w World, s Sample) {
	bare := s.Claim
	l, ok := bare.Object.(*object.Link)
	if !ok || !bare.Has(object.LinkKindAttr) {
		return
	}
	b := NewBench(t, w, southbound.Config{}, append(slices.Clone(s.Needs), bare)...)
	before := b.Read(l).(*object.LinkState).Link
	full := bare
	changed := *l
	full.Object = &changed
	full.From = slices.Clone(bare.From)
	if d := Link(object.Link{Name: l.Name, Kind: l.Kind, Description: "for a while"}, object.LinkKindAttr, object.Description); b.Backend.Check(&d) == nil {
		changed.Description = "for a while"
		full.Add(object.Description, nil)
	}
	if _, ok := b.Backend.Default(&before, object.MTU); ok {
		changed.MTU = before.MTU - 10
		full.Add(object.MTU, nil)
	}
	b.MustApply(append(slices.Clone(s.Needs), full)...)
	b.MustHave(full)
	b.MustApply(append(slices.Clone(s.Needs), bare)...)
	if after := b.Read(l).(*object.LinkState).Link; after != before {
		t.Errorf("before:\n%+v\nafter:\n%+v", before, after)
	}
}

// adopts starts another driver on what is there: it must not write. It may try
// what waits; that is refused and changes nothing.
func adopts(t *testing.T, b *Bench) {
	t.Helper()
	waits := uint64(0)
	claims := b.model.claims(b.tree)
	for _, c := range claims {
		if b.Condition(c) != object.Pending {
			continue
		}
		waits++
		if r, ok := c.Object.(*object.Route); ok && len(r.NextHops) > 1 {
			waits += uint64(len(r.NextHops)) // each is tried for itself
		}
	}
	other := NewBench(t, b.World, southbound.Config{}, claims...)
	defer other.Stop()
	if n := other.Backend.Stats().Writes; n > waits {
		t.Errorf("a restart with nothing to do wrote %d times", n)
	}
}

// drift has somebody else remove and change the object.
func drift(t *testing.T, w World, s Sample) {
	cfg := southbound.Config{}
	if s.Silent {
		cfg.Audit = 20 * time.Millisecond
	}
	b := NewBench(t, w, cfg, append(slices.Clone(s.Needs), s.Claim)...)
	b.Observe()
	b.MustHave(s.Claim)
	if l, ok := s.Claim.Object.(*object.Link); !ok || s.Claim.Has(object.LinkKindAttr) {
		w.Remove(t, s.Claim.Object)
		b.Eventually(s.Claim.ID().String()+" is there again", func() bool { return b.Has(s.Claim) })
	} else {
		for _, a := range []object.Attr{object.Up, object.MTU, object.Description} {
			other := *l
			other.Up, other.MTU, other.Description = !l.Up, l.MTU-100, "somebody else"
			w.Set(t, &other, a)
			b.Eventually(string(a)+" is as it was", func() bool { return b.Has(s.Claim) })
		}
	}
	b.Eventually("it is in sync", func() bool { return b.Condition(s.Claim) == object.InSync })
	b.MustHave(s.Needs...)
}

// undo lets each step of the creation, of each change and of the deletion fail.
func undo(t *testing.T, w World, s Sample) {
	b := NewBench(t, w, southbound.Config{}, s.Needs...)
	states := append([]object.Claim{s.Claim}, s.Changes...)
	configs := [][]object.Claim{s.Needs}
	for _, c := range states {
		configs = append(configs, append(slices.Clone(s.Needs), c))
	}
	configs = append(configs, s.Needs, nil)
	for i := 1; i < len(configs); i++ {
		failEach(t, b, configs[i])
	}
}

// failEach applies a configuration with each of its steps failing in turn, and at
// last with none failing.
func failEach(t *testing.T, b *Bench, claims []object.Claim) {
	t.Helper()
	before := b.State()
	for k := 0; ; k++ {
		if k > 200 {
			t.Fatal("more steps than can be")
		}
		b.Backend.FailAfter(k)
		err := b.Apply(claims...)
		failed := b.Backend.Heal()
		if !failed {
			if err != nil {
				t.Fatalf("with no step failing: %v", err)
			}
			return
		}
		if !errors.Is(err, ErrInjected) {
			t.Fatalf("step %d fails, and the error is %v", k+1, err)
		}
		if f := fault.All(err)[0]; f.Tag == fault.RollbackFailed {
			t.Fatalf("step %d: %v", k+1, err)
		}
		if after := b.State(); after != before {
			t.Fatalf("step %d fails and leaves a trace; -before +after:\n%s", k+1, cmp.Diff(before, after))
		}
	}
}

// foreign puts something else in the object's place.
func foreign(t *testing.T, w World, s Sample) {
	b := NewBench(t, w, southbound.Config{}, s.Needs...)
	b.Observe()
	w.Add(t, s.Foreign)
	before := b.State()
	err := b.Apply(append(slices.Clone(s.Needs), s.Claim)...)
	if err == nil {
		t.Fatal("it was applied over something foreign")
	}
	f := fault.All(err)[0]
	if f.Tag != fault.InUse {
		t.Errorf("the error is %s (%v), want in-use", f.Tag, err)
	}
	if len(f.Path) == 0 || !strings.Contains(f.Path.String(), s.Claim.ID().String()) {
		t.Errorf("the error does not name the node: %v", err)
	}
	if after := b.State(); after != before {
		t.Errorf("refused, and yet something has changed; -before +after:\n%s", cmp.Diff(before, after))
	}
	w.Remove(t, s.Foreign)
	b.Eventually("applied once the way is free", func() bool { return b.Apply(append(slices.Clone(s.Needs), s.Claim)...) == nil })
	b.MustHave(s.Claim)
}

// leftover starts a driver whose configuration does not have an object that is
// there and ours.
func leftover(t *testing.T, w World, s Sample) {
	if l, ok := s.Claim.Object.(*object.Link); ok && l.Kind == object.Existing {
		return // never ours
	}
	cfg := southbound.Config{Ledger: &Ledger{}}
	b := NewBench(t, w, cfg, s.Needs...)
	before := b.State()
	b.MustApply(append(slices.Clone(s.Needs), s.Claim)...)
	b.Stop()
	b = NewBench(t, w, cfg, s.Needs...)
	if _, ok := s.Claim.Object.(*object.Setting); ok {
		return // has no owner
	}
	if after := b.State(); after != before {
		t.Errorf("a leftover of ours stays; -before +after:\n%s", cmp.Diff(before, after))
	}
}
