package openconfig

import (
	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/translate"
)

// counters of a link. in-pkts and out-pkts count all packets; the kernel does
// not tell unicast from broadcast.
func counters(s *object.LinkState) *countersState {
	c := &s.Counters
	return &countersState{
		InPkts: translate.Ptr(c.InPackets), InOctets: translate.Ptr(c.InOctets), InErrors: translate.Ptr(c.InErrors), InDiscards: translate.Ptr(c.InDiscards),
		InMulticastPkts: translate.Ptr(c.InMulticast), InUnknownProtos: translate.Ptr(c.InNoHandler), InFcsErrors: translate.Ptr(c.InCRCErrors),
		OutPkts: translate.Ptr(c.OutPackets), OutOctets: translate.Ptr(c.OutOctets), OutErrors: translate.Ptr(c.OutErrors), OutDiscards: translate.Ptr(c.OutDiscards),
		CarrierTransitions: translate.Ptr(uint64(s.CarrierChanges)), LinkTransitions: translate.Ptr(uint64(s.CarrierChanges)),
	}
}

// Counters renders s.Counters, and nothing else.
func (m *Model) Counters(s *object.LinkState) []agent.StateChange {
	r := m.render.Begin()
	r.Node(translate.Below(m.entry(s.Name), "state/counters"), counters(s))
	return r.End()
}

// CountersBelow looks for /interfaces/interface/state/counters on the way to p,
// or below it.
func (m *Model) CountersBelow(p path.Path) (link string, ok bool) {
	return translate.Towards(p, translate.Below(m.interfaces, "interface/state/counters"), "name")
}
