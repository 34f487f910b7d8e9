package conformance

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// Leaver is the optional ability of a World whose dataplane is a process of its own.
type Leaver interface {
	// Leave has the dataplane answer nothing any more, until Return has it answer
	// again, as it was, or Replace.
	Leave(t testing.TB)
	Return(t testing.TB)
	// Replace has the dataplane die, away or not, and another one take its place,
	// as the first one was in the beginning.
	Replace(t testing.TB)
}

// comesBack is how a dataplane that was away is there again.
type comesBack struct {
	name string
	do   func(Leaver, testing.TB)
}

var waysBack = []comesBack{{"returns", Leaver.Return}, {"is replaced", Leaver.Replace}}

// awayTests are the tests of a World that is a Leaver.
func awayTests() map[string]func(*testing.T, World, comesBack) {
	return map[string]func(*testing.T, World, comesBack){
		"at start": awayAtStart, "idle": awayIdle, "pending changes": awayPending,
		"during a change": awayDuring, "during an undoing": awayUndoing, "before a change is stored": awayUnstored,
	}
}

func runAway(t *testing.T, world func(testing.TB) World) {
	if _, ok := world(t).(Leaver); !ok {
		return
	}
	for name, f := range awayTests() {
		for _, back := range waysBack {
			t.Run("away "+name+" and "+back.name, func(t *testing.T) { f(t, world(t), back) })
		}
	}
}

// stay is a configuration, and move another one that differs in every way.
func stayAndMove(w World) (stay, move []object.Claim) {
	p, q := w.Ports()
	stay = []object.Claim{
		Up(p, true), Address(p, "192.0.2.1/24"), Route("203.0.113.0/24", 0, Via("192.0.2.2", p)), Route("203.0.114.0/24", 0),
	}
	move = []object.Claim{
		Up(p, true), Address(p, "192.0.2.1/24"), Route("203.0.113.0/24", 0, Via("198.51.100.2", q)), Address(q, "198.51.100.1/24"),
		Link(object.Link{Name: q, MTU: 1400}, object.MTU), Neighbor(p, "192.0.2.9", "02:00:00:00:00:01"), w.Samples()[0].Claim,
	}
	return stay, move
}

// is reports whether the dataplane answers and is as State has told of it.
func (b *Bench) is(state string) bool {
	if _, err := b.Backend.Dump(context.Background()); err != nil {
		return false
	}
	return withoutMACs(b.State()) == withoutMACs(state)
}

// withoutMACs leaves the addresses of links of ours out, for what makes them anew may
// give them others.
func withoutMACs(state string) string {
	lines := strings.Split(state, "\n")
	for i, line := range lines {
		if strings.HasSuffix(line, "owned true") {
			lines[i] = macAddress.ReplaceAllString(line, "MAC:-")
		}
	}
	return strings.Join(lines, "\n")
}

var macAddress = regexp.MustCompile(`MAC:[0-9a-f:]{17}`)

// backTo waits until all is as it was, and well.
func (b *Bench) backTo(state string, claims []object.Claim) {
	b.t.Helper()
	defer func() {
		if b.t.Failed() {
			b.t.Logf("-before +after:\n%s", cmp.Diff(state, b.State()))
		}
	}()
	b.Eventually("all is as before", func() bool { return b.is(state) })
	b.well(claims)
}

// well waits until claims are fulfilled.
func (b *Bench) well(claims []object.Claim) {
	b.t.Helper()
	b.Eventually("all is well", func() bool {
		return !slices.ContainsFunc(claims, func(c object.Claim) bool { return b.Condition(c) != object.InSync })
	})
	b.MustHave(claims...)
}

// mustWait fails the test unless all of claims wait for the dataplane.
func (b *Bench) mustWait(claims []object.Claim) {
	b.t.Helper()
	for _, c := range claims {
		s := b.Driver.Status(b.Backend.Normal(c.Object).ID())
		if s == nil || s.Condition != object.Pending || !strings.Contains(s.Reason, "away") {
			b.t.Errorf("%s: %+v, want it to wait for the dataplane", c.ID(), s)
		}
	}
}

// mustRefuse fails the test unless a change is refused for the dataplane's being
// away.
func (b *Bench) mustRefuse(claims []object.Claim) {
	b.t.Helper()
	err := b.Apply(claims...)
	if !errors.Is(err, southbound.ErrAway) {
		b.t.Fatalf("got %v, want a refusal", err)
	}
	if f := fault.All(err)[0]; f.Tag != fault.OperationFailed {
		b.t.Errorf("the refusal is %s", f.Tag)
	}
	if strings.Contains(err.Error(), "watch") {
		b.t.Errorf("the refusal is %q: that the dataplane is away says enough", err)
	}
}

// leave has the dataplane go, and waits until the driver has noticed.
func (b *Bench) leave(claims []object.Claim) {
	b.t.Helper()
	b.World.(Leaver).Leave(b.t)
	b.Eventually("the driver has noticed", func() bool {
		return !slices.ContainsFunc(claims, func(c object.Claim) bool { return b.Condition(c) != object.Pending })
	})
}

