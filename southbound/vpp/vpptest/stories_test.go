package vpptest_test

import (
	"net/netip"

	"go.fd.io/govpp/api"
	"go.fd.io/govpp/binapi/af_packet"
	"go.fd.io/govpp/binapi/ethernet_types"
	"go.fd.io/govpp/binapi/fib"
	"go.fd.io/govpp/binapi/fib_types"
	"go.fd.io/govpp/binapi/gre"
	interfaces "go.fd.io/govpp/binapi/interface"
	"go.fd.io/govpp/binapi/interface_types"
	"go.fd.io/govpp/binapi/ip"
	"go.fd.io/govpp/binapi/ip_neighbor"
	"go.fd.io/govpp/binapi/ip_types"
	"go.fd.io/govpp/binapi/ipip"
	"go.fd.io/govpp/binapi/l2"
	"go.fd.io/govpp/binapi/memif"
	"go.fd.io/govpp/binapi/vxlan"
)

type story struct {
	name     string
	requests []api.Message
}

const nobody = interface_types.InterfaceIndex(^uint32(0))

type index = interface_types.InterfaceIndex

// Requests in short.

func dumpLinks() api.Message { return &interfaces.SwInterfaceDump{SwIfIndex: nobody} }

func loop(instance uint32) api.Message {
	return &interfaces.CreateLoopbackInstance{IsSpecified: true, UserInstance: instance}
}

func unloop(i index) api.Message { return &interfaces.DeleteLoopback{SwIfIndex: i} }

func up(i index) api.Message {
	return &interfaces.SwInterfaceSetFlags{SwIfIndex: i, Flags: interface_types.IF_STATUS_API_FLAG_ADMIN_UP}
}

func down(i index) api.Message { return &interfaces.SwInterfaceSetFlags{SwIfIndex: i} }

func rename(i index, name string) api.Message {
	return &interfaces.SwInterfaceSetInterfaceName{SwIfIndex: i, Name: name}
}

func tag(i index, text string) api.Message {
	return &interfaces.SwInterfaceTagAddDel{IsAdd: text != "", SwIfIndex: i, Tag: text}
}

func mtu(i index, m ...uint32) api.Message {
	return &interfaces.SwInterfaceSetMtu{SwIfIndex: i, Mtu: m}
}

func ipAddress(s string) ip_types.Address {
	a, err := ip_types.ParseAddress(s)
	if err != nil {
		panic(err)
	}
	return a
}

func prefix(s string) ip_types.Prefix {
	p := netip.MustParsePrefix(s)
	return ip_types.Prefix{Address: ipAddress(p.Addr().String()), Len: uint8(p.Bits())}
}

func addr(i index, s string) api.Message {
	return &interfaces.SwInterfaceAddDelAddress{SwIfIndex: i, IsAdd: true, Prefix: ip_types.AddressWithPrefix(prefix(s))}
}

func unaddr(i index, s string) api.Message {
	return &interfaces.SwInterfaceAddDelAddress{SwIfIndex: i, Prefix: ip_types.AddressWithPrefix(prefix(s))}
}

func addrs(i index) []api.Message {
	return []api.Message{&ip.IPAddressDump{SwIfIndex: i}, &ip.IPAddressDump{SwIfIndex: i, IsIPv6: true}}
}

func setTable(i index, v6 bool, n uint32) api.Message {
	return &interfaces.SwInterfaceSetTable{SwIfIndex: i, IsIPv6: v6, VrfID: n}
}

func getTable(i index, v6 bool) api.Message {
	return &interfaces.SwInterfaceGetTable{SwIfIndex: i, IsIPv6: v6}
}

func newTable(n uint32, v6 bool, name string) api.Message {
	return &ip.IPTableAddDel{IsAdd: true, Table: ip.IPTable{TableID: n, IsIP6: v6, Name: name}}
}

func noTable(n uint32, v6 bool) api.Message {
	return &ip.IPTableAddDel{Table: ip.IPTable{TableID: n, IsIP6: v6}}
}

func source(name string, priority uint8) api.Message {
	return &fib.FibSourceAdd{Src: fib.FibSource{Name: name, Priority: priority}}
}

// via is a path; the index nobody leaves the interface open.
func via(gateway string, i index, weight, preference uint8) fib_types.FibPath {
	p := fib_types.FibPath{SwIfIndex: uint32(i), Weight: weight, Preference: preference}
	if gateway != "" {
		a := ipAddress(gateway)
		p.Nh.Address = a.Un
		if a.Af == ip_types.ADDRESS_IP6 {
			p.Proto = fib_types.FIB_API_PATH_NH_PROTO_IP6
		}
	}
	return p
}

func drop(preference uint8) fib_types.FibPath {
	return fib_types.FibPath{SwIfIndex: ^uint32(0), Type: fib_types.FIB_API_PATH_TYPE_DROP, Weight: 1, Preference: preference}
}

func six(p fib_types.FibPath) fib_types.FibPath {
	p.Proto = fib_types.FIB_API_PATH_NH_PROTO_IP6
	return p
}

func routeIn(table uint32, src uint8, dst string, paths []fib_types.FibPath, add, multi bool) api.Message {
	return &ip.IPRouteAddDelV2{IsAdd: add, IsMultipath: multi, Route: ip.IPRouteV2{
		TableID: table, Prefix: prefix(dst), Src: src, NPaths: uint8(len(paths)), Paths: paths}}
}

func route(src uint8, dst string, paths ...fib_types.FibPath) api.Message {
	return routeIn(0, src, dst, paths, true, false)
}

func paths(src uint8, dst string, paths ...fib_types.FibPath) api.Message {
	return routeIn(0, src, dst, paths, true, true)
}

func unpaths(src uint8, dst string, paths ...fib_types.FibPath) api.Message {
	return routeIn(0, src, dst, paths, false, true)
}

func unroute(src uint8, dst string) api.Message { return routeIn(0, src, dst, nil, false, false) }

