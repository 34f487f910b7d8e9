package vpp_test

import (
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"go.fd.io/govpp/api"
	"go.fd.io/govpp/binapi/af_packet"
	"go.fd.io/govpp/binapi/ethernet_types"
	"go.fd.io/govpp/binapi/gre"
	interfaces "go.fd.io/govpp/binapi/interface"
	"go.fd.io/govpp/binapi/interface_types"
	"go.fd.io/govpp/binapi/ip_types"
	"go.fd.io/govpp/binapi/ipip"
	"go.fd.io/govpp/binapi/l2"
	"go.fd.io/govpp/binapi/memif"
	"go.fd.io/govpp/binapi/tapv2"
	"go.fd.io/govpp/binapi/vxlan"

	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/vpp/vpptest"
)

// What a process left that was killed when it had made an interface, and before it
// had tagged it, is ours; what has a number that VPP itself would give is not.
func TestUntaggedLeftover(t *testing.T) {
	one, two := vppAddr("192.0.2.1"), vppAddr("192.0.2.2")
	const low, tapLow, wide, any = 8<<10 + 17, 4<<10 + 5, 0x6f747200 + 99, ^uint32(0)
	socket := filepath.Join(t.TempDir(), "m.sock")
	for name, c := range map[string]struct {
		ours, others []api.Message
		vhost        bool // a real VPP needs it
	}{
		"loopback": {ours: []api.Message{&interfaces.CreateLoopbackInstance{IsSpecified: true, UserInstance: low}},
			others: []api.Message{&interfaces.CreateLoopbackInstance{IsSpecified: true, UserInstance: 8<<10 - 1}, &interfaces.CreateLoopback{}}},
		"bridge": {ours: []api.Message{&l2.BridgeDomainAddDelV2{BdID: any, IsAdd: true, BdTag: "outrigger:br"}, &l2.BviCreate{UserInstance: low}},
			others: []api.Message{&l2.BviCreate{UserInstance: 3}}},
		"vxlan": {ours: []api.Message{&vxlan.VxlanAddDelTunnelV3{IsAdd: true, Instance: wide, SrcAddress: one, DstAddress: two, Vni: 1, McastSwIfIndex: interface_types.InterfaceIndex(any), DecapNextIndex: any}},
			others: []api.Message{&vxlan.VxlanAddDelTunnelV3{IsAdd: true, Instance: any, SrcAddress: one, DstAddress: two, Vni: 2, McastSwIfIndex: interface_types.InterfaceIndex(any), DecapNextIndex: any}}},
		"gre": {ours: []api.Message{&gre.GreTunnelAddDelV2{IsAdd: true, Tunnel: gre.GreTunnelV2{Instance: wide, Src: one, Dst: two}}},
			others: []api.Message{&gre.GreTunnelAddDelV2{IsAdd: true, Tunnel: gre.GreTunnelV2{Instance: any, Src: two, Dst: one}}}},
		"ipip": {ours: []api.Message{&ipip.IpipAddTunnel{Tunnel: ipip.IpipTunnel{Instance: wide, Src: one, Dst: two}}},
			others: []api.Message{&ipip.IpipAddTunnel{Tunnel: ipip.IpipTunnel{Instance: any, Src: two, Dst: one}}}},
		"memif": {ours: []api.Message{&memif.MemifSocketFilenameAddDelV2{IsAdd: true, SocketID: wide, SocketFilename: socket}, &memif.MemifCreateV2{SocketID: wide, ID: 5}},
			others: []api.Message{&memif.MemifCreateV2{ID: 5}}},
		"tap": {ours: []api.Message{&tapv2.TapCreateV3{ID: tapLow, UseRandomMac: true, NumRxQueues: 1, NumTxQueues: 1, HostIfNameSet: true, HostIfName: "ogt1"}},
			others: []api.Message{&tapv2.TapCreateV3{ID: 1, UseRandomMac: true, NumRxQueues: 1, NumTxQueues: 1}}, vhost: true},
	} {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(t *testing.T, d vpptest.Dataplane) {
				if c.vhost && d.Real() && !vpptest.HasVhost() {
					return
				}
				client := vpptest.Dial(t, d.Socket())
				defer client.Close()
				b := open(t, d)
				for _, m := range c.others {
					client.Do(t, m)
				}
				before := links(t, b)
				for _, l := range before {
					if l.Owned {
						t.Errorf("%s is somebody else's: %+v", l.Name, l)
					}
				}
				for _, m := range c.ours {
					client.Do(t, m)
				}
				left := 0
				for _, l := range links(t, b) {
					if before[l.Name] != nil {
						continue
					}
					left++
					if !l.Owned {
						t.Errorf("%s is nobody's: %+v", l.Name, l)
					}
					if s := read(t, b, l.Name); !s.Same(l) {
						t.Errorf("alone %+v, among all %+v", s, l)
					}
					must(t, b, remove(&l.Link))
				}
				if left == 0 {
					t.Error("it is not seen")
				}
				if after := links(t, b); len(after) != len(before) {
					t.Errorf("before %s, after %s", names(before), names(after))
				}
			})
		})
	}
}

