package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
)

// run is one `go test -bench`.
type run struct {
	pkg     string
	pattern string
	time    string // -benchtime
}

const module = "github.com/outrigger-cnf/outrigger/"

// The packages that are measured.
const (
	inAgent   = module + "agent"
	inNETCONF = module + "northbound/netconf"
	inSidecar = module + "sidecar/bench"
)

// runs are as short as gives a steady figure. The percentile takes thousands of
// events, and what takes long needs few.
var runs = []run{
	{inAgent, "^BenchmarkCommitOneLeaf$", "1s"},
	{inNETCONF, "^(BenchmarkCreate100k|BenchmarkGetConfig100k)$", "5x"},
	{inSidecar, "^(BenchmarkIdle|BenchmarkResident)$", "5x"},
	{inSidecar, "^(BenchmarkSetAddress|BenchmarkLinkEvent)$", "3000x"},
	{inSidecar, "^BenchmarkVPPSetAddress$", "1000x"},
	{inSidecar, "^BenchmarkVPPRoutes$", "5x"},
	{inSidecar, "^BenchmarkVPPCounters$", "50x"},
}

// do runs the benchmarks and adds what they report to all.
func (r run) do(ctx context.Context, log io.Writer, all *results) error {
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", r.pattern, "-benchtime", r.time, "-benchmem", r.pkg)
	cmd.Stdout = io.MultiWriter(&out, log)
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", r.pkg, r.pattern, err, out.Bytes())
	}
	return all.read(&out)
}

// machine says what was measured on.
func machine(all *results) string {
	return fmt.Sprintf("%s, %s/%s, %d CPUs (%s)", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), all.cpu)
}
