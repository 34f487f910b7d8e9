package vpptest

import (
	"net/netip"
	"slices"

	"go.fd.io/govpp/api"
	"go.fd.io/govpp/binapi/ethernet_types"
	interfaces "go.fd.io/govpp/binapi/interface"
	"go.fd.io/govpp/binapi/interface_types"
	"go.fd.io/govpp/binapi/ip"
	"go.fd.io/govpp/binapi/ip_types"
)

// stack is the IP of an interface.
type stack struct {
	addrs     [2][]netip.Prefix // by family, in the order of adding
	tables    [2]uint32
	locks6    int // users of IPv6: each address, and whoever enabled it
	linkLocal netip.Addr
	lender    uint32 // none: it is not unnumbered
}

func family(v6 bool) int {
	if v6 {
		return 1
	}
	return 0
}

func (l *life) ipBegin(k *link) { k.lender = none }

// ipEnd drops what an interface has of its own. Its static neighbors, the routes
// by it, and who borrows its addresses stay as they are, and mean whoever gets its
// index next.
func (l *life) ipEnd(k *link) {
	for f, id := range k.tables {
		k.tables[f] = 0
		l.tableReleased(tableKey{id, f == 1})
	}
	for key, n := range l.neighbors {
		if key.link == k.index && !n.static() {
			delete(l.neighbors, key)
		}
	}
}

func addrOf(a ip_types.Address) netip.Addr {
	if a.Af == ip_types.ADDRESS_IP6 {
		return netip.AddrFrom16(a.Un.GetIP6())
	}
	return netip.AddrFrom4(a.Un.GetIP4())
}

func union(a netip.Addr) (u ip_types.AddressUnion) {
	if a.Is6() {
		u.SetIP6(a.As16())
	} else if a.Is4() {
		u.SetIP4(a.As4())
	}
	return u
}

func wire(a netip.Addr) ip_types.Address {
	w := ip_types.Address{Un: union(a)}
	if a.Is6() {
		w.Af = ip_types.ADDRESS_IP6
	}
	return w
}

// enable6 adds a user of IPv6.
func (k *link) enable6() {
	if k.locks6++; k.locks6 == 1 && !k.linkLocal.IsValid() {
		m := k.mac
		if m == (ethernet_types.MacAddress{}) {
			m = ethernet_types.MacAddress{2, 0xfe, 0, 0, byte(k.index >> 8), byte(k.index)}
		}
		k.linkLocal = netip.AddrFrom16([16]byte{0xfe, 0x80, 8: m[0] ^ 2, m[1], m[2], 0xff, 0xfe, m[3], m[4], m[5]})
	}
}

func (k *link) disable6() {
	if k.locks6 > 0 {
		if k.locks6--; k.locks6 == 0 {
			k.linkLocal = netip.Addr{}
		}
	}
}

func (l *life) addAddress(k *link, p netip.Prefix) api.VPPApiError {
	f := family(p.Addr().Is6())
	if p.Addr().Is6() && p.Addr().IsLinkLocalUnicast() {
		if p.Bits() != 128 {
			return api.ADDRESS_LENGTH_MISMATCH
		}
		k.linkLocal = p.Addr()
		k.enable6()
		return 0
	}
	for _, other := range l.links.all {
		if other == nil || other.tables[f] != k.tables[f] {
			continue
		}
		for _, a := range other.addrs[f] {
			if !a.Overlaps(p) || other == k && a.Bits() == p.Bits() && a != p {
				continue
			}
			if f == 1 {
				return api.DUPLICATE_IF_ADDRESS
			}
			return api.ADDRESS_IN_USE
		}
	}
	k.addrs[f] = append(k.addrs[f], p)
	if f == 1 {
		k.enable6()
	}
	return 0
}

func (l *life) removeAddress(k *link, p netip.Prefix) api.VPPApiError {
	f := family(p.Addr().Is6())
	if p.Addr().Is6() && p.Addr().IsLinkLocalUnicast() {
		if p.Bits() != 128 {
			return api.ADDRESS_LENGTH_MISMATCH
		}
		if k.linkLocal != p.Addr() {
			return api.ADDRESS_NOT_DELETABLE
		}
		k.disable6()
		return 0
	}
	i := slices.IndexFunc(k.addrs[f], func(a netip.Prefix) bool { return a.Addr() == p.Addr() })
	if i < 0 {
		return api.ADDRESS_NOT_FOUND_FOR_INTERFACE
	}
	gone := k.addrs[f][i]
	k.addrs[f] = slices.Delete(k.addrs[f], i, i+1)
	if f == 1 {
		k.disable6()
	}
	// Neighbors that were learned behind the address go; static ones stay.
	for key, n := range l.neighbors {
		if key.link == k.index && !n.static() && gone.Contains(key.ip) {
			delete(l.neighbors, key)
		}
	}
	return 0
}

