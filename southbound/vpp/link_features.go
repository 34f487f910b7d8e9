package vpp

import (
	"maps"
	"slices"

	"go.fd.io/govpp/api"
	interfaces "go.fd.io/govpp/binapi/interface"

	"github.com/outrigger-cnf/outrigger/southbound/vpp/conn"
)

// linkFeatures are what all links need, and what those of each kind do: a VPP that
// lacks a plugin has no links of that kind, and all others.
func linkFeatures() []conn.Feature {
	list := []conn.Feature{{Name: "interface settings", Messages: []api.Message{
		&interfaces.SwInterfaceTagAddDel{}, &interfaces.SwInterfaceTagAddDelReply{},
		&interfaces.SwInterfaceSetInterfaceName{}, &interfaces.SwInterfaceSetInterfaceNameReply{},
		&interfaces.SwInterfaceSetFlags{}, &interfaces.SwInterfaceSetFlagsReply{},
		&interfaces.SwInterfaceSetMtu{}, &interfaces.SwInterfaceSetMtuReply{},
		&interfaces.SwInterfaceSetMacAddress{}, &interfaces.SwInterfaceSetMacAddressReply{},
	}}}
	for _, k := range slices.Sorted(maps.Keys(linkKinds)) {
		list = append(list, linkKinds[k].feature())
	}
	return list
}