func lookup(dst string, exact uint8) api.Message {
	return &ip.IPRouteLookupV2{Exact: exact, Prefix: prefix(dst)}
}

func routes(table uint32, v6 bool, src uint8) api.Message {
	return &ip.IPRouteV2Dump{Src: src, Table: ip.IPTable{TableID: table, IsIP6: v6}}
}

func neighbor(add bool, i index, a, mac string, flags ip_neighbor.IPNeighborFlags) api.Message {
	m, err := ethernet_types.ParseMacAddress(mac)
	if err != nil {
		panic(err)
	}
	return &ip_neighbor.IPNeighborAddDel{IsAdd: add, Neighbor: ip_neighbor.IPNeighbor{SwIfIndex: i, Flags: flags, MacAddress: m, IPAddress: ipAddress(a)}}
}

func neighbors(i index, af ip_types.AddressFamily) api.Message {
	return &ip_neighbor.IPNeighborDump{SwIfIndex: i, Af: af}
}

func unnumbered(add bool, i, lender index) api.Message {
	return &interfaces.SwInterfaceSetUnnumbered{SwIfIndex: lender, UnnumberedSwIfIndex: i, IsAdd: add}
}

func ip6(i index, enable bool) api.Message {
	return &ip.SwInterfaceIP6EnableDisable{SwIfIndex: i, Enable: enable}
}

func linkLocal(i index) api.Message { return &ip.SwInterfaceIP6GetLinkLocalAddress{SwIfIndex: i} }

func domain(add bool, id uint32, tag string, age uint8) api.Message {
	return &l2.BridgeDomainAddDelV2{BdID: id, IsAdd: add, BdTag: tag, MacAge: age, Flood: add, UuFlood: add, Forward: add, Learn: add}
}

func domains() api.Message {
	return &l2.BridgeDomainDump{BdID: ^uint32(0), SwIfIndex: nobody}
}

func port(enable bool, i index, bd uint32, kind l2.L2PortType) api.Message {
	return &l2.SwInterfaceSetL2Bridge{RxSwIfIndex: i, BdID: bd, PortType: kind, Enable: enable}
}

func rewrite(i index, op uint32) api.Message {
	return &l2.L2InterfaceVlanTagRewrite{SwIfIndex: i, VtrOp: op}
}

const (
	static4 = ip_neighbor.IP_API_NEIGHBOR_FLAG_STATIC
)

func join(parts ...any) (list []api.Message) {
	for _, p := range parts {
		switch p := p.(type) {
		case api.Message:
			list = append(list, p)
		case []api.Message:
			list = append(list, p...)
		}
	}
	return list
}

