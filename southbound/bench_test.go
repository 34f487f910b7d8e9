package southbound_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/conformance"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
)

// prompt is a dataplane that has done whatever it is asked at once, and keeps
// nothing of it: what is measured on it is the driver.
type prompt struct{ *remote }

func (p prompt) Backend(t testing.TB) southbound.Backend {
	return &promptBackend{p.remote.Backend(t).(*remoteBackend)}
}

type promptBackend struct{ *remoteBackend }

func (promptBackend) DoAll(_ context.Context, steps []plan.Step) []error {
	return make([]error, len(steps))
}

// BenchmarkRoutes creates 10,000 routes in one change, and deletes them.
func BenchmarkRoutes(b *testing.B) {
	const n = 10000
	for name, hop := range map[string]object.NextHop{"link": conformance.Via("192.0.2.2", "p"), "gateway": conformance.Via("192.0.2.2", "")} {
		b.Run(name, func(b *testing.B) {
			base := []object.Claim{conformance.Address("p", "192.0.2.1/24")}
			d := conformance.NewBench(b, prompt{newRemote()}, southbound.Config{}, base...)
			d.Observe()
			claims := base
			for i := range n {
				claims = append(claims, conformance.Route(fmt.Sprintf("10.%d.%d.0/24", i/250, i%250), 0, hop))
			}
			full, empty := d.Config(claims...), d.Config(base...)
			change := func(from, to tree.Tree) {
				if err := d.Driver.Check(b.Context(), from, to); err != nil {
					b.Fatal(err)
				}
				if err := d.Driver.Apply(b.Context(), from, to); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportAllocs()
			for b.Loop() {
				change(empty, full)
				change(full, empty)
			}
			b.ReportMetric(float64(2*n)*float64(b.N)/b.Elapsed().Seconds(), "routes/s")
		})
	}
}

// BenchmarkReturn has the dataplane begin anew with 10,000 routes configured: what
// it takes to make them all again once it is there.
func BenchmarkReturn(b *testing.B) {
	const n = 10000
	r := newRemote()
	claims := []object.Claim{conformance.Address("p", "192.0.2.1/24")}
	for i := range n {
		claims = append(claims, conformance.Route(fmt.Sprintf("10.%d.%d.0/24", i/250, i%250), 0, conformance.Via("192.0.2.2", "p")))
	}
	d := conformance.NewBench(b, prompt{r}, southbound.Config{}, claims...)
	d.Observe()
	last := claims[n]
	for b.Loop() {
		b.StopTimer()
		r.Leave(b)
		d.Eventually("it has been noticed", func() bool { return d.Condition(last) == object.Pending })
		b.StartTimer()
		r.Replace(b)
		for d.Condition(last) != object.InSync {
			runtime.Gosched()
		}
	}
}
