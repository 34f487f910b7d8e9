package netlink

import (
	"encoding/binary"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// A link's message holds its settings of each family, as an array of numbers whose
// places are fixed: linux/ip.h IPV4_DEVCONF_*, less one since they begin at 1;
// linux/ipv6.h DEVCONF_*.
const (
	conf4Forwarding = 0
	conf6Forwarding = 0
	conf6MTU        = 2
	conf6Disable    = 26
)

// linkSettings are the settings that are shown of every link, although nobody has
// configured them.
var linkSettings = []struct {
	object.Setting
	place int
}{
	{object.Setting{Name: object.Forwarding, Family: object.IPv4}, conf4Forwarding},
	{object.Setting{Name: object.Forwarding, Family: object.IPv6}, conf6Forwarding},
	{object.Setting{Name: object.ProtocolEnabled, Family: object.IPv6}, conf6Disable},
	{object.Setting{Name: object.ProtocolMTU, Family: object.IPv6}, conf6MTU},
}

// decodeFamilies reads IFLA_AF_SPEC of a link of any address family.
func (r *rawLink) decodeFamilies(ad *netlink.AttributeDecoder) error {
	r.families = true
	for ad.Next() {
		switch ad.Type() {
		case unix.AF_INET:
			ad.Nested(func(ad *netlink.AttributeDecoder) error {
				for ad.Next() {
					if ad.Type() == unix.IFLA_INET_CONF {
						r.conf4 = ad.Bytes()
					}
				}
				return ad.Err()
			})
		case unix.AF_INET6:
			ad.Nested(func(ad *netlink.AttributeDecoder) error {
				for ad.Next() {
					if ad.Type() == unix.IFLA_INET6_CONF {
						r.conf6 = ad.Bytes()
					}
				}
				return ad.Err()
			})
		}
	}
	return ad.Err()
}

// settings are those of linkSettings, nil where the link has none: it is without
// IPv6 when its MTU is too small for that. A message that does not tell of settings
// gives none at all.
func (r *rawLink) settings() map[object.ID]object.State {
	if !r.families {
		return nil
	}
	all := make(map[object.ID]object.State, len(linkSettings))
	for _, one := range linkSettings {
		s := one.Setting
		s.Link = r.state.Name
		conf := r.conf4
		if s.Family == object.IPv6 {
			conf = r.conf6
		}
		if len(conf) < 4*one.place+4 {
			all[s.ID()] = nil
			continue
		}
		s.Value = invert(s.Name, uint32(max(0, int32(binary.NativeEndian.Uint32(conf[4*one.place:])))))
		all[s.ID()] = &object.SettingState{Setting: s}
	}
	return all
}
