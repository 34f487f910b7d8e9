package conformance

import (
	"errors"
	"slices"
	"sync"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// Memory is a southbound.Memory that outlives drivers, not the test.
type Memory struct {
	mu    sync.Mutex
	held  southbound.Baselines
	full  bool
	saves int
}

// Load returns what was saved.
func (m *Memory) Load() (southbound.Baselines, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return southbound.Baselines{Incarnation: m.held.Incarnation, List: slices.Clone(m.held.List), Replaced: slices.Clone(m.held.Replaced)}, nil
}

// Save saves, unless the disk is full.
func (m *Memory) Save(b southbound.Baselines) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.full {
		return syscall.ENOSPC
	}
	m.held = southbound.Baselines{Incarnation: b.Incarnation, List: slices.Clone(b.List), Replaced: slices.Clone(b.Replaced)}
	m.saves++
	return nil
}

// Fill makes the disk full, or not.
func (m *Memory) Fill(full bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.full = full
}

// Saves tells how often something was saved.
func (m *Memory) Saves() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.saves
}

// Held tells how many baselines there are.
func (m *Memory) Held() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.held.List)
}

// goesBack has a driver configure claims beside others, then another process: one
// that finds them in its configuration, adopts them and loses them, and one that
// never had them, since the one before was killed before it could store them. Both
// times all must be as before, and nothing be remembered of it.
func goesBack(t *testing.T, w World, m southbound.Memory, needs []object.Claim, claims ...object.Claim) {
	t.Helper()
	b := NewBench(t, w, southbound.Config{Memory: m}, needs...)
	before := b.State()
	all := append(slices.Clone(needs), claims...)
	same := func(when string) {
		t.Helper()
		b.Stop()
		if after := b.State(); after != before {
			t.Errorf("%s; -before +after:\n%s", when, cmp.Diff(before, after))
		}
		held, err := m.Load()
		if err != nil {
			t.Error(err)
		}
		for _, left := range held.List {
			for _, c := range claims {
				if left.Object.ID() == c.ID() {
					t.Errorf("%s: %v of %s is still remembered", when, left.Attrs, c.ID())
				}
			}
		}
	}
	b.MustApply(all...)
	b.Stop()
	b = NewBench(t, w, southbound.Config{Memory: m}, all...)
	if n := b.Backend.Stats().Writes; n != 0 {
		t.Errorf("a restart with nothing to do wrote %d times", n)
	}
	b.MustHave(all...)
	b.MustApply(needs...)
	same("configured, restarted, deleted")

	b = NewBench(t, w, southbound.Config{Memory: m}, needs...)
	b.MustApply(all...)
	b.Stop()
	b = NewBench(t, w, southbound.Config{Memory: m}, needs...)
	same("killed before it was stored")

	// Somebody else's change after that is his own.
	b = NewBench(t, w, southbound.Config{Memory: m}, needs...)
	if n := b.Backend.Stats().Writes; n != 0 {
		t.Errorf("%d writes where all is as before", n)
	}
	b.Stop()
}

// remembered has what is not ours to make go back after a restart.
func remembered(t *testing.T, w World, s Sample) {
	if l, ok := s.Claim.Object.(*object.Link); ok && !s.Claim.Has(object.LinkKindAttr) && l.Kind == object.Existing || s.Claim.ID().Kind == object.KindSetting {
		for _, c := range append([]object.Claim{s.Claim}, s.Changes...) {
			goesBack(t, w, &Memory{}, s.Needs, c)
		}
	}
}

