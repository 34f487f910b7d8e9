package vpptest

import (
	"encoding/binary"
	"fmt"
	"strings"

	"go.fd.io/govpp/api"
	"go.fd.io/govpp/binapi/ethernet_types"
	interfaces "go.fd.io/govpp/binapi/interface"
	"go.fd.io/govpp/binapi/interface_types"
	"go.fd.io/govpp/binapi/l2"
)

// none is an interface's index where there is no interface.
const none = ^uint32(0)

// link is an interface as VPP keeps it.
type link struct {
	index   uint32
	parent  uint32 // of a subinterface; otherwise itself
	name    string
	device  string // interface_dev_type
	kind    interface_types.IfType
	admin   bool
	carrier bool
	told    bool // that it has a carrier
	mac     ethernet_types.MacAddress
	frame   uint16    // MTU of the hardware; 0: it has none
	mtu     [4]uint32 // L3, IPv4, IPv6, MPLS; 0 is the L3 one
	tag     string
	speed   uint32

	subID    uint32
	subFlags interface_types.SubIfFlags
	outer    uint16
	inner    uint16
	tags     uint8

	stack
	bridge   *bridgePort
	features uint32 // of layer 2, as l2_flags tells them
	rewrite  l2.L2InterfaceVlanTagRewrite

	made    string // what makes it: its delete message minds it
	number  uint32 // of its kind: the loopback's instance, the memif's …
	follows bool   // it has a carrier as long as it is up
	detail  any    // of its kind
}

type links struct {
	all  []*link // by index; nil: free
	free []uint32
}

func (ls *links) begin(l *life) {
	k := ls.add(l, "local0", "local")
	k.kind = interface_types.IF_API_TYPE_HARDWARE
	k.mtu = [4]uint32{}
}

// add takes the index that became free last, as VPP does.
func (ls *links) add(l *life, name, device string) *link {
	k := &link{name: name, device: device}
	if n := len(ls.free); n > 0 {
		k.index = ls.free[n-1]
		ls.free = ls.free[:n-1]
		ls.all[k.index] = k
	} else {
		k.index = uint32(len(ls.all))
		ls.all = append(ls.all, k)
	}
	k.parent = k.index
	l.ipBegin(k)
	l.stats.link(k.index, name)
	return k
}

// ethernet gives a link what those with frames have.
func (k *link) ethernet(mac ethernet_types.MacAddress) *link {
	k.mac, k.frame, k.mtu[0] = mac, 9000, 9000
	return k
}

func (ls *links) get(i interface_types.InterfaceIndex) *link {
	if int(i) < len(ls.all) {
		return ls.all[i]
	}
	return nil
}

// remove deletes a link and what it has with it.
func (l *life) remove(k *link) {
	k.admin, k.carrier = false, false
	l.linkEvent(k, true)
	for _, sub := range l.subs(k) {
		l.remove(sub)
	}
	l.leaveBridge(k)
	l.bury(k.index)
	l.links.all[k.index] = nil
	l.links.free = append(l.links.free, k.index)
	l.ipEnd(k)
	l.stats.unlink(k.index)
}

// subs are the subinterfaces of a link.
func (l *life) subs(k *link) (list []*link) {
	for _, sub := range l.links.all {
		if sub != nil && sub != k && sub.parent == k.index {
			list = append(list, sub)
		}
	}
	return list
}

// setAdmin makes an interface administratively up or down. Its subinterfaces have
// a carrier when it has.
func (l *life) setAdmin(k *link, up bool) {
	if k.admin == up {
		return
	}
	k.admin = up
	if k.follows {
		k.carrier = up
		for _, sub := range l.subs(k) {
			sub.carrier = up
		}
	}
	l.linkEvent(k, false)
}

func (k *link) flags() (f interface_types.IfStatusFlags) {
	if k.admin {
		f |= interface_types.IF_STATUS_API_FLAG_ADMIN_UP
	}
	if k.carrier {
		f |= interface_types.IF_STATUS_API_FLAG_LINK_UP
	}
	return f
}

func (l *life) linkEvent(k *link, deleted bool) {
	flags := k.flags()
	if k.parent != k.index || k.told { // VPP tells of a carrier when it comes, and not of a subinterface's
		flags &^= interface_types.IF_STATUS_API_FLAG_LINK_UP
	}
	k.told = k.carrier
	for s, pid := range l.linkListeners {
		s.send(&interfaces.SwInterfaceEvent{PID: pid, SwIfIndex: interface_types.InterfaceIndex(k.index), Flags: flags, Deleted: deleted}, 0)
	}
}

func (l *life) details(k *link) *interfaces.SwInterfaceDetails {
	return &interfaces.SwInterfaceDetails{
		SwIfIndex: interface_types.InterfaceIndex(k.index), SupSwIfIndex: k.parent,
		L2Address: k.mac, Flags: k.flags(), Type: k.kind, LinkSpeed: k.speed, LinkMtu: k.frame, Mtu: k.mtu[:],
		SubID: k.subID, SubIfFlags: k.subFlags, SubOuterVlanID: k.outer, SubInnerVlanID: k.inner, SubNumberOfTags: k.tags,
		InterfaceName: k.name, InterfaceDevType: k.device, Tag: k.tag,
		VtrOp: k.rewrite.VtrOp, VtrPushDot1q: k.rewrite.PushDot1q, VtrTag1: k.rewrite.Tag1, VtrTag2: k.rewrite.Tag2,
	}
}

