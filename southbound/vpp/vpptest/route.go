package vpptest

import (
	"bytes"
	"cmp"
	"net/netip"
	"slices"

	"go.fd.io/govpp/api"
	"go.fd.io/govpp/binapi/fib"
	"go.fd.io/govpp/binapi/fib_types"
	"go.fd.io/govpp/binapi/ip"
	"go.fd.io/govpp/binapi/ip_types"
)

type fibSource = fib.FibSource

// The sources that a VPP 25.10 has from the start and that the fake uses itself.
const (
	sourceSpecial   = 1
	sourceInterface = 4
	sourceAPI       = 8
	sourceAdjacency = 15
	sourceRecursive = 18
	sourceDefault   = 20
)

var builtinSources = func() []fibSource {
	list := []fibSource{
		{Priority: 255, Name: "invalid"}, {Name: "special"}, {Priority: 1, Name: "classify"}, {Priority: 2, Name: "proxy"},
		{Priority: 3, Name: "interface"}, {Priority: 16, Name: "SR"}, {Priority: 32, Name: "BIER"}, {Priority: 48, Name: "6RD"},
		{Priority: 128, Name: "API"}, {Priority: 129, Name: "CLI"}, {Priority: 144, Name: "LISP"}, {Priority: 160, Name: "MAP"},
		{Priority: 176, Name: "DHCP"}, {Priority: 192, Name: "IPv6-proxy-nd"}, {Priority: 193, Name: "IPv6-nd"},
		{Priority: 208, Name: "adjacency"}, {Priority: 224, Name: "mpls"}, {Priority: 240, Name: "attached_export"},
		{Priority: 251, Name: "recursive-resolution"}, {Priority: 252, Name: "urpf-exempt"}, {Priority: 253, Name: "default-route"},
		{Priority: 254, Name: "interpose"}, {Priority: 16, Name: "path-mtu"},
	}
	for i := range list {
		list[i].ID = uint8(i)
	}
	return list
}()

// fibEntry is a prefix with what each source says of it; the one of the lowest
// priority holds.
type fibEntry struct {
	shown   netip.Prefix // the prefix as it is told: of an interface's with the host's bits
	sources []fibPaths
}

type fibPaths struct {
	source uint8
	paths  []fib_types.FibPath
	list   *pathList // nil: of what nobody asked for
}

func (l *life) priority(source uint8) int {
	if int(source) < len(l.sources) {
		return int(l.sources[source].Priority)
	}
	return 256
}

// best is what holds of a prefix.
func (l *life) best(list []fibPaths) *fibPaths {
	var b *fibPaths
	for i := range list {
		if b == nil || l.priority(list[i].source) < l.priority(b.source) {
			b = &list[i]
		}
	}
	return b
}

func (e *fibEntry) of(source uint8) int {
	return slices.IndexFunc(e.sources, func(p fibPaths) bool { return p.source == source })
}

// rank is VPP's order of the kinds of path.
func rank(p fib_types.FibPath) int {
	switch {
	case p.Type != fib_types.FIB_API_PATH_TYPE_NORMAL:
		return 4
	case p.SwIfIndex == none:
		return 3
	case p.Nh.Address == (ip_types.AddressUnion{}):
		return 2
	}
	return 1
}

// comparePaths tells paths apart; neither weight nor preference is of a path's
// identity.
func comparePaths(a, b fib_types.FibPath) int {
	return cmp.Or(rank(a)-rank(b), int(a.Proto)-int(b.Proto), int(a.Type)-int(b.Type),
		bytes.Compare(a.Nh.Address.XXX_UnionData[:], b.Nh.Address.XXX_UnionData[:]), cmp.Compare(a.SwIfIndex, b.SwIfIndex))
}

func sortPaths(list []fib_types.FibPath) {
	slices.SortStableFunc(list, func(a, b fib_types.FibPath) int {
		return cmp.Or(int(a.Preference)-int(b.Preference), comparePaths(a, b))
	})
}

