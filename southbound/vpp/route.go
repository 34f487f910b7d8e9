package vpp

import (
	"context"
	"fmt"
	"net/netip"

	"go.fd.io/govpp/binapi/fib_types"
	"go.fd.io/govpp/binapi/ip"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
	"github.com/outrigger-cnf/outrigger/southbound/vpp/conn"
)

// VPP has one entry for each prefix of a table, and one list of paths of each source
// in it. A route's metric is the preference of its paths: routes to one prefix that
// differ in their metric are one list. Every change replaces the list as a whole.

// tableSeen is one table of one family.
type tableSeen struct {
	id     uint32
	family object.Family
	name   string
}

// seenTables lists all tables of both families with their names.
func (b *Backend) seenTables(ctx context.Context) ([]tableSeen, error) {
	tables, err := b.tables(ctx)
	if err != nil {
		return nil, err
	}
	names := tableNames(tables)
	list := make([]tableSeen, len(tables))
	for i, t := range tables {
		list[i] = tableSeen{t.TableID, object.IPv4, names[t.TableID]}
		if t.IsIP6 {
			list[i].family = object.IPv6
		}
	}
	return list, nil
}

// dumpRoutes lists the routes of all tables.
func (b *Backend) dumpRoutes(ctx context.Context) ([]object.State, error) {
	if !b.conn.Has(featureRoutes) {
		return nil, nil
	}
	b.stats.dumps.Add(1)
	sources, own, err := b.sources(ctx)
	if err != nil {
		return nil, err
	}
	tables, err := b.seenTables(ctx)
	if err != nil {
		return nil, err
	}
	var states []object.State
	for _, t := range tables {
		list, err := b.entries(ctx, t.id, t.family)
		if err != nil {
			return nil, err
		}
		for _, d := range list {
			source, err := b.sourceOf(ctx, sources, d.Route.Src)
			if err != nil {
				return nil, err
			}
			e, prefix := entryOf(&d.Route), vppRoutePrefix(&d.Route)
			for _, r := range routesOf(e, t.name, prefix, b.linkOver(ctx, routeKey{t.id, prefix}, e, own, b.nameOf)) {
				if s := observed(r, source, own); s != nil {
					states = append(states, s)
				}
			}
		}
	}
	return states, nil
}

// entries lists a table.
func (b *Backend) entries(ctx context.Context, table uint32, f object.Family) ([]*ip.IPRouteV2Details, error) {
	list, err := conn.Dump[ip.IPRouteV2Details](ctx, b.conn, &ip.IPRouteV2Dump{
		Table: ip.IPTable{TableID: table, IsIP6: f == object.IPv6},
	})
	if err != nil {
		return nil, err
	}
	b.fib.mu.Lock()
	defer b.fib.mu.Unlock()
	b.fib.enter(b.conn.Epoch())
	b.fib.size[sizeKey{table, f}] = len(list)
	return list, nil
}

// vppRoutePrefix is the prefix of an entry. VPP tells that of an interface with its
// host bits.
func vppRoutePrefix(r *ip.IPRouteV2) netip.Prefix {
	return netipPrefix(r.Prefix.Address, r.Prefix.Len).Masked()
}

// observed says whose a route is; nil of what VPP has in every table, or for its own
// use only: where packets for its own addresses and for no address at all go.
func observed(r *object.RouteState, source string, own uint8) *object.RouteState {
	switch {
	case own != 0 && r.Number == own:
		r.Owned, r.Protocol = true, object.ProtocolStatic
	case inner[source], source == sourceSpecial:
		return nil
	case source == sourceInterface:
		if r.Type != object.Unicast {
			return nil
		}
		r.Protocol = object.ProtocolDirect
	case source == sourceAPI, source == sourceCLI:
		r.Protocol = object.ProtocolStatic
	case source == sourceDHCP:
		r.Protocol = object.ProtocolDHCP
	}
	return r
}

