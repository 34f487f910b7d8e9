package openconfig

import (
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/translate"
)

// family names the container of an address family below a subinterface.
func family(f object.Family) string { return ipModule + ":" + f.String() }

// subinterfaceObjects are what is on a link. at is the subinterface.
//
// A container has its defaults in use whether or not anybody has written it. Who
// gives a link an IPv4 address has said nothing of IPv6: that it is enabled is
// claimed only where the configuration speaks of it.
func subinterfaceObjects(t tree.Tree, link string, at path.Path, sub *subinterface) ([]object.Claim, error) {
	b := translate.OnLink{Link: link}
	if sub.Ipv4 != nil {
		ipv4Claims(&b, translate.Below(at, family(object.IPv4)), sub.Ipv4)
		if p := translate.Below(at, family(object.IPv4)+"/unnumbered"); t.Node(p) != nil {
			unnumberedClaim(&b, p, sub.Ipv4.Unnumbered)
		}
	}
	if p := translate.Below(at, family(object.IPv6)); t.Node(p) != nil {
		ipv6Claims(&b, p, sub.Ipv6)
	}
	return b.Claims, b.Err
}

func ipv4Claims(b *translate.OnLink, at path.Path, v4 *subinterfaceIPv4) {
	if cfg := v4.Config; cfg != nil {
		b.Flag(object.Forwarding, object.IPv4, cfg.Forwarding, translate.Below(at, "config/"+extModule+":forwarding"))
		b.IPv4MTU(cfg.Mtu, translate.Below(at, "config/mtu"))
	}
	if v4.Addresses != nil {
		for _, ip := range translate.Keys(v4.Addresses.Address) {
			a := v4.Addresses.Address[ip]
			if a.Config != nil {
				addressClaim(b, at, ip, a.Config.PrefixLength)
			}
		}
	}
	if v4.Neighbors != nil {
		for _, ip := range translate.Keys(v4.Neighbors.Neighbor) {
			n := v4.Neighbors.Neighbor[ip]
			if n.Config != nil {
				neighborClaim(b, at, ip, n.Config.LinkLayerAddress)
			}
		}
	}
}

// ipv6Claims are none but the switch where IPv6 is not enabled.
func ipv6Claims(b *translate.OnLink, at path.Path, v6 *subinterfaceIPv6) {
	if cfg := v6.Config; cfg != nil {
		b.Flag(object.ProtocolEnabled, object.IPv6, cfg.Enabled, translate.Below(at, "config/enabled"))
		if cfg.Enabled != nil && !*cfg.Enabled {
			return
		}
		b.Flag(object.Forwarding, object.IPv6, cfg.Forwarding, translate.Below(at, "config/"+extModule+":forwarding"))
		b.Number(object.ProtocolMTU, object.IPv6, cfg.Mtu, translate.Below(at, "config/mtu"))
	}
	if v6.Addresses != nil {
		for _, ip := range translate.Keys(v6.Addresses.Address) {
			a := v6.Addresses.Address[ip]
			if a.Config != nil {
				addressClaim(b, at, ip, a.Config.PrefixLength)
			}
		}
	}
	if v6.Neighbors != nil {
		for _, ip := range translate.Keys(v6.Neighbors.Neighbor) {
			n := v6.Neighbors.Neighbor[ip]
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

func (m *Model) addressState(r *translate.Rendering, w southbound.World, s *object.AddressState, gone bool) {
	f, ip := object.FamilyOf(s.IP), s.IP.String()
	p := translate.Entry(translate.Below(m.under(w, s.Link), family(f)+"/addresses/address"), "ip", ip)
	state := translate.Below(p, "state")
	switch {
	case gone:
		r.None(p)
	case f == object.IPv4:
		r.Node(state, &ipv4AddressState{Ip: &ip, PrefixLength: &s.PrefixLength, Origin: ipOrigins[s.Origin]})
	default:
		r.Node(state, &ipv6AddressState{Ip: &ip, PrefixLength: &s.PrefixLength, Origin: ipOrigins[s.Origin], Status: addressStatuses[s.Status]})
	}
}

func (m *Model) neighborState(r *translate.Rendering, w southbound.World, s *object.NeighborState, gone bool) {
	f, ip, mac := object.FamilyOf(s.IP), s.IP.String(), s.MAC.String()
	p := translate.Entry(translate.Below(m.under(w, s.Link), family(f)+"/neighbors/neighbor"), "ip", ip)
	state := translate.Below(p, "state")
	switch {
	case gone || s.MAC.IsZero(): // one that failed or is being resolved has no address to show
		r.None(p)
	case f == object.IPv4:
		r.Node(state, &ipv4NeighborState{Ip: &ip, LinkLayerAddress: &mac, Origin: neighborOrigins[s.Origin]})
	default:
		r.Node(state, &ipv6NeighborState{
			Ip: &ip, LinkLayerAddress: &mac, Origin: neighborOrigins[s.Origin], IsRouter: &s.Router, NeighborState: neighborStates[s.Status],
		})
	}
}
