package ietf

import (
	"github.com/outrigger-cnf/outrigger/gen/ietf"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// Short names for the generated structs.
type (
	ietfInterface = ietf.IETFInterfaces_Interfaces_Interface
	ipv4Config    = ietf.IETFInterfaces_Interfaces_Interface_Ipv4
	ipv6Config    = ietf.IETFInterfaces_Interfaces_Interface_Ipv6
	ipv4Address   = ietf.IETFInterfaces_Interfaces_Interface_Ipv4_Address
	ipv6Address   = ietf.IETFInterfaces_Interfaces_Interface_Ipv6_Address
	ipv4Neighbor  = ietf.IETFInterfaces_Interfaces_Interface_Ipv4_Neighbor
	ipv6Neighbor  = ietf.IETFInterfaces_Interfaces_Interface_Ipv6_Neighbor

	ribs      = ietf.IETFRouting_Routing_Ribs
	rib       = ietf.IETFRouting_Routing_Ribs_Rib
	ribRoutes = ietf.IETFRouting_Routing_Ribs_Rib_Routes
	ribRoute  = ietf.IETFRouting_Routing_Ribs_Rib_Routes_Route
	ribTo     = ietf.IETFRouting_Routing_Ribs_Rib_Routes_Route_NextHop
	ribHops   = ietf.IETFRouting_Routing_Ribs_Rib_Routes_Route_NextHop_NextHopList
	ribHop    = ietf.IETFRouting_Routing_Ribs_Rib_Routes_Route_NextHop_NextHopList_NextHop

	ipv4Route = ietf.IETFRouting_Routing_ControlPlaneProtocols_ControlPlaneProtocol_StaticRoutes_Ipv4_Route
	ipv6Route = ietf.IETFRouting_Routing_ControlPlaneProtocols_ControlPlaneProtocol_StaticRoutes_Ipv6_Route
)

const (
	ipv4Unicast = ietf.IETFRouting_AddressFamily_ipv4_unicast
	ipv6Unicast = ietf.IETFRouting_AddressFamily_ipv6_unicast

	ipv4Blackhole = ietf.IETFRouting_Routing_ControlPlaneProtocols_ControlPlaneProtocol_StaticRoutes_Ipv4_Route_NextHop_SpecialNextHop_blackhole
	ipv6Blackhole = ietf.IETFRouting_Routing_ControlPlaneProtocols_ControlPlaneProtocol_StaticRoutes_Ipv6_Route_NextHop_SpecialNextHop_blackhole
)

// Observed values as the modules have them. What a table lacks shows as no leaf.
var (
	interfaceTypes = map[object.LinkKind]string{
		object.Ethernet: "iana-if-type:ethernetCsmacd",
		object.Veth:     "iana-if-type:ethernetCsmacd",
		object.Macvlan:  "iana-if-type:ethernetCsmacd",
		object.Tap:      "iana-if-type:ethernetCsmacd",
		object.Memif:    "iana-if-type:ethernetCsmacd",
		object.AFPacket: "iana-if-type:ethernetCsmacd",
		object.VLAN:     "iana-if-type:l2vlan",
		object.VXLAN:    "iana-if-type:tunnel",
		object.GRE:      "iana-if-type:tunnel",
		object.IPIP:     "iana-if-type:tunnel",
		object.Bridge:   "iana-if-type:bridge",
		object.Loopback: "iana-if-type:softwareLoopback",
		object.Other:    "iana-if-type:other",
	}
	// What a link that is said to be of a type must be.
	linkTypes = map[string]object.LinkType{
		"iana-if-type:ethernetCsmacd":   object.EthernetType,
		"iana-if-type:tunnel":           object.TunnelType,
		"iana-if-type:bridge":           object.BridgeType,
		"iana-if-type:softwareLoopback": object.LoopbackType,
		"iana-if-type:l2vlan":           object.VLANType,
		"iana-if-type:other":            object.OtherType,
	}
	ipOrigins = map[object.Origin]ietf.E_IETFIp_IpAddressOrigin{
		object.OriginOther:     ietf.IETFIp_IpAddressOrigin_other,
		object.OriginStatic:    ietf.IETFIp_IpAddressOrigin_static,
		object.OriginDHCP:      ietf.IETFIp_IpAddressOrigin_dhcp,
		object.OriginLinkLayer: ietf.IETFIp_IpAddressOrigin_link_layer,
		object.OriginRandom:    ietf.IETFIp_IpAddressOrigin_random,
	}
	neighborOrigins = map[object.Origin]ietf.E_IETFIp_NeighborOrigin{
		object.OriginOther:   ietf.IETFIp_NeighborOrigin_other,
		object.OriginStatic:  ietf.IETFIp_NeighborOrigin_static,
		object.OriginDynamic: ietf.IETFIp_NeighborOrigin_dynamic,
	}
	addressStatuses = map[object.AddressStatus]ietf.E_IETFInterfaces_Interfaces_Interface_Ipv6_Address_Status{
		object.AddressPreferred:  ietf.IETFInterfaces_Interfaces_Interface_Ipv6_Address_Status_preferred,
		object.AddressDeprecated: ietf.IETFInterfaces_Interfaces_Interface_Ipv6_Address_Status_deprecated,
		object.AddressTentative:  ietf.IETFInterfaces_Interfaces_Interface_Ipv6_Address_Status_tentative,
		object.AddressDuplicate:  ietf.IETFInterfaces_Interfaces_Interface_Ipv6_Address_Status_duplicate,
		object.AddressOptimistic: ietf.IETFInterfaces_Interfaces_Interface_Ipv6_Address_Status_optimistic,
	}
	neighborStates = map[object.NeighborStatus]ietf.E_IETFInterfaces_Interfaces_Interface_Ipv6_Neighbor_State{
		object.NeighborIncomplete: ietf.IETFInterfaces_Interfaces_Interface_Ipv6_Neighbor_State_incomplete,
		object.NeighborReachable:  ietf.IETFInterfaces_Interfaces_Interface_Ipv6_Neighbor_State_reachable,
		object.NeighborStale:      ietf.IETFInterfaces_Interfaces_Interface_Ipv6_Neighbor_State_stale,
		object.NeighborDelay:      ietf.IETFInterfaces_Interfaces_Interface_Ipv6_Neighbor_State_delay,
		object.NeighborProbe:      ietf.IETFInterfaces_Interfaces_Interface_Ipv6_Neighbor_State_probe,
	}
	// ribForwards is special-next-hop of a route that leads to next hops.
	ribForwards     = ietf.IETFRouting_Routing_Ribs_Rib_Routes_Route_NextHop_SpecialNextHop_UNSET
	specialNextHops = map[object.ForwardType]ietf.E_IETFRouting_Routing_Ribs_Rib_Routes_Route_NextHop_SpecialNextHop{
		object.Unicast:       ribForwards,
		object.Blackhole:     ietf.IETFRouting_Routing_Ribs_Rib_Routes_Route_NextHop_SpecialNextHop_blackhole,
		object.Unreachable:   ietf.IETFRouting_Routing_Ribs_Rib_Routes_Route_NextHop_SpecialNextHop_unreachable,
		object.Prohibit:      ietf.IETFRouting_Routing_Ribs_Rib_Routes_Route_NextHop_SpecialNextHop_prohibit,
		object.LocalDelivery: ietf.IETFRouting_Routing_Ribs_Rib_Routes_Route_NextHop_SpecialNextHop_receive,
	}
	// What RFC 8349 does not name are identities of outrigger-ext.
	sourceProtocols = map[object.RouteProtocol]ietf.E_IETFRouting_RoutingProtocol{
		object.ProtocolOther:  ietf.IETFRouting_RoutingProtocol_other,
		object.ProtocolStatic: ietf.IETFRouting_RoutingProtocol_static,
		object.ProtocolDirect: ietf.IETFRouting_RoutingProtocol_direct,
		object.ProtocolDHCP:   ietf.IETFRouting_RoutingProtocol_dhcp,
		object.ProtocolRA:     ietf.IETFRouting_RoutingProtocol_router_advertisement,
		object.ProtocolBGP:    ietf.IETFRouting_RoutingProtocol_bgp,
		object.ProtocolISIS:   ietf.IETFRouting_RoutingProtocol_isis,
		object.ProtocolOSPF:   ietf.IETFRouting_RoutingProtocol_ospf,
		object.ProtocolRIP:    ietf.IETFRouting_RoutingProtocol_rip,
		object.ProtocolEIGRP:  ietf.IETFRouting_RoutingProtocol_eigrp,
		object.ProtocolBabel:  ietf.IETFRouting_RoutingProtocol_babel,
	}
)
