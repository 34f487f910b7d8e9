package object

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"strconv"
)

// LinkKind is the sort of link that is created, or that was observed.
type LinkKind string

// The kinds of link. Existing, the zero LinkKind, is desired of a link that
// somebody else makes: a container's eth0, a loopback, hardware.
const (
	Existing LinkKind = ""
	Veth     LinkKind = "veth"
	Bridge   LinkKind = "bridge"
	VXLAN    LinkKind = "vxlan"
	Macvlan  LinkKind = "macvlan"
	Tap      LinkKind = "tap"
	Loopback LinkKind = "loopback"  // up as long as it is enabled, and leads nowhere
	VLAN     LinkKind = "vlan"      // the frames of one VLAN (IEEE 802.1Q) of a parent
	GRE      LinkKind = "gre"       // IP in GRE (RFC 2784)
	IPIP     LinkKind = "ipip"      // IP in IP (RFC 2003, RFC 2473)
	Memif    LinkKind = "memif"     // packets in memory shared with another process
	AFPacket LinkKind = "af-packet" // a user-space dataplane's port on a link of the kernel
	VRF      LinkKind = "vrf"       // a routing table of its own; links that name it as master route by it

	// The rest is only observed.
	Ethernet LinkKind = "ethernet" // hardware, or a device of no kind known here
	Other    LinkKind = "other"    // not of Ethernet
)

// MACAddr is an Ethernet hardware address.
type MACAddr [6]byte

// String gives the canonical form of RFC 6991 mac-address: lower case, colons.
func (m MACAddr) String() string {
	b := make([]byte, 0, 17)
	for i, octet := range m {
		if i > 0 {
			b = append(b, ':')
		}
		b = hex.AppendEncode(b, []byte{octet})
	}
	return string(b)
}

// IsZero reports whether m is 00:00:00:00:00:00.
func (m MACAddr) IsZero() bool { return m == MACAddr{} }

// MarshalText gives the form of String.
func (m MACAddr) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText takes what ParseMAC takes.
func (m *MACAddr) UnmarshalText(text []byte) error {
	parsed, err := ParseMAC(string(text))
	if err == nil {
		*m = parsed
	}
	return err
}

// ParseMAC reads six octets in hexadecimal with colons between, of any case.
func ParseMAC(s string) (MACAddr, error) {
	var m MACAddr
	if len(s) != 17 {
		return m, fmt.Errorf("%q is not a MAC address: six octets such as 02:00:5e:10:00:01 are needed", s)
	}
	for i := range m {
		if i > 0 && s[3*i-1] != ':' {
			return m, fmt.Errorf("%q is not a MAC address: octets are separated by colons", s)
		}
		if _, err := hex.Decode(m[i:i+1], []byte(s[3*i:3*i+2])); err != nil {
			return m, fmt.Errorf("%q is not a MAC address: %q is not an octet in hexadecimal", s, s[3*i:3*i+2])
		}
	}
	return m, nil
}

// Link is a network interface. Fields hold only where the attribute is claimed;
// those of another kind are zero.
type Link struct {
	Name        string
	Kind        LinkKind
	Type        LinkType // as claimed; what was observed has only a Kind
	Up          bool     // admin state
	MTU         uint32   // octets, without the Ethernet header
	MAC         MACAddr
	Description string
	Master      string // the bridge that it is a port of, or the VRF that it routes by; empty: of none
	Lender      string // unnumbered: the link whose addresses it uses (RFC 1812 §2.2.7); empty: it is not

	Peer   string // veth: the other end, made and removed together with this one
	Parent string // macvlan, vlan: the lower link; vxlan: the link that the tunnel leaves by, or empty

	MacvlanMode MacvlanMode

	VNI      uint32     // vxlan: 1..16777215
	Local    netip.Addr // vxlan, gre, ipip: source address of the outer header
	Remote   netip.Addr // vxlan, gre, ipip: destination of it; of vxlan also a multicast group
	Port     uint16     // vxlan: UDP destination port; RFC 7348 has 4789
	TTL      uint8      // vxlan, gre, ipip: of the outer header; 0: the dataplane's own choice
	Key      uint32     // gre: RFC 2890; 0: none
	Learning bool       // vxlan: learn remote addresses from the traffic

	STP          bool   // bridge
	AgeingTime   uint32 // bridge, seconds
	ForwardDelay uint32 // bridge, seconds
	VLANFilter   bool   // bridge

	MultiQueue bool   // tap
	Owner      uint32 // tap: uid that may open it
	Group      uint32 // tap: gid that may open it

	HostLink string // af-packet: the kernel's link; tap of a user-space dataplane: the kernel's end

	VLANID uint16 // vlan: 1..4094

	Socket     string    // memif: path of the Unix socket
	MemifID    uint32    // memif: tells those of one socket apart
	MemifRole  MemifRole // memif: of the two ends one is the server
	MemifMode  MemifMode // memif: what is passed
	RingSize   uint32    // memif: slots of each ring, a power of two
	BufferSize uint16    // memif: octets of each buffer
}

// MemifRole says which end of a memif listens.
type MemifRole string

// The roles: the server listens on the socket, the client connects and allocates
// the memory.
const (
	MemifServer MemifRole = "server"
	MemifClient MemifRole = "client"
)

// MemifMode says what a memif passes.
type MemifMode string

// The modes.
const (
	MemifEthernet MemifMode = "ethernet" // frames
	MemifIP       MemifMode = "ip"       // packets
)

// MacvlanMode says how links of one parent see each other.
type MacvlanMode string

