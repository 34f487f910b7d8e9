package vpptest

import (
	"fmt"
	"slices"
	"strings"

	"go.fd.io/govpp/api"
	"go.fd.io/govpp/binapi/interface_types"
	"go.fd.io/govpp/binapi/tapv2"
)

// maxTap is the highest number of a tap.
const maxTap = 8192

// kernelRefuses reports whether the kernel makes no end of that name: it cannot be
// a name, or a link has it that is no tap. Of a name that is too long it takes the
// beginning.
func kernelRefuses(name string) bool {
	return name == "lo" || name == "." || name == ".." || strings.ContainsAny(name, "/: \t\n\v\f\r")
}

func (l *life) newTap(m *tapv2.TapCreateV3) (uint32, api.VPPApiError) {
	n, ok := l.numberOf("tap", m.ID, m.ID != none)
	size := func(of uint16) (uint16, bool) {
		if of == 0 {
			return 256, true
		}
		return of, of&(of-1) == 0
	}
	tx, txOK := size(m.TxRingSz)
	rx, rxOK := size(m.RxRingSz)
	switch {
	case !ok:
		return none, api.INVALID_INTERFACE
	case n > maxTap:
		return none, api.UNSPECIFIED
	case m.HostIfNameSet && kernelRefuses(m.HostIfName):
		return none, api.SYSCALL_ERROR_3
	case !txOK, !rxOK:
		return none, api.INIT_FAILED
	}
	host := m.HostIfName
	if !m.HostIfNameSet || host == "" { // the kernel counts
		taken := l.kernelEnds()
		for i := 0; host == "" || slices.Contains(taken, host); i++ {
			host = fmt.Sprintf("tap%d", i)
		}
	}
	var k *link
	if m.TapFlags&tapv2.TAP_API_FLAG_TUN != 0 {
		k = l.links.add(l, fmt.Sprintf("tun%d", n), "virtio")
	} else {
		mac := m.MacAddress
		if m.UseRandomMac {
			mac = chance()
		}
		k = l.links.add(l, fmt.Sprintf("tap%d", n), "virtio").ethernet(mac)
		m.HostMacAddr = orChance(m.HostMacAddr)
	}
	k.made, k.number, k.carrier, k.follows, k.tag = "tap", n, true, true, m.Tag
	k.detail = tapv2.SwInterfaceTapV2Details{
		SwIfIndex: k.index, ID: n, TxRingSz: tx, RxRingSz: rx, HostMtuSize: m.HostMtuSize, HostMacAddr: m.HostMacAddr,
		HostIP4Prefix: m.HostIP4Prefix, HostIP6Prefix: m.HostIP6Prefix, TapFlags: m.TapFlags, HostIfName: host,
		HostNamespace: m.HostNamespace, HostBridge: m.HostBridge,
	}
	l.linkEvent(k, false)
	return k.index, 0
}

// kernelEnds are the names of the kernel's ends of taps.
func (l *life) kernelEnds() (names []string) {
	for _, k := range l.links.all {
		if k == nil {
			continue
		}
		if d, ok := k.detail.(tapv2.SwInterfaceTapV2Details); ok {
			names = append(names, d.HostIfName)
		}
	}
	return names
}

var tapHandlers = collect(
	on(func(l *life, _ *session, m *tapv2.TapCreateV3) []api.Message {
		i, v := l.newTap(m)
		return []api.Message{&tapv2.TapCreateV3Reply{Retval: int32(v), SwIfIndex: interface_types.InterfaceIndex(i)}}
	}),
	onResult(func(l *life, m *tapv2.TapDeleteV2) api.VPPApiError {
		return l.deleted(m.SwIfIndex, "tap", api.INVALID_SW_IF_INDEX)
	}),
	on(func(l *life, _ *session, m *tapv2.SwInterfaceTapV2Dump) (list []api.Message) {
		for _, k := range l.links.all {
			if k == nil || m.SwIfIndex != interface_types.InterfaceIndex(none) && uint32(m.SwIfIndex) != k.index {
				continue
			}
			if d, ok := k.detail.(tapv2.SwInterfaceTapV2Details); ok {
				d.DevName = k.name
				list = append(list, &d)
			}
		}
		return list
	}),
)
