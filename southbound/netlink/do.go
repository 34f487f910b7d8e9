package netlink

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
)

const (
	createNew = netlink.Create | netlink.Excl // never touches what is there
)

// Do carries out one step. It is one message in most cases; where it takes more,
// what the first ones did is taken back if a later one fails.
func (b *Backend) Do(ctx context.Context, s plan.Step) error {
	if s.Paired {
		return nil
	}
	o := s.Want
	if s.Op == plan.Delete {
		o = s.Have
	}
	switch o := o.(type) {
	case *object.Link:
		switch s.Op {
		case plan.Create:
			return b.createLink(s)
		case plan.Update:
			return b.updateLink(s)
		default:
			return b.deleteLink(o)
		}
	case *object.Address:
		if s.Op == plan.Delete {
			return b.deleteAddress(o)
		}
		return b.createAddress(o)
	case *object.Neighbor:
		return b.doNeighbor(s.Op, o)
	case *object.Route:
		switch s.Op {
		case plan.Create:
			return b.createRoute(o)
		case plan.Update:
			return b.updateRoute(ctx, s.Have.(*object.Route), o)
		default:
			return b.deleteRoute(o)
		}
	case *object.Setting:
		if s.Op == plan.Delete {
			return b.resetSetting(o)
		}
		return b.writeSetting(o)
	}
	return fmt.Errorf("a step for a %T is unknown here", o)
}

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

func (b *Backend) createAddress(a *object.Address) error {
	index, err := b.index(a.Link)
	if err != nil {
		return err
	}
	msg, err := encodeAddress(a, index, b.cfg.Protocol)
	if err != nil {
		return err
	}
	err = b.write(unix.RTM_NEWADDR, createNew, msg)
	if errors.Is(err, southbound.ErrExists) && b.hasAddress(a) {
		return nil
	}
	return err
}

// hasAddress reports whether an IPv4 address is there with its prefix length, of
// ours, be it with another one, too.
func (b *Backend) hasAddress(a *object.Address) bool {
	s, err := b.readAddress(context.Background(), a)
	st, ok := s.(*object.AddressState)
	return err == nil && ok && a.IP.Is4() && st.Owned && st.Other != 0 && (st.PrefixLength == a.PrefixLength || st.Other == a.PrefixLength)
}

// deleteAddress keeps the secondaries of an address: without promotion the
// kernel would delete them with it, whoever they belong to.
func (b *Backend) deleteAddress(a *object.Address) error {
	index, err := b.index(a.Link)
	if err != nil {
		return err
	}
	msg, err := encodeAddress(a, index, 0)
	if err != nil {
		return err
	}
	if a.IP.Is4() {
		restore, err := b.promote(a.Link)
		if err != nil {
			return err
		}
		defer restore()
	}
	return b.write(unix.RTM_DELADDR, 0, msg)
}

func (b *Backend) doNeighbor(op plan.Op, n *object.Neighbor) error {
	index, err := b.index(n.Link)
	if err != nil {
		return err
	}
	msg, err := encodeNeighbor(n, index, b.cfg.Protocol, op != plan.Delete)
	if err != nil {
		return err
	}
	switch op {
	case plan.Create:
		return b.write(unix.RTM_NEWNEIGH, createNew, msg)
	case plan.Update:
		return b.write(unix.RTM_NEWNEIGH, netlink.Create|netlink.Replace, msg)
	}
	return b.write(unix.RTM_DELNEIGH, 0, msg)
}

func (b *Backend) hops(list []object.NextHop) ([]rawHop, error) {
	hops := make([]rawHop, len(list))
	for i, h := range list {
		hops[i] = rawHop{via: h.Via, weight: max(h.Weight, 1)}
		if h.Link != "" {
			index, err := b.index(h.Link)
			if err != nil {
				return nil, err
			}
			hops[i].index = index
		}
	}
	return hops, nil
}

func (b *Backend) createRoute(r *object.Route) error {
	hops, err := b.hops(r.NextHops)
	if err != nil {
		return err
	}
	return b.writeRoute(r, hops, createNew)
}

func (b *Backend) writeRoute(r *object.Route, hops []rawHop, flags netlink.HeaderFlags) error {
	msg, err := encodeRoute(r, hops, b.cfg.Protocol)
	if err != nil {
		return err
	}
	return b.write(unix.RTM_NEWROUTE, flags, msg)
}

// updateRoute leads a route of ours elsewhere. IPv4's is replaced. Of IPv6's the
// kernel would replace the whole set of next hops, those included that another
// protocol has added: so each new one is appended, then each old one of ours is
// deleted.
func (b *Backend) updateRoute(ctx context.Context, have, want *object.Route) error {
	hops, err := b.hops(want.NextHops)
	if err != nil {
		return err
	}
	if want.Prefix.Addr().Is4() {
		if err := b.writeRoute(want, hops, netlink.Replace); err != nil {
			return err
		}
		return b.revive(ctx, want, hops)
	}
	add, drop := difference(want.NextHops, have.NextHops)
	// Those that may fail come first: a new weight takes its hop away for a moment.
	slices.SortStableFunc(add, func(a, b object.NextHop) int {
		return cmp.Compare(ways(have.NextHops, a), ways(have.NextHops, b))
	})
	for i, h := range add {
		one, err := b.hops([]object.NextHop{h})
		if err == nil {
			err = b.appendHop(want, one[0])
		}
		if err != nil {
			return errors.Join(err, b.takeBack(have, want, add[:i]))
		}
	}
	if err := b.deleteHops(want, drop); err != nil {
		return errors.Join(err, b.takeBack(have, want, add))
	}
	return nil
}

