package vpp

import (
	"context"
	"errors"
	"fmt"

	"go.fd.io/govpp/binapi/fib_types"
	"go.fd.io/govpp/binapi/ip"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
)

// Under returns the addresses, neighbors and routes that use a link.
func (b *Backend) Under(ctx context.Context, link string) ([]object.State, error) {
	states, err := b.under(ctx, link)
	if err == nil {
		b.told.under(link, states)
	}
	return states, err
}

func (b *Backend) under(ctx context.Context, link string) ([]object.State, error) {
	index, err := b.index(ctx, link)
	if err != nil {
		return nil, notThere(err)
	}
	states, err := b.addressStates(ctx, []uint32{index})
	if err != nil {
		return nil, err
	}
	neighbors, err := b.neighborsOf(ctx, index)
	if err != nil {
		return nil, err
	}
	states = append(states, neighbors...)
	routes, err := b.dumpRoutes(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range routes {
		for name := range object.Links(&s.(*object.RouteState).Route) {
			if name == link {
				states = append(states, s)
				break
			}
		}
	}
	return states, nil
}

// Restore puts an address, a static neighbor or a route back as it was observed;
// those of somebody else's with his source.
func (b *Backend) Restore(ctx context.Context, s object.State) error {
	ctx = b.conn.Within(ctx)
	defer b.told.write(plan.Step{ID: s.ID()})
	var err error
	switch s := s.(type) {
	case *object.AddressState:
		if s.Origin != object.OriginLinkLayer {
			err = b.createAddress(ctx, &s.Address)
		}
	case *object.NeighborState:
		if s.Origin == object.OriginStatic {
			n := s.Neighbor
			err = b.doNeighbor(ctx, plan.Step{Op: plan.Create, ID: n.ID(), Want: &n}, &n)
		}
	case *object.RouteState:
		r := s.Route
		if s.Owned {
			err = b.doRoute(ctx, plan.Step{Op: plan.Create, ID: r.ID(), Want: &r}, &r)
		} else {
			err = b.restoreRoute(ctx, s)
		}
	}
	if errors.Is(err, southbound.ErrExists) {
		return nil
	}
	return err
}

// restoreRoute adds the paths of a route of somebody else's to those that he has.
func (b *Backend) restoreRoute(ctx context.Context, s *object.RouteState) error {
	if s.Protocol == object.ProtocolDirect || s.Type != object.Unicast && s.Type != object.Blackhole {
		return nil // VPP's own doing
	}
	table, err := b.tableID(ctx, s.Table)
	if err != nil {
		return err
	}
	k := routeKey{table, s.Prefix}
	now, err := b.lookup(ctx, k)
	if err != nil {
		return err
	}
	if now.source == s.Number && now.has(s.Metric) {
		return nil
	}
	var list []fib_types.FibPath
	if now.source == s.Number {
		list = now.paths
	}
	if list, err = appendPaths(list, &s.Route, table, b.linkIndexes(ctx)); err != nil {
		return err
	}
	if len(list) == 0 || len(list) > maxHops {
		return fmt.Errorf("%s: %d paths: %w", k, len(list), southbound.ErrInvalid)
	}
	req := listMessage(k, s.Number, list)
	return b.write(ctx, &req, &ip.IPRouteAddDelV2Reply{})
}
