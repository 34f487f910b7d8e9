package vpp

import (
	"context"
	"errors"
	"fmt"

	"go.fd.io/govpp/api"
	interfaces "go.fd.io/govpp/binapi/interface"
	"go.fd.io/govpp/binapi/interface_types"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
	"github.com/outrigger-cnf/outrigger/southbound/vpp/conn"
)

// doLink carries out a step about a link.
func (b *Backend) doLink(ctx context.Context, s plan.Step, l *object.Link) error {
	switch {
	case l.Kind == object.VRF && s.Op == plan.Create:
		return b.createVRF(ctx, s)
	case l.Kind == object.VRF && s.Op == plan.Delete:
		return b.deleteVRF(ctx, l)
	case s.Op == plan.Create:
		return b.createLink(ctx, s, l)
	case s.Op == plan.Delete:
		return b.deleteLink(ctx, l)
	}
	return b.updateLink(ctx, s, l)
}

// createLink makes an interface, tags it, and gives it its name: a process that is
// killed on the way leaves one that is known by its number, and then by its tag.
func (b *Backend) createLink(ctx context.Context, s plan.Step, l *object.Link) error {
	k, ok := linkKinds[l.Kind]
	if !ok {
		return fmt.Errorf("links of kind %s cannot be made: %w", l.Kind, southbound.ErrUnsupported)
	}
	b.half.Lock()
	defer b.half.Unlock()
	// VPP would give a name twice.
	if d, err := b.find(ctx, l.Name); err != nil {
		return err
	} else if d != nil {
		return southbound.Because(southbound.ErrExists, "link %s is there", l.Name)
	}
	var back undo
	index, err := k.create(ctx, b, l, s)
	if err != nil {
		return fmt.Errorf("making %s %s: %w", l.Kind, l.Name, err)
	}
	made := &link{LinkState: object.LinkState{Link: *l, Index: index}}
	epoch := b.conn.Epoch()
	back.add(func(ctx context.Context) error {
		err := k.remove(ctx, b, made)
		if err == nil {
			b.dead.deleted(epoch, index)
		}
		return err
	})
	if err := b.flushNeighbors(ctx, index); err != nil { // of the one that had the number before
		return back.run(ctx, err)
	}
	if err := b.sign(ctx, index, markOf(l, s.Has), l.Description); err != nil {
		return back.run(ctx, err)
	}
	if l.Kind != object.VLAN { // its name is its parent's and its number
		if err := b.rename(ctx, index, l.Name); err != nil {
			return back.run(ctx, err)
		}
	}
	b.names.set(b.conn.Epoch(), index, l.Name)
	return nil
}

// markOf is the mark of a link that is made with the attributes that has tells.
func markOf(l *object.Link, has func(object.Attr) bool) made {
	var m made
	if l.Kind == object.Memif {
		if has(object.RingSize) && l.RingSize != defaultRing {
			m.ring = l.RingSize
		}
		if has(object.BufferSize) && l.BufferSize != defaultBuffer {
			m.buffer = uint32(l.BufferSize)
		}
	}
	return m
}

// sign tags an interface as ours.
func (b *Backend) sign(ctx context.Context, index uint32, m made, description string) error {
	return b.tag(ctx, index, m.String()+description)
}

func (b *Backend) tag(ctx context.Context, index uint32, tag string) error {
	return b.write(ctx, &interfaces.SwInterfaceTagAddDel{
		IsAdd: tag != "", SwIfIndex: interface_types.InterfaceIndex(index), Tag: tag,
	}, &interfaces.SwInterfaceTagAddDelReply{})
}

func (b *Backend) rename(ctx context.Context, index uint32, name string) error {
	return b.write(ctx, &interfaces.SwInterfaceSetInterfaceName{
		SwIfIndex: interface_types.InterfaceIndex(index), Name: name,
	}, &interfaces.SwInterfaceSetInterfaceNameReply{})
}

// defaultMTU is what VPP gives most new interfaces, and holds for those that have
// none.
const defaultMTU = 9000

// mtuOf is the MTU of IP on an interface.
func mtuOf(d *interfaces.SwInterfaceDetails) uint32 {
	if len(d.Mtu) > mtuL3 && d.Mtu[mtuL3] != 0 {
		return d.Mtu[mtuL3]
	}
	return defaultMTU
}

func (b *Backend) setUp(ctx context.Context, index uint32, up bool) error {
	req := &interfaces.SwInterfaceSetFlags{SwIfIndex: interface_types.InterfaceIndex(index)}
	if up {
		req.Flags = interface_types.IF_STATUS_API_FLAG_ADMIN_UP
	}
	return b.write(ctx, req, &interfaces.SwInterfaceSetFlagsReply{})
}

// deleteLink deletes an interface once it has seen that it is ours: the name, and
// the number, may have become another's.
func (b *Backend) deleteLink(ctx context.Context, l *object.Link) error {
	b.half.Lock()
	defer b.half.Unlock()
	now, err := b.look(ctx, l.Name)
	if err != nil {
		return err
	}
	if now == nil { // half of a bridge, or of a VRF, or nothing
		if err := b.deleteBrokenBridge(ctx, l.Name); !isGone(err) {
			return err
		}
		return b.deleteVRF(ctx, l)
	}
	if !now.Owned {
		return southbound.Because(southbound.ErrExists, "link %s was not made here", l.Name)
	}
	kind := now.Kind
	if _, ok := linkKinds[kind]; !ok { // a leftover: a BVI without its domain
		kind = deviceKinds[now.KindName]
	}
	k, ok := linkKinds[kind]
	if !ok {
		return fmt.Errorf("link %s, a %q, cannot be deleted: %w", l.Name, now.KindName, southbound.ErrUnsupported)
	}
	epoch := b.conn.Epoch()
	if err := b.clear(ctx, now.Index); err != nil {
		return err
	}
	if err := k.remove(ctx, b, now); err != nil {
		return fmt.Errorf("deleting %s %s: %w", now.Kind, l.Name, err)
	}
	b.names.drop(epoch, now.Index)
	b.dead.deleted(epoch, now.Index)
	return nil
}

// tryNumbers makes something with a number of a range that is free.
func (b *Backend) tryNumbers(r numbers, name string, make func(n uint32) error) error {
	var err error
	for n := range r.choose(name) {
		err = make(n)
		var refused *conn.RetvalError
		if !errors.As(err, &refused) {
			return err
		}
		switch refused.Code {
		case api.INSTANCE_IN_USE, api.INVALID_REGISTRATION, api.INVALID_INTERFACE:
		default:
			return err
		}
	}
	return err
}
