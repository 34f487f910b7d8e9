package openconfig

import (
	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/translate"
)

// linkCounts and vlanCounts say which leaf of an interface, and of a subinterface, shows
// which counter. in-pkts and out-pkts count all packets; no dataplane tells unicast from
// broadcast.
var (
	linkCounts = map[string]object.CounterSet{
		"in-pkts": object.CountInPackets, "out-pkts": object.CountOutPackets,
		"in-octets": object.CountInOctets, "out-octets": object.CountOutOctets,
		"in-errors": object.CountInErrors, "out-errors": object.CountOutErrors,
		"in-discards": object.CountInDiscards, "out-discards": object.CountOutDiscards,
		"in-multicast-pkts":   object.CountInMulticast,
		"in-unknown-protos":   object.CountInNoHandler,
		"in-fcs-errors":       object.CountInCRCErrors,
		"carrier-transitions": object.CountCarrierChanges, "link-transitions": object.CountCarrierChanges,
	}
	vlanCounts = map[string]object.CounterSet{
		"in-pkts": object.CountInPackets, "out-pkts": object.CountOutPackets,
		"in-octets": object.CountInOctets, "out-octets": object.CountOutOctets,
		"in-errors": object.CountInErrors, "out-errors": object.CountOutErrors,
		"in-discards": object.CountInDiscards, "out-discards": object.CountOutDiscards,
		"in-multicast-pkts": object.CountInMulticast,
	}
)

// Counters renders the counters of links, and nothing else: in one change those of all
// interfaces, and in one for each interface those of its subinterfaces.
func (m *Model) Counters(links []southbound.Reading) []agent.StateChange {
	list := translate.Below(m.interfaces, "interface")
	within := translate.Below(list, "state/counters")[len(list):]
	interfaces := translate.NewParts(list, within, len(links))
	vlans := map[string]*translate.Parts{}
	for _, l := range links {
		on, index := translate.SubinterfaceOf(l.Link)
		if index == 0 {
			interfaces.Add(on, m.linkCounts.Node(l.Counters))
			continue
		}
		if vlans[on] == nil {
			vlans[on] = translate.NewParts(translate.Below(m.entry(on), "subinterfaces/subinterface"), within, 1)
		}
		vlans[on].Add(decimal(uint64(index)), m.vlanCounts.Node(l.Counters))
	}
	changes := interfaces.Changes()
	for _, v := range vlans {
		changes = append(changes, v.Changes()...)
	}
	return changes
}

// CountersBelow looks for the counters of interfaces, and of subinterfaces but 0,
// on the way to p or below it.
func (m *Model) CountersBelow(p path.Path) (southbound.Counted, bool) {
	sub := translate.Below(m.interfaces, "interface/subinterfaces/subinterface/state/counters")
	link, ofLinks := translate.Towards(p, translate.Below(m.interfaces, "interface/state/counters"), "name")
	index, ofSubs := translate.Towards(p, sub, "index")
	switch {
	case ofLinks:
		return southbound.Counted{Link: link, VLANs: ofSubs}, true
	case !ofSubs || index == "0":
		return southbound.Counted{}, false
	}
	if link, _ = translate.Towards(p, sub, "name"); link == "" || index == "" {
		return southbound.Counted{Link: link, VLANs: true}, true
	}
	return southbound.Counted{Link: link + "." + index}, true
}
