package southbound

import (
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
)

// plan makes a plan for objects, those drawn in that the objects' coming makes
// possible.
func (p *planning) plan(ids []object.ID) (*plan.Plan, error) {
	targets := make([]plan.Target, 0, len(ids))
	for _, id := range ids {
		targets = append(targets, p.target(id))
	}
	if len(p.d.mends.gates)+len(p.d.mends.rest) == 0 {
		return plan.Make(targets, p, p.d.cfg.Backend)
	}
	among := make(map[object.ID]struct{}, len(ids))
	for _, id := range ids {
		among[id] = struct{}{}
	}
	for opening := ids; ; {
		for id := range p.unblocked(opening, among) {
			targets = append(targets, p.target(id))
			among[id] = struct{}{}
		}
		made, err := plan.Make(targets, p, p.d.cfg.Backend)
		if err != nil {
			return nil, err
		}
		// What the plan draws in may open the way for others yet.
		if opening = p.brought(made); len(p.unblocked(opening, among)) == 0 {
			return made, nil
		}
	}
}

// unblocked are the routes that wait for a gateway, as trying has shown, which an
// object that is to be, or that is there, may make reachable.
func (p *planning) unblocked(ids []object.ID, among map[object.ID]struct{}) map[object.ID]struct{} {
	found := make(map[object.ID]struct{})
	for _, id := range ids {
		var o object.Object
		if c := p.wanted(id); c != nil {
			o = c.Object
		} else {
			o, _ = have(p.state(id), nil)
		}
		p.d.running(o, func(route object.ID) {
			if _, in := among[route]; !in && p.wanted(route) != nil {
				found[route] = struct{}{}
			}
		})
		if to, ok := network(o); ok {
			p.d.mends.behind(to, func(route object.ID) {
				if _, in := among[route]; !in && p.wanted(route) != nil {
					found[route] = struct{}{}
				}
			})
		}
	}
	return found
}

// running hands out what waits on a link where a protocol is switched on or off.
func (d *Driver) running(o object.Object, each func(object.ID)) {
	s, ok := o.(*object.Setting)
	if !ok || s.Name != object.ProtocolEnabled || len(d.mends.rest) == 0 {
		return
	}
	for id := range d.wish.byLink[s.Link].ids() {
		if _, waits := d.mends.rest[id]; waits {
			each(id)
		}
	}
}

// brought are the objects that a plan brings about or changes, and with a link
// the addresses on it, which may lead somewhere only now.
func (p *planning) brought(made *plan.Plan) []object.ID {
	var ids []object.ID
	for _, s := range made.Steps {
		if s.Op == plan.Delete {
			continue
		}
		ids = append(ids, s.ID)
		if s.ID.Kind != object.KindLink {
			continue
		}
		for _, on := range []set{p.d.wish.byLink[s.ID.Name], p.d.seen.byLink[s.ID.Name]} {
			for id := range on.ids() {
				if id.Kind == object.KindAddress {
					ids = append(ids, id)
				}
			}
		}
	}
	return ids
}
