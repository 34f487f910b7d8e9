// Bench runs the benchmarks that say whether the product is as fast and as small
// as it is meant to be, and prints them as a table in Markdown: `make bench`.
//
//	bench [-repeat N] [-v]
//
// Its parts: the table (table.go), the runs of `go test -bench` that it takes its
// figures from (run.go) and their output (parse.go). A target that is missed is
// something to read, not an error: the exit code is 1 only when a benchmark
// fails.
//
// All runs are repeated in turn, and each figure is the median, so that what else
// the machine does for a while touches one of them only. Benchmarks whose
// prerequisites are missing (root, for a network namespace) leave their rows open.
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
)

func main() {
	repeat := flag.Int("repeat", 3, "how often everything is measured; the median counts")
	verbose := flag.Bool("v", false, "print the output of the benchmarks, too")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	log := io.Discard
	if *verbose {
		log = os.Stderr
	}
	if err := report(ctx, os.Stdout, log, max(*repeat, 1)); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// report measures and prints.
func report(ctx context.Context, out, log io.Writer, repeat int) error {
	all := &results{}
	for i := range repeat {
		for _, r := range runs {
			fmt.Fprintf(os.Stderr, "%d of %d: %s %s\n", i+1, repeat, r.pkg, r.pattern)
			if err := r.do(ctx, log, all); err != nil {
				return err
			}
		}
	}
	w := bufio.NewWriter(out)
	writeTable(w, table, all)
	fmt.Fprintf(w, "\n%s; the median of %d.\n", machine(all), repeat)
	return w.Flush()
}
