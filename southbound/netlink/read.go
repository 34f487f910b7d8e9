package netlink

import (
	"context"
	"encoding/binary"
	"errors"
	"net/netip"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// readLink reads a link by its index or, with index 0, by its name; nil if it is
// not there.
func (b *Backend) readLink(index uint32, name string) (*object.LinkState, error) {
	r, err := b.readRawLink(index, name)
	if r == nil {
		return nil, err
	}
	return b.link(r), nil
}

func (b *Backend) readRawLink(index uint32, name string) (*rawLink, error) {
	query, err := linkQuery(index, name)
	if err != nil {
		return nil, err
	}
	msgs, err := b.get(unix.RTM_GETLINK, query)
	if errors.Is(err, unix.ENODEV) {
		return nil, nil
	}
	if err != nil || len(msgs) == 0 {
		return nil, err
	}
	r, err := decodeLink(msgs[0].Data)
	if err != nil {
		return nil, err
	}
	b.names.set(r.state.Index, r.state.Name)
	return r, nil
}

// Read reads one object. o tells which: its identity counts, no more.
func (b *Backend) Read(ctx context.Context, o object.Object) (object.State, error) {
	switch o := o.(type) {
	case *object.Link:
		l, err := b.readLink(0, o.Name)
		if l == nil {
			return nil, err
		}
		return l, nil
	case *object.Address:
		return b.readAddress(ctx, o)
	case *object.Neighbor:
		return b.readNeighbor(o)
	case *object.Route:
		return b.readRoute(ctx, o)
	case *object.Setting:
		return b.readSetting(o)
	}
	return nil, nil
}

func (b *Backend) readAddress(ctx context.Context, a *object.Address) (object.State, error) {
	index, err := b.index(a.Link)
	if err != nil {
		return nil, gone(err)
	}
	b.names.set(index, a.Link)
	list, err := b.dumpAddresses(ctx, family(a.IP), index)
	if err != nil {
		return nil, gone(err)
	}
	for _, s := range list {
		if s.ID() == a.ID() {
			return s, nil
		}
	}
	return nil, nil
}

// gone makes nothing of an error that says that a link is not there.
func gone(err error) error {
	if errors.Is(err, unix.ENODEV) {
		return nil
	}
	return err
}

func (b *Backend) readNeighbor(n *object.Neighbor) (object.State, error) {
	index, err := b.index(n.Link)
	if err != nil {
		return nil, gone(err)
	}
	b.names.set(index, n.Link)
	query, err := encodeNeighbor(n, index, 0, false)
	if err != nil {
		return nil, err
	}
	msgs, err := b.get(unix.RTM_GETNEIGH, query)
	if errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ENODEV) {
		return nil, nil
	}
	if err != nil || len(msgs) == 0 {
		return nil, err
	}
	r, err := decodeNeighbor(msgs[0].Data, b.cfg.Protocol)
	if s := b.neighbor(r); s != nil {
		return s, nil
	}
	return nil, err
}

// readRoute reads a route. The kernel cannot be asked for one, only for the best
// match of an address (RTM_F_FIB_MATCH): that answers where no longer prefix and
// no lower metric stands before it. Where one does, the table is listed.
func (b *Backend) readRoute(ctx context.Context, want *object.Route) (object.State, error) {
	if s, certain := b.match(want); certain {
		if s == nil {
			return nil, nil
		}
		return s, nil
	}
	list, err := b.dumpRoutes(ctx, family(want.Prefix.Addr()), 0)
	if err != nil {
		return nil, err
	}
	for _, s := range list {
		if s.ID() == want.ID() {
			return s, nil
		}
	}
	return nil, nil
}

// match looks a route up by an address that it covers: the last of its prefix,
// which a longer prefix covers less often than the first, then the first.
func (b *Backend) match(want *object.Route) (s *object.RouteState, certain bool) {
	if want.Prefix.Addr().IsLinkLocalUnicast() {
		return nil, false
	}
	if s, certain = b.matchAddress(want, probe(want.Prefix)); certain {
		return s, true
	}
	return b.matchAddress(want, want.Prefix.Addr())
}

// The last unicast addresses. Of those behind the kernel does not tell the route:
// it answers that multicast and the limited broadcast are what they are.
var (
	lastUnicast4 = netip.AddrFrom4([4]byte{223, 255, 255, 255})
	lastUnicast6 = netip.MustParseAddr("fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff")
)

// probe is the last unicast address of a prefix, or its last one if it has none.
func probe(p netip.Prefix) netip.Addr {
	last, unicast := lastAddress(p), lastUnicast4
	if last.Is6() {
		unicast = lastUnicast6
	}
	if last.Compare(unicast) > 0 && p.Contains(unicast) {
		return unicast
	}
	return last
}

// lastAddress is the address of a prefix whose host bits are all ones.
func lastAddress(p netip.Prefix) netip.Addr {
	b := p.Addr().AsSlice()
	for i := range b {
		if low := p.Bits() - 8*i; low < 8 {
			b[i] |= byte(0xff >> max(low, 0))
		}
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}

func (b *Backend) matchAddress(want *object.Route, address netip.Addr) (s *object.RouteState, certain bool) {
	head := make([]byte, routeHeader)
	head[0], head[1] = family(address), uint8(address.BitLen())
	binary.NativeEndian.PutUint32(head[8:], unix.RTM_F_FIB_MATCH)
	query, err := withAttrs(head, func(ae *netlink.AttributeEncoder) {
		ae.Bytes(unix.RTA_DST, address.AsSlice())
	})
	if err != nil {
		return nil, false
	}
	msgs, err := b.get(unix.RTM_GETROUTE, query)
	if err != nil || len(msgs) != 1 {
		return nil, false
	}
	r, err := decodeRoute(msgs[0].Data, b.cfg.Protocol)
	if err != nil || !r.observed() || r.state.Type == object.Broadcast || r.state.Type == object.Multicast {
		return nil, false // the type may be the address's, not the route's
	}
	if r.state.Prefix.Bits() < want.Prefix.Bits() {
		return nil, true
	}
	if r.state.Prefix != want.Prefix || r.state.Metric != want.Metric || want.Prefix.Addr().Is6() && !anyVia(r.hops) {
		return nil, false
	}
	return b.route(r, msgs[0].Data), true
}

// Normal gives an IPv6 route the metric that the kernel gives it, and takes the
// weight from a next hop that is alone.
func (b *Backend) Normal(o object.Object) object.Object {
	r, ok := o.(*object.Route)
	if !ok {
		return o
	}
	metric, weight := r.Metric, len(r.NextHops) == 1 && r.NextHops[0].Weight > 1
	if metric == 0 && r.Prefix.Addr().Is6() {
		metric = defaultMetric6
	}
	if metric == r.Metric && !weight {
		return o
	}
	n := *r
	n.Metric = metric
	if weight {
		n.NextHops = []object.NextHop{{Via: r.NextHops[0].Via, Link: r.NextHops[0].Link}}
	}
	return &n
}
