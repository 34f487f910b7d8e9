package conformance

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// The stories are of several objects of the sort that every dataplane has.

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
	// What is changed back only after it has held still for a while is no fight; and a
	// busy machine may take half a second to change it back.
	patient := southbound.Config{MendAfter: 300 * time.Millisecond, MendAtMost: time.Second, Contended: 3}
	a := NewBench(t, w, patient, one)
	a.Observe()
	b := NewBench(t, w, patient, two)
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

// impossible starts with a configuration of which the dataplane can never hold one
// part, as one may that was made for another dataplane: that part is never tried, and
// all else comes about.
func impossible(t *testing.T, w World) {
	p, _ := w.Ports()
	good := Address(p, "192.0.2.1/24")
	for what, spoil := range map[string]func(*object.Link) object.Attr{
		"description": func(l *object.Link) object.Attr {
			l.Description = strings.Repeat("x", 300)
			return object.Description
		},
		"type": func(l *object.Link) object.Attr {
			l.Type = object.OtherType
			return object.TypeAttr
		},
	} {
		bad := w.Samples()[0].Claim
		l := *bad.Object.(*object.Link)
		a := spoil(&l)
		bad.Object = &l
		bad.Add(a, at(string(a)))
		b := NewBench(t, w, southbound.Config{})
		b.Observe()
		before := b.Backend.Stats().Writes
		err := b.Driver.Resync(t.Context(), b.model.tree([]object.Claim{good, bad}))
		if f := fault.All(err); len(f) != 1 || f[0].Tag != fault.InvalidValue || f[0].Path.Last().Name != string(a) {
			t.Fatalf("%s: %v, want the leaf as path", what, err)
		}
		b.MustHave(good)
		if got := b.Condition(bad); got != object.Degraded || b.Has(bad) {
			t.Errorf("%s: what cannot be is %s", what, got)
		}
		w.Remove(t, good.Object) // and the driver looks at all of it again
		b.Eventually("what can be is mended", func() bool { return b.Has(good) })
		if wrote := b.Backend.Stats().Writes - before; wrote > 10 {
			t.Errorf("%s: %d writes", what, wrote)
		}
		if got := b.Condition(bad); got != object.Degraded {
			t.Errorf("%s: what cannot be is %s", what, got)
		}
		b.MustApply()
		b.Stop()
	}
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
