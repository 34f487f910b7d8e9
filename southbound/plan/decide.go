package plan

import (
	"fmt"
	"iter"
	"slices"

	"github.com/outrigger-cnf/outrigger/southbound/object"
)

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
		if it.want == it.Have {
			return // a conflict: it stays as it is
		}
	}
	m.taken(it)
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
		for name := range object.Links(o) {
			if reason := m.missing(name, o); reason != "" {
				return nil, &Wait{ID: it.ID, Link: name, Reason: reason}
			}
		}
		if a, ok := o.(*object.Address); ok && a.IP.Is6() && m.switchedOff(a.Link) {
			return nil, &Wait{ID: it.ID, Link: a.Link, Reason: "IPv6 is switched off on link " + a.Link}
		}
		return o, nil
	}
}

// switchedOff reports whether a link is configured to be without IPv6. Some dataplanes
// switch it on with an address.
func (m *maker) switchedOff(link string) bool {
	c := m.world.Claimed(object.SettingID(object.ProtocolEnabled, object.IPv6, link))
	return c != nil && c.Has(object.ValueAttr) && c.Object.(*object.Setting).Value == 0
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
	if it.Have != nil && !(it.Anew && it.Owned) {
		*full = *it.Have.(*object.Link)
	}
	var want object.Object = full
	for _, a := range object.Attrs(l) {
		if it.Want.Has(a) {
			want = object.With(want, l, a)
		}
	}
	var wait *Wait
	partly := func(link, reason string) {
		if wait == nil {
			wait = &Wait{ID: it.ID, Link: link, Reason: reason, Partly: true}
		} else {
			wait.Reason += ", " + reason
		}
	}
	for _, ref := range []struct {
		attr  object.Attr
		name  string
		blank *string
	}{{object.Master, l.Master, &want.(*object.Link).Master}, {object.Lender, l.Lender, &want.(*object.Link).Lender}} {
		if !it.Want.Has(ref.attr) || ref.name == "" {
			continue
		}
		if reason := m.missing(ref.name, nil); reason != "" {
			partly(ref.name, reason)
			*ref.blank = ""
		}
	}
	if up := want.(*object.Link); up.Up && up.Parent != "" && it.Want.Has(object.Up) {
		if reason := m.missing(up.Parent, up); reason != "" {
			partly(up.Parent, reason)
			up.Up = false
		}
	}
	return want, wait
}

// possibleRoute leaves next hops out whose link is missing, as long as there are
// others. The VRF whose table it is in must be there.
func (m *maker) possibleRoute(id object.ID, r *object.Route) (object.Object, *Wait) {
	if r.Table != "" {
		if reason := m.missing(r.Table, nil); reason != "" {
			return nil, &Wait{ID: id, Link: r.Table, Reason: reason}
		}
	}
	if r.Type != object.Unicast {
		return r, nil
	}
	var wait *Wait
	var usable []object.NextHop // once something is missing
	for i, h := range r.NextHops {
		reason := ""
		if h.Link != "" {
			reason = m.missing(h.Link, r)
		}
		switch {
		case reason == "" && wait != nil:
			usable = append(usable, h)
		case reason == "":
		case wait == nil:
			wait = &Wait{ID: id, Link: h.Link, Reason: reason}
			usable = slices.Clone(r.NextHops[:i])
		default:
			wait.Reason += ", " + reason
		}
	}
	switch {
	case wait == nil && len(r.NextHops) > 0:
		return r, nil
	case len(usable) == 0:
		return nil, wait
	}
	wait.Partly = true
	return r.With(usable), wait
}

// missing says why a link cannot carry o, which may be nil; empty if it can.
func (m *maker) missing(name string, o object.Object) string {
	var up bool
	switch it := m.links[name]; {
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
	if it.Anew && it.Owned {
		return remake
	}
	for _, a := range object.Attrs(it.want) {
		if object.Same(it.Have, it.want, a) {
			continue
		}
		manner := BreakBeforeMake // what a link is of type, nothing changes in place
		if a != object.TypeAttr {
			manner = m.rules.Change(it.Have, it.want, a)
		}
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
	it := m.links[link]
	return it != nil && (it.how == remake || it.how == remove)
}

// onRemade reports whether an object stands on a link that is removed in this plan.
func (m *maker) onRemade(o object.Object) bool {
	for link := range object.Links(o) {
		if m.remade(link) {
			return true
		}
	}
	return false
}

// taken makes an item anew that a step would remove, and lets what is created
// wait for a step that would remove it at once.
func (m *maker) taken(it *item) {
	if it.ID.Kind == object.KindLink || it.want == nil {
		return
	}
	if it.how == keep && m.onRemade(it.Have) {
		it.how = remake
	}
	for link := range object.Links(it.Seen) {
		if m.remade(link) && it.how == keep {
			it.how = remake
			it.after = m.links[link].how == remove // its gateway may yet be on another
		}
	}
	for _, s := range m.settings {
		link := s.Want.(*object.Setting).Link
		if it.how == keep && s.ID != it.ID && (link == "" || object.Needs(it.want, link)) && m.rules.Takes(s, it.want) {
			it.how = remake
		}
	}
	for _, s := range m.lasts {
		if mayStand(it.want, s.Have.(*object.Address).Link) && m.rules.Takes(s, it.want) {
			if it.how == keep {
				it.how = remake
			}
			it.after = true
		}
	}
	for link := range m.under(it.want) {
		for _, s := range link.updates() {
			if !m.rules.Takes(s, it.want) {
				continue
			}
			if it.how == keep {
				it.how = remake
			}
			it.after = it.after || s.Attr() == object.Up
		}
	}
}

// under yields the links among the items that o stands on, or may.
func (m *maker) under(o object.Object) iter.Seq[*item] {
	return func(yield func(*item) bool) {
		for name := range object.Links(o) {
			if link := m.links[name]; link != nil && !yield(link) {
				return
			}
		}
		if roams(o) {
			for _, link := range m.downs {
				if !yield(link) {
					return
				}
			}
		}
	}
}

// mayStand reports whether o stands on a link, or may.
func mayStand(o object.Object, link string) bool {
	return roams(o) || object.Needs(o, link)
}

// roams reports whether o is a route with a next hop of which nobody knows yet
// what link it leads to.
func roams(o object.Object) bool {
	r, ok := o.(*object.Route)
	return ok && slices.ContainsFunc(r.NextHops, func(h object.NextHop) bool { return h.Link == "" })
}
