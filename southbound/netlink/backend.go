// Package netlink is the southbound backend for the Linux kernel: links,
// addresses, neighbors, routes and the settings below /proc/sys/net of one
// network namespace.
//
// Its parts: encoders and decoders of rtnetlink messages (link, address, route,
// neigh: one file each), what is read (read, dump, counters), what is written
// (do, restore, tap, sysctl) and the notifications (watch).
//
// # Ownership
//
// Routes, addresses and neighbors carry a protocol number. A link carries a mark
// of that number in its alias, before the description; while it is being made,
// before it has an alias, it is in a group of that number. What carries none of
// them is never removed, nor is what carries those of another number.
//
// # Caveats
//
// The kernel has no transactions: a step is one message, save the creation of a
// link, which is taken back if its second message fails. An IPv4 route goes
// without notice when its link goes down, is deleted, or loses its last address;
// the watcher therefore reads the routes of such a link again. A setting below
// /proc/sys has no owner and, but for forwarding, no notification.
package netlink

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"github.com/outrigger-cnf/outrigger/southbound"
)

// DefaultProtocol is the protocol number that marks what is ours. It is free in
// the kernel's rt_protos and in those of the common routing daemons.
const DefaultProtocol = 171

// Config says how to talk to the kernel.
type Config struct {
	// Protocol marks our routes, addresses, neighbors and links; 0 is DefaultProtocol.
	Protocol uint8
	// NetNS is an open file of a network namespace; 0 is the process's own. To
	// enter another one takes CAP_SYS_ADMIN.
	NetNS int
	// ReceiveBuffer is the size of the notification socket's buffer in bytes; 0
	// is 8 MiB. It is forced with CAP_NET_ADMIN, and else limited by the kernel.
	ReceiveBuffer int
	Log           *slog.Logger // nil: nothing is logged
}

// Backend talks to one network namespace.
type Backend struct {
	cfg   Config
	ns    namespace
	conn  *netlink.Conn // requests; locks itself for each
	ioctl int           // a socket for requests that are no netlink messages
	pid   uint32        // port of conn: how notifications of our own changes are told
	log   *slog.Logger

	stats struct{ writes, reads, dumps, events, lost atomic.Uint64 }

	names names
}

var _ southbound.Backend = (*Backend)(nil)

// New opens the sockets. It changes nothing.
func New(cfg Config) (*Backend, error) {
	if cfg.Protocol == 0 {
		cfg.Protocol = DefaultProtocol
	}
	if cfg.ReceiveBuffer == 0 {
		cfg.ReceiveBuffer = 8 << 20
	}
	b := &Backend{cfg: cfg, ns: namespace(cfg.NetNS), log: cfg.Log}
	if b.log == nil {
		b.log = slog.New(slog.DiscardHandler)
	}
	var err error
	if b.conn, err = netlink.Dial(unix.NETLINK_ROUTE, &netlink.Config{NetNS: cfg.NetNS, Strict: true}); err != nil {
		return nil, fmt.Errorf("open a netlink socket: %w", err)
	}
	b.pid = b.conn.PID()
	err = b.ns.do(func() error {
		b.ioctl, err = unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
		return err
	})
	if err != nil {
		_ = b.conn.Close()
		return nil, fmt.Errorf("open a socket: %w", err)
	}
	b.names.lookup = b.lookupName
	return b, nil
}

// Close closes the sockets. The kernel keeps what was configured.
func (b *Backend) Close() error {
	_ = unix.Close(b.ioctl)
	return b.conn.Close()
}

// Stats tells what was done.
func (b *Backend) Stats() southbound.Stats {
	return southbound.Stats{
		Writes: b.stats.writes.Load(),
		Reads:  b.stats.reads.Load(),
		Dumps:  b.stats.dumps.Load(),
		Events: b.stats.events.Load(),
		Lost:   b.stats.lost.Load(),
	}
}

