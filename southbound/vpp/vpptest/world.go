package vpptest

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.fd.io/govpp/binapi/af_packet"
	"go.fd.io/govpp/binapi/ethernet_types"
	"go.fd.io/govpp/binapi/gre"
	interfaces "go.fd.io/govpp/binapi/interface"
	"go.fd.io/govpp/binapi/interface_types"
	"go.fd.io/govpp/binapi/ip"
	"go.fd.io/govpp/binapi/ipip"
	"go.fd.io/govpp/binapi/l2"
	"go.fd.io/govpp/binapi/memif"
	"go.fd.io/govpp/binapi/tapv2"
	"go.fd.io/govpp/binapi/vxlan"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// World is a VPP for the conformance suite: two loopbacks of somebody else's, p
// and q, and his hand.
type World struct {
	Dataplane
	open func(testing.TB) southbound.Backend

	client *Client // nil: none yet in this life
	away   bool
}

// NewWorld makes a World of a VPP that has just started. open opens it as the
// backend.
func NewWorld(t testing.TB, d Dataplane, open func(testing.TB) southbound.Backend) *World {
	t.Helper()
	w := &World{Dataplane: d, open: open}
	t.Cleanup(func() {
		if w.client != nil {
			w.client.Close()
		}
	})
	w.furnish(t)
	return w
}

// furnish makes the ports. That they get their names comes last, for VPP tells of all
// else: a driver that is there already sees them when he looks for them.
func (w *World) furnish(t testing.TB) {
	t.Helper()
	c := w.hand(t)
	for _, name := range []string{"p", "q"} {
		i := c.Do(t, &interfaces.CreateLoopback{}).(*interfaces.CreateLoopbackReply).SwIfIndex
		c.Do(t, &interfaces.SwInterfaceSetFlags{SwIfIndex: i, Flags: interface_types.IF_STATUS_API_FLAG_ADMIN_UP})
		c.Do(t, &interfaces.SwInterfaceSetInterfaceName{SwIfIndex: i, Name: name})
	}
}