// baselines has attributes of a link that is not ours go back, from whatever
// commit.
func baselines(t *testing.T, w World) {
	p, q := w.Ports()
	mac, err := object.ParseMAC("02:00:5e:00:00:77")
	if err != nil {
		t.Fatal(err)
	}
	m := &Memory{}
	goesBack(t, w, m, nil,
		Link(object.Link{Name: p, MTU: 1400, Description: "for a while", MAC: mac}, object.MTU, object.Description, object.MACAttr),
		Up(q, false))
	if n := m.Held(); n != 0 {
		t.Errorf("%d baselines are left", n)
	}
	// A commit that fails leaves none either.
	b := NewBench(t, w, southbound.Config{Memory: m})
	failEach(t, b, []object.Claim{Link(object.Link{Name: p, MTU: 1400, Description: "x"}, object.MTU, object.Description), Up(q, false)})
	b.Stop()
	b = NewBench(t, w, southbound.Config{Memory: m}, b.model.claims(b.tree)...)
	failEach(t, b, nil)
	if n := m.Held(); n != 0 {
		t.Errorf("%d baselines are left of commits that failed", n)
	}
	// Of a link that we made, too, an attribute goes back that nobody stored.
	made := w.Samples()[0].Claim
	b.MustApply(made)
	before := b.State()
	more := made
	l := *made.Object.(*object.Link)
	l.Description = "never stored"
	more.Object, more.From = &l, slices.Clone(made.From)
	more.Add(object.Description, nil)
	b.MustApply(more)
	b.Stop()
	b = NewBench(t, w, southbound.Config{Memory: m}, made)
	if after := b.State(); after != before {
		t.Errorf("killed before it was stored; -before +after:\n%s", cmp.Diff(before, after))
	}
}