// checkPaths makes paths as VPP keeps them.
func (l *life) checkPaths(list []fib_types.FibPath) ([]fib_types.FibPath, api.VPPApiError) {
	kept := make([]fib_types.FibPath, 0, len(list))
	for _, p := range list {
		if p.Type == fib_types.FIB_API_PATH_TYPE_NORMAL && p.SwIfIndex != none && (int(p.SwIfIndex) >= len(l.links.all) || l.links.all[p.SwIfIndex] == nil) {
			return nil, api.NO_MATCHING_INTERFACE
		}
		if p.Weight == 0 {
			p.Weight = 1
		}
		p.TableID = 0
		if p.Type != fib_types.FIB_API_PATH_TYPE_NORMAL {
			p.SwIfIndex = none
		}
		kept = append(kept, p)
	}
	return kept, 0
}

// route carries out ip_route_add_del in either version.
func (l *life) route(add, multi bool, r ip.IPRouteV2) api.VPPApiError {
	key := tableKey{r.TableID, r.Prefix.Address.Af == ip_types.ADDRESS_IP6}
	t := l.visible(key)
	if t == nil {
		return api.NO_SUCH_FIB
	}
	given, v := l.checkPaths(r.Paths)
	if v != 0 {
		return v
	}
	if add && len(given) == 0 {
		return api.PREFIX_MATCHES_NEXT_HOP
	}
	p := netip.PrefixFrom(addrOf(r.Prefix.Address), int(r.Prefix.Len)).Masked()
	src := r.Src
	if src == 0 {
		src = sourceAPI
	}
	e := t.routes[p]
	if e == nil {
		if !add {
			return 0
		}
		e = &fibEntry{shown: p}
		t.routes[p] = e
	}
	i := e.of(src)
	switch {
	case add && i < 0:
		sortPaths(given)
		e.sources = append(e.sources, fibPaths{source: src, paths: given})
		l.enlist(&e.sources[len(e.sources)-1])
	case add && !multi:
		sortPaths(given)
		e.sources[i].paths = given
		l.enlist(&e.sources[i])
	case add:
		for _, g := range given {
			if !slices.ContainsFunc(e.sources[i].paths, func(h fib_types.FibPath) bool { return comparePaths(g, h) == 0 }) {
				e.sources[i].paths = append(e.sources[i].paths, g)
			}
		}
		sortPaths(e.sources[i].paths)
		l.enlist(&e.sources[i])
	case i < 0:
	case multi:
		for _, g := range given {
			if j := slices.IndexFunc(e.sources[i].paths, func(h fib_types.FibPath) bool { return comparePaths(g, h) == 0 }); j >= 0 {
				e.sources[i].paths = slices.Delete(e.sources[i].paths, j, j+1)
			}
		}
		if len(e.sources[i].paths) > 0 {
			l.enlist(&e.sources[i])
			break
		}
		fallthrough
	default:
		l.delist(&e.sources[i])
		e.sources = slices.Delete(e.sources, i, i+1)
	}
	if len(e.sources) == 0 {
		delete(t.routes, p)
		l.tableReleased(key)
	}
	return 0
}

func onWire(id uint32, shown netip.Prefix, p *fibPaths) ip.IPRouteV2 {
	paths := slices.Clone(p.paths)
	for i := range paths {
		paths[i].Flags = 0 // not told
	}
	return ip.IPRouteV2{
		TableID: id, Prefix: ip_types.Prefix{Address: wire(shown.Addr()), Len: uint8(shown.Bits())},
		NPaths: uint8(len(p.paths)), Src: p.source, Paths: paths,
	}
}

func first(r ip.IPRouteV2) ip.IPRoute {
	return ip.IPRoute{TableID: r.TableID, StatsIndex: r.StatsIndex, Prefix: r.Prefix, NPaths: r.NPaths, Paths: r.Paths}
}

// dumpRoutes returns those of a table whose best source is the one asked for; 0
// is any.
func (l *life) dumpRoutes(key tableKey, src uint8) (list []ip.IPRouteV2) {
	t := l.visible(key)
	if t == nil {
		return nil
	}
	derived := l.derived(key)
	for p, e := range t.routes {
		shown, all := p, e.sources
		if d := derived[p]; d != nil {
			shown, all = d.shown, append(slices.Clone(e.sources), d.sources...)
			delete(derived, p)
		}
		if b := l.best(all); src == 0 || b.source == src {
			list = append(list, onWire(key.id, shown, b))
		}
	}
	for _, e := range derived {
		if b := l.best(e.sources); src == 0 || b.source == src {
			list = append(list, onWire(key.id, e.shown, b))
		}
	}
	return list
}

