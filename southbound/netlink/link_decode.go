package netlink

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"github.com/outrigger-cnf/outrigger/southbound/object"
)

var (
	errShort   = errors.New("the message is too short")
	errNoIndex = errors.New("the message is about link 0, and there is none")
)

const linkHeader = unix.SizeofIfInfomsg

// rawLink is a link message as the kernel has it: indexes, not names, and an
// alias, not an owner and a description.
type rawLink struct {
	state        object.LinkState
	master, link uint32 // indexes
	elsewhere    bool   // link is an index in another network namespace
	vxlanLink    uint32
	group        uint32
	alias        string
	hardware     uint16 // ARPHRD_*
	families     bool   // the message told of settings
	conf4, conf6 []byte // arrays of them
}

// decodeLink reads the payload of RTM_NEWLINK or RTM_DELLINK.
func decodeLink(data []byte) (*rawLink, error) {
	if len(data) < linkHeader {
		return nil, errShort
	}
	r := &rawLink{hardware: binary.NativeEndian.Uint16(data[2:])}
	s := &r.state
	if s.Index = binary.NativeEndian.Uint32(data[4:]); s.Index == 0 {
		return nil, errNoIndex
	}
	s.Up = binary.NativeEndian.Uint32(data[8:])&unix.IFF_UP != 0
	s.Oper = object.OperUnknown
	ad, err := netlink.NewAttributeDecoder(data[linkHeader:])
	if err != nil {
		return nil, err
	}
	for ad.Next() {
		switch ad.Type() {
		case unix.IFLA_IFNAME:
			s.Name = ad.String()
		case unix.IFLA_MTU:
			s.MTU = ad.Uint32()
		case unix.IFLA_ADDRESS:
			s.MAC = mac(ad.Bytes())
		case unix.IFLA_PERM_ADDRESS:
			s.PermanentMAC = mac(ad.Bytes())
		case unix.IFLA_IFALIAS:
			r.alias = ad.String()
		case unix.IFLA_MASTER:
			r.master = ad.Uint32()
		case unix.IFLA_LINK:
			r.link = ad.Uint32()
		case unix.IFLA_LINK_NETNSID:
			r.elsewhere = true
		case unix.IFLA_GROUP:
			r.group = ad.Uint32()
		case unix.IFLA_OPERSTATE:
			s.Oper = operStatus(ad.Uint8())
		case unix.IFLA_CARRIER_CHANGES:
			s.CarrierChanges = ad.Uint32()
		case unix.IFLA_STATS64:
			s.Counters = decodeCounters(ad.Bytes())
		case unix.IFLA_LINKINFO:
			ad.Nested(r.decodeInfo)
		case unix.IFLA_AF_SPEC:
			if data[0] == unix.AF_UNSPEC { // of others it tells something else
				ad.Nested(r.decodeFamilies)
			}
		}
	}
	if err := ad.Err(); err != nil {
		return nil, fmt.Errorf("link message: %w", err)
	}
	s.Kind = r.kind()
	return r, nil
}

// kind tells what the link is. Of a device whose kind means nothing here, all
// that counts is what hardware it poses as.
func (r *rawLink) kind() object.LinkKind {
	if r.state.Kind != object.Existing {
		return r.state.Kind
	}
	switch r.hardware {
	case unix.ARPHRD_ETHER:
		return object.Ethernet
	case unix.ARPHRD_LOOPBACK:
		return object.Loopback
	}
	return object.Other
}

// kinds are those of the kernel that have a name here. Tun and vlan are two kinds
// each, which their data tell apart.
var kinds = map[string]object.LinkKind{
	"veth": object.Veth, "bridge": object.Bridge, "vxlan": object.VXLAN, "macvlan": object.Macvlan,
	"tun": object.Other, "dummy": object.Loopback, "vlan": object.VLAN,
	"gre": object.GRE, "ip6gre": object.GRE, "ipip": object.IPIP, "ip6tnl": object.IPIP,
}

// kindName is what the kernel calls a link of a kind that netlink can create.
func kindName(l *object.Link) string {
	v6 := l.Local.Is6()
	switch {
	case l.Kind == object.Loopback:
		return "dummy"
	case l.Kind == object.GRE && v6:
		return "ip6gre"
	case l.Kind == object.IPIP && v6:
		return "ip6tnl"
	}
	return string(l.Kind)
}

// decodeInfo reads IFLA_LINKINFO. The kernel puts the kind before the data.
func (r *rawLink) decodeInfo(ad *netlink.AttributeDecoder) error {
	for ad.Next() {
		switch ad.Type() {
		case unix.IFLA_INFO_KIND:
			r.state.KindName = ad.String()
			r.state.Kind = kinds[r.state.KindName]
		case unix.IFLA_INFO_DATA:
			switch r.state.KindName {
			case "bridge":
				ad.Nested(r.decodeBridge)
			case "vxlan":
				ad.Nested(r.decodeVXLAN)
			case "macvlan":
				ad.Nested(r.decodeMacvlan)
			case "tun":
				ad.Nested(r.decodeTun)
			case "vlan":
				ad.Nested(r.decodeVLAN)
			case "gre", "ip6gre":
				ad.Nested(r.decodeGRE)
			case "ipip", "ip6tnl":
				ad.Nested(r.decodeIPIP)
			}
		}
	}
	return ad.Err()
}

