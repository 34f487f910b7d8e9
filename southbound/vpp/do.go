package vpp

import (
	"context"
	"fmt"

	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
)

// Do carries out one step. Where it takes more than one message, what the first
// ones did is taken back if a later one fails.
func (b *Backend) Do(ctx context.Context, s plan.Step) error {
	if s.Paired {
		return nil
	}
	ctx = b.conn.Within(ctx) // another VPP has other numbers
	defer b.told.write(s)
	o := s.Want
	if s.Op == plan.Delete {
		o = s.Have
	}
	switch o := o.(type) {
	case *object.Link:
		return b.doLink(ctx, s, o)
	case *object.Setting:
		return b.doSetting(ctx, s, o)
	case *object.Address:
		return b.doAddress(ctx, s, o)
	case *object.Neighbor:
		return b.doNeighbor(ctx, s, o)
	case *object.Route:
		return b.doRoute(ctx, s, o)
	}
	return fmt.Errorf("a step for a %T is unknown here", o)
}

// Read returns one object as it is now; nil if it is not there.
func (b *Backend) Read(ctx context.Context, o object.Object) (object.State, error) {
	s, err := b.read(b.conn.Within(ctx), o)
	if err == nil {
		b.told.read(o.ID(), s)
	}
	return s, err
}

func (b *Backend) read(ctx context.Context, o object.Object) (object.State, error) {
	switch o := o.(type) {
	case *object.Link:
		if s, err := b.readLink(ctx, o.Name); s != nil || err != nil {
			return s, err
		}
	case *object.Setting:
		if s, err := b.readSetting(ctx, o); s != nil || err != nil {
			return s, err
		}
	case *object.Address:
		if s, err := b.readAddress(ctx, o); s != nil || err != nil {
			return s, err
		}
	case *object.Neighbor:
		if s, err := b.readNeighbor(ctx, o); s != nil || err != nil {
			return s, err
		}
	case *object.Route:
		if s, err := b.readRoute(ctx, o); s != nil || err != nil {
			return s, err
		}
	}
	return nil, nil
}
