package openconfig

import (
	"net/netip"
	"strconv"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/translate"
)

// routeState renders the AFT of the prefix that a route has changed of: the best
// of its routes. Each prefix has a next-hop group and next hops of its own, with
// numbers made of the prefix and the hop: so an entry comes and goes alone,
// whatever else leads the same way.
func (m *Model) routeState(w southbound.World, old, new *object.RouteState) []agent.StateChange {
	route := new
	if route == nil {
		route = old
	}
	if route.Table != "" {
		return nil
	}
	f := forwarding{m: m, prefix: route.Prefix}
	f.afts = translate.Below(translate.Entry(translate.Below(m.instances, "network-instance"), "name", defaultInstance), "afts")
	f.group = hash64(route.Prefix.String())

	var best *object.RouteState
	stale := map[uint64]bool{}
	for r := range w.Routes(route.Table, route.Prefix) {
		if best == nil {
			best = r
		}
		f.collect(stale, r)
	}
	f.collect(stale, old)
	if best == nil || !forwards(best.Type) {
		return f.remove([]agent.StateChange{{Path: f.entryPath()}, {Path: f.groupPath()}}, stale)
	}
	return f.remove(f.show(best, stale), stale)
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

// forwarding renders the AFT entry of one prefix.
type forwarding struct {
	m      *Model
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

// remove ends what is stale.
func (f *forwarding) remove(changes []agent.StateChange, stale map[uint64]bool) []agent.StateChange {
	for number := range stale {
		changes = append(changes, agent.StateChange{Path: f.hopPath(number)})
	}
	return changes
}

// show renders best, whose hops are not stale.
func (f *forwarding) show(best *object.RouteState, stale map[uint64]bool) []agent.StateChange {
	group := &aftGroup{Id: translate.Ptr(f.group), State: &aftGroupState{Id: translate.Ptr(f.group)}}
	var changes []agent.StateChange
	for _, h := range best.NextHops {
		number := f.number(h)
		delete(stale, number)
		hop := &aftHop{Index: translate.Ptr(number), State: &aftHopState{Index: translate.Ptr(number)}}
		if h.Via.IsValid() {
			hop.State.IpAddress = translate.Ptr(h.Via.String())
		}
		if h.Link != "" {
			hop.InterfaceRef = &aftHopInterface{State: &aftHopInterfaceState{Interface: translate.Ptr(h.Link)}}
		}
		changes = append(changes, f.m.Node(f.hopPath(number), hop))
		if group.NextHops == nil {
			group.NextHops = &aftGroupHops{NextHop: map[uint64]*aftGroupHop{}}
		}
		group.NextHops.NextHop[number] = &aftGroupHop{Index: translate.Ptr(number), State: &aftGroupHopState{
			Index: translate.Ptr(number), Weight: translate.Ptr(uint64(max(h.Weight, 1))),
		}}
	}
	changes = append(changes, f.m.Node(f.groupPath(), group))
	at := f.entryPath()
	if f.prefix.Addr().Is4() {
		return append(changes, f.m.Node(translate.Below(at, "state"), &ipv4EntryState{
			Prefix: translate.Ptr(f.prefix.String()), NextHopGroup: translate.Ptr(f.group), OriginProtocol: protocols[best.Protocol],
		}))
	}
	return append(changes, f.m.Node(translate.Below(at, "state"), &ipv6EntryState{
		Prefix: translate.Ptr(f.prefix.String()), NextHopGroup: translate.Ptr(f.group), OriginProtocol: protocols[best.Protocol],
	}))
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
