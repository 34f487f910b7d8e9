package ietf

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

// builder collects the claims of one interface, and the first error. A family
// that is not enabled has no addresses and neighbors.
type builder struct {
	link   string
	claims []object.Claim
	err    error
}

func (b *builder) ipv4(at path.Path, v4 *ipv4Config) {
	b.flag(object.Forwarding, object.IPv4, v4.Forwarding, below(at, "forwarding"))
	if v4.Mtu != nil {
		// No dataplane has an MTU of IPv4 alone: it is the link's.
		b.add(object.NewClaim(&object.Link{Name: b.link, MTU: uint32(*v4.Mtu)}, below(at, "mtu"), object.MTU))
	}
	if v4.Enabled != nil && !*v4.Enabled {
		return
	}
	for ip, a := range sorted(v4.Address) {
		b.address(at, ip, a.PrefixLength)
	}
	for ip, n := range sorted(v4.Neighbor) {
		b.neighbor(at, ip, n.LinkLayerAddress)
	}
}

func (b *builder) ipv6(at path.Path, v6 *ipv6Config) {
	b.flag(object.ProtocolEnabled, object.IPv6, v6.Enabled, below(at, "enabled"))
	b.flag(object.Forwarding, object.IPv6, v6.Forwarding, below(at, "forwarding"))
	if v6.Mtu != nil {
		s := &object.Setting{Name: object.ProtocolMTU, Family: object.IPv6, Link: b.link, Value: *v6.Mtu}
		b.add(object.NewClaim(s, below(at, "mtu"), object.ValueAttr))
	}
	if v6.Enabled != nil && !*v6.Enabled {
		return
	}
	for ip, a := range sorted(v6.Address) {
		b.address(at, ip, a.PrefixLength)
	}
	for ip, n := range sorted(v6.Neighbor) {
		b.neighbor(at, ip, n.LinkLayerAddress)
	}
}

func (b *builder) add(c object.Claim) { b.claims = append(b.claims, c) }

func (b *builder) fail(err error) {
	if b.err == nil {
		b.err = err
	}
}

// flag claims a setting that the boolean leaf at p sets.
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
	p := entry(below(at, "address"), path.Key{Name: "ip", Value: text})
	ip, err := parseIP(text, p)
	if err != nil {
		b.fail(err)
		return
	}
	if length == nil {
		b.fail(fault.New(fault.DataMissing, below(p, "prefix-length"), "an address needs its prefix length"))
		return
	}
	c := object.NewClaim(&object.Address{Link: b.link, IP: ip, PrefixLength: *length}, p)
	c.Add(object.PrefixLength, below(p, "prefix-length"))
	b.add(c)
}

// neighbor claims one static neighbor.
func (b *builder) neighbor(at path.Path, text string, mac *string) {
	p := entry(below(at, "neighbor"), path.Key{Name: "ip", Value: text})
	ip, err := parseIP(text, p)
	if err != nil {
		b.fail(err)
		return
	}
	where := below(p, "link-layer-address")
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

func parseIP(text string, at path.Path) (netip.Addr, error) {
	ip, err := netip.ParseAddr(text)
	if err != nil || ip.Zone() != "" {
		return ip, fault.New(fault.InvalidValue, at, "%q is not an IP address without a zone", text)
	}
	return ip, nil
}

// sorted ranges over a list in the order of its keys.
func sorted[E any](list map[string]E) iter.Seq2[string, E] {
	return func(yield func(string, E) bool) {
		for _, key := range slices.Sorted(maps.Keys(list)) {
			if !yield(key, list[key]) {
				return
			}
		}
	}
}

func (m *Model) addressState(s *object.AddressState, gone bool) []agent.StateChange {
	f := object.FamilyOf(s.IP)
	p := entry(below(m.interfaceEntry(s.Link), ipModule+":"+f.String()+"/address"), path.Key{Name: "ip", Value: s.IP.String()})
	switch {
	case gone:
		return []agent.StateChange{{Path: p}}
	case f == object.IPv4:
		return []agent.StateChange{m.rendered(p, &ipv4Address{
			Ip: ptr(s.IP.String()), PrefixLength: ptr(s.PrefixLength), Origin: ipOrigins[s.Origin],
		})}
	}
	return []agent.StateChange{m.rendered(p, &ipv6Address{
		Ip: ptr(s.IP.String()), PrefixLength: ptr(s.PrefixLength), Origin: ipOrigins[s.Origin], Status: addressStatuses[s.Status],
	})}
}

func (m *Model) neighborState(s *object.NeighborState, gone bool) []agent.StateChange {
	f := object.FamilyOf(s.IP)
	p := entry(below(m.interfaceEntry(s.Link), ipModule+":"+f.String()+"/neighbor"), path.Key{Name: "ip", Value: s.IP.String()})
	switch {
	// An entry that failed or is being resolved has no address to show.
	case gone || s.MAC.IsZero():
		return []agent.StateChange{{Path: p}}
	case f == object.IPv4:
		return []agent.StateChange{m.rendered(p, &ipv4Neighbor{
			Ip: ptr(s.IP.String()), LinkLayerAddress: ptr(s.MAC.String()), Origin: neighborOrigins[s.Origin],
		})}
	}
	n := &ipv6Neighbor{
		Ip: ptr(s.IP.String()), LinkLayerAddress: ptr(s.MAC.String()), Origin: neighborOrigins[s.Origin],
		State: neighborStates[s.Status],
	}
	if s.Router {
		n.IsRouter = true
	}
	return []agent.StateChange{m.rendered(p, n)}
}
