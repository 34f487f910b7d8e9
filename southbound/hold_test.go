package southbound_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/conformance"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// What a commit brings about is shown when that is over, and what happens meanwhile
// with it. In a row of commits an observer who was busy shows what the first has
// brought about while the next one is under way.
func TestHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &late{newMemory(), make(chan southbound.Events)}
		b := conformance.NewBench(t, w, southbound.Config{})
		var published []string
		busy := make(chan struct{}, 100) // what the observer takes for each update
		for range 10 {
			busy <- struct{}{}
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() {
			ended <- b.Driver.Observe(ctx, func(u agent.Update) {
				<-busy
				for _, c := range u.Changes {
					name, _ := c.Path.Last().Key("name")
					published = append(published, name)
				}
			})
		}()
		defer func() { stop(); <-ended }()
		// shows waits until there is nothing more to do.
		shows := func(when string, want ...object.ID) {
			t.Helper()
			synctest.Wait()
			var names []string
			for _, id := range want {
				names = append(names, id.String())
			}
			if !slices.Equal(published, names) {
				t.Errorf("%s %q is published, want %q", when, published, names)
			}
			published = nil
		}
		tell := func(address string) object.ID {
			o := conformance.Address("q", address).Object
			w.Add(t, o)
			w.tell <- southbound.Events{Changes: []southbound.Change{{ID: o.ID(), State: w.states[o.ID()]}}}
			return o.ID()
		}
		synctest.Wait() // for the first look
		published = nil

		one, two, three := conformance.Address("p", "192.0.2.1/24"), conformance.Address("p", "198.51.100.1/24"), conformance.Address("p", "203.0.113.1/24")
		release := b.Driver.Hold()
		b.MustApply(one)
		shows("when a commit has been applied")
		event := tell("192.0.2.9/24")
		shows("when something happens then")
		release()
		shows("when it is over", one.ID(), event)
		shows("between commits", tell("192.0.2.10/24"))
		release = b.Driver.Hold()
		shows("before anything was applied")
		release()

		for len(busy) > 0 {
			<-busy
		}
		event = tell("192.0.2.11/24")
		synctest.Wait()
		release = b.Driver.Hold()
		b.MustApply(one, two)
		release()
		release = b.Driver.Hold()
		busy <- struct{}{}
		busy <- struct{}{}
		shows("while the next commit is under way", event, two.ID())
		b.MustApply(one, two, three)
		busy <- struct{}{}
		shows("when that has been applied")
		release()
		shows("after the last commit", three.ID())
	})
}
