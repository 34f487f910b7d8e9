package plan

import (
	"fmt"
	"slices"

	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// Make plans the way from what the targets have to what they want. The only
// error is a *CycleError.
func Make(targets []Target, w World, rules Rules) (*Plan, error) {
	m := &maker{world: w, rules: rules, at: make(map[object.ID]*item, len(targets))}
	for _, t := range targets {
		m.add(t)
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
	Target
	decided bool
	want    object.Object // what the plan leads to, at most Want; nil: nothing
	how     verb
	wait    *Wait
	early   bool // its deletion comes before everything else
	after   bool // made anew once a link has gone down
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

// maker decides in three passes: links, what stands on them, what goes early.
type maker struct {
	world     World
	rules     Rules
	at        map[object.ID]*item
	order     []*item // as given and drawn in
	settings  []Step  // that change settings
	conflicts []Conflict
}

func (m *maker) add(t Target) *item {
	if it := m.at[t.ID]; it != nil {
		return it
	}
	it := &item{Target: t}
	m.at[t.ID] = it
	m.order = append(m.order, it)
	return it
}

// settle decides what becomes of each item. A link that comes, goes, is made
// anew, or changes between up and down draws in what stands on it. A link is
// decided again when one that it stands on has been; as links stand on each
// other without circles, that ends. What is not a link follows from the links.
func (m *maker) settle() {
	queue := m.links()
	for len(queue) > 0 {
		it := queue[0]
		queue = queue[1:]
		before, first := it.state(), !it.decided
		m.decide(it)
		if !first && it.state() == before || !m.unsettles(it) {
			continue
		}
		for _, t := range m.world.Dependents(it.ID.Name) {
			m.add(t)
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
	m.settleSettings()
	for _, it := range m.order {
		if it.ID.Kind != object.KindLink && it.ID.Kind != object.KindSetting {
			m.decide(it)
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
		for _, s := range it.makeSteps() {
			m.settings = append(m.settings, s)
			for _, t := range m.world.Dependents(it.want.(*object.Setting).Link) {
				if m.rules.Takes(s, targetObject(t)) {
					m.add(t)
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

// links returns the items that are links, those that others stand on first.
func (m *maker) links() []*item {
	var sorted []*item
	seen := make(map[*item]bool)
	var visit func(it *item)
	visit = func(it *item) {
		if seen[it] {
			return
		}
		seen[it] = true
		for _, name := range it.needs() {
			if below := m.at[object.LinkID(name)]; below != nil {
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

// needs returns the links that an item wants to stand on, or, if it is to go,
// stands on.
func (it *item) needs() []string {
	switch {
	case it.Want != nil:
		return object.Links(it.Want.Object)
	case it.Have != nil:
		return object.Links(it.Have)
	}
	return nil
}

func (it *item) standsOn(link string) bool {
	return it.Want != nil && slices.Contains(object.Links(it.Want.Object), link) ||
		it.Have != nil && slices.Contains(object.Links(it.Have), link)
}

// stays reports whether a link is there and not removed in this plan.
func (m *maker) stays(link string) bool {
	if it := m.at[object.LinkID(link)]; it != nil {
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
	return have.Up != want.Up || have.MTU != want.MTU
}

// decide says what becomes of an item, given what has been decided of its links.
func (m *maker) decide(it *item) {
	it.decided, it.want, it.how, it.wait, it.after = true, nil, keep, nil, false
	if it.Want != nil {
		it.want, it.wait = m.possible(it)
	}
	switch {
	case it.want == nil && it.Have == nil:
	case it.want == nil:
		if it.Owned {
			it.how = remove
		}
	case it.Have == nil:
		it.how = create
	default:
		it.how = m.manner(it)
		if it.how == keep && it.want != it.Have {
			m.taken(it)
		}
	}
}

// possible returns what of it.Want can be, and what it waits for if that is less
// than all.
func (m *maker) possible(it *item) (object.Object, *Wait) {
	switch o := it.Want.Object.(type) {
	case *object.Link:
		return m.possibleLink(it, o)
	case *object.Route:
		return m.possibleRoute(it.ID, o)
	default:
		for _, name := range object.Links(o) {
			if reason := m.missing(name, o); reason != "" {
				return nil, &Wait{ID: it.ID, Link: name, Reason: reason}
			}
		}
		return o, nil
	}
}

func (m *maker) possibleLink(it *item, l *object.Link) (object.Object, *Wait) {
	created := it.Want.Has(object.LinkKindAttr) && l.Kind != object.Existing
	if !created && (it.Have == nil || it.Owned) {
		return nil, &Wait{ID: it.ID, Link: l.Name, Reason: "link " + l.Name + " is not there"}
	}
	if created && l.Parent != "" {
		if reason := m.missing(l.Parent, nil); reason != "" {
			return nil, &Wait{ID: it.ID, Link: l.Parent, Reason: reason}
		}
	}
	full := &object.Link{Name: l.Name}
	if it.Have != nil {
		*full = *it.Have.(*object.Link)
	}
	var want object.Object = full
	for _, a := range object.Attrs(l) {
		if it.Want.Has(a) {
			want = object.With(want, l, a)
		}
	}
	if it.Want.Has(object.Master) && l.Master != "" {
		if reason := m.missing(l.Master, nil); reason != "" {
			want.(*object.Link).Master = ""
			return want, &Wait{ID: it.ID, Link: l.Master, Reason: reason, Partly: true}
		}
	}
	return want, nil
}

// possibleRoute leaves next hops out whose link is missing, as long as there are
// others.
func (m *maker) possibleRoute(id object.ID, r *object.Route) (object.Object, *Wait) {
	if r.Type != object.Unicast {
		return r, nil
	}
	var wait *Wait
	usable := make([]object.NextHop, 0, len(r.NextHops))
	for _, h := range r.NextHops {
		if h.Link != "" {
			if reason := m.missing(h.Link, r); reason != "" {
				if wait == nil {
					wait = &Wait{ID: id, Link: h.Link, Reason: reason}
				} else {
					wait.Reason += ", " + reason
				}
				continue
			}
		}
		usable = append(usable, h)
	}
	if len(usable) == 0 {
		return nil, wait
	}
	if wait == nil {
		return r, nil
	}
	wait.Partly = true
	part := *r
	part.NextHops = usable
	return &part, wait
}

// missing says why a link cannot carry o, which may be nil; empty if it can.
func (m *maker) missing(name string, o object.Object) string {
	up := false
	switch it := m.at[object.LinkID(name)]; {
	case it == nil || !it.decided:
		l := m.world.Link(name)
		if l == nil {
			return "link " + name + " is not there"
		}
		up = l.Up
	case it.want != nil:
		up = it.want.(*object.Link).Up
	case it.Want == nil && it.Have != nil && !it.Owned: // somebody else's
		up = it.Have.(*object.Link).Up
	default:
		return "link " + name + " is not there"
	}
	if o != nil && !up && m.rules.NeedsUp(o) {
		return "link " + name + " is down"
	}
	return ""
}

// manner says how it.Have becomes it.want, and notes a conflict where it may not.
func (m *maker) manner(it *item) verb {
	how := keep
	for _, a := range object.Attrs(it.want) {
		if object.Same(it.Have, it.want, a) {
			continue
		}
		manner := m.rules.Change(it.Have, it.want, a)
		// Of a link that is not ours, attributes may change but it must not go;
		// anything else that is not ours may not even change.
		if !it.Owned && (it.ID.Kind != object.KindLink && it.ID.Kind != object.KindSetting || manner != InPlace) {
			m.conflict(it, a)
			return keep
		}
		switch manner {
		case BreakBeforeMake:
			how = remake
		case MakeBeforeBreak:
			how = max(how, succeed)
			if how == succeed {
				continue
			}
		}
	}
	if how == remake || how == succeed {
		return how
	}
	// A link that stands on one that is made anew must itself be made anew.
	if l, ok := it.want.(*object.Link); ok && it.Owned && l.Parent != "" && m.remade(l.Parent) {
		return remake
	}
	return keep
}

func (m *maker) conflict(it *item, a object.Attr) {
	reason := fmt.Sprintf("%s is there with %s %s, and is not ours to change to %s",
		it.ID, a, object.Text(it.Have, a), object.Text(it.want, a))
	it.want = it.Have
	for _, c := range m.conflicts {
		if c.ID == it.ID {
			return
		}
	}
	m.conflicts = append(m.conflicts, Conflict{ID: it.ID, Attr: a, Have: it.Have, Want: it.Want, Reason: reason})
}

// remade reports whether a link is removed in this plan, whether or not it is
// created again.
func (m *maker) remade(link string) bool {
	it := m.at[object.LinkID(link)]
	return it != nil && (it.how == remake || it.how == remove)
}

// taken makes an item anew that a step on one of its links would remove.
func (m *maker) taken(it *item) {
	if it.ID.Kind == object.KindLink {
		return
	}
	for _, name := range object.Links(it.Have) {
		if m.remade(name) {
			it.how = remake
			return
		}
	}
	for _, s := range m.settings {
		link := s.Want.(*object.Setting).Link
		if s.ID != it.ID && (link == "" || slices.Contains(object.Links(it.want), link)) && m.rules.Takes(s, it.want) {
			it.how = remake
			return
		}
	}
	for _, name := range object.Links(it.want) {
		link := m.at[object.LinkID(name)]
		if link == nil {
			continue
		}
		for _, s := range link.updates() {
			if m.rules.Takes(s, it.want) {
				it.how = remake
				it.after = s.Attr() == object.Up
				return
			}
		}
	}
}

// breakEarly decides which deletions come first: those of what is made anew,
// those of what holds a key that something new needs, and those of all that
// stands on a link that goes early.
func (m *maker) breakEarly() {
	needed := make(map[string]bool)
	for _, it := range m.order {
		if it.how == create || it.how == remake || it.how == succeed {
			if key := m.rules.Exclusive(it.want); key != "" {
				needed[key] = true
			}
		}
	}
	early := make(map[string]bool) // links
	for _, it := range m.order {
		switch it.how {
		case remake:
			it.early = !it.after
		case remove:
			key := m.rules.Exclusive(it.Have)
			it.early = key != "" && needed[key]
		}
		if it.early && it.ID.Kind == object.KindLink {
			early[it.ID.Name] = true
			if peer := it.Have.(*object.Link).Peer; peer != "" {
				early[peer] = true
			}
		}
	}
	for changed := len(early) > 0; changed; {
		changed = false
		for _, it := range m.order {
			if it.early || it.after || it.how != remove && it.how != remake {
				continue
			}
			stands := slices.ContainsFunc(object.Links(it.Have), func(l string) bool { return early[l] }) ||
				it.ID.Kind == object.KindLink && early[it.ID.Name]
			if !stands {
				continue
			}
			it.early = true
			if it.ID.Kind == object.KindLink && !early[it.ID.Name] {
				early[it.ID.Name] = true
				changed = true
			}
		}
	}
}
