package openconfig

import (
	"net/netip"

	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/translate"
)

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

// kindState renders what a link was made as, and removes what another link of
// that name was. at is the container link.
func (m *Model) kindState(r *translate.Rendering, at path.Path, old, s *object.LinkState) {
	if old != nil && old.Kind != s.Kind {
		if _, ours := linkKindNames[old.Kind]; ours {
			r.None(translate.Below(at, string(old.Kind)+"/state"))
		}
	}
	r.Node(translate.Below(at, "state"), &linkState{Kind: linkKindNames[s.Kind], Master: text(s.Master)})
	switch s.Kind {
	case object.Veth:
		r.Node(translate.Below(at, "veth/state"), &vethState{Peer: text(s.Peer)})
	case object.Bridge:
		r.Node(translate.Below(at, "bridge/state"), &bridgeState{
			Stp: &s.STP, AgeingTime: &s.AgeingTime, ForwardDelay: &s.ForwardDelay, VlanFiltering: &s.VLANFilter,
		})
	case object.VXLAN:
		v := &vxlanState{
			Vni: &s.VNI, Port: &s.Port, Learning: &s.Learning, Parent: text(s.Parent),
			LocalAddress: address(s.Local), RemoteAddress: address(s.Remote),
		}
		if s.TTL != 0 {
			v.Ttl = &s.TTL
		}
		r.Node(translate.Below(at, "vxlan/state"), v)
	case object.Macvlan:
		r.Node(translate.Below(at, "macvlan/state"), &macvlanState{Mode: macvlanModeNames[s.MacvlanMode], Parent: text(s.Parent)})
	case object.Tap:
		r.Node(translate.Below(at, "tap/state"), &tapState{Owner: &s.Owner, Group: &s.Group, MultiQueue: &s.MultiQueue})
	}
}
