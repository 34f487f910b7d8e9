package main

import (
	"strings"
	"testing"
)

const output = `goos: linux
goarch: amd64
pkg: example.org/x
cpu: Some Processor @ 1.00GHz
BenchmarkLeaf/1k-2         	   60000	     20000 ns/op	    9000 B/op	     140 allocs/op
BenchmarkLeaf/100k-2       	   50000	     %s ns/op	    9000 B/op	     140 allocs/op
BenchmarkIdle              	       5	        22.50 rss-MB	       145.5 ready-ms
--- BENCH: BenchmarkIdle-2
    bench_test.go:1: after 3 tries
BenchmarkSkipped
--- SKIP: BenchmarkSkipped
    prereq.go:1: missing prerequisite: root
PASS
ok  	example.org/x	14.9s
`

func readAll(t *testing.T, largest ...string) *results {
	t.Helper()
	r := &results{}
	for _, l := range largest {
		if err := r.read(strings.NewReader(strings.Replace(output, "%s", l, 1))); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

func TestTable(t *testing.T) {
	small, large := figure{"BenchmarkLeaf/1k", "ns/op", 1e-3}, figure{"BenchmarkLeaf/100k", "ns/op", 1e-3}
	rows := []row{
		{what: "leaf", value: large, under: 200, unit: "µs", base: &small, timesBase: 1.5},
		{what: "idle", value: figure{"BenchmarkIdle", "ready-ms", 1}, under: 100, unit: "ms",
			also: &figure{"BenchmarkIdle", "rss-MB", 1}, alsoName: "with"},
		{what: "many", value: figure{"BenchmarkLeaf/1k", "B/op", 1}, atLeast: 9000, unit: "B"},
		{what: "few", value: figure{"BenchmarkLeaf/1k", "B/op", 1}, atLeast: 9001, unit: "B"},
		{what: "skipped", value: figure{"BenchmarkSkipped", "ns/op", 1}, under: 1, unit: "ns"},
	}
	for _, c := range []struct {
		name    string
		largest []string
		leaf    string
	}{
		{"met", []string{"25000"}, "25.0 µs, 1.25 × | yes |"},
		{"median", []string{"900000", "25000", "26000"}, "26.0 µs, 1.30 × | yes |"},
		{"median of two", []string{"25000", "26000"}, "25.5 µs, 1.27 × | yes |"},
		{"too many times", []string{"31000"}, "31.0 µs, 1.55 × | no |"},
		{"too slow", []string{"250000"}, "250 µs, 12.50 × | no |"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b strings.Builder
			writeTable(&b, rows, readAll(t, c.largest...))
			want := "| what | target | measured | met |\n|---|---|---|---|\n" +
				"| leaf | under 200 µs, at most 1.5 × that of the row above | " + c.leaf + "\n" +
				"| idle | under 100 ms | 146 ms (with 22.5 ms) | no |\n" +
				"| many | at least 9000 B | 9000 B | yes |\n" +
				"| few | at least 9001 B | 9000 B | no |\n" +
				"| skipped | under 1 ns | not measured | – |\n"
			if b.String() != want {
				t.Errorf("got:\n%swant:\n%s", b.String(), want)
			}
		})
	}
}

func TestReadRefuses(t *testing.T) {
	if err := (&results{}).read(strings.NewReader("BenchmarkX-2 5 many ns/op\n")); err == nil {
		t.Error("a figure that is none is taken")
	}
	if r := readAll(t, "1"); r.cpu != "Some Processor @ 1.00GHz" {
		t.Errorf("the CPU is %q", r.cpu)
	}
}

// The table may only ask for what the runs measure.
func TestRunsMeasureTheTable(t *testing.T) {
	for _, w := range table {
		top, _, _ := strings.Cut(w.value.benchmark, "/")
		found := false
		for _, r := range runs {
			for _, name := range strings.Split(strings.Trim(r.pattern, "^()$"), "|") {
				found = found || name == top
			}
		}
		if !found {
			t.Errorf("nothing runs %s, for the row %q", top, w.what)
		}
	}
}
