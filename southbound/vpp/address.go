package vpp

import (
	"context"
	"errors"
	"fmt"
	"net/netip"

	"go.fd.io/govpp/api"
	interfaces "go.fd.io/govpp/binapi/interface"
	"go.fd.io/govpp/binapi/interface_types"
	"go.fd.io/govpp/binapi/ip"
	"go.fd.io/govpp/binapi/ip_types"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
	"github.com/outrigger-cnf/outrigger/southbound/vpp/conn"
)

// address is an address of an interface, by number.
type address struct {
	index  uint32
	prefix netip.Prefix // host bits kept
}

// addressesOf lists the addresses of interfaces but for those of the link layer,
// which VPP keeps elsewhere.
func (b *Backend) addressesOf(ctx context.Context, indexes []uint32) ([]address, error) {
	var found []address
	err := conn.DumpAll(ctx, b.conn, len(families)*len(indexes), func(i int) api.Message {
		return &ip.IPAddressDump{
			SwIfIndex: interface_types.InterfaceIndex(indexes[i/len(families)]), IsIPv6: families[i%len(families)] == object.IPv6,
		}
	}, func(_ int, d *ip.IPAddressDetails) {
		found = append(found, address{uint32(d.SwIfIndex), prefixOf(d)})
	})
	return found, missing(err)
}

// askAddresses asks for the addresses of a family that an interface has.
func askAddresses(f object.Family, list *[]*ip.IPAddressDetails) func(index uint32) conn.Ask {
	return func(index uint32) conn.Ask {
		return conn.List(&ip.IPAddressDump{SwIfIndex: interface_types.InterfaceIndex(index), IsIPv6: f == object.IPv6}, list)
	}
}

func prefixOf(d *ip.IPAddressDetails) netip.Prefix {
	return netipPrefix(d.Prefix.Address, d.Prefix.Len)
}

// netipPrefix keeps the unspecified address, too.
func netipPrefix(a ip_types.Address, bits uint8) netip.Prefix {
	if a.Af == ip_types.ADDRESS_IP6 {
		return netip.PrefixFrom(netip.AddrFrom16(a.Un.GetIP6()), int(bits))
	}
	return netip.PrefixFrom(netip.AddrFrom4(a.Un.GetIP4()), int(bits))
}

// linkLocals returns the IPv6 link-local addresses of those interfaces whose IPv6 is
// on: each has one then, and none otherwise.
func (b *Backend) linkLocals(ctx context.Context, indexes []uint32) (map[uint32]netip.Addr, error) {
	found := make(map[uint32]netip.Addr, len(indexes))
	if !b.conn.Has(featureIPv6) {
		return found, nil
	}
	replies := make([]ip.SwInterfaceIP6GetLinkLocalAddressReply, len(indexes))
	var failed error
	err := b.conn.Pipeline(ctx, len(indexes), func(i int) api.Message {
		return &ip.SwInterfaceIP6GetLinkLocalAddress{SwIfIndex: interface_types.InterfaceIndex(indexes[i])}
	}, func(i int) api.Message { return &replies[i] }, func(i int, err error) bool {
		switch {
		case err == nil:
			found[indexes[i]] = netip.AddrFrom16(replies[i].IP)
		case !isRetval(err, api.IP6_NOT_ENABLED) && !isGone(err):
			failed = err
		}
		return failed == nil
	})
	return found, errors.Join(failed, err)
}

// linkLocalBits is the length that a link-local address is shown with, which VPP
// does not tell (RFC 4291 §2.5.6).
const linkLocalBits = 64

// addressStates lists the addresses of interfaces, those of the link layer included.
func (b *Backend) addressStates(ctx context.Context, indexes []uint32) ([]object.State, error) {
	list, err := b.addressesOf(ctx, indexes)
	if err != nil {
		return nil, err
	}
	locals, err := b.linkLocals(ctx, indexes)
	if err != nil {
		return nil, err
	}
	states := make([]object.State, 0, len(list)+len(locals))
	add := func(index uint32, p netip.Prefix, o object.Origin) {
		if name := b.nameOf(index); name != "" {
			states = append(states, addressState(name, p, o))
		}
	}
	for _, a := range list {
		add(a.index, a.prefix, object.OriginStatic)
	}
	for index, ip := range locals {
		add(index, netip.PrefixFrom(ip, linkLocalBits), object.OriginLinkLayer)
	}
	return states, nil
}

func (b *Backend) dumpAddresses(ctx context.Context) ([]object.State, error) {
	b.stats.dumps.Add(1)
	return b.addressStates(ctx, b.known())
}

// known are the numbers of the interfaces as last listed.
func (b *Backend) known() []uint32 {
	n := &b.names
	n.mu.Lock()
	defer n.mu.Unlock()
	n.enter(b.conn.Epoch())
	list := make([]uint32, 0, len(n.name))
	for _, l := range n.inOrder() {
		list = append(list, l.index)
	}
	return list
}

