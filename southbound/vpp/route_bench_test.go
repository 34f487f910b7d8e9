package vpp_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
)

const benchRoutes = 10000

// benchSteps makes n routes by two links.
func benchSteps(n int) []plan.Step {
	steps := make([]plan.Step, n)
	for i := range steps {
		steps[i] = making(route(fmt.Sprintf("10.%d.%d.0/24", i/250, i%250), 0, hop("192.0.2.2", "p")))
	}
	return steps
}

// BenchmarkRoutes makes 10,000 routes in one call, and deletes them in another.
func BenchmarkRoutes(b *testing.B) {
	backend, _ := benchOn(b, 0)
	l := &object.Link{Name: "p", Kind: object.Loopback}
	for _, s := range []plan.Step{create(l), making(address("p", "192.0.2.1/24"))} {
		if err := backend.Do(b.Context(), s); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := backend.Dump(b.Context()); err != nil { // as whoever begins does
		b.Fatal(err)
	}
	makes := benchSteps(benchRoutes)
	removes := undone(makes)
	all := func(b *testing.B, steps []plan.Step) {
		for i, err := range southbound.Bulk(backend).DoAll(b.Context(), steps) {
			if err != nil {
				b.Fatalf("%s: %v", steps[i], err)
			}
		}
	}
	var own time.Duration // of this process on the processor, while steps are timed
	timed := func(b *testing.B, steps []plan.Step) {
		start := used(b)
		all(b, steps)
		own += used(b) - start
	}
	rate := func(b *testing.B) {
		b.ReportMetric(float64(benchRoutes)*float64(b.N)/b.Elapsed().Seconds(), "routes/s")
		b.ReportMetric(float64(own.Microseconds())/float64(b.N), "cpu-µs/op")
		own = 0
	}
	b.Run("make", func(b *testing.B) {
		for b.Loop() {
			timed(b, makes)
			b.StopTimer()
			all(b, removes)
			b.StartTimer()
		}
		rate(b)
	})
	b.Run("delete", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			all(b, makes)
			b.StartTimer()
			timed(b, removes)
		}
		rate(b)
	})
	all(b, makes)
	b.Run("dump", func(b *testing.B) {
		for b.Loop() {
			start := used(b)
			if _, err := backend.Dump(b.Context()); err != nil {
				b.Fatal(err)
			}
			own += used(b) - start
		}
		rate(b)
	})
	b.Run("one beside them", func(b *testing.B) {
		one := route("203.0.113.0/24", 0, hop("192.0.2.2", "p"))
		for b.Loop() {
			all(b, []plan.Step{making(one)})
			all(b, []plan.Step{removing(one)})
		}
	})
	b.Run("a hundred beside them", func(b *testing.B) {
		var some []plan.Step
		for i := range 100 {
			some = append(some, making(route(fmt.Sprintf("11.0.%d.0/24", i), 0, hop("192.0.2.2", "p"))))
		}
		back := undone(some)
		for b.Loop() {
			all(b, some)
			all(b, back)
		}
	})
}
