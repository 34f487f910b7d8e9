package openconfig

import (
	"github.com/outrigger-cnf/outrigger/gen/oc"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// Short names for the generated structs.
type (
	ocInterface    = oc.OpenconfigInterfaces_Interfaces_Interface
	interfaceState = oc.OpenconfigInterfaces_Interfaces_Interface_State
	ethernetState  = oc.OpenconfigInterfaces_Interfaces_Interface_Ethernet_State
	linkState      = oc.OpenconfigInterfaces_Interfaces_Interface_Link_State
	vethState      = oc.OpenconfigInterfaces_Interfaces_Interface_Link_Veth_State
	bridgeState    = oc.OpenconfigInterfaces_Interfaces_Interface_Link_Bridge_State
	vxlanState     = oc.OpenconfigInterfaces_Interfaces_Interface_Link_Vxlan_State
	macvlanState   = oc.OpenconfigInterfaces_Interfaces_Interface_Link_Macvlan_State
	tapState       = oc.OpenconfigInterfaces_Interfaces_Interface_Link_Tap_State
	memifConfig    = oc.OpenconfigInterfaces_Interfaces_Interface_Link_Memif_Config
	memifState     = oc.OpenconfigInterfaces_Interfaces_Interface_Link_Memif_State
	afPacketState  = oc.OpenconfigInterfaces_Interfaces_Interface_Link_AfPacket_State
	tunnelState    = oc.OpenconfigInterfaces_Interfaces_Interface_Tunnel_State

	subinterface      = oc.OpenconfigInterfaces_Interfaces_Interface_Subinterfaces_Subinterface
	subinterfaceIPv4  = oc.OpenconfigInterfaces_Interfaces_Interface_Subinterfaces_Subinterface_Ipv4
	subinterfaceIPv6  = oc.OpenconfigInterfaces_Interfaces_Interface_Subinterfaces_Subinterface_Ipv6
	subinterfaceState = oc.OpenconfigInterfaces_Interfaces_Interface_Subinterfaces_Subinterface_State
	subinterfaceLink  = oc.OpenconfigInterfaces_Interfaces_Interface_Subinterfaces_Subinterface_Link_State
	vlanState         = oc.OpenconfigInterfaces_Interfaces_Interface_Subinterfaces_Subinterface_Vlan_Match_SingleTagged_State
	ipv4State         = oc.OpenconfigInterfaces_Interfaces_Interface_Subinterfaces_Subinterface_Ipv4_State
	ipv6State         = oc.OpenconfigInterfaces_Interfaces_Interface_Subinterfaces_Subinterface_Ipv6_State
	ipv4AddressState  = oc.OpenconfigInterfaces_Interfaces_Interface_Subinterfaces_Subinterface_Ipv4_Addresses_Address_State
	ipv6AddressState  = oc.OpenconfigInterfaces_Interfaces_Interface_Subinterfaces_Subinterface_Ipv6_Addresses_Address_State
	ipv4NeighborState = oc.OpenconfigInterfaces_Interfaces_Interface_Subinterfaces_Subinterface_Ipv4_Neighbors_Neighbor_State
	ipv6NeighborState = oc.OpenconfigInterfaces_Interfaces_Interface_Subinterfaces_Subinterface_Ipv6_Neighbors_Neighbor_State

	instanceConfig   = oc.OpenconfigNetworkInstance_NetworkInstances_NetworkInstance_Config
	forwardingConfig = oc.OpenconfigNetworkInstance_NetworkInstances_NetworkInstance_Forwarding
	forwardingState  = oc.OpenconfigNetworkInstance_NetworkInstances_NetworkInstance_Forwarding_State
	protocolConfig   = oc.OpenconfigNetworkInstance_NetworkInstances_NetworkInstance_Protocols_Protocol_Config
	staticConfig     = oc.OpenconfigNetworkInstance_NetworkInstances_NetworkInstance_Protocols_Protocol_StaticRoutes_Static
	nextHopConfig    = oc.OpenconfigNetworkInstance_NetworkInstances_NetworkInstance_Protocols_Protocol_StaticRoutes_Static_NextHops_NextHop

	ipv4Entry            = oc.OpenconfigNetworkInstance_NetworkInstances_NetworkInstance_Afts_Ipv4Unicast_Ipv4Entry
	ipv6Entry            = oc.OpenconfigNetworkInstance_NetworkInstances_NetworkInstance_Afts_Ipv6Unicast_Ipv6Entry
	ipv4EntryState       = oc.OpenconfigNetworkInstance_NetworkInstances_NetworkInstance_Afts_Ipv4Unicast_Ipv4Entry_State
	ipv6EntryState       = oc.OpenconfigNetworkInstance_NetworkInstances_NetworkInstance_Afts_Ipv6Unicast_Ipv6Entry_State
	aftGroup             = oc.OpenconfigNetworkInstance_NetworkInstances_NetworkInstance_Afts_NextHopGroups_NextHopGroup
	aftGroupState        = oc.OpenconfigNetworkInstance_NetworkInstances_NetworkInstance_Afts_NextHopGroups_NextHopGroup_State
	aftGroupHops         = oc.OpenconfigNetworkInstance_NetworkInstances_NetworkInstance_Afts_NextHopGroups_NextHopGroup_NextHops
	aftGroupHop          = oc.OpenconfigNetworkInstance_NetworkInstances_NetworkInstance_Afts_NextHopGroups_NextHopGroup_NextHops_NextHop
	aftGroupHopState     = oc.OpenconfigNetworkInstance_NetworkInstances_NetworkInstance_Afts_NextHopGroups_NextHopGroup_NextHops_NextHop_State
	aftHop               = oc.OpenconfigNetworkInstance_NetworkInstances_NetworkInstance_Afts_NextHops_NextHop
	aftHopState          = oc.OpenconfigNetworkInstance_NetworkInstances_NetworkInstance_Afts_NextHops_NextHop_State
	aftHopInterface      = oc.OpenconfigNetworkInstance_NetworkInstances_NetworkInstance_Afts_NextHops_NextHop_InterfaceRef
	objectState          = oc.OutriggerExt_Realization_Objects_Object_State
	aftHopInterfaceState = oc.OpenconfigNetworkInstance_NetworkInstances_NetworkInstance_Afts_NextHops_NextHop_InterfaceRef_State
)

// subinterfaceAdmin and subinterfaceOper: the two statuses of a subinterface are
// the same YANG grouping as an interface's, and so have the same numbers.
type (
	subinterfaceAdmin = oc.E_OpenconfigInterfaces_Interfaces_Interface_Subinterfaces_Subinterface_State_AdminStatus
	subinterfaceOper  = oc.E_OpenconfigInterfaces_Interfaces_Interface_Subinterfaces_Subinterface_State_OperStatus
)

// interfaceType is an identity of iana-if-type.
type interfaceType = oc.E_IETFInterfaces_InterfaceType

// linkKinds and macvlanModes are the enums of outrigger-ext as objects have them.
var (
	linkKinds = map[oc.E_OutriggerExt_LinkKind]object.LinkKind{
		oc.OutriggerExt_LinkKind_veth:      object.Veth,
		oc.OutriggerExt_LinkKind_bridge:    object.Bridge,
		oc.OutriggerExt_LinkKind_vxlan:     object.VXLAN,
		oc.OutriggerExt_LinkKind_macvlan:   object.Macvlan,
		oc.OutriggerExt_LinkKind_tap:       object.Tap,
		oc.OutriggerExt_LinkKind_loopback:  object.Loopback,
		oc.OutriggerExt_LinkKind_gre:       object.GRE,
		oc.OutriggerExt_LinkKind_ipip:      object.IPIP,
		oc.OutriggerExt_LinkKind_memif:     object.Memif,
		oc.OutriggerExt_LinkKind_af_packet: object.AFPacket,
	}
	linkKindNames = inverse(linkKinds)

	macvlanModes = map[oc.E_OpenconfigInterfaces_Interfaces_Interface_Link_Macvlan_Config_Mode]object.MacvlanMode{
		oc.OpenconfigInterfaces_Interfaces_Interface_Link_Macvlan_Config_Mode_private:  object.MacvlanPrivate,
		oc.OpenconfigInterfaces_Interfaces_Interface_Link_Macvlan_Config_Mode_vepa:     object.MacvlanVEPA,
		oc.OpenconfigInterfaces_Interfaces_Interface_Link_Macvlan_Config_Mode_bridge:   object.MacvlanBridge,
		oc.OpenconfigInterfaces_Interfaces_Interface_Link_Macvlan_Config_Mode_passthru: object.MacvlanPassthru,
	}
	macvlanModeNames = map[object.MacvlanMode]oc.E_OpenconfigInterfaces_Interfaces_Interface_Link_Macvlan_State_Mode{
		object.MacvlanPrivate:  oc.OpenconfigInterfaces_Interfaces_Interface_Link_Macvlan_State_Mode_private,
		object.MacvlanVEPA:     oc.OpenconfigInterfaces_Interfaces_Interface_Link_Macvlan_State_Mode_vepa,
		object.MacvlanBridge:   oc.OpenconfigInterfaces_Interfaces_Interface_Link_Macvlan_State_Mode_bridge,
		object.MacvlanPassthru: oc.OpenconfigInterfaces_Interfaces_Interface_Link_Macvlan_State_Mode_passthru,
	}
)

// The roles and modes of a memif, for configuration and for state.
var (
	memifRoles = map[oc.E_OpenconfigInterfaces_Interfaces_Interface_Link_Memif_Config_Role]object.MemifRole{
		oc.OpenconfigInterfaces_Interfaces_Interface_Link_Memif_Config_Role_server: object.MemifServer,
		oc.OpenconfigInterfaces_Interfaces_Interface_Link_Memif_Config_Role_client: object.MemifClient,
	}
	memifRoleNames = map[object.MemifRole]oc.E_OpenconfigInterfaces_Interfaces_Interface_Link_Memif_State_Role{
		object.MemifServer: oc.OpenconfigInterfaces_Interfaces_Interface_Link_Memif_State_Role_server,
		object.MemifClient: oc.OpenconfigInterfaces_Interfaces_Interface_Link_Memif_State_Role_client,
	}
	memifModes = map[oc.E_OpenconfigInterfaces_Interfaces_Interface_Link_Memif_Config_Mode]object.MemifMode{
		oc.OpenconfigInterfaces_Interfaces_Interface_Link_Memif_Config_Mode_ethernet: object.MemifEthernet,
		oc.OpenconfigInterfaces_Interfaces_Interface_Link_Memif_Config_Mode_ip:       object.MemifIP,
	}
	memifModeNames = map[object.MemifMode]oc.E_OpenconfigInterfaces_Interfaces_Interface_Link_Memif_State_Mode{
		object.MemifEthernet: oc.OpenconfigInterfaces_Interfaces_Interface_Link_Memif_State_Mode_ethernet,
		object.MemifIP:       oc.OpenconfigInterfaces_Interfaces_Interface_Link_Memif_State_Mode_ip,
	}
)

// Observed values as OpenConfig has them. What a table lacks has no enum, and
// shows as no leaf.
var (
	// Interface types of IANA.
	interfaceTypes = map[object.LinkKind]interfaceType{
		object.Ethernet: oc.IETFInterfaces_InterfaceType_ethernetCsmacd,
		object.Veth:     oc.IETFInterfaces_InterfaceType_ethernetCsmacd,
		object.Macvlan:  oc.IETFInterfaces_InterfaceType_ethernetCsmacd,
		object.Tap:      oc.IETFInterfaces_InterfaceType_ethernetCsmacd,
		object.Memif:    oc.IETFInterfaces_InterfaceType_ethernetCsmacd,
		object.AFPacket: oc.IETFInterfaces_InterfaceType_ethernetCsmacd,
		object.VLAN:     oc.IETFInterfaces_InterfaceType_l2vlan,
		object.VXLAN:    oc.IETFInterfaces_InterfaceType_tunnel,
		object.GRE:      oc.IETFInterfaces_InterfaceType_tunnel,
		object.IPIP:     oc.IETFInterfaces_InterfaceType_tunnel,
		object.Bridge:   oc.IETFInterfaces_InterfaceType_bridge,
		object.Loopback: oc.IETFInterfaces_InterfaceType_softwareLoopback,
		object.Other:    oc.IETFInterfaces_InterfaceType_other,
	}
	// What a link that is said to be of a type must be; any link may be of others.
	linkTypes = map[interfaceType]object.LinkType{
		oc.IETFInterfaces_InterfaceType_ethernetCsmacd:   object.EthernetType,
		oc.IETFInterfaces_InterfaceType_tunnel:           object.TunnelType,
		oc.IETFInterfaces_InterfaceType_bridge:           object.BridgeType,
		oc.IETFInterfaces_InterfaceType_softwareLoopback: object.LoopbackType,
		oc.IETFInterfaces_InterfaceType_l2vlan:           object.VLANType,
		oc.IETFInterfaces_InterfaceType_other:            object.OtherType,
	}
	operStatuses = map[object.OperStatus]oc.E_OpenconfigInterfaces_Interfaces_Interface_State_OperStatus{
		object.OperUnknown:        oc.OpenconfigInterfaces_Interfaces_Interface_State_OperStatus_UNKNOWN,
		object.OperNotPresent:     oc.OpenconfigInterfaces_Interfaces_Interface_State_OperStatus_NOT_PRESENT,
		object.OperDown:           oc.OpenconfigInterfaces_Interfaces_Interface_State_OperStatus_DOWN,
		object.OperLowerLayerDown: oc.OpenconfigInterfaces_Interfaces_Interface_State_OperStatus_LOWER_LAYER_DOWN,
		object.OperTesting:        oc.OpenconfigInterfaces_Interfaces_Interface_State_OperStatus_TESTING,
		object.OperDormant:        oc.OpenconfigInterfaces_Interfaces_Interface_State_OperStatus_DORMANT,
		object.OperUp:             oc.OpenconfigInterfaces_Interfaces_Interface_State_OperStatus_UP,
	}
	ipOrigins = map[object.Origin]oc.E_OpenconfigIfIp_IpAddressOrigin{
		object.OriginOther:     oc.OpenconfigIfIp_IpAddressOrigin_OTHER,
		object.OriginStatic:    oc.OpenconfigIfIp_IpAddressOrigin_STATIC,
		object.OriginDHCP:      oc.OpenconfigIfIp_IpAddressOrigin_DHCP,
		object.OriginLinkLayer: oc.OpenconfigIfIp_IpAddressOrigin_LINK_LAYER,
		object.OriginRandom:    oc.OpenconfigIfIp_IpAddressOrigin_RANDOM,
	}
	neighborOrigins = map[object.Origin]oc.E_OpenconfigIfIp_NeighborOrigin{
		object.OriginOther:   oc.OpenconfigIfIp_NeighborOrigin_OTHER,
		object.OriginStatic:  oc.OpenconfigIfIp_NeighborOrigin_STATIC,
		object.OriginDynamic: oc.OpenconfigIfIp_NeighborOrigin_DYNAMIC,
	}
	addressStatuses = map[object.AddressStatus]oc.E_OpenconfigInterfaces_Interfaces_Interface_Subinterfaces_Subinterface_Ipv6_Addresses_Address_State_Status{
		object.AddressPreferred:  oc.OpenconfigInterfaces_Interfaces_Interface_Subinterfaces_Subinterface_Ipv6_Addresses_Address_State_Status_PREFERRED,
		object.AddressDeprecated: oc.OpenconfigInterfaces_Interfaces_Interface_Subinterfaces_Subinterface_Ipv6_Addresses_Address_State_Status_DEPRECATED,
		object.AddressTentative:  oc.OpenconfigInterfaces_Interfaces_Interface_Subinterfaces_Subinterface_Ipv6_Addresses_Address_State_Status_TENTATIVE,
		object.AddressDuplicate:  oc.OpenconfigInterfaces_Interfaces_Interface_Subinterfaces_Subinterface_Ipv6_Addresses_Address_State_Status_DUPLICATE,
		object.AddressOptimistic: oc.OpenconfigInterfaces_Interfaces_Interface_Subinterfaces_Subinterface_Ipv6_Addresses_Address_State_Status_OPTIMISTIC,
	}
	neighborStates = map[object.NeighborStatus]oc.E_OpenconfigInterfaces_Interfaces_Interface_Subinterfaces_Subinterface_Ipv6_Neighbors_Neighbor_State_NeighborState{
		object.NeighborIncomplete: oc.OpenconfigInterfaces_Interfaces_Interface_Subinterfaces_Subinterface_Ipv6_Neighbors_Neighbor_State_NeighborState_INCOMPLETE,
		object.NeighborReachable:  oc.OpenconfigInterfaces_Interfaces_Interface_Subinterfaces_Subinterface_Ipv6_Neighbors_Neighbor_State_NeighborState_REACHABLE,
		object.NeighborStale:      oc.OpenconfigInterfaces_Interfaces_Interface_Subinterfaces_Subinterface_Ipv6_Neighbors_Neighbor_State_NeighborState_STALE,
		object.NeighborDelay:      oc.OpenconfigInterfaces_Interfaces_Interface_Subinterfaces_Subinterface_Ipv6_Neighbors_Neighbor_State_NeighborState_DELAY,
		object.NeighborProbe:      oc.OpenconfigInterfaces_Interfaces_Interface_Subinterfaces_Subinterface_Ipv6_Neighbors_Neighbor_State_NeighborState_PROBE,
	}
	conditions = map[object.Condition]oc.E_OutriggerExt_Realization_Objects_Object_State_Status{
		object.Pending:   oc.OutriggerExt_Realization_Objects_Object_State_Status_pending,
		object.Degraded:  oc.OutriggerExt_Realization_Objects_Object_State_Status_degraded,
		object.Conflict:  oc.OutriggerExt_Realization_Objects_Object_State_Status_conflict,
		object.Contended: oc.OutriggerExt_Realization_Objects_Object_State_Status_contended,
		object.Drifted:   oc.OutriggerExt_Realization_Objects_Object_State_Status_drifted,
	}
	protocols = map[object.RouteProtocol]oc.E_OpenconfigPolicyTypes_INSTALL_PROTOCOL_TYPE{
		object.ProtocolStatic: oc.OpenconfigPolicyTypes_INSTALL_PROTOCOL_TYPE_STATIC,
		object.ProtocolDirect: oc.OpenconfigPolicyTypes_INSTALL_PROTOCOL_TYPE_DIRECTLY_CONNECTED,
		object.ProtocolBGP:    oc.OpenconfigPolicyTypes_INSTALL_PROTOCOL_TYPE_BGP,
		object.ProtocolISIS:   oc.OpenconfigPolicyTypes_INSTALL_PROTOCOL_TYPE_ISIS,
		object.ProtocolOSPF:   oc.OpenconfigPolicyTypes_INSTALL_PROTOCOL_TYPE_OSPF,
	}
)

func inverse[K, V comparable](m map[K]V) map[V]K {
	out := make(map[V]K, len(m))
	for k, v := range m {
		out[v] = k
	}
	return out
}
