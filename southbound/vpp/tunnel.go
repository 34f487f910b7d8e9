package vpp

import (
	"context"
	"fmt"

	"go.fd.io/govpp/api"
	"go.fd.io/govpp/binapi/gre"
	"go.fd.io/govpp/binapi/ipip"
	"go.fd.io/govpp/binapi/tunnel_types"

	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
	"github.com/outrigger-cnf/outrigger/southbound/vpp/conn"
)

// gres are links of kind GRE: point to point, IP within.
type gres struct{}

func (gres) feature() conn.Feature {
	return conn.Feature{Name: "GRE", Messages: []api.Message{
		&gre.GreTunnelAddDelV2{}, &gre.GreTunnelAddDelV2Reply{},
		&gre.GreTunnelDumpV2{}, &gre.GreTunnelDumpV2Reply{}, &gre.GreTunnelDetailsV2{},
	}}
}

func (gres) check(c *object.Claim, l *object.Link) error { return checkTunnel(c, l) }

// checkTunnel checks what tunnels of IP have in common.
func checkTunnel(c *object.Claim, l *object.Link) error {
	if err := checkEnds(l); err != nil {
		return err
	}
	switch {
	case l.Remote.IsMulticast():
		return wrong(object.Remote, "the other end of a tunnel cannot be a group")
	case c.Has(object.MACAttr):
		return wrong(object.MACAttr, "a tunnel that carries IP has no MAC address")
	}
	return checkTTL(c, l)
}

func (gres) create(ctx context.Context, b *Backend, l *object.Link, _ plan.Step) (uint32, error) {
	var reply gre.GreTunnelAddDelV2Reply
	err := b.tryNumbers(wideNumbers, l.Name, func(n uint32) error {
		reply = gre.GreTunnelAddDelV2Reply{}
		return b.write(ctx, greMessage(l, true, n), &reply)
	})
	return uint32(reply.SwIfIndex), err
}

func greMessage(l *object.Link, add bool, n uint32) *gre.GreTunnelAddDelV2 {
	return &gre.GreTunnelAddDelV2{IsAdd: add, Tunnel: gre.GreTunnelV2{
		Type: gre.GRE_API_TUNNEL_TYPE_L3, Mode: tunnel_types.TUNNEL_API_MODE_P2P,
		Instance: n, Src: vppAddress(l.Local), Dst: vppAddress(l.Remote), Key: l.Key,
	}}
}

func (gres) remove(ctx context.Context, b *Backend, l *link) error {
	return b.write(ctx, greMessage(&l.Link, false, noIndex), &gre.GreTunnelAddDelV2Reply{})
}

func (gres) fill(ctx context.Context, b *Backend, links map[uint32]*link) error {
	list, err := conn.Dump[gre.GreTunnelDetailsV2](ctx, b.conn, &gre.GreTunnelDumpV2{SwIfIndex: only(links)})
	if err != nil {
		return missing(err)
	}
	for _, d := range list {
		t := d.Tunnel
		l := links[uint32(t.SwIfIndex)]
		switch {
		case l == nil:
		case t.Type != gre.GRE_API_TUNNEL_TYPE_L3 || t.Mode != tunnel_types.TUNNEL_API_MODE_P2P:
			l.notMadeSo()
		default:
			l.Local, l.Remote, l.Key = netipAddress(t.Src), netipAddress(t.Dst), t.Key
		}
	}
	return nil
}

func (gres) leftover(l *link) bool { return wideNumbers.leftover(l.Name, "gre") }

func (gres) exclusive(l *object.Link) string {
	return fmt.Sprintf("gre from %s to %s key %d", l.Local, l.Remote, l.Key)
}

// ipips are links of kind IPIP: point to point.
type ipips struct{}

func (ipips) feature() conn.Feature {
	return conn.Feature{Name: "IPIP", Messages: []api.Message{
		&ipip.IpipAddTunnel{}, &ipip.IpipAddTunnelReply{}, &ipip.IpipDelTunnel{}, &ipip.IpipDelTunnelReply{},
		&ipip.IpipTunnelDump{}, &ipip.IpipTunnelDetails{},
	}}
}

func (ipips) check(c *object.Claim, l *object.Link) error { return checkTunnel(c, l) }

func (ipips) create(ctx context.Context, b *Backend, l *object.Link, _ plan.Step) (uint32, error) {
	var reply ipip.IpipAddTunnelReply
	err := b.tryNumbers(wideNumbers, l.Name, func(n uint32) error {
		reply = ipip.IpipAddTunnelReply{}
		return b.write(ctx, &ipip.IpipAddTunnel{Tunnel: ipip.IpipTunnel{
			Instance: n, Src: vppAddress(l.Local), Dst: vppAddress(l.Remote), Mode: tunnel_types.TUNNEL_API_MODE_P2P,
		}}, &reply)
	})
	return uint32(reply.SwIfIndex), err
}

func (ipips) remove(ctx context.Context, b *Backend, l *link) error {
	return b.write(ctx, &ipip.IpipDelTunnel{SwIfIndex: l.at()}, &ipip.IpipDelTunnelReply{})
}

func (ipips) fill(ctx context.Context, b *Backend, links map[uint32]*link) error {
	list, err := conn.Dump[ipip.IpipTunnelDetails](ctx, b.conn, &ipip.IpipTunnelDump{SwIfIndex: only(links)})
	if err != nil {
		return missing(err)
	}
	for _, d := range list {
		t := d.Tunnel
		l := links[uint32(t.SwIfIndex)]
		switch {
		case l == nil:
		case t.Mode != tunnel_types.TUNNEL_API_MODE_P2P:
			l.notMadeSo()
		default:
			l.Local, l.Remote = netipAddress(t.Src), netipAddress(t.Dst)
		}
	}
	return nil
}

func (ipips) leftover(l *link) bool { return wideNumbers.leftover(l.Name, "ipip") }

func (ipips) exclusive(l *object.Link) string {
	return fmt.Sprintf("ipip from %s to %s", l.Local, l.Remote)
}
