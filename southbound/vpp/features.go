package vpp

import (
	"os"

	"go.fd.io/govpp/api"
	interfaces "go.fd.io/govpp/binapi/interface"
	"go.fd.io/govpp/binapi/interface_types"
	"go.fd.io/govpp/binapi/ip_neighbor"

	"github.com/outrigger-cnf/outrigger/southbound/vpp/conn"
)

// coreFeatures are the messages that all stands on, and the notifications.
func coreFeatures() []conn.Feature {
	return []conn.Feature{
		{Name: "interfaces", Needed: true, Messages: []api.Message{
			&interfaces.SwInterfaceDump{}, &interfaces.SwInterfaceDetails{},
		}},
		{Name: "interface events", Messages: []api.Message{
			&interfaces.WantInterfaceEvents{}, &interfaces.WantInterfaceEventsReply{}, &interfaces.SwInterfaceEvent{},
		}},
		{Name: "neighbor events", Messages: []api.Message{
			&ip_neighbor.WantIPNeighborEventsV2{}, &ip_neighbor.WantIPNeighborEventsV2Reply{}, &ip_neighbor.IPNeighborEventV2{},
		}},
	}
}

// noIndex is the sw_if_index that stands for none, or for any.
const noIndex = ^uint32(0)

func subscriptions() []conn.Subscription {
	pid := uint32(os.Getpid())
	return []conn.Subscription{
		{
			Request: &interfaces.WantInterfaceEvents{EnableDisable: 1, PID: pid},
			Reply:   &interfaces.WantInterfaceEventsReply{},
			Events:  []api.Message{&interfaces.SwInterfaceEvent{}},
		},
		{
			Request: &ip_neighbor.WantIPNeighborEventsV2{Enable: true, PID: pid, SwIfIndex: interface_types.InterfaceIndex(noIndex)},
			Reply:   &ip_neighbor.WantIPNeighborEventsV2Reply{},
			Events:  []api.Message{&ip_neighbor.IPNeighborEventV2{}},
		},
	}
}
