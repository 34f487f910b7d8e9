package ietf

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
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
	read := s.LinkCounters()
	r.Put(translate.Below(p, "statistics"), m.statistics(tree.NewBuilder(), s, &read))
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

// linkCounts says which leaf of an interface shows which counter.
var linkCounts = map[string]object.CounterSet{
	"in-octets": object.CountInOctets, "out-octets": object.CountOutOctets,
	"in-errors": object.CountInErrors, "out-errors": object.CountOutErrors,
	"in-discards": object.CountInDiscards, "out-discards": object.CountOutDiscards,
	"in-multicast-pkts": object.CountInMulticast,
	"in-unknown-protos": object.CountInNoHandler,
}

// statistics of a link that has these counters now: they, and since when they have run.
func (m *Model) statistics(b *tree.Builder, s *object.LinkState, c *object.LinkCounters) *tree.Node {
	counts := m.linkCounts.Node(c)
	since := dateAndTime(s.Since)
	if since == "" {
		return counts
	}
	kids := make([]*tree.Node, 0, len(linkCounts)+1)
	kids = append(kids, b.Leaf(m.since, schema.Value{Type: m.since.Type.Resolved(), Text: since}))
	if counts != nil {
		kids = slices.AppendSeq(kids, counts.Children())
	}
	n, _ := b.Container(m.since.DataParent, kids) // they are different leafs of it
	return n
}

// Counters renders the counters of links, and nothing else.
func (m *Model) Counters(links []southbound.Reading) []agent.StateChange {
	parts := translate.NewParts(m.interfaces, translate.Below(m.interfaces, "statistics")[len(m.interfaces):], len(links))
	b := tree.NewBuilder()
	for _, l := range links {
		parts.Add(l.Link.Name, m.statistics(b, l.Link, l.Counters))
	}
	return parts.Changes()
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
