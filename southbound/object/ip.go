package object

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Family is an address family.
type Family uint8

// The families.
const (
	IPv4 Family = 4
	IPv6 Family = 6
)

func (f Family) String() string { return "ipv" + strconv.Itoa(int(f)) }

// FamilyOf returns the family of a.
func FamilyOf(a netip.Addr) Family {
	if a.Is4() {
		return IPv4
	}
	return IPv6
}

// Address is an IPv4 or IPv6 address of a link. A link has an address once: the
// prefix length is an attribute of it.
type Address struct {
	Link         string
	IP           netip.Addr // without zone, IPv4 not mapped into IPv6
	PrefixLength uint8
}

// AddressID is the ID of an address of a link.
func AddressID(link string, ip netip.Addr) ID { return ID{KindAddress, on(link, ip)} }

// ID of an address is its link and the address.
func (a *Address) ID() ID { return AddressID(a.Link, a.IP) }

// Prefix is the address with its prefix length, host bits kept.
func (a *Address) Prefix() netip.Prefix { return netip.PrefixFrom(a.IP, int(a.PrefixLength)) }

func (a *Address) attrs() *attributes { return addressAttrs }

func (a *Address) clone() Object { c := *a; return &c }

var addressAttrs = table(
	attr(PrefixLength, func(a *Address) *uint8 { return &a.PrefixLength }, number[uint8]),
)

// Neighbor is a static entry of the neighbor table (ARP, ND).
type Neighbor struct {
	Link string
	IP   netip.Addr
	MAC  MACAddr
}

// NeighborID is the ID of a link's neighbor.
func NeighborID(link string, ip netip.Addr) ID { return ID{KindNeighbor, on(link, ip)} }

// on names an IP address on a link.
func on(link string, ip netip.Addr) string {
	name := append(append(make([]byte, 0, 64), link...), ' ')
	return string(ip.AppendTo(name))
}

// ID of a neighbor is its link and its address.
func (n *Neighbor) ID() ID { return NeighborID(n.Link, n.IP) }

func (n *Neighbor) attrs() *attributes { return neighborAttrs }

func (n *Neighbor) clone() Object { c := *n; return &c }

var neighborAttrs = table(
	attr(LinkLayer, func(n *Neighbor) *MACAddr { return &n.MAC }, MACAddr.String),
)

// ForwardType says what a route does with a packet.
type ForwardType uint8

// The types of route. The rest but Unicast and Blackhole is only observed.
const (
	Unicast   ForwardType = iota // to the next hops
	Blackhole                    // dropped without a word
	Unreachable
	Prohibit
	LocalDelivery // to this host
	Broadcast
	Multicast
	OtherForward
)

var forwardNames = [...]string{"unicast", "blackhole", "unreachable", "prohibit", "local", "broadcast", "multicast", "other"}

func (t ForwardType) String() string {
	if int(t) < len(forwardNames) {
		return forwardNames[t]
	}
	return "other"
}

// NextHop is one of a route's ways out. Via or Link must be set.
type NextHop struct {
	Via    netip.Addr // gateway; the zero Addr: the destination is on the link
	Link   string     // empty: the link whose network holds Via
	Weight uint16     // 1..256; 0 is 1
}

func (h NextHop) String() string {
	var parts []string
	if h.Via.IsValid() {
		parts = append(parts, "via "+h.Via.String())
	}
	if h.Link != "" {
		parts = append(parts, "dev "+h.Link)
	}
	if h.Weight > 1 {
		parts = append(parts, "weight "+strconv.Itoa(int(h.Weight)))
	}
	return strings.Join(parts, " ")
}

// Compare orders next hops by gateway, link and weight.
func (h NextHop) Compare(other NextHop) int {
	if c := h.Via.Compare(other.Via); c != 0 {
		return c
	}
	if c := strings.Compare(h.Link, other.Link); c != 0 {
		return c
	}
	return int(max(h.Weight, 1)) - int(max(other.Weight, 1))
}

// Route is a route of one table. More than one next hop is ECMP.
type Route struct {
	Table    string // network instance (VRF); empty: the default one
	Prefix   netip.Prefix
	Metric   uint32 // the lower wins; 0: the dataplane's own choice
	Type     ForwardType
	NextHops []NextHop // in any order; none for a blackhole
}

// RouteID is the ID of a route. The prefix must be masked.
func RouteID(table string, prefix netip.Prefix, metric uint32) ID {
	name := make([]byte, 0, 96)
	if table != "" {
		name = append(append(name, table...), ' ')
	}
	name = append(prefix.AppendTo(name), " metric "...)
	return ID{KindRoute, string(strconv.AppendUint(name, uint64(metric), 10))}
}

