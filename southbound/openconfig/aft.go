package openconfig

import (
	"maps"
	"net/netip"
	"slices"
	"strconv"

	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/gen/oc"
	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/translate"
)

// routeState renders the AFT of the prefix that a route has changed of: the best
// of its routes, as old, now or no longer there. Each prefix has a next-hop group
// and next hops of its own, with numbers made of the prefix and the hop: so an
// entry comes and goes alone, whatever else leads the same way.
func (m *Model) routeState(r *translate.Rendering, w southbound.World, old, seen *object.RouteState) {
	f := forwarding{prefix: seen.Prefix, afts: translate.Below(m.instance(seen.Table), "afts"), group: hash64(seen.Prefix.String())}
	stale := map[uint64]bool{}
	f.collect(stale, old)
	var best *object.RouteState
	for route := range w.Routes(seen.Table, seen.Prefix) {
		f.collect(stale, route)
		if best == nil && !route.Dead {
			best = route
		}
	}
	if best == nil || !forwards(best.Type) {
		r.None(f.entryPath())
		r.None(f.groupPath())
	} else {
		f.show(r, w, best, stale)
	}
	for _, number := range slices.Sorted(maps.Keys(stale)) {
		r.None(f.hopPath(number))
	}
}

// forwards tells types of route that stand in a forwarding table from those of
// the host itself.
func forwards(t object.ForwardType) bool {
	switch t {
	case object.Unicast, object.Blackhole, object.Unreachable, object.Prohibit:
		return true
	}
	return false
}

// forwarding is the AFT entry of one prefix.
type forwarding struct {
	afts   path.Path
	prefix netip.Prefix
	group  uint64
}

func (f *forwarding) entryPath() path.Path {
	list := "ipv4-unicast/ipv4-entry"
	if f.prefix.Addr().Is6() {
		list = "ipv6-unicast/ipv6-entry"
	}
	return translate.Entry(translate.Below(f.afts, list), "prefix", f.prefix.String())
}

func (f *forwarding) groupPath() path.Path {
	return translate.Entry(translate.Below(f.afts, "next-hop-groups/next-hop-group"), "id", decimal(f.group))
}

func (f *forwarding) hopPath(number uint64) path.Path {
	return translate.Entry(translate.Below(f.afts, "next-hops/next-hop"), "index", decimal(number))
}

func (f *forwarding) number(h object.NextHop) uint64 {
	return hash64(f.prefix.String(), h.Via.String(), h.Link)
}

// collect notes the numbers of the hops that a route may have shown.
func (f *forwarding) collect(numbers map[uint64]bool, r *object.RouteState) {
	if r == nil {
		return
	}
	for _, h := range r.NextHops {
		numbers[f.number(h)] = true
	}
}

// show renders best, whose hops are not stale. A route that drops has a group
// without hops.
func (f *forwarding) show(r *translate.Rendering, w southbound.World, best *object.RouteState, stale map[uint64]bool) {
	group := &aftGroup{Id: &f.group, State: &aftGroupState{Id: &f.group}}
	for _, h := range best.NextHops {
		number := f.number(h)
		delete(stale, number)
		hop := &aftHop{Index: &number, State: &aftHopState{Index: &number, IpAddress: address(h.Via)}}
		if h.Link != "" {
			name, index := reference(w, h.Link)
			hop.InterfaceRef = &aftHopInterface{State: &aftHopInterfaceState{Interface: name, Subinterface: index}}
		}
		r.Node(f.hopPath(number), hop)
		if group.NextHops == nil {
			group.NextHops = &aftGroupHops{NextHop: map[uint64]*aftGroupHop{}}
		}
		group.NextHops.NextHop[number] = &aftGroupHop{Index: &number, State: &aftGroupHopState{
			Index: &number, Weight: translate.Ptr(uint64(max(h.Weight, 1))),
		}}
	}
	r.Node(f.groupPath(), group)
	prefix, at, by := f.prefix.String(), translate.Below(f.entryPath(), "state"), protocols[best.Protocol]
	if f.prefix.Addr().Is4() {
		r.Node(at, &ipv4EntryState{Prefix: &prefix, NextHopGroup: &f.group, OriginProtocol: by})
		return
	}
	if best.Protocol == object.ProtocolOSPF {
		by = oc.OpenconfigPolicyTypes_INSTALL_PROTOCOL_TYPE_OSPF3
	}
	r.Node(at, &ipv6EntryState{Prefix: &prefix, NextHopGroup: &f.group, OriginProtocol: by})
}

// hash64 is FNV-1a, for numbers that must be the same in every run. Parts are
// kept apart by an octet that UTF-8 does not have.
func hash64(parts ...string) uint64 {
	const offset, prime = 14695981039346656037, 1099511628211
	h := uint64(offset)
	for _, p := range parts {
		for i := range len(p) {
			h = (h ^ uint64(p[i])) * prime
		}
		h = (h ^ 0xff) * prime
	}
	return h
}

func decimal(n uint64) string { return strconv.FormatUint(n, 10) }