var linkHandlers = collect(
	on(func(l *life, _ *session, m *interfaces.SwInterfaceDump) (list []api.Message) {
		for _, k := range l.links.all {
			switch {
			case k == nil:
			case m.NameFilterValid && !strings.Contains(strings.ToLower(k.name), strings.ToLower(m.NameFilter)):
			case m.SwIfIndex != interface_types.InterfaceIndex(none) && m.SwIfIndex != 0 && uint32(m.SwIfIndex) != k.index:
			default:
				list = append(list, l.details(k))
			}
		}
		return list
	}),
	onResult(func(l *life, m *interfaces.SwInterfaceSetFlags) api.VPPApiError {
		k := l.links.get(m.SwIfIndex)
		if k == nil {
			return api.INVALID_SW_IF_INDEX
		}
		up := m.Flags&interface_types.IF_STATUS_API_FLAG_ADMIN_UP != 0
		if parent := l.links.all[k.parent]; up && !parent.admin && parent != k {
			return api.UNSPECIFIED
		}
		l.setAdmin(k, up)
		return 0
	}),
	onResult(func(l *life, m *interfaces.SwInterfaceSetMtu) api.VPPApiError {
		k := l.links.get(m.SwIfIndex)
		if k == nil {
			return api.INVALID_SW_IF_INDEX
		}
		copy(k.mtu[:], m.Mtu)
		return 0
	}),
	onResult(func(l *life, m *interfaces.HwInterfaceSetMtu) api.VPPApiError {
		k := l.links.get(m.SwIfIndex)
		if k == nil {
			return api.INVALID_SW_IF_INDEX
		}
		return api.UNSUPPORTED // by all that the fake has
	}),
	onResult(func(l *life, m *interfaces.SwInterfaceTagAddDel) api.VPPApiError {
		k := l.links.get(m.SwIfIndex)
		if k == nil {
			return api.INVALID_SW_IF_INDEX
		}
		if !m.IsAdd {
			m.Tag = ""
		}
		k.tag = m.Tag
		return 0
	}),
	onResult(func(l *life, m *interfaces.SwInterfaceSetInterfaceName) api.VPPApiError {
		k := l.links.get(m.SwIfIndex)
		if k == nil {
			return api.INVALID_SW_IF_INDEX
		}
		if m.Name == "" {
			return api.INVALID_VALUE
		}
		if k.parent != k.index {
			k = l.links.all[0] // sic: VPP takes the number of the hardware for that of the interface
		}
		l.rename(k, m.Name)
		return 0
	}),
	onResult(func(l *life, m *interfaces.SwInterfaceSetMacAddress) api.VPPApiError {
		k := l.links.get(m.SwIfIndex)
		if k == nil {
			return api.INVALID_SW_IF_INDEX
		}
		if k.frame == 0 || k.parent != k.index || k.mac == (ethernet_types.MacAddress{}) {
			return api.UNIMPLEMENTED
		}
		k.mac = m.MacAddress
		return 0
	}),
	on(func(l *life, _ *session, m *interfaces.SwInterfaceGetMacAddress) []api.Message {
		k := l.links.get(m.SwIfIndex)
		if k == nil {
			return refuse(m.GetMessageName(), api.INVALID_SW_IF_INDEX)
		}
		return []api.Message{&interfaces.SwInterfaceGetMacAddressReply{MacAddress: k.mac}}
	}),
	on(func(l *life, _ *session, m *interfaces.CreateLoopback) []api.Message {
		k, v := l.loopback(m.MacAddress, 0, false)
		return []api.Message{&interfaces.CreateLoopbackReply{Retval: int32(v), SwIfIndex: k}}
	}),
	on(func(l *life, _ *session, m *interfaces.CreateLoopbackInstance) []api.Message {
		k, v := l.loopback(m.MacAddress, m.UserInstance, m.IsSpecified)
		return []api.Message{&interfaces.CreateLoopbackInstanceReply{Retval: int32(v), SwIfIndex: k}}
	}),
	onResult(func(l *life, m *interfaces.DeleteLoopback) api.VPPApiError {
		k := l.links.get(m.SwIfIndex)
		if k == nil || k.made != "loopback" {
			return api.INVALID_SW_IF_INDEX
		}
		l.remove(k)
		return 0
	}),
)

func (l *life) rename(k *link, name string) {
	k.name = name
	l.stats.link(k.index, name)
	for _, sub := range l.subs(k) {
		l.rename(sub, subName(k, sub.subID))
	}
}

// instances is the number of instances of a kind that VPP numbers itself.
const instances = 16384

// number finds a number of a kind: the one asked for, or the first that is free.
func (l *life) numberOf(made string, wanted uint32, specified bool) (uint32, bool) {
	used := make(map[uint32]bool)
	for _, k := range l.links.all {
		if k != nil && k.made == made {
			used[k.number] = true
		}
	}
	if specified {
		return wanted, !used[wanted]
	}
	n := uint32(0)
	for used[n] {
		n++
	}
	return n, true
}

func (l *life) loopback(mac ethernet_types.MacAddress, instance uint32, specified bool) (interface_types.InterfaceIndex, api.VPPApiError) {
	n, ok := l.numberOf("loopback", instance, specified)
	if !ok || n >= instances {
		return interface_types.InterfaceIndex(none), api.INVALID_REGISTRATION
	}
	if mac == (ethernet_types.MacAddress{}) {
		mac = ethernet_types.MacAddress{0xde, 0xad}
		binary.BigEndian.PutUint32(mac[2:], n)
	}
	k := l.links.add(l, fmt.Sprintf("loop%d", n), "Loopback").ethernet(mac)
	k.made, k.number, k.follows = "loopback", n, true
	l.linkEvent(k, false)
	return interface_types.InterfaceIndex(k.index), 0
}
