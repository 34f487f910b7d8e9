package netlink

import (
	"context"
	"errors"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// rtextFilterSkipStats asks for links without counters (linux/rtnetlink.h).
const rtextFilterSkipStats = 1 << 3

// Dump yields links with some of their settings, addresses, neighbors, the routes
// of the main table, and the global forwarding settings.
func (b *Backend) Dump(ctx context.Context) ([]object.State, error) {
	links, err := b.dumpRawLinks(ctx)
	if err != nil {
		return nil, err
	}
	states := make([]object.State, 0, 8*len(links))
	for _, r := range links {
		states = append(states, b.link(r))
		for _, s := range r.settings() {
			if s != nil {
				states = append(states, s)
			}
		}
	}
	for _, dump := range []func(context.Context) ([]object.State, error){
		func(ctx context.Context) ([]object.State, error) { return b.dumpAddresses(ctx, unix.AF_UNSPEC, 0) },
		func(ctx context.Context) ([]object.State, error) { return b.dumpNeighbors(ctx, 0) },
		func(ctx context.Context) ([]object.State, error) { return b.dumpRoutes(ctx, unix.AF_INET, 0) },
		func(ctx context.Context) ([]object.State, error) { return b.dumpRoutes(ctx, unix.AF_INET6, 0) },
	} {
		some, err := dump(ctx)
		if err != nil {
			return nil, err
		}
		states = append(states, some...)
	}
	return append(states, b.globalSettings()...), nil
}

// dumpRawLinks lists all links, without counters.
func (b *Backend) dumpRawLinks(ctx context.Context) ([]*rawLink, error) {
	b.stats.dumps.Add(1)
	query, err := linkMessage(0, 0, 0, func(ae *netlink.AttributeEncoder) {
		ae.Uint32(unix.IFLA_EXT_MASK, rtextFilterSkipStats)
	})
	if err != nil {
		return nil, err
	}
	msgs, err := b.list(ctx, unix.RTM_GETLINK, query)
	if err != nil {
		return nil, err
	}
	raws := make([]*rawLink, 0, len(msgs))
	for _, m := range msgs {
		r, err := decodeLink(m.Data)
		if err != nil {
			return nil, err
		}
		b.names.set(r.state.Index, r.state.Name)
		raws = append(raws, r)
	}
	return raws, nil // all names are known now
}

// dumpAddresses lists the addresses of a family, or of both, of all links, or
// of one.
func (b *Backend) dumpAddresses(ctx context.Context, family uint8, index uint32) ([]object.State, error) {
	b.countDump(index)
	query, err := addressMessage(family, 0, index, nil)
	if err != nil {
		return nil, err
	}
	msgs, err := b.list(ctx, unix.RTM_GETADDR, query)
	if err != nil {
		return nil, err
	}
	states := make([]object.State, 0, len(msgs))
	at := make(map[object.ID]int, len(msgs))
	for _, m := range msgs {
		r, err := decodeAddress(m.Data, b.cfg.Protocol)
		if err != nil {
			return nil, err
		}
		s := b.address(r)
		if s == nil {
			continue
		}
		// The kernel can hold an IPv4 address with two prefix lengths; ours counts.
		if i, dup := at[s.ID()]; dup {
			if s.Owned {
				if old := states[i].(*object.AddressState); old.Owned {
					s.Other = old.PrefixLength
				}
				states[i] = s
			}
			continue
		}
		at[s.ID()] = len(states)
		states = append(states, s)
	}
	return states, nil
}

// countDump counts the listing of one link's objects as a read.
func (b *Backend) countDump(index uint32) {
	if index == 0 {
		b.stats.dumps.Add(1)
	} else {
		b.stats.reads.Add(1)
	}
}

// address gives the state of a raw address; nil if its link has gone.
func (b *Backend) address(r *rawAddress) *object.AddressState {
	s := r.state
	if s.Link = b.names.get(r.index); s.Link == "" {
		return nil
	}
	return &s
}

func (b *Backend) dumpNeighbors(ctx context.Context, index uint32) ([]object.State, error) {
	b.countDump(index)
	query, err := withAttrs(make([]byte, neighborHeader), func(ae *netlink.AttributeEncoder) {
		if index != 0 {
			ae.Uint32(unix.NDA_IFINDEX, index)
		}
	})
	if err != nil {
		return nil, err
	}
	msgs, err := b.list(ctx, unix.RTM_GETNEIGH, query)
	if err != nil {
		return nil, err
	}
	var states []object.State
	for _, m := range msgs {
		r, err := decodeNeighbor(m.Data, b.cfg.Protocol)
		if err != nil {
			return nil, err
		}
		if s := b.neighbor(r); s != nil {
			states = append(states, s)
		}
	}
	return states, nil
}

func (b *Backend) neighbor(r *rawNeighbor) *object.NeighborState {
	if r == nil {
		return nil
	}
	s := r.state
	if s.Neighbor.Link = b.names.get(r.index); s.Neighbor.Link == "" {
		return nil
	}
	return &s
}

// dumpRoutes lists the main table's routes of a family, or of them those that
// use a link.
func (b *Backend) dumpRoutes(ctx context.Context, family uint8, index uint32) ([]object.State, error) {
	b.countDump(index)
	head := make([]byte, routeHeader)
	head[0] = family
	query, err := withAttrs(head, func(ae *netlink.AttributeEncoder) {
		ae.Uint32(unix.RTA_TABLE, unix.RT_TABLE_MAIN)
		if index != 0 && family == unix.AF_INET {
			ae.Uint32(unix.RTA_OIF, index)
		}
	})
	if err != nil {
		return nil, err
	}
	msgs, err := b.list(ctx, unix.RTM_GETROUTE, query)
	if errors.Is(err, unix.ENOENT) || errors.Is(err, unix.EAFNOSUPPORT) || errors.Is(err, unix.EOPNOTSUPP) {
		return nil, nil // no such table yet, or a kernel without IPv6
	}
	if err != nil {
		return nil, err
	}
	set := newRouteSet(b, len(msgs))
	for _, m := range msgs {
		if err := set.add(m.Data, index); err != nil {
			return nil, err
		}
	}
	return set.states(), nil
}

// routeSet joins routes of one identity. The kernel keeps IPv6 routes that lead
// straight to a link (those of link-local networks, for one) as several entries
// of one prefix and metric.
type routeSet struct {
	b    *Backend
	list []*object.RouteState
	at   map[object.ID]int
	uses map[object.ID]bool // those that the link asked for is in
}

func newRouteSet(b *Backend, n int) *routeSet {
	return &routeSet{b: b, list: make([]*object.RouteState, 0, n), at: make(map[object.ID]int, n), uses: make(map[object.ID]bool)}
}

// add takes a message in; with an index, only routes that use that link will be
// in the result.
func (set *routeSet) add(data []byte, index uint32) error {
	r, err := decodeRoute(data, set.b.cfg.Protocol)
	if err != nil {
		return err
	}
	if !r.observed() {
		return nil
	}
	s := set.b.route(r, data)
	id := s.ID()
	if index != 0 {
		for _, h := range r.hops {
			set.uses[id] = set.uses[id] || h.index == index
		}
	}
	set.b.names.useNextHop(r.nexthop)
	i, dup := set.at[id]
	switch {
	case !dup:
		set.at[id] = len(set.list)
		set.list = append(set.list, s)
	case s.Prefix.Addr().Is6():
		joined := *set.list[i]
		joined.NextHops = append(append([]object.NextHop(nil), joined.NextHops...), s.NextHops...)
		joined.Dead = joined.Dead && s.Dead
		joined.Owned = joined.Owned || s.Owned
		set.list[i] = &joined
	}
	// Of two IPv4 routes of one identity the first is in effect.
	if index == 0 {
		set.uses[id] = true
	}
	return nil
}

func (set *routeSet) states() []object.State {
	states := make([]object.State, 0, len(set.list))
	for _, s := range set.list {
		if set.uses[s.ID()] {
			states = append(states, s)
		}
	}
	return states
}

// Under lists the addresses, neighbors and routes that use a link.
func (b *Backend) Under(ctx context.Context, link string) ([]object.State, error) {
	index, err := b.index(link)
	if errors.Is(err, southbound.ErrNotReady) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	b.names.set(index, link)
	var states []object.State
	for _, list := range []func() ([]object.State, error){
		func() ([]object.State, error) { return b.dumpAddresses(ctx, unix.AF_UNSPEC, index) },
		func() ([]object.State, error) { return b.dumpNeighbors(ctx, index) },
		func() ([]object.State, error) { return b.dumpRoutes(ctx, unix.AF_INET, index) },
		func() ([]object.State, error) { return b.dumpRoutes(ctx, unix.AF_INET6, index) },
	} {
		some, err := list()
		if errors.Is(err, unix.ENODEV) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		states = append(states, some...)
	}
	return states, nil
}