func stories() []story {
	const src = 23 // what the first fib_source_add of a VPP 25.10 without further plugins gives
	return []story{
		{"loopbacks", join(
			dumpLinks(), loop(0), loop(16384), loop(0), loop(70000), &interfaces.CreateLoopback{}, dumpLinks(),
			rename(1, "lan"), rename(2, "lan"), rename(2, ""), rename(77, "x"), dumpLinks(),
			tag(1, "outrigger:something"), tag(2, "012345678901234567890123456789012345678901234567890123456789012"), tag(77, "x"),
			up(1), mtu(1, 1400, 0, 0, 0), mtu(2, 1500, 1400, 1300, 1200), mtu(2, 0, 0, 0, 0), mtu(77, 1), mtu(1, 70000, 0, 0, 0), mtu(1, 10, 0, 0, 0),
			&interfaces.HwInterfaceSetMtu{SwIfIndex: 1, Mtu: 1600}, &interfaces.HwInterfaceSetMtu{SwIfIndex: 1, Mtu: 64000},
			&interfaces.SwInterfaceSetMacAddress{SwIfIndex: 1, MacAddress: ethernet_types.MacAddress{2, 0, 0x5e, 0, 0, 1}},
			&interfaces.SwInterfaceSetMacAddress{SwIfIndex: 2, MacAddress: ethernet_types.MacAddress{1, 0, 0x5e, 0, 0, 1}},
			&interfaces.SwInterfaceSetMacAddress{SwIfIndex: 77},
			&interfaces.SwInterfaceGetMacAddress{SwIfIndex: 1}, &interfaces.SwInterfaceGetMacAddress{SwIfIndex: 77},
			dumpLinks(), &interfaces.SwInterfaceDump{SwIfIndex: 1}, &interfaces.SwInterfaceDump{SwIfIndex: 77}, &interfaces.SwInterfaceDump{},
			&interfaces.SwInterfaceDump{SwIfIndex: nobody, NameFilterValid: true, NameFilter: "LA"},
			down(1), down(77), tag(1, ""), unloop(1), unloop(1), unloop(0), unloop(77), loop(5), dumpLinks(), unloop(2), unloop(1), loop(6), loop(7), dumpLinks(),
		)},
		{"addresses", join(
			loop(0), loop(1), up(1), up(2),
			addr(1, "192.0.2.1/24"), addr(1, "192.0.2.1/24"), addr(1, "192.0.2.1/25"), addr(1, "192.0.2.2/24"), addr(1, "192.0.2.3/25"), addr(2, "192.0.2.4/24"), addr(2, "192.0.2.1/24"),
			addr(2, "198.51.100.1/32"), addr(2, "198.51.100.2/32"), addr(2, "203.0.113.0/31"), addr(2, "10.1.0.1/16"), addr(1, "10.1.2.1/24"),
			addr(1, "2001:db8::1/64"), addr(1, "2001:db8::1/64"), addr(1, "2001:db8::1/65"), addr(1, "2001:db8::2/64"), addr(2, "2001:db8::3/64"), addr(2, "2001:db8::1/64"), addr(1, "2001:db8:1::1/128"), addr(1, "fe80::1/64"), addr(2, "fe80::2/128"),
			addr(77, "192.0.2.9/24"), addr(1, "0.0.0.0/0"), addr(1, "127.0.0.1/8"), addr(1, "224.0.0.1/24"),
			addrs(1), addrs(2), addrs(77), linkLocal(1), linkLocal(2), routes(0, false, 0), routes(0, true, 0),
			unaddr(1, "192.0.2.99/24"), unaddr(1, "192.0.2.1/24"), unaddr(1, "192.0.2.1/24"), unaddr(1, "2001:db8::1/64"), unaddr(1, "2001:db8::2/64"), unaddr(1, "2001:db8:1::1/128"), linkLocal(1), unaddr(77, "192.0.2.1/24"), unaddr(1, "fe80::1/64"), linkLocal(1),
			addrs(1), routes(0, false, 0), down(1), addrs(1), routes(0, false, 0), routes(0, true, 0), up(1), routes(0, false, 0), unloop(1), addrs(1), routes(0, false, 0), loop(0), addrs(1), linkLocal(1),
			&interfaces.SwInterfaceAddDelAddress{SwIfIndex: 2, DelAll: true}, addrs(2), routes(0, false, 0),
		)},
		{"IPv6", join(
			loop(0), linkLocal(1), &ip.IPDump{}, &ip.IPDump{IsIPv6: true}, ip6(1, true), linkLocal(1), addrs(1), ip6(1, true), ip6(1, false), ip6(1, false), linkLocal(1), ip6(77, true),
			addr(1, "2001:db8::1/64"), ip6(1, true), linkLocal(1), ip6(1, false), addrs(1), linkLocal(1), ip6(1, true), unaddr(1, "2001:db8::1/64"), addrs(1), linkLocal(1), ip6(1, false),
			&ip.SwInterfaceIP6SetLinkLocalAddress{SwIfIndex: 1, IP: ip_types.IP6Address{0xfe, 0x80, 15: 9}}, linkLocal(1),
			&ip.IPDump{}, &ip.IPDump{IsIPv6: true}, addr(1, "192.0.2.1/24"), &ip.IPDump{}, routes(0, true, 0), unloop(1), &ip.IPDump{}, routes(0, true, 0),
		)},
		{"IPv6 of the whole", join(loop(0), loop(1), mtu(1, 1400, 1300, 1290, 0), ip6(1, true), ip6(2, true), up(1), routes(0, true, 0), ip6(1, false), routes(0, true, 0), unloop(2), routes(0, true, 0))},
		{"tables", join(
			&ip.IPTableDump{}, newTable(7, false, "outrigger:blue"), newTable(7, false, "outrigger:red"), newTable(7, true, "outrigger:blue"), newTable(8, false, ""), newTable(0, false, "x"), &ip.IPTableDump{},
			&ip.IPTableAllocate{Table: ip.IPTable{TableID: ^uint32(0), Name: "auto"}}, &ip.IPTableAllocate{Table: ip.IPTable{TableID: 7, Name: "auto"}}, &ip.IPTableAllocate{Table: ip.IPTable{TableID: ^uint32(0), IsIP6: true}},
			&ip.IPTableDump{}, noTable(8, false), noTable(8, false), noTable(99, false), noTable(0, false), &ip.IPTableDump{}, routes(7, false, 0), routes(8, false, 0),
			loop(0), getTable(1, false), getTable(77, false), setTable(1, false, 7), setTable(1, false, 99), setTable(77, false, 7), getTable(1, false), getTable(1, true),
			addr(1, "192.0.2.1/24"), routes(7, false, 0), setTable(1, false, 0), setTable(1, false, 7), setTable(1, true, 7), addr(1, "2001:db8::1/64"), setTable(1, true, 0), addrs(1), unaddr(1, "2001:db8::1/64"), setTable(1, true, 0), setTable(1, true, 7),
			noTable(7, false), &ip.IPTableDump{}, routes(7, false, 0), getTable(1, false), newTable(7, false, "again"), &ip.IPTableDump{}, noTable(7, false), unaddr(1, "192.0.2.1/24"), &ip.IPTableDump{}, setTable(1, false, 0), &ip.IPTableDump{},
			routeIn(7, 0, "203.0.113.0/24", []fib_types.FibPath{drop(0)}, true, false), routeIn(99, 0, "203.0.113.0/24", []fib_types.FibPath{drop(0)}, true, false),
			newTable(9, false, "nine"), routeIn(9, 0, "203.0.113.0/24", []fib_types.FibPath{drop(0)}, true, false), noTable(9, false), &ip.IPTableDump{}, routes(9, false, 0), newTable(9, false, "nine"), routes(9, false, 0),
			setTable(1, true, 0), unloop(1), &ip.IPTableDump{},
		)},
		{"table with a member", join(
			newTable(7, false, "blue"), newTable(7, true, "blue"), loop(0), setTable(1, false, 7), setTable(1, true, 7), up(1), ip6(1, true), addrs(1), linkLocal(1), setTable(1, true, 0), ip6(1, false), setTable(1, true, 0), setTable(1, true, 7),
			noTable(7, true), noTable(7, false), &ip.IPTableDump{}, getTable(1, false), getTable(1, true), setTable(1, false, 0), &ip.IPTableDump{}, setTable(1, true, 0), &ip.IPTableDump{},
			newTable(7, false, "blue"), setTable(1, false, 7), addr(1, "192.0.2.1/24"), unloop(1), &ip.IPTableDump{}, routes(7, false, 0), loop(0), getTable(1, false), setTable(1, false, 7), noTable(7, false), &ip.IPTableDump{}, unloop(1), &ip.IPTableDump{},
		)},
		{"sources", join(&fib.FibSourceDump{}, source("outrigger", 150), source("outrigger", 150), source("x", 10), &fib.FibSourceDump{})},
		{"routes", join(
			source("outrigger", 150), loop(0), loop(1), up(1), up(2), addr(1, "192.0.2.1/24"), addr(2, "198.51.100.1/24"),
			route(src, "203.0.113.0/24", via("192.0.2.2", 1, 1, 0)), lookup("203.0.113.0/24", 1), lookup("203.0.113.0/24", 0), lookup("203.0.113.7/32", 0), lookup("203.0.113.7/32", 1), routes(0, false, src),
			route(src, "203.0.113.0/24", via("192.0.2.3", 1, 0, 0)), lookup("203.0.113.0/24", 1),
			paths(src, "203.0.113.0/24", via("198.51.100.2", 2, 0, 0)), lookup("203.0.113.0/24", 1), paths(src, "203.0.113.0/24", via("198.51.100.2", 2, 5, 0)), lookup("203.0.113.0/24", 1),
			paths(src, "203.0.113.0/24", via("198.51.100.2", 2, 1, 7)), lookup("203.0.113.0/24", 1),
			unpaths(src, "203.0.113.0/24", via("198.51.100.2", 2, 1, 0)), lookup("203.0.113.0/24", 1), unpaths(src, "203.0.113.0/24", via("198.51.100.9", 2, 1, 0)), unpaths(src, "203.0.113.0/24", via("198.51.100.2", 2, 0, 7)), lookup("203.0.113.0/24", 1),
			unpaths(src, "203.0.113.0/24", via("192.0.2.3", 1, 1, 0)), lookup("203.0.113.0/24", 1), routes(0, false, src), unroute(src, "203.0.113.0/24"), unroute(src, "203.0.113.0/24"), unroute(src, "10.0.0.0/8"), unpaths(src, "10.0.0.0/8", via("192.0.2.3", 1, 1, 0)),
			route(src, "203.0.113.0/24", drop(0)), lookup("203.0.113.0/24", 1), route(src, "203.0.113.0/24", drop(77)), lookup("203.0.113.0/24", 1), paths(src, "203.0.113.0/24", via("192.0.2.2", 1, 1, 0)), lookup("203.0.113.0/24", 1),
			unpaths(src, "203.0.113.0/24", drop(77)), lookup("203.0.113.0/24", 1), unpaths(src, "203.0.113.0/24", via("192.0.2.2", 1, 1, 0)),
			route(src, "203.0.113.0/24", via("192.0.2.2", nobody, 1, 0)), lookup("203.0.113.0/24", 1), route(src, "203.0.113.0/24", via("", 2, 1, 0)), lookup("203.0.113.0/24", 1), route(src, "203.0.113.0/24", via("192.0.2.2", 77, 1, 0)), route(src, "203.0.113.7/24", via("192.0.2.2", 1, 1, 0)), lookup("203.0.113.0/24", 1),
			route(src, "203.0.113.0/24"), lookup("203.0.113.0/24", 1), route(0, "203.0.113.0/24", via("192.0.2.9", 1, 1, 0)), lookup("203.0.113.0/24", 1), routes(0, false, src), routes(0, false, 0), unroute(0, "203.0.113.0/24"),
			route(src, "10.8.0.0/16", via("10.99.0.1", nobody, 1, 0)), lookup("10.8.0.0/16", 1), route(src, "10.7.0.0/16", via("10.8.0.1", nobody, 1, 0)), lookup("10.7.0.0/16", 1),
			routes(0, false, src),
		)},
		{"routes with metrics", join(
			source("outrigger", 150), loop(0), loop(1), up(1), up(2), addr(1, "192.0.2.1/24"), addr(2, "198.51.100.1/24"),
			route(src, "203.0.113.0/24", via("192.0.2.2", 1, 1, 0), via("198.51.100.2", 2, 3, 77)), lookup("203.0.113.0/24", 1), routes(0, false, src),
			paths(src, "203.0.113.0/24", drop(5)), lookup("203.0.113.0/24", 1), routes(0, false, src), paths(src, "203.0.113.0/24", via("192.0.2.2", 1, 1, 9)), lookup("203.0.113.0/24", 1),
			unpaths(src, "203.0.113.0/24", via("192.0.2.2", 1, 1, 9)), routes(0, false, src), unpaths(src, "203.0.113.0/24", drop(5)), unpaths(src, "203.0.113.0/24", via("192.0.2.2", 1, 1, 0)), routes(0, false, src), lookup("203.0.113.0/24", 1),
			route(src, "203.0.113.0/24", via("192.0.2.2", 1, 2, 0), via("192.0.2.2", 1, 3, 0)), routes(0, false, src), route(src, "203.0.113.0/24", via("192.0.2.2", 1, 255, 255)), routes(0, false, src),
		)},
		{"routes and their links", join(
			source("outrigger", 150), loop(0), loop(1), up(1), up(2), addr(1, "192.0.2.1/24"), addr(2, "198.51.100.1/24"),
			route(src, "203.0.113.0/24", via("192.0.2.2", 1, 1, 0), via("198.51.100.2", 2, 1, 0)), route(src, "10.0.0.0/8", via("192.0.2.2", nobody, 1, 0)), route(src, "10.2.0.0/16", via("192.0.2.2", 1, 1, 0)), route(src, "10.3.0.0/16", via("", 1, 1, 0)),
			down(1), routes(0, false, src), up(1), routes(0, false, src), unaddr(1, "192.0.2.1/24"), routes(0, false, src), addr(1, "192.0.2.1/24"),
			unloop(1), routes(0, false, src), lookup("10.2.0.0/16", 1), addrs(1), loop(3), routes(0, false, src), unroute(src, "10.2.0.0/16"), routes(0, false, src), unpaths(src, "203.0.113.0/24", via("192.0.2.2", 1, 1, 0)), routes(0, false, src),
		)},
		{"IPv6 routes", join(
			source("outrigger", 150), loop(0), loop(1), up(1), up(2), addr(1, "2001:db8:1::1/64"), addr(2, "2001:db8:2::1/64"),
			route(src, "2001:db8:f::/48", via("2001:db8:1::2", 1, 1, 0)), lookup("2001:db8:f::/48", 1), paths(src, "2001:db8:f::/48", via("2001:db8:2::2", 2, 3, 0)), routes(0, true, src), route(src, "2001:db8:f::/48", six(drop(4))), routes(0, true, src),
			route(src, "2001:db8:f::/48", six(via("", 2, 1, 0))), routes(0, true, src), route(src, "2001:db8:e::/48", via("2001:db8:1::2", nobody, 1, 0)), route(src, "2001:db8:d::/48", via("fe80::9", 1, 1, 0)), route(src, "2001:db8:c::/48", via("192.0.2.1", 1, 1, 0)), route(src, "2001:db8:b::/48", drop(0)), routes(0, true, src), routes(0, true, 0),
			lookup("2001:db8:f::/48", 0), lookup("::/0", 1), lookup("2001:db8:99::/48", 1), lookup("2001:db8:99::/48", 0),
		)},
		{"neighbors", join(
			loop(0), neighbor(true, 1, "192.0.2.9", "02:00:00:00:00:01", static4), neighbors(nobody, 0), addr(1, "192.0.2.1/24"), addr(1, "2001:db8::1/64"), up(1),
			neighbor(true, 1, "192.0.2.9", "02:00:00:00:00:02", static4), neighbors(nobody, 0), neighbor(true, 1, "192.0.2.10", "02:00:00:00:00:03", 0), neighbor(true, 1, "10.0.0.1", "02:00:00:00:00:04", static4), neighbor(true, 1, "2001:db8::9", "02:00:00:00:00:05", static4), neighbor(true, 77, "192.0.2.9", "02:00:00:00:00:01", static4),
			neighbors(nobody, 0), neighbors(nobody, 1), neighbors(1, 0), neighbors(77, 0), routes(0, false, 0),
			neighbor(true, 1, "192.0.2.9", "02:00:00:00:00:07", 0), neighbor(true, 1, "192.0.2.10", "02:00:00:00:00:08", static4), neighbors(nobody, 0),
			neighbor(true, 1, "192.0.2.11", "02:00:00:00:00:09", static4|ip_neighbor.IP_API_NEIGHBOR_FLAG_NO_FIB_ENTRY), neighbors(nobody, 0), routes(0, false, 0),
			neighbor(false, 1, "192.0.2.10", "00:00:00:00:00:00", 0), neighbor(false, 1, "192.0.2.10", "02:00:00:00:00:08", static4), neighbor(false, 1, "192.0.2.99", "02:00:00:00:00:01", static4), neighbors(nobody, 0), routes(0, false, 0),
			unaddr(1, "192.0.2.1/24"), neighbors(nobody, 0), down(1), neighbors(nobody, 0), neighbors(nobody, 1), up(1), neighbors(nobody, 0), unaddr(1, "2001:db8::1/64"), neighbors(nobody, 1), ip6(1, true), ip6(1, false), neighbors(nobody, 1),
			unloop(1), neighbors(nobody, 0), neighbors(nobody, 1), routes(0, false, 0), loop(4), neighbors(nobody, 0), up(1), addr(1, "192.0.2.1/24"), routes(0, false, 0), neighbor(false, 1, "192.0.2.9", "02:00:00:00:00:02", static4), neighbors(nobody, 0),
		)},
		{"neighbors and tables", join(
			newTable(7, false, "blue"), loop(0), up(1), addr(1, "192.0.2.1/24"), neighbor(true, 1, "192.0.2.9", "02:00:00:00:00:01", static4), unaddr(1, "192.0.2.1/24"), setTable(1, false, 7), neighbors(nobody, 0), routes(0, false, 0), routes(7, false, 0),
			addr(1, "192.0.2.1/24"), routes(7, false, 0), setTable(1, false, 0), unaddr(1, "192.0.2.1/24"), setTable(1, false, 0), routes(7, false, 0), neighbors(nobody, 0),
		)},
		{"unnumbered", join(
			loop(0), loop(1), loop(2), up(1), up(2), addr(1, "192.0.2.1/24"), addr(1, "2001:db8::1/64"), &ip.IPUnnumberedDump{SwIfIndex: nobody}, unnumbered(true, 2, 1), &ip.IPUnnumberedDump{SwIfIndex: nobody}, &ip.IPUnnumberedDump{SwIfIndex: 2}, &ip.IPDump{}, &ip.IPDump{IsIPv6: true}, addrs(2), routes(0, false, 0),
			unnumbered(true, 2, 3), &ip.IPUnnumberedDump{SwIfIndex: nobody}, unnumbered(true, 2, 2), unnumbered(true, 77, 1), unnumbered(true, 2, 77), addr(2, "198.51.100.1/24"), addrs(2), setTable(2, false, 0), newTable(7, false, "x"), setTable(2, false, 7), linkLocal(2),
			unnumbered(false, 2, 1), unnumbered(false, 2, 1), &ip.IPUnnumberedDump{SwIfIndex: nobody}, unaddr(2, "198.51.100.1/24"), addr(2, "198.51.100.1/24"), unnumbered(true, 2, 1), &ip.IPUnnumberedDump{SwIfIndex: nobody}, addrs(2),
			unnumbered(true, 3, 1), unloop(3), &ip.IPUnnumberedDump{SwIfIndex: nobody}, unloop(1), &ip.IPUnnumberedDump{SwIfIndex: nobody}, loop(4), &ip.IPUnnumberedDump{SwIfIndex: nobody},
		)},
		{"VLANs", join(
			loop(0), up(1), &interfaces.CreateVlanSubif{SwIfIndex: 1, VlanID: 10}, &interfaces.CreateVlanSubif{SwIfIndex: 1, VlanID: 10}, &interfaces.CreateVlanSubif{SwIfIndex: 77, VlanID: 10}, &interfaces.CreateVlanSubif{SwIfIndex: 1, VlanID: 5000}, &interfaces.CreateVlanSubif{SwIfIndex: 1, VlanID: 0},
			sub(1, 20, 20), sub(1, 21, 20), sub(1, 22, 10), sub(1, 10, 11), sub(77, 1, 1), sub(1, 70000, 70), sub(1, 5, 4095), dumpLinks(),
			rename(3, "eth0.20"), tag(3, "x"), up(3), mtu(3, 1300, 0, 0, 0), addr(3, "192.0.2.1/24"), &interfaces.SwInterfaceSetMacAddress{SwIfIndex: 3, MacAddress: ethernet_types.MacAddress{2}}, dumpLinks(), down(1), up(3), up(5), down(5), dumpLinks(), up(1), up(3), dumpLinks(),
			&interfaces.DeleteSubif{SwIfIndex: 2}, &interfaces.DeleteSubif{SwIfIndex: 2}, &interfaces.DeleteSubif{SwIfIndex: 1}, &interfaces.DeleteSubif{SwIfIndex: 77}, dumpLinks(), rename(1, "wan"), dumpLinks(), unloop(1), dumpLinks(), addrs(3), loop(9), dumpLinks(),
		)},
		{"bridge domains", join(
			domains(), domain(true, 7, "outrigger:br0", 5), domain(true, 7, "outrigger:br1", 5), domain(true, ^uint32(0), "auto", 0), domain(true, 0, "x", 0), domain(true, 1<<24, "x", 0), domains(), &l2.BridgeDomainDump{BdID: 7, SwIfIndex: nobody}, &l2.BridgeDomainDump{BdID: 99, SwIfIndex: nobody},
			&l2.BviCreate{UserInstance: 7}, &l2.BviCreate{UserInstance: 7}, &l2.BviCreate{UserInstance: ^uint32(0)}, &l2.BviCreate{Mac: ethernet_types.MacAddress{2, 1, 1, 1, 1, 1}, UserInstance: 9}, port(true, 1, 7, l2.L2_API_PORT_TYPE_BVI), port(true, 2, 7, l2.L2_API_PORT_TYPE_BVI), dumpLinks(), domains(),
			loop(0), loop(1), port(true, 4, 7, 0), port(true, 4, 7, 0), port(true, 4, 99, 0), port(true, 77, 7, 0), domains(), addr(4, "192.0.2.1/24"), addrs(4), addr(5, "198.51.100.1/24"), up(4), up(5), up(1), addr(1, "10.5.0.1/24"), routes(0, false, 0), port(true, 5, 7, 0), addrs(5), routes(0, false, 0), domains(),
			&l2.BridgeDomainSetMacAge{BdID: 7, MacAge: 10}, &l2.BridgeDomainSetMacAge{BdID: 99, MacAge: 10}, &l2.BridgeFlags{BdID: 7, Flags: 1}, &l2.BridgeFlags{BdID: 7, IsSet: true, Flags: 1}, &l2.BridgeFlags{BdID: 99, Flags: 1}, domains(),
			&l2.L2Flags{SwIfIndex: 4, FeatureBitmap: 1}, &l2.L2Flags{SwIfIndex: 4, IsSet: true, FeatureBitmap: 1}, &l2.L2Flags{SwIfIndex: 77, FeatureBitmap: 1}, &l2.L2Flags{SwIfIndex: 0, FeatureBitmap: 1},
			domain(false, 7, "", 0), domain(false, 99, "", 0), port(false, 5, 7, 0), domains(), addrs(5), routes(0, false, 0), port(false, 5, 7, 0), port(true, 4, 8, 0), domain(true, 8, "y", 0), port(true, 4, 8, 0), domains(), unloop(4), domains(), &l2.BviDelete{SwIfIndex: 1}, domains(), dumpLinks(), &l2.BviDelete{SwIfIndex: 1}, &l2.BviDelete{SwIfIndex: 5}, domain(false, 7, "", 0), domain(false, 8, "", 0), domains(), unloop(2), &l2.BviDelete{SwIfIndex: 2}, dumpLinks(),
		)},
		{"VLANs in a bridge", join(
			loop(0), sub(1, 10, 10), domain(true, 7, "x", 0), domain(true, 8, "y", 0), rewrite(1, 3), rewrite(77, 3), rewrite(2, 9), rewrite(2, 4), dumpLinks(),
			port(true, 2, 7, 0), dumpLinks(), rewrite(2, 3), dumpLinks(), port(true, 2, 8, 0), dumpLinks(), rewrite(2, 0), dumpLinks(), rewrite(2, 3), port(false, 2, 8, 0), dumpLinks(), rewrite(2, 3), dumpLinks(), port(true, 2, 8, 0), dumpLinks(), port(false, 2, 8, 0), dumpLinks(),
		)},
		{"bridge of others", join(
			domain(true, 7, "x", 0), &l2.BviCreate{UserInstance: 16383}, port(true, 1, 7, l2.L2_API_PORT_TYPE_BVI), up(1), addr(1, "192.0.2.1/24"), loop(0), port(true, 2, 7, l2.L2_API_PORT_TYPE_BVI), domains(), mtu(1, 1400, 0, 0, 0), &interfaces.SwInterfaceSetMacAddress{SwIfIndex: 1, MacAddress: ethernet_types.MacAddress{2, 7}}, rename(1, "br0"), tag(1, "z"), dumpLinks(), setTable(1, false, 0), port(false, 1, 7, l2.L2_API_PORT_TYPE_BVI), domains(), addrs(1), port(true, 1, 7, l2.L2_API_PORT_TYPE_BVI), domain(false, 7, "", 0), domains(), dumpLinks(),
			sub(2, 5, 5), port(true, 3, 7, 0), domains(), port(true, 2, 7, 0), domains(), unloop(2), domains(), dumpLinks(),
		)},
		{"memif", join(
			&memif.MemifSocketFilenameDump{}, socketFile(true, 5, "/run/a.sock"), socketFile(true, 5, "/run/b.sock"), socketFile(true, 6, "/run/a.sock"), socketFile(true, ^uint32(0), "/run/c.sock"), socketFile(true, 0, "/run/d.sock"), socketFile(false, 0, ""), socketFile(true, 8, "relative.sock"), socketFile(true, 9, "@abstract"), socketFile(true, 10, ""), &memif.MemifSocketFilenameDump{},
			newMemif(5, 0, 0, 0), newMemif(5, 0, 0, 0), newMemif(5, 1, 1, 0), newMemif(6, 1, 1, 0), newMemif(5, 2, 0, 1), newMemif(99, 1, 0, 0), &memif.MemifCreateV2{SocketID: 5, ID: 7, RingSize: 1000}, &memif.MemifCreateV2{SocketID: 5, ID: 8, RingSize: 2048, BufferSize: 1024}, &memif.MemifCreateV2{SocketID: 5, ID: 9, RxQueues: 2, TxQueues: 3}, &memif.MemifCreateV2{SocketID: 5, ID: 10, RingSize: 65536},
			&memif.MemifDump{}, dumpLinks(), rename(1, "m0"), up(1), mtu(1, 1400, 0, 0, 0), &memif.MemifDump{}, dumpLinks(), socketFile(false, 5, ""), &memif.MemifSocketFilenameDump{}, &memif.MemifDelete{SwIfIndex: 1}, &memif.MemifDelete{SwIfIndex: 1}, &memif.MemifDelete{SwIfIndex: 0}, &memif.MemifDelete{SwIfIndex: 2}, &memif.MemifDelete{SwIfIndex: 3}, &memif.MemifDelete{SwIfIndex: 4}, &memif.MemifDelete{SwIfIndex: 5}, socketFile(false, 5, ""), socketFile(false, 5, ""), &memif.MemifSocketFilenameDump{}, dumpLinks(),
		)},
		{"taps", tapRequests()},
		{"af-packet", join(
			afPacket("lo"), afPacket("lo"), afPacket("nowhere"), afPacket(""), &af_packet.AfPacketDump{}, dumpLinks(), up(1), rename(1, "h0"), mtu(1, 1400, 0, 0, 0), dumpLinks(), &af_packet.AfPacketDelete{HostIfName: "h0"}, &af_packet.AfPacketDelete{HostIfName: "lo"}, &af_packet.AfPacketDelete{HostIfName: "lo"}, &af_packet.AfPacketDump{}, dumpLinks(),
		)},
		{"vxlan", join(
			loop(0), addr(1, "192.0.2.1/24"), up(1),
			newVxlan(3, "192.0.2.1", "192.0.2.2", 42, 0, nobody), newVxlan(4, "192.0.2.1", "192.0.2.2", 42, 0, nobody), newVxlan(3, "192.0.2.1", "192.0.2.2", 43, 0, nobody), newVxlan(^uint32(0), "192.0.2.1", "192.0.2.2", 44, 4790, nobody), newVxlan(5, "192.0.2.1", "192.0.2.1", 42, 0, nobody), newVxlan(5, "192.0.2.1", "239.0.0.1", 42, 0, nobody), newVxlan(5, "192.0.2.1", "239.0.0.1", 42, 0, 77), newVxlan(5, "192.0.2.1", "239.0.0.1", 42, 0, 1), newVxlan(6, "192.0.2.1", "192.0.2.3", 0, 0, nobody), newVxlan(6, "192.0.2.1", "192.0.2.3", 1<<24, 0, nobody), newVxlan(7, "192.0.2.1", "2001:db8::1", 45, 0, nobody), newVxlan(8, "2001:db8::1", "2001:db8::2", 46, 0, nobody), newVxlan(9, "10.0.0.1", "10.0.0.2", 47, 0, nobody),
			&vxlan.VxlanTunnelV2Dump{SwIfIndex: nobody}, &vxlan.VxlanTunnelV2Dump{SwIfIndex: 77}, dumpLinks(), up(2), rename(2, "vx0"), mtu(2, 1400, 0, 0, 0), &interfaces.SwInterfaceSetMacAddress{SwIfIndex: 2, MacAddress: ethernet_types.MacAddress{2, 7}}, dumpLinks(),
			delVxlan("192.0.2.1", "192.0.2.2", 42, 0), delVxlan("192.0.2.1", "192.0.2.2", 42, 0), delVxlan("192.0.2.1", "192.0.2.2", 44, 0), delVxlan("192.0.2.1", "192.0.2.2", 44, 4790), delVxlan("192.0.2.1", "239.0.0.1", 42, 0), dumpLinks(), unloop(1), dumpLinks(), &vxlan.VxlanTunnelV2Dump{SwIfIndex: nobody},
		)},
		{"gre", join(
			loop(0), addr(1, "192.0.2.1/24"), up(1), newGre(true, 3, "192.0.2.1", "192.0.2.2", 0), newGre(true, 4, "192.0.2.1", "192.0.2.2", 0), newGre(true, 3, "192.0.2.1", "192.0.2.3", 0), newGre(true, ^uint32(0), "192.0.2.1", "192.0.2.4", 0), newGre(true, 6, "192.0.2.1", "192.0.2.2", 99), newGre(true, 7, "2001:db8::1", "2001:db8::2", 0), newGre(true, 8, "192.0.2.1", "192.0.2.1", 0), newGre(true, 9, "192.0.2.1", "0.0.0.0", 0),
			&gre.GreTunnelDump{SwIfIndex: nobody}, &gre.GreTunnelDumpV2{SwIfIndex: nobody}, &gre.GreTunnelDump{SwIfIndex: 77}, dumpLinks(), up(2), mtu(2, 1400, 0, 0, 0), &interfaces.SwInterfaceSetMacAddress{SwIfIndex: 2, MacAddress: ethernet_types.MacAddress{2, 7}}, rename(2, "g0"), addr(2, "10.0.0.1/30"), addrs(2), dumpLinks(),
			newGre(false, 0, "192.0.2.1", "192.0.2.2", 0), newGre(false, 0, "192.0.2.1", "192.0.2.2", 0), newGre(false, 0, "192.0.2.1", "192.0.2.2", 99), dumpLinks(), unloop(1), dumpLinks(),
		)},
		{"ipip", join(
			loop(0), addr(1, "192.0.2.1/24"), up(1), newIpip(3, "192.0.2.1", "192.0.2.2"), newIpip(4, "192.0.2.1", "192.0.2.2"), newIpip(3, "192.0.2.1", "192.0.2.3"), newIpip(^uint32(0), "192.0.2.1", "192.0.2.4"), newIpip(7, "2001:db8::1", "2001:db8::2"), newIpip(8, "192.0.2.1", "2001:db8::2"), newIpip(9, "192.0.2.1", "192.0.2.1"),
			&ipip.IpipTunnelDump{SwIfIndex: nobody}, &ipip.IpipTunnelDump{SwIfIndex: 77}, dumpLinks(), up(2), mtu(2, 1400, 0, 0, 0), &interfaces.SwInterfaceSetMacAddress{SwIfIndex: 2, MacAddress: ethernet_types.MacAddress{2, 7}}, rename(2, "i0"), addr(2, "10.0.0.1/30"), addrs(2), dumpLinks(),
			&ipip.IpipDelTunnel{SwIfIndex: 2}, &ipip.IpipDelTunnel{SwIfIndex: 2}, &ipip.IpipDelTunnel{SwIfIndex: 1}, dumpLinks(), unloop(1), dumpLinks(),
		)},
		{"events", join(
			&interfaces.WantInterfaceEvents{EnableDisable: 1, PID: 9}, &interfaces.WantInterfaceEvents{EnableDisable: 1, PID: 9}, loop(0), rename(1, "x"), up(1), up(1), mtu(1, 1400, 0, 0, 0), tag(1, "x"), &interfaces.SwInterfaceSetMacAddress{SwIfIndex: 1, MacAddress: ethernet_types.MacAddress{2}}, addr(1, "192.0.2.1/24"), sub(1, 5, 5), up(2), down(1), up(1), &interfaces.DeleteSubif{SwIfIndex: 2}, sub(1, 6, 6), up(2),
			&ip_neighbor.WantIPNeighborEventsV2{Enable: true, PID: 8, SwIfIndex: nobody}, &ip_neighbor.WantIPNeighborEventsV2{Enable: true, PID: 8, SwIfIndex: nobody}, neighbor(true, 1, "192.0.2.9", "02:00:00:00:00:01", static4), neighbor(true, 1, "192.0.2.9", "02:00:00:00:00:02", static4), neighbor(true, 1, "192.0.2.9", "02:00:00:00:00:02", static4), neighbor(false, 1, "192.0.2.9", "02:00:00:00:00:02", static4), neighbor(true, 1, "192.0.2.9", "02:00:00:00:00:02", static4),
			unloop(1), loop(1), up(1), unloop(1), newMemifEvents(), &interfaces.WantInterfaceEvents{PID: 9}, &interfaces.WantInterfaceEvents{PID: 9}, loop(2), up(1),
		)},
	}
}

