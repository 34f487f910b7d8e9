package ietf

import (
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/translate"
)

// ipv4Claims are those of the container ipv4 at a path.
func ipv4Claims(b *translate.OnLink, at path.Path, v4 *ipv4Config) {
	b.Flag(object.Forwarding, object.IPv4, v4.Forwarding, translate.Below(at, "forwarding"))
	b.IPv4MTU(v4.Mtu, translate.Below(at, "mtu"))
	for _, ip := range translate.Keys(v4.Address) {
		a := v4.Address[ip]
		addressClaim(b, at, ip, a.PrefixLength)
	}
	for _, ip := range translate.Keys(v4.Neighbor) {
		n := v4.Neighbor[ip]
		neighborClaim(b, at, ip, n.LinkLayerAddress)
	}
}

// ipv6Claims are none but the switch where IPv6 is not enabled.
func ipv6Claims(b *translate.OnLink, at path.Path, v6 *ipv6Config) {
	b.Flag(object.ProtocolEnabled, object.IPv6, v6.Enabled, translate.Below(at, "enabled"))
	if v6.Enabled != nil && !*v6.Enabled {
		return
	}
	b.Flag(object.Forwarding, object.IPv6, v6.Forwarding, translate.Below(at, "forwarding"))
	b.Number(object.ProtocolMTU, object.IPv6, v6.Mtu, translate.Below(at, "mtu"))
	for _, ip := range translate.Keys(v6.Address) {
		a := v6.Address[ip]
		addressClaim(b, at, ip, a.PrefixLength)
	}
	for _, ip := range translate.Keys(v6.Neighbor) {
		n := v6.Neighbor[ip]
		neighborClaim(b, at, ip, n.LinkLayerAddress)
	}
}

func addressClaim(b *translate.OnLink, at path.Path, ip string, length *uint8) {
	p := translate.Entry(translate.Below(at, "address"), "ip", ip)
	b.Address(p, ip, translate.Below(p, "prefix-length"), length)
}

func neighborClaim(b *translate.OnLink, at path.Path, ip string, mac *string) {
	p := translate.Entry(translate.Below(at, "neighbor"), "ip", ip)
	b.Neighbor(p, ip, translate.Below(p, "link-layer-address"), mac)
}

func (m *Model) addressState(r *translate.Rendering, s *object.AddressState, gone bool) {
	f, ip := object.FamilyOf(s.IP), s.IP.String()
	p := translate.Entry(translate.Below(m.interfaceEntry(s.Link), ipModule+":"+f.String()+"/address"), "ip", ip)
	switch {
	case gone:
		r.None(p)
	case f == object.IPv4:
		r.Node(p, &ipv4Address{Ip: &ip, PrefixLength: &s.PrefixLength, Origin: ipOrigins[s.Origin]})
	default:
		r.Node(p, &ipv6Address{Ip: &ip, PrefixLength: &s.PrefixLength, Origin: ipOrigins[s.Origin], Status: addressStatuses[s.Status]})
	}
}

func (m *Model) neighborState(r *translate.Rendering, s *object.NeighborState, gone bool) {
	f, ip, mac := object.FamilyOf(s.IP), s.IP.String(), s.MAC.String()
	p := translate.Entry(translate.Below(m.interfaceEntry(s.Link), ipModule+":"+f.String()+"/neighbor"), "ip", ip)
	switch {
	case gone || s.MAC.IsZero(): // one that failed or is being resolved has no address to show
		r.None(p)
	case f == object.IPv4:
		r.Node(p, &ipv4Neighbor{Ip: &ip, LinkLayerAddress: &mac, Origin: neighborOrigins[s.Origin]})
	default:
		n := &ipv6Neighbor{Ip: &ip, LinkLayerAddress: &mac, Origin: neighborOrigins[s.Origin], State: neighborStates[s.Status]}
		if s.Router {
			n.IsRouter = true
		}
		r.Node(p, n)
	}
}
