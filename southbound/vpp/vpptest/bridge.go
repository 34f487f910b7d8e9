package vpptest

import (
	"fmt"
	"slices"

	"go.fd.io/govpp/api"
	"go.fd.io/govpp/binapi/ethernet_types"
	"go.fd.io/govpp/binapi/interface_types"
	"go.fd.io/govpp/binapi/l2"
)

// domain is a bridge domain.
type domain struct {
	details l2.BridgeDomainDetails // without its ports
	ports   []uint32               // in the order of joining
}

type bridgePort struct {
	domain uint32
	bvi    bool
	shg    uint8
}

type bridges struct {
	domains map[uint32]*domain
	order   []uint32
}

func (b *bridges) begin() { b.domains = make(map[uint32]*domain) }

// The features of layer 2 that the fake knows: those of a port as l2_flags tells
// them, and those of a domain.
const (
	featureFlood   = 1 << 2
	featureARPUFwd = 1 << 3
	featureARPTerm = 1 << 4
	featureUUFlood = 1 << 5
	featureUUFwd   = 1 << 6
	featureFwd     = 1 << 7
	featureLearn   = 1 << 9
	featuresOfPort = 0x2fd
	mostDomain     = 1<<24 - 1
)

func (b *bridges) add(d l2.BridgeDomainDetails) *domain {
	d.BviSwIfIndex, d.UuFwdSwIfIndex = interface_types.InterfaceIndex(none), interface_types.InterfaceIndex(none)
	b.domains[d.BdID] = &domain{details: d}
	b.order = append(b.order, d.BdID)
	return b.domains[d.BdID]
}

func (l *life) leaveBridge(k *link) {
	if k.bridge == nil {
		return
	}
	d := l.domains[k.bridge.domain]
	d.ports = slices.DeleteFunc(d.ports, func(i uint32) bool { return i == k.index })
	if k.bridge.bvi {
		d.details.BviSwIfIndex = interface_types.InterfaceIndex(none)
	}
	k.bridge, k.features = nil, 0
}

func (l *life) addDelDomain(d l2.BridgeDomainDetails, add bool) (uint32, api.VPPApiError) {
	if d.BdID == none && add {
		d.BdID = l.unused() & mostDomain
	}
	have := l.domains[d.BdID]
	switch {
	case d.BdID == 0 && add:
		return d.BdID, api.BD_ALREADY_EXISTS
	case d.BdID == 0:
		return d.BdID, api.BD_NOT_MODIFIABLE
	case add && d.BdID > mostDomain:
		return d.BdID, api.BD_ID_EXCEED_MAX
	case add && have != nil:
		return d.BdID, api.BD_ALREADY_EXISTS
	case add:
		l.bridges.add(d)
	case have == nil:
		return d.BdID, api.NO_SUCH_ENTRY
	case len(have.ports) > 0:
		return d.BdID, api.BD_IN_USE
	default:
		delete(l.domains, d.BdID)
		l.order = slices.DeleteFunc(l.order, func(id uint32) bool { return id == d.BdID })
	}
	return d.BdID, 0
}

func (l *life) setBridge(m *l2.SwInterfaceSetL2Bridge) api.VPPApiError {
	k := l.links.get(m.RxSwIfIndex)
	if k == nil {
		return api.INVALID_SW_IF_INDEX
	}
	if !m.Enable {
		l.leaveBridge(k)
		k.rewrite = l2.L2InterfaceVlanTagRewrite{}
		return 0
	}
	d := l.domains[m.BdID]
	if d == nil { // a port makes the domain
		d = l.bridges.add(l2.BridgeDomainDetails{BdID: m.BdID, Flood: true, UuFlood: true, Forward: true, Learn: true})
	}
	bvi := m.PortType == l2.L2_API_PORT_TYPE_BVI
	if bvi && d.details.BviSwIfIndex != interface_types.InterfaceIndex(none) && uint32(d.details.BviSwIfIndex) != k.index {
		return api.BD_ALREADY_HAS_BVI
	}
	l.leaveBridge(k)
	k.bridge, k.features = &bridgePort{domain: m.BdID, bvi: bvi, shg: m.Shg}, featuresOfPort
	if bvi {
		k.features &^= featureLearn
		d.details.BviSwIfIndex = m.RxSwIfIndex
		d.ports = slices.Insert(d.ports, 0, k.index)
	} else {
		d.ports = append(d.ports, k.index)
	}
	return 0
}

// bitmap is what bridge_flags answers.
func (d *domain) bitmap() uint32 {
	b := ^uint32(featureUUFwd)
	for _, f := range []struct {
		on  bool
		bit uint32
	}{
		{d.details.Flood, featureFlood}, {d.details.UuFlood, featureUUFlood}, {d.details.Forward, featureFwd},
		{d.details.Learn, featureLearn}, {d.details.ArpTerm, featureARPTerm}, {d.details.ArpUfwd, featureARPUFwd},
	} {
		if !f.on {
			b &^= f.bit
		}
	}
	return b
}

// What is done to the tags of frames that come in, as VPP numbers it.
const (
	disabled    = 0
	popOne      = 3
	popTwo      = 4
	translate22 = 8
)

