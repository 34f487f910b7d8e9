package openconfig

import (
	"maps"
	"net/netip"
	"slices"
	"time"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/gen/oc"
	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/translate"
)

// interfaceObjects are what one /interfaces/interface makes: the link, and what
// is on it.
func (m *Model) interfaceObjects(t tree.Tree, at path.Path, n *tree.Node) ([]object.Claim, error) {
	n, err := withoutVLANs(n)
	if err != nil {
		return nil, err
	}
	in, err := translate.Fill[ocInterface](n)
	if err != nil {
		return nil, err
	}
	link := &object.Link{Name: *in.Name}
	c := object.Claim{Object: link, At: at}
	if cfg := in.Config; cfg != nil {
		claim(&c, &link.Up, cfg.Enabled, object.Up, at, "config/enabled")
		claim(&c, &link.Description, cfg.Description, object.Description, at, "config/description")
		if cfg.Mtu != nil {
			link.MTU = uint32(*cfg.Mtu)
			c.Add(object.MTU, translate.Below(at, "config/mtu"))
		}
	}
	if in.Ethernet != nil && in.Ethernet.Config != nil && in.Ethernet.Config.MacAddress != nil {
		where := translate.Below(at, ethernetModule+":ethernet/config/mac-address")
		if link.MAC, err = translate.LinkMAC(*in.Ethernet.Config.MacAddress, where); err != nil {
			return nil, err
		}
		c.Add(object.MACAttr, where)
	}
	if err := claimKind(&c, link, in, at); err != nil {
		return nil, err
	}
	if in.Config != nil {
		if err := checkType(in.Config.Type, link.Kind, translate.Below(at, "config/type")); err != nil {
			return nil, err
		}
		if typ, ok := linkTypes[in.Config.Type]; ok {
			link.Type = typ
			c.Add(object.TypeAttr, translate.Below(at, "config/type"))
		}
	}
	var claims []object.Claim
	if in.Subinterfaces != nil {
		for _, index := range translate.Keys(in.Subinterfaces.Subinterface) {
			p := translate.Entry(translate.Below(at, "subinterfaces/subinterface"), "index", decimal(uint64(index)))
			sub := in.Subinterfaces.Subinterface[index]
			if cfg := sub.Config; cfg != nil && cfg.Enabled != nil && !*cfg.Enabled && link.Up {
				// What stands for the interface switches it off too.
				link.Up = false
				c.From = slices.DeleteFunc(c.From, func(s object.Source) bool { return s.Attr == object.Up })
				c.Add(object.Up, translate.Below(p, "config/enabled"))
			}
			on, err := subinterfaceObjects(t, link.Name, p, sub)
			if err != nil {
				return nil, err
			}
			claims = append(claims, on...)
		}
	}
	return append([]object.Claim{c}, claims...), nil
}

// checkType refuses a type that the interface can never be of (RFC 8343, leaf
// type). Of a link that somebody else makes, the type is known only once it is
// there.
func checkType(typ interfaceType, kind object.LinkKind, at path.Path) error {
	if typ == oc.IETFInterfaces_InterfaceType_UNSET {
		return nil
	}
	if kind != object.Existing {
		switch {
		case kind.MayBe(linkTypes[typ]):
			return nil
		case kind.MayBe(object.EthernetType) && kind.Type() != object.EthernetType:
			return fault.New(fault.InvalidValue, at, "the type of a %s is iana-if-type:%s, or iana-if-type:%s where it is given a MAC address",
				kind, interfaceTypes[kind], interfaceTypes[object.Ethernet])
		}
		return fault.New(fault.InvalidValue, at, "the type of a %s is iana-if-type:%s", kind, interfaceTypes[kind])
	}
	if !slices.Contains(slices.Collect(maps.Values(interfaceTypes)), typ) {
		return fault.New(fault.InvalidValue, at, "there are no interfaces of the type iana-if-type:%s here", typ)
	}
	return nil
}

// linkState renders a link: the containers that follow it, and no others. A link
// that is gone takes all its state along. old is nil if it is new.
func (m *Model) linkState(r *translate.Rendering, w southbound.World, old, s *object.LinkState, gone bool) {
	if old != nil && old.Kind == object.VRF {
		r.None(translate.Below(m.instance(s.Name), "state"))
	}
	p, moved := m.place(s), false
	if gone {
		r.None(p)
		return
	}
	if old != nil && old.Kind != object.VRF {
		if was := m.place(old); !was.Equal(p) {
			r.None(was)
			old, moved = nil, true
		}
	}
	if _, index := translate.SubinterfaceOf(s); index != 0 {
		m.vlanState(r, w, p, index, s)
	} else {
		m.interfaceState(r, w, p, old, s)
	}
	unnumberedLeaves(r, w, translate.Below(m.subinterface(s), family(object.IPv4)+"/unnumbered"), old, s)
	m.familyStates(r, w, s)
	if moved {
		for a := range w.Addresses(s.Name) {
			m.addressState(r, w, a, false)
		}
		for n := range w.Neighbors(s.Name) {
			m.neighborState(r, w, n, false)
		}
	}
}

// interfaceState renders a link that is an interface, and what is of subinterface
// 0 beside.
func (m *Model) interfaceState(r *translate.Rendering, w southbound.World, p path.Path, old, s *object.LinkState) {
	state := &interfaceState{
		Name: &s.Name, Type: interfaceTypes[s.Kind], Enabled: &s.Up, Mtu: mtu16(s.MTU), Description: text(s.Description),
		Ifindex: &s.Index, LastChange: nanoseconds(s.LastChange),
		AdminStatus: adminStatus(s.Up), OperStatus: operStatuses[s.Oper],
	}
	read := s.LinkCounters()
	r.Node(translate.Below(p, "state"), state)
	r.Put(translate.Below(p, "state/counters"), m.linkCounts.Node(&read))
	r.Node(translate.Below(p, ethernetModule+":ethernet/state"), ethernet(s))
	m.kindState(r, w, p, old, s)
	r.Node(translate.Below(m.subinterface(s), "state"), subinterfaceOf(s, 0))
}

func adminStatus(up bool) oc.E_OpenconfigInterfaces_Interfaces_Interface_State_AdminStatus {
	if up {
		return oc.OpenconfigInterfaces_Interfaces_Interface_State_AdminStatus_UP
	}
	return oc.OpenconfigInterfaces_Interfaces_Interface_State_AdminStatus_DOWN
}

// ethernet is empty where the link has no such address. An address that is burnt
// in may not be known, as of all links that are not hardware: then it is the one
// in use.
func ethernet(s *object.LinkState) *ethernetState {
	if s.MAC.IsZero() {
		return &ethernetState{}
	}
	hw := s.PermanentMAC
	if hw.IsZero() {
		hw = s.MAC
	}
	return &ethernetState{MacAddress: translate.Ptr(s.MAC.String()), HwMacAddress: translate.Ptr(hw.String())}
}

// mtu16 is the MTU as OpenConfig has it; nil for one that 16 bits do not hold,
// as a loopback's 65536.
func mtu16(mtu uint32) *uint16 {
	if mtu > 1<<16-1 {
		return nil
	}
	return translate.Ptr(uint16(mtu))
}

// nanoseconds is a time as OpenConfig has it, since the Unix epoch; nil where it
// is not known.
func nanoseconds(t time.Time) *uint64 {
	if t.IsZero() {
		return nil
	}
	return translate.Ptr(uint64(t.UnixNano()))
}

// text is nil for an empty string.
func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// address is nil for none.
func address(a netip.Addr) *string {
	if !a.IsValid() {
		return nil
	}
	return translate.Ptr(a.String())
}
