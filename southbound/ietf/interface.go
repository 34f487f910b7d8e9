package ietf

import (
	"strconv"
	"time"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// interfaceObjects are what one /interfaces/interface makes: the link, and what
// is on it.
func interfaceObjects(_ tree.Tree, at path.Path, n *tree.Node) ([]object.Claim, error) {
	in, err := fill[ietfInterface](n)
	if err != nil {
		return nil, err
	}
	link := &object.Link{Name: *in.Name}
	c := object.Claim{Object: link, At: at}
	if in.Enabled != nil {
		link.Up = *in.Enabled
		c.Add(object.Up, below(at, "enabled"))
	}
	if in.Description != nil {
		link.Description = *in.Description
		c.Add(object.Description, below(at, "description"))
	}
	b := builder{link: link.Name, claims: []object.Claim{c}}
	if in.Ipv4 != nil {
		b.ipv4(below(at, ipModule+":ipv4"), in.Ipv4)
	}
	if in.Ipv6 != nil {
		b.ipv6(below(at, ipModule+":ipv6"), in.Ipv6)
	}
	return b.claims, b.err
}

// linkState renders a link. An interface that is gone takes all its state along.
func (m *Model) linkState(w southbound.World, s *object.LinkState, gone bool) []agent.StateChange {
	p := m.interfaceEntry(s.Name)
	if gone {
		return []agent.StateChange{{Path: p}}
	}
	admin := "down"
	if s.Up {
		admin = "up"
	}
	changes := []agent.StateChange{
		m.leaf(below(p, "type"), interfaceTypes[s.Kind]),
		m.leaf(below(p, "enabled"), strconv.FormatBool(s.Up)),
		m.leaf(below(p, "description"), s.Description),
		m.leaf(below(p, "admin-status"), admin),
		m.leaf(below(p, "oper-status"), s.Oper.String()),
		m.leaf(below(p, "last-change"), dateAndTime(s.LastChange)),
		m.leaf(below(p, "if-index"), strconv.FormatUint(uint64(s.Index), 10)),
		m.rendered(below(p, "statistics"), m.statistics(s)),
	}
	if s.MAC.IsZero() {
		changes = append(changes, agent.StateChange{Path: below(p, "phys-address")})
	} else {
		changes = append(changes, m.leaf(below(p, "phys-address"), s.MAC.String()))
	}
	return append(changes, m.familyLeaves(w, s)...)
}

// familyLeaves render what an interface has of each address family beside the
// addresses.
func (m *Model) familyLeaves(w southbound.World, s *object.LinkState) []agent.StateChange {
	p := m.interfaceEntry(s.Name)
	v4, v6 := below(p, ipModule+":ipv4"), below(p, ipModule+":ipv6")
	mtu := ""
	if s.MTU < 1<<16 {
		mtu = strconv.FormatUint(uint64(s.MTU), 10)
	}
	number := func(name object.SettingName, f object.Family) string {
		if value, known := w.Setting(name, f, s.Name); known {
			return strconv.FormatUint(uint64(value), 10)
		}
		return ""
	}
	flag := func(name object.SettingName, f object.Family) string {
		switch number(name, f) {
		case "":
			return ""
		case "0":
			return "false"
		}
		return "true"
	}
	return []agent.StateChange{
		m.leaf(below(v4, "forwarding"), flag(object.Forwarding, object.IPv4)),
		m.leaf(below(v4, "mtu"), mtu),
		m.leaf(below(v6, "enabled"), flag(object.ProtocolEnabled, object.IPv6)),
		m.leaf(below(v6, "forwarding"), flag(object.Forwarding, object.IPv6)),
		m.leaf(below(v6, "mtu"), number(object.ProtocolMTU, object.IPv6)),
	}
}

// statistics of a link. The 32 bit counters wrap, as RFC 8343 has them.
func (m *Model) statistics(s *object.LinkState) *statistics {
	c := &s.Counters
	return &statistics{
		// Counters begin with the link.
		DiscontinuityTime: ptr(dateAndTime(s.LastChange)),
		InOctets:          ptr(c.InOctets), OutOctets: ptr(c.OutOctets), InMulticastPkts: ptr(c.InMulticast),
		InDiscards: ptr(uint32(c.InDiscards)), InErrors: ptr(uint32(c.InErrors)), InUnknownProtos: ptr(uint32(c.InNoHandler)),
		OutDiscards: ptr(uint32(c.OutDiscards)), OutErrors: ptr(uint32(c.OutErrors)),
	}
}

// Counters renders s.Counters, and nothing else.
func (m *Model) Counters(s *object.LinkState) []agent.StateChange {
	return []agent.StateChange{m.rendered(below(m.interfaceEntry(s.Name), "statistics"), m.statistics(s))}
}

// CountersBelow looks for /interfaces/interface/statistics on the way to p, or
// below it.
func (m *Model) CountersBelow(p path.Path) (link string, ok bool) {
	way := below(m.interfaces, "statistics")
	for i, e := range p {
		if i == len(way) {
			break
		}
		if e.Module != way[i].Module || e.Name != way[i].Name {
			return "", false
		}
		if name, keyed := e.Key("name"); keyed {
			link = name
		}
	}
	return link, true
}

// dateAndTime is a time as RFC 6991 date-and-time.
func dateAndTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}
