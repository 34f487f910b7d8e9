package netlink

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"github.com/outrigger-cnf/outrigger/southbound/object"
)

const (
	routeHeader   = unix.SizeofRtMsg
	nextHopHeader = unix.SizeofRtNexthop

	rtaNextHopID = 30 // RTA_NH_ID of linux/rtnetlink.h

	// defaultMetric6 is what the kernel makes of an IPv6 route without a metric
	// (IP6_RT_PRIO_USER).
	defaultMetric6 = 1024
)

// rawHop is a next hop with a link's index.
type rawHop struct {
	via    netip.Addr
	index  uint32
	weight uint16
	flags  uint8
}

// rawRoute is a route message: indexes, not names.
type rawRoute struct {
	state   object.RouteState
	hops    []rawHop
	table   uint32
	tos     uint8
	cloned  bool
	nexthop uint32 // id of a nexthop object
	out     uint32 // index of the link of a route that has no more than one, whatever its type
}

// decodeRoute reads the payload of RTM_NEWROUTE or RTM_DELROUTE.
func decodeRoute(data []byte, own uint8) (*rawRoute, error) {
	if len(data) < routeHeader {
		return nil, errShort
	}
	fam, bits := data[0], int(data[1])
	if fam != unix.AF_INET && fam != unix.AF_INET6 {
		return nil, fmt.Errorf("route message: family %d is not an IP family", fam)
	}
	flags := binary.NativeEndian.Uint32(data[8:])
	r := &rawRoute{tos: data[3], table: uint32(data[4]), cloned: flags&unix.RTM_F_CLONED != 0}
	r.state.Number = data[5]
	r.state.Type = forwardType(data[7])
	dst := netip.IPv4Unspecified()
	if fam == unix.AF_INET6 {
		dst = netip.IPv6Unspecified()
	}
	first := rawHop{weight: 1, flags: uint8(flags)}
	ad, err := netlink.NewAttributeDecoder(data[routeHeader:])
	if err != nil {
		return nil, err
	}
	for ad.Next() {
		switch ad.Type() {
		case unix.RTA_DST:
			if a, ok := netip.AddrFromSlice(ad.Bytes()); ok {
				dst = a
			}
		case unix.RTA_OIF:
			first.index = ad.Uint32()
		case unix.RTA_GATEWAY:
			first.via, _ = netip.AddrFromSlice(ad.Bytes())
		case unix.RTA_VIA:
			first.via = decodeVia(ad.Bytes())
		case unix.RTA_PRIORITY:
			r.state.Metric = ad.Uint32()
		case unix.RTA_TABLE:
			r.table = ad.Uint32()
		case unix.RTA_PREFSRC:
			r.state.Source, _ = netip.AddrFromSlice(ad.Bytes())
		case rtaNextHopID:
			r.nexthop = ad.Uint32()
		case unix.RTA_MULTIPATH:
			if r.hops, err = decodeHops(ad.Bytes()); err != nil {
				return nil, err
			}
		}
	}
	if err := ad.Err(); err != nil {
		return nil, fmt.Errorf("route message: %w", err)
	}
	if r.state.Prefix = netip.PrefixFrom(dst, bits).Masked(); !r.state.Prefix.IsValid() {
		return nil, fmt.Errorf("route message: %v/%d is no prefix", dst, bits)
	}
	if r.hops == nil && (first.index != 0 || first.via.IsValid()) {
		r.hops = []rawHop{first}
	}
	if r.out = first.index; r.state.Type != object.Unicast {
		r.hops = nil // of an IPv6 blackhole the kernel tells the loopback link
	}
	r.state.Owned = r.state.Number == own
	r.state.Protocol = routeProtocol(r.state.Number, own)
	return r, nil
}

// decodeHops reads RTA_MULTIPATH: a sequence of struct rtnexthop, each with
// attributes of its own.
func decodeHops(b []byte) ([]rawHop, error) {
	hops := []rawHop{}
	for len(b) > 0 {
		if len(b) < nextHopHeader {
			return nil, errShort
		}
		size := int(binary.NativeEndian.Uint16(b))
		if size < nextHopHeader || size > len(b) {
			return nil, fmt.Errorf("route message: a next hop of %d octets in %d", size, len(b))
		}
		h := rawHop{flags: b[2], weight: uint16(b[3]) + 1, index: binary.NativeEndian.Uint32(b[4:])}
		ad, err := netlink.NewAttributeDecoder(b[nextHopHeader:size])
		if err != nil {
			return nil, err
		}
		for ad.Next() {
			switch ad.Type() {
			case unix.RTA_GATEWAY:
				h.via, _ = netip.AddrFromSlice(ad.Bytes())
			case unix.RTA_VIA:
				h.via = decodeVia(ad.Bytes())
			}
		}
		if err := ad.Err(); err != nil {
			return nil, fmt.Errorf("route message: %w", err)
		}
		hops = append(hops, h)
		b = b[min((size+3)&^3, len(b)):]
	}
	return hops, nil
}

