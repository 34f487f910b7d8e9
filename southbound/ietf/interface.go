package ietf

import (
	"strconv"
	"time"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/translate"
)

// interfaceObjects are what one /interfaces/interface makes: the link, and what
// is on it.
func interfaceObjects(_ tree.Tree, at path.Path, n *tree.Node) ([]object.Claim, error) {
	in, err := translate.Fill[ietfInterface](n)
	if err != nil {
		return nil, err
	}
	link := &object.Link{Name: *in.Name}
	c := object.Claim{Object: link, At: at}
	if in.Enabled != nil {
		link.Up = *in.Enabled
		c.Add(object.Up, translate.Below(at, "enabled"))
	}
	if in.Description != nil {
		link.Description = *in.Description
		c.Add(object.Description, translate.Below(at, "description"))
	}
	b := translate.OnLink{Link: link.Name, Claims: []object.Claim{c}}
	if in.Ipv4 != nil {
		ipv4Claims(&b, translate.Below(at, ipModule+":ipv4"), in.Ipv4)
	}
	if in.Ipv6 != nil {
		ipv6Claims(&b, translate.Below(at, ipModule+":ipv6"), in.Ipv6)
	}
	return b.Claims, b.Err
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
		m.Leaf(translate.Below(p, "type"), interfaceTypes[s.Kind]),
		m.Leaf(translate.Below(p, "enabled"), strconv.FormatBool(s.Up)),
		m.Leaf(translate.Below(p, "description"), s.Description),
		m.Leaf(translate.Below(p, "admin-status"), admin),
		m.Leaf(translate.Below(p, "oper-status"), s.Oper.String()),
		m.Leaf(translate.Below(p, "last-change"), dateAndTime(s.LastChange)),
		m.Leaf(translate.Below(p, "if-index"), strconv.FormatUint(uint64(s.Index), 10)),
		m.Node(translate.Below(p, "statistics"), m.statistics(s)),
	}
	if s.MAC.IsZero() {
		changes = append(changes, agent.StateChange{Path: translate.Below(p, "phys-address")})
	} else {
		changes = append(changes, m.Leaf(translate.Below(p, "phys-address"), s.MAC.String()))
	}
	return append(changes, m.familyLeaves(w, s)...)
}

// familyLeaves render what an interface has of each address family beside the
// addresses.
func (m *Model) familyLeaves(w southbound.World, s *object.LinkState) []agent.StateChange {
	p := m.interfaceEntry(s.Name)
	v4, v6 := translate.Below(p, ipModule+":ipv4"), translate.Below(p, ipModule+":ipv6")
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
		m.Leaf(translate.Below(v4, "forwarding"), flag(object.Forwarding, object.IPv4)),
		m.Leaf(translate.Below(v4, "mtu"), mtu),
		m.Leaf(translate.Below(v6, "enabled"), flag(object.ProtocolEnabled, object.IPv6)),
		m.Leaf(translate.Below(v6, "forwarding"), flag(object.Forwarding, object.IPv6)),
		m.Leaf(translate.Below(v6, "mtu"), number(object.ProtocolMTU, object.IPv6)),
	}
}

// statistics of a link. The 32 bit counters wrap, as RFC 8343 has them.
func (m *Model) statistics(s *object.LinkState) *statistics {
	c := &s.Counters
	return &statistics{
		// Counters begin with the link.
		DiscontinuityTime: translate.Ptr(dateAndTime(s.LastChange)),
		InOctets:          translate.Ptr(c.InOctets), OutOctets: translate.Ptr(c.OutOctets), InMulticastPkts: translate.Ptr(c.InMulticast),
		InDiscards: translate.Ptr(uint32(c.InDiscards)), InErrors: translate.Ptr(uint32(c.InErrors)), InUnknownProtos: translate.Ptr(uint32(c.InNoHandler)),
		OutDiscards: translate.Ptr(uint32(c.OutDiscards)), OutErrors: translate.Ptr(uint32(c.OutErrors)),
	}
}

// Counters renders s.Counters, and nothing else.
func (m *Model) Counters(s *object.LinkState) []agent.StateChange {
	return []agent.StateChange{m.Node(translate.Below(m.interfaceEntry(s.Name), "statistics"), m.statistics(s))}
}

// CountersBelow looks for /interfaces/interface/statistics on the way to p, or
// below it.
func (m *Model) CountersBelow(p path.Path) (link string, ok bool) {
	return translate.Towards(p, translate.Below(m.interfaces, "statistics"), "name")
}

// dateAndTime is a time as RFC 6991 date-and-time.
func dateAndTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}
