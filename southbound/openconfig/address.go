package openconfig

import (
	"iter"
	"maps"
	"net/netip"
	"slices"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// family names the container of an address family below a subinterface.
func family(f object.Family) string { return ipModule + ":" + f.String() }

// subinterface returns the path of subinterface 0, which stands for the
// interface itself.
func (m *Model) subinterface(link string) path.Path {
	p := below(entry(below(m.interfaces, "interface"), path.Key{Name: "name", Value: link}), "subinterfaces/subinterface")
	return entry(p, path.Key{Name: "index", Value: "0"})
}

// subinterfaceObjects are what is on a link. A subinterface, or a family of it,
// that is not enabled has no addresses and neighbors.
func subinterfaceObjects(link string, at path.Path, sub *subinterface) ([]object.Claim, error) {
	if sub.Config != nil && !enabled(sub.Config.Enabled) {
		return nil, nil
	}
	b := builder{link: link}
	if sub.Ipv4 != nil {
		b.ipv4(below(at, family(object.IPv4)), sub.Ipv4)
	}
	if sub.Ipv6 != nil {
		b.ipv6(below(at, family(object.IPv6)), sub.Ipv6)
	}
	return b.claims, b.err
}

func enabled(leaf *bool) bool { return leaf == nil || *leaf }

// builder collects the claims of what is on one link, and the first error.
type builder struct {
	link   string
	claims []object.Claim
	err    error
}

func (b *builder) ipv4(at path.Path, v4 *subinterfaceIPv4) {
	on := true
	if cfg := v4.Config; cfg != nil {
		on = enabled(cfg.Enabled)
		b.flag(object.Forwarding, object.IPv4, cfg.Forwarding, below(at, "config/"+extModule+":forwarding"))
		if cfg.Mtu != nil {
			// No dataplane has an MTU of IPv4 alone: it is the link's.
			b.add(object.NewClaim(&object.Link{Name: b.link, MTU: uint32(*cfg.Mtu)}, below(at, "config/mtu"), object.MTU))
		}
	}
	if on && v4.Addresses != nil {
		for ip, a := range sorted(v4.Addresses.Address) {
			if a.Config != nil {
				b.address(at, ip, a.Config.PrefixLength)
			}
		}
	}
	if on && v4.Neighbors != nil {
		for ip, n := range sorted(v4.Neighbors.Neighbor) {
			if n.Config != nil {
				b.neighbor(at, ip, n.Config.LinkLayerAddress)
			}
		}
	}
}

func (b *builder) ipv6(at path.Path, v6 *subinterfaceIPv6) {
	on := true
	if cfg := v6.Config; cfg != nil {
		on = enabled(cfg.Enabled)
		b.flag(object.ProtocolEnabled, object.IPv6, cfg.Enabled, below(at, "config/enabled"))
		b.flag(object.Forwarding, object.IPv6, cfg.Forwarding, below(at, "config/"+extModule+":forwarding"))
		if cfg.Mtu != nil {
			s := &object.Setting{Name: object.ProtocolMTU, Family: object.IPv6, Link: b.link, Value: *cfg.Mtu}
			b.add(object.NewClaim(s, below(at, "config/mtu"), object.ValueAttr))
		}
	}
	if on && v6.Addresses != nil {
		for ip, a := range sorted(v6.Addresses.Address) {
			if a.Config != nil {
				b.address(at, ip, a.Config.PrefixLength)
			}
		}
	}
	if on && v6.Neighbors != nil {
		for ip, n := range sorted(v6.Neighbors.Neighbor) {
			if n.Config != nil {
				b.neighbor(at, ip, n.Config.LinkLayerAddress)
			}
		}
	}
}

func (b *builder) add(c object.Claim) { b.claims = append(b.claims, c) }

func (b *builder) fail(err error) {
	if b.err == nil {
		b.err = err
	}
}

// flag claims a setting that a boolean leaf at p sets.
func (b *builder) flag(name object.SettingName, f object.Family, on *bool, p path.Path) {
	if on == nil {
		return
	}
	s := &object.Setting{Name: name, Family: f, Link: b.link}
	if *on {
		s.Value = 1
	}
	b.add(object.NewClaim(s, p, object.ValueAttr))
}

// address claims one address; at is the container of its family.
func (b *builder) address(at path.Path, text string, length *uint8) {
	p := entry(below(at, "addresses/address"), path.Key{Name: "ip", Value: text})
	ip, err := parseIP(text, p)
	if err != nil {
		b.fail(err)
		return
	}
	where := below(p, "config/prefix-length")
	if length == nil {
		b.fail(fault.New(fault.DataMissing, where, "an address needs its prefix length"))
		return
	}
	c := object.NewClaim(&object.Address{Link: b.link, IP: ip, PrefixLength: *length}, p)
	c.Add(object.PrefixLength, where)
	b.add(c)
}

// neighbor claims one static neighbor.
func (b *builder) neighbor(at path.Path, text string, mac *string) {
	p := entry(below(at, "neighbors/neighbor"), path.Key{Name: "ip", Value: text})
	ip, err := parseIP(text, p)
	if err != nil {
		b.fail(err)
		return
	}
	where := below(p, "config/link-layer-address")
	if mac == nil {
		b.fail(fault.New(fault.DataMissing, where, "a static neighbor needs its link-layer address"))
		return
	}
	address, err := object.ParseMAC(*mac)
	if err != nil {
		b.fail(fault.Wrap(fault.InvalidValue, where, err, "not an Ethernet address"))
		return
	}
	c := object.NewClaim(&object.Neighbor{Link: b.link, IP: ip, MAC: address}, p)
	c.Add(object.LinkLayer, where)
	b.add(c)
}

// sorted ranges over a list in the order of its keys, so that what is made of it
// is the same each time.
func sorted[E any](list map[string]E) iter.Seq2[string, E] {
	return func(yield func(string, E) bool) {
		for _, key := range slices.Sorted(maps.Keys(list)) {
			if !yield(key, list[key]) {
				return
			}
		}
	}
}

func parseIP(text string, at path.Path) (netip.Addr, error) {
	ip, err := netip.ParseAddr(text)
	if err != nil || ip.Zone() != "" {
		return ip, fault.New(fault.InvalidValue, at, "%q is not an IP address without a zone", text)
	}
	return ip, nil
}

func (m *Model) addressState(s *object.AddressState, gone bool) []agent.StateChange {
	f := object.FamilyOf(s.IP)
	p := entry(below(m.subinterface(s.Link), family(f)+"/addresses/address"), path.Key{Name: "ip", Value: s.IP.String()})
	if gone {
		return []agent.StateChange{{Path: p}}
	}
	state := below(p, "state")
	if f == object.IPv4 {
		return []agent.StateChange{m.rendered(state, &ipv4AddressState{
			Ip: ptr(s.IP.String()), PrefixLength: ptr(s.PrefixLength), Origin: ipOrigins[s.Origin],
		})}
	}
	return []agent.StateChange{m.rendered(state, &ipv6AddressState{
		Ip: ptr(s.IP.String()), PrefixLength: ptr(s.PrefixLength), Origin: ipOrigins[s.Origin], Status: addressStatuses[s.Status],
	})}
}

func (m *Model) neighborState(s *object.NeighborState, gone bool) []agent.StateChange {
	f := object.FamilyOf(s.IP)
	p := entry(below(m.subinterface(s.Link), family(f)+"/neighbors/neighbor"), path.Key{Name: "ip", Value: s.IP.String()})
	// An entry that failed or is being resolved has no address to show.
	if gone || s.MAC.IsZero() {
		return []agent.StateChange{{Path: p}}
	}
	state := below(p, "state")
	if f == object.IPv4 {
		return []agent.StateChange{m.rendered(state, &ipv4NeighborState{
			Ip: ptr(s.IP.String()), LinkLayerAddress: ptr(s.MAC.String()), Origin: neighborOrigins[s.Origin],
		})}
	}
	return []agent.StateChange{m.rendered(state, &ipv6NeighborState{
		Ip: ptr(s.IP.String()), LinkLayerAddress: ptr(s.MAC.String()), Origin: neighborOrigins[s.Origin],
		IsRouter: ptr(s.Router), NeighborState: neighborStates[s.Status],
	})}
}
