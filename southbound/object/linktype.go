package object

// LinkType is what a link is to its users, whatever makes it so: several kinds
// are of one type.
type LinkType string

// The types.
const (
	EthernetType LinkType = "ethernet"
	BridgeType   LinkType = "bridge"
	LoopbackType LinkType = "loopback"
	TunnelType   LinkType = "tunnel"
	VLANType     LinkType = "vlan"
	OtherType    LinkType = "other"
)

// Type is the type of links of a kind; empty for Existing.
func (k LinkKind) Type() LinkType {
	switch k {
	case Existing:
		return ""
	case Veth, Macvlan, Tap, Memif, AFPacket, Ethernet:
		return EthernetType
	case Bridge:
		return BridgeType
	case Loopback:
		return LoopbackType
	case VXLAN, GRE, IPIP:
		return TunnelType
	case VLAN:
		return VLANType
	}
	return OtherType
}

// MayBe reports whether a link of a kind may be said to be of a type. A bridge, a
// loopback and a VXLAN are links of Ethernet, too, each with a MAC address, which
// OpenConfig has of that type only; what a link of an unknown kind is only its
// maker knows, but it is no bridge, loopback or Ethernet.
func (k LinkKind) MayBe(t LinkType) bool {
	switch {
	case k.Type() == t:
		return true
	case t == EthernetType:
		return k == Bridge || k == Loopback || k == VXLAN
	}
	return k == Other && (t == TunnelType || t == VLANType)
}

// typeAttr is the type that is claimed of a link. What was observed has none but
// its kind's, and is of a type that is claimed if its kind may be.
var typeAttr = attribute{
	name: TypeAttr,
	text: func(o Object) string {
		l := o.(*Link)
		if l.Type == "" {
			return plain(l.Kind.Type())
		}
		return plain(l.Type)
	},
	equal: func(a, b Object) bool {
		x, y := a.(*Link), b.(*Link)
		switch {
		case x.Type == y.Type:
			return true
		case x.Type == "":
			return x.Kind.MayBe(y.Type)
		case y.Type == "":
			return y.Kind.MayBe(x.Type)
		}
		return false
	},
	copy: func(to, from Object) { to.(*Link).Type = from.(*Link).Type },
}