func (b *Backend) readRoute(ctx context.Context, r *object.Route) (object.State, error) {
	b.stats.reads.Add(1)
	sources, own, err := b.sources(ctx)
	if err != nil {
		return nil, err
	}
	table, err := b.tableID(ctx, r.Table)
	if err != nil {
		return nil, notThere(err)
	}
	e, err := b.lookup(ctx, routeKey{table, r.Prefix})
	if e.source == 0 || err != nil {
		return nil, err
	}
	source, err := b.sourceOf(ctx, sources, e.source)
	if err != nil {
		return nil, err
	}
	var failed error
	name := func(index uint32) string {
		name, err := b.nameAt(ctx, index)
		if err != nil {
			failed = err
		}
		return name
	}
	for _, s := range routesOf(e, r.Table, r.Prefix, b.linkOver(ctx, routeKey{table, r.Prefix.Masked()}, e, own, name)) {
		if s.Metric == r.Metric {
			if s = observed(s, source, own); s != nil {
				return s, failed
			}
		}
	}
	return nil, failed
}

// lookup reads the entry of a prefix; its source is 0 if there is none.
func (b *Backend) lookup(ctx context.Context, k routeKey) (entry, error) {
	var reply ip.IPRouteLookupV2Reply
	req := lookupOf(k)
	err := b.conn.Call(ctx, &req, &reply)
	if err != nil {
		return entry{}, notThere(err)
	}
	return entryOf(&reply.Route), nil
}

func lookupOf(k routeKey) ip.IPRouteLookupV2 {
	return ip.IPRouteLookupV2{TableID: k.table, Exact: 1, Prefix: vppPrefix(k.prefix)}
}

func (b *Backend) doRoute(ctx context.Context, s plan.Step, _ *object.Route) error {
	return b.doRoutes(ctx, []plan.Step{s})[0]
}

// routeOf is the route that a step is about.
func routeOf(s *plan.Step) *object.Route {
	if s.Op == plan.Delete {
		return s.Have.(*object.Route)
	}
	return s.Want.(*object.Route)
}

// change works out what a step makes of an entry: our paths of other metrics, which
// stay. To these come those that the step wants.
func change(s *plan.Step, now entry, own uint8, blocked func(entry) string) ([]fib_types.FibPath, error) {
	r := routeOf(s)
	var ours entry
	if now.source == own {
		ours = now
	}
	there := ours.has(r.Metric)
	switch {
	case s.Op == plan.Create && there:
		return nil, southbound.Because(southbound.ErrExists, "the route is there")
	case s.Op != plan.Create && !there && (s.Op == plan.Update || now.source != 0):
		return nil, southbound.Because(southbound.ErrGone, "the route is not there")
	case s.Op == plan.Delete && !there:
		return nil, southbound.Because(southbound.ErrGone, "the route is not there")
	case s.Op == plan.Delete:
		return ours.but(r.Metric), nil
	}
	if s.Op == plan.Create && now.source != own && now.source != 0 {
		if why := blocked(now); why != "" {
			return nil, southbound.Because(southbound.ErrExists, "%s", why)
		}
	}
	keeps := ours.but(r.Metric)
	if n := len(keeps) + max(len(r.NextHops), 1); n > maxHops {
		return nil, fmt.Errorf("%d paths of all metrics: %d are possible: %w", n, maxHops, southbound.ErrInvalid)
	}
	return keeps, nil
}

// blocks says why somebody else's entry leaves no room for a route of ours with a
// metric; empty if it does. One that VPP prefers would hide ours; ours would hide one
// that is as good, or better by its metric, and that must not be.
func blocks(e entry, source string, metric uint32) string {
	if inner[source] {
		return ""
	}
	if source == sourceInterface || source == sourceSpecial {
		return fmt.Sprintf("VPP itself has a route to this prefix (source %s)", source)
	}
	best := uint32(maxMetric) + 1
	for _, p := range e.paths {
		best = min(best, uint32(p.Preference))
	}
	if metric < best {
		return ""
	}
	return fmt.Sprintf("a route of somebody else's (source %s, metric %d) is there", source, best)
}

// routeMessage replaces the list of our paths of an entry.
func routeMessage(k routeKey, own uint8, list []fib_types.FibPath) ip.IPRouteAddDelV2 {
	for i := range list {
		if p := &list[i]; p.SwIfIndex != noIndex && leads(p) {
			p.Flags = ownPath
		}
	}
	return listMessage(k, own, list)
}

// listMessage replaces the list of a source's paths of an entry.
func listMessage(k routeKey, source uint8, list []fib_types.FibPath) ip.IPRouteAddDelV2 {
	return ip.IPRouteAddDelV2{IsAdd: len(list) > 0, Route: ip.IPRouteV2{
		TableID: k.table, Prefix: vppPrefix(k.prefix), Src: source, NPaths: uint8(len(list)), Paths: list,
	}}
}
