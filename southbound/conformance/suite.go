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
		"state":                state,
		"random":               random,
		"typed":                typed,
		"baselines":            baselines,
		"baseline full":        baselineFull,
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

// pending configures what is on a link that comes late, goes, and comes again.
func pending(t *testing.T, w World) {
	b := NewBench(t, w, southbound.Config{})
	b.Observe()
	late := w.Samples()[0].Claim
	link := late.Object.(*object.Link).Name
	address, route := Address(link, "192.0.2.1/24"), Route("203.0.113.0/24", 0, Via("192.0.2.2", link))
	b.MustApply(Up(link, true), address, route)
	for _, c := range []object.Claim{address, route} {
		if got := b.Condition(c); got != object.Pending {
			t.Errorf("%s is %s, want pending", c.ID(), got)
		}
	}
	for range 2 {
		w.Add(t, late.Object)
		b.Eventually("all is there", func() bool { return b.Has(address) && b.Has(route) && b.Has(Up(link, true)) })
		b.Eventually("in sync", func() bool { return b.Condition(address) == object.InSync && b.Condition(route) == object.InSync })
		w.Remove(t, late.Object)
		b.Eventually("pending again", func() bool { return b.Condition(address) == object.Pending && b.Condition(route) == object.Pending })
	}
	b.MustApply()
	if b.Condition(address) != object.InSync {
		t.Error("what is not configured any more still has a status")
	}
}

// contradiction has two places say different things of one object.
func contradiction(t *testing.T, w World) {
	p, _ := w.Ports()
	b := NewBench(t, w, southbound.Config{})
	merged, err := object.Merge([]object.Claim{
		object.NewClaim(&object.Link{Name: p, MTU: 1400}, at("first"), object.MTU),
		object.NewClaim(&object.Link{Name: p, MTU: 1500}, at("second"), object.MTU),
	})
	if err == nil {
		t.Fatalf("merged to %+v", merged)
	}
	for _, name := range []string{"first", "second", "1400", "1500"} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("the error does not name %s: %v", name, err)
		}
	}
	if n := b.Backend.Stats().Writes; n != 0 {
		t.Errorf("%d writes", n)
	}
}

// untouched configures beside what somebody else has made, and deletes it again.
func untouched(t *testing.T, w World) {
	p, _ := w.Ports()
	for _, c := range []object.Claim{
		Address(p, "192.0.2.1/24"), Address(p, "2001:db8:1::1/64"), Neighbor(p, "192.0.2.9", "02:00:00:00:00:01"),
		Route("203.0.113.0/24", 5, Via("192.0.2.2", p)), Route("2001:db8:f::/48", 5, Via("2001:db8:1::2", p)),
	} {
		w.Add(t, c.Object)
	}
	b := NewBench(t, w, southbound.Config{})
	before := b.State()
	b.MustApply(Up(p, true), Address(p, "192.0.2.7/24"), Address(p, "2001:db8:1::7/64"),
		Route("203.0.113.0/24", 0, Via("192.0.2.3", p)), Route("2001:db8:f::/48", 0, Via("2001:db8:1::3", p)))
	b.MustApply(Address(p, "192.0.2.1/24")) // just as it is there: shared, not owned
	b.MustApply()
	if after := b.State(); after != before {
		t.Errorf("something foreign has changed; -before +after:\n%s", cmp.Diff(before, after))
	}
}

// circle has links that require each other.
func circle(t *testing.T, w World) {
	b := NewBench(t, w, southbound.Config{})
	p, q := w.Ports()
	err := b.Apply(Link(object.Link{Name: p, Master: q}, object.Master), Link(object.Link{Name: q, Master: p}, object.Master))
	if err == nil || !strings.Contains(err.Error(), p+" -> ") || len(fault.All(err)[0].Path) == 0 {
		t.Errorf("got %v, want an error that shows the circle", err)
	}
	if n := b.Backend.Stats().Writes; n != 0 {
		t.Errorf("%d writes", n)
	}
}