// awayAtStart starts with nothing to drive.
func awayAtStart(t *testing.T, w World, back comesBack) {
	stay, move := stayAndMove(w)
	b := NewBench(t, w, southbound.Config{}, stay...)
	state := b.State()
	b.Stop()
	w.(Leaver).Leave(t)
	b = NewBench(t, w, southbound.Config{}, stay...)
	b.mustWait(stay)
	b.Observe()
	b.mustRefuse(move)
	b.mustWait(stay)
	back.do(w.(Leaver), t)
	b.backTo(state, stay)
	b.MustApply(move...)
	b.MustHave(move...)
}

// awayIdle has the dataplane go while nothing happens.
func awayIdle(t *testing.T, w World, back comesBack) {
	stay, move := stayAndMove(w)
	m := &Memory{}
	b := NewBench(t, w, southbound.Config{Memory: m}, stay...)
	b.Observe()
	p, _ := w.Ports()
	shown := func() bool { _, ok := b.Published(object.LinkID(p).String()); return ok }
	state, writes := b.State(), b.Backend.Stats().Writes
	for range 2 {
		b.leave(stay)
		b.mustWait(stay)
		b.Eventually("what is not known is not shown", func() bool { return !shown() })
		b.mustRefuse(move)
		b.mustWait(stay)
		back.do(w.(Leaver), t)
		b.backTo(state, stay)
		b.Eventually("what is known is shown", shown)
	}
	if n := b.Backend.Stats().Writes - writes; back.name == "returns" && n != 0 {
		t.Errorf("%d writes where all is as before", n)
	}
	b.MustApply(move...)
	b.leave(move)
	back.do(w.(Leaver), t)
	b.well(move)
	b.MustApply(stay...)
	b.backTo(state, stay)
	b.Eventually("no baseline is left", func() bool { return m.Held() == 0 })
}

// awayPending makes changes that wait.
func awayPending(t *testing.T, w World, back comesBack) {
	stay, move := stayAndMove(w)
	b := NewBench(t, w, southbound.Config{WhileAway: southbound.Pend}, stay...)
	b.Observe()
	before := b.State()
	b.MustApply(move...)
	b.leave(move)
	b.MustApply(stay...)
	b.mustWait(stay)
	for _, c := range move {
		if id := b.Backend.Normal(c.Object).ID(); b.Condition(c) != object.InSync && !slices.ContainsFunc(stay, func(s object.Claim) bool { return b.Backend.Normal(s.Object).ID() == id }) {
			t.Errorf("%s is not configured any more and is %s", c.ID(), b.Condition(c))
		}
	}
	back.do(w.(Leaver), t)
	b.backTo(before, stay)
	b.leave(stay)
	b.MustApply()
	b.MustApply(move...)
	back.do(w.(Leaver), t)
	b.well(move) // as it was, save for what is random, such as hardware addresses
	b.MustApply(stay...)
	b.backTo(before, stay)
}

// awayUnstored makes a change that cannot be stored, and so is taken back, as the
// agent does: without a Check. That is not refused.
func awayUnstored(t *testing.T, w World, back comesBack) {
	stay, move := stayAndMove(w)
	b := NewBench(t, w, southbound.Config{}, stay...)
	b.Observe()
	state, old := b.State(), b.tree
	b.MustApply(move...)
	b.leave(move)
	if err := b.Driver.Apply(t.Context(), b.tree, old); err != nil {
		t.Fatal(err)
	}
	b.tree = old
	b.mustWait(stay)
	back.do(w.(Leaver), t)
	b.backTo(state, stay)
}

// interrupted goes from one configuration to another, and has the dataplane go at
// each step, before it and, answer lost, after it. Each time all is as before once it
// is there again.
func interrupted(t *testing.T, w World, back comesBack, prepare func(b *Bench, k int)) {
	stay, move := stayAndMove(w)
	b := NewBench(t, w, southbound.Config{}, stay...)
	b.Observe()
	before := b.State()
	for k := 0; k < 50; k++ {
		for _, late := range []bool{false, true} {
			left, err := interrupt(b, move, prepare, k, late)
			for !left && errors.Is(err, southbound.ErrAway) { // the machine was too busy
				b.backTo(before, stay)
				left, err = interrupt(b, move, prepare, k, late)
			}
			if !left {
				if err == nil {
					b.MustHave(move...)
					return
				}
				if late || k > 0 {
					return // no step of the undoing is left to interrupt
				}
				continue
			}
			if !errors.Is(err, southbound.ErrAway) || !strings.Contains(err.Error(), "went away during the change") {
				t.Fatalf("step %d (%t): %v", k, late, err)
			}
			b.mustWait(stay)
			back.do(w.(Leaver), t)
			b.backTo(before, stay)
			if t.Failed() {
				t.Fatalf("step %d (%t)", k, late)
			}
		}
	}
	t.Error("more steps than can be")
}

// interrupt makes a change, and has the dataplane go at its step k if it has that many.
func interrupt(b *Bench, move []object.Claim, prepare func(b *Bench, k int), k int, late bool) (left bool, err error) {
	prepare(b, k)
	b.Backend.Interrupt(k, late, func() { left = true; b.World.(Leaver).Leave(b.t) })
	err = b.Apply(move...)
	b.Backend.Heal()
	return left, err
}

func awayDuring(t *testing.T, w World, back comesBack) {
	interrupted(t, w, back, func(*Bench, int) {})
}

// awayUndoing has a step fail late, and the dataplane go at each step that leads
// there and back.
func awayUndoing(t *testing.T, w World, back comesBack) {
	interrupted(t, w, back, func(b *Bench, _ int) { b.Backend.FailAfter(5) })
}
