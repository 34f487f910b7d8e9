package main

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// results are what benchmarks have reported, all repetitions of it.
type results struct {
	cpu    string
	values map[key][]float64
}

// key names a figure, such as BenchmarkCommitOneLeaf/1k and ns/op.
type key struct{ benchmark, unit string }

// read adds the output of `go test -bench`: lines of a name, a number of
// iterations, and pairs of a value and its unit.
func (r *results) read(in io.Reader) error {
	if r.values == nil {
		r.values = make(map[key][]float64)
	}
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		if cpu, ok := strings.CutPrefix(lines.Text(), "cpu: "); ok {
			r.cpu = cpu
		}
		fields := strings.Fields(lines.Text())
		if len(fields) < 4 || len(fields)%2 != 0 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		if _, err := strconv.Atoi(fields[1]); err != nil {
			continue // a line of the benchmark's log
		}
		name := withoutProcs(fields[0])
		for i := 2; i < len(fields); i += 2 {
			v, err := strconv.ParseFloat(fields[i], 64)
			if err != nil {
				return fmt.Errorf("%q is no figure in: %s", fields[i], lines.Text())
			}
			k := key{name, fields[i+1]}
			r.values[k] = append(r.values[k], v)
		}
	}
	return lines.Err()
}

// withoutProcs cuts off the -N that says how many CPUs there were, if it is there.
func withoutProcs(name string) string {
	i := strings.LastIndexByte(name, '-')
	if i < 0 {
		return name
	}
	if _, err := strconv.Atoi(name[i+1:]); err != nil {
		return name
	}
	return name[:i]
}

// median is the middle of what was reported, and whether anything was.
func (r *results) median(benchmark, unit string) (float64, bool) {
	all := slices.Sorted(slices.Values(r.values[key{benchmark, unit}]))
	if len(all) == 0 {
		return 0, false
	}
	return (all[(len(all)-1)/2] + all[len(all)/2]) / 2, true
}
