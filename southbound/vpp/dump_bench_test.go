package vpp_test

import "testing"

// BenchmarkDump lists all that a dataplane of 1,000 links has, which is what a look at
// all tables costs.
func BenchmarkDump(b *testing.B) {
	backend, _ := benchOn(b, 1000)
	b.ReportAllocs()
	start := used(b)
	for b.Loop() {
		if all, err := backend.Dump(b.Context()); err != nil || len(all) < 1000 {
			b.Fatalf("%d, %v", len(all), err)
		}
	}
	b.ReportMetric(float64((used(b)-start).Microseconds())/float64(b.N), "cpu-µs/op")
}
