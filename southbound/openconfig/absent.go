package openconfig

import (
	"github.com/outrigger-cnf/outrigger/gen/oc"
	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/translate"
)

// absentState renders an interface that is configured and not there: it is known,
// and not present (RFC 2863 §3.1.14). Its admin status is the configured one. A
// link that is there is rendered by what is seen of it.
func (m *Model) absentState(r *translate.Rendering, w southbound.World, s *object.Status, gone bool) {
	want := s.WantedLink()
	if want == nil || want.Kind == object.VRF || w.Link(want.Name) != nil {
		return // or a network instance, which has no such state
	}
	name, index := want.Name, uint32(0)
	if parent, i, ok := translate.CutSubinterface(name); ok && want.Kind == object.VLAN {
		name, index = parent, i
	}
	state := translate.Below(m.entry(name), "state")
	sub := translate.Below(m.entryBelow(name, index), "state")
	if gone || s.Condition == object.InSync {
		if index == 0 {
			r.None(state)
		}
		r.None(sub)
		return
	}
	admin, oper := adminStatus(want.Up), oc.OpenconfigInterfaces_Interfaces_Interface_State_OperStatus_NOT_PRESENT
	if index == 0 {
		r.Node(state, &interfaceState{
			Name: &name, Enabled: &want.Up, AdminStatus: admin, OperStatus: oper, LastChange: nanoseconds(s.Since),
		})
	}
	r.Node(sub, &subinterfaceState{
		Index: &index, Name: &want.Name, Enabled: &want.Up,
		AdminStatus: subinterfaceAdmin(admin), OperStatus: subinterfaceOper(oper), LastChange: nanoseconds(s.Since),
	})
}
