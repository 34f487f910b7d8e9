package vpp_test

import (
	"testing"

	interfaces "go.fd.io/govpp/binapi/interface"

	"github.com/outrigger-cnf/outrigger/southbound/vpp"
	"github.com/outrigger-cnf/outrigger/southbound/vpp/vpptest"
)

// BenchmarkDump lists all that a dataplane of 1,000 links has, which is what a look at
// all tables costs.
func BenchmarkDump(b *testing.B) {
	d := benchBackend(b)
	backend, err := vpp.New(vpp.Config{Socket: d.Socket(), Stats: d.Stats()})
	if err != nil {
		b.Fatal(err)
	}
	defer backend.Close()
	if err := backend.Await(b.Context()); err != nil {
		b.Fatal(err)
	}
	other := vpptest.Dial(b, d.Socket())
	for i := range 1000 {
		other.Do(b, &interfaces.CreateLoopbackInstance{IsSpecified: true, UserInstance: uint32(i)})
	}
	b.ReportAllocs()
	start := used(b)
	for b.Loop() {
		if all, err := backend.Dump(b.Context()); err != nil || len(all) < 1000 {
			b.Fatalf("%d, %v", len(all), err)
		}
	}
	b.ReportMetric(float64((used(b)-start).Microseconds())/float64(b.N), "cpu-µs/op")
}