// The modes of a macvlan.
const (
	MacvlanPrivate  MacvlanMode = "private"
	MacvlanVEPA     MacvlanMode = "vepa"
	MacvlanBridge   MacvlanMode = "bridge"
	MacvlanPassthru MacvlanMode = "passthru"
)

// LinkID is the ID of the link with that name.
func LinkID(name string) ID { return ID{KindLink, name} }

// ID of a link is its name.
func (l *Link) ID() ID { return LinkID(l.Name) }

// needs yields the parent, the master and the lender of addresses. A veth's peer is
// not among them: the two are made in one step.
func (l *Link) needs(yield func(string) bool) {
	for _, name := range [...]string{l.Parent, l.Master, l.Lender} {
		if name != "" && !yield(name) {
			return
		}
	}
}

func (l *Link) attrs() *attributes { return linkAttrs }

func (l *Link) clone() Object { c := *l; return &c }

var linkAttrs = table(
	attr(LinkKindAttr, func(l *Link) *LinkKind { return &l.Kind }, plain[LinkKind]),
	typeAttr,
	attr(Up, func(l *Link) *bool { return &l.Up }, strconv.FormatBool),
	attr(MTU, func(l *Link) *uint32 { return &l.MTU }, number[uint32]),
	attr(MACAttr, func(l *Link) *MACAddr { return &l.MAC }, MACAddr.String),
	attr(Description, func(l *Link) *string { return &l.Description }, strconv.Quote),
	attr(Master, func(l *Link) *string { return &l.Master }, orNone),
	attr(Lender, func(l *Link) *string { return &l.Lender }, orNone),
	attr(Peer, func(l *Link) *string { return &l.Peer }, orNone),
	attr(Parent, func(l *Link) *string { return &l.Parent }, orNone),
	attr(Mode, func(l *Link) *MacvlanMode { return &l.MacvlanMode }, plain[MacvlanMode]),
	attr(VNI, func(l *Link) *uint32 { return &l.VNI }, number[uint32]),
	attr(Local, func(l *Link) *netip.Addr { return &l.Local }, addrText),
	attr(Remote, func(l *Link) *netip.Addr { return &l.Remote }, addrText),
	attr(Port, func(l *Link) *uint16 { return &l.Port }, number[uint16]),
	attr(TTL, func(l *Link) *uint8 { return &l.TTL }, number[uint8]),
	attr(Key, func(l *Link) *uint32 { return &l.Key }, number[uint32]),
	attr(Learning, func(l *Link) *bool { return &l.Learning }, strconv.FormatBool),
	attr(STP, func(l *Link) *bool { return &l.STP }, strconv.FormatBool),
	attr(AgeingTime, func(l *Link) *uint32 { return &l.AgeingTime }, number[uint32]),
	attr(ForwardDelay, func(l *Link) *uint32 { return &l.ForwardDelay }, number[uint32]),
	attr(VLANFilter, func(l *Link) *bool { return &l.VLANFilter }, strconv.FormatBool),
	attr(MultiQueue, func(l *Link) *bool { return &l.MultiQueue }, strconv.FormatBool),
	attr(Owner, func(l *Link) *uint32 { return &l.Owner }, number[uint32]),
	attr(Group, func(l *Link) *uint32 { return &l.Group }, number[uint32]),
	attr(HostLink, func(l *Link) *string { return &l.HostLink }, orNone),
	attr(VLANID, func(l *Link) *uint16 { return &l.VLANID }, number[uint16]),
	attr(Socket, func(l *Link) *string { return &l.Socket }, orNone),
	attr(MemifID, func(l *Link) *uint32 { return &l.MemifID }, number[uint32]),
	attr(MemifRoleAttr, func(l *Link) *MemifRole { return &l.MemifRole }, plain[MemifRole]),
	attr(MemifModeAttr, func(l *Link) *MemifMode { return &l.MemifMode }, plain[MemifMode]),
	attr(RingSize, func(l *Link) *uint32 { return &l.RingSize }, number[uint32]),
	attr(BufferSize, func(l *Link) *uint16 { return &l.BufferSize }, number[uint16]),
)

func number[N ~uint8 | ~uint16 | ~uint32](n N) string { return strconv.FormatUint(uint64(n), 10) }

func plain[S ~string](s S) string { return orNone(string(s)) }

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func addrText(a netip.Addr) string {
	if !a.IsValid() {
		return "none"
	}
	return a.String()
}

// KindAttrs returns the attributes that a link of l's kind is created with, the
// kind itself first.
func (l *Link) KindAttrs() []Attr {
	switch l.Kind {
	case Veth:
		return []Attr{LinkKindAttr, Peer}
	case Bridge:
		return []Attr{LinkKindAttr, STP, AgeingTime, ForwardDelay, VLANFilter}
	case VXLAN:
		return []Attr{LinkKindAttr, Parent, VNI, Local, Remote, Port, TTL, Learning}
	case Macvlan:
		return []Attr{LinkKindAttr, Parent, Mode}
	case Tap:
		return []Attr{LinkKindAttr, MultiQueue, Owner, Group, HostLink}
	case Loopback, VRF:
		return []Attr{LinkKindAttr}
	case VLAN:
		return []Attr{LinkKindAttr, Parent, VLANID}
	case GRE:
		return []Attr{LinkKindAttr, Local, Remote, TTL, Key}
	case IPIP:
		return []Attr{LinkKindAttr, Local, Remote, TTL}
	case Memif:
		return []Attr{LinkKindAttr, Socket, MemifID, MemifRoleAttr, MemifModeAttr, RingSize, BufferSize}
	case AFPacket:
		return []Attr{LinkKindAttr, HostLink}
	}
	return nil
}
