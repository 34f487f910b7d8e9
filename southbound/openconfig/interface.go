package openconfig

import (
	"net/netip"

	"github.com/outrigger-cnf/outrigger/agent"
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
func (m *Model) interfaceObjects(_ tree.Tree, at path.Path, n *tree.Node) ([]object.Claim, error) {
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
		if link.MAC, err = object.ParseMAC(*in.Ethernet.Config.MacAddress); err != nil {
			return nil, fault.Wrap(fault.InvalidValue, where, err, "not an Ethernet address")
		}
		c.Add(object.MACAttr, where)
	}
	if in.Link != nil {
		if err := claimKind(&c, link, in.Link, translate.Below(at, extModule+":link")); err != nil {
			return nil, err
		}
	}
	claims := []object.Claim{c}
	if in.Subinterfaces == nil {
		return claims, nil
	}
	for index, sub := range in.Subinterfaces.Subinterface {
		p := translate.Entry(translate.Below(at, "subinterfaces/subinterface"), "index", decimal(uint64(index)))
		if index != 0 {
			return nil, fault.New(fault.InvalidValue, p, "an interface has subinterface 0 only, which stands for itself: VLAN subinterfaces are not implemented")
		}
		more, err := subinterfaceObjects(link.Name, p, sub)
		if err != nil {
			return nil, err
		}
		claims = append(claims, more...)
	}
	return claims, nil
}

// claim sets an attribute where the configuration has a value for it.
func claim[T any](c *object.Claim, to, from *T, a object.Attr, at path.Path, leaf string) {
	if from != nil {
		*to = *from
		c.Add(a, translate.Below(at, leaf))
	}
}

// claimKind adds what makes a link one of a kind. at is the container link.
func claimKind(c *object.Claim, link *object.Link, cfg *linkConfig, at path.Path) error {
	if cfg.Config == nil {
		return nil
	}
	claim(c, &link.Master, cfg.Config.Master, object.Master, at, "config/master")
	kind, ok := linkKinds[cfg.Config.Kind]
	if !ok {
		return nil
	}
	link.Kind = kind
	c.Add(object.LinkKindAttr, translate.Below(at, "config/kind"))
	switch kind {
	case object.Veth:
		if cfg.Veth != nil && cfg.Veth.Config != nil {
			claim(c, &link.Peer, cfg.Veth.Config.Peer, object.Peer, at, "veth/config/peer")
		}
	case object.Bridge:
		if cfg.Bridge != nil && cfg.Bridge.Config != nil {
			b := cfg.Bridge.Config
			claim(c, &link.STP, b.Stp, object.STP, at, "bridge/config/stp")
			claim(c, &link.AgeingTime, b.AgeingTime, object.AgeingTime, at, "bridge/config/ageing-time")
			claim(c, &link.ForwardDelay, b.ForwardDelay, object.ForwardDelay, at, "bridge/config/forward-delay")
			claim(c, &link.VLANFilter, b.VlanFiltering, object.VLANFilter, at, "bridge/config/vlan-filtering")
		}
	case object.VXLAN:
		return claimVXLAN(c, link, cfg, translate.Below(at, "vxlan/config"))
	case object.Macvlan:
		// bridge is what outrigger-ext says of a mode that is absent.
		link.MacvlanMode = object.MacvlanBridge
		c.Add(object.Mode, translate.Below(at, "macvlan/config/mode"))
		if cfg.Macvlan != nil && cfg.Macvlan.Config != nil {
			claim(c, &link.Parent, cfg.Macvlan.Config.Parent, object.Parent, at, "macvlan/config/parent")
			if mode, ok := macvlanModes[cfg.Macvlan.Config.Mode]; ok {
				link.MacvlanMode = mode
			}
		}
	case object.Tap:
		if cfg.Tap != nil && cfg.Tap.Config != nil {
			t := cfg.Tap.Config
			claim(c, &link.Owner, t.Owner, object.Owner, at, "tap/config/owner")
			claim(c, &link.Group, t.Group, object.Group, at, "tap/config/group")
			claim(c, &link.MultiQueue, t.MultiQueue, object.MultiQueue, at, "tap/config/multi-queue")
		}
	}
	return nil
}

// vxlanPort is IANA's (RFC 7348 §8), which outrigger-ext names for a port that
// is absent.
const vxlanPort = 4789

func claimVXLAN(c *object.Claim, link *object.Link, cfg *linkConfig, at path.Path) error {
	link.Port, link.Learning = vxlanPort, true
	c.Add(object.Port, translate.Below(at, "port"))
	c.Add(object.Learning, translate.Below(at, "learning"))
	if cfg.Vxlan == nil || cfg.Vxlan.Config == nil {
		return nil
	}
	v := cfg.Vxlan.Config
	if v.Port != nil {
		link.Port = *v.Port
	}
	if v.Learning != nil {
		link.Learning = *v.Learning
	}
	claim(c, &link.VNI, v.Vni, object.VNI, at, "vni")
	claim(c, &link.TTL, v.Ttl, object.TTL, at, "ttl")
	claim(c, &link.Parent, v.Parent, object.Parent, at, "parent")
	for _, a := range []struct {
		text *string
		to   *netip.Addr
		attr object.Attr
		leaf string
	}{
		{v.LocalAddress, &link.Local, object.Local, "local-address"},
		{v.RemoteAddress, &link.Remote, object.Remote, "remote-address"},
	} {
		if a.text == nil {
			continue
		}
		ip, err := translate.IP(*a.text, translate.Below(at, a.leaf))
		if err != nil {
			return err
		}
		*a.to = ip
		c.Add(a.attr, translate.Below(at, a.leaf))
	}
	return nil
}

