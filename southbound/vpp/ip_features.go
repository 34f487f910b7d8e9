package vpp

import (
	"go.fd.io/govpp/api"
	"go.fd.io/govpp/binapi/fib"
	interfaces "go.fd.io/govpp/binapi/interface"
	"go.fd.io/govpp/binapi/ip"
	"go.fd.io/govpp/binapi/ip_neighbor"

	"github.com/outrigger-cnf/outrigger/southbound/vpp/conn"
)

// The names of the features.
const (
	featureAddresses  = "addresses"
	featureNeighbors  = "neighbors"
	featureRoutes     = "routes"
	featureVRFs       = "VRFs"
	featureUnnumbered = "unnumbered links"
	featureIPv6       = "switching IPv6 on and off"
)

// ipFeatures are the messages of each kind of object.
func ipFeatures() []conn.Feature {
	return []conn.Feature{
		{Name: featureAddresses, Messages: []api.Message{
			&interfaces.SwInterfaceAddDelAddress{}, &interfaces.SwInterfaceAddDelAddressReply{},
			&ip.IPAddressDump{}, &ip.IPAddressDetails{},
		}},
		{Name: featureNeighbors, Messages: []api.Message{
			&ip_neighbor.IPNeighborAddDel{}, &ip_neighbor.IPNeighborAddDelReply{},
			&ip_neighbor.IPNeighborDump{}, &ip_neighbor.IPNeighborDetails{},
			&ip_neighbor.IPNeighborFlush{}, &ip_neighbor.IPNeighborFlushReply{},
		}},
		{Name: featureRoutes, Messages: []api.Message{
			&ip.IPRouteAddDelV2{}, &ip.IPRouteAddDelV2Reply{},
			&ip.IPRouteV2Dump{}, &ip.IPRouteV2Details{},
			&ip.IPRouteLookupV2{}, &ip.IPRouteLookupV2Reply{},
			&ip.IPTableDump{}, &ip.IPTableDetails{},
			&fib.FibSourceDump{}, &fib.FibSourceDetails{},
			&fib.FibSourceAdd{}, &fib.FibSourceAddReply{},
		}},
		{Name: featureVRFs, Messages: []api.Message{
			&ip.IPTableAddDelV2{}, &ip.IPTableAddDelV2Reply{},
			&ip.IPTableDump{}, &ip.IPTableDetails{},
			&interfaces.SwInterfaceSetTable{}, &interfaces.SwInterfaceSetTableReply{},
			&interfaces.SwInterfaceGetTable{}, &interfaces.SwInterfaceGetTableReply{},
		}},
		{Name: featureUnnumbered, Messages: []api.Message{
			&interfaces.SwInterfaceSetUnnumbered{}, &interfaces.SwInterfaceSetUnnumberedReply{},
			&ip.IPUnnumberedDump{}, &ip.IPUnnumberedDetails{},
		}},
		{Name: featureIPv6, Messages: []api.Message{
			&ip.SwInterfaceIP6EnableDisable{}, &ip.SwInterfaceIP6EnableDisableReply{},
			&ip.SwInterfaceIP6GetLinkLocalAddress{}, &ip.SwInterfaceIP6GetLinkLocalAddressReply{},
		}},
	}
}
