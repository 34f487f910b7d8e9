package schema

import (
	"fmt"
	"net/netip"
	"strings"
)

// canonical brings text, which t's restrictions allow, into the canonical form
// that t's typedef prescribes beyond that of the built-in type string, so that
// one thing has one name whoever writes it. ok is false where the patterns let
// something pass that is none of those things at all.
//
// The OpenConfig types say nothing of a canonical form; they get that of their
// IETF twins as far as their patterns allow it: there are no host bits to clear,
// since the modules do not say that these have no meaning, and no IPv6 address
// with a dotted tail. An ietf-yang-types date-and-time stays as it is: RFC 6991
// would have it in the time zone of the device, and no list is keyed by one. IPv4
// addresses have one form only.
func canonical(t *Type, text string) (form string, ok bool) {
	switch t.Typedef {
	case "ietf-inet-types:ipv6-address", "ietf-inet-types:ipv6-address-no-zone":
		return ipv6(text, netip.Addr.String)
	case "openconfig-inet-types:ipv6-address", "openconfig-inet-types:ipv6-address-zoned":
		return ipv6(text, withoutDots)
	case "ietf-inet-types:ipv4-prefix", "ietf-inet-types:ipv6-prefix":
		p, err := netip.ParsePrefix(text)
		return p.Masked().String(), err == nil
	case "openconfig-inet-types:ipv6-prefix":
		p, err := netip.ParsePrefix(text)
		return fmt.Sprintf("%s/%d", withoutDots(p.Addr()), p.Bits()), err == nil
	case "ietf-yang-types:mac-address", "ietf-yang-types:phys-address", "ietf-yang-types:hex-string", "ietf-yang-types:uuid",
		"openconfig-yang-types:mac-address", "openconfig-yang-types:phys-address", "openconfig-yang-types:hex-string",
		"ietf-inet-types:domain-name":
		return strings.ToLower(text), true
	}
	return text, true
}

// ipv6 writes an address as RFC 5952 has it, the zone kept.
func ipv6(text string, write func(netip.Addr) string) (string, bool) {
	bare, zone, zoned := strings.Cut(text, "%")
	a, err := netip.ParseAddr(bare)
	if err != nil {
		return "", false
	}
	if zoned {
		return write(a) + "%" + zone, true
	}
	return write(a), true
}

// withoutDots writes an IPv4-mapped address in hexadecimal too.
func withoutDots(a netip.Addr) string {
	if !a.Is4In6() {
		return a.String()
	}
	b := a.As16()
	return fmt.Sprintf("::ffff:%x:%x", uint16(b[12])<<8|uint16(b[13]), uint16(b[14])<<8|uint16(b[15]))
}
