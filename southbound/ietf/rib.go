package ietf

import (
	"slices"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/translate"
)

// TablesBelow looks for /routing/ribs on the way to p, or below it. The routes of
// a RIB have no keys.
func (m *Model) TablesBelow(p path.Path) bool {
	_, ok := translate.Towards(p, translate.Below(m.routing, "ribs"), "name")
	return ok
}

// Tables renders the system-controlled RIBs (RFC 8349 §5.3), one for each address
// family, in order of prefix and metric.
func (m *Model) Tables(routes []*object.RouteState) []agent.StateChange {
	routes = slices.SortedFunc(slices.Values(routes), func(a, b *object.RouteState) int {
		if c := a.Prefix.Addr().Compare(b.Prefix.Addr()); c != 0 {
			return c
		}
		if c := a.Prefix.Bits() - b.Prefix.Bits(); c != 0 {
			return c
		}
		return int(int64(a.Metric) - int64(b.Metric))
	})
	v4 := &rib{Name: translate.Ptr("ipv4"), AddressFamily: ipv4Unicast, Routes: &ribRoutes{}}
	v6 := &rib{Name: translate.Ptr("ipv6"), AddressFamily: ipv6Unicast, Routes: &ribRoutes{}}
	var active *object.RouteState // of those to the prefix at hand
	for _, r := range routes {
		to, known := ribNextHop(r)
		if !known || r.Table != "" {
			continue
		}
		entry := &ribRoute{NextHop: to, SourceProtocol: sourceProtocols[r.Protocol]}
		if !r.Dead && (active == nil || active.Prefix != r.Prefix) {
			active = r
			entry.Active = true
		}
		prefix := translate.Ptr(r.Prefix.String())
		if r.Prefix.Addr().Is4() {
			entry.V4UrDestinationPrefix = prefix
			v4.Routes.Route = append(v4.Routes.Route, entry)
		} else {
			entry.V6UrDestinationPrefix = prefix
			v6.Routes.Route = append(v6.Routes.Route, entry)
		}
	}
	out := m.render.Begin()
	out.Node(translate.Below(m.routing, "ribs"), &ribs{Rib: map[string]*rib{"ipv4": v4, "ipv6": v6}})
	return out.End()
}

// ribNextHop is where a route leads; known is false for types of route that
// RFC 8349 does not have, such as those to a broadcast address.
func ribNextHop(r *object.RouteState) (to *ribTo, known bool) {
	special, known := specialNextHops[r.Type]
	if !known {
		return nil, false
	}
	if special != ribForwards {
		return &ribTo{SpecialNextHop: special}, true
	}
	to = &ribTo{}
	v4 := r.Prefix.Addr().Is4()
	if len(r.NextHops) == 1 {
		dev, via := hopLeaves(r.NextHops[0])
		to.OutgoingInterface = dev
		if v4 {
			to.V4UrNextHopAddress = via
		} else {
			to.V6UrNextHopAddress = via
		}
		return to, true
	}
	to.NextHopList = &ribHops{}
	for _, h := range r.NextHops {
		dev, via := hopLeaves(h)
		one := &ribHop{OutgoingInterface: dev}
		if v4 {
			one.V4UrAddress = via
		} else {
			one.V6UrAddress = via
		}
		to.NextHopList.NextHop = append(to.NextHopList.NextHop, one)
	}
	return to, true
}

func hopLeaves(h object.NextHop) (dev, via *string) {
	if h.Link != "" {
		dev = &h.Link
	}
	if h.Via.IsValid() {
		via = translate.Ptr(h.Via.String())
	}
	return dev, via
}
