package modeltest

import (
	"net/netip"
	"time"

	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// Then is when all of a sample happened.
var then = time.Date(2026, 1, 2, 3, 4, 5, 600000000, time.UTC)

func ip(text string) netip.Addr { return netip.MustParseAddr(text) }

// Read are the counters of a link, as if they had just been read.
func Read(l *object.LinkState) []southbound.Reading {
	c := l.LinkCounters()
	return []southbound.Reading{{Link: l, Counters: &c}}
}

// Link is a link of a kind that is up, with all that such a link can have.
func Link(name string, kind object.LinkKind) *object.LinkState {
	l := &object.LinkState{
		Link: object.Link{
			Name: name, Kind: kind, Up: true, MTU: 1500, MAC: object.MACAddr{2, 0, 0, 0, 0, 1}, Description: "to the world",
		},
		Index: 7, Oper: object.OperUp, Since: then, LastChange: then.Add(time.Second), CarrierChanges: 3,
		Counters: object.Counters{
			Time:      time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC),
			InPackets: 1, OutPackets: 2, InOctets: 3, OutOctets: 1 << 40, InErrors: 5, OutErrors: 6, InDiscards: 7, OutDiscards: 8,
			InMulticast: 9, InCRCErrors: 10, InNoHandler: 1<<32 + 11,
		},
	}
	switch kind {
	case object.Ethernet:
		l.Master, l.PermanentMAC = "br0", object.MACAddr{2, 0, 0, 0, 0, 2}
	case object.Veth:
		l.Peer = "peer0"
	case object.Bridge:
		l.STP, l.AgeingTime, l.ForwardDelay = true, 300, 15
	case object.VXLAN:
		l.Parent, l.VNI, l.Local, l.Remote, l.Port, l.TTL, l.Learning = "eth0", 10, ip("192.0.2.1"), ip("2001:db8::2"), 4789, 64, true
	case object.Macvlan:
		l.Parent, l.MacvlanMode = "eth0", object.MacvlanBridge
	case object.Tap:
		l.Owner, l.Group, l.MultiQueue = 1000, 1001, true
	case object.VLAN:
		l.Parent, l.VLANID = "eth0", 100
	case object.GRE, object.IPIP:
		l.MAC, l.Local, l.Remote, l.TTL = object.MACAddr{}, ip("192.0.2.1"), ip("192.0.2.2"), 64
		if kind == object.GRE {
			l.Key = 1 << 31
		}
	case object.Memif:
		l.Socket, l.MemifID, l.MemifRole, l.MemifMode, l.RingSize, l.BufferSize = "/run/vpp/m.sock", 3, object.MemifServer, object.MemifEthernet, 1024, 2048
	case object.AFPacket:
		l.HostLink = "eth1"
	case object.Loopback:
		l.MTU, l.MAC = 65536, object.MACAddr{}
	}
	return l
}

// Address is an address as the agent makes it.
func Address(link, prefix string) *object.AddressState {
	p := netip.MustParsePrefix(prefix)
	return &object.AddressState{
		Address: object.Address{Link: link, IP: p.Addr(), PrefixLength: uint8(p.Bits())},
		Owned:   true, Origin: object.OriginStatic,
	}
}

// Neighbor is a neighbor that was learnt.
func Neighbor(link, addr string) *object.NeighborState {
	return &object.NeighborState{
		Neighbor: object.Neighbor{Link: link, IP: ip(addr), MAC: object.MACAddr{2, 0, 0, 0, 0, 9}},
		Origin:   object.OriginDynamic, Status: object.NeighborReachable, Router: ip(addr).Is6(),
	}
}

// Setting is a switch of a link; without a link, of the whole.
func Setting(name object.SettingName, f object.Family, link string, value uint32) *object.SettingState {
	return &object.SettingState{Setting: object.Setting{Name: name, Family: f, Link: link, Value: value}}
}

// Route is a static route.
func Route(prefix string, metric uint32, hops ...object.NextHop) *object.RouteState {
	return &object.RouteState{
		Route: object.Route{Prefix: netip.MustParsePrefix(prefix), Metric: metric, NextHops: hops},
		Owned: true, Protocol: object.ProtocolStatic,
	}
}

// InTable puts a route into the table of a VRF.
func InTable(vrf string, r *object.RouteState) *object.RouteState {
	r.Table = vrf
	return r
}

// Hop is a next hop; an empty address is none.
func Hop(via, link string) object.NextHop {
	h := object.NextHop{Link: link}
	if via != "" {
		h.Via = ip(via)
	}
	return h
}

// Pending is the status of a link that is not there yet.
func Pending(link string) *object.Status { return Absent(&object.Link{Name: link, Up: true}) }

// Absent is the status of a link that is desired and not there.
func Absent(link *object.Link) *object.Status {
	return &object.Status{
		Object: link.ID(), Condition: object.Pending, Reason: "the link is not there", Since: then,
		Wanted: &object.Claim{Object: link, At: path.Path{
			{Module: "openconfig-interfaces", Name: "interfaces"},
			{Module: "openconfig-interfaces", Name: "interface", Keys: []path.Key{{Name: "name", Value: link.Name}}},
		}},
	}
}

// Everything is a dataplane with something in every state leaf that a model may
// have a place for.
func Everything() []object.State {
	lent := Link("m1", object.Macvlan)
	lent.Lender = "eth0.100"
	port := Link("eth0.200", object.VLAN)
	port.Master = "br0"
	far := Link("t1", object.Tap)
	far.Owner, far.Group, far.MultiQueue, far.HostLink = 0, 0, false, "far0"
	all := []object.State{
		Setting(object.Forwarding, object.IPv4, "", 1), Setting(object.Forwarding, object.IPv6, "", 0),
		Setting(object.Forwarding, object.IPv4, "eth0", 1), Setting(object.Forwarding, object.IPv6, "eth0", 0),
		Setting(object.ProtocolEnabled, object.IPv6, "eth0", 1), Setting(object.ProtocolMTU, object.IPv6, "eth0", 1500),
		Link("eth0", object.Ethernet), Link("lo", object.Loopback), Link("v0", object.Veth), Link("br0", object.Bridge),
		Link("vx0", object.VXLAN), Link("m0", object.Macvlan), Link("t0", object.Tap), far,
		Link("g0", object.GRE), Link("i0", object.IPIP), Link("memif0", object.Memif), Link("host0", object.AFPacket),
		Address("eth0", "192.0.2.1/24"), Address("eth0", "2001:db8::1/64"),
		Neighbor("eth0", "192.0.2.2"), Neighbor("eth0", "fe80::2"),
		Route("0.0.0.0/0", 0, Hop("192.0.2.2", "eth0")),
		Route("198.51.100.0/24", 10, Hop("192.0.2.2", ""), Hop("192.0.2.3", "eth0")),
		Route("2001:db8:1::/48", 1024, Hop("fe80::2", "eth0")),
		Route("2001:db8:2::/48", 1024, Hop("2001:db8::2", "eth0"), Hop("2001:db8::3", "eth0")),
		Pending("net1"),
		Link("red", object.VRF), Link("eth0.100", object.VLAN), lent, port,
		InTable("red", Route("198.51.100.0/24", 0, Hop("192.0.2.2", "eth0.100"))),
	}
	drop := Route("203.0.113.0/24", 0)
	drop.Type = object.Blackhole
	return append(all, drop)
}
