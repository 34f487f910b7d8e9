package vpptest_test

import (
	"slices"

	"go.fd.io/govpp/api"
	"go.fd.io/govpp/binapi/ethernet_types"
	interfaces "go.fd.io/govpp/binapi/interface"
	"go.fd.io/govpp/binapi/tapv2"
)

func newTap(id uint32, host string) api.Message {
	return &tapv2.TapCreateV3{ID: id, MacAddress: ethernet_types.MacAddress{2, 0xfe, 0, 0, 4, byte(id)}, NumRxQueues: 1, NumTxQueues: 1, TxRingSz: 256, RxRingSz: 256, HostIfNameSet: host != "", HostIfName: host}
}

func untap(i index) api.Message { return &tapv2.TapDeleteV2{SwIfIndex: i} }

func taps(i index) api.Message { return &tapv2.SwInterfaceTapV2Dump{SwIfIndex: i} }

// tapRequests are about taps, and the names of the kernel's ends.
func tapRequests() []api.Message {
	const any = ^uint32(0)
	return join(
		&interfaces.WantInterfaceEvents{EnableDisable: 1, PID: 9},
		newTap(3, "ogt0"), dumpLinks(), taps(nobody), up(1), dumpLinks(), down(1), dumpLinks(), up(1), rename(1, "t0"), tag(1, "outrigger:"), mtu(1, 1400, 0, 0, 0), &interfaces.SwInterfaceSetMacAddress{SwIfIndex: 1, MacAddress: ethernet_types.MacAddress{2, 7}}, addr(1, "192.0.2.1/24"), taps(1), taps(0), taps(77), dumpLinks(),
		newTap(3, "ogt9"), newTap(any, ""), newTap(any, "ogt2"), newTap(8192, "ogt3"), newTap(8193, "ogt4"), newTap(10, "ogt0"), taps(nobody), dumpLinks(),
		untap(5), untap(4), untap(3), untap(2), newTap(10, "lo"), newTap(10, "a/b"), newTap(10, "a name"), newTap(10, "a\vb"), newTap(10, "a:b"), newTap(10, "."), newTap(10, ".."), newTap(10, "ogt%d"), newTap(11, "fifteen-letters"), newTap(12, "sixteen--letters"), newTap(13, "sixteen--letters-and-more"), taps(nobody),
		&tapv2.TapCreateV3{ID: 20, UseRandomMac: true, HostIfNameSet: true, HostIfName: "ogt20"}, &tapv2.TapCreateV3{ID: 21, UseRandomMac: true, TxRingSz: 1000, HostIfNameSet: true, HostIfName: "ogt21"}, &tapv2.TapCreateV3{ID: 22, HostIfNameSet: true, HostIfName: "ogt22"},
		&tapv2.TapCreateV3{ID: 23, UseRandomMac: true, HostIfNameSet: true, HostIfName: "ogt23", TapFlags: tapv2.TAP_API_FLAG_TUN}, &tapv2.TapCreateV3{ID: 24, UseRandomMac: true, Tag: "x", HostMtuSet: true, HostMtuSize: 1400, HostMacAddrSet: true, HostMacAddr: ethernet_types.MacAddress{2, 0xfe, 0, 0, 5, 1}, HostIfNameSet: true, HostIfName: "ogt24"}, taps(nobody), dumpLinks(),
		sub(1, 5, 5), up(11), dumpLinks(), down(1), dumpLinks(), up(1), loop(0), untap(12), unloop(1), untap(77), untap(1), untap(1), taps(1), dumpLinks(), newTap(3, "ogt0"), taps(1), dumpLinks(),
	)
}

// wantsVhost reports whether a real VPP answers a story as recorded only where the
// kernel has vhost.
func (s story) wantsVhost() bool {
	return slices.ContainsFunc(s.requests, func(m api.Message) bool {
		_, tap := m.(*tapv2.TapCreateV3)
		return tap
	})
}