var addressHandlers = collect(
	onResult(func(l *life, m *interfaces.SwInterfaceAddDelAddress) api.VPPApiError {
		k := l.links.get(m.SwIfIndex)
		if k == nil {
			return api.INVALID_SW_IF_INDEX
		}
		p := netip.PrefixFrom(addrOf(m.Prefix.Address), int(m.Prefix.Len))
		switch {
		case m.DelAll:
			for f := range k.addrs {
				for _, a := range slices.Clone(k.addrs[f]) {
					if v := l.removeAddress(k, a); v != 0 {
						return v
					}
				}
			}
			return 0
		case m.IsAdd:
			return l.addAddress(k, p)
		default:
			return l.removeAddress(k, p)
		}
	}),
	on(func(l *life, _ *session, m *ip.IPAddressDump) (list []api.Message) {
		k := l.links.get(m.SwIfIndex)
		if k == nil || k.lender != none { // of an unnumbered one nothing is told
			return nil
		}
		for _, a := range k.addrs[family(m.IsIPv6)] {
			list = append(list, &ip.IPAddressDetails{SwIfIndex: m.SwIfIndex, Prefix: ip_types.AddressWithPrefix{Address: wire(a.Addr()), Len: uint8(a.Bits())}})
		}
		return list
	}),
	on(func(l *life, _ *session, m *ip.IPDump) (list []api.Message) {
		for _, k := range l.links.all {
			if k != nil && k.lender == none {
				list = append(list, &ip.IPDetails{SwIfIndex: interface_types.InterfaceIndex(k.index), IsIPv6: m.IsIPv6})
			}
		}
		return list
	}),
	onResult(func(l *life, m *ip.SwInterfaceIP6EnableDisable) api.VPPApiError {
		k := l.links.get(m.SwIfIndex)
		switch {
		case k == nil:
			return api.INVALID_SW_IF_INDEX
		case !m.Enable:
			k.disable6()
		default:
			was := k.locks6
			k.enable6() // counted in any case
			if was > 0 {
				return api.VALUE_EXIST
			}
		}
		return 0
	}),
	on(func(l *life, _ *session, m *ip.SwInterfaceIP6GetLinkLocalAddress) []api.Message {
		k := l.links.get(m.SwIfIndex)
		switch {
		case k == nil:
			return refuse(m.GetMessageName(), api.INVALID_SW_IF_INDEX)
		case k.locks6 == 0:
			return refuse(m.GetMessageName(), api.IP6_NOT_ENABLED)
		}
		return []api.Message{&ip.SwInterfaceIP6GetLinkLocalAddressReply{IP: k.linkLocal.As16()}}
	}),
	onResult(func(l *life, m *ip.SwInterfaceIP6SetLinkLocalAddress) api.VPPApiError {
		k := l.links.get(m.SwIfIndex)
		if k == nil {
			return api.INVALID_SW_IF_INDEX
		}
		k.linkLocal = netip.AddrFrom16(m.IP)
		if k.locks6 == 0 {
			k.enable6()
		}
		return 0
	}),
	onResult(func(l *life, m *interfaces.SwInterfaceSetUnnumbered) api.VPPApiError {
		k, lender := l.links.get(m.UnnumberedSwIfIndex), l.links.get(m.SwIfIndex)
		switch {
		case k == nil:
			return api.INVALID_SW_IF_INDEX
		case lender == nil:
			return api.INVALID_SW_IF_INDEX_2
		case m.IsAdd:
			k.lender = lender.index
		default:
			k.lender = none
		}
		return 0
	}),
	on(func(l *life, _ *session, m *ip.IPUnnumberedDump) (list []api.Message) {
		for _, k := range l.links.all {
			if k != nil && k.lender != none && (m.SwIfIndex == interface_types.InterfaceIndex(none) || uint32(m.SwIfIndex) == k.index) {
				list = append(list, &ip.IPUnnumberedDetails{SwIfIndex: interface_types.InterfaceIndex(k.index), IPSwIfIndex: interface_types.InterfaceIndex(k.lender)})
			}
		}
		return list
	}),
)
