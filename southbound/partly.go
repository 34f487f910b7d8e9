package southbound

import (
	"context"
	"errors"
	"slices"

	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
)

// partly brings a route about, as a whole not to be had, with those of its next hops
// that can be: which these are only trying shows. It reports whether there is then
// something of it, and what is missing.
func (r *run) partly(ctx context.Context, s plan.Step) (there bool, missing []object.NextHop, err error) {
	want := s.Want.(*object.Route)
	part := &part{run: r, step: s, want: want}
	var usable []object.NextHop
	if have, ok := s.Have.(*object.Route); ok {
		part.now = have
		usable = slices.DeleteFunc(slices.Clone(want.NextHops), func(h object.NextHop) bool { return !leads(have, h) })
	}
	// What it has already stays in one piece, unless that has come to lead nowhere.
	if len(usable) > 0 {
		if there, err = part.try(ctx, usable); err != nil {
			return false, nil, err
		} else if !there {
			usable = nil
		}
	}
	for _, h := range want.NextHops {
		if slices.Contains(usable, h) {
			continue
		}
		more := append(slices.Clip(usable), h)
		ok, err := part.try(ctx, more)
		switch {
		case err != nil:
			return false, nil, err
		case ok:
			there, usable = true, more
		default:
			missing = append(missing, h)
		}
	}
	return there, missing, nil
}

// part is a route on its way to some of its next hops.
type part struct {
	run  *run
	step plan.Step
	want *object.Route
	now  *object.Route // nil: there is nothing
}

// try leads the route by some of its next hops, unless it is led there already, and
// reports whether it can be.
func (p *part) try(ctx context.Context, hops []object.NextHop) (bool, error) {
	next := p.want.With(hops)
	s := plan.Step{Op: plan.Create, ID: p.step.ID, Want: next, Attrs: p.step.Attrs}
	if p.now != nil {
		if partOf(p.now, next) && len(p.now.NextHops) == len(hops) {
			return true, nil
		}
		s.Op, s.Have = plan.Update, p.now
	}
	if len(hops) == len(p.want.NextHops) {
		return false, nil // as has been tried
	}
	switch err := p.run.d.doOne(ctx, s); {
	case errors.Is(err, ErrNotReady):
		return false, nil
	case err != nil:
		return false, err
	}
	p.run.did(deed{Step: &s})
	p.now = next
	return true, nil
}

// leads reports whether a next hop is among those of a route, whatever its weight.
func leads(r *object.Route, h object.NextHop) bool {
	return slices.ContainsFunc(r.NextHops, func(x object.NextHop) bool { return x.Via == h.Via && x.Link == h.Link })
}

// partOf reports whether all next hops of a route are among those of another.
func partOf(r, of *object.Route) bool {
	return r.Type == of.Type && !slices.ContainsFunc(r.NextHops, func(h object.NextHop) bool { return !leads(of, h) })
}