// Incarnation names the boot and the namespace. The number of a namespace's file
// is soon that of another namespace; its cookie never is, but Linux before 5.14
// does not tell it.
func (b *Backend) Incarnation(context.Context) (string, error) {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return "", err
	}
	id := strings.TrimSpace(string(boot))
	if cookie, err := unix.GetsockoptUint64(b.ioctl, unix.SOL_SOCKET, unix.SO_NETNS_COOKIE); err == nil {
		return fmt.Sprintf("%s/%d", id, cookie), nil
	}
	var st unix.Stat_t
	if err := b.ns.do(func() error { return unix.Stat("/proc/thread-self/ns/net", &st) }); err != nil {
		return "", fmt.Errorf("/proc/thread-self/ns/net: %w", err)
	}
	return fmt.Sprintf("%s/file-%d", id, st.Ino), nil
}

// namespace is an open network namespace; 0 is that of the process.
type namespace int

// do runs f on a thread that is in the namespace.
func (ns namespace) do(f func() error) error {
	if ns == 0 {
		return f()
	}
	done := make(chan error, 1)
	go func() {
		// The thread is not unlocked where it could not go back: it then ends
		// with its goroutine and nothing else ever runs in the wrong namespace.
		runtime.LockOSThread()
		home, err := unix.Open("/proc/thread-self/ns/net", unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			done <- err
			return
		}
		defer func() { _ = unix.Close(home) }()
		if err := unix.Setns(int(ns), unix.CLONE_NEWNET); err != nil {
			done <- fmt.Errorf("enter the network namespace: %w", err)
			return
		}
		err = f()
		if unix.Setns(home, unix.CLONE_NEWNET) == nil {
			runtime.UnlockOSThread()
		}
		done <- err
	}()
	return <-done
}

// names remembers the names of links by index, for notifications that come when
// the link has gone.
type names struct {
	mu      sync.Mutex
	byIndex map[uint32]string
	// nextHops are the ids of nexthop objects that IPv4 routes were seen to use:
	// with such an object its routes go without notice.
	nextHops map[uint32]bool
	lookup   func(index uint32) string
}

// get returns the name of a link, empty if it is not known.
func (n *names) get(index uint32) string {
	if index == 0 {
		return ""
	}
	n.mu.Lock()
	name, ok := n.byIndex[index]
	n.mu.Unlock()
	if ok {
		return name
	}
	if name = n.lookup(index); name != "" {
		n.set(index, name)
	}
	return name
}

func (n *names) set(index uint32, name string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.byIndex == nil {
		n.byIndex = make(map[uint32]string)
	}
	n.byIndex[index] = name
}

func (n *names) forget(index uint32) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.byIndex, index)
}

func (n *names) useNextHop(id uint32) {
	if id == 0 {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.nextHops == nil {
		n.nextHops = make(map[uint32]bool)
	}
	n.nextHops[id] = true
}

// dropNextHop reports whether routes were seen to use the object, and forgets it.
func (n *names) dropNextHop(id uint32) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	used := n.nextHops[id]
	delete(n.nextHops, id)
	return used
}

// lookupName asks the kernel; empty if there is no such link.
func (b *Backend) lookupName(index uint32) string {
	ifr, err := unix.NewIfreq("")
	if err != nil {
		return ""
	}
	ifr.SetUint32(index)
	if unix.IoctlIfreq(b.ioctl, unix.SIOCGIFNAME, ifr) != nil {
		return ""
	}
	return ifr.Name()
}

// index asks the kernel for a link's index. It is asked before each step: an
// index that is remembered may by now be another link's.
func (b *Backend) index(link string) (uint32, error) {
	ifr, err := unix.NewIfreq(link)
	if err != nil {
		return 0, fmt.Errorf("%q cannot be the name of a link: it has 1 to 15 characters", link)
	}
	if err := unix.IoctlIfreq(b.ioctl, unix.SIOCGIFINDEX, ifr); err != nil {
		return 0, &Error{Errno: unix.ENODEV, Reason: "link " + link + " is not there"}
	}
	return ifr.Uint32(), nil
}
