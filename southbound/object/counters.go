package object

import "time"

// Counters are a link's counters since it came to be (RFC 2863, RFC 8343).
// Time is when they were read; the zero time: they were not, and are not 0.
type Counters struct {
	Time time.Time
	// Absent are those that the dataplane does not keep, and that are not 0
	// either.
	Absent CounterSet

	InPackets, OutPackets   uint64
	InOctets, OutOctets     uint64
	InErrors, OutErrors     uint64
	InDiscards, OutDiscards uint64
	InMulticast             uint64 // packets
	InCRCErrors             uint64
	InNoHandler             uint64 // packets of a protocol that nobody takes
}

// LinkCounters are the counters of one link, as they were read.
type LinkCounters struct {
	Name           string
	Index          uint32 // as LinkState has it
	CarrierChanges uint32
	Counters
}

// Same reports whether nothing has counted since.
func (c *LinkCounters) Same(earlier *LinkCounters) bool {
	then := *earlier
	then.Time = c.Time
	return *c == then
}

// CounterSet is any number of counters.
type CounterSet uint16

// The counters, those first that a dataplane may lack.
const (
	CountInErrors CounterSet = 1 << iota
	CountOutErrors
	CountInDiscards
	CountOutDiscards
	CountInMulticast
	CountInCRCErrors
	CountInNoHandler
	CountCarrierChanges
	CountInPackets
	CountOutPackets
	CountInOctets
	CountOutOctets
)

// Count returns the counter of that name, and whether the dataplane keeps it.
func (c *LinkCounters) Count(name CounterSet) (n uint64, kept bool) {
	switch name {
	case CountInErrors:
		n = c.InErrors
	case CountOutErrors:
		n = c.OutErrors
	case CountInDiscards:
		n = c.InDiscards
	case CountOutDiscards:
		n = c.OutDiscards
	case CountInMulticast:
		n = c.InMulticast
	case CountInCRCErrors:
		n = c.InCRCErrors
	case CountInNoHandler:
		n = c.InNoHandler
	case CountCarrierChanges:
		n = uint64(c.CarrierChanges)
	case CountInPackets:
		n = c.InPackets
	case CountOutPackets:
		n = c.OutPackets
	case CountInOctets:
		n = c.InOctets
	case CountOutOctets:
		n = c.OutOctets
	default:
		return 0, false
	}
	return n, c.Absent&name == 0
}
