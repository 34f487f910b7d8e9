package netlink

import (
	"errors"
	"fmt"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
)

// createLink creates a link in the group that marks it, gives it its alias, and
// takes it out of the group. The kernel does not take an alias with the creation.
// What a bridge is told beside comes one by one: of several at a time, the kernel
// would not say which it refuses.
func (b *Backend) createLink(s plan.Step) error {
	l := s.Want.(*object.Link)
	if l.Kind == object.Tap {
		return b.createTap(l, s)
	}
	var parent uint32
	if l.Parent != "" {
		var err error
		if parent, err = b.index(l.Parent); err != nil {
			return err
		}
	}
	made := s
	if l.Kind == object.Bridge {
		made.Attrs = nil
	}
	msg, err := encodeCreate(made, parent, creating(b.cfg.Protocol))
	if err != nil {
		return err
	}
	if err := b.write(unix.RTM_NEWLINK, createNew, msg); err != nil {
		return err
	}
	names, descriptions := []string{l.Name}, []string{l.Description}
	if l.Kind == object.Veth {
		names, descriptions = append(names, l.Peer), append(descriptions, "")
	}
	for i, name := range names {
		if err := b.sign(name, descriptions[i]); err != nil {
			return errors.Join(err, b.remove(l.Name))
		}
	}
	if l.Kind == object.Bridge {
		if err := b.configure(l, s.Has); err != nil {
			return errors.Join(err, b.remove(l.Name))
		}
	}
	return nil
}

// configure sets those attributes of the kind of a link that was just created that
// it does not have of itself: a kernel without a feature does not even let it be
// switched off.
func (b *Backend) configure(l *object.Link, has func(object.Attr) bool) error {
	var now *object.LinkState
	for _, a := range l.KindAttrs()[1:] {
		if !has(a) {
			continue
		}
		if now == nil {
			var err error
			if now, err = b.readLink(0, l.Name); err != nil {
				return err
			}
			if now == nil {
				return &Error{Errno: unix.ENODEV, Reason: "link " + l.Name + " is not there"}
			}
		}
		if object.Same(&now.Link, l, a) {
			continue
		}
		msg, err := encodeUpdate(plan.Step{Op: plan.Update, Want: l, Attrs: []object.Attr{a}}, now.Index, 0, 0, "")
		if err != nil {
			return err
		}
		if err := b.write(unix.RTM_NEWLINK, 0, msg); err != nil {
			return &southbound.AttrError{Attr: a, Reason: err.Error(), Err: err}
		}
	}
	return nil
}

// sign gives a link that was just created its alias and its group.
func (b *Backend) sign(name, description string) error {
	index, err := b.index(name)
	if err != nil {
		return err
	}
	msg, err := linkMessage(index, 0, 0, func(ae *netlink.AttributeEncoder) {
		ae.String(unix.IFLA_IFALIAS, mark(b.cfg.Protocol)+description)
		ae.Uint32(unix.IFLA_GROUP, 0)
	})
	if err != nil {
		return err
	}
	return b.write(unix.RTM_NEWLINK, 0, msg)
}

func (b *Backend) remove(name string) error {
	index, err := b.index(name)
	if err != nil {
		return err
	}
	msg, err := linkMessage(index, 0, 0, nil)
	if err != nil {
		return err
	}
	return b.write(unix.RTM_DELLINK, 0, msg)
}

// deleteLink deletes a link once it has seen that it is ours: the name may have
// become another link's.
func (b *Backend) deleteLink(l *object.Link) error {
	now, err := b.readLink(0, l.Name)
	switch {
	case err != nil:
		return err
	case now == nil:
		return &Error{Errno: unix.ENODEV, Reason: "link " + l.Name + " is not there"}
	case !now.Owned:
		return southbound.Because(southbound.ErrExists, "link %s was not made here", l.Name)
	}
	msg, err := linkMessage(now.Index, 0, 0, nil)
	if err != nil {
		return err
	}
	return b.write(unix.RTM_DELLINK, 0, msg)
}

func (b *Backend) updateLink(s plan.Step) error {
	l := s.Want.(*object.Link)
	now, err := b.readLink(0, l.Name)
	if err != nil {
		return err
	}
	if now == nil {
		return &Error{Errno: unix.ENODEV, Reason: "link " + l.Name + " is not there"}
	}
	var master uint32
	if s.Attr() == object.Master && l.Master != "" {
		if master, err = b.index(l.Master); err != nil {
			return err
		}
	}
	alias := l.Description
	if now.Owned {
		alias = mark(b.cfg.Protocol) + alias
	}
	if s.Attr() != object.Description && l.Kind != now.Kind && l.Kind != object.Existing && isKindAttr(now, s.Attr()) {
		return fmt.Errorf("link %s is of kind %s, not %s", l.Name, now.Kind, l.Kind)
	}
	if s.Attr() == object.MTU && now.Kind == object.Bridge && now.MTU == l.MTU {
		// It has this MTU by chance, from its ports, and would go on following
		// them: the kernel does not take note of an MTU that it has already.
		other := *l
		other.MTU--
		msg, err := encodeUpdate(plan.Step{Op: s.Op, Want: &other, Attrs: s.Attrs}, now.Index, 0, 0, "")
		if err != nil {
			return err
		}
		if err := b.write(unix.RTM_NEWLINK, 0, msg); err != nil {
			return err
		}
	}
	if isTunnel(l.Kind) && isKindAttr(now, s.Attr()) {
		s.Want = object.With(&now.Link, l, s.Attr()) // all of it is told, and only this is new
	}
	msg, err := encodeUpdate(s, now.Index, now.MTU, master, alias)
	if err != nil {
		return err
	}
	return b.write(unix.RTM_NEWLINK, 0, msg)
}

func isKindAttr(l *object.LinkState, a object.Attr) bool {
	for _, k := range l.KindAttrs() {
		if k == a {
			return true
		}
	}
	return false
}
