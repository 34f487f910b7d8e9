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
)

// interfaceObjects are what one /interfaces/interface makes: the link, and what
// is on it.
func (m *Model) interfaceObjects(_ tree.Tree, at path.Path, n *tree.Node) ([]object.Claim, error) {
	in, err := fill[ocInterface](n)
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
			c.Add(object.MTU, below(at, "config/mtu"))
		}
	}
	if in.Ethernet != nil && in.Ethernet.Config != nil && in.Ethernet.Config.MacAddress != nil {
		where := below(at, ethernetModule+":ethernet/config/mac-address")
		if link.MAC, err = object.ParseMAC(*in.Ethernet.Config.MacAddress); err != nil {
			return nil, fault.Wrap(fault.InvalidValue, where, err, "not an Ethernet address")
		}
		c.Add(object.MACAttr, where)
	}
	if in.Link != nil {
		if err := claimKind(&c, link, in.Link, below(at, extModule+":link")); err != nil {
			return nil, err
		}
	}
	claims := []object.Claim{c}
	if in.Subinterfaces == nil {
		return claims, nil
	}
	for index, sub := range in.Subinterfaces.Subinterface {
		p := entry(below(at, "subinterfaces/subinterface"), path.Key{Name: "index", Value: decimal(uint64(index))})
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
		c.Add(a, below(at, leaf))
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
	c.Add(object.LinkKindAttr, below(at, "config/kind"))
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
		return claimVXLAN(c, link, cfg, below(at, "vxlan/config"))
	case object.Macvlan:
		// bridge is what outrigger-ext says of a mode that is absent.
		link.MacvlanMode = object.MacvlanBridge
		c.Add(object.Mode, below(at, "macvlan/config/mode"))
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
	c.Add(object.Port, below(at, "port"))
	c.Add(object.Learning, below(at, "learning"))
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
		ip, err := parseIP(*a.text, below(at, a.leaf))
		if err != nil {
			return err
		}
		*a.to = ip
		c.Add(a.attr, below(at, a.leaf))
	}
	return nil
}

// linkState renders a link: the containers that follow it, and no others.
func (m *Model) linkState(w southbound.World, s *object.LinkState, gone bool) []agent.StateChange {
	p := entry(below(m.interfaces, "interface"), path.Key{Name: "name", Value: s.Name})
	if gone {
		return []agent.StateChange{{Path: p}}
	}
	state := &interfaceState{
		Name: ptr(s.Name), Type: interfaceTypes[s.Kind], Enabled: ptr(s.Up), Mtu: mtu16(s.MTU),
		Ifindex: ptr(s.Index), LastChange: ptr(uint64(s.LastChange.UnixNano())),
		OperStatus: operStatuses[s.Oper], Counters: counters(s),
	}
	if s.Description != "" {
		state.Description = ptr(s.Description)
	}
	if s.Up {
		state.AdminStatus = oc.OpenconfigInterfaces_Interfaces_Interface_State_AdminStatus_UP
	} else {
		state.AdminStatus = oc.OpenconfigInterfaces_Interfaces_Interface_State_AdminStatus_DOWN
	}
	changes := []agent.StateChange{m.rendered(below(p, "state"), state)}
	if !s.MAC.IsZero() {
		hw := s.PermanentMAC
		if hw.IsZero() {
			hw = s.MAC
		}
		changes = append(changes, m.rendered(below(p, ethernetModule+":ethernet/state"),
			&ethernetState{MacAddress: ptr(s.MAC.String()), HwMacAddress: ptr(hw.String())}))
	}
	changes = append(changes, m.kindState(p, s)...)
	sub := m.subinterface(s.Name)
	changes = append(changes, m.rendered(below(sub, "state"), &subinterfaceState{
		Index: ptr(uint32(0)), Name: ptr(s.Name), Enabled: ptr(s.Up), Ifindex: ptr(s.Index),
		AdminStatus: subinterfaceAdmin(state.AdminStatus), OperStatus: subinterfaceOper(state.OperStatus),
		LastChange: ptr(uint64(s.LastChange.UnixNano())),
	}))
	return append(changes, m.familyStates(w, s)...)
}

// mtu16 is the MTU as OpenConfig has it; nil for one that 16 bits do not hold,
// as a loopback's 65536.
func mtu16(mtu uint32) *uint16 {
	if mtu > 1<<16-1 {
		return nil
	}
	return ptr(uint16(mtu))
}

// kindState renders what a link was made as. p is the interface.
func (m *Model) kindState(p path.Path, s *object.LinkState) []agent.StateChange {
	link := below(p, extModule+":link")
	state := &linkState{Kind: linkKindNames[s.Kind]}
	if s.Master != "" {
		state.Master = ptr(s.Master)
	}
	changes := []agent.StateChange{m.rendered(below(link, "state"), state)}
	switch s.Kind {
	case object.Veth:
		v := &vethState{}
		if s.Peer != "" {
			v.Peer = ptr(s.Peer)
		}
		changes = append(changes, m.rendered(below(link, "veth/state"), v))
	case object.Bridge:
		changes = append(changes, m.rendered(below(link, "bridge/state"), &bridgeState{
			Stp: ptr(s.STP), AgeingTime: ptr(s.AgeingTime), ForwardDelay: ptr(s.ForwardDelay), VlanFiltering: ptr(s.VLANFilter),
		}))
	case object.VXLAN:
		v := &vxlanState{Vni: ptr(s.VNI), Port: ptr(s.Port), Learning: ptr(s.Learning)}
		if s.Local.IsValid() {
			v.LocalAddress = ptr(s.Local.String())
		}
		if s.Remote.IsValid() {
			v.RemoteAddress = ptr(s.Remote.String())
		}
		if s.TTL != 0 {
			v.Ttl = ptr(s.TTL)
		}
		if s.Parent != "" {
			v.Parent = ptr(s.Parent)
		}
		changes = append(changes, m.rendered(below(link, "vxlan/state"), v))
	case object.Macvlan:
		v := &macvlanState{Mode: macvlanModeNames[s.MacvlanMode]}
		if s.Parent != "" {
			v.Parent = ptr(s.Parent)
		}
		changes = append(changes, m.rendered(below(link, "macvlan/state"), v))
	case object.Tap:
		changes = append(changes, m.rendered(below(link, "tap/state"), &tapState{
			Owner: ptr(s.Owner), Group: ptr(s.Group), MultiQueue: ptr(s.MultiQueue),
		}))
	}
	return changes
}
