package schema

import (
	"net/netip"
	"strings"
)

// canonicalString returns text in the canonical form that the description of a
// typedef asks for (RFC 7950 §9.1; RFC 6991 §3 and §4). The text has matched the
// type's patterns.
func canonicalString(t *Type, text string) string {
	module, name, ok := strings.Cut(t.Typedef, ":")
	if !ok {
		return text
	}
	switch module {
	case "ietf-inet-types":
		switch name {
		case "ipv6-address", "ipv6-address-no-zone": // RFC 5952 §4
			if a, err := netip.ParseAddr(text); err == nil {
				return reuse(a.String(), text)
			}
		case "ipv4-prefix", "ipv6-prefix": // the bits after the prefix are zero
			if p, err := netip.ParsePrefix(text); err == nil {
				return reuse(p.Masked().String(), text)
			}
		case "domain-name":
			return strings.ToLower(text)
		}
	case "ietf-yang-types":
		switch name {
		case "mac-address", "phys-address", "hex-string", "uuid":
			return strings.ToLower(text)
		}
	}
	return text
}

// reuse returns text where it is s, so that s can be collected.
func reuse(s, text string) string {
	if s == text {
		return text
	}
	return s
}
