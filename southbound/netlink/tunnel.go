package netlink

import (
	"encoding/binary"

	"github.com/mdlayher/netlink"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// Attributes of GRE and IP-in-IP tunnels (linux/if_tunnel.h).
const (
	greInFlags  = 2
	greOutFlags = 3
	greInKey    = 4
	greOutKey   = 5
	greLocal    = 6
	greRemote   = 7
	greTTL      = 8
	greV6Flags  = 13

	ipipLocal   = 2
	ipipRemote  = 3
	ipipTTL     = 4
	ipipV6Flags = 8
)

const (
	greHasKey = 0x2000 // GRE_KEY, in network byte order

	// noEncapLimit is IP6_TNL_F_IGN_ENCAP_LIMIT of linux/ip6_tunnel.h. Without it
	// the kernel puts a destination option into each outer header (RFC 2473
	// §4.1.1), which few others expect.
	noEncapLimit = 0x1
)

func isTunnel(k object.LinkKind) bool { return k == object.GRE || k == object.IPIP }

// checkTunnel says what of a GRE or IP-in-IP tunnel cannot be.
func checkTunnel(l *object.Link) error {
	switch {
	case !l.Local.IsValid() || l.Local.IsUnspecified():
		return &southbound.AttrError{Attr: object.Local, Reason: "a tunnel needs a source address"}
	case !l.Remote.IsValid() || l.Remote.IsUnspecified():
		return &southbound.AttrError{Attr: object.Remote, Reason: "a tunnel needs a destination address"}
	case l.Local.Is4() != l.Remote.Is4():
		return &southbound.AttrError{Attr: object.Remote, Reason: "both ends of a tunnel are of one address family"}
	}
	return nil
}

func greData(ae *netlink.AttributeEncoder, l *object.Link) {
	var flags uint16
	if l.Key != 0 {
		flags = greHasKey
	}
	for _, typ := range []uint16{greInFlags, greOutFlags} {
		ae.Bytes(typ, binary.BigEndian.AppendUint16(nil, flags))
	}
	for _, typ := range []uint16{greInKey, greOutKey} {
		ae.Bytes(typ, binary.BigEndian.AppendUint32(nil, l.Key))
	}
	ae.Bytes(greLocal, l.Local.AsSlice())
	ae.Bytes(greRemote, l.Remote.AsSlice())
	ae.Uint8(greTTL, l.TTL)
	if l.Local.Is6() {
		ae.Uint32(greV6Flags, noEncapLimit)
	}
}

func ipipData(ae *netlink.AttributeEncoder, l *object.Link) {
	ae.Bytes(ipipLocal, l.Local.AsSlice())
	ae.Bytes(ipipRemote, l.Remote.AsSlice())
	ae.Uint8(ipipTTL, l.TTL)
	if l.Local.Is6() {
		ae.Uint32(ipipV6Flags, noEncapLimit)
	}
}

// decodeGRE takes the key of what comes in for the tunnel's.
func (r *rawLink) decodeGRE(ad *netlink.AttributeDecoder) error {
	keyed := false
	for ad.Next() {
		switch ad.Type() {
		case greInFlags:
			b := ad.Bytes()
			keyed = len(b) == 2 && binary.BigEndian.Uint16(b)&greHasKey != 0
		case greInKey:
			if b := ad.Bytes(); len(b) == 4 {
				r.state.Key = binary.BigEndian.Uint32(b)
			}
		case greLocal:
			r.state.Local = specified(ad.Bytes())
		case greRemote:
			r.state.Remote = specified(ad.Bytes())
		case greTTL:
			r.state.TTL = ad.Uint8()
		}
	}
	if !keyed {
		r.state.Key = 0
	}
	return ad.Err()
}

func (r *rawLink) decodeIPIP(ad *netlink.AttributeDecoder) error {
	for ad.Next() {
		switch ad.Type() {
		case ipipLocal:
			r.state.Local = specified(ad.Bytes())
		case ipipRemote:
			r.state.Remote = specified(ad.Bytes())
		case ipipTTL:
			r.state.TTL = ad.Uint8()
		}
	}
	return ad.Err()
}
