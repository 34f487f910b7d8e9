package southbound_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/conformance"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// late is a dataplane in memory whose notifications come when the test says so,
// telling what it says.
type late struct {
	*memory
	tell chan southbound.Events
}

type lateBackend struct {
	southbound.Backend
	tell chan southbound.Events
}

// ReadFirst is so of all kinds: nothing is told as it happens.
func (b *lateBackend) ReadFirst(object.Kind) bool { return true }

func (l *late) Backend(t testing.TB) southbound.Backend {
	return &lateBackend{l.memory.Backend(t), l.tell}
}

func (b *lateBackend) Watch(context.Context) (southbound.Watcher, error) { return b, nil }
func (b *lateBackend) Close() error                                      { return nil }

func (b *lateBackend) Next(ctx context.Context) (southbound.Events, error) {
	select {
	case e := <-b.tell:
		return e, nil
	case <-ctx.Done():
		return southbound.Events{}, ctx.Err()
	}
}

// A watcher reads a link in the midst of a commit, and the driver hears of it when
// the commit is done: nobody has changed anything back, so there is nothing to mend.
func TestNewsOlderThanCommit(t *testing.T) {
	w := &late{newMemory(), make(chan southbound.Events)}
	before := w.states[object.LinkID("p")]
	b := conformance.NewBench(t, w, southbound.Config{}, conformance.Up("p", true))
	b.Observe()
	b.MustApply(conformance.Up("p", false))
	writes := b.Backend.Stats().Writes
	w.tell <- southbound.Events{Changes: []southbound.Change{{ID: before.ID(), State: before}}}
	for range 2 { // the second is taken once the news has been handled
		w.tell <- southbound.Events{}
	}
	if n := b.Backend.Stats().Writes - writes; n != 0 {
		t.Errorf("%d writes to mend what is as it should be", n)
	}
	b.MustHave(conformance.Up("p", false))
}

// As before, with routes: few, which are read one by one, and many, for which
// everything is read.
func TestNewsOfRoutesOlderThanCommit(t *testing.T) {
	for _, n := range []int{3, 300} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			w := &late{newMemory(), make(chan southbound.Events)}
			claims := []object.Claim{conformance.Address("p", "192.0.2.1/24")}
			var gone []southbound.Change
			for i := range n {
				r := conformance.Route(fmt.Sprintf("10.%d.%d.0/24", i/250, i%250), 0, conformance.Via("192.0.2.2", "p"))
				claims = append(claims, r)
				gone = append(gone, southbound.Change{ID: r.ID()})
			}
			b := conformance.NewBench(t, w, southbound.Config{})
			b.Observe()
			b.MustApply(claims...)
			writes := b.Backend.Stats().Writes
			w.tell <- southbound.Events{Changes: gone}
			for range 2 {
				w.tell <- southbound.Events{}
			}
			if n := b.Backend.Stats().Writes - writes; n != 0 {
				t.Errorf("%d writes to mend what is as it should be", n)
			}
			b.MustHave(claims...)
		})
	}
}
