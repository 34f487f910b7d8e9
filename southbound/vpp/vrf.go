package vpp

import (
	"context"
	"errors"
	"slices"

	"go.fd.io/govpp/api"
	interfaces "go.fd.io/govpp/binapi/interface"
	"go.fd.io/govpp/binapi/interface_types"
	"go.fd.io/govpp/binapi/ip"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
	"github.com/outrigger-cnf/outrigger/southbound/vpp/conn"
)

// A VRF is a table of each family under one number, and no interface. Those made
// here have our mark before their name; VPP keeps it with the table.

// vrfNumbers are the numbers of tables that are made here.
var vrfNumbers = numbers{0x6f740000, 1 << 16}

// vrfIndex is a table's number as a link's: apart from those of interfaces, and no more
// than an if-index can be (RFC 8343), for one that is half made is shown as a link.
func vrfIndex(id uint32) uint32 { return 1<<30 | id&(1<<30-1) }

// dumpVRFs lists the VRFs beside the default one.
func (b *Backend) dumpVRFs(ctx context.Context) ([]*object.LinkState, error) {
	tables, err := b.tables(ctx)
	if err != nil {
		return nil, err
	}
	names := tableNames(tables)
	byID := make(map[uint32][]ip.IPTable)
	var ids []uint32
	for _, t := range tables {
		if t.TableID == 0 {
			continue
		}
		if byID[t.TableID] == nil {
			ids = append(ids, t.TableID)
		}
		byID[t.TableID] = append(byID[t.TableID], t)
	}
	slices.Sort(ids)
	states := make([]*object.LinkState, 0, len(ids))
	for _, id := range ids {
		s := &object.LinkState{
			Link:  object.Link{Name: names[id], Kind: object.VRF, Up: true},
			Index: vrfIndex(id), Oper: object.OperUp, KindName: "table",
		}
		own := 0
		for _, t := range byID[id] {
			if _, ours := ownTable(t); ours {
				own++
			}
		}
		if s.Owned = own > 0; s.Owned && own < len(families) {
			// A process was killed while it made or deleted it: it is made anew.
			s.Kind, s.Up, s.Oper = object.Other, false, object.OperNotPresent
		}
		states = append(states, s)
	}
	return states, nil
}

var families = [...]object.Family{object.IPv4, object.IPv6}

