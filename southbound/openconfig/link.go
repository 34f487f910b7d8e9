package openconfig

import (
	"net/netip"

	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/southbound"
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

// claimKind adds what makes a link one of a kind. p is the interface.
func claimKind(c *object.Claim, link *object.Link, in *ocInterface, p path.Path) error {
	cfg, at := in.Link, translate.Below(p, extModule+":link")
	if cfg == nil || cfg.Config == nil {
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
		return claimVXLAN(c, link, in, translate.Below(at, "vxlan/config"))
	case object.GRE, object.IPIP:
		return claimTunnel(c, link, in, translate.Below(p, tunnelModule+":tunnel/config"))
	case object.Memif:
		if cfg.Memif != nil {
			claimMemif(c, link, cfg.Memif.Config, translate.Below(at, "memif/config"))
		}
	case object.AFPacket:
		if cfg.AfPacket != nil && cfg.AfPacket.Config != nil {
			claim(c, &link.HostLink, cfg.AfPacket.Config.HostInterface, object.HostLink, at, "af-packet/config/host-interface")
		}
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
			claim(c, &link.HostLink, t.HostInterface, object.HostLink, at, "tap/config/host-interface")
		}
	}
	return nil
}

// vxlanPort is IANA's (RFC 7348 §8), which outrigger-ext names for a port that
// is absent.
const vxlanPort = 4789

func claimVXLAN(c *object.Claim, link *object.Link, in *ocInterface, at path.Path) error {
	link.Port, link.Learning = vxlanPort, true
	c.Add(object.Port, translate.Below(at, "port"))
	c.Add(object.Learning, translate.Below(at, "learning"))
	if in.Link.Vxlan == nil || in.Link.Vxlan.Config == nil {
		return nil
	}
	v := in.Link.Vxlan.Config
	if v.Port != nil {
		link.Port = *v.Port
	}
	if v.Learning != nil {
		link.Learning = *v.Learning
	}
	claim(c, &link.VNI, v.Vni, object.VNI, at, "vni")
	claim(c, &link.TTL, v.Ttl, object.TTL, at, "ttl")
	claim(c, &link.Parent, v.Parent, object.Parent, at, "parent")
	return claimEnds(c, at, []end{
		{v.LocalAddress, &link.Local, object.Local, "local-address"},
		{v.RemoteAddress, &link.Remote, object.Remote, "remote-address"},
	})
}

// end is one end of a tunnel: the leaf that says it, and where it goes.
type end struct {
	text *string
	to   *netip.Addr
	attr object.Attr
	leaf string
}

func claimEnds(c *object.Claim, at path.Path, ends []end) error {
	for _, e := range ends {
		if e.text == nil {
			continue
		}
		ip, err := translate.IP(*e.text, translate.Below(at, e.leaf))
		if err != nil {
			return err
		}
		*e.to = ip
		c.Add(e.attr, translate.Below(at, e.leaf))
	}
	return nil
}

// claimTunnel adds the parameters of openconfig-if-tunnel. at is their container.
func claimTunnel(c *object.Claim, link *object.Link, in *ocInterface, at path.Path) error {
	if in.Tunnel == nil || in.Tunnel.Config == nil {
		return nil
	}
	t := in.Tunnel.Config
	claim(c, &link.TTL, t.Ttl, object.TTL, at, "ttl")
	if link.Kind == object.GRE {
		claim(c, &link.Key, t.GreKey, object.Key, at, "gre-key")
	}
	return claimEnds(c, at, []end{
		{t.Src, &link.Local, object.Local, "src"},
		{t.Dst, &link.Remote, object.Remote, "dst"},
	})
}

// What outrigger-ext says of leafs of a memif that are absent.
const (
	memifRing   = 1024
	memifBuffer = 2048
)

