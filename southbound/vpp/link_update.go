package vpp

import (
	"context"
	"errors"
	"fmt"

	"go.fd.io/govpp/binapi/ethernet_types"
	interfaces "go.fd.io/govpp/binapi/interface"
	"go.fd.io/govpp/binapi/interface_types"
	"go.fd.io/govpp/binapi/l2"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
)

// The places of sw_interface_set_mtu.
const (
	mtuL3 = iota
	mtuIP4
	mtuIP6
	mtuMPLS
	nMTU
)

// updateLink changes one attribute.
func (b *Backend) updateLink(ctx context.Context, s plan.Step, l *object.Link) error {
	now, err := b.look(ctx, l.Name)
	if err != nil {
		return err
	}
	if now == nil {
		if l.Kind == object.VRF && s.Attr() == object.Up && l.Up {
			return nil // it is never down
		}
		if l.Kind == object.VRF {
			return fmt.Errorf("%s of VRF %s: a VRF of VPP has none: %w", s.Attr(), l.Name, southbound.ErrUnsupported)
		}
		return southbound.Because(southbound.ErrGone, "link %s is not there", l.Name)
	}
	if err := b.change(ctx, now, l, s.Attr()); err != nil {
		return fmt.Errorf("%s of link %s: %w", s.Attr(), l.Name, err)
	}
	return nil
}

func (b *Backend) change(ctx context.Context, now *link, want *object.Link, a object.Attr) error {
	switch a {
	case object.Up:
		err := b.setUp(ctx, now.Index, want.Up)
		if err == nil || now.sup == now.Index || !want.Up {
			return err
		}
		// VPP does not say why it has refused, but has one reason.
		if parent, readErr := b.interfaceAt(ctx, now.sup); readErr == nil && parent != nil &&
			parent.Flags&interface_types.IF_STATUS_API_FLAG_ADMIN_UP == 0 {
			return southbound.Because(southbound.ErrNotReady, "its parent %s is down: %w", parent.InterfaceName, err)
		}
		return err
	case object.MTU:
		return b.setMTU(ctx, now.Index, func(mtu *[nMTU]uint32) { mtu[mtuL3] = want.MTU })
	case object.MACAttr:
		// A subinterface has its parent's address, and VPP would change that.
		if now.sup != now.Index {
			return fmt.Errorf("a subinterface has the address of its parent: %w", southbound.ErrInvalid)
		}
		return b.setMAC(ctx, now.Index, want.MAC)
	case object.Description:
		if now.Owned {
			return b.sign(ctx, now.Index, now.made, want.Description)
		}
		return b.tag(ctx, now.Index, want.Description)
	case object.Master:
		return b.setMaster(ctx, now, want.Master)
	case object.Lender:
		return b.setLender(ctx, now.Index, want.Lender)
	case object.AgeingTime:
		if now.Kind == object.Bridge {
			return b.write(ctx, &l2.BridgeDomainSetMacAge{
				BdID: now.domain, MacAge: uint8(want.AgeingTime / 60),
			}, &l2.BridgeDomainSetMacAgeReply{})
		}
	}
	return fmt.Errorf("it cannot be changed while the link exists: %w", southbound.ErrUnsupported)
}

func (b *Backend) setMAC(ctx context.Context, index uint32, mac object.MACAddr) error {
	return b.write(ctx, &interfaces.SwInterfaceSetMacAddress{
		SwIfIndex: interface_types.InterfaceIndex(index), MacAddress: ethernet_types.MacAddress(mac),
	}, &interfaces.SwInterfaceSetMacAddressReply{})
}

// setMTU changes some of the MTUs of an interface and keeps the others: VPP takes
// them all at once.
func (b *Backend) setMTU(ctx context.Context, index uint32, change func(mtu *[nMTU]uint32)) error {
	b.mtu.Lock()
	defer b.mtu.Unlock()
	d, err := b.interfaceAt(ctx, index)
	if err != nil {
		return err
	}
	if d == nil {
		return southbound.Because(southbound.ErrGone, "the link is not there")
	}
	var mtu [nMTU]uint32
	copy(mtu[:], d.Mtu)
	change(&mtu)
	return b.write(ctx, &interfaces.SwInterfaceSetMtu{
		SwIfIndex: interface_types.InterfaceIndex(index), Mtu: mtu[:],
	}, &interfaces.SwInterfaceSetMtuReply{})
}

// setMaster makes a link a port of a bridge, or lets it route by a VRF, or neither.
// What it leaves is put back if it cannot have what it wants.
func (b *Backend) setMaster(ctx context.Context, now *link, master string) error {
	var to *domain
	if master != "" {
		var err error
		if to, err = b.domainNamed(ctx, master); err != nil {
			return err
		}
	}
	if to != nil && now.Kind == object.Bridge {
		return fmt.Errorf("a bridge cannot be a port of bridge %s: %w", master, southbound.ErrInvalid)
	}
	var back undo
	port := now.port()
	if port {
		if err := b.leave(ctx, now.Index); err != nil {
			return err
		}
		back.add(func(ctx context.Context) error { return b.join(ctx, memberOf(now)) })
	}
	var err error
	switch {
	case to != nil:
		if !port && now.Master != "" { // it leaves a VRF
			if err := b.setVRF(ctx, now.Index, ""); err != nil {
				return err
			}
			back.add(func(ctx context.Context) error { return b.setVRF(ctx, now.Index, now.Master) })
		}
		p := member{index: now.Index, domain: to.id}
		if now.Kind == object.VLAN { // what its bridge gets and gives has no tag
			p.rewrite.VtrOp = popOne
		}
		err = b.join(ctx, p)
	case master != "" || !port:
		if err = b.setVRF(ctx, now.Index, master); errors.Is(err, southbound.ErrNotReady) {
			err = b.noMaster(ctx, master)
		}
	}
	if err != nil {
		return back.run(ctx, err)
	}
	return nil
}

// noMaster says of what is neither a bridge nor a VRF that it is not there, or that
// it is something else.
func (b *Backend) noMaster(ctx context.Context, name string) error {
	switch d, err := b.find(ctx, name); {
	case err != nil:
		return err
	case d == nil:
		return southbound.Because(southbound.ErrNotReady, "neither a bridge nor a VRF %s is there", name)
	}
	return southbound.Because(southbound.ErrInvalid, "%s is there and no bridge", name)
}
