package ietf

import (
	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/translate"
)

// absentState renders an interface that is configured and not there: oper-status is
// not-present, and admin-status as configured (RFC 8343, RFC 2863 §3.1.14). A link
// that is there is rendered by what is seen of it.
func (m *Model) absentState(r *translate.Rendering, w southbound.World, s *object.Status, gone bool) {
	want := s.WantedLink()
	if want == nil || want.Kind == object.VRF || w.Link(want.Name) != nil {
		return
	}
	admin, oper, since := "down", object.OperNotPresent.String(), dateAndTime(s.Since)
	if want.Up {
		admin = "up"
	}
	if gone || s.Condition == object.InSync {
		admin, oper, since = "", "", ""
	}
	p := m.interfaceEntry(want.Name)
	r.Leaf(translate.Below(p, "admin-status"), admin)
	r.Leaf(translate.Below(p, "oper-status"), oper)
	r.Leaf(translate.Below(p, "last-change"), since)
}
