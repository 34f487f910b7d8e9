package vpp

import (
	"context"
	"errors"
	"fmt"

	"go.fd.io/govpp/api"
	"go.fd.io/govpp/binapi/ethernet_types"
	"go.fd.io/govpp/binapi/interface_types"
	"go.fd.io/govpp/binapi/tapv2"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
	"github.com/outrigger-cnf/outrigger/southbound/vpp/conn"
)

// taps are links of kind Tap: an interface whose other end is one of the kernel.
type taps struct{}

func (taps) feature() conn.Feature {
	return conn.Feature{Name: "taps", Messages: []api.Message{
		&tapv2.TapCreateV3{}, &tapv2.TapCreateV3Reply{},
		&tapv2.TapDeleteV2{}, &tapv2.TapDeleteV2Reply{},
		&tapv2.SwInterfaceTapV2Dump{}, &tapv2.SwInterfaceTapV2Details{},
	}}
}

func (taps) check(c *object.Claim, l *object.Link) error {
	switch {
	case c.Has(object.MultiQueue) && l.MultiQueue:
		return wrong(object.MultiQueue, "VPP itself opens the tap, and tells no queues apart for others")
	case c.Has(object.Owner):
		return wrong(object.Owner, "VPP itself opens the tap, which has no owner")
	case c.Has(object.Group):
		return wrong(object.Group, "VPP itself opens the tap, which has no group")
	}
	host := *l
	if !c.Has(object.HostLink) {
		host.HostLink = l.Name
	}
	return checkHostLink(&host)
}

// create makes the interface, and VPP the kernel's end, which is up from the
// beginning, and has a MAC address that stays, as the interface has. VPP would make
// an interface more on a kernel's end that a tap of its has: the two would share
// what comes. A persistent tap of the kernel that has that name, and many queues,
// becomes the kernel's end, and goes with it: only the kernel knows of it.
func (taps) create(ctx context.Context, b *Backend, l *object.Link, s plan.Step) (uint32, error) {
	host := l.Name
	if s.Has(object.HostLink) && l.HostLink != "" {
		host = l.HostLink
	}
	others, err := listTaps(ctx, b, interface_types.InterfaceIndex(noIndex))
	if err != nil {
		return 0, err
	}
	for _, d := range others {
		if text(d.HostIfName) == host {
			return 0, southbound.Because(southbound.ErrExists, "%w", wrong(object.HostLink, "%s is the kernel's end of another tap, %s", host, text(d.DevName)))
		}
	}
	var reply tapv2.TapCreateV3Reply
	err = b.tryNumbers(tapNumbers, l.Name, func(n uint32) error {
		reply = tapv2.TapCreateV3Reply{}
		return b.write(ctx, &tapv2.TapCreateV3{
			ID: n, MacAddress: ethernet_types.MacAddress(b.ownMAC(l.Name)), NumRxQueues: 1, NumTxQueues: 1, TxRingSz: 256, RxRingSz: 256,
			HostIfNameSet: true, HostIfName: host, HostMacAddrSet: true, HostMacAddr: ethernet_types.MacAddress(b.ownMAC(kernelEnd(host))),
		}, &reply)
	})
	var refused *conn.RetvalError
	if errors.As(err, &refused) {
		switch refused.Code {
		case api.SYSCALL_ERROR_1, api.SYSCALL_ERROR_2:
			err = fmt.Errorf("VPP cannot make the kernel's end %s; it needs /dev/net/tun, /dev/vhost-net and the privilege: %w: %w", host, southbound.ErrDenied, err)
		case api.SYSCALL_ERROR_3: // of what the kernel was asked, VPP has checked all but the name
			err = southbound.Because(southbound.ErrExists, "%w: %w", wrong(object.HostLink, "the kernel refuses VPP a tap %s: it has another link of that name, or VPP lacks the privilege NET_ADMIN", host), err)
		}
	}
	return uint32(reply.SwIfIndex), err
}

func (taps) remove(ctx context.Context, b *Backend, l *link) error {
	return b.write(ctx, &tapv2.TapDeleteV2{SwIfIndex: l.at()}, &tapv2.TapDeleteV2Reply{})
}

// listTaps lists the tap of an index, or all with noIndex; and TUNs, which have no
// Ethernet.
func listTaps(ctx context.Context, b *Backend, index interface_types.InterfaceIndex) ([]*tapv2.SwInterfaceTapV2Details, error) {
	return conn.Dump[tapv2.SwInterfaceTapV2Details](ctx, b.conn, &tapv2.SwInterfaceTapV2Dump{SwIfIndex: index})
}

func (taps) fill(ctx context.Context, b *Backend, links map[uint32]*link) error {
	list, err := listTaps(ctx, b, only(links))
	if err != nil {
		return missing(err)
	}
	found := make(map[uint32]bool, len(list))
	for _, d := range list {
		if l := links[d.SwIfIndex]; l != nil && d.TapFlags&tapv2.TAP_API_FLAG_TUN == 0 {
			l.HostLink = text(d.HostIfName)
			found[d.SwIfIndex] = true
		}
	}
	for index, l := range links { // virtio has other devices, too
		if !found[index] {
			l.notMadeSo()
		}
	}
	return nil
}

func (taps) leftover(l *link) bool { return tapNumbers.leftover(l.Name, "tap") }

func (taps) exclusive(l *object.Link) string {
	if l.HostLink == "" {
		return kernelEnd(l.Name)
	}
	return kernelEnd(l.HostLink)
}

// kernelEnd tells the kernel's link from one of VPP with its name.
func kernelEnd(host string) string { return "kernel link " + host }
