package netlink

import (
	"context"
	"fmt"

	"github.com/mdlayher/netlink"

	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
)

// createNew never touches what is there.
const createNew = netlink.Create | netlink.Excl

// Do carries out one step. It is one message in most cases; where it takes more,
// what the first ones did is taken back if a later one fails.
func (b *Backend) Do(ctx context.Context, s plan.Step) error {
	if s.Paired {
		return nil
	}
	o := s.Want
	if s.Op == plan.Delete {
		o = s.Have
	}
	switch o := o.(type) {
	case *object.Link:
		switch s.Op {
		case plan.Create:
			return b.createLink(s)
		case plan.Update:
			return b.updateLink(s)
		default:
			return b.deleteLink(o)
		}
	case *object.Address:
		if s.Op == plan.Delete {
			return b.deleteAddress(o)
		}
		return b.createAddress(o)
	case *object.Neighbor:
		return b.doNeighbor(s.Op, o)
	case *object.Route:
		switch s.Op {
		case plan.Create:
			return b.createRoute(o)
		case plan.Update:
			return b.updateRoute(ctx, s.Have.(*object.Route), o)
		default:
			return b.deleteRoute(o)
		}
	case *object.Setting:
		if s.Op == plan.Delete {
			return b.resetSetting(o)
		}
		return b.writeSetting(o)
	}
	return fmt.Errorf("a step for a %T is unknown here", o)
}