func (b *Backend) readVRF(ctx context.Context, name string) (*object.LinkState, error) {
	all, err := b.dumpVRFs(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range all {
		if s.Name == name {
			return s, nil
		}
	}
	return nil, nil
}

// createVRF makes both tables under a number that neither family has.
func (b *Backend) createVRF(ctx context.Context, s plan.Step) error {
	name := s.Want.(*object.Link).Name
	b.making.Lock()
	defer b.making.Unlock()
	if d, err := b.find(ctx, name); err != nil {
		return err
	} else if d != nil {
		return southbound.Because(southbound.ErrExists, "link %s is there", name)
	}
	tables, err := b.tables(ctx)
	if err != nil {
		return err
	}
	taken := make(map[uint32]bool)
	for id, known := range tableNames(tables) {
		taken[id] = true
		if known == name {
			return southbound.Because(southbound.ErrExists, "VRF %s is there", name)
		}
	}
	for id := range vrfNumbers.choose(name) {
		if taken[id] {
			continue
		}
		var back undo
		for _, f := range families {
			if err := b.setTable(ctx, id, f, name, true); err != nil {
				return back.run(ctx, err)
			}
			back.add(func(ctx context.Context) error { return b.setTable(ctx, id, f, name, false) })
		}
		return nil
	}
	return southbound.Because(southbound.ErrExists, "all numbers of tables are taken")
}

func (b *Backend) setTable(ctx context.Context, id uint32, f object.Family, name string, there bool) error {
	return b.write(ctx, &ip.IPTableAddDelV2{
		IsAdd: there, CreateMfib: true,
		Table: ip.IPTable{TableID: id, IsIP6: f == object.IPv6, Name: mark + markEnd + name},
	}, &ip.IPTableAddDelV2Reply{})
}

// deleteVRF deletes the tables of a VRF of ours. VPP keeps a table that an interface
// routes by, and says nothing: then both are taken up again.
func (b *Backend) deleteVRF(ctx context.Context, l *object.Link) error {
	tables, err := b.tables(ctx)
	if err != nil {
		return err
	}
	var own []ip.IPTable
	for _, t := range tables {
		if name, ours := ownTable(t); ours && name == l.Name {
			own = append(own, t)
		}
	}
	if len(own) == 0 {
		now, err := b.readVRF(ctx, l.Name)
		if err != nil {
			return err
		}
		if now != nil {
			return southbound.Because(southbound.ErrExists, "VRF %s was not made here", l.Name)
		}
		return southbound.Because(southbound.ErrGone, "VRF %s is not there", l.Name)
	}
	var back undo
	for _, t := range own {
		f := object.IPv4
		if t.IsIP6 {
			f = object.IPv6
		}
		if err := b.setTable(ctx, t.TableID, f, l.Name, false); err != nil {
			return back.run(ctx, err)
		}
		back.add(func(ctx context.Context) error { return b.setTable(ctx, t.TableID, f, l.Name, true) })
	}
	if left, err := b.readVRF(ctx, l.Name); err != nil {
		return back.run(ctx, err)
	} else if left != nil {
		return back.run(ctx, southbound.Because(southbound.ErrExists, "VRF %s is in use: an interface that is not configured here routes by it", l.Name))
	}
	return nil
}

// setVRF lets an interface route by a VRF, or by the default tables.
func (b *Backend) setVRF(ctx context.Context, index uint32, vrf string) error {
	id, err := b.tableID(ctx, vrf)
	if err != nil {
		return err
	}
	was, err := b.boundTo(ctx, []uint32{index})
	if err != nil {
		return err
	}
	var back undo
	for i, f := range families {
		old := was[index][i]
		if old == id {
			continue
		}
		if err := b.bind(ctx, index, f, id); err != nil {
			return back.run(ctx, err)
		}
		back.add(func(ctx context.Context) error { return b.bind(ctx, index, f, old) })
	}
	return nil
}

func (b *Backend) bind(ctx context.Context, index uint32, f object.Family, id uint32) error {
	err := b.write(ctx, &interfaces.SwInterfaceSetTable{
		SwIfIndex: interface_types.InterfaceIndex(index), IsIPv6: f == object.IPv6, VrfID: id,
	}, &interfaces.SwInterfaceSetTableReply{})
	if isRetval(err, api.ADDRESS_FOUND_FOR_INTERFACE) {
		return southbound.Because(southbound.ErrExists, "%w", wrong(object.Master,
			"the link has %s addresses, or borrows them, that are not configured here: VPP moves a link to another VRF only without", f))
	}
	return err
}

func isRetval(err error, code api.VPPApiError) bool {
	refused, ok := errors.AsType[*conn.RetvalError](err)
	return ok && refused.Code == code
}

// boundTo returns the tables that interfaces route by, IPv4's and IPv6's.
func (b *Backend) boundTo(ctx context.Context, indexes []uint32) (map[uint32][len(families)]uint32, error) {
	bound := make(map[uint32][len(families)]uint32, len(indexes))
	if !b.conn.Has(featureVRFs) {
		return bound, nil
	}
	replies := make([]interfaces.SwInterfaceGetTableReply, len(families)*len(indexes))
	var failed error
	err := b.conn.Pipeline(ctx, len(replies), func(i int) api.Message {
		return &interfaces.SwInterfaceGetTable{
			SwIfIndex: interface_types.InterfaceIndex(indexes[i/len(families)]), IsIPv6: families[i%len(families)] == object.IPv6,
		}
	}, func(i int) api.Message { return &replies[i] }, func(i int, err error) bool {
		switch {
		case err == nil:
			tables := bound[indexes[i/len(families)]]
			tables[i%len(families)] = replies[i].VrfID
			bound[indexes[i/len(families)]] = tables
		case !isGone(err): // it may have gone since it was listed
			failed = err
		}
		return failed == nil
	})
	return bound, errors.Join(failed, err)
}

// layer3 is what interfaces have to do with each other above Ethernet.
type layer3 struct {
	vrf    string
	lender uint32 // noIndex: none
}

// layer3 tells of interfaces which VRF they route by, and who lends them addresses.
func (b *Backend) layer3(ctx context.Context, indexes []uint32) (map[uint32]layer3, error) {
	upper := make(map[uint32]layer3, len(indexes))
	lenders, err := b.lenders(ctx, indexes)
	if err != nil {
		return nil, err
	}
	tables, err := b.tables(ctx)
	if err != nil {
		return nil, err
	}
	names := tableNames(tables)
	var bound map[uint32][len(families)]uint32
	if len(names) > 1 {
		if bound, err = b.boundTo(ctx, indexes); err != nil {
			return nil, err
		}
	}
	for _, index := range indexes {
		one := layer3{lender: noIndex}
		if lender, ok := lenders[index]; ok {
			one.lender = lender
		}
		one.vrf = boundName(names, bound[index])
		upper[index] = one
	}
	return upper, nil
}

// boundName is the name of the VRF that a link routes by, by its tables. Of one that
// routes by different ones there is no link: the name differs from whatever is
// desired.
func boundName(names map[uint32]string, ids [len(families)]uint32) string {
	switch name := names[ids[0]]; {
	case ids[0] == ids[1]:
		return name
	case name == "":
		return names[ids[1]] + " (IPv6 only)"
	default:
		return name + " (IPv4 only)"
	}
}
