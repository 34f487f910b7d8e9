package vpp

import (
	"context"
	"slices"

	interfaces "go.fd.io/govpp/binapi/interface"
	"go.fd.io/govpp/binapi/interface_types"
	"go.fd.io/govpp/binapi/l2"

	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/vpp/conn"
)

// around is what there is to ask of one link beside what lists it: all of it goes
// with the question whether the link is there.
type around struct {
	b        *Backend
	features l2.L2FlagsReply // of the second layer
	noLayer2 error
	home     []*l2.BridgeDomainDetails // the domain it was in the last time
	loans    loans
	tables   [len(families)]interfaces.SwInterfaceGetTableReply
	noTables [len(families)]error
}

func (a *around) asks() []func(index uint32) conn.Ask {
	list := []func(index uint32) conn.Ask{
		func(index uint32) conn.Ask { // VPP tells only whoever changes something: this is no change
			return conn.Get(&l2.L2Flags{SwIfIndex: interface_types.InterfaceIndex(index)}, &a.features, &a.noLayer2)
		},
		func(index uint32) conn.Ask { // 0 is none
			return conn.List(&l2.BridgeDomainDump{
				BdID: a.b.names.homeOf(a.b.conn.Epoch(), index), SwIfIndex: interface_types.InterfaceIndex(noIndex),
			}, &a.home)
		},
		a.loans.askOf,
	}
	for i, f := range families {
		list = append(list, func(index uint32) conn.Ask {
			return conn.Get(&interfaces.SwInterfaceGetTable{
				SwIfIndex: interface_types.InterfaceIndex(index), IsIPv6: f == object.IPv6,
			}, &a.tables[i], &a.noTables[i])
		})
	}
	return list
}

// dropsAll is the one feature of the second layer that links have which have nothing
// to do with it.
const dropsAll = 1

// domains returns the bridge domain that the link is in. VPP does not tell which one
// that is: it lists the links of one domain, or of all.
func (a *around) domains(ctx context.Context, index uint32) ([]*domain, error) {
	if a.noLayer2 == nil && a.features.ResultingFeatureBitmap&^dropsAll == 0 {
		return nil, nil
	}
	home := decodeDomains(a.home)
	if i := slices.IndexFunc(home, func(d *domain) bool { return d.has(index) }); i >= 0 {
		return home[i : i+1], nil
	}
	all, err := a.b.dumpDomains(ctx)
	if i := slices.IndexFunc(all, func(d *domain) bool { return d.has(index) }); i >= 0 {
		a.b.names.setHome(a.b.conn.Epoch(), index, all[i].id)
		return all[i : i+1], nil
	}
	return nil, err
}

// upper is what the link has to do with others above Ethernet.
func (a *around) upper(ctx context.Context, index uint32) (layer3, error) {
	one := layer3{lender: noIndex}
	if lender, ok := a.loans.lenders()[index]; ok {
		one.lender = lender
	}
	var ids [len(families)]uint32
	for i, err := range a.noTables {
		if missing(err) != nil && !isGone(err) { // it may have gone just now
			return one, err
		}
		ids[i] = a.tables[i].VrfID
	}
	if ids == [len(families)]uint32{} {
		return one, nil
	}
	tables, err := a.b.tables(ctx)
	if err != nil {
		return one, err
	}
	one.vrf = boundName(tableNames(tables), ids)
	return one, nil
}

// link makes a link of an interface that all was asked of.
func (a *around) link(ctx context.Context, d *interfaces.SwInterfaceDetails) (*link, error) {
	l := decodeLink(d)
	if l == nil {
		return nil, nil
	}
	domains, err := a.domains(ctx, l.Index)
	if err != nil {
		return nil, err
	}
	upper, err := a.upper(ctx, l.Index)
	if err != nil {
		return nil, err
	}
	list := []*link{l}
	if err := atOnce(ctx, a.b.fills(list)); err != nil {
		return nil, err
	}
	return l, a.b.finish(ctx, list, domains, map[uint32]layer3{l.Index: upper})
}

// look reads an interface with all that there is to tell; nil if it is not there.
func (b *Backend) look(ctx context.Context, name string) (*link, error) {
	a := around{b: b}
	d, err := b.find(ctx, name, a.asks()...)
	if d == nil || err != nil {
		return nil, err
	}
	return a.link(ctx, d)
}

// linkAt reads a link by its number; nil if it is not there.
func (b *Backend) linkAt(ctx context.Context, index uint32) (*object.LinkState, error) {
	b.stats.reads.Add(1)
	b.half.RLock()
	defer b.half.RUnlock()
	epoch := b.conn.Epoch()
	a := around{b: b}
	d, err := b.interfaceAt(ctx, index, a.asks()...)
	if err != nil {
		return nil, err
	}
	if d == nil {
		b.names.drop(epoch, index)
		return nil, nil
	}
	b.names.set(epoch, index, d.InterfaceName)
	l, err := a.link(ctx, d)
	if l == nil || err != nil {
		return nil, err
	}
	return &l.LinkState, nil
}