// fight has two agents that want different things.
func fight(t *testing.T, w World) {
	p, _ := w.Ports()
	one, two := Link(object.Link{Name: p, MTU: 1400}, object.MTU), Link(object.Link{Name: p, MTU: 1300}, object.MTU)
	a := NewBench(t, w, southbound.Config{}, one)
	a.Observe()
	b := NewBench(t, w, southbound.Config{}, two)
	b.Observe()
	a.Eventually("the first sees the fight", func() bool { return a.Condition(one) == object.Contended })
	b.Eventually("the second sees the fight", func() bool { return b.Condition(two) == object.Contended })
	writes := a.Backend.Stats().Writes
	if writes > 40 {
		t.Errorf("%d writes: it does not step back", writes)
	}
	b.Stop()
	a.Eventually("the one that is left wins", func() bool { return a.Has(one) && a.Condition(one) == object.InSync })
}

// allAtOnce creates one of everything in one commit, with each step failing, and
// takes it away again likewise.
func allAtOnce(t *testing.T, w World) {
	b := NewBench(t, w, southbound.Config{})
	var claims []object.Claim
	seen := make(map[object.ID]bool)
	for _, s := range samples(w) {
		for _, c := range append(slices.Clone(s.Needs), s.Claim) {
			if id := b.Backend.Normal(c.Object).ID(); !seen[id] {
				seen[id] = true
				claims = append(claims, c)
			}
		}
	}
	failEach(t, b, claims)
	b.MustHave(claims...)
	adopts(t, b)
	failEach(t, b, nil)
}

// reportOnly leaves drift alone, and says so.
func reportOnly(t *testing.T, w World) {
	p, _ := w.Ports()
	c := Address(p, "192.0.2.1/24")
	b := NewBench(t, w, southbound.Config{ReportOnly: true}, c)
	b.Observe()
	w.Remove(t, c.Object)
	b.Eventually("drift is reported", func() bool { return b.Condition(c) == object.Drifted })
	if b.Has(c) {
		t.Error("drift was mended")
	}
	w.Add(t, c.Object)
	b.Eventually("drift is over", func() bool { return b.Condition(c) == object.InSync })
}

// undoFails lets a step fail and everything after it, the undoing included. The
// configuration of before stays the desired one, and comes back.
func undoFails(t *testing.T, w World) {
	p, _ := w.Ports()
	old := []object.Claim{Address(p, "192.0.2.1/24"), Route("203.0.113.0/24", 0, Via("192.0.2.2", p))}
	b := NewBench(t, w, southbound.Config{}, old...)
	b.Observe()
	before := b.State()
	b.Backend.FailFrom(2)
	err := b.Apply(Address(p, "192.0.2.1/24"), Address(p, "192.0.2.4/24"), Address(p, "192.0.2.5/24"), Address(p, "192.0.2.6/24"))
	if err == nil || fault.All(err)[0].Tag != fault.RollbackFailed {
		t.Fatalf("got %v, want rollback-failed", err)
	}
	b.Backend.Heal()
	if err := b.Driver.Resync(t.Context(), b.tree); err != nil {
		t.Fatal(err)
	}
	b.Eventually("all is as before", func() bool { return b.State() == before })
}

// state publishes what comes and goes.
func state(t *testing.T, w World) {
	p, _ := w.Ports()
	b := NewBench(t, w, southbound.Config{})
	b.Observe()
	a := Address(p, "192.0.2.1/24")
	there := func() bool { _, ok := b.Published(a.ID().String()); return ok }
	if there() {
		t.Fatal("it is there before it was made")
	}
	w.Add(t, a.Object)
	b.Eventually("a foreign address is published", there)
	w.Remove(t, a.Object)
	b.Eventually("and its going", func() bool { return !there() })
	b.MustApply(a)
	b.Eventually("our own is published", there)
	b.MustApply()
	b.Eventually("and its going", func() bool { return !there() })
	w.Set(t, &object.Link{Name: p, Up: false}, object.Up)
	b.Eventually("the link's going down", func() bool {
		text, _ := b.Published(object.LinkID(p).String())
		return strings.Contains(text, "Up:false")
	})
}