// So is a subinterface without a tag that has the mark of a VLAN of ours.
func TestUntaggedVLAN(t *testing.T) {
	onEach(t, func(t *testing.T, d vpptest.Dataplane) {
		client := vpptest.Dial(t, d.Socket())
		defer client.Close()
		b := open(t, d)
		client.Do(t, &interfaces.CreateLoopbackInstance{IsSpecified: true, UserInstance: 1})
		parent := interface_types.InterfaceIndex(read(t, b, "loop1").Index)
		flags := interface_types.SUB_IF_API_FLAG_ONE_TAG | interface_types.SUB_IF_API_FLAG_EXACT_MATCH
		client.Do(t, &interfaces.CreateSubif{SwIfIndex: parent, SubID: 5, SubIfFlags: flags, OuterVlanID: 5})
		client.Do(t, &interfaces.CreateSubif{SwIfIndex: parent, SubID: 6, SubIfFlags: flags, OuterVlanID: 6, InnerVlanID: 0xf72})
		client.Do(t, &interfaces.CreateSubif{SwIfIndex: parent, SubID: 7, SubIfFlags: interface_types.SUB_IF_API_FLAG_TWO_TAGS, OuterVlanID: 6, InnerVlanID: 0xf72})
		for name, want := range map[string]object.LinkState{
			"loop1.5": {Link: object.Link{Kind: object.VLAN, Parent: "loop1", VLANID: 5}},
			"loop1.6": {Link: object.Link{Kind: object.VLAN, Parent: "loop1", VLANID: 6}, Owned: true},
			"loop1.7": {Link: object.Link{Kind: object.Other}},
		} {
			got := read(t, b, name)
			if got.Kind != want.Kind || got.Parent != want.Parent || got.VLANID != want.VLANID || got.Owned != want.Owned {
				t.Errorf("%s: %+v", name, got)
			}
		}
	})
}

// So is a port on a link of the kernel that has no tag, the name that VPP gave it, and
// the MAC address that we would have given it.
func TestUntaggedAFPacket(t *testing.T) {
	onEach(t, func(t *testing.T, d vpptest.Dataplane) {
		client := vpptest.Dial(t, d.Socket())
		defer client.Close()
		b := open(t, d)
		must(t, b, create(&object.Link{Name: "ap0", Kind: object.AFPacket, HostLink: "lo"}))
		made := read(t, b, "ap0")
		must(t, b, remove(&made.Link))
		for _, ours := range []bool{true, false} {
			client.Do(t, &af_packet.AfPacketCreateV3{
				Mode: af_packet.AF_PACKET_API_MODE_ETHERNET, HwAddr: ethernet_types.MacAddress(made.MAC), UseRandomHwAddr: !ours,
				HostIfName: "lo", NumRxQueues: 1, NumTxQueues: 1,
			})
			left := read(t, b, "host-lo")
			if left.Owned != ours {
				t.Errorf("with our MAC address %v: %+v", ours, left)
			}
			if ours {
				must(t, b, remove(&left.Link))
			}
		}
	})
}

// An entry of the table of memif sockets that was left without a memif goes with the
// next memif that comes, or goes.
func TestLeftoverSocket(t *testing.T) {
	onEach(t, func(t *testing.T, d vpptest.Dataplane) {
		client := vpptest.Dial(t, d.Socket())
		defer client.Close()
		b := open(t, d)
		dir := t.TempDir()
		sockets := func() map[uint32]string {
			t.Helper()
			list, err := vpptest.Dump[memif.MemifSocketFilenameDetails](client, &memif.MemifSocketFilenameDump{})
			if err != nil {
				t.Fatal(err)
			}
			found := make(map[uint32]string)
			for _, s := range list {
				found[s.SocketID] = strings.TrimRight(s.SocketFilename, "\x00")
			}
			return found
		}
		client.Do(t, &memif.MemifSocketFilenameAddDelV2{IsAdd: true, SocketID: 7, SocketFilename: filepath.Join(dir, "theirs")})
		before := sockets()
		left := &memif.MemifSocketFilenameAddDelV2{IsAdd: true, SocketID: 0x6f747200 + 5, SocketFilename: filepath.Join(dir, "left")}
		client.Do(t, left)
		l := &object.Link{Name: "m", Kind: object.Memif, Socket: filepath.Join(dir, "m"), MemifID: 1, MemifRole: object.MemifServer}
		must(t, b, create(l))
		if got := sockets(); len(got) != len(before)+1 || got[left.SocketID] != "" {
			t.Errorf("with one of ours %v, before %v", got, before)
		}
		client.Do(t, left)
		must(t, b, remove(l))
		if got := sockets(); !maps.Equal(got, before) {
			t.Errorf("after %v, before %v", got, before)
		}
	})
}

func vppAddr(s string) ip_types.Address {
	a, err := ip_types.ParseAddress(s)
	if err != nil {
		panic(err)
	}
	return a
}
