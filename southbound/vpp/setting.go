package vpp

import (
	"context"
	"errors"

	interfaces "go.fd.io/govpp/binapi/interface"
	"go.fd.io/govpp/binapi/interface_types"
	"go.fd.io/govpp/binapi/ip"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
)

// constants are the settings that VPP has no switch for, as it behaves: it is a
// router. It neither takes router advertisements nor looks for duplicates.
var constants = map[object.SettingName]uint32{
	object.Forwarding:    1,
	object.DADTransmits:  0,
	object.AcceptRA:      0,
	object.Autoconf:      0,
	object.TempAddresses: 0,
}

// minMTU6 is the least MTU of IPv6 (RFC 8200 §5).
const minMTU6 = 1280

func checkSetting(s *object.Setting) error {
	if fixed, ok := constants[s.Name]; ok {
		if s.Value != fixed {
			return unsupported(object.ValueAttr, "%s of %s is always %d in VPP", s.Name, s.Family, fixed)
		}
		return nil
	}
	switch {
	case s.Name == object.ProtocolEnabled && s.Link != "" && s.Family == object.IPv6 && s.Value <= 1:
	case s.Name == object.ProtocolEnabled && s.Link != "" && s.Family == object.IPv4 && s.Value == 1:
	case s.Name == object.ProtocolEnabled:
		return unsupported(object.ValueAttr, "%s cannot be switched off in VPP", s.Family)
	case s.Name == object.ProtocolMTU && s.Link != "":
		least := uint32(minMTU)
		if s.Family == object.IPv6 {
			least = minMTU6
		}
		if s.Value < least || s.Value > maxMTU {
			return wrong(object.ValueAttr, "%d: %d to %d octets are possible", s.Value, least, maxMTU)
		}
	default:
		return unsupported("", "VPP has no setting %s of %s", s.Name, s.Family)
	}
	return nil
}

// mtuPlace is where the MTU of a family stands.
func mtuPlace(f object.Family) int {
	if f == object.IPv6 {
		return mtuIP6
	}
	return mtuIP4
}

// protocolMTU is the MTU of a family: the link's where it has none of its own.
func protocolMTU(d *interfaces.SwInterfaceDetails, f object.Family) uint32 {
	if len(d.Mtu) < nMTU {
		return 0
	}
	if own := d.Mtu[mtuPlace(f)]; own != 0 {
		return own
	}
	return mtuOf(d)
}

// dumpSettings lists the settings that have to do with a model.
func (b *Backend) dumpSettings(ctx context.Context) ([]object.State, error) {
	b.stats.dumps.Add(1)
	all, err := b.allInterfaces(ctx)
	if err != nil {
		return nil, err
	}
	indexes := make([]uint32, 0, len(all))
	for _, d := range all {
		if d.SwIfIndex != 0 {
			indexes = append(indexes, uint32(d.SwIfIndex))
		}
	}
	locals, err := b.linkLocals(ctx, indexes)
	if err != nil {
		return nil, err
	}
	states := make([]object.State, 0, 4*len(all)+len(families))
	add := func(name object.SettingName, f object.Family, link string, value uint32) {
		states = append(states, &object.SettingState{Setting: object.Setting{Name: name, Family: f, Link: link, Value: value}})
	}
	for _, f := range families {
		add(object.Forwarding, f, "", 1)
	}
	for _, d := range all {
		if d.SwIfIndex == 0 {
			continue
		}
		for _, f := range families {
			add(object.Forwarding, f, d.InterfaceName, 1)
		}
		_, on := locals[uint32(d.SwIfIndex)]
		add(object.ProtocolEnabled, object.IPv6, d.InterfaceName, flag(on))
		add(object.ProtocolMTU, object.IPv6, d.InterfaceName, protocolMTU(d, object.IPv6))
	}
	return states, nil
}

func flag(on bool) uint32 {
	if on {
		return 1
	}
	return 0
}

func (b *Backend) readSetting(ctx context.Context, s *object.Setting) (object.State, error) {
	b.stats.reads.Add(1)
	is := func(value uint32) (object.State, error) {
		now := *s
		now.Value = value
		return &object.SettingState{Setting: now}, nil
	}
	fixed, constant := constants[s.Name]
	if s.Link == "" {
		if constant {
			return is(fixed)
		}
		return nil, nil
	}
	d, err := b.find(ctx, s.Link)
	if d == nil || err != nil {
		return nil, err
	}
	switch {
	case constant:
		return is(fixed)
	case s.Name == object.ProtocolMTU:
		return is(protocolMTU(d, s.Family))
	case s.Name == object.ProtocolEnabled && s.Family == object.IPv4:
		return is(1)
	case s.Name == object.ProtocolEnabled:
		locals, err := b.linkLocals(ctx, []uint32{uint32(d.SwIfIndex)})
		if err != nil {
			return nil, err
		}
		_, on := locals[uint32(d.SwIfIndex)]
		return is(flag(on))
	}
	return nil, nil
}

func (b *Backend) doSetting(ctx context.Context, s plan.Step, set *object.Setting) error {
	if err := checkSetting(set); err != nil && s.Op != plan.Delete {
		return err
	}
	if _, constant := constants[set.Name]; constant || set.Link == "" {
		return nil
	}
	index, err := b.index(ctx, set.Link)
	if err != nil {
		return err
	}
	value := set.Value
	switch {
	case set.Name == object.ProtocolMTU:
		return b.setMTU(ctx, index, func(mtu *[nMTU]uint32) {
			if s.Op == plan.Delete || value == mtu[mtuL3] {
				value = 0 // the link's
			}
			mtu[mtuPlace(set.Family)] = value
		})
	case set.Name == object.ProtocolEnabled && set.Family == object.IPv6:
		if s.Op == plan.Delete {
			return nil // what it was is not known
		}
		return b.setIPv6(ctx, index, set.Value == 1)
	}
	return nil
}

// setIPv6 switches IPv6 on or off. VPP counts: each address switches it on once
// more, and so does each message, even one that is refused since it is on already.
// Switched off while there are addresses, it would be off and they still there.
func (b *Backend) setIPv6(ctx context.Context, index uint32, on bool) error {
	locals, err := b.linkLocals(ctx, []uint32{index})
	if err != nil {
		return err
	}
	if !on {
		list, err := b.addressesOf(ctx, []uint32{index})
		if err != nil {
			return err
		}
		for _, a := range list {
			if a.prefix.Addr().Is6() {
				return southbound.Because(southbound.ErrExists, "%w", wrong(object.ValueAttr,
					"the link has the address %s, which is not configured here: VPP has IPv6 on where there is an address", a.prefix))
			}
		}
	}
	// It may have been switched on more than once.
	for tries := 0; tries < 16; tries++ {
		if _, is := locals[index]; is == on {
			return nil
		}
		err := b.write(ctx, &ip.SwInterfaceIP6EnableDisable{
			SwIfIndex: interface_types.InterfaceIndex(index), Enable: on,
		}, &ip.SwInterfaceIP6EnableDisableReply{})
		if err != nil {
			return err
		}
		if locals, err = b.linkLocals(ctx, []uint32{index}); err != nil {
			return err
		}
	}
	return errors.New("IPv6 stays on: something in VPP needs it")
}
