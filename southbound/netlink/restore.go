package netlink

import (
	"context"
	"encoding/binary"
	"errors"
	"slices"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// Restore puts an address or a route back as it was observed, foreign ones with
// all that the kernel told of them. What is there already is left alone.
func (b *Backend) Restore(_ context.Context, s object.State) error {
	var err error
	switch s := s.(type) {
	case *object.AddressState:
		err = b.restoreAddress(s)
	case *object.RouteState:
		err = b.restoreRoute(s)
	case *object.NeighborState:
		if s.Status == object.NeighborPermanent {
			err = b.restoreNeighbor(s)
		}
	}
	if errors.Is(err, southbound.ErrExists) {
		return nil
	}
	return err
}

func (b *Backend) restoreAddress(s *object.AddressState) error {
	index, err := b.index(s.Link)
	if err != nil {
		return err
	}
	raw, ok := s.Private.(addressPrivate)
	if !ok {
		return b.createAddress(&s.Address)
	}
	msg, err := addressMessage(family(s.IP), s.PrefixLength, index, func(ae *netlink.AttributeEncoder) {
		ae.Bytes(unix.IFA_LOCAL, s.IP.AsSlice())
		if raw.peer.IsValid() {
			ae.Bytes(unix.IFA_ADDRESS, raw.peer.AsSlice())
		}
		if raw.broadcast.IsValid() {
			ae.Bytes(unix.IFA_BROADCAST, raw.broadcast.AsSlice())
		}
		if raw.label != "" {
			ae.String(unix.IFA_LABEL, raw.label)
		}
		ae.Uint32(unix.IFA_FLAGS, raw.flags&(unix.IFA_F_NODAD|unix.IFA_F_HOMEADDRESS|unix.IFA_F_MANAGETEMPADDR|unix.IFA_F_NOPREFIXROUTE|unix.IFA_F_MCAUTOJOIN))
		if raw.valid != lifetimeForEver {
			info := make([]byte, 16)
			binary.NativeEndian.PutUint32(info, raw.preferred)
			binary.NativeEndian.PutUint32(info[4:], raw.valid)
			ae.Bytes(unix.IFA_CACHEINFO, info)
		}
		if raw.proto != 0 {
			ae.Uint8(ifaProto, raw.proto)
		}
	})
	if err != nil {
		return err
	}
	msg[3] = raw.scope
	return b.write(unix.RTM_NEWADDR, createNew, msg)
}

func (b *Backend) restoreNeighbor(s *object.NeighborState) error {
	index, err := b.index(s.Neighbor.Link)
	if err != nil {
		return err
	}
	proto := uint8(0)
	if s.Owned {
		proto = b.cfg.Protocol
	}
	msg, err := encodeNeighbor(&s.Neighbor, index, proto, true)
	if err != nil {
		return err
	}
	return b.write(unix.RTM_NEWNEIGH, createNew, msg)
}

// restoreRoute sends the kernel's own message back. A link that was made again in
// the meantime has another index: a single next hop is led there.
func (b *Backend) restoreRoute(s *object.RouteState) error {
	raw, ok := s.Private.([]byte)
	if !ok {
		return b.restoreOwn(&s.Route)
	}
	var index uint32
	if len(s.NextHops) == 1 && s.NextHops[0].Link != "" {
		var err error
		if index, err = b.index(s.NextHops[0].Link); err != nil {
			return err
		}
	}
	msg, err := renewed(raw, index)
	if err != nil {
		return err
	}
	return b.write(unix.RTM_NEWROUTE, createNew, msg)
}

// restoreOwn makes a route of ours again. Its gateway may have become unreachable
// while it was there: the kernel asks for that only of new routes, unless they
// say that the gateway is on the link.
func (b *Backend) restoreOwn(r *object.Route) error {
	err := b.createRoute(r)
	if !errors.Is(err, unix.ENETUNREACH) && !errors.Is(err, unix.EHOSTUNREACH) {
		return err
	}
	hops, err := b.hops(r.NextHops)
	if err != nil {
		return err
	}
	for i := range hops {
		hops[i].flags = unix.RTNH_F_ONLINK
	}
	return b.writeRoute(r, hops, createNew)
}

// renewed makes of a route as the kernel told it one that it takes: without the
// flags that describe its state, and without what it does not let be set. An index
// that is not 0 takes the place of that of a single next hop.
func renewed(raw []byte, index uint32) ([]byte, error) {
	if len(raw) < routeHeader {
		return nil, errShort
	}
	head := slices.Clone(raw[:routeHeader])
	flags := binary.NativeEndian.Uint32(head[8:])
	binary.NativeEndian.PutUint32(head[8:], flags&(unix.RTNH_F_ONLINK|unix.RTNH_F_PERVASIVE))
	ad, err := netlink.NewAttributeDecoder(raw[routeHeader:])
	if err != nil {
		return nil, err
	}
	ae := netlink.NewAttributeEncoder()
	byObject := false
	type attr struct {
		typ  uint16
		data []byte
	}
	var attrs []attr
	for ad.Next() {
		attrs = append(attrs, attr{ad.TypeFlags() | ad.Type(), ad.Bytes()})
		byObject = byObject || ad.Type() == rtaNextHopID
	}
	if err := ad.Err(); err != nil {
		return nil, err
	}
	for _, a := range attrs {
		switch a.typ &^ (unix.NLA_F_NESTED | unix.NLA_F_NET_BYTEORDER) {
		case unix.RTA_CACHEINFO:
			continue
		case unix.RTA_OIF, unix.RTA_GATEWAY, unix.RTA_VIA:
			if a.typ == unix.RTA_OIF && index != 0 {
				a.data = binary.NativeEndian.AppendUint32(nil, index)
			}
			if byObject || head[7] != unix.RTN_UNICAST && head[7] != unix.RTN_LOCAL {
				continue
			}
		case unix.RTA_MULTIPATH:
			if byObject {
				continue
			}
			a.data = slices.Clone(a.data)
			clearHopFlags(a.data)
		}
		ae.Bytes(a.typ, a.data)
	}
	b, err := ae.Encode()
	return append(head, b...), err
}

func clearHopFlags(b []byte) {
	for len(b) >= nextHopHeader {
		size := int(binary.NativeEndian.Uint16(b))
		if size < nextHopHeader || size > len(b) {
			return
		}
		b[2] &= unix.RTNH_F_ONLINK | unix.RTNH_F_PERVASIVE
		b = b[min((size+3)&^3, len(b)):]
	}
}
