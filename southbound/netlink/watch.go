package netlink

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"github.com/outrigger-cnf/outrigger/southbound"
)

// groups are the multicast groups whose notifications are taken.
var groups = []uint32{
	unix.RTNLGRP_LINK, unix.RTNLGRP_NEIGH,
	unix.RTNLGRP_IPV4_IFADDR, unix.RTNLGRP_IPV6_IFADDR,
	unix.RTNLGRP_IPV4_ROUTE, unix.RTNLGRP_IPV6_ROUTE,
	unix.RTNLGRP_IPV4_NETCONF, unix.RTNLGRP_IPV6_NETCONF,
	unix.RTNLGRP_NEXTHOP,
}

const (
	headerLength = unix.SizeofNlMsghdr
	// batch is how many notifications are taken in before they are told.
	batch = 2048
	// datagram is the most that the kernel puts into one notification.
	datagram = 1 << 16
)

// watcher reads notifications. It belongs to one goroutine.
type watcher struct {
	b    *Backend
	conn *netlink.Conn
	raw  syscall.RawConn
	buf  []byte
}

// Watch subscribes. Notifications wait in the socket until Next takes them.
func (b *Backend) Watch(context.Context) (southbound.Watcher, error) {
	conn, err := netlink.Dial(unix.NETLINK_ROUTE, &netlink.Config{NetNS: b.cfg.NetNS, Strict: true})
	if err != nil {
		return nil, fmt.Errorf("open a netlink socket: %w", err)
	}
	w := &watcher{b: b, conn: conn, buf: make([]byte, datagram)}
	if w.raw, err = conn.SyscallConn(); err == nil {
		err = w.enlarge(b.cfg.ReceiveBuffer)
	}
	for _, g := range groups {
		if err == nil {
			err = conn.JoinGroup(g)
		}
	}
	if err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("subscribe to the kernel's notifications: %w", err)
	}
	return w, nil
}

// enlarge sets the receive buffer: by force, which takes CAP_NET_ADMIN, or else
// as far as the kernel's limit goes. A small one costs more dumps, no more.
func (w *watcher) enlarge(size int) error {
	return w.raw.Control(func(fd uintptr) {
		if unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, size) != nil {
			_ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF, size)
		}
	})
}

// Close ends Next.
func (w *watcher) Close() error { return w.conn.Close() }

// Next waits for notifications, takes all that are there, and reads again what
// they are about.
func (w *watcher) Next(ctx context.Context) (southbound.Events, error) {
	stop := context.AfterFunc(ctx, func() { _ = w.conn.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	t := newTale(w.b)
	var failed error
	err := w.raw.Read(func(fd uintptr) bool {
		for t.count < batch {
			n, _, err := unix.Recvfrom(int(fd), w.buf, unix.MSG_DONTWAIT)
			switch {
			case errors.Is(err, unix.EAGAIN):
				return t.count > 0 || t.events.Lost
			case errors.Is(err, unix.EINTR):
			case errors.Is(err, unix.ENOBUFS):
				t.lost()
			case err != nil:
				failed = err
				return true
			default:
				t.take(w.buf[:n])
			}
		}
		return true
	})
	switch {
	case ctx.Err() != nil:
		return southbound.Events{}, ctx.Err()
	case err != nil && !errors.Is(err, os.ErrDeadlineExceeded):
		return southbound.Events{}, err
	case failed != nil:
		return southbound.Events{}, failed
	}
	return t.tell(ctx)
}

// messages cuts a datagram into messages and hands out type, flags, port id and
// payload of each.
func messages(b []byte, each func(typ, flags uint16, pid uint32, data []byte)) error {
	for len(b) >= headerLength {
		size := int(binary.NativeEndian.Uint32(b))
		if size < headerLength || size > len(b) {
			return fmt.Errorf("a notification of %d octets in %d", size, len(b))
		}
		each(binary.NativeEndian.Uint16(b[4:]), binary.NativeEndian.Uint16(b[6:]), binary.NativeEndian.Uint32(b[12:]), b[headerLength:size])
		b = b[min((size+3)&^3, len(b)):]
	}
	return nil
}
