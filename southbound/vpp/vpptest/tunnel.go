package vpptest

import (
	"fmt"

	"go.fd.io/govpp/api"
	"go.fd.io/govpp/binapi/gre"
	"go.fd.io/govpp/binapi/interface_types"
	"go.fd.io/govpp/binapi/ip_types"
	"go.fd.io/govpp/binapi/ipip"
	"go.fd.io/govpp/binapi/vxlan"
)

// instance is the number of a tunnel: the one wanted, or else how many there are.
func (l *life) instance(made string, wanted uint32) (uint32, api.VPPApiError) {
	if wanted == none {
		wanted = 0
		for _, k := range l.links.all {
			if k != nil && k.made == made {
				wanted++
			}
		}
	}
	if _, free := l.numberOf(made, wanted, true); !free {
		return 0, api.INSTANCE_IN_USE
	}
	return wanted, 0
}

// tunnelOf finds a tunnel by its details.
func tunnelOf[D any](l *life, made string, same func(D) bool) (*link, bool) {
	for _, k := range l.links.all {
		if k != nil && k.made == made {
			if d, ok := k.detail.(D); ok && same(d) {
				return k, true
			}
		}
	}
	return nil, false
}

// packetFrame is the largest packet that a tunnel takes.
func packetFrame(a ip_types.Address, outer4 uint16) uint16 {
	if a.Af == ip_types.ADDRESS_IP6 {
		return outer4 - 20
	}
	return outer4
}

func (l *life) addDelVXLAN(m *vxlan.VxlanAddDelTunnelV3) (uint32, api.VPPApiError) {
	const port = 4789
	if m.SrcPort == 0 {
		m.SrcPort = port
	}
	if m.DstPort == 0 {
		m.DstPort = port
	}
	dst := addrOf(m.DstAddress)
	switch {
	case m.SrcAddress.Af != m.DstAddress.Af:
		return none, api.INVALID_VALUE
	case m.SrcAddress == m.DstAddress:
		return none, api.SAME_SRC_DST
	case dst.IsMulticast() && l.links.get(m.McastSwIfIndex) == nil:
		return none, api.INVALID_SW_IF_INDEX
	}
	vni := m.Vni & 0xffffff
	k, have := tunnelOf(l, "vxlan", func(d vxlan.VxlanTunnelV2Details) bool {
		return d.SrcAddress == m.SrcAddress && d.DstAddress == m.DstAddress && d.Vni == vni && d.DstPort == m.DstPort && d.EncapVrfID == m.EncapVrfID
	})
	switch {
	case !m.IsAdd && !have:
		return none, api.NO_SUCH_ENTRY
	case !m.IsAdd:
		l.remove(k)
		return k.index, 0
	case have:
		return none, api.TUNNEL_EXIST
	}
	if m.EncapVrfID != 0 && l.visible(tableKey{m.EncapVrfID, dst.Is6()}) == nil {
		return none, api.NO_SUCH_FIB
	}
	n, v := l.instance("vxlan", m.Instance)
	if v != 0 {
		return none, v
	}
	k = l.links.add(l, fmt.Sprintf("vxlan_tunnel%d", n), "VXLAN").ethernet(chance())
	k.made, k.number, k.admin, k.carrier, k.follows = "vxlan", n, true, true, true
	k.detail = vxlan.VxlanTunnelV2Details{
		SwIfIndex: interface_types.InterfaceIndex(k.index), Instance: n, SrcAddress: m.SrcAddress, DstAddress: m.DstAddress,
		SrcPort: m.SrcPort, DstPort: m.DstPort, McastSwIfIndex: interface_types.InterfaceIndex(none), EncapVrfID: m.EncapVrfID, DecapNextIndex: 1, Vni: vni,
	}
	if dst.IsMulticast() {
		d := k.detail.(vxlan.VxlanTunnelV2Details)
		d.McastSwIfIndex = m.McastSwIfIndex
		k.detail = d
	}
	l.linkEvent(k, false)
	return k.index, 0
}

func (l *life) addDelGRE(t gre.GreTunnelV2, add bool) (uint32, api.VPPApiError) {
	k, have := tunnelOf(l, "gre", func(d gre.GreTunnelV2) bool {
		return d.Src == t.Src && d.Dst == t.Dst && d.Key == t.Key && d.Type == t.Type && d.SessionID == t.SessionID && d.OuterTableID == t.OuterTableID
	})
	switch {
	case t.Src.Af != t.Dst.Af:
		return none, api.INVALID_PROTOCOL
	case t.Src == t.Dst:
		return none, api.SAME_SRC_DST
	case !add && !have:
		return none, api.NO_SUCH_ENTRY
	case !add:
		l.remove(k)
		return k.index, 0
	case have:
		return none, api.IF_ALREADY_EXISTS
	}
	if t.OuterTableID != 0 && l.visible(tableKey{t.OuterTableID, t.Src.Af == ip_types.ADDRESS_IP6}) == nil {
		return none, api.NO_SUCH_FIB
	}
	n, v := l.instance("gre", t.Instance)
	if v != 0 {
		return none, v
	}
	k = l.links.add(l, fmt.Sprintf("gre%d", n), "GRE tunnel device")
	if t.Type == gre.GRE_API_TUNNEL_TYPE_L3 {
		k.frame, k.mtu[0] = packetFrame(t.Src, 65512), 9000
	} else {
		k.ethernet(chance())
	}
	k.made, k.number, k.follows = "gre", n, true
	t.Instance, t.SwIfIndex = n, interface_types.InterfaceIndex(k.index)
	k.detail = t
	l.linkEvent(k, false)
	return k.index, 0
}

