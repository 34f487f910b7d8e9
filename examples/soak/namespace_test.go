package soak

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/sys/unix"
)

var serial atomic.Int32

// namespace is a network namespace with links to configure, and with things in
// it that are none of the agent's business.
type namespace struct {
	name string
	work chan func()
}

// newNamespace furnishes a namespace: net1 and net2 are to be configured, p1 and
// p2 are their other ends; the rest must stay as it is.
func newNamespace(t *testing.T) *namespace {
	t.Helper()
	ns := &namespace{name: fmt.Sprintf("soak-%d-%d", os.Getpid(), serial.Add(1)), work: make(chan func())}
	if out, err := exec.Command("ip", "netns", "add", ns.name).CombinedOutput(); err != nil {
		t.Fatalf("ip netns add: %v: %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("ip", "netns", "delete", ns.name).CombinedOutput(); err != nil {
			t.Errorf("ip netns delete: %v: %s", err, out)
		}
	})
	entered := make(chan error)
	go ns.live(entered)
	if err := <-entered; err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { close(ns.work) })
	ns.ip(t, strings.TrimSpace(furniture))
	return ns
}

const furniture = `
link set lo up
link add net1 type veth peer name p1
link add net2 type veth peer name p2
link set p1 up
link set p2 up
link add fbr type bridge
link set fbr up
link set fbr alias not-ours
address add 203.0.113.5/24 dev net1
address add 203.0.113.129/25 dev fbr
address add fd00:f::1/64 dev fbr nodad
neighbor add 203.0.113.130 lladdr 02:00:00:00:0f:01 dev fbr nud permanent
route add 198.18.0.0/24 via 203.0.113.140 dev fbr proto static
route add 198.18.1.0/24 via 203.0.113.141 dev fbr proto 99 metric 50
route add blackhole 198.18.2.0/24 proto static metric 7
route add fd00:ff::/48 via fd00:f::2 dev fbr proto static
`

// live runs what must run inside the namespace on one thread, which dies with
// it: a thread that has changed its namespace is of no use to others.
func (ns *namespace) live(entered chan<- error) {
	runtime.LockOSThread()
	f, err := os.Open(filepath.Join("/run/netns", ns.name))
	if err == nil {
		err = unix.Setns(int(f.Fd()), unix.CLONE_NEWNET)
		f.Close()
	}
	entered <- err
	if err != nil {
		return
	}
	for do := range ns.work {
		do()
	}
}

// do runs f inside.
func (ns *namespace) do(f func()) {
	done := make(chan struct{})
	ns.work <- func() { defer close(done); f() }
	<-done
}

// dial connects from inside. A socket stays where it was made.
func (ns *namespace) dial(_ context.Context, address string) (conn net.Conn, err error) {
	ns.do(func() { conn, err = net.Dial("tcp4", address) })
	return conn, err
}

// ip runs lines of iproute2.
func (ns *namespace) ip(t *testing.T, lines string) {
	t.Helper()
	cmd := exec.Command("ip", "-n", ns.name, "-batch", "-")
	cmd.Stdin = strings.NewReader(lines + "\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("ip -batch: %v: %s\n%s", err, out, lines)
	}
}
