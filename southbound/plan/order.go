package plan

import (
	"cmp"
	"slices"

	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// plan lays the decided items out as steps.
func (m *maker) plan() *Plan {
	p := &Plan{Conflicts: m.conflicts, About: make([]object.ID, 0, len(m.order)), Steps: make([]Step, 0, len(m.order))}
	slices.SortFunc(p.Conflicts, func(a, b Conflict) int { return a.ID.Compare(b.ID) })
	items := m.byDepth()
	for _, it := range m.order {
		p.About = append(p.About, it.ID)
		if it.wait != nil {
			p.Waits = append(p.Waits, *it.wait)
		}
	}
	remove := func(gone []*item, early bool) {
		for _, it := range gone {
			p.Steps = append(p.Steps, m.deletion(it, early))
		}
	}
	create := func(made []*item) {
		for _, it := range made {
			if s, needed := it.makeStep(); needed {
				p.Steps = append(p.Steps, s)
			}
		}
	}
	gone, links := m.deletes(items, true)
	p.Steps = append(p.Steps, m.leaves(items)...)
	remove(gone, true)
	remove(links, true)
	made := m.makes(items)
	p.Steps = append(p.Steps, slices.Concat(made.phases...)...)
	create(made.rest)
	gone, links = m.deletes(items, false)
	remove(gone, false)
	p.Steps = append(p.Steps, made.down...)
	remove(links, false)
	create(made.after)
	return p
}

// byDepth returns the links with those that others stand on first, by name where
// neither stands on the other, and after them the rest by kind and name.
func (m *maker) byDepth() []*item {
	slices.SortFunc(m.order, func(a, b *item) int { return a.ID.Compare(b.ID) })
	return append(m.upwards(), m.order[len(m.links):]...)
}

// making is what is created and updated.
type making struct {
	phases [][]Step // of links and settings
	rest   []*item  // what stands on links
	down   []Step   // links that go down, when what cannot stand on them any more has gone
	after  []*item  // what they take along
}

// makes returns creations and updates in phases: what leaves a master to become a
// parent, links, their attributes, their masters, who lends them addresses, MTUs (a bridge's may follow its ports' until it is set), settings, up,
// then what stands on links. Links go down only when what cannot stand on them any
// more has gone, and what they take along is made after.
func (m *maker) makes(items []*item) making {
	var leave, links, attrs, masters, borrow, grow, shrink, global, settings, up []Step
	var made making
	parents := m.parents()
	for _, it := range items {
		if it.target() == nil {
			continue // it waits, and nothing of it is there
		}
		switch {
		case it.ID.Kind == object.KindLink:
			if it.how == create || it.how == remake {
				if s, needed := m.createLink(it); needed {
					links = append(links, s)
				}
			}
			for _, s := range m.linkUpdates(it) {
				switch {
				case s.Attr() == object.Master && !s.fresh && s.Have.(*object.Link).Master != "" && parents[it.ID.Name]:
					leave = append(leave, s)
				case s.Attr() == object.Master:
					masters = append(masters, s)
				case s.Attr() == object.Lender && s.Want.(*object.Link).Lender != "":
					borrow = append(borrow, s)
				case s.Attr() == object.Up && s.Want.(*object.Link).Up:
					up = append(up, s)
				case s.Attr() == object.Up:
					made.down = append(made.down, s)
				case s.Attr() == object.MTU && !s.fresh && s.Want.(*object.Link).MTU < s.Have.(*object.Link).MTU:
					shrink = append(shrink, s)
				case s.Attr() == object.MTU:
					grow = append(grow, s)
				default:
					attrs = append(attrs, s)
				}
			}
		case it.after:
			made.after = append(made.after, it)
		case it.ID.Kind == object.KindSetting:
			if s, needed := it.makeStep(); !needed {
				continue
			} else if s.Want.(*object.Setting).Link == "" {
				global = append(global, s)
			} else {
				settings = append(settings, s)
			}
		default:
			made.rest = append(made.rest, it)
		}
	}
	slices.Reverse(shrink)    // an upper link's MTU must not exceed its lower's
	slices.Reverse(made.down) // nor may it be up on one that is down
	byRank(made.rest, (*item).target)
	byRank(made.after, (*item).target)
	made.phases = [][]Step{leave, links, attrs, masters, borrow, grow, shrink, global, settings, up}
	return made
}

// parents are the links that are to have new links on them. Some dataplanes let
// them have none as long as they are ports.
func (m *maker) parents() map[string]bool {
	parents := make(map[string]bool)
	for _, it := range m.order {
		if it.ID.Kind == object.KindLink && (it.how == create || it.how == remake) {
			parents[it.want.(*object.Link).Parent] = true
		}
	}
	return parents
}

// target is what an item is about, as wanted or as it is.
func (it *item) target() object.Object {
	if it.want != nil {
		return it.want
	}
	return it.Have
}

// makeStep is the step that brings about what is not a link.
func (it *item) makeStep() (s Step, needed bool) {
	switch it.how {
	case create, remake, succeed:
		return Step{Op: Create, ID: it.ID, Want: it.want, Attrs: object.Attrs(it.want)}, true
	case keep:
		if it.want != nil && it.Have != nil && !same(it.Have, it.want) {
			return Step{Op: Update, ID: it.ID, Have: it.Have, Want: it.want, Attrs: object.Attrs(it.want)}, true
		}
	}
	return Step{}, false
}

func same(have, want object.Object) bool {
	for _, a := range object.Attrs(want) {
		if !object.Same(have, want, a) {
			return false
		}
	}
	return true
}

// byRank orders what is made: by kind; routes that lead to a link before those that
// lead to a gateway, which the former may make reachable, and longer prefixes first.
// Of one rank, the order stays.
func byRank(items []*item, of func(*item) object.Object) {
	for _, it := range items {
		it.rank = int(it.ID.Kind) << 16
		if r, ok := of(it).(*object.Route); ok {
			it.rank += gateways(r)<<8 + 128 - r.Prefix.Bits()
		}
	}
	compare := func(a, b *item) int { return cmp.Compare(a.rank, b.rank) }
	if !slices.IsSortedFunc(items, compare) {
		slices.SortStableFunc(items, compare)
	}
}

func gateways(r *object.Route) int {
	for _, h := range r.NextHops {
		if h.Via.IsValid() {
			return 1
		}
	}
	return 0
}

// createLink returns the creation of a link; not needed for the second end of a
// veth whose first end is created here too.
func (m *maker) createLink(it *item) (s Step, needed bool) {
	l := it.want.(*object.Link)
	s = Step{Op: Create, ID: it.ID, Want: l}
	for _, a := range object.Attrs(l) {
		switch a {
		case object.TypeAttr, object.MTU, object.MACAttr, object.Master, object.Lender, object.Up:
		default:
			if it.Want.Has(a) {
				s.Attrs = append(s.Attrs, a)
			}
		}
	}
	if l.Peer == "" || l.Peer > l.Name {
		return s, true
	}
	peer := m.links[l.Peer]
	return s, peer == nil || peer.how != create && peer.how != remake
}

// linkUpdates returns the updates of a link, those included that follow its
// creation or that of its master.
func (m *maker) linkUpdates(it *item) []Step {
	switch it.how {
	case keep:
		return m.rejoined(it, it.updates())
	case create, remake:
		var steps []Step
		want := it.want.(*object.Link)
		blank := &object.Link{Name: want.Name, Kind: want.Kind, Peer: want.Peer}
		for _, a := range []object.Attr{object.MTU, object.MACAttr, object.Master, object.Lender, object.Up} {
			if it.Want.Has(a) && !object.Same(blank, want, a) {
				steps = append(steps, linkUpdate(blank, want, a, true))
			}
		}
		if second, needed := m.createLink(it); !needed && want.Description != "" {
			steps = append(steps, linkUpdate(blank, second.Want, object.Description, true))
		}
		return steps
	}
	return nil
}

// updates returns the changes in place that bring a link from Have to want.
func (it *item) updates() []Step {
	if it.how != keep || it.Have == nil || it.want == nil {
		return nil
	}
	var steps []Step
	for _, a := range object.Attrs(it.want) {
		if !object.Same(it.Have, it.want, a) {
			steps = append(steps, linkUpdate(it.Have, it.want, a, false))
		}
	}
	return steps
}

func linkUpdate(have, want object.Object, a object.Attr, fresh bool) Step {
	return Step{
		Op: Update, ID: want.ID(), Have: have, Want: object.With(have, want, a),
		Attrs: []object.Attr{a}, fresh: fresh,
	}
}

// bonds are the attributes of a link that name one that it can leave: its master,
// and who lends it addresses.
var bonds = [...]struct {
	attr object.Attr
	of   func(l *object.Link) *string
}{
	{object.Master, func(l *object.Link) *string { return &l.Master }},
	{object.Lender, func(l *object.Link) *string { return &l.Lender }},
}

// rejoined corrects the updates of a link whose present master, or lender, is removed
// in this plan: the link leaves it, and joins it again if it is made anew.
func (m *maker) rejoined(it *item, steps []Step) []Step {
	for _, bond := range bonds {
		l := it.released(m, bond.of)
		if l == nil {
			continue
		}
		from, to := *l, *bond.of(it.want.(*object.Link))
		if to == *bond.of(l) && m.links[to].how == remove {
			to = ""
		}
		if m.leavesEarly(it, bond.of) {
			*bond.of(&from) = "" // by a step of deletes
		}
		steps = slices.DeleteFunc(steps, func(s Step) bool { return s.Attr() == bond.attr })
		if *bond.of(&from) != to {
			joined := from
			*bond.of(&joined) = to
			steps = append(steps, linkUpdate(&from, &joined, bond.attr, false))
		}
	}
	return steps
}

// released returns what a link has, if one that it is bound to at present is removed
// in this plan and the link is not.
func (it *item) released(m *maker, bond func(*object.Link) *string) *object.Link {
	if it.how != keep || it.Have == nil || it.want == nil {
		return nil
	}
	l := it.Have.(*object.Link)
	if *bond(l) == "" || !m.remade(*bond(l)) {
		return nil
	}
	return l
}

func (m *maker) leavesEarly(it *item, bond func(*object.Link) *string) bool {
	to := m.links[*bond(it.Have.(*object.Link))]
	return to != nil && to.early
}

// leaves returns the updates by which links leave what is removed first.
func (m *maker) leaves(items []*item) (masters []Step) {
	for _, it := range items[:len(m.links)] {
		for _, bond := range bonds {
			if l := it.released(m, bond.of); l != nil && m.leavesEarly(it, bond.of) {
				free := *l
				*bond.of(&free) = ""
				masters = append(masters, linkUpdate(l, &free, bond.attr, false))
			}
		}
	}
	return masters
}

// deletes returns what is deleted in order: what comes first, or what comes last.
// What stands on links goes before them, upper links before lower ones.
func (m *maker) deletes(items []*item, early bool) (rest, links []*item) {
	for _, it := range items {
		switch {
		case (it.how != succeed || early) && (it.how != remove && it.how != remake || it.early != early):
		case it.ID.Kind == object.KindLink:
			links = append(links, it)
		default:
			rest = append(rest, it)
		}
	}
	byRank(rest, func(it *item) object.Object { return it.Have })
	slices.Reverse(rest)
	slices.Reverse(links)
	return rest, links
}

// deletion is the step that removes an item.
func (m *maker) deletion(it *item, early bool) Step {
	s := Step{Op: Delete, ID: it.ID, Have: it.Have}
	switch it.ID.Kind {
	case object.KindLink:
		s.Paired = m.goesWithPeer(it, early)
	case object.KindSetting: // one that is overwritten, or goes with its link
		s.Paired = it.how == remake || m.onRemade(it.Have)
	}
	return s
}

// goesWithPeer reports whether the other end of a veth is deleted at the same
// time and does the work: the end with the lesser name, if it is ours.
func (m *maker) goesWithPeer(it *item, early bool) bool {
	l := it.Have.(*object.Link)
	if l.Peer == "" || l.Peer > l.Name {
		return false
	}
	peer := m.links[l.Peer]
	return peer != nil && (peer.how == remove || peer.how == remake) && peer.early == early
}