func (b *Backend) readAddress(ctx context.Context, a *object.Address) (object.State, error) {
	b.stats.reads.Add(1)
	if a.IP.Is6() && a.IP.IsLinkLocalUnicast() {
		index, err := b.index(ctx, a.Link)
		if err != nil {
			return nil, notThere(err)
		}
		states, err := b.addressStates(ctx, []uint32{index})
		if err != nil {
			return nil, notThere(err)
		}
		for _, s := range states {
			if s.ID() == a.ID() {
				return s, nil
			}
		}
		return nil, nil
	}
	var list []*ip.IPAddressDetails
	if _, err := b.index(ctx, a.Link, askAddresses(object.FamilyOf(a.IP), &list)); err != nil {
		return nil, notThere(err)
	}
	for _, d := range list {
		if p := prefixOf(d); p.Addr() == a.IP {
			return addressState(a.Link, p, object.OriginStatic), nil
		}
	}
	return nil, nil
}

func addressState(link string, p netip.Prefix, o object.Origin) *object.AddressState {
	return &object.AddressState{Address: object.Address{Link: link, IP: p.Addr(), PrefixLength: uint8(p.Bits())}, Origin: o}
}

// notThere makes nothing of an error that says that a link is not there.
func notThere(err error) error {
	if errors.Is(err, southbound.ErrNotReady) || errors.Is(err, southbound.ErrGone) {
		return nil
	}
	return err
}

func (b *Backend) doAddress(ctx context.Context, s plan.Step, a *object.Address) error {
	switch s.Op {
	case plan.Create:
		return b.createAddress(ctx, a)
	case plan.Delete:
		return b.deleteAddress(ctx, a)
	}
	return fmt.Errorf("an address has nothing that can be changed in place: %w", southbound.ErrUnsupported)
}

func (b *Backend) createAddress(ctx context.Context, a *object.Address) error {
	var loans loans
	index, err := b.index(ctx, a.Link, loans.ask)
	if err != nil {
		return err
	}
	lenders := loans.lenders()
	if lender, borrows := lenders[index]; borrows {
		return southbound.Because(southbound.ErrExists, "%w", wrong("", "the link borrows the addresses of %s, and so cannot have any of its own", b.nameOf(lender)))
	}
	err = b.setAddress(ctx, index, a.Prefix(), true, lenders)
	if errors.Is(err, southbound.ErrExists) {
		return b.inTheWay(ctx, index, a, err)
	}
	return err
}

// setAddress adds or deletes an address. Who borrows it does so anew: what VPP notes of
// a loan is where the lender's first address is at that time.
func (b *Backend) setAddress(ctx context.Context, index uint32, p netip.Prefix, there bool, lenders map[uint32]uint32) error {
	var borrowers []uint32
	for borrower, lender := range lenders {
		if lender != index {
			continue
		}
		if err := b.lend(ctx, index, borrower, false); err != nil {
			return err
		}
		borrowers = append(borrowers, borrower)
	}
	errs := []error{b.write(ctx, &interfaces.SwInterfaceAddDelAddress{
		SwIfIndex: interface_types.InterfaceIndex(index), IsAdd: there,
		Prefix: ip_types.AddressWithPrefix{Address: vppAddress(p.Addr()), Len: uint8(p.Bits())},
	}, &interfaces.SwInterfaceAddDelAddressReply{})}
	for _, borrower := range borrowers {
		errs = append(errs, b.lend(ctx, index, borrower, true))
	}
	return errors.Join(errs...)
}

// inTheWay says what address VPP refuses one for: of the links of one VRF no two may
// have networks that overlap, and one link only if they are equal.
func (b *Backend) inTheWay(ctx context.Context, index uint32, a *object.Address, refused error) error {
	all, err := b.allInterfaces(ctx)
	if err != nil {
		return refused
	}
	var indexes []uint32
	for _, d := range all {
		indexes = append(indexes, uint32(d.SwIfIndex))
	}
	bound, err := b.boundTo(ctx, indexes)
	if err != nil {
		return refused
	}
	list, err := b.addressesOf(ctx, indexes)
	if err != nil {
		return refused
	}
	family := 0
	if a.IP.Is6() {
		family = 1
	}
	for _, other := range list {
		if other.index == index && other.prefix.Addr() == a.IP {
			return southbound.Because(southbound.ErrExists, "%s is there", other.prefix)
		}
	}
	for _, other := range list {
		if other.prefix.Overlaps(a.Prefix()) && bound[other.index][family] == bound[index][family] {
			return southbound.Because(southbound.ErrExists, "%w", wrong(object.PrefixLength, "%s overlaps %s of link %s: VPP wants the networks of links apart, and those of one link apart or equal",
				a.Prefix(), other.prefix, b.nameOf(other.index)))
		}
	}
	return refused
}

// deleteAddress looks first: VPP deletes an address whatever length it is told.
func (b *Backend) deleteAddress(ctx context.Context, a *object.Address) error {
	var loans loans
	var list []*ip.IPAddressDetails
	index, err := b.index(ctx, a.Link, loans.ask, askAddresses(object.FamilyOf(a.IP), &list))
	if err != nil {
		return err
	}
	for _, d := range list {
		if prefixOf(d) == a.Prefix() {
			return b.setAddress(ctx, index, a.Prefix(), false, loans.lenders())
		}
	}
	return southbound.Because(southbound.ErrGone, "%s is not there", a.Prefix())
}
