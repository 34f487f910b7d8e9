package main

import (
	"fmt"
	"io"
)

// figure is one value of one benchmark, scaled to the unit that the table has.
type figure struct {
	benchmark, unit string
	scale           float64
}

func (f figure) of(r *results) (float64, bool) {
	v, ok := r.median(f.benchmark, f.unit)
	return v * f.scale, ok
}

// row is a line of the table: what is measured has to be under a limit, or at
// least something.
type row struct {
	what    string
	value   figure
	under   float64
	atLeast float64
	unit    string
	// base is what the value is compared with as well: it may be at most
	// timesBase times as much.
	base      *figure
	timesBase float64
	// also is shown, and has no target.
	also     *figure
	alsoName string
}

var (
	oneLeaf1k   = figure{"BenchmarkCommitOneLeaf/1k", "ns/op", 1e-3}
	oneLeaf100k = figure{"BenchmarkCommitOneLeaf/100k", "ns/op", 1e-3}
)

var table = []row{
	{what: "one-leaf commit, fake driver, store on tmpfs, 1,000 interfaces", value: oneLeaf1k, under: 200, unit: "µs"},
	{what: "the same, 100,000 interfaces", value: oneLeaf100k, under: 200, unit: "µs", base: &oneLeaf1k, timesBase: 1.5},
	{what: "create 100,000 interfaces in one edit-config over SSH", value: figure{"BenchmarkCreate100k", "ns/op", 1e-9}, under: 2, unit: "s"},
	{what: "get-config of 100,000 interfaces over SSH", value: figure{"BenchmarkGetConfig100k", "ns/op", 1e-6}, under: 200, unit: "ms"},
	{what: "resident memory with 100,000 interfaces", value: figure{"BenchmarkResident", "rss-MB", 1}, under: 250, unit: "MB"},
	{what: "one-address gNMI Set, to the kernel and acknowledged", value: figure{"BenchmarkSetAddress", "p50-ms", 1}, under: 2, unit: "ms",
		also: &figure{"BenchmarkSetAddress", "p99-ms", 1}, alsoName: "p99"},
	{what: "kernel link event to ON_CHANGE client, p99", value: figure{"BenchmarkLinkEvent", "p99-ms", 1}, under: 2, unit: "ms",
		also: &figure{"BenchmarkLinkEvent", "p50-ms", 1}, alsoName: "p50"},
	{what: "idle agent in --dev, resident memory", value: figure{"BenchmarkIdle", "rss-MB", 1}, under: 40, unit: "MB"},
	{what: "idle agent in --dev, start to ready", value: figure{"BenchmarkIdle", "ready-ms", 1}, under: 300, unit: "ms"},
	{what: "VPP: 10,000 routes in one gNMI Set", value: figure{"BenchmarkVPPRoutes", "routes/s", 1}, atLeast: 50_000, unit: "routes/s"},
	{what: "VPP: one-address gNMI Set, to VPP and acknowledged", value: figure{"BenchmarkVPPSetAddress", "p50-ms", 1}, under: 3, unit: "ms",
		also: &figure{"BenchmarkVPPSetAddress", "p99-ms", 1}, alsoName: "p99"},
	{what: "VPP: counters of 1,000 interfaces, read, rendered and sent, CPU", value: figure{"BenchmarkVPPCounters", "cpu-ms/sample", 1}, under: 5, unit: "ms"},
}

// target is the limit in words.
func (w row) target() string {
	text := fmt.Sprintf("under %v %s", w.under, w.unit)
	if w.atLeast != 0 {
		text = fmt.Sprintf("at least %.0f %s", w.atLeast, w.unit)
	}
	if w.base != nil {
		text += fmt.Sprintf(", at most %v × that of the row above", w.timesBase)
	}
	return text
}

// measured is the value in words, and whether it meets the target; "no" and "yes"
// are for measurements, "–" is for none.
func (w row) measured(r *results) (text, met string) {
	v, ok := w.value.of(r)
	if !ok {
		return "not measured", "–"
	}
	text = fmt.Sprintf("%s %s", digits(v), w.unit)
	good := v < w.under || w.atLeast != 0 && v >= w.atLeast
	if w.base != nil {
		base, ok := w.base.of(r)
		if !ok {
			return text, "–"
		}
		text += fmt.Sprintf(", %.2f ×", v/base)
		good = good && v <= w.timesBase*base
	}
	if w.also != nil {
		if v, ok := w.also.of(r); ok {
			text += fmt.Sprintf(" (%s %s %s)", w.alsoName, digits(v), w.unit)
		}
	}
	if good {
		return text, "yes"
	}
	return text, "no"
}

// digits keeps three of them.
func digits(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	default:
		return fmt.Sprintf("%.2f", v)
	}
}

func writeTable(w io.Writer, rows []row, r *results) {
	fmt.Fprintln(w, "| what | target | measured | met |")
	fmt.Fprintln(w, "|---|---|---|---|")
	for _, row := range rows {
		text, met := row.measured(r)
		fmt.Fprintf(w, "| %s | %s | %s | %s |\n", row.what, row.target(), text, met)
	}
}