// userHZ is the unit of time of bridge attributes: USER_HZ, 100 a second on all
// architectures that Go runs on.
const userHZ = 100

func (r *rawLink) decodeBridge(ad *netlink.AttributeDecoder) error {
	for ad.Next() {
		switch ad.Type() {
		case unix.IFLA_BR_STP_STATE:
			r.state.STP = ad.Uint32() != 0
		case unix.IFLA_BR_AGEING_TIME:
			r.state.AgeingTime = ad.Uint32() / userHZ
		case unix.IFLA_BR_FORWARD_DELAY:
			r.state.ForwardDelay = ad.Uint32() / userHZ
		case unix.IFLA_BR_VLAN_FILTERING:
			r.state.VLANFilter = ad.Uint8() != 0
		}
	}
	return ad.Err()
}

func (r *rawLink) decodeVXLAN(ad *netlink.AttributeDecoder) error {
	for ad.Next() {
		switch ad.Type() {
		case unix.IFLA_VXLAN_ID:
			r.state.VNI = ad.Uint32()
		case unix.IFLA_VXLAN_LINK:
			r.vxlanLink = ad.Uint32()
		case unix.IFLA_VXLAN_LOCAL, unix.IFLA_VXLAN_LOCAL6:
			r.state.Local = specified(ad.Bytes())
		case unix.IFLA_VXLAN_GROUP, unix.IFLA_VXLAN_GROUP6:
			r.state.Remote = specified(ad.Bytes())
		case unix.IFLA_VXLAN_PORT:
			if b := ad.Bytes(); len(b) == 2 {
				r.state.Port = binary.BigEndian.Uint16(b)
			}
		case unix.IFLA_VXLAN_TTL:
			r.state.TTL = ad.Uint8()
		case unix.IFLA_VXLAN_LEARNING:
			r.state.Learning = ad.Uint8() != 0
		}
	}
	return ad.Err()
}

// The modes of a macvlan (linux/if_link.h enum macvlan_mode).
var macvlanModes = map[object.MacvlanMode]uint32{
	object.MacvlanPrivate: 1, object.MacvlanVEPA: 2, object.MacvlanBridge: 4, object.MacvlanPassthru: 8,
}

func (r *rawLink) decodeMacvlan(ad *netlink.AttributeDecoder) error {
	for ad.Next() {
		if ad.Type() == unix.IFLA_MACVLAN_MODE {
			n := ad.Uint32()
			for mode, bit := range macvlanModes {
				if bit == n {
					r.state.MacvlanMode = mode
				}
			}
		}
	}
	return ad.Err()
}

func (r *rawLink) decodeTun(ad *netlink.AttributeDecoder) error {
	for ad.Next() {
		switch ad.Type() {
		case unix.IFLA_TUN_TYPE:
			if ad.Uint8() == unix.IFF_TAP {
				r.state.Kind = object.Tap
			}
		case unix.IFLA_TUN_OWNER:
			r.state.Link.Owner = ad.Uint32()
		case unix.IFLA_TUN_GROUP:
			r.state.Group = ad.Uint32()
		case unix.IFLA_TUN_MULTI_QUEUE:
			r.state.MultiQueue = ad.Uint8() != 0
		}
	}
	return ad.Err()
}

func mac(b []byte) object.MACAddr {
	var m object.MACAddr
	if len(b) == len(m) {
		copy(m[:], b)
	}
	return m
}

// specified reads an address; the unspecified one is none.
func specified(b []byte) netip.Addr {
	a, ok := netip.AddrFromSlice(b)
	if !ok || a.IsUnspecified() {
		return netip.Addr{}
	}
	return a
}

// operStates are IF_OPER_* of linux/if.h.
var operStates = [...]object.OperStatus{
	object.OperUnknown, object.OperNotPresent, object.OperDown, object.OperLowerLayerDown,
	object.OperTesting, object.OperDormant, object.OperUp,
}

func operStatus(n uint8) object.OperStatus {
	if int(n) < len(operStates) {
		return operStates[n]
	}
	return object.OperUnknown
}

// link gives the state of a raw link with indexes turned into names, and its
// alias into a description.
func (b *Backend) link(r *rawLink) *object.LinkState {
	r.own(b.cfg.Protocol)
	s := r.state
	s.Master = b.names.get(r.master)
	switch s.Kind {
	case object.Veth:
		if !r.elsewhere {
			s.Peer = b.names.get(r.link)
		}
	case object.Macvlan, object.VLAN:
		if !r.elsewhere {
			s.Parent = b.names.get(r.link)
		}
	case object.VXLAN:
		s.Parent = b.names.get(r.vxlanLink)
	}
	if !r.elsewhere && r.link != s.Index {
		s.ParentIndex = r.link
	}
	return &s
}