func newMemifEvents() []api.Message {
	return []api.Message{socketFile(true, 5, "/run/a.sock"), newMemif(5, 0, 0, 0), up(1), down(1), &memif.MemifDelete{SwIfIndex: 1}}
}

func sub(parent index, id uint32, vlan uint16) api.Message {
	return &interfaces.CreateSubif{SwIfIndex: parent, SubID: id, OuterVlanID: vlan,
		SubIfFlags: interface_types.SUB_IF_API_FLAG_ONE_TAG | interface_types.SUB_IF_API_FLAG_EXACT_MATCH}
}

func socketFile(add bool, id uint32, name string) api.Message {
	return &memif.MemifSocketFilenameAddDelV2{IsAdd: add, SocketID: id, SocketFilename: name}
}

func newMemif(socket, id uint32, role memif.MemifRole, mode memif.MemifMode) api.Message {
	return &memif.MemifCreateV2{SocketID: socket, ID: id, Role: role, Mode: mode, HwAddr: ethernet_types.MacAddress{2, 0xfe, 0, 0, 0, byte(id)}}
}

func afPacket(host string) api.Message {
	return &af_packet.AfPacketCreateV3{Mode: af_packet.AF_PACKET_API_MODE_ETHERNET, HostIfName: host, HwAddr: ethernet_types.MacAddress{2, 0xfe, 0, 0, 3, 1}}
}