// baselineTrimmed has nothing remembered that is without effect: what somebody
// does with his link later must not be taken back.
func baselineTrimmed(t *testing.T, w World) {
	p, _ := w.Ports()
	m := &Memory{}
	b := NewBench(t, w, southbound.Config{Memory: m})
	was := b.Read(&object.Link{Name: p}).(*object.LinkState)
	small, large := Link(object.Link{Name: p, MTU: 1400}, object.MTU), Link(object.Link{Name: p, MTU: 1300}, object.MTU)
	none := func(when string) {
		t.Helper()
		if n := m.Held(); n != 0 {
			t.Errorf("%s: %d baselines are held", when, n)
		}
	}
	b.Backend.FailAfter(0)
	if err := b.Apply(small); !errors.Is(err, ErrInjected) {
		t.Fatalf("got %v, want the injected failure", err)
	}
	b.Backend.Heal()
	none("the commit failed")

	b.MustApply(small)
	w.Set(t, &was.Link, object.MTU)
	b.MustApply()
	none("its owner has put it back")
	b.Stop()

	where, err := b.Backend.Incarnation(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Save(southbound.Baselines{Incarnation: where, List: []southbound.Baseline{
		{Object: &was.Link, Attrs: []object.Attr{object.MTU}, Index: was.Index},
	}}); err != nil {
		t.Fatal(err)
	}
	b = NewBench(t, w, southbound.Config{Memory: m})
	none("killed before the step")
	w.Set(t, large.Object.(*object.Link), object.MTU)
	b.Stop()
	b = NewBench(t, w, southbound.Config{Memory: m})
	b.MustHave(large)
}

// baselineFull has no room for a new baseline.
func baselineFull(t *testing.T, w World) {
	p, q := w.Ports()
	m := &Memory{}
	b := NewBench(t, w, southbound.Config{Memory: m}, Link(object.Link{Name: q, MTU: 1400}, object.MTU))
	before, writes := b.State(), b.Backend.Stats().Writes
	old, change := Link(object.Link{Name: q, MTU: 1400}, object.MTU), Link(object.Link{Name: p, MTU: 1300}, object.MTU)
	m.Fill(true)
	err := b.Apply(old, change, Address(p, "192.0.2.1/24"))
	if err == nil || fault.All(err)[0].Tag != fault.ResourceDenied {
		t.Fatalf("got %v, want resource-denied", err)
	}
	if n := b.Backend.Stats().Writes - writes; n != 0 {
		t.Errorf("refused, and yet there were %d writes", n)
	}
	if after := b.State(); after != before {
		t.Errorf("refused, and yet something has changed; -before +after:\n%s", cmp.Diff(before, after))
	}
	// What needs no room works, going back and forth included.
	other := Link(object.Link{Name: q, MTU: 1450}, object.MTU)
	b.MustApply(old, Address(p, "192.0.2.1/24"))
	b.MustApply(other)
	b.MustApply()
	b.MustApply(old)
	b.MustHave(old)
	m.Fill(false)
	b.MustApply(old, change)
	b.MustHave(old, change)
	b.MustApply()
	none := func() {
		t.Helper()
		if n := m.Held(); n != 0 {
			t.Errorf("%d baselines are left", n)
		}
	}
	none()
	// What was acknowledged comes about all the same at the start, and goes back.
	before = b.State()
	b.Stop()
	m.Fill(true)
	b = NewBench(t, w, southbound.Config{Memory: m}, change)
	b.MustHave(change)
	m.Fill(false)
	b.MustApply()
	if after := b.State(); after != before {
		t.Errorf("what could not be noted at first stays; -before +after:\n%s", cmp.Diff(before, after))
	}
	none()
}

// baselineLost has what was noted lost: what somebody else's link has, it keeps, save
// for what only we can have said.
func baselineLost(t *testing.T, w World) {
	p, _ := w.Ports()
	said := Link(object.Link{Name: p, MTU: 1400, Description: "lost"}, object.MTU, object.Description)
	b := NewBench(t, w, southbound.Config{Memory: &Memory{}}, said)
	b.Stop()
	b = NewBench(t, w, southbound.Config{Memory: &Memory{}}, said)
	b.MustApply()
	b.MustHave(Link(object.Link{Name: p, MTU: 1400}, object.MTU, object.Description))
}

// Reuser is the optional ability of a World whose dataplane gives a link the number
// of the one that went last, and has nothing else to tell it from that one by: who
// was not there meanwhile takes it for the same. Another link takes that number
// there.
type Reuser interface{ ReusesNumbers() }

// baselineOfAnother has a link come anew under its name: what the old one had is
// nothing to it.
func baselineOfAnother(t *testing.T, w World) {
	first := w.Samples()[0].Claim.Object.(*object.Link)
	w.Add(t, first)
	small := Link(object.Link{Name: first.Name, MTU: 1300}, object.MTU)
	m := &Memory{}
	b := NewBench(t, w, southbound.Config{Memory: m}, small)
	b.MustHave(small)
	if m.Held() != 1 {
		t.Fatalf("%d baselines are held, want 1", m.Held())
	}
	b.Stop()
	w.Remove(t, first)
	if _, ok := w.(Reuser); ok {
		other := *first
		other.Name += "-other"
		w.Add(t, &other)
	}
	w.Add(t, first)
	w.Set(t, small.Object.(*object.Link), object.MTU)
	b = NewBench(t, w, southbound.Config{Memory: m})
	if n := b.Backend.Stats().Writes; n != 0 {
		t.Errorf("%d writes to another link of the name", n)
	}
	b.MustHave(small)
	if m.Held() != 0 {
		t.Errorf("%d baselines of a link that has gone are held", m.Held())
	}
	// Nor to one of another dataplane.
	if err := m.Save(southbound.Baselines{Incarnation: "another", List: []southbound.Baseline{{
		Object: &object.Link{Name: first.Name, MTU: 1500}, Attrs: []object.Attr{object.MTU},
		Index: b.Read(first).(*object.LinkState).Index,
	}}}); err != nil {
		t.Fatal(err)
	}
	b.Stop()
	b = NewBench(t, w, southbound.Config{Memory: m})
	b.MustHave(small)
}

// baselineCost counts what is saved: only what is new, and only what has gone.
func baselineCost(t *testing.T, w World) {
	p, _ := w.Ports()
	m := &Memory{}
	b := NewBench(t, w, southbound.Config{Memory: m})
	mtu := func(n uint32) object.Claim { return Link(object.Link{Name: p, MTU: n}, object.MTU) }
	for _, step := range []struct {
		name   string
		claims []object.Claim
		saves  int
	}{
		{"an address", []object.Claim{Address(p, "192.0.2.1/24")}, 0},
		{"a first MTU", []object.Claim{mtu(1400)}, 1},
		{"another MTU", []object.Claim{mtu(1300)}, 0},
		{"a route beside it", []object.Claim{mtu(1300), Address(p, "192.0.2.1/24"), Route("203.0.113.0/24", 0)}, 0},
		{"no MTU any more", nil, 1},
		{"a link of ours", []object.Claim{w.Samples()[0].Claim}, 0},
	} {
		before := m.Saves()
		b.MustApply(step.claims...)
		if n := m.Saves() - before; n != step.saves {
			t.Errorf("%s: saved %d times, want %d", step.name, n, step.saves)
		}
	}
}
