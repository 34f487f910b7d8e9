package vpp

import (
	"context"
	"fmt"

	"go.fd.io/govpp/api"
	"go.fd.io/govpp/binapi/interface_types"
	"go.fd.io/govpp/binapi/vxlan"

	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
	"github.com/outrigger-cnf/outrigger/southbound/vpp/conn"
)

// vxlans are links of kind VXLAN.
type vxlans struct{}

const vxlanPort = 4789 // RFC 7348 §8

func (vxlans) feature() conn.Feature {
	return conn.Feature{Name: "VXLAN", Messages: []api.Message{
		&vxlan.VxlanAddDelTunnelV3{}, &vxlan.VxlanAddDelTunnelV3Reply{},
		&vxlan.VxlanTunnelV2Dump{}, &vxlan.VxlanTunnelV2Details{},
	}}
}

func (vxlans) check(c *object.Claim, l *object.Link) error {
	if err := checkEnds(l); err != nil {
		return err
	}
	group := l.Remote.IsMulticast()
	switch {
	case l.VNI == 0 || l.VNI > 1<<24-1:
		return wrong(object.VNI, "a VXLAN needs an identifier from 1 to 16777215")
	case group && l.Parent == "":
		return wrong(object.Parent, "%s is a group: the link to join it on is needed", l.Remote)
	case !group && l.Parent != "":
		return wrong(object.Parent, "VPP sends to %s by the routes that it has; a parent is only for a group", l.Remote)
	case c.Has(object.Learning) && !l.Learning:
		return wrong(object.Learning, "VPP tells nobody whether a port learns; only true, which each port of a bridge does, is possible")
	}
	return checkTTL(c, l)
}

// checkEnds checks the addresses of a tunnel.
func checkEnds(l *object.Link) error {
	switch {
	case !l.Local.IsValid() || l.Local.IsUnspecified() || l.Local.IsMulticast():
		return wrong(object.Local, "a tunnel of VPP needs the address that it sends from")
	case !l.Remote.IsValid() || l.Remote.IsUnspecified():
		return wrong(object.Remote, "a tunnel of VPP needs the address of its other end")
	case l.Local.Is4() != l.Remote.Is4():
		return wrong(object.Remote, "%s and %s are of two families", l.Local, l.Remote)
	case l.Local == l.Remote:
		return wrong(object.Remote, "both ends are %s", l.Local)
	}
	return nil
}

func checkTTL(c *object.Claim, l *object.Link) error {
	if c.Has(object.TTL) && l.TTL != 0 {
		return wrong(object.TTL, "VPP chooses the TTL of the outer header itself; leave it out")
	}
	return nil
}

func udpPort(l *object.Link) uint16 {
	if l.Port == 0 {
		return vxlanPort
	}
	return l.Port
}

func (k vxlans) message(l *object.Link, add bool, group interface_types.InterfaceIndex) *vxlan.VxlanAddDelTunnelV3 {
	return &vxlan.VxlanAddDelTunnelV3{
		IsAdd: add, Instance: noIndex, SrcAddress: vppAddress(l.Local), DstAddress: vppAddress(l.Remote),
		SrcPort: udpPort(l), DstPort: udpPort(l), Vni: l.VNI, McastSwIfIndex: group, DecapNextIndex: noIndex,
	}
}

// create makes the tunnel, which VPP switches on and gives a MAC address by lot,
// switches it off and gives it another.
func (k vxlans) create(ctx context.Context, b *Backend, l *object.Link, _ plan.Step) (uint32, error) {
	group := interface_types.InterfaceIndex(noIndex)
	if l.Parent != "" {
		parent, err := b.index(ctx, l.Parent)
		if err != nil {
			return 0, err
		}
		group = interface_types.InterfaceIndex(parent)
	}
	req := k.message(l, true, group)
	var reply vxlan.VxlanAddDelTunnelV3Reply
	err := b.tryNumbers(wideNumbers, l.Name, func(n uint32) error {
		reply = vxlan.VxlanAddDelTunnelV3Reply{}
		req.Instance = n
		return b.write(ctx, req, &reply)
	})
	if err != nil {
		return 0, err
	}
	if err = b.setUp(ctx, uint32(reply.SwIfIndex), false); err == nil {
		err = b.setMAC(ctx, uint32(reply.SwIfIndex), b.ownMAC(l.Name))
	}
	if err != nil {
		var back undo
		back.add(func(ctx context.Context) error {
			return b.write(ctx, k.message(l, false, group), &vxlan.VxlanAddDelTunnelV3Reply{})
		})
		return 0, back.run(ctx, err)
	}
	return uint32(reply.SwIfIndex), nil
}

func (k vxlans) remove(ctx context.Context, b *Backend, l *link) error {
	group := interface_types.InterfaceIndex(noIndex)
	if l.Parent != "" {
		parent, err := b.index(ctx, l.Parent)
		if err != nil {
			return err
		}
		group = interface_types.InterfaceIndex(parent)
	}
	return b.write(ctx, k.message(&l.Link, false, group), &vxlan.VxlanAddDelTunnelV3Reply{})
}

func (vxlans) fill(ctx context.Context, b *Backend, links map[uint32]*link) error {
	list, err := conn.Dump[vxlan.VxlanTunnelV2Details](ctx, b.conn, &vxlan.VxlanTunnelV2Dump{SwIfIndex: only(links)})
	if err != nil {
		return missing(err)
	}
	for _, d := range list {
		l := links[uint32(d.SwIfIndex)]
		if l == nil {
			continue
		}
		l.VNI, l.Local, l.Remote, l.Port = d.Vni, netipAddress(d.SrcAddress), netipAddress(d.DstAddress), d.DstPort
		l.Learning = true
		if group := uint32(d.McastSwIfIndex); l.Remote.IsMulticast() && group != noIndex {
			l.ParentIndex = group
			if l.Parent, err = b.nameAt(ctx, group); err != nil {
				return err
			}
		}
	}
	return nil
}

// only is the number of the one link there is, and otherwise that which asks for all.
func only(links map[uint32]*link) interface_types.InterfaceIndex {
	if len(links) == 1 {
		for index := range links {
			return interface_types.InterfaceIndex(index)
		}
	}
	return interface_types.InterfaceIndex(noIndex)
}

func (vxlans) leftover(l *link) bool { return wideNumbers.leftover(l.Name, "vxlan_tunnel") }

func (vxlans) exclusive(l *object.Link) string {
	if l.Remote.IsMulticast() && l.Remote.Is4() {
		return fmt.Sprintf("vxlan %d to %s port %d", l.VNI, l.Remote, udpPort(l))
	}
	return fmt.Sprintf("vxlan %d from %s to %s port %d", l.VNI, l.Local, l.Remote, udpPort(l))
}
