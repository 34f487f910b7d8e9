package vpp

import (
	"context"
	"errors"
	"net/netip"

	"go.fd.io/govpp/binapi/ethernet_types"
	"go.fd.io/govpp/binapi/interface_types"
	"go.fd.io/govpp/binapi/ip_neighbor"
	"go.fd.io/govpp/binapi/ip_types"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
	"github.com/outrigger-cnf/outrigger/southbound/vpp/conn"
)

// reachableTime is how old an entry may be, in seconds, that is called reachable
// (RFC 4861 §10, REACHABLE_TIME). VPP itself tells only the age.
const reachableTime = 30

func addressFamily(f object.Family) ip_types.AddressFamily {
	if f == object.IPv6 {
		return ip_types.ADDRESS_IP6
	}
	return ip_types.ADDRESS_IP4
}

// neighborsOf lists the neighbors of an interface, or with noIndex of all.
func (b *Backend) neighborsOf(ctx context.Context, index uint32) ([]object.State, error) {
	var states []object.State
	for _, f := range families {
		list, err := conn.Dump[ip_neighbor.IPNeighborDetails](ctx, b.conn, &ip_neighbor.IPNeighborDump{
			SwIfIndex: interface_types.InterfaceIndex(index), Af: addressFamily(f),
		})
		if missing(err) != nil {
			return nil, err
		}
		for _, d := range list {
			if s := b.neighbor(&d.Neighbor, d.Age); s != nil {
				states = append(states, s)
			}
		}
	}
	return states, nil
}

// neighbor is an entry with its link's name; nil where the link is not there: VPP
// keeps the static neighbors of interfaces that have gone.
func (b *Backend) neighbor(n *ip_neighbor.IPNeighbor, age float64) *object.NeighborState {
	name, ip := b.nameOf(uint32(n.SwIfIndex)), netipAddress(n.IPAddress)
	if name == "" || !ip.IsValid() {
		return nil
	}
	s := &object.NeighborState{Neighbor: object.Neighbor{Link: name, IP: ip, MAC: object.MACAddr(n.MacAddress)}}
	switch {
	case n.Flags&ip_neighbor.IP_API_NEIGHBOR_FLAG_STATIC != 0:
		s.Origin, s.Status = object.OriginStatic, object.NeighborPermanent
	case age < reachableTime:
		s.Origin, s.Status = object.OriginDynamic, object.NeighborReachable
	default:
		s.Origin, s.Status = object.OriginDynamic, object.NeighborStale
	}
	return s
}

func (b *Backend) dumpNeighbors(ctx context.Context) ([]object.State, error) {
	b.stats.dumps.Add(1)
	return b.neighborsOf(ctx, noIndex)
}

func (b *Backend) readNeighbor(ctx context.Context, n *object.Neighbor) (object.State, error) {
	b.stats.reads.Add(1)
	_, now, err := b.neighborOn(ctx, n.Link, n.IP)
	if now == nil || err != nil {
		return nil, notThere(err)
	}
	return now, nil
}

// neighborOn returns the number of a link, and its neighbor; nil if there is none.
func (b *Backend) neighborOn(ctx context.Context, link string, ip netip.Addr) (uint32, *object.NeighborState, error) {
	var list []*ip_neighbor.IPNeighborDetails
	index, err := b.index(ctx, link, func(index uint32) conn.Ask {
		return conn.List(&ip_neighbor.IPNeighborDump{
			SwIfIndex: interface_types.InterfaceIndex(index), Af: addressFamily(object.FamilyOf(ip)),
		}, &list)
	})
	if err != nil {
		return 0, nil, err
	}
	for _, d := range list {
		if netipAddress(d.Neighbor.IPAddress) == ip {
			return index, b.neighbor(&d.Neighbor, d.Age), nil
		}
	}
	return index, nil, nil
}

// doNeighbor looks first, for VPP overwrites a static neighbor.
func (b *Backend) doNeighbor(ctx context.Context, s plan.Step, n *object.Neighbor) error {
	index, now, err := b.neighborOn(ctx, n.Link, n.IP)
	if err != nil {
		return err
	}
	static := now != nil && now.Origin == object.OriginStatic
	switch {
	case s.Op == plan.Create && static:
		return southbound.Because(southbound.ErrExists, "neighbor %s is there", n.IP)
	case s.Op == plan.Update && now == nil, s.Op == plan.Delete && !static:
		return southbound.Because(southbound.ErrGone, "neighbor %s is not there", n.IP)
	}
	return b.setNeighbor(ctx, index, n, s.Op != plan.Delete)
}

func (b *Backend) setNeighbor(ctx context.Context, index uint32, n *object.Neighbor, there bool) error {
	return b.write(ctx, &ip_neighbor.IPNeighborAddDel{IsAdd: there, Neighbor: ip_neighbor.IPNeighbor{
		SwIfIndex: interface_types.InterfaceIndex(index), Flags: ip_neighbor.IP_API_NEIGHBOR_FLAG_STATIC,
		MacAddress: ethernet_types.MacAddress(n.MAC), IPAddress: vppAddress(n.IP),
	}}, &ip_neighbor.IPNeighborAddDelReply{})
}

// flushNeighbors deletes all neighbors of an interface that is about to go, or that
// has just come: VPP would give them to the next interface with its number, and may
// crash over them.
func (b *Backend) flushNeighbors(ctx context.Context, index uint32) error {
	if !b.conn.Has(featureNeighbors) {
		return nil
	}
	var errs []error
	for _, f := range families {
		errs = append(errs, b.write(ctx, &ip_neighbor.IPNeighborFlush{
			SwIfIndex: interface_types.InterfaceIndex(index), Af: addressFamily(f),
		}, &ip_neighbor.IPNeighborFlushReply{}))
	}
	return errors.Join(errs...)
}
