package vpp

import (
	"context"
	"slices"
	"sync"

	"go.fd.io/govpp/binapi/fib_types"
	"go.fd.io/govpp/binapi/ip"

	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/vpp/conn"
)

// When an interface goes, VPP marks the paths over it as dropping, for good; and it
// shares equal lists of paths among routes. If another interface gets the number, the
// routes seem to be as they should, and drop; and so does a new one, as long as any
// route, whosever, holds the dead list that is equal to its own. VPP tells nobody that
// a path is dead. So what of ours is dead is noted when an interface is seen to go, and
// shown as leading over no link; before anything is written over another one of that
// number, all that is dead is taken out; and ours never is equal to somebody else's.
type dead struct {
	mu     sync.Mutex
	epoch  uint64
	ours   map[uint32]bool     // interfaces that we have deleted, whose event is to come
	routes map[routeKey]uint32 // of ours that are dead, by the interface that went
	turn   uint64              // counts what went, and what was found to be dead
}

// enter forgets what another connection has told. The lock is held.
func (d *dead) enter(epoch uint64) {
	if d.routes == nil || d.epoch != epoch {
		d.epoch, d.ours, d.routes = epoch, make(map[uint32]bool), make(map[routeKey]uint32)
	}
}

// ownPath is what makes our lists of paths differ from those of others: it says how a
// gateway is looked up whose link is not given, and of those that have one VPP keeps it
// and does not mind it.
const ownPath = fib_types.FIB_API_PATH_FLAG_RESOLVE_VIA_ATTACHED

// deleted notes that we have deleted an interface.
func (d *dead) deleted(epoch uint64, index uint32) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.enter(epoch)
	d.turn++
	d.ours[index] = true
}

// foreign takes an event in of an interface that went, and reports whether somebody
// else has deleted it.
func (d *dead) foreign(epoch uint64, index uint32) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.enter(epoch)
	if d.ours[index] { // VPP makes one event of several
		delete(d.ours, index)
		return false
	}
	d.turn++
	return true
}

// watch forgets which events are to come: a listener hears only of what happens from
// now on, and one that has missed some does not know which.
func (d *dead) watch(epoch uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.enter(epoch)
	clear(d.ours)
}

// lost returns which of the interfaces that a route of ours leads over went; noIndex:
// none. What leads over a number that no interface has is noted from then on.
func (d *dead) lost(epoch uint64, k routeKey, paths []fib_types.FibPath, there func(index uint32) bool) uint32 {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.enter(epoch)
	if index, ok := d.routes[k]; ok {
		return index
	}
	for i := range paths {
		if n := paths[i].SwIfIndex; n != noIndex && !there(n) {
			d.routes[k] = n
			d.turn++
			return n
		}
	}
	return noIndex
}

// bury notes that routes over interfaces are dead.
func (d *dead) bury(epoch uint64, k routeKey, paths []fib_types.FibPath, gone map[uint32]bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.enter(epoch)
	for i := range paths {
		if n := paths[i].SwIfIndex; n != noIndex && gone[n] {
			d.routes[k] = n
			d.turn++
		}
	}
}

// now counts what went, and what was found to be dead.
func (d *dead) now() uint64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.turn
}

// written notes that a route was written. turn is from before what is dead was taken
// out: what was found since may have been in its way, or have taken it along.
func (d *dead) written(epoch uint64, k routeKey, turn uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.enter(epoch); d.turn == turn {
		delete(d.routes, k)
	}
}

// over hands out the dead routes over interfaces that others will lead over.
func (d *dead) over(epoch uint64, leadsOver func() map[uint32]bool) map[routeKey]uint32 {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.enter(epoch); len(d.routes) == 0 {
		return nil
	}
	used := leadsOver()
	found := make(map[routeKey]uint32)
	for k, index := range d.routes {
		if used[index] {
			found[k] = index
		}
	}
	return found
}

// takeOut takes dead paths out of routes of ours, of which some are about to be written
// with lists of paths: VPP would find them as long as anybody has them.
func (b *Backend) takeOut(ctx context.Context, own uint8, leadsOver func() map[uint32]bool, turn uint64) error {
	epoch := b.conn.Epoch()
	for k, index := range b.dead.over(epoch, leadsOver) {
		now, err := b.lookup(ctx, k)
		if err != nil {
			return err
		}
		if now.source == own && len(now.paths) > 0 {
			metric := now.paths[0].Preference
			alive := slices.DeleteFunc(now.paths, func(p fib_types.FibPath) bool { return p.SwIfIndex == index })
			if len(alive) == 0 { // it drops anyway
				if alive, err = appendPaths(nil, &object.Route{Type: object.Blackhole, Prefix: k.prefix, Metric: uint32(metric)}, k.table, nil); err != nil {
					return err
				}
			}
			req := routeMessage(k, own, alive)
			if err := b.write(ctx, &req, &ip.IPRouteAddDelV2Reply{}); err != nil {
				return err
			}
		}
		b.dead.written(epoch, k, turn)
	}
	return nil
}

// buryRoutes notes which routes of ours are dead once interfaces went.
func (b *Backend) buryRoutes(ctx context.Context, gone map[uint32]bool) error {
	if !b.conn.Has(featureRoutes) {
		return nil
	}
	epoch := b.conn.Epoch()
	_, own, err := b.sources(ctx)
	if own == 0 || err != nil {
		return err
	}
	tables, err := b.seenTables(ctx)
	if err != nil {
		return err
	}
	for _, t := range tables {
		list, err := conn.Dump[ip.IPRouteV2Details](ctx, b.conn, &ip.IPRouteV2Dump{
			Src: own, Table: ip.IPTable{TableID: t.id, IsIP6: t.family == object.IPv6},
		})
		if err != nil {
			return err
		}
		for _, d := range list {
			b.dead.bury(epoch, routeKey{t.id, vppRoutePrefix(&d.Route)}, d.Route.Paths, gone)
		}
	}
	return nil
}

// linkOver gives the names of the links that a route leads over; none of one that
// went.
func (b *Backend) linkOver(ctx context.Context, k routeKey, e entry, own uint8, name func(index uint32) string) func(index uint32) string {
	if own == 0 || e.source != own {
		return name
	}
	lost := b.dead.lost(b.conn.Epoch(), k, e.paths, func(index uint32) bool {
		name, err := b.nameAt(ctx, index)
		return name != "" || err != nil
	})
	if lost == noIndex {
		return name
	}
	return func(index uint32) string {
		if index == lost {
			return ""
		}
		return name(index)
	}
}