func newVxlan(instance uint32, src, dst string, vni uint32, port uint16, mcast index) api.Message {
	return &vxlan.VxlanAddDelTunnelV3{IsAdd: true, Instance: instance, SrcAddress: ipAddress(src), DstAddress: ipAddress(dst), SrcPort: port, DstPort: port, McastSwIfIndex: mcast, DecapNextIndex: ^uint32(0), Vni: vni}
}

func delVxlan(src, dst string, vni uint32, port uint16) api.Message {
	return &vxlan.VxlanAddDelTunnelV3{SrcAddress: ipAddress(src), DstAddress: ipAddress(dst), SrcPort: port, DstPort: port, McastSwIfIndex: nobody, DecapNextIndex: ^uint32(0), Vni: vni}
}

func newGre(add bool, instance uint32, src, dst string, key uint32) api.Message {
	if key == 0 {
		return &gre.GreTunnelAddDel{IsAdd: add, Tunnel: gre.GreTunnel{Instance: instance, Src: ipAddress(src), Dst: ipAddress(dst)}}
	}
	return &gre.GreTunnelAddDelV2{IsAdd: add, Tunnel: gre.GreTunnelV2{Instance: instance, Src: ipAddress(src), Dst: ipAddress(dst), Key: key}}
}

func newIpip(instance uint32, src, dst string) api.Message {
	return &ipip.IpipAddTunnel{Tunnel: ipip.IpipTunnel{Instance: instance, Src: ipAddress(src), Dst: ipAddress(dst)}}
}
