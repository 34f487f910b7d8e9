package vpp

import (
	"context"
	"errors"

	"go.fd.io/govpp/api"
	"go.fd.io/govpp/binapi/fib_types"
	"go.fd.io/govpp/binapi/ip"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
)

var _ southbound.Bulk = (*Backend)(nil)

// DoAll carries steps out; those about routes, which are the many, with many
// exchanges in flight.
func (b *Backend) DoAll(ctx context.Context, steps []plan.Step) []error {
	ctx = b.conn.Within(ctx)
	errs := make([]error, 0, len(steps))
	for len(errs) < len(steps) {
		rest := steps[len(errs):]
		n := 0
		for n < len(rest) && rest[n].ID.Kind == object.KindRoute && !rest[n].Paired {
			n++
		}
		var some []error
		if n > 0 {
			some = b.doRoutes(ctx, rest[:n])
			for _, s := range rest[:n] {
				b.dumped.write(s.ID)
			}
		} else {
			some = []error{b.Do(ctx, rest[0])}
		}
		errs = append(errs, some...)
		for _, err := range some {
			if err != nil {
				return notBegun(errs, len(steps))
			}
		}
	}
	return errs
}

func notBegun(errs []error, n int) []error {
	for len(errs) < n {
		errs = append(errs, southbound.ErrNotBegun)
	}
	return errs
}

// job is one step about a route on its way.
type job struct {
	key   routeKey
	fresh []fib_types.FibPath
	err   error // why it cannot be
}

// doRoutes carries steps about routes out. It looks at all entries first: VPP itself
// lets everybody overwrite everything of his own source, and hides what is behind
// it. Then it sends the changes, until one fails.
func (b *Backend) doRoutes(ctx context.Context, steps []plan.Step) []error {
	all := func(err error) []error { return notBegun([]error{err}, len(steps)) }
	own, err := b.ownSource(ctx)
	if err != nil {
		return all(err)
	}
	sources, _, err := b.sources(ctx)
	if err != nil {
		return all(err)
	}
	jobs := b.jobs(ctx, steps)
	now, err := b.current(ctx, jobs)
	if err != nil {
		return all(err)
	}
	return b.send(ctx, steps, jobs, now, own, func(e entry, metric uint32) string {
		source, err := b.sourceOf(ctx, sources, e.source)
		if err != nil {
			source = "unknown"
		}
		return blocks(e, source, metric)
	})
}

// jobs resolves the names in steps, up to the first that cannot be.
func (b *Backend) jobs(ctx context.Context, steps []plan.Step) []job {
	index := b.linkIndexes(ctx)
	tables := make(map[string]uint32)
	jobs := make([]job, 0, len(steps))
	for i := range steps {
		r := routeOf(&steps[i])
		j := job{key: routeKey{prefix: r.Prefix.Masked()}}
		id, known := tables[r.Table]
		if !known {
			if id, j.err = b.tableID(ctx, r.Table); j.err == nil {
				tables[r.Table] = id
			}
		}
		j.key.table = id
		if j.err == nil && steps[i].Op != plan.Delete {
			j.fresh, j.err = paths(r, id, index)
		}
		jobs = append(jobs, j)
		if j.err != nil {
			break
		}
	}
	return jobs
}

// current reads the entries that jobs are about: by listing the table where that is
// the less work, and else one by one.
func (b *Backend) current(ctx context.Context, jobs []job) (map[routeKey]entry, error) {
	now := make(map[routeKey]entry, len(jobs))
	count := make(map[sizeKey]int)
	for i := range jobs {
		if jobs[i].err == nil {
			count[sizeKey{jobs[i].key.table, object.FamilyOf(jobs[i].key.prefix.Addr())}]++
		}
	}
	listed := make(map[sizeKey]bool)
	for t, n := range count {
		b.fib.mu.Lock()
		b.fib.enter(b.conn.Epoch())
		size, known := b.fib.size[t]
		b.fib.mu.Unlock()
		if !known || n < fewRoutes || size > 2*n {
			continue
		}
		list, err := b.entries(ctx, t.table, t.family)
		if err != nil {
			return nil, err
		}
		listed[t] = true
		for _, d := range list {
			now[routeKey{t.table, vppRoutePrefix(&d.Route)}] = entryOf(&d.Route)
		}
	}
	var keys []routeKey
	for i := range jobs {
		k := jobs[i].key
		if _, asked := now[k]; jobs[i].err != nil || asked || listed[sizeKey{k.table, object.FamilyOf(k.prefix.Addr())}] {
			continue
		}
		now[k] = entry{}
		keys = append(keys, k)
	}
	var req ip.IPRouteLookupV2
	replies := make([]ip.IPRouteLookupV2Reply, len(keys))
	var failed error
	err := b.conn.Pipeline(ctx, len(keys), func(i int) api.Message {
		req = ip.IPRouteLookupV2{TableID: keys[i].table, Exact: 1, Prefix: vppPrefix(keys[i].prefix)}
		return &req
	}, func(i int) api.Message { return &replies[i] }, func(i int, err error) bool {
		if err == nil {
			now[keys[i]] = entryOf(&replies[i].Route)
		} else {
			failed = notThere(err)
		}
		return failed == nil
	})
	return now, errors.Join(failed, err)
}

// fewRoutes is up to how many routes a table is not listed for.
const fewRoutes = 32

// send sends the changes that steps make of what there is now.
func (b *Backend) send(ctx context.Context, steps []plan.Step, jobs []job, now map[routeKey]entry, own uint8, blocked func(entry, uint32) string) []error {
	// What cannot be is found out before anything is begun; what comes before it is
	// carried out all the same.
	lists := make([][]fib_types.FibPath, 0, len(jobs))
	var last error
	for i := range jobs {
		j := &jobs[i]
		if last = j.err; last != nil {
			break
		}
		metric := routeOf(&steps[i]).Metric
		var list []fib_types.FibPath
		if list, last = change(&steps[i], now[j.key], own, func(e entry) string { return blocked(e, metric) }, j.fresh); last != nil {
			break
		}
		lists = append(lists, list)
		e := entry{source: own, paths: list}
		if len(list) == 0 {
			e.source = 0
		}
		now[j.key] = e
	}
	epoch, turn := b.conn.Epoch(), b.dead.now()
	errs := make([]error, 0, len(steps))
	if err := b.takeOut(ctx, own, lists, turn); err != nil {
		return notBegun([]error{err}, len(steps))
	}
	var reply ip.IPRouteAddDelV2Reply // of which nothing is of use
	var stop error
	err := b.conn.Pipeline(ctx, len(lists), func(i int) api.Message {
		b.stats.writes.Add(1)
		return routeMessage(jobs[i].key, own, lists[i])
	}, func(int) api.Message { return &reply }, func(i int, err error) bool {
		if err == nil {
			b.dead.written(epoch, jobs[i].key, turn)
		}
		errs = append(errs, err)
		stop = errors.Join(stop, err)
		return stop == nil
	})
	if stop == nil && last == nil {
		last = err
	}
	if len(errs) == len(lists) && stop == nil && last != nil {
		errs = append(errs, last)
	} else if stop == nil && err != nil && len(errs) < len(lists) {
		errs = append(errs, err)
	}
	return notBegun(errs, len(steps))
}
