package southbound

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
)

// verify compares the links that were touched, those that stand on them, and what
// is on them, with what was seen before, and puts back what has changed or
// vanished on the way, whoever it belongs to.
func (r *run) verify(ctx context.Context) error {
	var errs []error
	for _, link := range r.affected() {
		errs = append(errs, r.verifyLink(ctx, link), r.verifyUnder(ctx, link))
	}
	return errors.Join(append(errs, r.verifySettings(ctx))...)
}

// keep reads those settings of links that a step is about to overwrite: most are
// nobody's, and what is seen of them may be stale.
func (r *run) keep(ctx context.Context, s plan.Step) {
	for _, of := range r.d.led(s) {
		if _, kept := r.kept[of.ID()]; kept || r.made(of.Link) {
			continue
		}
		state, err := r.d.read(ctx, of)
		if was, ok := state.(*object.SettingState); ok && err == nil {
			if r.kept == nil {
				r.kept = make(map[object.ID]*object.SettingState)
			}
			r.kept[of.ID()] = was
		}
	}
}

// made reports whether a link has been made in the run, so that nothing of it needs
// to be kept.
func (r *run) made(link string) bool {
	return slices.ContainsFunc(r.done, func(d deed) bool {
		l, ok := d.Want.(*object.Link)
		return ok && d.Op == plan.Create && (l.Name == link || l.Peer == link)
	})
}

func (r *run) verifySettings(ctx context.Context) error {
	var errs []error
	for id, was := range r.kept {
		state, err := r.d.read(ctx, &was.Setting)
		now, ok := state.(*object.SettingState)
		if err != nil || !ok || now.Value == was.Value {
			continue // its link may have gone
		}
		back := plan.Step{Op: plan.Update, ID: id, Have: &now.Setting, Want: &was.Setting, Attrs: []object.Attr{object.ValueAttr}}
		if err := r.d.doOne(ctx, back); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", back, err))
		}
	}
	return errors.Join(errs...)
}

// affected are the links that were there before and that were touched, and their
// uppers, which may have followed them; lower ones first.
func (r *run) affected() []string {
	seen := r.d.seen
	var links []string
	add := func(name string) {
		if seen.Link(name) != nil && !slices.Contains(links, name) {
			links = append(links, name)
		}
	}
	for link := range r.touched {
		add(link)
	}
	slices.Sort(links)
	for i := 0; i < len(links); i++ {
		for upper := range seen.ports[links[i]] {
			add(upper)
		}
		add(seen.Link(links[i]).Master)
	}
	return links
}

// followers are the attributes of a link that may change when those of another
// do.
var followers = []object.Attr{object.MTU, object.MACAttr, object.Master, object.Up}

func (r *run) verifyLink(ctx context.Context, link string) error {
	before := r.d.seen.Link(link)
	state, err := r.d.read(ctx, &before.Link)
	if err != nil || state == nil {
		return err
	}
	now := state.(*object.LinkState)
	var errs []error
	for _, a := range followers {
		if a == object.MACAttr && before.Kind == object.Bridge {
			continue // it follows its ports by itself
		}
		if object.Same(&now.Link, &before.Link, a) {
			continue
		}
		back := plan.Step{Op: plan.Update, ID: before.ID(), Have: &now.Link, Want: &before.Link, Attrs: []object.Attr{a}}
		if err := r.d.doOne(ctx, back); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", back, err))
		}
	}
	return errors.Join(errs...)
}

func (r *run) verifyUnder(ctx context.Context, link string) error {
	now, err := r.d.under(ctx, link)
	if err != nil {
		return err
	}
	there := make(map[object.ID]object.State, len(now))
	for _, s := range now {
		there[s.ID()] = s
	}
	var lost []object.ID
	for on := range r.d.seen.byLink[link] {
		if there[on.id] == nil || fewerHops(there[on.id], on.state) {
			lost = append(lost, on.id)
		}
	}
	slices.SortFunc(lost, object.ID.Compare) // addresses before routes
	var errs []error
	for _, id := range lost {
		state := r.d.seen.state(id)
		if ownDoing(state) {
			continue
		}
		if err := r.putBack(ctx, state); err != nil {
			errs = append(errs, fmt.Errorf("put %s back: %w", id, err))
		}
	}
	return errors.Join(errs...)
}

// ownDoing reports whether the dataplane itself makes an object, in its time: an
// address from the link layer, the route to a link's network.
func ownDoing(s object.State) bool {
	switch s := s.(type) {
	case *object.AddressState:
		return s.Origin == object.OriginLinkLayer
	case *object.RouteState:
		return s.Protocol == object.ProtocolDirect
	}
	return false
}

// fewerHops reports whether a route has lost next hops.
func fewerHops(now, was object.State) bool {
	a, ok := now.(*object.RouteState)
	b, also := was.(*object.RouteState)
	return ok && also && len(a.NextHops) < len(b.NextHops)
}

// putBack restores what was lost. A route that has other next hops may only have
// lost one: that of the link.
func (r *run) putBack(ctx context.Context, was object.State) error {
	route, ok := was.(*object.RouteState)
	if !ok || !route.Owned || len(slices.Collect(object.Links(&route.Route))) < 2 {
		return r.d.restore(ctx, was)
	}
	state, err := r.d.read(ctx, &route.Route)
	if err != nil {
		return err
	}
	now, there := state.(*object.RouteState)
	if !there {
		return r.d.restore(ctx, was)
	}
	if !now.Owned || object.SameHops(now.NextHops, route.NextHops) {
		return nil
	}
	return r.d.doOne(ctx, plan.Step{Op: plan.Update, ID: was.ID(), Have: &now.Route, Want: &route.Route, Attrs: object.Attrs(&route.Route)})
}
