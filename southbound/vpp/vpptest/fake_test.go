package vpptest_test

import (
	"os"
	"strings"
	"testing"

	interfaces "go.fd.io/govpp/binapi/interface"
	"go.fd.io/govpp/binapi/vpe"

	"github.com/outrigger-cnf/outrigger/southbound/vpp/vpptest"
)

func TestFakeAnswers(t *testing.T) {
	f := vpptest.NewFake(t)
	c := vpptest.Dial(t, f.Socket())
	reply := c.Do(t, &interfaces.CreateLoopback{}).(*interfaces.CreateLoopbackReply)
	all, err := vpptest.Dump[interfaces.SwInterfaceDetails](c, &interfaces.SwInterfaceDump{SwIfIndex: ^reply.SwIfIndex | reply.SwIfIndex})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 2 || all[1].InterfaceName != "loop0" {
		t.Errorf("got %+v", all)
	}
}

// A real VPP starts, is the one that the fake is like, hangs, dies and starts again.
func TestStart(t *testing.T) {
	path := os.Getenv("OUTRIGGER_VPP")
	if path == "" {
		t.Skip("OUTRIGGER_VPP names no VPP: make test-vpp VPP=/path/to/vpp")
	}
	v := vpptest.Start(t, path)
	version := vpptest.Dial(t, v.Socket()).Do(t, &vpe.ShowVersion{}).(*vpe.ShowVersionReply)
	if !strings.Contains(version.Version, "25.10") {
		t.Errorf("this is VPP %s; the suite is of 25.10", version.Version)
	}
	v.Hang()
	v.Resume()
	v.Restart(t)
	vpptest.Dial(t, v.Socket()).Do(t, &vpe.ShowVersion{})
}

func TestUsable(t *testing.T) {
	for _, path := range []string{"/nowhere/vpp", os.TempDir(), "/bin/sh"} {
		if err := vpptest.Usable(path); err == nil || !strings.Contains(err.Error(), "no VPP") {
			t.Errorf("%s: %v", path, err)
		}
	}
}
