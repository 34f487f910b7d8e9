package openconfig

import (
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
	text := seen.Prefix.String()
	f := forwarding{prefix: seen.Prefix, text: text, at: m.aftsOf(seen.Table), group: hash64(text)}
	var some [8]uint64
	stale := f.collect(some[:0], old)
	var best *object.RouteState
	for route := range w.Routes(seen.Table, seen.Prefix) {
		stale = f.collect(stale, route)
		if best == nil && !route.Dead {
			best = route
		}
	}
	slices.Sort(stale)
	stale = slices.Compact(stale)
	if best == nil || !forwards(best.Type) {
		r.None(f.entryPath())
		r.None(f.groupPath())
	} else {
		stale = f.show(r, w, best, stale)
	}
	for _, number := range stale {
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
	at     *afts
	prefix netip.Prefix
	text   string // of the prefix
	group  uint64
}

// afts are the paths of the lists of a network instance.
type afts struct{ ipv4, ipv6, groups, hops path.Path }

// manyTables is of how many network instances the paths are remembered.
const manyTables = 1024

// aftsOf returns the same for all routes of a table.
func (m *Model) aftsOf(table string) *afts {
	m.mu.Lock()
	defer m.mu.Unlock()
	a := m.afts[table]
	if a == nil {
		at := translate.Below(m.instance(table), "afts")
		a = &afts{
			ipv4: translate.Below(at, "ipv4-unicast/ipv4-entry"), ipv6: translate.Below(at, "ipv6-unicast/ipv6-entry"),
			groups: translate.Below(at, "next-hop-groups/next-hop-group"), hops: translate.Below(at, "next-hops/next-hop"),
		}
		if m.afts == nil || len(m.afts) >= manyTables {
			m.afts = make(map[string]*afts)
		}
		m.afts[table] = a
	}
	return a
}

func (f *forwarding) entryPath() path.Path {
	list := f.at.ipv4
	if f.prefix.Addr().Is6() {
		list = f.at.ipv6
	}
	return translate.Entry(list, "prefix", f.text)
}

func (f *forwarding) groupPath() path.Path {
	return translate.Entry(f.at.groups, "id", decimal(f.group))
}

func (f *forwarding) hopPath(number uint64) path.Path {
	return translate.Entry(f.at.hops, "index", decimal(number))
}

func (f *forwarding) number(h object.NextHop) uint64 {
	return hash64(f.text, h.Via.String(), h.Link)
}

// collect adds to numbers those of the hops that a route may have shown.
func (f *forwarding) collect(numbers []uint64, r *object.RouteState) []uint64 {
	if r == nil {
		return numbers
	}
	for _, h := range r.NextHops {
		numbers = append(numbers, f.number(h))
	}
	return numbers
}

// show renders best, and returns what is stale but for its hops. A route that drops
// has a group without hops.
func (f *forwarding) show(r *translate.Rendering, w southbound.World, best *object.RouteState, stale []uint64) []uint64 {
	group := &aftGroup{Id: &f.group, State: &aftGroupState{Id: &f.group}}
	for _, h := range best.NextHops {
		number := f.number(h)
		if i, found := slices.BinarySearch(stale, number); found {
			stale = slices.Delete(stale, i, i+1)
		}
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
	at, by := translate.Below(f.entryPath(), "state"), protocols[best.Protocol]
	if f.prefix.Addr().Is4() {
		r.Node(at, &ipv4EntryState{Prefix: &f.text, NextHopGroup: &f.group, OriginProtocol: by})
		return stale
	}
	if best.Protocol == object.ProtocolOSPF {
		by = oc.OpenconfigPolicyTypes_INSTALL_PROTOCOL_TYPE_OSPF3
	}
	r.Node(at, &ipv6EntryState{Prefix: &f.text, NextHopGroup: &f.group, OriginProtocol: by})
	return stale
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
