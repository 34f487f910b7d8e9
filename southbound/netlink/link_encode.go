package netlink

import (
	"encoding/binary"
	"net/netip"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
)

// vxlanPort is IANA's (RFC 7348 §8). Without a port the kernel would take the one
// that it had before there was an RFC.
const vxlanPort = 4789

// vethInfoPeer is VETH_INFO_PEER of linux/veth.h.
const vethInfoPeer = 1

// linkMessage encodes struct ifinfomsg and attributes.
func linkMessage(index, flags, change uint32, attrs func(*netlink.AttributeEncoder)) ([]byte, error) {
	head := make([]byte, linkHeader)
	binary.NativeEndian.PutUint32(head[4:], index)
	binary.NativeEndian.PutUint32(head[8:], flags)
	binary.NativeEndian.PutUint32(head[12:], change)
	return withAttrs(head, attrs)
}

// withAttrs appends attributes to a message's fixed part.
func withAttrs(head []byte, attrs func(*netlink.AttributeEncoder)) ([]byte, error) {
	if attrs == nil {
		return head, nil
	}
	ae := netlink.NewAttributeEncoder()
	attrs(ae)
	b, err := ae.Encode()
	return append(head, b...), err
}

// linkQuery asks for the link of an index or, with index 0, of a name.
func linkQuery(index uint32, name string) ([]byte, error) {
	return linkMessage(index, 0, 0, func(ae *netlink.AttributeEncoder) {
		if index == 0 && name != "" {
			ae.String(unix.IFLA_IFNAME, name)
		}
	})
}

// encodeCreate makes the RTM_NEWLINK that creates a link of a kind that netlink
// can create. It is marked by its group until it has its alias.
func encodeCreate(s plan.Step, parent, group uint32) ([]byte, error) {
	l := s.Want.(*object.Link)
	return linkMessage(0, 0, 0, func(ae *netlink.AttributeEncoder) {
		ae.String(unix.IFLA_IFNAME, l.Name)
		ae.Uint32(unix.IFLA_GROUP, group)
		if l.Kind == object.Macvlan || l.Kind == object.VLAN {
			ae.Uint32(unix.IFLA_LINK, parent)
		}
		linkInfo(ae, l, s.Has, parent, group)
	})
}

// linkInfo adds IFLA_LINKINFO with those attributes of the kind that are asked
// for. The other end of a veth is created in the group.
func linkInfo(ae *netlink.AttributeEncoder, l *object.Link, has func(object.Attr) bool, parent, group uint32) {
	ae.Nested(unix.IFLA_LINKINFO, func(ae *netlink.AttributeEncoder) error {
		ae.String(unix.IFLA_INFO_KIND, kindName(l))
		ae.Nested(unix.IFLA_INFO_DATA, func(ae *netlink.AttributeEncoder) error {
			switch l.Kind {
			case object.Veth:
				ae.Do(vethInfoPeer, func() ([]byte, error) {
					return linkMessage(0, 0, 0, func(ae *netlink.AttributeEncoder) {
						ae.String(unix.IFLA_IFNAME, l.Peer)
						ae.Uint32(unix.IFLA_GROUP, group)
					})
				})
			case object.Bridge:
				bridgeData(ae, l, has)
			case object.VXLAN:
				vxlanData(ae, l, has, parent)
			case object.Macvlan:
				if mode, ok := macvlanModes[l.MacvlanMode]; ok && has(object.Mode) {
					ae.Uint32(unix.IFLA_MACVLAN_MODE, mode)
				}
			case object.VLAN:
				vlanData(ae, l)
			case object.GRE:
				greData(ae, l)
			case object.IPIP:
				ipipData(ae, l)
			}
			return nil
		})
		return nil
	})
}

func bridgeData(ae *netlink.AttributeEncoder, l *object.Link, has func(object.Attr) bool) {
	if has(object.STP) {
		ae.Uint32(unix.IFLA_BR_STP_STATE, uint32(boolByte(l.STP)))
	}
	if has(object.AgeingTime) {
		ae.Uint32(unix.IFLA_BR_AGEING_TIME, l.AgeingTime*userHZ)
	}
	if has(object.ForwardDelay) {
		ae.Uint32(unix.IFLA_BR_FORWARD_DELAY, l.ForwardDelay*userHZ)
	}
	if has(object.VLANFilter) {
		ae.Uint8(unix.IFLA_BR_VLAN_FILTERING, boolByte(l.VLANFilter))
	}
}

func vxlanData(ae *netlink.AttributeEncoder, l *object.Link, has func(object.Attr) bool, parent uint32) {
	if has(object.VNI) {
		ae.Uint32(unix.IFLA_VXLAN_ID, l.VNI)
	}
	if has(object.Parent) && parent != 0 {
		ae.Uint32(unix.IFLA_VXLAN_LINK, parent)
	}
	if has(object.Local) {
		byFamily(ae, unix.IFLA_VXLAN_LOCAL, unix.IFLA_VXLAN_LOCAL6, l.Local)
	}
	if has(object.Remote) {
		remote := l.Remote
		if !remote.IsValid() {
			remote = netip.IPv4Unspecified()
			if l.Local.Is6() {
				remote = netip.IPv6Unspecified()
			}
		}
		byFamily(ae, unix.IFLA_VXLAN_GROUP, unix.IFLA_VXLAN_GROUP6, remote)
	}
	if has(object.TTL) {
		ae.Uint8(unix.IFLA_VXLAN_TTL, l.TTL)
	}
	if has(object.Learning) {
		ae.Uint8(unix.IFLA_VXLAN_LEARNING, boolByte(l.Learning))
	}
	port := uint16(vxlanPort)
	if has(object.Port) && l.Port != 0 {
		port = l.Port
	}
	if has(object.VNI) {
		ae.Bytes(unix.IFLA_VXLAN_PORT, binary.BigEndian.AppendUint16(nil, port))
	}
}

// encodeUpdate makes the RTM_NEWLINK that changes one attribute of a link, which
// has an MTU now. Those of a tunnel are all sent, for the kernel takes what it is
// not told for none.
func encodeUpdate(s plan.Step, index, mtu, master uint32, alias string) ([]byte, error) {
	l := s.Want.(*object.Link)
	if s.Attr() == object.Up {
		var flags uint32
		if l.Up {
			flags = unix.IFF_UP
		}
		return linkMessage(index, flags, unix.IFF_UP, nil)
	}
	return linkMessage(index, 0, 0, func(ae *netlink.AttributeEncoder) {
		switch s.Attr() {
		case object.MTU:
			ae.Uint32(unix.IFLA_MTU, l.MTU)
		case object.MACAttr:
			ae.Bytes(unix.IFLA_ADDRESS, l.MAC[:])
		case object.Master:
			ae.Uint32(unix.IFLA_MASTER, master)
		case object.Description:
			ae.String(unix.IFLA_IFALIAS, alias)
		default:
			if isTunnel(l.Kind) {
				ae.Uint32(unix.IFLA_MTU, mtu) // or the kernel would work one out again
			}
			linkInfo(ae, l, s.Has, 0, 0)
		}
	})
}

func byFamily(ae *netlink.AttributeEncoder, v4, v6 uint16, a netip.Addr) {
	switch {
	case a.Is4():
		ae.Bytes(v4, a.AsSlice())
	case a.Is6():
		ae.Bytes(v6, a.AsSlice())
	}
}

func boolByte(b bool) uint8 {
	if b {
		return 1
	}
	return 0
}
