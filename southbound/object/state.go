package object

import (
	"net/netip"
	"slices"
	"time"

	"github.com/outrigger-cnf/outrigger/agent/path"
)

// State is one thing as it was observed: a *LinkState, *AddressState,
// *NeighborState, *RouteState, *SettingState, or the *Status of a desired object.
// States are never changed once they are handed on.
type State interface {
	ID() ID
	// Same reports whether other, a State of the same type and ID, says the
	// same. Counters do not count.
	Same(other State) bool
}

// OperStatus is the operational state of a link (RFC 2863 ifOperStatus).
type OperStatus uint8

// The operational states.
const (
	OperUnknown OperStatus = iota
	OperNotPresent
	OperDown
	OperLowerLayerDown
	OperTesting
	OperDormant
	OperUp
)

var operNames = [...]string{"unknown", "not-present", "down", "lower-layer-down", "testing", "dormant", "up"}

func (s OperStatus) String() string {
	if int(s) < len(operNames) {
		return operNames[s]
	}
	return operNames[OperUnknown]
}

// LinkState is an observed link. Link holds its attributes in the terms of the
// desired object; Kind says what it is, whoever made it. Description is without
// any mark of ownership.
type LinkState struct {
	Link
	Index        uint32 // the dataplane's number for it
	Owned        bool   // made by us
	Oper         OperStatus
	Since        time.Time // when the link was first seen; its counters have run on since then
	LastChange   time.Time // of Oper; Since if it has not changed
	PermanentMAC MACAddr   // burnt in; zero where there is none
	ParentIndex  uint32    // of the lower link; 0: none
	KindName     string    // the dataplane's own name for the kind; may be empty
	// CarrierChanges counts how often the carrier went up or down; Counters.Absent
	// tells of it, too.
	CarrierChanges uint32
	Counters       Counters
}

// LinkCounters are the counters that the link had when it was read.
func (s *LinkState) LinkCounters() LinkCounters {
	return LinkCounters{Name: s.Name, Index: s.Index, CarrierChanges: s.CarrierChanges, Counters: s.Counters}
}

// Same leaves the counters out.
func (s *LinkState) Same(other State) bool {
	a, ok := other.(*LinkState)
	if !ok {
		return false
	}
	x, y := *s, *a
	x.Counters, y.Counters = Counters{}, Counters{}
	return x == y
}

// Origin says where an address or neighbor comes from (RFC 8344 ip-address-origin).
type Origin uint8

// The origins.
const (
	OriginOther Origin = iota
	OriginStatic
	OriginDHCP
	OriginLinkLayer // made from the link-layer address
	OriginRandom    // temporary or stable-privacy
	OriginDynamic   // learnt (neighbors)
)

var originNames = [...]string{"other", "static", "dhcp", "link-layer", "random", "dynamic"}

func (o Origin) String() string {
	if int(o) < len(originNames) {
		return originNames[o]
	}
	return originNames[OriginOther]
}

// AddressStatus is the status of an IPv6 address (RFC 4293 IpAddressStatusTC).
// IPv4 addresses are always preferred.
type AddressStatus uint8

// The statuses.
const (
	AddressPreferred AddressStatus = iota
	AddressDeprecated
	AddressTentative
	AddressDuplicate
	AddressOptimistic
)

var addressStatusNames = [...]string{"preferred", "deprecated", "tentative", "duplicate", "optimistic"}

func (s AddressStatus) String() string {
	if int(s) < len(addressStatusNames) {
		return addressStatusNames[s]
	}
	return "unknown"
}

// AddressState is an observed address.
type AddressState struct {
	Address
	// Other is another prefix length that it has at the same time, of ours too: of a
	// change that was not finished. 0: none.
	Other         uint8
	Owned         bool
	Origin        Origin
	Status        AddressStatus
	Secondary     bool          // IPv4: not the first of its network
	Temporary     bool          // RFC 8981
	ValidLifetime time.Duration // 0: for ever
	Private       any           // the backend's own; comparable
}

// Same compares all but the lifetime, which runs, and what is private.
func (s *AddressState) Same(other State) bool {
	a, ok := other.(*AddressState)
	if !ok {
		return false
	}
	x, y := *s, *a
	x.ValidLifetime, y.ValidLifetime = 0, 0
	x.Private, y.Private = nil, nil
	return x == y
}

