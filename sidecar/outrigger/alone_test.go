package main

import (
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
)

func TestAlone(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	folder := t.TempDir()
	// The numbers are none that an agent at work on this machine is likely to have.
	kernel := func(protocol uint8) *Config { return &Config{Backend: "netlink", RouteProtocol: protocol} }
	vpp := func(socket string) *Config {
		return &Config{Backend: "vpp", RouteProtocol: 251, VPP: VPP{APISocket: filepath.Join(folder, socket)}}
	}
	for _, c := range []struct {
		name          string
		config, other *Config
		says          string
	}{
		{"the kernel", kernel(251), kernel(252), "251"},
		{"VPP", vpp("one"), vpp("two"), folder + "/one"},
		{"VPP beside the kernel", vpp("one"), kernel(251), folder + "/one"},
	} {
		t.Run(c.name, func(t *testing.T) {
			first, err := alone(c.config, log)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := alone(c.config, log); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("a second agent: %v", err)
			}
			other, err := alone(c.other, log)
			if err != nil {
				t.Errorf("an agent of another domain: %v", err)
			} else {
				other.Close()
			}
			if err := first.Close(); err != nil {
				t.Fatal(err)
			}
			again, err := alone(c.config, log)
			if err != nil {
				t.Fatalf("after the first has gone: %v", err)
			}
			again.Close()
		})
	}
}