// Backend opens the VPP, and waits for the connection unless it is away.
func (w *World) Backend(t testing.TB) southbound.Backend {
	t.Helper()
	b := w.open(t)
	if r, ok := b.(southbound.Remote); ok && !w.away {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := r.Await(ctx); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// Ports are the loopbacks.
func (w *World) Ports() (string, string) { return "p", "q" }

// ReusesNumbers says so of VPP: the last index that became free is the first to be
// taken.
func (w *World) ReusesNumbers() {}

// Leave has the VPP hang.
func (w *World) Leave(testing.TB) {
	w.away = true
	w.Hang()
}

// Return ends Leave.
func (w *World) Return(testing.TB) {
	w.away = false
	w.Resume()
}

// Replace kills the VPP and starts another.
func (w *World) Replace(t testing.TB) {
	t.Helper()
	if w.client != nil {
		w.client.Close()
		w.client = nil
	}
	w.away = false
	w.Die()
	w.Restart(t)
	w.furnish(t)
}

// hand is somebody else's client.
func (w *World) hand(t testing.TB) *Client {
	t.Helper()
	if w.client == nil {
		c, err := dial(w.Socket())
		if err != nil {
			t.Fatal(err)
		}
		w.client = c
	}
	return w.client
}

// all are the interfaces that there are.
func (w *World) all(t testing.TB) []*interfaces.SwInterfaceDetails {
	t.Helper()
	list, err := Dump[interfaces.SwInterfaceDetails](w.hand(t), &interfaces.SwInterfaceDump{SwIfIndex: interface_types.InterfaceIndex(none)})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// link finds an interface; the test fails where there is none.
func (w *World) link(t testing.TB, name string) *interfaces.SwInterfaceDetails {
	t.Helper()
	for _, d := range w.all(t) {
		if d.InterfaceName == name {
			return d
		}
	}
	t.Fatalf("VPP has no interface %s", name)
	return nil
}

func (w *World) index(t testing.TB, name string) interface_types.InterfaceIndex {
	t.Helper()
	return w.link(t, name).SwIfIndex
}

// domainOf is the bridge domain of a bridge, found by its BVI.
func (w *World) domainOf(t testing.TB, bvi interface_types.InterfaceIndex) *l2.BridgeDomainDetails {
	t.Helper()
	list, err := Dump[l2.BridgeDomainDetails](w.hand(t), &l2.BridgeDomainDump{BdID: none, SwIfIndex: interface_types.InterfaceIndex(none)})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range list {
		if d.BviSwIfIndex == bvi {
			return d
		}
	}
	return nil
}

// table finds a VRF's number by its name, with or without a mark.
func (w *World) table(t testing.TB, name string) (uint32, bool) {
	t.Helper()
	if name == "" {
		return 0, true
	}
	list, err := Dump[ip.IPTableDetails](w.hand(t), &ip.IPTableDump{})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range list {
		if strings.TrimPrefix(d.Table.Name, "outrigger:") == name {
			return d.Table.TableID, true
		}
	}
	return 0, false
}

// addLink makes a link and returns its index; a VRF has none.
func (w *World) addLink(t testing.TB, o *object.Link) {
	t.Helper()
	c := w.hand(t)
	var i interface_types.InterfaceIndex
	switch o.Kind {
	case object.Loopback:
		i = c.Do(t, &interfaces.CreateLoopback{}).(*interfaces.CreateLoopbackReply).SwIfIndex
	case object.Bridge:
		bd := c.Do(t, &l2.BridgeDomainAddDelV2{BdID: none, IsAdd: true, BdTag: o.Name, Flood: true, UuFlood: true, Forward: true, Learn: true}).(*l2.BridgeDomainAddDelV2Reply).BdID
		i = c.Do(t, &l2.BviCreate{UserInstance: none}).(*l2.BviCreateReply).SwIfIndex
		c.Do(t, &l2.SwInterfaceSetL2Bridge{RxSwIfIndex: i, BdID: bd, PortType: l2.L2_API_PORT_TYPE_BVI, Enable: true})
	case object.Memif:
		id := c.Do(t, &memif.MemifSocketFilenameAddDelV2{IsAdd: true, SocketID: none, SocketFilename: filepath.Join(w.Dir(), o.Name+".foreign")}).(*memif.MemifSocketFilenameAddDelV2Reply).SocketID
		i = c.Do(t, &memif.MemifCreateV2{SocketID: id}).(*memif.MemifCreateV2Reply).SwIfIndex
	case object.AFPacket:
		i = c.Do(t, &af_packet.AfPacketCreateV3{Mode: af_packet.AF_PACKET_API_MODE_ETHERNET, HostIfName: o.HostLink, UseRandomHwAddr: true}).(*af_packet.AfPacketCreateV3Reply).SwIfIndex
	case object.Tap:
		i = c.Do(t, &tapv2.TapCreateV3{ID: none, UseRandomMac: true, HostIfName: o.Name, HostIfNameSet: true}).(*tapv2.TapCreateV3Reply).SwIfIndex
	case object.VLAN:
		id, err := strconv.ParseUint(strings.TrimPrefix(o.Name, o.Parent+"."), 10, 32)
		if err != nil {
			t.Fatal(err)
		}
		c.Do(t, &interfaces.CreateSubif{SwIfIndex: w.index(t, o.Parent), SubID: uint32(id), OuterVlanID: o.VLANID,
			SubIfFlags: interface_types.SUB_IF_API_FLAG_ONE_TAG | interface_types.SUB_IF_API_FLAG_EXACT_MATCH})
		return // named by VPP
	case object.VXLAN:
		i = c.Do(t, &vxlan.VxlanAddDelTunnelV3{IsAdd: true, Instance: none, SrcAddress: wire(o.Local), DstAddress: wire(o.Remote), Vni: o.VNI,
			McastSwIfIndex: interface_types.InterfaceIndex(none), DecapNextIndex: none}).(*vxlan.VxlanAddDelTunnelV3Reply).SwIfIndex
	case object.GRE:
		i = c.Do(t, &gre.GreTunnelAddDel{IsAdd: true, Tunnel: gre.GreTunnel{Instance: none, Src: wire(o.Local), Dst: wire(o.Remote)}}).(*gre.GreTunnelAddDelReply).SwIfIndex
	case object.IPIP:
		i = c.Do(t, &ipip.IpipAddTunnel{Tunnel: ipip.IpipTunnel{Instance: none, Src: wire(o.Local), Dst: wire(o.Remote)}}).(*ipip.IpipAddTunnelReply).SwIfIndex
	case object.VRF:
		id := c.Do(t, &ip.IPTableAllocate{Table: ip.IPTable{TableID: none, Name: o.Name}}).(*ip.IPTableAllocateReply).Table.TableID
		c.Do(t, &ip.IPTableAddDel{IsAdd: true, Table: ip.IPTable{TableID: id, IsIP6: true, Name: o.Name}})
		return
	default:
		t.Fatalf("somebody else cannot make a %s", o.Kind)
	}
	c.Do(t, &interfaces.SwInterfaceSetInterfaceName{SwIfIndex: i, Name: o.Name})
}

// removeLink deletes a link of whatever kind it is.
func (w *World) removeLink(t testing.TB, name string) {
	t.Helper()
	c := w.hand(t)
	for _, d := range w.all(t) {
		if d.InterfaceName == name {
			w.removeInterface(t, c, d)
			return
		}
	}
	id, ok := w.table(t, name)
	if !ok {
		t.Fatalf("VPP has no %s", name)
	}
	for _, v6 := range []bool{false, true} {
		c.Do(t, &ip.IPTableAddDel{Table: ip.IPTable{TableID: id, IsIP6: v6}})
	}
}

func (w *World) removeInterface(t testing.TB, c *Client, d *interfaces.SwInterfaceDetails) {
	t.Helper()
	i := d.SwIfIndex
	switch {
	case d.Type == interface_types.IF_API_TYPE_SUB:
		c.Do(t, &interfaces.DeleteSubif{SwIfIndex: i})
	case d.InterfaceDevType == "Loopback":
		c.Do(t, &interfaces.DeleteLoopback{SwIfIndex: i})
	case d.InterfaceDevType == "BVI":
		bd := w.domainOf(t, i)
		if bd != nil {
			for _, port := range bd.SwIfDetails {
				c.Do(t, &l2.SwInterfaceSetL2Bridge{RxSwIfIndex: port.SwIfIndex, BdID: bd.BdID})
			}
		}
		c.Do(t, &l2.BviDelete{SwIfIndex: i})
		if bd != nil { // whose it is may have noticed, and have deleted or filled it again
			if err := c.Call(&l2.BridgeDomainAddDelV2{BdID: bd.BdID}, &l2.BridgeDomainAddDelV2Reply{}); err != nil {
				t.Fatal(err)
			}
		}
	case d.InterfaceDevType == "memif":
		c.Do(t, &memif.MemifDelete{SwIfIndex: i})
	case d.InterfaceDevType == "virtio":
		c.Do(t, &tapv2.TapDeleteV2{SwIfIndex: i})
	case d.InterfaceDevType == "af-packet":
		list, err := Dump[af_packet.AfPacketDetails](c, &af_packet.AfPacketDump{})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range list {
			if p.SwIfIndex == i {
				c.Do(t, &af_packet.AfPacketDelete{HostIfName: p.HostIfName})
			}
		}
	case d.InterfaceDevType == "VXLAN":
		list, err := Dump[vxlan.VxlanTunnelV2Details](c, &vxlan.VxlanTunnelV2Dump{SwIfIndex: i})
		if err != nil || len(list) != 1 {
			t.Fatalf("%s: %v, %v", d.InterfaceName, list, err)
		}
		v := list[0]
		c.Do(t, &vxlan.VxlanAddDelTunnelV3{SrcAddress: v.SrcAddress, DstAddress: v.DstAddress, SrcPort: v.SrcPort, DstPort: v.DstPort,
			McastSwIfIndex: v.McastSwIfIndex, EncapVrfID: v.EncapVrfID, DecapNextIndex: v.DecapNextIndex, Vni: v.Vni})
	case strings.HasPrefix(d.InterfaceDevType, "GRE"):
		list, err := Dump[gre.GreTunnelDetailsV2](c, &gre.GreTunnelDumpV2{SwIfIndex: i})
		if err != nil || len(list) != 1 {
			t.Fatalf("%s: %v, %v", d.InterfaceName, list, err)
		}
		c.Do(t, &gre.GreTunnelAddDelV2{Tunnel: list[0].Tunnel})
	case strings.HasPrefix(d.InterfaceDevType, "IPIP"):
		c.Do(t, &ipip.IpipDelTunnel{SwIfIndex: i})
	default:
		t.Fatalf("somebody else cannot delete a %s", d.InterfaceDevType)
	}
}

// Set changes one attribute of a link.
func (w *World) Set(t testing.TB, l *object.Link, a object.Attr) {
	t.Helper()
	c := w.hand(t)
	d := w.link(t, l.Name)
	i := d.SwIfIndex
	switch a {
	case object.Up:
		m := &interfaces.SwInterfaceSetFlags{SwIfIndex: i}
		if l.Up {
			m.Flags = interface_types.IF_STATUS_API_FLAG_ADMIN_UP
		}
		c.Do(t, m)
	case object.MTU:
		d.Mtu[0] = l.MTU
		c.Do(t, &interfaces.SwInterfaceSetMtu{SwIfIndex: i, Mtu: d.Mtu})
	case object.MACAttr:
		c.Do(t, &interfaces.SwInterfaceSetMacAddress{SwIfIndex: i, MacAddress: ethernet_types.MacAddress(l.MAC)})
	case object.Description:
		c.Do(t, &interfaces.SwInterfaceTagAddDel{IsAdd: l.Description != "", SwIfIndex: i, Tag: l.Description})
	default:
		t.Fatalf("somebody else cannot set %s", a)
	}
}

// HasVhost reports whether a real VPP can have taps: the kernel makes its end of one
// at /dev/vhost-net.
func HasVhost() bool {
	_, err := os.Stat("/dev/vhost-net")
	return err == nil
}

// Absent is a World whose VPP is not there before Replace.
func Absent(_ testing.TB, d Dataplane, open func(testing.TB) southbound.Backend) *World {
	return &World{Dataplane: d, open: open, away: true}
}
