package plan

import (
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// breakEarly decides which deletions come first: those of what is made anew,
// those of what holds a key that something new needs, those of links on a link that
// becomes a port, which some dataplanes let be only one of the two, and those of all
// that stands on a link that goes early.
func (m *maker) breakEarly() {
	needed := make(map[string]bool)
	joining := make(map[string]bool) // links
	for _, it := range m.order {
		if it.joins() {
			joining[it.ID.Name] = true
		}
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
			it.early = key != "" && needed[key] || m.inTheWay(it)
			if l, ok := it.Have.(*object.Link); ok && joining[l.Parent] {
				it.early = true
			}
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
			stands := it.ID.Kind == object.KindLink && early[it.ID.Name]
			for link := range object.Links(it.Have) {
				stands = stands || early[link]
			}
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

// inTheWay reports whether an item that is removed is what a change of its link, or
// of a setting of it, would take with it: some dataplanes refuse such a change until it has gone.
func (m *maker) inTheWay(it *item) bool {
	if it.ID.Kind == object.KindLink || it.Have == nil {
		return false
	}
	for name := range object.Links(it.Have) {
		link := m.links[name]
		if link == nil {
			continue
		}
		for _, s := range link.updates() {
			if a := s.Attr(); (a == object.Master || a == object.Lender) && m.rules.Takes(s, it.Have) {
				return true
			}
		}
	}
	if a, ok := it.Have.(*object.Address); ok {
		for _, s := range m.settings {
			if s.Want.(*object.Setting).Link == a.Link && m.rules.Takes(s, a) {
				return true
			}
		}
	}
	return false
}

// joins reports whether an item is a link that is there and becomes a port.
func (it *item) joins() bool {
	if it.how != keep || it.Have == nil || it.want == nil || it.ID.Kind != object.KindLink {
		return false
	}
	master := it.want.(*object.Link).Master
	return master != "" && master != it.Have.(*object.Link).Master
}