// ways counts the next hops that lead where another does, whatever their weight.
func ways(hops []object.NextHop, to object.NextHop) int {
	n := 0
	for _, h := range hops {
		if h.Via == to.Via && h.Link == to.Link {
			n++
		}
	}
	return n
}

// takeBack deletes next hops that were added to an IPv6 route, and adds those again
// whose place they took with another weight.
func (b *Backend) takeBack(have, want *object.Route, added []object.NextHop) error {
	errs := []error{b.deleteHops(want, added)}
	for _, h := range have.NextHops {
		if !slices.ContainsFunc(added, func(x object.NextHop) bool { return x.Via == h.Via && x.Link == h.Link }) {
			continue
		}
		one, err := b.hops([]object.NextHop{h})
		if err == nil {
			err = b.appendHop(have, one[0])
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// revive looks at an IPv4 route that was replaced by one with several next hops.
// If the kernel has the same next hops already, with one of them dead since its
// link was without an address for a while, it takes those and the one stays dead:
// the route must then be made anew.
func (b *Backend) revive(ctx context.Context, r *object.Route, hops []rawHop) error {
	if len(hops) < 2 {
		return nil
	}
	state, err := b.readRoute(ctx, r)
	if err != nil {
		return err
	}
	now, there := state.(*object.RouteState)
	if !there || len(now.NextHops) >= len(hops) {
		return nil
	}
	if err := b.deleteRoute(r); err != nil {
		return err
	}
	return b.writeRoute(r, hops, createNew)
}

// appendHop adds a next hop to an IPv6 route. One that is there with another
// weight must go first.
func (b *Backend) appendHop(r *object.Route, hop rawHop) error {
	add, err := encodeAppend(r, hop, b.cfg.Protocol)
	if err != nil {
		return err
	}
	err = b.write(unix.RTM_NEWROUTE, netlink.Create|netlink.Append, add)
	if !errors.Is(err, southbound.ErrExists) {
		return err
	}
	drop, err := encodeDelete(r, []rawHop{hop}, b.cfg.Protocol)
	if err != nil {
		return err
	}
	if err := b.write(unix.RTM_DELROUTE, 0, drop); err != nil {
		return err
	}
	return b.write(unix.RTM_NEWROUTE, netlink.Create|netlink.Append, add)
}

// difference returns what is only in a, and what is only in b.
func difference(a, b []object.NextHop) (onlyA, onlyB []object.NextHop) {
	in := func(list []object.NextHop, h object.NextHop) bool {
		for _, x := range list {
			if x.Compare(h) == 0 {
				return true
			}
		}
		return false
	}
	for _, h := range a {
		if !in(b, h) {
			onlyA = append(onlyA, h)
		}
	}
	for _, h := range b {
		// One that only changes its weight is dealt with when it is added.
		if !in(a, h) && !in(a, object.NextHop{Via: h.Via, Link: h.Link, Weight: sameHopWeight(a, h)}) {
			onlyB = append(onlyB, h)
		}
	}
	return onlyA, onlyB
}

// sameHopWeight returns the weight that list has for the hop's way.
func sameHopWeight(list []object.NextHop, h object.NextHop) uint16 {
	for _, x := range list {
		if x.Via == h.Via && x.Link == h.Link {
			return x.Weight
		}
	}
	return h.Weight
}

// deleteHops deletes next hops of an IPv6 route of ours, and none of another
// protocol's.
func (b *Backend) deleteHops(r *object.Route, hops []object.NextHop) error {
	for _, h := range hops {
		raw, err := b.hops([]object.NextHop{h})
		if errors.Is(err, southbound.ErrNotReady) {
			continue // its link is gone, and it with it
		}
		if err != nil {
			return err
		}
		msg, err := encodeDelete(r, raw, b.cfg.Protocol)
		if err != nil {
			return err
		}
		if err := b.write(unix.RTM_DELROUTE, 0, msg); err != nil && !errors.Is(err, southbound.ErrGone) {
			return err
		}
	}
	return nil
}

func (b *Backend) deleteRoute(r *object.Route) error {
	if r.Prefix.Addr().Is6() && len(r.NextHops) > 1 {
		return b.deleteHops(r, r.NextHops)
	}
	if r.Prefix.Addr().Is4() && r.Metric == 0 {
		// To the kernel no metric is any metric: where this route has gone without
		// notice, it would delete another of ours.
		if s, err := b.readRoute(context.Background(), r); s == nil {
			return errors.Join(err, &Error{Errno: unix.ESRCH, Reason: "route " + r.Prefix.String() + " is not there"})
		}
	}
	var hops []rawHop
	if r.Prefix.Addr().Is6() {
		var err error
		if hops, err = b.hops(r.NextHops); err != nil {
			return err
		}
	}
	msg, err := encodeDelete(r, hops, b.cfg.Protocol)
	if err != nil {
		return err
	}
	return b.write(unix.RTM_DELROUTE, 0, msg)
}
