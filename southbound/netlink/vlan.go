package netlink

import (
	"encoding/binary"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// maxVLAN is the last VLAN there is (IEEE 802.1Q §9.6).
const maxVLAN = 4094

// vlanLoose is VLAN_FLAG_LOOSE_BINDING of linux/if_vlan.h. Without it the kernel
// sets a VLAN up and down with its parent, whatever is desired of either.
const vlanLoose = 0x4

func vlanData(ae *netlink.AttributeEncoder, l *object.Link) {
	ae.Uint16(unix.IFLA_VLAN_ID, l.VLANID)
	flags := make([]byte, 8) // struct ifla_vlan_flags: flags, mask
	binary.NativeEndian.PutUint32(flags, vlanLoose)
	binary.NativeEndian.PutUint32(flags[4:], vlanLoose)
	ae.Bytes(unix.IFLA_VLAN_FLAGS, flags)
}

func (r *rawLink) decodeVLAN(ad *netlink.AttributeDecoder) error {
	for ad.Next() {
		switch ad.Type() {
		case unix.IFLA_VLAN_ID:
			r.state.VLANID = ad.Uint16()
		case unix.IFLA_VLAN_PROTOCOL:
			if b := ad.Bytes(); len(b) == 2 && binary.BigEndian.Uint16(b) != unix.ETH_P_8021Q {
				r.state.Kind = object.Existing // of a provider, which has no name here
			}
		}
	}
	if r.state.Kind != object.VLAN {
		r.state.VLANID = 0
	}
	return ad.Err()
}
