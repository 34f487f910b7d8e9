package vpptest

import (
	"net/netip"
	"path/filepath"

	"github.com/outrigger-cnf/outrigger/southbound/conformance"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// Samples are links of all kinds that VPP has, and what is on them. Of what a real
// VPP needs the kernel for, taps are tried where it has vhost.
func (w *World) Samples() []conformance.Sample {
	mac, _ := object.ParseMAC("02:00:5e:00:00:42")
	local, remote, other := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2"), netip.MustParseAddr("192.0.2.3")
	made := func(name string, kind object.LinkKind, always ...object.Attr) func(object.Link, ...object.Attr) object.Claim {
		return func(l object.Link, attrs ...object.Attr) object.Claim {
			l.Name, l.Kind = name, kind
			return conformance.Created(l, append(always[:len(always):len(always)], attrs...)...)
		}
	}
	dressed := func(of func(object.Link, ...object.Attr) object.Claim, l object.Link, attrs ...object.Attr) object.Claim {
		l.MTU, l.MAC, l.Description = 1400, mac, "inside"
		return of(l, append(attrs, object.MTU, object.MACAttr, object.Description)...)
	}
	// loop is what somebody else has in the place of a link.
	loop := func(name string) object.Object { return &object.Link{Name: name, Kind: object.Loopback} }
	underlay := conformance.Address("p", "192.0.2.1/24")

	lo := made("lan", object.Loopback)
	bridge := made("br0", object.Bridge)
	mem := made("m0", object.Memif, object.Socket, object.MemifID, object.MemifRoleAttr)
	socket := filepath.Join(w.Dir(), "m.sock")
	tap := made("tap0", object.Tap)
	vlan := made("p.10", object.VLAN, object.Parent, object.VLANID)
	vx := made("vx0", object.VXLAN, object.VNI, object.Local, object.Remote)
	tunnel := made("g0", object.GRE, object.Local, object.Remote)
	ipinip := made("i0", object.IPIP, object.Local, object.Remote)
	vrf := made("blue", object.VRF)
	member := conformance.Link(object.Link{Name: "q", Up: true, Master: "blue"}, object.Up, object.Master)
	inside := func(prefix string, hops ...object.NextHop) object.Claim {
		c := conformance.Route(prefix, 0, hops...)
		c.Object.(*object.Route).Table = "blue"
		return c
	}
	blue := []object.Claim{vrf(object.Link{}), member, conformance.Address("q", "192.0.2.1/24")}

	list := []conformance.Sample{
		{Name: "loopback", Claim: lo(object.Link{}), Foreign: &object.Link{Name: "lan", Kind: object.Bridge}, Changes: []object.Claim{
			dressed(lo, object.Link{}),
		}},
		{Name: "bridge", Claim: bridge(object.Link{}), Foreign: loop("br0"), Changes: []object.Claim{
			dressed(bridge, object.Link{}),
			bridge(object.Link{AgeingTime: 60}, object.AgeingTime),
			bridge(object.Link{AgeingTime: 600}, object.AgeingTime),
		}},
		{Name: "port of a bridge", Silent: true, Needs: []object.Claim{bridge(object.Link{})},
			Claim:   conformance.Link(object.Link{Name: "p", Up: true, Master: "br0", MTU: 1500, Description: "port"}, object.Up, object.Master, object.MTU, object.Description),
			Changes: []object.Claim{conformance.Link(object.Link{Name: "p", Up: true}, object.Up, object.Master)}},
		{Name: "memif", Claim: mem(object.Link{Socket: socket, MemifID: 1, MemifRole: object.MemifServer}), Foreign: loop("m0"), Changes: []object.Claim{
			dressed(mem, object.Link{Socket: socket, MemifID: 1, MemifRole: object.MemifServer}),
			mem(object.Link{Socket: socket, MemifID: 2, MemifRole: object.MemifServer}),
			mem(object.Link{Socket: socket + "2", MemifID: 2, MemifRole: object.MemifClient}),
		}},
		{Name: "VLAN", Claim: vlan(object.Link{Parent: "p", VLANID: 10}), Changes: []object.Claim{
			vlan(object.Link{Parent: "p", VLANID: 10, MTU: 1400, Description: "ten"}, object.MTU, object.Description),
			vlan(object.Link{Parent: "p", VLANID: 20}),
		}, Foreign: &object.Link{Name: "p.10", Kind: object.VLAN, Parent: "p", VLANID: 99}},
		{Name: "vxlan", Needs: []object.Claim{underlay}, Claim: vx(object.Link{VNI: 42, Local: local, Remote: remote}), Foreign: loop("vx0"), Changes: []object.Claim{
			vx(object.Link{VNI: 42, Local: local, Remote: other}),
			dressed(vx, object.Link{VNI: 43, Local: local, Remote: other, Port: 4790}, object.Port),
		}},
		{Name: "gre", Needs: []object.Claim{underlay}, Claim: tunnel(object.Link{Local: local, Remote: remote}), Foreign: loop("g0"), Changes: []object.Claim{
			tunnel(object.Link{Local: local, Remote: other, MTU: 1300, Description: "away"}, object.MTU, object.Description),
			tunnel(object.Link{Local: local, Remote: other, Key: 7}, object.Key),
		}},
		{Name: "ipip", Needs: []object.Claim{underlay}, Claim: ipinip(object.Link{Local: local, Remote: remote}), Foreign: loop("i0"), Changes: []object.Claim{
			ipinip(object.Link{Local: local, Remote: other, MTU: 1300, Description: "away"}, object.MTU, object.Description),
		}},
		{Name: "VRF", Silent: true, Claim: vrf(object.Link{}), Foreign: loop("blue")},
		{Name: "member of a VRF", Silent: true, Needs: []object.Claim{vrf(object.Link{})}, Claim: member,
			Changes: []object.Claim{conformance.Link(object.Link{Name: "q", Up: true}, object.Up, object.Master)}},
		{Name: "route of a VRF", Silent: true, Needs: blue, Claim: inside("203.0.113.0/24", conformance.Via("192.0.2.2", "q")), Changes: []object.Claim{
			inside("203.0.113.0/24", conformance.Via("192.0.2.3", "q")),
			inside("203.0.113.0/24"),
		}, Foreign: inside("203.0.113.0/24", conformance.Via("192.0.2.4", "q")).Object},
		{Name: "unnumbered", Silent: true, Needs: []object.Claim{underlay},
			Claim:   conformance.Link(object.Link{Name: "q", Up: true, Lender: "p"}, object.Up, object.Lender),
			Changes: []object.Claim{conformance.Link(object.Link{Name: "q", Up: true}, object.Up, object.Lender)}},
		{Name: "IPv6 MTU", Silent: true, Claim: conformance.Setting(object.ProtocolMTU, object.IPv6, "p", 1400),
			Changes: []object.Claim{conformance.Setting(object.ProtocolMTU, object.IPv6, "p", 1300)}},
		{Name: "IPv6 enabled", Silent: true, Claim: conformance.Setting(object.ProtocolEnabled, object.IPv6, "p", 1),
			Changes: []object.Claim{conformance.Setting(object.ProtocolEnabled, object.IPv6, "p", 0)}},
	}
	packet := made("h0", object.AFPacket, object.HostLink)
	list = append(list, conformance.Sample{Name: "af-packet", Claim: packet(object.Link{HostLink: "lo"}), Foreign: loop("h0"),
		Changes: []object.Claim{dressed(packet, object.Link{HostLink: "lo"})}})
	if !w.Real() || HasVhost() {
		list = append(list, conformance.Sample{Name: "tap", Claim: tap(object.Link{}), Foreign: loop("tap0"), Changes: []object.Claim{
			dressed(tap, object.Link{}),
			tap(object.Link{HostLink: "outside"}, object.HostLink),
			dressed(tap, object.Link{HostLink: "outside"}, object.HostLink),
			tap(object.Link{HostLink: "tap0"}, object.HostLink),
		}})
	}
	return list
}
