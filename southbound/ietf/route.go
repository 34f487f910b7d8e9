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

func ipv4RouteObjects(_ tree.Tree, at path.Path, n *tree.Node) ([]object.Claim, error) {
	in, err := translate.Fill[ipv4Route](n)
	if err != nil {
		return nil, err
	}
	r := staticRoute{at: at, prefix: *in.DestinationPrefix}
	if to := in.NextHop; to != nil {
		r.blackhole = to.SpecialNextHop == ipv4Blackhole
		r.hop(r.nextHop(), to.NextHopAddress, to.OutgoingInterface)
		if to.NextHopList != nil {
			for _, index := range translate.Keys(to.NextHopList.NextHop) {
				h := to.NextHopList.NextHop[index]
				r.hops = append(r.hops, hop{r.listed(index), h.NextHopAddress, h.OutgoingInterface})
			}
		}
	}
	return r.claims()
}

func ipv6RouteObjects(_ tree.Tree, at path.Path, n *tree.Node) ([]object.Claim, error) {
	in, err := translate.Fill[ipv6Route](n)
	if err != nil {
		return nil, err
	}
	r := staticRoute{at: at, prefix: *in.DestinationPrefix}
	if to := in.NextHop; to != nil {
		r.blackhole = to.SpecialNextHop == ipv6Blackhole
		r.hop(r.nextHop(), to.NextHopAddress, to.OutgoingInterface)
		if to.NextHopList != nil {
			for _, index := range translate.Keys(to.NextHopList.NextHop) {
				h := to.NextHopList.NextHop[index]
				r.hops = append(r.hops, hop{r.listed(index), h.NextHopAddress, h.OutgoingInterface})
			}
		}
	}
	return r.claims()
}

// staticRoute is a route of either family, as configured.
type staticRoute struct {
	at        path.Path
	prefix    string
	blackhole bool
	hops      []hop
}

// hop is a next hop that the node at at describes.
type hop struct {
	at       path.Path
	via, dev *string
}

func (r *staticRoute) nextHop() path.Path { return translate.Below(r.at, "next-hop") }

func (r *staticRoute) listed(index string) path.Path {
	return translate.Entry(translate.Below(r.nextHop(), "next-hop-list/next-hop"), "index", index)
}

// hop adds the simple next hop, if there is one.
func (r *staticRoute) hop(at path.Path, via, dev *string) {
	if via != nil || dev != nil {
		r.hops = append(r.hops, hop{at, via, dev})
	}
}

// claims is the one claim of the route.
func (r *staticRoute) claims() ([]object.Claim, error) {
	prefix, err := translate.Prefix(r.prefix, r.at)
	if err != nil {
		return nil, err
	}
	route := &object.Route{Prefix: prefix}
	c := object.Claim{Object: route, At: r.at}
	c.Add(object.RouteType, r.nextHop())
	if r.blackhole {
		route.Type = object.Blackhole
		return []object.Claim{c}, nil
	}
	if len(r.hops) == 0 {
		return nil, fault.New(fault.InvalidValue, r.nextHop(), "a static route needs a next hop: next-hop-address, outgoing-interface, special-next-hop or next-hop-list")
	}
	for _, h := range r.hops {
		var next object.NextHop
		if h.dev != nil {
			next.Link = *h.dev
		}
		if h.via != nil {
			if next.Via, err = translate.IP(*h.via, translate.Below(h.at, "next-hop-address")); err != nil {
				return nil, err
			}
		}
		if err := translate.AddHop(&c, next, h.at[len(r.at):]); err != nil {
			return nil, err
		}
	}
	return []object.Claim{c}, nil
}
