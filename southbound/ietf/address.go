package ietf

import (
	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/translate"
)

// ipv4Claims are those of the container ipv4 at a path. A family that is not
// enabled has no addresses and neighbors.
func ipv4Claims(b *translate.OnLink, at path.Path, v4 *ipv4Config) {
	b.Flag(object.Forwarding, object.IPv4, v4.Forwarding, translate.Below(at, "forwarding"))
	b.IPv4MTU(v4.Mtu, translate.Below(at, "mtu"))
	if v4.Enabled != nil && !*v4.Enabled {
		return
	}
	for ip, a := range translate.Sorted(v4.Address) {
		addressClaim(b, at, ip, a.PrefixLength)
	}
	for ip, n := range translate.Sorted(v4.Neighbor) {
		neighborClaim(b, at, ip, n.LinkLayerAddress)
	}
}

func ipv6Claims(b *translate.OnLink, at path.Path, v6 *ipv6Config) {
	b.Flag(object.ProtocolEnabled, object.IPv6, v6.Enabled, translate.Below(at, "enabled"))
	b.Flag(object.Forwarding, object.IPv6, v6.Forwarding, translate.Below(at, "forwarding"))
	b.Number(object.ProtocolMTU, object.IPv6, v6.Mtu, translate.Below(at, "mtu"))
	if v6.Enabled != nil && !*v6.Enabled {
		return
	}
	for ip, a := range translate.Sorted(v6.Address) {
		addressClaim(b, at, ip, a.PrefixLength)
	}
	for ip, n := range translate.Sorted(v6.Neighbor) {
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

func (m *Model) addressState(s *object.AddressState, gone bool) []agent.StateChange {
	f := object.FamilyOf(s.IP)
	p := translate.Entry(translate.Below(m.interfaceEntry(s.Link), ipModule+":"+f.String()+"/address"), "ip", s.IP.String())
	switch {
	case gone:
		return []agent.StateChange{{Path: p}}
	case f == object.IPv4:
		return []agent.StateChange{m.Node(p, &ipv4Address{
			Ip: translate.Ptr(s.IP.String()), PrefixLength: translate.Ptr(s.PrefixLength), Origin: ipOrigins[s.Origin],
		})}
	}
	return []agent.StateChange{m.Node(p, &ipv6Address{
		Ip: translate.Ptr(s.IP.String()), PrefixLength: translate.Ptr(s.PrefixLength), Origin: ipOrigins[s.Origin], Status: addressStatuses[s.Status],
	})}
}

func (m *Model) neighborState(s *object.NeighborState, gone bool) []agent.StateChange {
	f := object.FamilyOf(s.IP)
	p := translate.Entry(translate.Below(m.interfaceEntry(s.Link), ipModule+":"+f.String()+"/neighbor"), "ip", s.IP.String())
	switch {
	// An entry that failed or is being resolved has no address to show.
	case gone || s.MAC.IsZero():
		return []agent.StateChange{{Path: p}}
	case f == object.IPv4:
		return []agent.StateChange{m.Node(p, &ipv4Neighbor{
			Ip: translate.Ptr(s.IP.String()), LinkLayerAddress: translate.Ptr(s.MAC.String()), Origin: neighborOrigins[s.Origin],
		})}
	}
	n := &ipv6Neighbor{
		Ip: translate.Ptr(s.IP.String()), LinkLayerAddress: translate.Ptr(s.MAC.String()), Origin: neighborOrigins[s.Origin],
		State: neighborStates[s.Status],
	}
	if s.Router {
		n.IsRouter = true
	}
	return []agent.StateChange{m.Node(p, n)}
}