func claimMemif(c *object.Claim, link *object.Link, in *memifConfig, at path.Path) {
	link.MemifMode, link.RingSize, link.BufferSize = object.MemifEthernet, memifRing, memifBuffer
	for _, always := range []struct {
		attr object.Attr
		leaf string
	}{
		{object.MemifID, "id"}, {object.MemifModeAttr, "mode"}, {object.RingSize, "ring-size"}, {object.BufferSize, "buffer-size"},
	} {
		c.Add(always.attr, translate.Below(at, always.leaf))
	}
	if in == nil {
		return
	}
	claim(c, &link.Socket, in.Socket, object.Socket, at, "socket")
	if role, ok := memifRoles[in.Role]; ok {
		claim(c, &link.MemifRole, &role, object.MemifRoleAttr, at, "role")
	}
	if mode, ok := memifModes[in.Mode]; ok {
		link.MemifMode = mode
	}
	if in.Id != nil {
		link.MemifID = *in.Id
	}
	if in.RingSize != nil {
		link.RingSize = *in.RingSize
	}
	if in.BufferSize != nil {
		link.BufferSize = *in.BufferSize
	}
}

// kindPath is the container of what only links of a kind have; nil where there is
// none. p is the interface.
func kindPath(p path.Path, kind object.LinkKind) path.Path {
	switch kind {
	case object.Veth, object.Bridge, object.VXLAN, object.Macvlan, object.Tap, object.Memif, object.AFPacket:
		return translate.Below(p, extModule+":link/"+string(kind)+"/state")
	case object.GRE, object.IPIP:
		return translate.Below(p, tunnelModule+":tunnel/state")
	}
	return nil
}

// kindState renders what a link was made as, and removes what another link of
// that name was. p is the interface.
func (m *Model) kindState(r *translate.Rendering, w southbound.World, p path.Path, old, s *object.LinkState) {
	if old != nil && old.Kind != s.Kind {
		if was := kindPath(p, old.Kind); was != nil {
			r.None(was)
		}
	}
	r.Node(translate.Below(p, extModule+":link/state"), &linkState{Kind: linkKindNames[s.Kind], Master: text(bridgeOf(w, s))})
	at := kindPath(p, s.Kind)
	switch s.Kind {
	case object.Veth:
		r.Node(at, &vethState{Peer: text(s.Peer)})
	case object.Bridge:
		r.Node(at, &bridgeState{
			Stp: &s.STP, AgeingTime: &s.AgeingTime, ForwardDelay: &s.ForwardDelay, VlanFiltering: &s.VLANFilter,
		})
	case object.VXLAN:
		r.Node(at, &vxlanState{
			Vni: &s.VNI, Port: &s.Port, Learning: &s.Learning, Parent: text(s.Parent), Ttl: nonzero(s.TTL),
			LocalAddress: address(s.Local), RemoteAddress: address(s.Remote),
		})
	case object.Macvlan:
		r.Node(at, &macvlanState{Mode: macvlanModeNames[s.MacvlanMode], Parent: text(s.Parent)})
	case object.Tap:
		if s.HostLink != "" { // whose the kernel's end is, only the kernel knows
			r.Node(at, &tapState{HostInterface: &s.HostLink})
		} else {
			r.Node(at, &tapState{Owner: &s.Owner, Group: &s.Group, MultiQueue: &s.MultiQueue})
		}
	case object.GRE, object.IPIP:
		r.Node(at, &tunnelState{Src: address(s.Local), Dst: address(s.Remote), Ttl: nonzero(s.TTL), GreKey: nonzero(s.Key)})
	case object.Memif:
		r.Node(at, &memifState{
			Socket: text(s.Socket), Id: &s.MemifID, Role: memifRoleNames[s.MemifRole], Mode: memifModeNames[s.MemifMode],
			RingSize: nonzero(s.RingSize), BufferSize: nonzero(s.BufferSize),
		})
	case object.AFPacket:
		r.Node(at, &afPacketState{HostInterface: text(s.HostLink)})
	}
}

// bridgeOf is the bridge that a link is a port of; empty where there is none. That
// it is in a VRF the network instance shows.
func bridgeOf(w southbound.World, s *object.LinkState) string {
	if isVRF(w, s.Master) {
		return ""
	}
	return s.Master
}

// nonzero is nil for a 0 that means none.
func nonzero[N uint8 | uint16 | uint32](n N) *N {
	if n == 0 {
		return nil
	}
	return &n
}
