package object

import (
	"fmt"
	"slices"
)

// Attr names an attribute of an object. An attribute that no claim sets is left
// as the dataplane has it.
type Attr string

// The attributes of a Link.
const (
	LinkKindAttr Attr = "kind" // set: the link is to be created; not set: it must exist
	TypeAttr     Attr = "type" // of a link that is there: it must be of it
	Up           Attr = "up"
	MTU          Attr = "mtu"
	MACAttr      Attr = "mac"
	Description  Attr = "description"
	Master       Attr = "master"
	Lender       Attr = "unnumbered"
	Peer         Attr = "peer"
	Parent       Attr = "parent"
	Mode         Attr = "mode" // macvlan
	VNI          Attr = "vni"
	Local        Attr = "local"
	Remote       Attr = "remote"
	Port         Attr = "port"
	TTL          Attr = "ttl"
	Learning     Attr = "learning"
	STP          Attr = "stp"
	AgeingTime   Attr = "ageing-time"
	ForwardDelay Attr = "forward-delay"
	VLANFilter   Attr = "vlan-filtering"
	MultiQueue   Attr = "multi-queue"
	Owner        Attr = "owner"
	Group        Attr = "group"
	Key          Attr = "key"
	HostLink     Attr = "host-interface"
	VLANID       Attr = "vlan-id"

	Socket        Attr = "socket"
	MemifID       Attr = "memif-id"
	MemifRoleAttr Attr = "role"
	MemifModeAttr Attr = "memif-mode"
	RingSize      Attr = "ring-size"
	BufferSize    Attr = "buffer-size"
)

// The attributes of the other kinds.
const (
	PrefixLength Attr = "prefix-length" // Address
	RouteType    Attr = "type"          // Route
	NextHops     Attr = "next-hops"     // Route; as a whole
	LinkLayer    Attr = "link-layer"    // Neighbor
	ValueAttr    Attr = "value"         // Setting
)

// find returns the attribute of o's type with that name.
func find(o Object, name Attr) (attribute, bool) {
	t := o.attrs()
	if i := slices.Index(t.names, name); i >= 0 {
		return t.list[i], true
	}
	return attribute{}, false
}

// Text returns the value of an attribute of o as a person reads it; empty where
// o's kind has no such attribute.
func Text(o Object, name Attr) string {
	a, ok := find(o, name)
	if !ok {
		return ""
	}
	return a.text(o)
}

// Same reports whether a and b, objects of one kind, have the same value of an
// attribute.
func Same(a, b Object, name Attr) bool {
	at, ok := find(a, name)
	return !ok || at.equal(a, b)
}

// With returns a copy of o that has from's value of an attribute. Both are of
// one kind.
func With(o, from Object, name Attr) Object {
	c := o.clone()
	if at, ok := find(c, name); ok {
		at.copy(c, from)
	}
	return c
}

// Write returns the value of an attribute of o as JSON that Read takes.
func Write(o Object, name Attr) ([]byte, error) {
	at, ok := find(o, name)
	if !ok || at.write == nil {
		return nil, fmt.Errorf("a %s has no attribute %q that can be written", o.ID().Kind, name)
	}
	return at.write(o)
}

// Read returns a copy of o with the value of an attribute that Write wrote.
func Read(o Object, name Attr, text []byte) (Object, error) {
	c := o.clone()
	at, ok := find(c, name)
	if !ok || at.read == nil {
		return nil, fmt.Errorf("a %s has no attribute %q that can be read", o.ID().Kind, name)
	}
	if string(text) == "null" { // which reading takes for nothing said
		return nil, fmt.Errorf("%s: null is no value", name)
	}
	if err := at.read(c, text); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return c, nil
}

// Attrs returns the names of all attributes that o's kind has: the same slice for
// all of a kind, which is nobody's to change.
func Attrs(o Object) []Attr { return o.attrs().names }