// decodeVia reads struct rtvia: a family and an address of it.
func decodeVia(b []byte) netip.Addr {
	if len(b) < 2 {
		return netip.Addr{}
	}
	a, _ := netip.AddrFromSlice(b[2:])
	return a
}

var forwardTypes = map[uint8]object.ForwardType{
	unix.RTN_UNICAST: object.Unicast, unix.RTN_BLACKHOLE: object.Blackhole,
	unix.RTN_UNREACHABLE: object.Unreachable, unix.RTN_PROHIBIT: object.Prohibit,
	unix.RTN_LOCAL: object.LocalDelivery, unix.RTN_BROADCAST: object.Broadcast,
	unix.RTN_ANYCAST: object.LocalDelivery, unix.RTN_MULTICAST: object.Multicast,
}

func forwardType(n uint8) object.ForwardType {
	if t, ok := forwardTypes[n]; ok {
		return t
	}
	return object.OtherForward
}

// routeProtocol tells the protocols of linux/rtnetlink.h apart.
func routeProtocol(n, own uint8) object.RouteProtocol {
	switch n {
	case own, unix.RTPROT_BOOT, unix.RTPROT_STATIC:
		return object.ProtocolStatic
	case unix.RTPROT_KERNEL:
		return object.ProtocolDirect
	case unix.RTPROT_RA:
		return object.ProtocolRA
	case unix.RTPROT_DHCP:
		return object.ProtocolDHCP
	case unix.RTPROT_BABEL:
		return object.ProtocolBabel
	case unix.RTPROT_BGP:
		return object.ProtocolBGP
	case unix.RTPROT_ISIS:
		return object.ProtocolISIS
	case unix.RTPROT_OSPF:
		return object.ProtocolOSPF
	case unix.RTPROT_RIP:
		return object.ProtocolRIP
	case unix.RTPROT_EIGRP:
		return object.ProtocolEIGRP
	}
	return object.ProtocolOther
}

// observed reports whether the route is one that is modeled: of the main table,
// for any type of service, and no cache entry.
func (r *rawRoute) observed() bool {
	return r.table == unix.RT_TABLE_MAIN && r.tos == 0 && !r.cloned
}

// route gives the state of a raw route with indexes turned into names. Next hops
// whose link is down are left out: nothing goes there.
func (b *Backend) route(r *rawRoute, data []byte) *object.RouteState {
	s := r.state
	live := 0
	for _, h := range r.hops {
		if h.flags&unix.RTNH_F_DEAD != 0 {
			continue
		}
		if h.flags&unix.RTNH_F_LINKDOWN == 0 {
			live++
		}
		hop := object.NextHop{Via: h.via, Link: b.names.get(h.index), Weight: h.weight}
		if len(r.hops) == 1 {
			hop.Weight = 0
		}
		s.NextHops = append(s.NextHops, hop)
	}
	if len(s.NextHops) == 1 {
		s.NextHops[0].Weight = 0
	}
	s.Dead = len(r.hops) > 0 && live == 0
	s.Shared = len(r.hops) > 1 && s.Prefix.Addr().Is6()
	if !s.Owned {
		s.Private = append([]byte(nil), data...)
	}
	return &s
}

// routeMessage encodes struct rtmsg and attributes. The table is always told by
// RTA_TABLE, which has room for its number.
func routeMessage(r *object.Route, proto, scope, typ uint8, flags uint32, attrs func(*netlink.AttributeEncoder)) ([]byte, error) {
	head := make([]byte, routeHeader)
	head[0], head[1] = family(r.Prefix.Addr()), uint8(r.Prefix.Bits())
	head[4], head[5], head[6], head[7] = unix.RT_TABLE_UNSPEC, proto, scope, typ
	binary.NativeEndian.PutUint32(head[8:], flags)
	return withAttrs(head, func(ae *netlink.AttributeEncoder) {
		ae.Uint32(unix.RTA_TABLE, unix.RT_TABLE_MAIN)
		if r.Prefix.Bits() > 0 {
			ae.Bytes(unix.RTA_DST, r.Prefix.Addr().AsSlice())
		}
		if r.Metric != 0 {
			ae.Uint32(unix.RTA_PRIORITY, r.Metric)
		}
		if attrs != nil {
			attrs(ae)
		}
	})
}

