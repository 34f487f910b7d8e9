package netlink

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

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
