package openconfig

import (
	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// counters of a link. in-pkts and out-pkts count all packets; the kernel does
// not tell unicast from broadcast, and so neither do they.
func counters(s *object.LinkState) *countersState {
	c := &s.Counters
	return &countersState{
		InPkts: ptr(c.InPackets), InOctets: ptr(c.InOctets), InErrors: ptr(c.InErrors), InDiscards: ptr(c.InDiscards),
		InMulticastPkts: ptr(c.InMulticast), InUnknownProtos: ptr(c.InNoHandler), InFcsErrors: ptr(c.InCRCErrors),
		OutPkts: ptr(c.OutPackets), OutOctets: ptr(c.OutOctets), OutErrors: ptr(c.OutErrors), OutDiscards: ptr(c.OutDiscards),
		CarrierTransitions: ptr(uint64(s.CarrierChanges)), LinkTransitions: ptr(uint64(s.CarrierChanges)),
	}
}

// Counters renders s.Counters, and nothing else.
func (m *Model) Counters(s *object.LinkState) []agent.StateChange {
	p := entry(below(m.interfaces, "interface"), path.Key{Name: "name", Value: s.Name})
	return []agent.StateChange{m.rendered(below(p, "state/counters"), counters(s))}
}

// CountersBelow looks for /interfaces/interface/state/counters on the way to p,
// or below it.
func (m *Model) CountersBelow(p path.Path) (link string, ok bool) {
	way := below(m.interfaces, "interface/state/counters")
	for i, e := range p {
		if i == len(way) {
			break
		}
		if e.Module != way[i].Module || e.Name != way[i].Name {
			return "", false
		}
		if name, keyed := e.Key("name"); keyed {
			link = name
		}
	}
	return link, true
}
