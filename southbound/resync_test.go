package southbound_test

import (
	"testing"
	"time"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// teller is a model that hears of the dataplane and has nothing else to say.
type teller struct {
	told chan object.Dataplane
	seen chan struct{} // has room for one
}

func (teller) Leaves() []path.Path { return nil }

func (teller) Units() []southbound.Unit { return nil }

func (m teller) State(southbound.World, ...southbound.Transition) []agent.StateChange {
	select {
	case m.seen <- struct{}{}:
	default:
	}
	return nil
}

func (m teller) Dataplane(d object.Dataplane) []agent.StateChange {
	m.told <- d
	return nil
}

// Each time that the dataplane was away and is there again is told, once; the first
// time that it is there is not.
func TestResyncs(t *testing.T) {
	r := newRemote()
	r.Leave(t)
	m := teller{make(chan object.Dataplane, 100), make(chan struct{}, 1)}
	d, err := southbound.New(southbound.Config{Backend: r.Backend(t), Models: []southbound.Model{m}})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- d.Observe(t.Context(), func(agent.Update) {}) }()
	hear := func(what string, f func(object.Dataplane) bool) {
		t.Helper()
		for {
			select {
			case d := <-m.told:
				if f(d) {
					return
				}
			case err := <-ended:
				t.Fatal(err)
			case <-time.After(10 * time.Second):
				t.Fatal("never told: " + what)
			}
		}
	}
	hear("away", func(d object.Dataplane) bool { return !d.Connected && d.Resyncs == 0 })
	for n, back := range []func(testing.TB){r.Return, r.Return, r.Replace} {
		if n > 0 {
			r.Leave(t)
			hear("away again", func(d object.Dataplane) bool { return !d.Connected })
		}
		back(t)
		if n == 0 {
			<-m.seen
		}
		hear("there again", func(d object.Dataplane) bool { return d.Connected && d.Resyncs == uint64(n) })
	}
}
