package southbound

import (
	"context"
	"maps"
	"slices"

	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
)

// settle takes what was done into what is seen. The dataplane's own word for it
// comes later, as an event, and corrects the details; links that have changed are
// read at once, since much hangs on them.
func (r *run) settle(ctx context.Context) {
	d := r.d
	few := len(r.done) <= freshMost
	for _, deed := range r.done {
		s := *deed.Step
		if deed.void {
			d.see(s.ID, deed.state)
			continue
		}
		d.forget(s)
		if s.Op != plan.Delete && d.ledger.keeps(s.ID.Kind) {
			d.ledger.has(d.entry(s, d.seen.Link))
		}
		if s.ID.Kind == object.KindLink && s.Op != plan.Delete {
			continue // it is read
		}
		o := d.seen.open(s.ID)
		switch {
		case s.Op != plan.Delete:
			d.sees(o, d.done(ctx, s, o.state, few))
		case s.ID.Kind == object.KindAddress && !sameAddress(o.state, s.Have):
			d.seen.close(o) // replaced by one of another length, made before
		default:
			d.sees(o, d.left(ctx, s, o.state))
		}
	}
	d.ledger.settle()
	r.settleLed(ctx)
	for link, itself := range r.touched {
		if !itself {
			continue
		}
		state, err := d.read(ctx, &object.Link{Name: link})
		if err != nil {
			d.log.Warn("a link could not be read", "link", link, "err", err)
			d.suspect[link] = struct{}{}
			continue
		}
		id := object.LinkID(link)
		claim := d.wished(id)
		before := d.seen.Link(link)
		d.see(id, state)
		if state == nil {
			d.orphans(link)
			continue
		}
		// Somebody else may have been here between the step and the reading. His
		// event will bring no news then, so it must be followed up from here.
		asWanted := claim == nil || Satisfies(state, claim)
		asBefore := before == nil || claim != nil && claim.Has(object.Up) || before.Up == state.(*object.LinkState).Up
		if !asWanted || !asBefore {
			d.suspect[link] = struct{}{}
		}
	}
	r.giveBack(ctx)
}

// settleLed sees the settings that steps have overwritten.
func (r *run) settleLed(ctx context.Context) {
	seen := make(map[object.ID]bool)
	for _, deed := range r.done {
		for _, of := range r.d.led(*deed.Step) {
			if id := of.ID(); !seen[id] {
				seen[id] = true
				if state, err := r.d.read(ctx, of); err == nil {
					r.d.see(id, state)
				}
			}
		}
	}
}

// left is what a deletion leaves: nothing, but of a shared route, and of a setting
// what it has been reset to.
func (d *Driver) left(ctx context.Context, s plan.Step, before object.State) object.State {
	if s.ID.Kind == object.KindSetting && !s.Paired {
		if st, err := d.read(ctx, s.Have); err == nil {
			return st
		}
	}
	if route, ok := before.(*object.RouteState); ok && route.Shared {
		if st, err := d.read(ctx, s.Have); err == nil {
			return st
		}
	}
	return nil
}

func sameAddress(s object.State, o object.Object) bool {
	a, ok := s.(*object.AddressState)
	return ok && a.PrefixLength == o.(*object.Address).PrefixLength
}

// orphans forgets what was on a link that has gone. Routes that have other next
// hops stay; an event tells what is left of them.
func (d *Driver) orphans(link string) {
	for r := range maps.Clone(d.seen.byLink[link]) {
		if route, ok := r.state.(*object.RouteState); ok && route.Survives(link) {
			continue
		}
		d.see(r.id, nil)
	}
	for r := range maps.Clone(d.seen.settings[link]) {
		d.see(r.id, nil)
	}
}

// done is the state of an object that a step has just brought about.
// With few of them, what only the dataplane knows is read.
func (d *Driver) done(ctx context.Context, s plan.Step, before object.State, few bool) object.State {
	switch o := s.Want.(type) {
	case *object.Address:
		st := &object.AddressState{Address: *o, Owned: true, Origin: object.OriginStatic}
		if before, ok := before.(*object.AddressState); ok && before.PrefixLength == o.PrefixLength {
			st.Status = before.Status
		} else if o.IP.Is6() && d.late == nil { // it will be told when it is not any more
			st.Status = object.AddressTentative
		}
		return st
	case *object.Neighbor:
		return &object.NeighborState{Neighbor: *o, Owned: true, Origin: object.OriginStatic, Status: object.NeighborPermanent}
	case *object.Setting:
		return &object.SettingState{Setting: *o}
	case *object.Route:
		// Which link leads to a gateway only the dataplane knows, and what became
		// of next hops that are not ours.
		unsure := s.Op == plan.Update || slices.ContainsFunc(o.NextHops, func(h object.NextHop) bool { return h.Link == "" })
		if unsure && few {
			if st, err := d.read(ctx, o); err == nil && st != nil {
				return st
			}
		}
		st := &object.RouteState{Route: *o, Owned: true, Protocol: object.ProtocolStatic}
		st.NextHops = weighed(o.NextHops)
		return st
	}
	return before
}

// weighed are next hops with the weights that are seen of them: one that is alone has
// none, any other at least 1.
func weighed(hops []object.NextHop) []object.NextHop {
	weight := func(h object.NextHop) uint16 {
		if len(hops) == 1 {
			return 0
		}
		return max(h.Weight, 1)
	}
	if !slices.ContainsFunc(hops, func(h object.NextHop) bool { return h.Weight != weight(h) }) {
		return hops
	}
	all := slices.Clone(hops)
	for i, h := range hops {
		all[i].Weight = weight(h)
	}
	return all
}
