package netlink

import (
	"context"
	"errors"
	"fmt"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"github.com/outrigger-cnf/outrigger/southbound"
)

// Error is what the kernel answered to one message.
type Error struct {
	Errno unix.Errno
	// Reason is the kernel's own text (the extended acknowledgement), empty
	// where it gave none.
	Reason string
}

func (e *Error) Error() string {
	if e.Reason != "" {
		return fmt.Sprintf("%s (%s)", e.Reason, e.Errno.Error())
	}
	return e.Errno.Error()
}

// Unwrap gives the number, and what it means to the driver.
func (e *Error) Unwrap() []error {
	errs := []error{e.Errno}
	switch e.Errno {
	case unix.ENODEV, unix.ENETDOWN, unix.ENETUNREACH, unix.EHOSTUNREACH, unix.EACCES:
		// EACCES: IPv6 is disabled on the link.
		errs = append(errs, southbound.ErrNotReady)
	case unix.EEXIST:
		errs = append(errs, southbound.ErrExists)
	case unix.ENOENT, unix.ESRCH, unix.EADDRNOTAVAIL:
		errs = append(errs, southbound.ErrGone)
	case unix.EINVAL, unix.ERANGE:
		errs = append(errs, southbound.ErrInvalid)
	case unix.EPERM:
		errs = append(errs, southbound.ErrDenied)
	case unix.EOPNOTSUPP, unix.EAFNOSUPPORT, unix.EPFNOSUPPORT:
		errs = append(errs, southbound.ErrUnsupported)
	}
	return errs
}

// explain turns an error of the netlink library into an *Error.
func explain(err error) error {
	if err == nil {
		return nil
	}
	errno, ok := errors.AsType[unix.Errno](err)
	if !ok {
		return err
	}
	e := &Error{Errno: errno}
	if op, ok := errors.AsType[*netlink.OpError](err); ok {
		e.Reason = op.Message
	}
	return e
}

// write sends a message that changes something and waits for the kernel's word.
func (b *Backend) write(typ netlink.HeaderType, flags netlink.HeaderFlags, data []byte) error {
	b.stats.writes.Add(1)
	_, err := b.conn.Execute(netlink.Message{
		Header: netlink.Header{Type: typ, Flags: netlink.Request | netlink.Acknowledge | flags},
		Data:   data,
	})
	return explain(err)
}

// get asks for one object.
func (b *Backend) get(typ netlink.HeaderType, data []byte) ([]netlink.Message, error) {
	b.stats.reads.Add(1)
	msgs, err := b.conn.Execute(netlink.Message{
		Header: netlink.Header{Type: typ, Flags: netlink.Request},
		Data:   data,
	})
	return msgs, explain(err)
}

// list asks for all objects that the request's filter lets through. A dump that
// the kernel interrupted, since its tables changed meanwhile, is asked for again.
func (b *Backend) list(ctx context.Context, typ netlink.HeaderType, data []byte) ([]netlink.Message, error) {
	const attempts = 20
	for range attempts {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		msgs, err := b.conn.Execute(netlink.Message{
			Header: netlink.Header{Type: typ, Flags: netlink.Request | netlink.Dump},
			Data:   data,
		})
		if errors.Is(err, unix.EINTR) || errors.Is(err, unix.EBUSY) {
			continue
		}
		if err != nil {
			return nil, explain(err)
		}
		if !interrupted(msgs) {
			return msgs, nil
		}
	}
	return nil, fmt.Errorf("the kernel interrupted %d dumps in a row: its tables do not hold still", attempts)
}

func interrupted(msgs []netlink.Message) bool {
	for _, m := range msgs {
		if m.Header.Flags&unix.NLM_F_DUMP_INTR != 0 {
			return true
		}
	}
	return false
}
