package netlink_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/conformance"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
)

// BenchmarkApplyAddress sets one address and takes it away again: two changes,
// with the routes of n other networks there.
func BenchmarkApplyAddress(b *testing.B) {
	for _, n := range []int{0, 10000} {
		b.Run(fmt.Sprintf("routes=%d", n), func(b *testing.B) {
			w := newWorld(b)
			foreignRoutes(b, w, n)
			d := conformance.NewBench(b, w, southbound.Config{})
			d.Observe()
			with := []object.Claim{conformance.Address("p", "192.0.2.1/24")}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if i%2 == 0 {
					d.MustApply(with...)
				} else {
					d.MustApply()
				}
			}
		})
	}
}

// BenchmarkApplyRoutes creates n routes in one change.
func BenchmarkApplyRoutes(b *testing.B) {
	const n = 10000
	w := newWorld(b)
	d := conformance.NewBench(b, w, southbound.Config{}, conformance.Address("p", "192.0.2.1/24"))
	d.Observe()
	claims := []object.Claim{conformance.Address("p", "192.0.2.1/24")}
	for i := range n {
		claims = append(claims, conformance.Route(fmt.Sprintf("10.%d.%d.0/24", i/250, i%250), 0, conformance.Via("192.0.2.2", "p")))
	}
	full, empty := d.Config(claims...), d.Config(claims[:1]...)
	for b.Loop() {
		if err := d.Driver.Apply(b.Context(), empty, full); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if err := d.Driver.Apply(b.Context(), full, empty); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "routes/s")
}

// BenchmarkLinkEvent measures from the kernel's change of a link's state to its
// being published.
func BenchmarkLinkEvent(b *testing.B) {
	w := newWorld(b)
	d := conformance.NewBench(b, w, southbound.Config{})
	d.Observe()
	other := w.backend(b)
	up := true
	var took []time.Duration
	for b.Loop() {
		up = !up
		want := fmt.Sprintf("Up:%t", up)
		start := time.Now()
		if err := other.Do(context.Background(), linkUp("q", up)); err != nil {
			b.Fatal(err)
		}
		d.Await(func(text func(string) string) bool { return strings.Contains(text("link q"), want) })
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
}

// BenchmarkCounters samples all links of a namespace with a thousand.
func BenchmarkCounters(b *testing.B) {
	w := newWorld(b)
	var batch bytes.Buffer
	for i := range 1000 {
		fmt.Fprintf(&batch, "link add br%d type bridge\n", i)
	}
	runBatch(b, w, &batch)
	backend := w.backend(b)
	var list []object.LinkCounters
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if list, err = backend.Counters(context.Background(), "", list[:0]); err != nil {
			b.Fatal(err)
		}
	}
}

func foreignRoutes(tb testing.TB, w *world, n int) {
	var batch bytes.Buffer
	for i := range n {
		fmt.Fprintf(&batch, "route add 10.%d.%d.0/24 dev q\n", i/250, i%250)
	}
	runBatch(tb, w, &batch)
}

func runBatch(tb testing.TB, w *world, batch *bytes.Buffer) {
	file := tb.TempDir() + "/batch"
	if err := os.WriteFile(file, batch.Bytes(), 0o600); err != nil {
		tb.Fatal(err)
	}
	w.run(tb, "ip", "-batch", file)
}

func linkUp(name string, up bool) plan.Step {
	return plan.Step{
		Op: plan.Update, ID: object.LinkID(name), Attrs: []object.Attr{object.Up},
		Have: &object.Link{Name: name, Up: !up}, Want: &object.Link{Name: name, Up: up},
	}
}
