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

// forwarding renders the AFTs of network instances. Each prefix has a next-hop group
// and next hops of its own, with numbers made of the prefix and the hop: so an entry
// comes and goes alone, whatever else leads the same way.
type forwarding struct {
	model  *Model
	render *translate.Rendering
	world  southbound.World

	// Of the prefix in hand:
	at     *afts
	prefix netip.Prefix
	text   string   // of prefix
	group  uint64   // the number of its group
	stale  []uint64 // the numbers of hops that may be shown and are not now

	// What is rendered is filled in here, one after the other.
	hop   shownHop
	shown shownGroup
	ipv4  ipv4EntryState
	ipv6  ipv6EntryState
}

// routeOf is the route that has changed, as seen last, and as it was; nil if it is
// another object.
func routeOf(c southbound.Transition) (seen, old *object.RouteState) {
	old, _ = c.Old.(*object.RouteState)
	if c.New == nil {
		return old, old
	}
	seen, _ = c.New.(*object.RouteState)
	return seen, old
}

// change renders the prefix that a route has changed of: the best of its routes, as
// old, now or no longer there.
func (f *forwarding) change(old, seen *object.RouteState) {
	f.prefix, f.at = seen.Prefix, f.model.aftsOf(seen.Table)
	var text [64]byte
	f.text = string(seen.Prefix.AppendTo(text[:0]))
	f.group = uint64(newHash().add(f.text))
	f.stale = f.stale[:0]
	f.collect(old)
	var best *object.RouteState
	for route := range f.world.Routes(seen.Table, seen.Prefix) {
		f.collect(route)
		if best == nil && !route.Dead {
			best = route
		}
	}
	if best == nil || !forwards(best.Type) {
		f.render.NoEntry(f.list(), f.text)
		f.render.NoEntry(f.at.groups, decimal(f.group))
	} else {
		f.show(best)
	}
	slices.Sort(f.stale)
	for _, number := range slices.Compact(f.stale) {
		f.render.NoEntry(f.at.hops, decimal(number))
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

// list is the one that the prefix is an entry of.
func (f *forwarding) list() path.Path {
	if f.prefix.Addr().Is6() {
		return f.at.ipv6
	}
	return f.at.ipv4
}

// number is that of a hop.
func (f *forwarding) number(h object.NextHop) uint64 {
	var via [64]byte
	return uint64(newHash().add(f.text).add(string(h.Via.AppendTo(via[:0]))).add(h.Link))
}

// collect notes the hops that a route may have shown.
func (f *forwarding) collect(r *object.RouteState) {
	if r == nil {
		return
	}
	for _, h := range r.NextHops {
		f.stale = append(f.stale, f.number(h))
	}
}

// shownHop is a next hop, and shownGroup a group of them: the structs that they are
// rendered from, and what those point to.
type (
	shownHop struct {
		aftHop
		number uint64
		state  aftHopState
		ref    aftHopInterface
		link   aftHopInterfaceState
	}
	shownGroup struct {
		aftGroup
		state aftGroupState
		hops  aftGroupHops
		of    []shownGroupHop
	}
	shownGroupHop struct {
		aftGroupHop
		number, weight uint64
		state          aftGroupHopState
	}
)

// show renders best. A route that drops has a group without hops.
func (f *forwarding) show(best *object.RouteState) {
	g := &f.shown
	g.state = aftGroupState{Id: &f.group}
	g.aftGroup = aftGroup{Id: &f.group, State: &g.state}
	g.of = slices.Grow(g.of[:0], len(best.NextHops))
	if g.hops.NextHop == nil {
		g.hops.NextHop = map[uint64]*aftGroupHop{}
	}
	clear(g.hops.NextHop)
	for _, h := range best.NextHops {
		number := f.number(h)
		f.stale = slices.DeleteFunc(f.stale, func(n uint64) bool { return n == number })
		f.showHop(number, h)
		g.of = append(g.of, shownGroupHop{number: number, weight: uint64(max(h.Weight, 1))})
		in := &g.of[len(g.of)-1]
		in.state = aftGroupHopState{Index: &in.number, Weight: &in.weight}
		in.aftGroupHop = aftGroupHop{Index: &in.number, State: &in.state}
		g.hops.NextHop[number] = &in.aftGroupHop
		g.NextHops = &g.hops
	}
	f.render.Entry(f.at.groups, &g.aftGroup)
	f.showEntry(best)
}

func (f *forwarding) showHop(number uint64, h object.NextHop) {
	s := &f.hop
	s.number = number
	s.state = aftHopState{Index: &s.number, IpAddress: address(h.Via)}
	s.aftHop = aftHop{Index: &s.number, State: &s.state}
	if h.Link != "" {
		s.link.Interface, s.link.Subinterface = reference(f.world, h.Link)
		s.ref.State, s.InterfaceRef = &s.link, &s.ref
	}
	f.render.Entry(f.at.hops, &s.aftHop)
}

func (f *forwarding) showEntry(best *object.RouteState) {
	by := protocols[best.Protocol]
	if f.prefix.Addr().Is4() {
		f.ipv4 = ipv4EntryState{Prefix: &f.text, NextHopGroup: &f.group, OriginProtocol: by}
		f.render.Entry(f.at.ipv4, &ipv4Entry{Prefix: &f.text, State: &f.ipv4})
		return
	}
	if best.Protocol == object.ProtocolOSPF {
		by = oc.OpenconfigPolicyTypes_INSTALL_PROTOCOL_TYPE_OSPF3
	}
	f.ipv6 = ipv6EntryState{Prefix: &f.text, NextHopGroup: &f.group, OriginProtocol: by}
	f.render.Entry(f.at.ipv6, &ipv6Entry{Prefix: &f.text, State: &f.ipv6})
}

// hash is FNV-1a, for numbers that must be the same in every run.
type hash uint64

func newHash() hash { return 14695981039346656037 }

// add takes a part in. Parts are kept apart by an octet that UTF-8 does not have.
func (h hash) add(part string) hash {
	const prime = 1099511628211
	for i := range len(part) {
		h = (h ^ hash(part[i])) * prime
	}
	return (h ^ 0xff) * prime
}

func decimal(n uint64) string { return strconv.FormatUint(n, 10) }
