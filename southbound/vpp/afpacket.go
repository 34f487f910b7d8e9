package vpp

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"go.fd.io/govpp/api"
	"go.fd.io/govpp/binapi/af_packet"
	"go.fd.io/govpp/binapi/ethernet_types"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
	"github.com/outrigger-cnf/outrigger/southbound/vpp/conn"
)

// afPackets are links of kind AFPacket: a port of VPP on a link of the kernel.
type afPackets struct{}

func (afPackets) feature() conn.Feature {
	return conn.Feature{Name: "af-packet", Messages: []api.Message{
		&af_packet.AfPacketCreateV3{}, &af_packet.AfPacketCreateV3Reply{},
		&af_packet.AfPacketDelete{}, &af_packet.AfPacketDeleteReply{},
		&af_packet.AfPacketDump{}, &af_packet.AfPacketDetails{},
	}}
}

func (afPackets) check(_ *object.Claim, l *object.Link) error { return checkHostLink(l) }

// maxHostLink is of linux/if.h, without the final NUL.
const maxHostLink = 15

func checkHostLink(l *object.Link) error {
	if h := l.HostLink; h == "" || len(h) > maxHostLink || strings.ContainsAny(h, "/:% \t\n\v\f\r") || h == "." || h == ".." {
		return wrong(object.HostLink, "%q cannot be a link of the kernel: 1 to %d characters without space, slash, colon and percent sign are needed", h, maxHostLink)
	}
	return nil
}

// create makes the port. VPP switches the kernel's link on.
func (afPackets) create(ctx context.Context, b *Backend, l *object.Link, _ plan.Step) (uint32, error) {
	var reply af_packet.AfPacketCreateV3Reply
	err := b.write(ctx, &af_packet.AfPacketCreateV3{
		Mode: af_packet.AF_PACKET_API_MODE_ETHERNET, HwAddr: ethernet_types.MacAddress(b.firstMAC(l)), HostIfName: l.HostLink,
		NumRxQueues: 1, NumTxQueues: 1, Flags: af_packet.AF_PACKET_API_FLAG_QDISC_BYPASS,
	}, &reply)
	var refused *conn.RetvalError
	if errors.As(err, &refused) {
		switch refused.Code {
		case api.INVALID_INTERFACE:
			return 0, southbound.Because(southbound.ErrNotReady, "the kernel has no link %s where VPP runs: %w", l.HostLink, err)
		case api.SYSCALL_ERROR_1:
			return 0, fmt.Errorf("VPP may not open %s: %w: %w", l.HostLink, southbound.ErrDenied, err)
		}
	}
	return uint32(reply.SwIfIndex), err
}

func (afPackets) remove(ctx context.Context, b *Backend, l *link) error {
	return b.write(ctx, &af_packet.AfPacketDelete{HostIfName: l.HostLink}, &af_packet.AfPacketDeleteReply{})
}

func (afPackets) fill(ctx context.Context, b *Backend, links map[uint32]*link) error {
	list, err := conn.Dump[af_packet.AfPacketDetails](ctx, b.conn, &af_packet.AfPacketDump{})
	if err != nil {
		return missing(err)
	}
	for _, d := range list {
		if l := links[uint32(d.SwIfIndex)]; l != nil {
			l.HostLink = text(d.HostIfName)
			l.firstMAC = l.MAC == b.firstMAC(&l.Link)
		}
	}
	return nil
}

// afPacketName is the name that VPP gives a port on a link of the kernel. The MAC
// address is made of it, so that one that was left without a tag is known by both.
func afPacketName(host string) string { return "host-" + host }

func (afPackets) leftover(l *link) bool { return l.Name == afPacketName(l.HostLink) && l.firstMAC }

func (afPackets) exclusive(l *object.Link) string { return kernelEnd(l.HostLink) }
