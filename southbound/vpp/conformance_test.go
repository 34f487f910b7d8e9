package vpp_test

import (
	"os"
	"testing"
	"time"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/conformance"
	"github.com/outrigger-cnf/outrigger/southbound/vpp"
	"github.com/outrigger-cnf/outrigger/southbound/vpp/vpptest"
)

// opener opens a VPP as the backend, with the patience of tests.
func opener(d vpptest.Dataplane) func(testing.TB) southbound.Backend {
	deadline := 300 * time.Millisecond
	if d.Real() {
		deadline = time.Second
	}
	return func(t testing.TB) southbound.Backend {
		b, err := vpp.New(vpp.Config{Socket: d.Socket(), Stats: d.Stats(), Poll: 20 * time.Millisecond, Deadline: deadline, Interval: 50 * time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { b.Close() })
		return b
	}
}

// realVPP is the program that OUTRIGGER_VPP names; without it the test is not for
// this run.
func realVPP(t testing.TB) string {
	path := os.Getenv("OUTRIGGER_VPP")
	if path == "" {
		t.Skip("OUTRIGGER_VPP names no VPP: make test-vpp VPP=/path/to/vpp")
	}
	return path
}

func TestConformance(t *testing.T) {
	conformance.Run(t, func(t testing.TB) conformance.World {
		f := vpptest.NewFake(t)
		return vpptest.NewWorld(t, f, opener(f))
	})
}

func TestConformanceVPP(t *testing.T) {
	path := realVPP(t)
	conformance.Run(t, func(t testing.TB) conformance.World {
		v := vpptest.Start(t, path)
		return vpptest.NewWorld(t, v, opener(v))
	})
}
