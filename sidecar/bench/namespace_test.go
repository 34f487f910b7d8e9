package bench

import (
	"context"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/outrigger-cnf/outrigger/internal/prereq"
)

// namespace is a network namespace with a veth pair: net1, and peer, which is up.
type namespace struct{ file *os.File }

func newNamespace(b *testing.B) *namespace {
	b.Helper()
	prereq.Root(b)
	prereq.Program(b, "ip")
	n := &namespace{}
	err := n.inside(func() (err error) {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return err
		}
		n.file, err = os.Open("/proc/thread-self/ns/net")
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { n.file.Close() })
	for _, args := range []string{"link set lo up", "link add net1 type veth peer name peer", "link set peer up"} {
		err := n.inside(func() error { return exec.Command("ip", strings.Fields(args)...).Run() })
		if err != nil {
			b.Fatalf("ip %s: %v", args, err)
		}
	}
	return n
}

// inside runs f on a thread in the namespace, which ends with it. Processes that
// f starts, and sockets that it opens, belong to the namespace.
func (n *namespace) inside(f func() error) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread dies with the goroutine
		if n.file != nil {
			if err := unix.Setns(int(n.file.Fd()), unix.CLONE_NEWNET); err != nil {
				done <- err
				return
			}
		}
		done <- f()
	}()
	return <-done
}

// dial connects to an address in the namespace.
func (n *namespace) dial(_ context.Context, address string) (conn net.Conn, err error) {
	err = n.inside(func() error {
		conn, err = net.Dial("tcp", address)
		return err
	})
	return conn, err
}
