package ietf

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/fault"
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
	if err := claimType(&c, link, n, at); err != nil {
		return nil, err
	}
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

// claimType says of what type the link is, and refuses one that no interface can
// ever be of (RFC 8343, leaf type).
func claimType(c *object.Claim, link *object.Link, n *tree.Node, at path.Path) error {
	leaf := n.Child(n.Schema().Child("", "type"))
	if leaf == nil {
		return nil
	}
	typ := leaf.Value().Text
	if !slices.Contains(slices.Collect(maps.Values(interfaceTypes)), typ) {
		return fault.New(fault.InvalidValue, translate.Below(at, "type"), "there are no interfaces of the type %s here", typ)
	}
	if t, ok := linkTypes[typ]; ok {
		link.Type = t
		c.Add(object.TypeAttr, translate.Below(at, "type"))
	}
	return nil
}

// linkState renders a link. An interface that is gone takes all its state along.
func (m *Model) linkState(r *translate.Rendering, w southbound.World, s *object.LinkState, gone bool) {
	p := m.interfaceEntry(s.Name)
	if gone {
		r.None(p)
		return
	}
	admin := "down"
	if s.Up {
		admin = "up"
	}
	mac := ""
	if !s.MAC.IsZero() {
		mac = s.MAC.String()
	}
	for _, leaf := range []struct{ name, text string }{
		{"type", interfaceTypes[s.Kind]},
		{"enabled", strconv.FormatBool(s.Up)},
		{"description", s.Description},
		{"admin-status", admin},
		{"oper-status", s.Oper.String()},
		{"last-change", dateAndTime(s.LastChange)},
		{"if-index", strconv.FormatUint(uint64(s.Index), 10)},
		{"phys-address", mac},
	} {
		r.Leaf(translate.Below(p, leaf.name), leaf.text)
	}
	r.Node(translate.Below(p, "statistics"), statisticsOf(s, &s.Counters))
	m.familyLeaves(r, w, s)
}

// familyLeaves render what an interface has of each address family beside the
// addresses. IPv4 is there on every link.
func (m *Model) familyLeaves(r *translate.Rendering, w southbound.World, s *object.LinkState) {
	p := m.interfaceEntry(s.Name)
	v4, v6 := translate.Below(p, ipModule+":ipv4"), translate.Below(p, ipModule+":ipv6")
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
	r.Leaf(translate.Below(v4, "enabled"), "true")
	r.Leaf(translate.Below(v4, "forwarding"), flag(object.Forwarding, object.IPv4))
	r.Leaf(translate.Below(v4, "mtu"), strconv.FormatUint(uint64(s.MTU), 10)) // none for a loopback's 65536
	r.Leaf(translate.Below(v6, "enabled"), flag(object.ProtocolEnabled, object.IPv6))
	r.Leaf(translate.Below(v6, "forwarding"), flag(object.Forwarding, object.IPv6))
	r.Leaf(translate.Below(v6, "mtu"), number(object.ProtocolMTU, object.IPv6))
}

// statisticsOf a link, as far as the dataplane keeps them.
func statisticsOf(s *object.LinkState, c *object.Counters) *statistics {
	out := &statistics{}
	if !c.Time.IsZero() { // not read otherwise: a zero would be a count
		out = &statistics{
			InOctets: &c.InOctets, OutOctets: &c.OutOctets,
			InMulticastPkts: c.Kept(object.CountInMulticast, &c.InMulticast),
			InDiscards:      wrapped(c.Kept(object.CountInDiscards, &c.InDiscards)),
			InErrors:        wrapped(c.Kept(object.CountInErrors, &c.InErrors)),
			InUnknownProtos: wrapped(c.Kept(object.CountInNoHandler, &c.InNoHandler)),
			OutDiscards:     wrapped(c.Kept(object.CountOutDiscards, &c.OutDiscards)),
			OutErrors:       wrapped(c.Kept(object.CountOutErrors, &c.OutErrors)),
		}
	}
	if since := dateAndTime(s.Since); since != "" {
		out.DiscontinuityTime = &since
	}
	return out
}

// wrapped is a counter that has 32 bits in RFC 8343.
func wrapped(n *uint64) *uint32 {
	if n == nil {
		return nil
	}
	return translate.Ptr(uint32(*n))
}

// Counters renders the counters of links, and nothing else.
func (m *Model) Counters(links []southbound.Reading) []agent.StateChange {
	r := m.render.Begin()
	r.Expect(len(links))
	for _, l := range links {
		r.Node(translate.Below(m.interfaceEntry(l.Link.Name), "statistics"), statisticsOf(l.Link, &l.Counters.Counters))
	}
	return r.End()
}

// CountersBelow looks for /interfaces/interface/statistics on the way to p, or
// below it.
func (m *Model) CountersBelow(p path.Path) (southbound.Counted, bool) {
	link, ok := translate.Towards(p, translate.Below(m.interfaces, "statistics"), "name")
	return southbound.Counted{Link: link}, ok
}

// dateAndTime is a time in the canonical form of RFC 6991 date-and-time, in UTC;
// empty where it is not known.
func dateAndTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.999999999-07:00")
}