var l2Handlers = collect(
	on(func(l *life, _ *session, m *l2.BridgeDomainAddDelV2) []api.Message {
		id, v := l.addDelDomain(l2.BridgeDomainDetails{
			BdID: m.BdID, Flood: m.Flood, UuFlood: m.UuFlood, Forward: m.Forward, Learn: m.Learn,
			ArpTerm: m.ArpTerm, ArpUfwd: m.ArpUfwd, MacAge: m.MacAge, BdTag: m.BdTag,
		}, m.IsAdd)
		return []api.Message{&l2.BridgeDomainAddDelV2Reply{Retval: int32(v), BdID: id}}
	}),
	onResult(func(l *life, m *l2.BridgeDomainAddDel) api.VPPApiError {
		_, v := l.addDelDomain(l2.BridgeDomainDetails{
			BdID: m.BdID, Flood: m.Flood, UuFlood: m.UuFlood, Forward: m.Forward, Learn: m.Learn,
			ArpTerm: m.ArpTerm, ArpUfwd: m.ArpUfwd, MacAge: m.MacAge, BdTag: m.BdTag,
		}, m.IsAdd)
		return v
	}),
	on(func(l *life, _ *session, m *l2.BridgeDomainDump) (list []api.Message) {
		for _, id := range l.order {
			if m.BdID != none && m.BdID != id {
				continue
			}
			d := l.domains[id].details
			for _, p := range l.domains[id].ports {
				d.SwIfDetails = append(d.SwIfDetails, l2.BridgeDomainSwIf{SwIfIndex: interface_types.InterfaceIndex(p), Shg: l.links.all[p].bridge.shg})
			}
			d.NSwIfs = uint32(len(d.SwIfDetails))
			list = append(list, &d)
		}
		return list
	}),
	onResult(func(l *life, m *l2.BridgeDomainSetMacAge) api.VPPApiError {
		d := l.domains[m.BdID]
		if d == nil {
			return api.NO_SUCH_ENTRY
		}
		d.details.MacAge = m.MacAge
		return 0
	}),
	on(func(l *life, _ *session, m *l2.BridgeFlags) []api.Message {
		d := l.domains[m.BdID]
		if d == nil {
			return refuse(m.GetMessageName(), api.NO_SUCH_ENTRY)
		}
		for bit, on := range map[l2.BdFlags]*bool{
			l2.BRIDGE_API_FLAG_LEARN: &d.details.Learn, l2.BRIDGE_API_FLAG_FWD: &d.details.Forward, l2.BRIDGE_API_FLAG_FLOOD: &d.details.Flood,
			l2.BRIDGE_API_FLAG_UU_FLOOD: &d.details.UuFlood, l2.BRIDGE_API_FLAG_ARP_TERM: &d.details.ArpTerm, l2.BRIDGE_API_FLAG_ARP_UFWD: &d.details.ArpUfwd,
		} {
			if m.Flags&bit != 0 {
				*on = m.IsSet
			}
		}
		return []api.Message{&l2.BridgeFlagsReply{ResultingFeatureBitmap: d.bitmap()}}
	}),
	onResult(func(l *life, m *l2.SwInterfaceSetL2Bridge) api.VPPApiError { return l.setBridge(m) }),
	onResult(func(l *life, m *l2.L2InterfaceVlanTagRewrite) api.VPPApiError {
		k := l.links.get(m.SwIfIndex)
		switch {
		case k == nil:
			return api.INVALID_SW_IF_INDEX
		case m.VtrOp > translate22:
			return api.INVALID_VALUE
		case l.links.all[k.parent].mac == ethernet_types.MacAddress{}:
			return api.INVALID_INTERFACE
		}
		k.rewrite = l2.L2InterfaceVlanTagRewrite{}
		switch m.VtrOp {
		case disabled:
		case popOne, popTwo:
			if uint32(k.tags) <= m.VtrOp-popOne {
				return api.INVALID_VLAN_TAG_COUNT
			}
			k.rewrite.VtrOp = m.VtrOp
		default:
			return api.UNSUPPORTED // by the fake
		}
		return 0
	}),
	on(func(l *life, _ *session, m *l2.L2Flags) []api.Message {
		k := l.links.get(m.SwIfIndex)
		if k == nil {
			return refuse(m.GetMessageName(), api.INVALID_SW_IF_INDEX)
		}
		for i, bit := range []uint32{featureLearn, featureFwd, featureFlood, featureUUFlood, featureARPTerm} {
			switch {
			case m.FeatureBitmap&(1<<i) == 0:
			case m.IsSet:
				k.features |= bit
			default:
				k.features &^= bit
			}
		}
		return []api.Message{&l2.L2FlagsReply{ResultingFeatureBitmap: k.features}}
	}),
	on(func(l *life, _ *session, m *l2.BviCreate) []api.Message {
		n, ok := l.numberOf("bvi", m.UserInstance, m.UserInstance != none)
		if !ok || n >= instances {
			return []api.Message{&l2.BviCreateReply{Retval: int32(api.INVALID_REGISTRATION), SwIfIndex: interface_types.InterfaceIndex(none)}}
		}
		mac := m.Mac
		if mac == (ethernet_types.MacAddress{}) {
			mac = ethernet_types.MacAddress{0xb0, 0xb0, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}
		}
		k := l.links.add(l, fmt.Sprintf("bvi%d", n), "BVI").ethernet(mac)
		k.made, k.number, k.follows = "bvi", n, true
		l.linkEvent(k, false)
		return []api.Message{&l2.BviCreateReply{SwIfIndex: interface_types.InterfaceIndex(k.index)}}
	}),
	onResult(func(l *life, m *l2.BviDelete) api.VPPApiError {
		k := l.links.get(m.SwIfIndex)
		if k == nil || k.made != "bvi" {
			return api.INVALID_SW_IF_INDEX
		}
		l.remove(k)
		return 0
	}),
)
