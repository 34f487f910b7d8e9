package plan

import (
	"slices"

	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// Make plans the way from what the targets, each of another object, have to what
// they want. The only error is a *CycleError.
func Make(targets []Target, w World, rules Rules) (*Plan, error) {
	m := &maker{world: w, rules: rules, links: make(map[string]*item), order: make([]*item, len(targets))}
	items := make([]item, len(targets))
	for i, t := range targets {
		items[i].Target = &targets[i]
		m.order[i] = &items[i]
		if t.ID.Kind == object.KindLink {
			m.links[t.ID.Name] = &items[i]
		}
	}
	if err := m.cycle(); err != nil {
		return nil, err
	}
	m.settle()
	m.breakEarly()
	return m.plan(), nil
}

// item is a target under consideration.
type item struct {
	*Target
	decided bool
	want    object.Object // what the plan leads to, at most Want; nil: nothing
	how     verb
	wait    *Wait
	early   bool // its deletion comes before everything else
	after   bool // created once links have gone down or away
	rank    int  // see byRank
}

// verb is what becomes of an item.
type verb uint8

const (
	keep    verb = iota // as it is, or with updates in place
	create              // was not there
	remove              // shall not be there
	remake              // removed, then created
	succeed             // created, then the old one removed
)

// maker decides links, then settings, addresses and the rest, then what goes early.
type maker struct {
	world     World
	rules     Rules
	links     map[string]*item    // by name
	rest      map[object.ID]*item // what is no link; nil until something may be drawn in
	order     []*item             // as given and drawn in
	downs     []*item             // links that go down
	settings  []Step              // that change settings
	lasts     []Step              // that delete a link's last address of a family
	conflicts []Conflict
}

// draw makes an item of a target that is none yet.
func (m *maker) draw(t Target) {
	if m.rest == nil {
		m.rest = make(map[object.ID]*item, len(m.order))
		for _, it := range m.order {
			if it.ID.Kind != object.KindLink {
				m.rest[it.ID] = it
			}
		}
	}
	it := &item{Target: &t}
	switch {
	case t.ID.Kind == object.KindLink && m.links[t.ID.Name] == nil:
		m.links[t.ID.Name] = it
	case t.ID.Kind != object.KindLink && m.rest[t.ID] == nil:
		m.rest[t.ID] = it
	default:
		return
	}
	m.order = append(m.order, it)
}

// settle decides what becomes of each item. A link that comes, goes, is made
// anew, or changes between up and down draws in what stands on it. A link is
// decided again when one that it stands on has been; as links stand on each
// other without circles, that ends. What is not a link follows from the links.
func (m *maker) settle() {
	queue := m.upwards()
	for len(queue) > 0 {
		it := queue[0]
		queue = queue[1:]
		before, first := it.state(), !it.decided
		m.decide(it)
		if !first && it.state() == before || !m.unsettles(it) {
			continue
		}
		for _, t := range m.world.Dependents(it.ID.Name) {
			m.draw(t)
		}
		for _, above := range m.order {
			if above.ID.Kind == object.KindLink && above.standsOn(it.ID.Name) {
				queue = append(queue, above)
			}
		}
	}
	for _, it := range m.order {
		if it.ID.Kind == object.KindLink {
			m.halfPair(it)
		}
	}
	for _, it := range m.order {
		if it.ID.Kind == object.KindLink && it.how == keep && it.Have != nil && it.want != nil &&
			it.Have.(*object.Link).Up && !it.want.(*object.Link).Up {
			m.downs = append(m.downs, it)
		}
	}
	m.settleSettings()
	m.settleAddresses()
	for _, it := range m.order { // those that go with a last address
		if it.ID.Kind != object.KindSetting {
			continue
		}
		if !it.decided {
			m.decide(it)
			if s, needed := it.makeStep(); needed {
				m.settings = append(m.settings, s)
			}
		} else if it.how == keep && it.want != nil {
			m.taken(it)
		}
	}
	for _, it := range m.order {
		if it.ID.Kind == object.KindNeighbor || it.ID.Kind == object.KindRoute {
			m.decide(it)
		}
	}
}

// settleAddresses decides addresses, and draws in what a link may lose with its
// last one of a family.
func (m *maker) settleAddresses() {
	type of struct {
		link   string
		family object.Family
	}
	left, gone := make(map[of]int), make(map[of]*item)
	for i := 0; i < len(m.order); i++ { // the list grows, by others than addresses
		it := m.order[i]
		if it.ID.Kind != object.KindAddress {
			continue
		}
		m.decide(it)
		a, there := it.target().(*object.Address)
		if !there {
			continue // it waits
		}
		on := of{a.Link, object.FamilyOf(a.IP)}
		if _, counted := left[on]; !counted {
			left[on] = m.world.Addresses(on.link, on.family)
		}
		switch {
		case it.how == remove:
			left[on]--
			gone[on] = it
		case it.how == create && !it.after:
			left[on]++
		}
	}
	for on, it := range gone {
		if left[on] > 0 || m.remade(on.link) {
			continue
		}
		s := Step{Op: Delete, ID: it.ID, Have: it.Have}
		m.lasts = append(m.lasts, s)
		for _, t := range m.world.Dependents(on.link) {
			if m.rules.Takes(s, targetObject(t)) || t.Have != nil && m.rules.Takes(s, t.Have) {
				m.draw(t)
			}
		}
	}
}

// settleSettings decides settings, and draws in what they may take along: a
// link's dependents, and for a global setting those of links.
func (m *maker) settleSettings() {
	for i := 0; i < len(m.order); i++ { // the list grows
		it := m.order[i]
		if it.ID.Kind != object.KindSetting {
			continue
		}
		m.decide(it)
		for _, t := range m.switched(it) {
			m.draw(t)
		}
		if s, needed := it.makeStep(); needed {
			m.settings = append(m.settings, s)
			for _, t := range m.world.Dependents(it.want.(*object.Setting).Link) {
				if m.rules.Takes(s, targetObject(t)) {
					m.draw(t)
				}
			}
		}
	}
	for _, it := range m.order {
		if it.ID.Kind == object.KindSetting && it.how == keep && it.want != nil {
			m.taken(it)
		}
	}
}

// switched are the IPv6 addresses of a link whose IPv6 an item is the switch of: they
// wait while it is off.
func (m *maker) switched(it *item) []Target {
	set, ok := it.target().(*object.Setting)
	if !ok || set.Name != object.ProtocolEnabled || set.Family != object.IPv6 {
		return nil
	}
	return slices.DeleteFunc(m.world.Dependents(set.Link), func(t Target) bool {
		a, ok := targetObject(t).(*object.Address)
		return !ok || a.IP.Is4()
	})
}

func targetObject(t Target) object.Object {
	if t.Want != nil {
		return t.Want.Object
	}
	return t.Have
}

// halfPair lets one end of a veth wait where the other end is there without it:
// somebody has taken it to a place that cannot be seen from here.
func (m *maker) halfPair(it *item) {
	if it.how != create {
		return
	}
	l := it.want.(*object.Link)
	if l.Peer == "" || !m.stays(l.Peer) {
		return
	}
	it.how, it.want = keep, nil
	it.wait = &Wait{ID: it.ID, Link: l.Name, Reason: "link " + l.Name + " has been moved away: its other end " + l.Peer + " is here without it"}
}

// upwards returns the items that are links, those that others stand on first.
func (m *maker) upwards() []*item {
	sorted := make([]*item, 0, len(m.links))
	seen := make(map[*item]bool, len(m.links))
	var visit func(it *item)
	visit = func(it *item) {
		if seen[it] {
			return
		}
		seen[it] = true
		for name := range object.Links(targetObject(*it.Target)) {
			if below := m.links[name]; below != nil {
				visit(below)
			}
		}
		sorted = append(sorted, it)
	}
	for _, it := range m.order {
		if it.ID.Kind == object.KindLink {
			visit(it)
		}
	}
	return sorted
}

func (it *item) standsOn(link string) bool {
	return it.Want != nil && object.Needs(it.Want.Object, link) ||
		it.Have != nil && object.Needs(it.Have, link)
}

// stays reports whether a link is there and not removed in this plan.
func (m *maker) stays(link string) bool {
	if it := m.links[link]; it != nil {
		return it.Have != nil && it.how == keep
	}
	return m.world.Link(link) != nil
}

type itemState struct {
	how  verb
	gone bool
	up   bool
}

func (it *item) state() itemState {
	s := itemState{how: it.how, gone: it.want == nil}
	if l, ok := it.want.(*object.Link); ok {
		s.up = l.Up
	}
	return s
}

// unsettles reports whether what stands on a link must be looked at.
func (m *maker) unsettles(it *item) bool {
	if it.how != keep {
		return true
	}
	if it.Have == nil || it.want == nil {
		return false
	}
	have, want := it.Have.(*object.Link), it.want.(*object.Link)
	return have.Up != want.Up || have.MTU != want.MTU || have.MAC != want.MAC || have.Master != want.Master || have.Lender != want.Lender
}
