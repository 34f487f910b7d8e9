package vpptest

import (
	"fmt"

	"go.fd.io/govpp/api"
	interfaces "go.fd.io/govpp/binapi/interface"
	"go.fd.io/govpp/binapi/interface_types"
)

func subName(parent *link, id uint32) string { return fmt.Sprintf("%s.%d", parent.name, id) }

// addSub makes a subinterface that takes the frames with one tag, exactly.
func (l *life) addSub(parent *link, id uint32, flags interface_types.SubIfFlags, outer, inner uint16) (uint32, api.VPPApiError) {
	for _, s := range l.subs(parent) {
		if s.subID == id {
			return none, api.VLAN_ALREADY_EXISTS
		}
	}
	taken := false
	for _, s := range l.subs(parent) {
		taken = taken || s.outer == outer && s.inner == inner && s.subFlags == flags
	}
	k := l.links.add(l, subName(parent, id), parent.device)
	k.kind, k.parent, k.made = interface_types.IF_API_TYPE_SUB, parent.index, "sub"
	k.subID, k.subFlags, k.outer, k.inner = id, flags, outer, inner
	k.frame, k.carrier = parent.frame, parent.carrier
	switch {
	case flags&interface_types.SUB_IF_API_FLAG_ONE_TAG != 0:
		k.tags = 1
	case flags&interface_types.SUB_IF_API_FLAG_TWO_TAGS != 0:
		k.tags = 2
	}
	if taken { // found out only after it was made
		l.links.all[k.index] = nil
		l.links.free = append(l.links.free, k.index)
		l.stats.unlink(k.index)
		return k.index, api.UNSPECIFIED
	}
	l.linkEvent(k, false)
	return k.index, 0
}

var subHandlers = collect(
	on(func(l *life, _ *session, m *interfaces.CreateVlanSubif) []api.Message {
		k, i, v := l.links.get(m.SwIfIndex), none, api.VPPApiError(0)
		switch {
		case k == nil:
			v = api.INVALID_SW_IF_INDEX
		case m.VlanID == 0 || m.VlanID > 4095:
			v = api.INVALID_VLAN
		default:
			i, v = l.addSub(k, m.VlanID, interface_types.SUB_IF_API_FLAG_ONE_TAG|interface_types.SUB_IF_API_FLAG_EXACT_MATCH, uint16(m.VlanID), 0)
		}
		return []api.Message{&interfaces.CreateVlanSubifReply{Retval: int32(v), SwIfIndex: interface_types.InterfaceIndex(i)}}
	}),
	on(func(l *life, _ *session, m *interfaces.CreateSubif) []api.Message {
		k, i, v := l.links.get(m.SwIfIndex), none, api.INVALID_SW_IF_INDEX
		if k != nil {
			i, v = l.addSub(k, m.SubID, m.SubIfFlags, m.OuterVlanID, m.InnerVlanID)
		}
		return []api.Message{&interfaces.CreateSubifReply{Retval: int32(v), SwIfIndex: interface_types.InterfaceIndex(i)}}
	}),
	onResult(func(l *life, m *interfaces.DeleteSubif) api.VPPApiError {
		k := l.links.get(m.SwIfIndex)
		switch {
		case k == nil:
			return api.INVALID_SW_IF_INDEX
		case k.parent == k.index:
			return api.INVALID_SUB_SW_IF_INDEX
		}
		l.remove(k)
		return 0
	}),
)