func (l *life) addIPIP(t ipip.IpipTunnel) (uint32, api.VPPApiError) {
	k, have := tunnelOf(l, "ipip", func(d ipip.IpipTunnel) bool { return d.Src == t.Src && d.Dst == t.Dst && d.TableID == t.TableID })
	switch {
	case t.Src.Af != t.Dst.Af:
		return none, api.INVALID_PROTOCOL
	case t.Src == t.Dst:
		return none, api.SAME_SRC_DST
	case have:
		return k.index, api.IF_ALREADY_EXISTS
	}
	if t.TableID != 0 && l.visible(tableKey{t.TableID, t.Src.Af == ip_types.ADDRESS_IP6}) == nil {
		return none, api.NO_SUCH_FIB
	}
	n, v := l.instance("ipip", t.Instance)
	if v != 0 {
		return none, v
	}
	k = l.links.add(l, fmt.Sprintf("ipip%d", n), "IPIP tunnel device")
	k.frame, k.mtu[0] = packetFrame(t.Src, 65516), 9000
	k.made, k.number, k.follows = "ipip", n, true
	t.Instance, t.SwIfIndex = n, interface_types.InterfaceIndex(k.index)
	k.detail = t
	l.linkEvent(k, false)
	return k.index, 0
}

// tunnelsOf yields the details of one kind, of one interface or of all.
func tunnelsOf[D any](l *life, i interface_types.InterfaceIndex, f func(D) api.Message) (list []api.Message) {
	for _, k := range l.links.all {
		if k == nil || i != interface_types.InterfaceIndex(none) && uint32(i) != k.index {
			continue
		}
		if d, ok := k.detail.(D); ok {
			list = append(list, f(d))
		}
	}
	return list
}

func keyless(t gre.GreTunnelV2) gre.GreTunnel {
	return gre.GreTunnel{Type: t.Type, Mode: t.Mode, Flags: t.Flags, SessionID: t.SessionID, Instance: t.Instance,
		OuterTableID: t.OuterTableID, SwIfIndex: t.SwIfIndex, Src: t.Src, Dst: t.Dst}
}

var tunnelHandlers = collect(
	on(func(l *life, _ *session, m *vxlan.VxlanAddDelTunnelV3) []api.Message {
		i, v := l.addDelVXLAN(m)
		return []api.Message{&vxlan.VxlanAddDelTunnelV3Reply{Retval: int32(v), SwIfIndex: interface_types.InterfaceIndex(i)}}
	}),
	on(func(l *life, _ *session, m *vxlan.VxlanTunnelV2Dump) []api.Message {
		return tunnelsOf(l, m.SwIfIndex, func(d vxlan.VxlanTunnelV2Details) api.Message { return &d })
	}),
	on(func(l *life, _ *session, m *gre.GreTunnelAddDel) []api.Message {
		t := m.Tunnel
		i, v := l.addDelGRE(gre.GreTunnelV2{Type: t.Type, Mode: t.Mode, Flags: t.Flags, SessionID: t.SessionID, Instance: t.Instance,
			OuterTableID: t.OuterTableID, Src: t.Src, Dst: t.Dst}, m.IsAdd)
		return []api.Message{&gre.GreTunnelAddDelReply{Retval: int32(v), SwIfIndex: interface_types.InterfaceIndex(i)}}
	}),
	on(func(l *life, _ *session, m *gre.GreTunnelAddDelV2) []api.Message {
		i, v := l.addDelGRE(m.Tunnel, m.IsAdd)
		return []api.Message{&gre.GreTunnelAddDelV2Reply{Retval: int32(v), SwIfIndex: interface_types.InterfaceIndex(i)}}
	}),
	on(func(l *life, _ *session, m *gre.GreTunnelDump) []api.Message {
		return tunnelsOf(l, m.SwIfIndex, func(d gre.GreTunnelV2) api.Message { return &gre.GreTunnelDetails{Tunnel: keyless(d)} })
	}),
	on(func(l *life, _ *session, m *gre.GreTunnelDumpV2) []api.Message {
		return tunnelsOf(l, m.SwIfIndex, func(d gre.GreTunnelV2) api.Message { return &gre.GreTunnelDetailsV2{Tunnel: d} })
	}),
	on(func(l *life, _ *session, m *ipip.IpipAddTunnel) []api.Message {
		i, v := l.addIPIP(m.Tunnel)
		return []api.Message{&ipip.IpipAddTunnelReply{Retval: int32(v), SwIfIndex: interface_types.InterfaceIndex(i)}}
	}),
	onResult(func(l *life, m *ipip.IpipDelTunnel) api.VPPApiError {
		return l.deleted(m.SwIfIndex, "ipip", api.NO_SUCH_ENTRY)
	}),
	on(func(l *life, _ *session, m *ipip.IpipTunnelDump) []api.Message {
		return tunnelsOf(l, m.SwIfIndex, func(d ipip.IpipTunnel) api.Message { return &ipip.IpipTunnelDetails{Tunnel: d} })
	}),
)
