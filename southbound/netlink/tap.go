package netlink

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
)

// createTap creates a tap, which netlink cannot. The device goes with its file
// until it is made persistent; it gets its alias before that, so that a process
// that is killed in between leaves nothing.
func (b *Backend) createTap(l *object.Link, s plan.Step) error {
	b.stats.writes.Add(1)
	var fd int
	err := b.ns.do(func() (err error) {
		fd, err = unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
		return err
	})
	if err != nil {
		return fmt.Errorf("open /dev/net/tun: %w", err)
	}
	defer func() { _ = unix.Close(fd) }()
	if _, err := b.index(l.Name); err == nil { // TUNSETIFF would attach to it
		return &Error{Errno: unix.EEXIST, Reason: "link " + l.Name + " is there"}
	}
	ifr, err := unix.NewIfreq(l.Name)
	if err != nil {
		return err
	}
	flags := uint16(unix.IFF_TAP | unix.IFF_NO_PI | unix.IFF_TUN_EXCL)
	if l.MultiQueue && s.Has(object.MultiQueue) {
		flags |= unix.IFF_MULTI_QUEUE
	}
	ifr.SetUint16(flags)
	if err := unix.IoctlIfreq(fd, unix.TUNSETIFF, ifr); err != nil {
		return tapError(err)
	}
	if s.Has(object.Owner) {
		err = unix.IoctlSetInt(fd, unix.TUNSETOWNER, int(l.Owner))
	}
	if s.Has(object.Group) && err == nil {
		err = unix.IoctlSetInt(fd, unix.TUNSETGROUP, int(l.Group))
	}
	if err != nil {
		return tapError(err)
	}
	if err := b.sign(l.Name, l.Description); err != nil {
		return err
	}
	return tapError(unix.IoctlSetInt(fd, unix.TUNSETPERSIST, 1))
}

func tapError(err error) error {
	if errno, ok := errors.AsType[unix.Errno](err); ok {
		if errno == unix.EBUSY {
			errno = unix.EEXIST
		}
		return &Error{Errno: errno}
	}
	return err
}
