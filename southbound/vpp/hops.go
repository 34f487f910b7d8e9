package vpp

import (
	"context"
	"fmt"
	"net/netip"

	"go.fd.io/govpp/binapi/fib_types"
	"go.fd.io/govpp/binapi/ip"
	"go.fd.io/govpp/binapi/ip_types"

	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// Limits of VPP's paths, which have an octet for each.
const (
	maxMetric = 255 // a path's preference
	maxWeight = 255
	maxHops   = 255
)

// vppPrefix has no need of more than an address and a length.
func vppPrefix(p netip.Prefix) ip_types.Prefix {
	return ip_types.Prefix{Address: vppAddress(p.Addr()), Len: uint8(p.Bits())}
}

// pathProto is the family of what a path leads by.
func pathProto(f object.Family) fib_types.FibPathNhProto {
	if f == object.IPv6 {
		return fib_types.FIB_API_PATH_NH_PROTO_IP6
	}
	return fib_types.FIB_API_PATH_NH_PROTO_IP4
}

// appendPaths appends the paths of a route. index gives the number of a link, table
// is the number of the route's own table, where a gateway without a link is looked up.
func appendPaths(to []fib_types.FibPath, r *object.Route, table uint32, index func(link string) (uint32, error)) ([]fib_types.FibPath, error) {
	path := fib_types.FibPath{
		SwIfIndex: noIndex, Weight: 1, Preference: uint8(r.Metric),
		Proto: pathProto(object.FamilyOf(r.Prefix.Addr())),
	}
	if r.Type == object.Blackhole {
		path.Type = fib_types.FIB_API_PATH_TYPE_DROP
		return append(to, path), nil
	}
	for _, h := range r.NextHops {
		p := path
		p.Weight = uint8(max(h.Weight, 1))
		if h.Via.IsValid() {
			p.Proto = pathProto(object.FamilyOf(h.Via))
			if h.Via.Is4() {
				p.Nh.Address.SetIP4(h.Via.As4())
			} else {
				p.Nh.Address.SetIP6(h.Via.As16())
			}
		}
		if h.Link == "" {
			p.TableID = table
		} else {
			n, err := index(h.Link)
			if err != nil {
				return nil, err
			}
			p.SwIfIndex = n
		}
		to = append(to, p)
	}
	return to, nil
}

// routeKey is what VPP has one entry of.
type routeKey struct {
	table  uint32
	prefix netip.Prefix
}

// size is what VPP's entries are counted by.
func (k routeKey) size() sizeKey { return sizeKey{k.table, object.FamilyOf(k.prefix.Addr())} }

// entry is what VPP has of one prefix: the paths of the source that has it.
type entry struct {
	source uint8 // 0: there is nothing
	paths  []fib_types.FibPath
}

func entryOf(r *ip.IPRouteV2) entry { return entry{r.Src, r.Paths} }

// has reports whether there are paths of a metric.
func (e entry) has(metric uint32) bool {
	for i := range e.paths {
		if uint32(e.paths[i].Preference) == metric {
			return true
		}
	}
	return false
}

// but returns the paths of all other metrics.
func (e entry) but(metric uint32) []fib_types.FibPath {
	var some []fib_types.FibPath
	for _, p := range e.paths {
		if uint32(p.Preference) != metric {
			some = append(some, p)
		}
	}
	return some
}

// leads reports whether a path is one with a gateway or a link.
func leads(p *fib_types.FibPath) bool {
	return p.Type == fib_types.FIB_API_PATH_TYPE_NORMAL && (p.SwIfIndex != noIndex || via(p).IsValid())
}

// via is the gateway of a path; the zero Addr where it has none.
func via(p *fib_types.FibPath) netip.Addr {
	var a netip.Addr
	switch p.Proto {
	case fib_types.FIB_API_PATH_NH_PROTO_IP4:
		a = netip.AddrFrom4(p.Nh.Address.GetIP4())
	case fib_types.FIB_API_PATH_NH_PROTO_IP6:
		a = netip.AddrFrom16(p.Nh.Address.GetIP6())
	default:
		return netip.Addr{}
	}
	if a.IsUnspecified() {
		return netip.Addr{}
	}
	return a
}

var pathTypes = map[fib_types.FibPathType]object.ForwardType{
	fib_types.FIB_API_PATH_TYPE_DROP:          object.Blackhole,
	fib_types.FIB_API_PATH_TYPE_LOCAL:         object.LocalDelivery,
	fib_types.FIB_API_PATH_TYPE_ICMP_UNREACH:  object.Unreachable,
	fib_types.FIB_API_PATH_TYPE_ICMP_PROHIBIT: object.Prohibit,
}

// routesOf takes an entry apart into the routes of its metrics. name gives the name
// of a link, empty where it is not there.
func routesOf(e entry, table string, prefix netip.Prefix, name func(index uint32) string) []*object.RouteState {
	var routes []*object.RouteState
	for i := range e.paths {
		p := &e.paths[i]
		var r *object.RouteState
		for _, known := range routes {
			if known.Metric == uint32(p.Preference) {
				r = known
			}
		}
		typ := object.OtherForward
		if t, ok := pathTypes[p.Type]; ok {
			typ = t
		} else if leads(p) {
			typ = object.Unicast
		}
		if r == nil {
			r = &object.RouteState{Number: e.source}
			r.Table, r.Prefix, r.Metric, r.Type = table, prefix.Masked(), uint32(p.Preference), typ
			routes = append(routes, r)
		} else if r.Type != typ {
			r.Type = object.OtherForward
		}
		if typ != object.Unicast {
			continue
		}
		h := object.NextHop{Via: via(p), Weight: uint16(p.Weight)}
		if p.SwIfIndex != noIndex {
			h.Link = name(p.SwIfIndex)
		}
		r.NextHops = append(r.NextHops, h)
	}
	for _, r := range routes {
		if len(r.NextHops) == 1 {
			r.NextHops[0].Weight = 0
		}
	}
	return routes
}

// linkIndexes looks links up, each once.
func (b *Backend) linkIndexes(ctx context.Context) func(link string) (uint32, error) {
	type answer struct {
		index uint32
		err   error
	}
	known := make(map[string]answer)
	return func(link string) (uint32, error) {
		a, ok := known[link]
		if !ok {
			a.index, a.err = b.index(ctx, link)
			known[link] = a
		}
		return a.index, a.err
	}
}

// checkRoute says what of a route VPP can never hold.
func checkRoute(r *object.Route) error {
	if r.Metric > maxMetric {
		return wrong("", "metric %d: 0 to %d are possible in VPP", r.Metric, maxMetric)
	}
	switch r.Type {
	case object.Blackhole:
		return nil
	case object.Unicast:
	default:
		return wrong(object.RouteType, "routes of type %s cannot be made", r.Type)
	}
	if len(r.NextHops) == 0 || len(r.NextHops) > maxHops {
		return wrong(object.NextHops, "a route needs 1 to %d next hops, unless it is a blackhole", maxHops)
	}
	for _, h := range r.NextHops {
		switch {
		case h.Weight > maxWeight:
			return wrong(object.NextHops, "weight %d: 1 to %d are possible in VPP", h.Weight, maxWeight)
		case !h.Via.IsValid() && h.Link == "":
			return wrong(object.NextHops, "a next hop needs an address, a link, or both")
		case h.Via.IsValid() && (h.Via.IsUnspecified() || h.Via.IsMulticast()):
			return wrong(object.NextHops, "%s is no address of a gateway", h.Via)
		case h.Via.Is4() && r.Prefix.Addr().Is6():
			return wrong(object.NextHops, "%s: an IPv6 route cannot lead by an IPv4 gateway", h.Via)
		case h.Via.Is6() && h.Via.IsLinkLocalUnicast() && h.Link == "":
			return wrong(object.NextHops, "%s: a link-local gateway needs a link", h.Via)
		case h.Via.Is6() && r.Prefix.Addr().Is4() && h.Link == "":
			return wrong(object.NextHops, "%s: an IPv6 gateway of an IPv4 route needs a link", h.Via)
		}
	}
	return nil
}

// describe names a route's entry in messages.
func (k routeKey) String() string {
	if k.table == 0 {
		return k.prefix.String()
	}
	return fmt.Sprintf("%s of table %d", k.prefix, k.table)
}
