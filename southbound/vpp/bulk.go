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
			b.told.write(rest[:n]...)
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

// batch is steps about routes on their way, all under one number of our source.
type batch struct {
	b       *Backend
	steps   []plan.Step
	own     uint8
	index   func(link string) (uint32, error)
	jobs    []job
	at      map[routeKey]int // an entry's place
	entries []changed
}

// job is what becomes of one step: the list of our paths of an entry is what it
// keeps, and what the step wants.
type job struct {
	entry int
	keeps []fib_types.FibPath // of other metrics
}

// changed is an entry that steps are about.
type changed struct {
	key routeKey
	now entry
	by  int // the last job that changes it, and so replaces now; -1: none
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
	t := &batch{
		b: b, steps: steps, own: own, index: b.linkIndexes(ctx),
		jobs: make([]job, 0, len(steps)), at: make(map[routeKey]int, len(steps)), entries: make([]changed, 0, len(steps)),
	}
	// What cannot be is found out before anything is begun; what comes before it is
	// carried out all the same.
	last := t.resolve(ctx)
	if err := t.look(ctx); err != nil {
		return all(err)
	}
	for i := range t.jobs {
		err := t.weigh(i, func(e entry) string {
			source, err := b.sourceOf(ctx, sources, e.source)
			if err != nil {
				source = "unknown"
			}
			return blocks(e, source, routeOf(&steps[i]).Metric)
		})
		if err != nil {
			t.jobs, last = t.jobs[:i], err
			break
		}
	}
	return t.send(ctx, last)
}

// resolve finds out which entries the steps are about, and what the links are that
// routes lead over, up to the first step for which that cannot be.
func (t *batch) resolve(ctx context.Context) error {
	tables := make(map[string]uint32)
	for i := range t.steps {
		r := routeOf(&t.steps[i])
		table, known := tables[r.Table]
		if !known {
			var err error
			if table, err = t.b.tableID(ctx, r.Table); err != nil {
				return err
			}
			tables[r.Table] = table
		}
		if t.steps[i].Op != plan.Delete {
			for j := range r.NextHops {
				if link := r.NextHops[j].Link; link != "" {
					if _, err := t.index(link); err != nil {
						return err
					}
				}
			}
		}
		k := routeKey{table, r.Prefix.Masked()}
		e, known := t.at[k]
		if !known {
			e = len(t.entries)
			t.at[k] = e
			t.entries = append(t.entries, changed{key: k, by: -1})
		}
		t.jobs = append(t.jobs, job{entry: e})
	}
	return nil
}

// look reads the entries: by listing the table where that is the less work, and
// else one by one.
func (t *batch) look(ctx context.Context) error {
	b := t.b
	count := make(map[sizeKey]int)
	for i := range t.entries {
		count[t.entries[i].key.size()]++
	}
	listed := make(map[sizeKey]bool)
	for of, n := range count {
		size, known := b.fib.sizeOf(b.conn.Epoch(), of)
		if !known || n < fewRoutes || size > 2*n {
			continue
		}
		list, err := b.entries(ctx, of.table, of.family)
		if err != nil {
			return err
		}
		listed[of] = true
		for _, d := range list {
			if e, asked := t.at[routeKey{of.table, vppRoutePrefix(&d.Route)}]; asked {
				t.entries[e].now = entryOf(&d.Route)
			}
		}
	}
	var rest []*changed
	for i := range t.entries {
		if e := &t.entries[i]; !listed[e.key.size()] {
			rest = append(rest, e)
		}
	}
	var req ip.IPRouteLookupV2
	replies := make([]ip.IPRouteLookupV2Reply, len(rest))
	var failed error
	err := b.conn.Pipeline(ctx, len(rest), func(i int) api.Message {
		req = lookupOf(rest[i].key)
		return &req
	}, func(i int) api.Message { return &replies[i] }, func(i int, err error) bool {
		if err == nil {
			rest[i].now = entryOf(&replies[i].Route)
		} else {
			failed = notThere(err)
		}
		return failed == nil
	})
	return errors.Join(failed, err)
}

// fewRoutes is up to how many routes a table is not listed for.
const fewRoutes = 32

// weigh works out what a job makes of its entry as those before it leave it.
func (t *batch) weigh(i int, blocked func(entry) string) error {
	e := &t.entries[t.jobs[i].entry]
	if e.by >= 0 {
		list, err := t.list(nil, e.by)
		if err != nil {
			return err
		}
		e.now = entry{source: t.own, paths: list}
		if len(list) == 0 {
			e.now.source = 0
		}
	}
	keeps, err := change(&t.steps[i], e.now, t.own, blocked)
	if err != nil {
		return err
	}
	t.jobs[i].keeps, e.by = keeps, i
	return nil
}

// list appends the list of paths that a job makes.
func (t *batch) list(to []fib_types.FibPath, i int) ([]fib_types.FibPath, error) {
	to = append(to, t.jobs[i].keeps...)
	if t.steps[i].Op == plan.Delete {
		return to, nil
	}
	return appendPaths(to, routeOf(&t.steps[i]), t.entries[t.jobs[i].entry].key.table, t.index)
}

// leadsOver are the numbers of the interfaces that the routes will lead over.
func (t *batch) leadsOver() map[uint32]bool {
	over := make(map[uint32]bool)
	var list []fib_types.FibPath
	for i := range t.jobs {
		list, _ = t.list(list[:0], i) // all names have been resolved
		for j := range list {
			over[list[j].SwIfIndex] = true
		}
	}
	return over
}

// send sends the changes. last is why the step behind the jobs cannot be, if there is
// one.
func (t *batch) send(ctx context.Context, last error) []error {
	b := t.b
	epoch, turn := b.conn.Epoch(), b.dead.now()
	errs := make([]error, 0, len(t.steps))
	if err := b.takeOut(ctx, t.own, t.leadsOver, turn); err != nil {
		return notBegun([]error{err}, len(t.steps))
	}
	var list []fib_types.FibPath
	var req ip.IPRouteAddDelV2
	var reply ip.IPRouteAddDelV2Reply // of which nothing is of use
	var stop error
	err := b.conn.Pipeline(ctx, len(t.jobs), func(i int) api.Message {
		b.stats.writes.Add(1)
		list, _ = t.list(list[:0], i) // all names have been resolved
		req = routeMessage(t.entries[t.jobs[i].entry].key, t.own, list)
		return &req
	}, func(int) api.Message { return &reply }, func(i int, err error) bool {
		if err == nil {
			b.dead.written(epoch, t.entries[t.jobs[i].entry].key, turn)
		}
		errs = append(errs, err)
		stop = errors.Join(stop, err)
		return stop == nil
	})
	if stop == nil && last == nil {
		last = err
	}
	if len(errs) == len(t.jobs) && stop == nil && last != nil {
		errs = append(errs, last)
	} else if stop == nil && err != nil && len(errs) < len(t.jobs) {
		errs = append(errs, err)
	}
	return notBegun(errs, len(t.steps))
}