// encodeRoute makes an RTM_NEWROUTE.
func encodeRoute(r *object.Route, hops []rawHop, proto uint8) ([]byte, error) {
	if r.Type == object.Blackhole {
		return routeMessage(r, proto, unix.RT_SCOPE_UNIVERSE, unix.RTN_BLACKHOLE, 0, nil)
	}
	scope := uint8(unix.RT_SCOPE_UNIVERSE)
	if r.Prefix.Addr().Is4() && !anyVia(hops) {
		scope = unix.RT_SCOPE_LINK
	}
	var flags uint32
	if len(hops) == 1 {
		flags = uint32(hops[0].flags)
	}
	return routeMessage(r, proto, scope, unix.RTN_UNICAST, flags, func(ae *netlink.AttributeEncoder) {
		encodeHops(ae, r.Prefix.Addr().Is4(), hops)
	})
}

// encodeAppend makes the RTM_NEWROUTE of one more next hop of an IPv6 route. Only
// in RTA_MULTIPATH has it a weight.
func encodeAppend(r *object.Route, hop rawHop, proto uint8) ([]byte, error) {
	return routeMessage(r, proto, unix.RT_SCOPE_UNIVERSE, unix.RTN_UNICAST, 0, func(ae *netlink.AttributeEncoder) {
		if hop.via.IsValid() {
			multipath(ae, false, []rawHop{hop})
		} else {
			encodeHops(ae, false, []rawHop{hop})
		}
	})
}

// encodeDelete makes an RTM_DELROUTE that hits only routes of a protocol, and
// with hops only those that lead there.
func encodeDelete(r *object.Route, hops []rawHop, proto uint8) ([]byte, error) {
	typ := uint8(unix.RTN_UNICAST)
	if r.Type == object.Blackhole {
		typ = unix.RTN_BLACKHOLE
	}
	return routeMessage(r, proto, unix.RT_SCOPE_NOWHERE, typ, 0, func(ae *netlink.AttributeEncoder) {
		encodeHops(ae, r.Prefix.Addr().Is4(), hops)
	})
}

func encodeHops(ae *netlink.AttributeEncoder, v4 bool, hops []rawHop) {
	switch len(hops) {
	case 0:
	case 1:
		if hops[0].index != 0 {
			ae.Uint32(unix.RTA_OIF, hops[0].index)
		}
		encodeVia(ae, v4, hops[0].via)
	default:
		multipath(ae, v4, hops)
	}
}

func multipath(ae *netlink.AttributeEncoder, v4 bool, hops []rawHop) {
	ae.Do(unix.RTA_MULTIPATH, func() ([]byte, error) {
		var b []byte
		for _, h := range hops {
			nested := netlink.NewAttributeEncoder()
			encodeVia(nested, v4, h.via)
			attrs, err := nested.Encode()
			if err != nil {
				return nil, err
			}
			head := make([]byte, nextHopHeader)
			binary.NativeEndian.PutUint16(head, uint16(nextHopHeader+len(attrs)))
			head[2], head[3] = h.flags, uint8(max(h.weight, 1)-1)
			binary.NativeEndian.PutUint32(head[4:], h.index)
			b = append(append(b, head...), attrs...)
		}
		return b, nil
	})
}

// encodeVia adds a gateway; one of the other family stands in RTA_VIA (RFC 5549).
func encodeVia(ae *netlink.AttributeEncoder, v4 bool, via netip.Addr) {
	switch {
	case !via.IsValid():
	case via.Is4() == v4:
		ae.Bytes(unix.RTA_GATEWAY, via.AsSlice())
	default:
		ae.Bytes(unix.RTA_VIA, append(binary.NativeEndian.AppendUint16(nil, uint16(family(via))), via.AsSlice()...))
	}
}

func anyVia(hops []rawHop) bool {
	for _, h := range hops {
		if h.via.IsValid() {
			return true
		}
	}
	return false
}