func (l *life) lookup(id uint32, exact bool, prefix ip_types.Prefix) (ip.IPRouteV2, api.VPPApiError) {
	key := tableKey{id, prefix.Address.Af == ip_types.ADDRESS_IP6}
	t := l.visible(key)
	if t == nil {
		return ip.IPRouteV2{}, api.NO_SUCH_TABLE
	}
	p := netip.PrefixFrom(addrOf(prefix.Address), int(prefix.Len)).Masked()
	if exact {
		shown, b := l.at(key, t, p, nil)
		if b == nil {
			return ip.IPRouteV2{}, api.NO_SUCH_ENTRY
		}
		return onWire(id, shown, b), 0
	}
	derived := l.derived(key)
	for bits := p.Bits(); bits >= 0; bits-- {
		if shown, b := l.at(key, t, netip.PrefixFrom(p.Addr(), bits).Masked(), derived); b != nil {
			return onWire(id, shown, b), 0
		}
	}
	return ip.IPRouteV2{}, api.NO_SUCH_ENTRY
}

// at is what holds of one prefix. Without derived it looks itself, which is cheap
// where the API's source is the best anyway.
func (l *life) at(key tableKey, t *fibTable, p netip.Prefix, derived map[netip.Prefix]*fibEntry) (netip.Prefix, *fibPaths) {
	e := t.routes[p]
	if e != nil && derived == nil && !l.interfaceHas(key, p) {
		return p, l.best(e.sources)
	}
	if derived == nil {
		derived = l.derived(key)
	}
	shown := p
	var all []fibPaths
	if e != nil {
		all = slices.Clone(e.sources)
	}
	if d := derived[p]; d != nil {
		shown, all = d.shown, append(all, d.sources...)
	}
	return shown, l.best(all)
}

var routeHandlers = collect(
	onResult(func(l *life, m *ip.IPRouteAddDelV2) api.VPPApiError { return l.route(m.IsAdd, m.IsMultipath, m.Route) }),
	onResult(func(l *life, m *ip.IPRouteAddDel) api.VPPApiError {
		r := m.Route
		return l.route(m.IsAdd, m.IsMultipath, ip.IPRouteV2{TableID: r.TableID, Prefix: r.Prefix, Paths: r.Paths})
	}),
	on(func(l *life, _ *session, m *ip.IPRouteV2Dump) (list []api.Message) {
		for _, r := range l.dumpRoutes(tableKey{m.Table.TableID, m.Table.IsIP6}, m.Src) {
			list = append(list, &ip.IPRouteV2Details{Route: r})
		}
		return list
	}),
	on(func(l *life, _ *session, m *ip.IPRouteDump) (list []api.Message) {
		for _, r := range l.dumpRoutes(tableKey{m.Table.TableID, m.Table.IsIP6}, 0) {
			list = append(list, &ip.IPRouteDetails{Route: first(r)})
		}
		return list
	}),
	on(func(l *life, _ *session, m *ip.IPRouteLookupV2) []api.Message {
		r, v := l.lookup(m.TableID, m.Exact != 0, m.Prefix)
		return []api.Message{&ip.IPRouteLookupV2Reply{Retval: int32(v), Route: r}}
	}),
	on(func(l *life, _ *session, m *ip.IPRouteLookup) []api.Message {
		r, v := l.lookup(m.TableID, m.Exact != 0, m.Prefix)
		return []api.Message{&ip.IPRouteLookupReply{Retval: int32(v), Route: first(r)}}
	}),
	on(func(l *life, _ *session, m *fib.FibSourceAdd) []api.Message {
		m.Src.ID = uint8(len(l.sources))
		l.sources = append(l.sources, m.Src)
		return []api.Message{&fib.FibSourceAddReply{ID: m.Src.ID}}
	}),
	on(func(l *life, _ *session, _ *fib.FibSourceDump) (list []api.Message) {
		for _, s := range l.sources {
			list = append(list, &fib.FibSourceDetails{Src: s})
		}
		return list
	}),
)
