package ietf

import (
	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/translate"
)

// protocolObjects makes nothing: a static protocol is its routes. at is the leaf
// type of the protocol.
func protocolObjects(_ tree.Tree, at path.Path, n *tree.Node) ([]object.Claim, error) {
	if n.Value().Text != "ietf-routing:static" {
		return nil, fault.New(fault.InvalidValue, at.Parent(), "the control plane protocol ietf-routing:static is implemented, and no other")
	}
	return nil, nil
}

// ribObjects refuses to make RIBs: each address family has one, which is there.
func ribObjects(_ tree.Tree, at path.Path, _ *tree.Node) ([]object.Claim, error) {
	return nil, fault.New(fault.InvalidValue, at, "RIBs are made by the dataplane and cannot be configured")
}

// hop is a next hop of either family.
type hop struct {
	at       path.Path
	via, dev *string
}

func ipv4RouteObjects(_ tree.Tree, at path.Path, n *tree.Node) ([]object.Claim, error) {
	in, err := translate.Fill[ipv4Route](n)
	if err != nil {
		return nil, err
	}
	p := translate.Below(at, "next-hop")
	if in.NextHop == nil {
		return route(at, *in.DestinationPrefix, nil, false)
	}
	var hops []hop
	if list := in.NextHop.NextHopList; list != nil {
		for index, h := range translate.Sorted(list.NextHop) {
			q := translate.Entry(translate.Below(p, "next-hop-list/next-hop"), "index", index)
			hops = append(hops, hop{q, h.NextHopAddress, h.OutgoingInterface})
		}
	} else if in.NextHop.NextHopAddress != nil || in.NextHop.OutgoingInterface != nil {
		hops = []hop{{p, in.NextHop.NextHopAddress, in.NextHop.OutgoingInterface}}
	}
	return route(at, *in.DestinationPrefix, hops, in.NextHop.SpecialNextHop == ipv4Blackhole)
}

func ipv6RouteObjects(_ tree.Tree, at path.Path, n *tree.Node) ([]object.Claim, error) {
	in, err := translate.Fill[ipv6Route](n)
	if err != nil {
		return nil, err
	}
	p := translate.Below(at, "next-hop")
	if in.NextHop == nil {
		return route(at, *in.DestinationPrefix, nil, false)
	}
	var hops []hop
	if list := in.NextHop.NextHopList; list != nil {
		for index, h := range translate.Sorted(list.NextHop) {
			q := translate.Entry(translate.Below(p, "next-hop-list/next-hop"), "index", index)
			hops = append(hops, hop{q, h.NextHopAddress, h.OutgoingInterface})
		}
	} else if in.NextHop.NextHopAddress != nil || in.NextHop.OutgoingInterface != nil {
		hops = []hop{{p, in.NextHop.NextHopAddress, in.NextHop.OutgoingInterface}}
	}
	return route(at, *in.DestinationPrefix, hops, in.NextHop.SpecialNextHop == ipv6Blackhole)
}

// route is the claim of one static route at a path.
func route(at path.Path, text string, hops []hop, blackhole bool) ([]object.Claim, error) {
	prefix, err := translate.Prefix(text, at)
	if err != nil {
		return nil, err
	}
	where := translate.Below(at, "next-hop")
	r := &object.Route{Prefix: prefix}
	c := object.Claim{Object: r, At: at}
	c.Add(object.RouteType, where)
	if blackhole {
		r.Type = object.Blackhole
		return []object.Claim{c}, nil
	}
	if len(hops) == 0 {
		return nil, fault.New(fault.InvalidValue, where, "a static route needs a next hop: next-hop-address, outgoing-interface, special-next-hop or next-hop-list")
	}
	for _, h := range hops {
		var next object.NextHop
		if h.dev != nil {
			next.Link = *h.dev
		}
		if h.via != nil {
			if next.Via, err = translate.IP(*h.via, translate.Below(h.at, "next-hop-address")); err != nil {
				return nil, err
			}
		}
		if !next.Via.IsValid() && next.Link == "" {
			return nil, fault.New(fault.InvalidValue, h.at, "a next hop needs next-hop-address, outgoing-interface, or both")
		}
		r.NextHops = append(r.NextHops, next)
	}
	c.Add(object.NextHops, where)
	return []object.Claim{c}, nil
}
