package openconfig

import (
	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/translate"
)

// family names the container of an address family below a subinterface.
func family(f object.Family) string { return ipModule + ":" + f.String() }

// subinterface returns the path of subinterface 0, which stands for the
// interface itself.
func (m *Model) subinterface(link string) path.Path {
	p := translate.Below(translate.Entry(translate.Below(m.interfaces, "interface"), "name", link), "subinterfaces/subinterface")
	return translate.Entry(p, "index", "0")
}

// subinterfaceObjects are what is on a link. A subinterface, or a family of it,
// that is not enabled has no addresses and neighbors.
func subinterfaceObjects(link string, at path.Path, sub *subinterface) ([]object.Claim, error) {
	if sub.Config != nil && !enabled(sub.Config.Enabled) {
		return nil, nil
	}
	b := translate.OnLink{Link: link}
	if sub.Ipv4 != nil {
		ipv4Claims(&b, translate.Below(at, family(object.IPv4)), sub.Ipv4)
	}
	if sub.Ipv6 != nil {
		ipv6Claims(&b, translate.Below(at, family(object.IPv6)), sub.Ipv6)
	}
	return b.Claims, b.Err
}

func enabled(leaf *bool) bool { return leaf == nil || *leaf }

func ipv4Claims(b *translate.OnLink, at path.Path, v4 *subinterfaceIPv4) {
	on := true
	if cfg := v4.Config; cfg != nil {
		on = enabled(cfg.Enabled)
		b.Flag(object.Forwarding, object.IPv4, cfg.Forwarding, translate.Below(at, "config/"+extModule+":forwarding"))
		b.IPv4MTU(cfg.Mtu, translate.Below(at, "config/mtu"))
	}
	if on && v4.Addresses != nil {
		for ip, a := range translate.Sorted(v4.Addresses.Address) {
			if a.Config != nil {
				addressClaim(b, at, ip, a.Config.PrefixLength)
			}
		}
	}
	if on && v4.Neighbors != nil {
		for ip, n := range translate.Sorted(v4.Neighbors.Neighbor) {
			if n.Config != nil {
				neighborClaim(b, at, ip, n.Config.LinkLayerAddress)
			}
		}
	}
}

func ipv6Claims(b *translate.OnLink, at path.Path, v6 *subinterfaceIPv6) {
	on := true
	if cfg := v6.Config; cfg != nil {
		on = enabled(cfg.Enabled)
		b.Flag(object.ProtocolEnabled, object.IPv6, cfg.Enabled, translate.Below(at, "config/enabled"))
		b.Flag(object.Forwarding, object.IPv6, cfg.Forwarding, translate.Below(at, "config/"+extModule+":forwarding"))
		b.Number(object.ProtocolMTU, object.IPv6, cfg.Mtu, translate.Below(at, "config/mtu"))
	}
	if on && v6.Addresses != nil {
		for ip, a := range translate.Sorted(v6.Addresses.Address) {
			if a.Config != nil {
				addressClaim(b, at, ip, a.Config.PrefixLength)
			}
		}
	}
	if on && v6.Neighbors != nil {
		for ip, n := range translate.Sorted(v6.Neighbors.Neighbor) {
			if n.Config != nil {
				neighborClaim(b, at, ip, n.Config.LinkLayerAddress)
			}
		}
	}
}

func addressClaim(b *translate.OnLink, at path.Path, ip string, length *uint8) {
	p := translate.Entry(translate.Below(at, "addresses/address"), "ip", ip)
	b.Address(p, ip, translate.Below(p, "config/prefix-length"), length)
}

func neighborClaim(b *translate.OnLink, at path.Path, ip string, mac *string) {
	p := translate.Entry(translate.Below(at, "neighbors/neighbor"), "ip", ip)
	b.Neighbor(p, ip, translate.Below(p, "config/link-layer-address"), mac)
}

func (m *Model) addressState(s *object.AddressState, gone bool) []agent.StateChange {
	f := object.FamilyOf(s.IP)
	p := translate.Entry(translate.Below(m.subinterface(s.Link), family(f)+"/addresses/address"), "ip", s.IP.String())
	if gone {
		return []agent.StateChange{{Path: p}}
	}
	state := translate.Below(p, "state")
	if f == object.IPv4 {
		return []agent.StateChange{m.Node(state, &ipv4AddressState{
			Ip: translate.Ptr(s.IP.String()), PrefixLength: translate.Ptr(s.PrefixLength), Origin: ipOrigins[s.Origin],
		})}
	}
	return []agent.StateChange{m.Node(state, &ipv6AddressState{
		Ip: translate.Ptr(s.IP.String()), PrefixLength: translate.Ptr(s.PrefixLength), Origin: ipOrigins[s.Origin], Status: addressStatuses[s.Status],
	})}
}

func (m *Model) neighborState(s *object.NeighborState, gone bool) []agent.StateChange {
	f := object.FamilyOf(s.IP)
	p := translate.Entry(translate.Below(m.subinterface(s.Link), family(f)+"/neighbors/neighbor"), "ip", s.IP.String())
	// An entry that failed or is being resolved has no address to show.
	if gone || s.MAC.IsZero() {
		return []agent.StateChange{{Path: p}}
	}
	state := translate.Below(p, "state")
	if f == object.IPv4 {
		return []agent.StateChange{m.Node(state, &ipv4NeighborState{
			Ip: translate.Ptr(s.IP.String()), LinkLayerAddress: translate.Ptr(s.MAC.String()), Origin: neighborOrigins[s.Origin],
		})}
	}
	return []agent.StateChange{m.Node(state, &ipv6NeighborState{
		Ip: translate.Ptr(s.IP.String()), LinkLayerAddress: translate.Ptr(s.MAC.String()), Origin: neighborOrigins[s.Origin],
		IsRouter: translate.Ptr(s.Router), NeighborState: neighborStates[s.Status],
	})}
}
