package openconfig

import (
	"net/netip"
	"slices"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/gen/oc"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/translate"
)

// What a next hop can be beside an address.
const (
	drop      = "openconfig-local-routing:DROP"
	localLink = "openconfig-local-routing:LOCAL_LINK"
)

// protocolObjects makes nothing: a static protocol is its routes.
func protocolObjects(_ tree.Tree, at path.Path, n *tree.Node) ([]object.Claim, error) {
	in, err := translate.Fill[protocolConfig](n)
	if err != nil {
		return nil, err
	}
	if in.Identifier != oc.OpenconfigPolicyTypes_INSTALL_PROTOCOL_TYPE_STATIC {
		return nil, fault.New(fault.InvalidValue, at.Parent(), "the protocol STATIC is implemented, and no other")
	}
	if in.Enabled != nil && !*in.Enabled {
		return nil, fault.New(fault.InvalidValue, translate.Below(at, "enabled"), "static routes cannot be switched off as a whole: delete the protocol")
	}
	return nil, nil
}

// routeObjects are what one static route makes: a route for each metric among
// its next hops, all hops of one metric sharing the load, in the table of its
// network instance.
func (m *Model) routeObjects(_ tree.Tree, at path.Path, n *tree.Node) ([]object.Claim, error) {
	in, err := translate.Fill[staticConfig](n)
	if err != nil {
		return nil, err
	}
	prefix, err := translate.Prefix(*in.Prefix, at)
	if err != nil {
		return nil, err
	}
	if in.NextHops == nil || len(in.NextHops.NextHop) == 0 {
		return nil, fault.New(fault.InvalidValue, at, "a static route needs at least one next hop")
	}
	table, hops := tableOf(instanceName(at)), in.NextHops.NextHop
	claims := make([]object.Claim, 0, 1)
	for _, index := range translate.Keys(hops) {
		config := hops[index]
		place := hopPlace{at, index}
		metric, kind, hop, err := nextHop(place, config)
		if err != nil {
			return nil, err
		}
		below := m.belowRoute(index)
		i := slices.IndexFunc(claims, func(c object.Claim) bool { return c.Object.(*object.Route).Metric == metric })
		more := i >= 0
		if !more {
			i = len(claims)
			route := &object.Route{Table: table, Prefix: prefix, Metric: metric, Type: kind}
			claims = append(claims, object.Claim{Object: route, At: at, From: make([]object.Source, 0, 1+len(hops))})
			claims[i].AddBelow(object.RouteType, below.nextHop)
		}
		if more && (kind == object.Blackhole || claims[i].Object.(*object.Route).Type == object.Blackhole) {
			return nil, fault.New(fault.InvalidValue, place.nextHop(), "DROP stands alone among the next hops of one metric")
		}
		if kind == object.Blackhole {
			continue
		}
		if err := translate.AddHop(&claims[i], hop, below.entry); err != nil {
			return nil, err
		}
	}
	return claims, nil
}

// hopPlace is where a next hop of the static route at at is.
type hopPlace struct {
	route path.Path
	index string
}

func (p hopPlace) entry() path.Path {
	return translate.Entry(translate.Below(p.route, "next-hops/next-hop"), "index", p.index)
}

func (p hopPlace) nextHop() path.Path { return translate.Below(p.entry(), "config/next-hop") }

// belowRoute are the paths of a next hop, and of what its address is, below its
// route.
type belowRoute struct{ entry, nextHop path.Path }

// manyIndexes is of how many next hops the paths are remembered.
const manyIndexes = 256

// belowRoute returns the same for all next hops of an index.
func (m *Model) belowRoute(index string) *belowRoute {
	m.mu.Lock()
	defer m.mu.Unlock()
	b := m.below[index]
	if b == nil {
		place := hopPlace{path.Path{{Module: instanceModule}}, index} // whatever it is: the module counts
		b = &belowRoute{entry: place.entry()[1:], nextHop: place.nextHop()[1:]}
		if m.below == nil || len(m.below) >= manyIndexes {
			m.below = make(map[string]*belowRoute)
		}
		m.below[index] = b
	}
	return b
}

// nextHop reads one next hop at p. It has an interface, and config/next-hop is an
// address or says what else to do. The latter comes as text, for the generated
// union does not tell identities from strings.
func nextHop(p hopPlace, in *nextHopConfig) (metric uint32, kind object.ForwardType, hop object.NextHop, err error) {
	if in.InterfaceRef != nil && in.InterfaceRef.Config != nil && in.InterfaceRef.Config.Interface != nil {
		hop.Link = linkName(in.InterfaceRef.Config.Interface, in.InterfaceRef.Config.Subinterface)
	}
	var to oc.UnionString
	if in.Config != nil {
		if in.Config.Metric != nil {
			metric = *in.Config.Metric
		}
		to, _ = in.Config.NextHop.(oc.UnionString)
	}
	switch {
	case to == drop && hop.Link != "":
		return 0, 0, hop, fault.New(fault.InvalidValue, p.entry(), "a next hop that drops has no interface")
	case to == drop:
		return metric, object.Blackhole, hop, nil
	case to == localLink && hop.Link == "":
		return 0, 0, hop, fault.New(fault.InvalidValue, p.entry(), "a next hop on the local link needs interface-ref/config/interface")
	case to == "" || to == localLink:
		return metric, object.Unicast, hop, nil
	}
	if hop.Via, err = netip.ParseAddr(string(to)); err != nil {
		return 0, 0, hop, fault.New(fault.InvalidValue, p.nextHop(), "%q is neither an address, %s nor %s", string(to), drop, localLink)
	}
	return metric, object.Unicast, hop, nil
}
