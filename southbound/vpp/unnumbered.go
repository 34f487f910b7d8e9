package vpp

import (
	"context"

	interfaces "go.fd.io/govpp/binapi/interface"
	"go.fd.io/govpp/binapi/interface_types"
	"go.fd.io/govpp/binapi/ip"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/vpp/conn"
)

// loans are which interfaces borrow addresses, and of whom.
type loans []*ip.IPUnnumberedDetails

// ask asks for all loans, whichever interface it is about: VPP does not tell who
// borrows of one.
func (l *loans) ask(uint32) conn.Ask { return l.askOf(noIndex) }

// askOf asks for what one interface borrows.
func (l *loans) askOf(index uint32) conn.Ask {
	return conn.List(&ip.IPUnnumberedDump{SwIfIndex: interface_types.InterfaceIndex(index)}, (*[]*ip.IPUnnumberedDetails)(l))
}

// lenders are the interfaces that lend to others, by those.
func (l loans) lenders() map[uint32]uint32 {
	lenders := make(map[uint32]uint32, len(l))
	for _, d := range l {
		lenders[uint32(d.SwIfIndex)] = uint32(d.IPSwIfIndex)
	}
	return lenders
}

// lenders returns which interfaces borrow addresses, and of whom.
func (b *Backend) lenders(ctx context.Context, indexes []uint32) (map[uint32]uint32, error) {
	of := noIndex
	if len(indexes) == 1 {
		of = indexes[0]
	}
	var l loans
	err := b.conn.Together(ctx, l.askOf(of))
	return l.lenders(), err
}

// setLender lets an interface use the addresses of another, or of none. VPP would
// let a link that has addresses of its own borrow others, and lose sight of its own.
func (b *Backend) setLender(ctx context.Context, index uint32, name string) error {
	lenders, err := b.lenders(ctx, []uint32{index})
	if err != nil {
		return err
	}
	old, borrows := lenders[index]
	if name == "" {
		if !borrows {
			return nil
		}
		return b.lend(ctx, old, index, false)
	}
	lender, err := b.index(ctx, name)
	if err != nil {
		return err
	}
	if !borrows {
		own, err := b.addressesOf(ctx, []uint32{index})
		if err != nil {
			return err
		}
		if len(own) > 0 {
			return southbound.Because(southbound.ErrExists, "%w", wrong(object.Lender,
				"the link has the address %s of its own, and so cannot borrow any", own[0].prefix))
		}
	}
	return b.lend(ctx, lender, index, true)
}

func (b *Backend) lend(ctx context.Context, lender, borrower uint32, lends bool) error {
	return b.write(ctx, &interfaces.SwInterfaceSetUnnumbered{
		SwIfIndex: interface_types.InterfaceIndex(lender), UnnumberedSwIfIndex: interface_types.InterfaceIndex(borrower), IsAdd: lends,
	}, &interfaces.SwInterfaceSetUnnumberedReply{})
}

// clear takes what VPP would keep of an interface that is about to go, and give to
// the next with its number: its neighbors, and that it lends or borrows addresses.
func (b *Backend) clear(ctx context.Context, index uint32) error {
	all, err := b.lenders(ctx, nil)
	if err != nil {
		return err
	}
	for borrower, lender := range all {
		if lender == index || borrower == index {
			if err := b.lend(ctx, lender, borrower, false); err != nil {
				return err
			}
		}
	}
	return b.flushNeighbors(ctx, index)
}