// linkState renders a link: the containers that follow it, and no others.
func (m *Model) linkState(w southbound.World, s *object.LinkState, gone bool) []agent.StateChange {
	p := translate.Entry(translate.Below(m.interfaces, "interface"), "name", s.Name)
	if gone {
		return []agent.StateChange{{Path: p}}
	}
	state := &interfaceState{
		Name: translate.Ptr(s.Name), Type: interfaceTypes[s.Kind], Enabled: translate.Ptr(s.Up), Mtu: mtu16(s.MTU),
		Ifindex: translate.Ptr(s.Index), LastChange: translate.Ptr(uint64(s.LastChange.UnixNano())),
		OperStatus: operStatuses[s.Oper], Counters: counters(s),
	}
	if s.Description != "" {
		state.Description = translate.Ptr(s.Description)
	}
	if s.Up {
		state.AdminStatus = oc.OpenconfigInterfaces_Interfaces_Interface_State_AdminStatus_UP
	} else {
		state.AdminStatus = oc.OpenconfigInterfaces_Interfaces_Interface_State_AdminStatus_DOWN
	}
	changes := []agent.StateChange{m.Node(translate.Below(p, "state"), state)}
	if !s.MAC.IsZero() {
		hw := s.PermanentMAC
		if hw.IsZero() {
			hw = s.MAC
		}
		changes = append(changes, m.Node(translate.Below(p, ethernetModule+":ethernet/state"),
			&ethernetState{MacAddress: translate.Ptr(s.MAC.String()), HwMacAddress: translate.Ptr(hw.String())}))
	}
	changes = append(changes, m.kindState(p, s)...)
	sub := m.subinterface(s.Name)
	changes = append(changes, m.Node(translate.Below(sub, "state"), &subinterfaceState{
		Index: translate.Ptr(uint32(0)), Name: translate.Ptr(s.Name), Enabled: translate.Ptr(s.Up), Ifindex: translate.Ptr(s.Index),
		AdminStatus: subinterfaceAdmin(state.AdminStatus), OperStatus: subinterfaceOper(state.OperStatus),
		LastChange: translate.Ptr(uint64(s.LastChange.UnixNano())),
	}))
	return append(changes, m.familyStates(w, s)...)
}

// mtu16 is the MTU as OpenConfig has it; nil for one that 16 bits do not hold,
// as a loopback's 65536.
func mtu16(mtu uint32) *uint16 {
	if mtu > 1<<16-1 {
		return nil
	}
	return translate.Ptr(uint16(mtu))
}

// kindState renders what a link was made as. p is the interface.
func (m *Model) kindState(p path.Path, s *object.LinkState) []agent.StateChange {
	link := translate.Below(p, extModule+":link")
	state := &linkState{Kind: linkKindNames[s.Kind]}
	if s.Master != "" {
		state.Master = translate.Ptr(s.Master)
	}
	changes := []agent.StateChange{m.Node(translate.Below(link, "state"), state)}
	switch s.Kind {
	case object.Veth:
		v := &vethState{}
		if s.Peer != "" {
			v.Peer = translate.Ptr(s.Peer)
		}
		changes = append(changes, m.Node(translate.Below(link, "veth/state"), v))
	case object.Bridge:
		changes = append(changes, m.Node(translate.Below(link, "bridge/state"), &bridgeState{
			Stp: translate.Ptr(s.STP), AgeingTime: translate.Ptr(s.AgeingTime), ForwardDelay: translate.Ptr(s.ForwardDelay), VlanFiltering: translate.Ptr(s.VLANFilter),
		}))
	case object.VXLAN:
		v := &vxlanState{Vni: translate.Ptr(s.VNI), Port: translate.Ptr(s.Port), Learning: translate.Ptr(s.Learning)}
		if s.Local.IsValid() {
			v.LocalAddress = translate.Ptr(s.Local.String())
		}
		if s.Remote.IsValid() {
			v.RemoteAddress = translate.Ptr(s.Remote.String())
		}
		if s.TTL != 0 {
			v.Ttl = translate.Ptr(s.TTL)
		}
		if s.Parent != "" {
			v.Parent = translate.Ptr(s.Parent)
		}
		changes = append(changes, m.Node(translate.Below(link, "vxlan/state"), v))
	case object.Macvlan:
		v := &macvlanState{Mode: macvlanModeNames[s.MacvlanMode]}
		if s.Parent != "" {
			v.Parent = translate.Ptr(s.Parent)
		}
		changes = append(changes, m.Node(translate.Below(link, "macvlan/state"), v))
	case object.Tap:
		changes = append(changes, m.Node(translate.Below(link, "tap/state"), &tapState{
			Owner: translate.Ptr(s.Owner), Group: translate.Ptr(s.Group), MultiQueue: translate.Ptr(s.MultiQueue),
		}))
	}
	return changes
}
