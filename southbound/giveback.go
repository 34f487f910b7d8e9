package southbound

import (
	"context"
	"slices"

	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
)

// giveBack puts back what steps that were carried out have taken with them unasked
// and that is not ours: routes that went with our last address, neighbors that went
// with a hardware address. What cannot be without what has gone is seen to have
// gone: not every dataplane tells of it.
func (r *run) giveBack(ctx context.Context) {
	d := r.d
	for _, link := range r.takers() {
		if d.seen.Link(link) == nil {
			continue
		}
		now, err := d.under(ctx, link)
		if err != nil {
			d.suspect[link] = struct{}{}
			continue
		}
		there := make(map[object.ID]bool, len(now))
		for _, s := range now {
			there[s.ID()] = true
		}
		var lost []object.ID
		for r := range d.seen.byLink[link] {
			if !there[r.id] && r.claim == nil && !owned(r.state) {
				lost = append(lost, r.id)
			}
		}
		slices.SortFunc(lost, object.ID.Compare) // addresses before routes
		for _, id := range lost {
			r.giveOneBack(ctx, link, d.seen.state(id))
		}
	}
}

func (r *run) giveOneBack(ctx context.Context, link string, was object.State) {
	d := r.d
	switch route, ok := was.(*object.RouteState); {
	case !ownDoing(was) && (!ok || route.Protocol != object.ProtocolRA):
		if err := d.restore(ctx, was); err != nil {
			d.log.Warn("something that is not ours went with the change and cannot be put back", "object", was.ID().String(), "err", err)
		}
	case !ok || !route.Survives(link):
		d.see(was.ID(), nil) // it is not on its link any more, and nowhere else
		return
	}
	o, _ := have(was, nil)
	if o == nil {
		return // learnt, and learnt again
	}
	if now, err := d.read(ctx, o); err == nil {
		d.see(was.ID(), now)
	}
}

// takers are the links that steps have taken something from: those of addresses that
// were the last of their family, those that have another hardware address, and those
// that went down.
func (r *run) takers() []string {
	var links []string
	for _, deed := range r.done {
		s, link := *deed.Step, ""
		switch o := s.Have.(type) {
		case *object.Address:
			if s.Op == plan.Delete && r.last(o) {
				link = o.Link
			}
		case *object.Link:
			if a := s.Attr(); a == object.MACAttr || a == object.Up && !s.Want.(*object.Link).Up {
				link = o.Name
			}
		}
		if link == "" || deed.void || s.Fresh() || slices.Contains(links, link) {
			continue
		}
		for on := range r.d.seen.byLink[link] {
			if o, _ := have(on.state, nil); o != nil && r.d.cfg.Backend.Takes(s, o) {
				links = append(links, link)
				break
			}
		}
	}
	return links
}

// last reports whether an address that has gone was its link's last of its family.
func (r *run) last(a *object.Address) bool {
	for other := range r.d.seen.Addresses(a.Link) {
		if object.FamilyOf(other.IP) == object.FamilyOf(a.IP) {
			return false
		}
	}
	return true
}