// NeighborStatus is the state of a neighbor (RFC 4861 §7.3.2).
type NeighborStatus uint8

// The states.
const (
	NeighborNone NeighborStatus = iota // no state is kept, as for a static entry
	NeighborIncomplete
	NeighborReachable
	NeighborStale
	NeighborDelay
	NeighborProbe
	NeighborFailed
	NeighborPermanent
)

var neighborStatusNames = [...]string{"none", "incomplete", "reachable", "stale", "delay", "probe", "failed", "permanent"}

func (s NeighborStatus) String() string {
	if int(s) < len(neighborStatusNames) {
		return neighborStatusNames[s]
	}
	return "unknown"
}

// NeighborState is an observed neighbor.
type NeighborState struct {
	Neighbor
	Owned  bool
	Origin Origin // Static, Dynamic or Other
	Status NeighborStatus
	Router bool // IPv6
}

// Same compares all.
func (s *NeighborState) Same(other State) bool {
	a, ok := other.(*NeighborState)
	return ok && *s == *a
}

// RouteProtocol is who installed a route.
type RouteProtocol uint8

// The protocols that a model can tell apart.
const (
	ProtocolOther  RouteProtocol = iota
	ProtocolStatic               // ours, and the administrator's
	ProtocolDirect               // the dataplane itself, for an address
	ProtocolDHCP
	ProtocolRA // router advertisement
	ProtocolBGP
	ProtocolISIS
	ProtocolOSPF
	ProtocolRIP
	ProtocolEIGRP
	ProtocolBabel
)

// RouteState is an observed route. Links without a name in the next hops are not
// known (any more).
type RouteState struct {
	Route
	Owned    bool
	Protocol RouteProtocol
	Number   uint8 // the dataplane's own number of the protocol
	// Source is the address that packets of this host leave with, if one is set.
	Source netip.Addr
	// Dead says that no next hop can be used now.
	Dead bool
	// Shared says that the next hops may be of several owners, of whom Owned and
	// Protocol tell only one.
	Shared  bool
	Private any // the backend's own
}

// Same compares all but what is private.
func (s *RouteState) Same(other State) bool {
	a, ok := other.(*RouteState)
	return ok && s.Owned == a.Owned && s.Protocol == a.Protocol && s.Number == a.Number &&
		s.Source == a.Source && s.Dead == a.Dead &&
		s.Table == a.Table && s.Prefix == a.Prefix && s.Metric == a.Metric && s.Type == a.Type &&
		slices.Equal(s.NextHops, a.NextHops)
}

// SettingState is an observed setting.
type SettingState struct{ Setting }

// Same compares the value.
func (s *SettingState) Same(other State) bool {
	a, ok := other.(*SettingState)
	return ok && *s == *a
}

// Condition is how far a desired object has come to be.
type Condition uint8

// The conditions.
const (
	InSync    Condition = iota // the dataplane has it as desired
	Pending                    // it waits for something: a link, a way to the gateway
	Degraded                   // the dataplane refuses it, or it could not be undone
	Conflict                   // something foreign is in its place
	Contended                  // somebody changes it again and again; we have stepped back
	Drifted                    // it differs, and mending is switched off
)

var conditionNames = [...]string{"in-sync", "pending", "degraded", "conflict", "contended", "drifted"}

func (c Condition) String() string {
	if int(c) < len(conditionNames) {
		return conditionNames[c]
	}
	return "unknown"
}

// Status is how a desired object fares. It is a State with the ID of its object.
// An object that is in sync and never was otherwise has none.
type Status struct {
	Object    ID
	Condition Condition
	Reason    string // empty when in sync
	Since     time.Time
	Mends     uint32 // how often drift was mended
	Wanted    *Claim // what is desired; nil where that is not known
}

// Path is the node of the configuration that speaks of the object, nil where there
// is none.
func (s *Status) Path() path.Path {
	if s.Wanted == nil {
		return nil
	}
	return s.Wanted.At
}

// WantedLink returns what is desired of the link that a status is about; nil where
// it is about something else.
func (s *Status) WantedLink() *Link {
	if s.Wanted == nil {
		return nil
	}
	l, _ := s.Wanted.Object.(*Link)
	return l
}

// ID is that of the object.
func (s *Status) ID() ID { return s.Object }

// Same compares all.
func (s *Status) Same(other State) bool {
	a, ok := other.(*Status)
	return ok && *s == *a
}
