package openconfig

import (
	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/translate"
)

// counters of a link, as far as the dataplane keeps them. in-pkts and out-pkts
// count all packets; no dataplane tells unicast from broadcast.
func counters(c *object.Counters, carrierChanges uint32) *countersState {
	if c.Time.IsZero() { // not read: a zero would be a count
		return &countersState{}
	}
	changes := uint64(carrierChanges)
	return &countersState{
		InPkts: &c.InPackets, InOctets: &c.InOctets,
		InErrors:        c.Kept(object.CountInErrors, &c.InErrors),
		InDiscards:      c.Kept(object.CountInDiscards, &c.InDiscards),
		InMulticastPkts: c.Kept(object.CountInMulticast, &c.InMulticast),
		InUnknownProtos: c.Kept(object.CountInNoHandler, &c.InNoHandler),
		InFcsErrors:     c.Kept(object.CountInCRCErrors, &c.InCRCErrors),
		OutPkts:         &c.OutPackets, OutOctets: &c.OutOctets,
		OutErrors:          c.Kept(object.CountOutErrors, &c.OutErrors),
		OutDiscards:        c.Kept(object.CountOutDiscards, &c.OutDiscards),
		CarrierTransitions: c.Kept(object.CountCarrierChanges, &changes),
		LinkTransitions:    c.Kept(object.CountCarrierChanges, &changes),
	}
}

// subcounters of a VLAN.
func subcounters(c *object.Counters) *subcountersState {
	if c.Time.IsZero() {
		return &subcountersState{}
	}
	return &subcountersState{
		InPkts: &c.InPackets, InOctets: &c.InOctets,
		InErrors:        c.Kept(object.CountInErrors, &c.InErrors),
		InDiscards:      c.Kept(object.CountInDiscards, &c.InDiscards),
		InMulticastPkts: c.Kept(object.CountInMulticast, &c.InMulticast),
		OutPkts:         &c.OutPackets, OutOctets: &c.OutOctets,
		OutErrors:   c.Kept(object.CountOutErrors, &c.OutErrors),
		OutDiscards: c.Kept(object.CountOutDiscards, &c.OutDiscards),
	}
}

// Counters renders the counters of links, and nothing else.
func (m *Model) Counters(links []southbound.Reading) []agent.StateChange {
	r := m.render.Begin()
	r.Expect(len(links))
	list := translate.Below(m.interfaces, "interface")
	for _, l := range links {
		c := &l.Counters.Counters
		if _, index := translate.SubinterfaceOf(l.Link); index != 0 {
			r.Node(translate.Below(m.place(l.Link), "state/counters"), subcounters(c))
		} else {
			at := translate.Below(list, "state/counters")
			at[len(list)-1].Keys = []path.Key{{Name: "name", Value: l.Link.Name}}
			r.Node(at, counters(c, l.Counters.CarrierChanges))
		}
	}
	return r.End()
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