// ID of a route is its table, prefix and metric.
func (r *Route) ID() ID { return RouteID(r.Table, r.Prefix, r.Metric) }

// needs yields the links of the next hops, and the VRF whose table it is in.
func (r *Route) needs(yield func(string) bool) {
	for i, h := range r.NextHops {
		if h.Link != "" && !onLink(r.NextHops[:i], h.Link) && !yield(h.Link) {
			return
		}
	}
	if r.Table != "" && !onLink(r.NextHops, r.Table) {
		yield(r.Table)
	}
}

func onLink(hops []NextHop, link string) bool {
	return slices.ContainsFunc(hops, func(h NextHop) bool { return h.Link == link })
}

// Survives reports whether a route can still be there when a link has gone: when
// it has other next hops, and the link is not the VRF whose table it is in.
func (r *Route) Survives(link string) bool {
	return link != r.Table && slices.ContainsFunc(r.NextHops, func(h NextHop) bool {
		return h.Link != "" && h.Link != firstLink(r.NextHops)
	})
}

// With is a route like r with other next hops. One that is alone has no weight.
func (r *Route) With(hops []NextHop) *Route {
	c := *r
	if c.NextHops = hops; len(hops) == 1 {
		c.NextHops = []NextHop{{Via: hops[0].Via, Link: hops[0].Link}}
	}
	return &c
}

func firstLink(hops []NextHop) string {
	for _, h := range hops {
		if h.Link != "" {
			return h.Link
		}
	}
	return ""
}

func (r *Route) attrs() *attributes { return routeAttrs }

func (r *Route) clone() Object { c := *r; return &c }

var routeAttrs = table(
	attr(RouteType, func(r *Route) *ForwardType { return &r.Type }, ForwardType.String),
	attribute{
		name:  NextHops,
		text:  func(o Object) string { return HopsText(o.(*Route).NextHops) },
		equal: func(a, b Object) bool { return SameHops(a.(*Route).NextHops, b.(*Route).NextHops) },
		copy:  func(to, from Object) { to.(*Route).NextHops = from.(*Route).NextHops },
	},
)

// HopsText writes next hops in order, for people.
func HopsText(hops []NextHop) string {
	if len(hops) == 0 {
		return "none"
	}
	parts := make([]string, len(hops))
	for i, h := range sorted(hops) {
		parts[i] = h.String()
	}
	return strings.Join(parts, ", ")
}

// SameHops reports whether a and b are the same set of next hops.
func SameHops(a, b []NextHop) bool {
	if len(a) != len(b) {
		return false
	}
	if len(a) == 1 {
		return a[0].Compare(b[0]) == 0
	}
	return slices.EqualFunc(sorted(a), sorted(b), func(x, y NextHop) bool { return x.Compare(y) == 0 })
}

func sorted(hops []NextHop) []NextHop {
	if slices.IsSortedFunc(hops, NextHop.Compare) {
		return hops
	}
	return slices.SortedFunc(slices.Values(hops), NextHop.Compare)
}

// Setting is one switch of the IP stack, of one link or of the whole.
type Setting struct {
	Name   SettingName
	Family Family
	Link   string // empty: global
	Value  uint32 // a boolean is 0 or 1
}

// SettingName is what a Setting is about.
type SettingName string

// The settings. All but Forwarding are of a link only.
const (
	Forwarding        SettingName = "forwarding"          // packets that are not for this host
	ProtocolEnabled   SettingName = "enabled"             // the family as such; IPv6 only
	ProtocolMTU       SettingName = "mtu"                 // octets; IPv6 only
	DADTransmits      SettingName = "dad-transmits"       // RFC 4862 §5.1; IPv6 only
	AcceptRA          SettingName = "accept-ra"           // router advertisements; IPv6 only
	Autoconf          SettingName = "autoconf"            // addresses from router advertisements; IPv6 only
	TempAddresses     SettingName = "temp-addresses"      // RFC 8981: 0 none, 1 made, 2 preferred; IPv6 only
	TempValidTime     SettingName = "temp-valid-time"     // seconds; IPv6 only
	TempPreferredTime SettingName = "temp-preferred-time" // seconds; IPv6 only
)

// SettingID is the ID of a setting.
func SettingID(name SettingName, family Family, link string) ID {
	if link == "" {
		return ID{KindSetting, family.String() + " " + string(name)}
	}
	return ID{KindSetting, link + " " + family.String() + " " + string(name)}
}

// ID of a setting is its link, family and name.
func (s *Setting) ID() ID { return SettingID(s.Name, s.Family, s.Link) }

func (s *Setting) attrs() *attributes { return settingAttrs }

func (s *Setting) clone() Object { c := *s; return &c }

var settingAttrs = table(
	attr(ValueAttr, func(s *Setting) *uint32 { return &s.Value }, number[uint32]),
)
