package southbound

import (
	"context"
	"errors"
	"net/netip"
	"slices"

	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
)

// The driver reaches its backend through what stands here, so that whoever finds
// the dataplane away has noted it, and what is read says whose it is.

// heard notes that the dataplane is away if an error says so.
func (d *Driver) heard(err error) error {
	if err != nil && errors.Is(err, ErrAway) {
		d.gone = true
	}
	return err
}

// read reads one object; nil: it is not there.
func (d *Driver) read(ctx context.Context, o object.Object) (object.State, error) {
	s, err := d.cfg.Backend.Read(ctx, o)
	if err != nil || s == nil {
		return nil, d.heard(err)
	}
	return d.ledger.marked(s), nil
}

// under reads what uses a link.
func (d *Driver) under(ctx context.Context, link string) ([]object.State, error) {
	all, err := d.cfg.Backend.Under(ctx, link)
	if err != nil {
		return nil, d.heard(err)
	}
	for i, s := range all {
		all[i] = d.ledger.marked(s)
	}
	return all, nil
}

// restore puts back what a step took with it unasked.
func (d *Driver) restore(ctx context.Context, s object.State) error {
	return d.heard(d.cfg.Backend.Restore(ctx, s))
}

// doOne carries one step out.
func (d *Driver) doOne(ctx context.Context, s plan.Step) error {
	return d.heard(d.cfg.Backend.Do(ctx, s))
}

// bulkLeast is how many steps are worth being carried out together.
const bulkLeast = 8

// do carries steps out in order, together where the backend can and none of them
// needs another one. begin is asked before each and may leave it out; report is
// told how each one went, and ends it with false: what comes behind is not begun.
// What was on its way then is reported all the same.
func (d *Driver) do(ctx context.Context, steps []plan.Step, begin func(context.Context, plan.Step) bool, report func(*plan.Step, error) bool) {
	var gateways []netip.Addr
	if d.bulk != nil {
		gateways = gatewaysOf(steps)
	}
	for len(steps) > 0 {
		n := 1
		if d.bulk != nil {
			n = stretch(steps, gateways)
		}
		if n >= bulkLeast {
			if !d.doAll(ctx, steps[:n], begin, report) {
				return
			}
		} else {
			for i := range steps[:n] {
				if s := &steps[i]; begin(ctx, *s) && !report(s, d.doOne(ctx, *s)) {
					return
				}
			}
		}
		steps = steps[n:]
	}
}

// doAll carries steps out together. Where one fails and that is no matter, those
// that were not begun for it are begun again.
func (d *Driver) doAll(ctx context.Context, steps []plan.Step, begin func(context.Context, plan.Step) bool, report func(*plan.Step, error) bool) (goOn bool) {
	batch, all := steps, true
	for i, s := range steps {
		switch ready := begin(ctx, s); {
		case ready && !all:
			batch = append(batch, s)
		case !ready && all: // the first that is left out
			batch, all = slices.Clone(steps[:i]), false
		}
	}
	for goOn = true; goOn && len(batch) > 0; {
		var rest []plan.Step
		for i, err := range d.bulk.DoAll(ctx, batch) {
			if err != nil && errors.Is(err, ErrNotBegun) {
				rest = append(rest, batch[i])
				continue
			}
			goOn = report(&batch[i], d.heard(err)) && goOn
		}
		if goOn && len(rest) == len(batch) { // there is no going on like this
			goOn = report(&batch[0], d.doOne(ctx, batch[0]))
			rest = batch[1:]
		}
		batch = rest
	}
	return goOn
}

// stretch is how many of the first steps do the same to objects of one kind, and
// need no effect of one another: at least 1. gateways are those of all steps.
func stretch(steps []plan.Step, gateways []netip.Addr) int {
	first := steps[0]
	if k := first.ID.Kind; k != object.KindAddress && k != object.KindNeighbor && k != object.KindRoute {
		return 1
	}
	ways := ways{gateways: gateways}
	for n, s := range steps {
		if s.Op != first.Op || s.ID.Kind != first.ID.Kind {
			return n
		}
		r, ok := s.Want.(*object.Route)
		if !ok {
			continue // a route that goes needs no other
		}
		if n > 0 && ways.lead(r) {
			return n
		}
		ways.add(r.Prefix)
	}
	return len(steps)
}

// gatewaysOf returns the gateways of routes that are made or changed, in order.
func gatewaysOf(steps []plan.Step) []netip.Addr {
	var all []netip.Addr
	for _, s := range steps {
		r, ok := s.Want.(*object.Route)
		if !ok {
			continue
		}
		for _, h := range r.NextHops {
			if h.Via.IsValid() && (len(all) == 0 || all[len(all)-1] != h.Via) {
				all = append(all, h.Via)
			}
		}
	}
	slices.SortFunc(all, netip.Addr.Compare)
	return slices.Compact(all)
}

// ways are the networks that steps make a way to, of those that a gateway is in.
// Asking costs the number of different lengths of their prefixes.
type ways struct {
	gateways []netip.Addr // in order
	prefixes map[netip.Prefix]struct{}
	lengths  [129]bool
	distinct []int
}

func (w *ways) add(p netip.Prefix) {
	first, _ := slices.BinarySearchFunc(w.gateways, p.Addr(), netip.Addr.Compare)
	if first == len(w.gateways) || !p.Contains(w.gateways[first]) {
		return
	}
	if w.prefixes == nil {
		w.prefixes = make(map[netip.Prefix]struct{})
	}
	w.prefixes[p] = struct{}{}
	if !w.lengths[p.Bits()] {
		w.lengths[p.Bits()] = true
		w.distinct = append(w.distinct, p.Bits())
	}
}

// lead reports whether they may lead to a gateway of a route.
func (w *ways) lead(r *object.Route) bool {
	for _, h := range r.NextHops {
		if !h.Via.IsValid() {
			continue
		}
		for _, length := range w.distinct {
			if p, err := h.Via.Prefix(length); err == nil {
				if _, found := w.prefixes[p]; found {
					return true
				}
			}
		}
	}
	return false
}
