package main

import (
	"encoding/binary"
	"fmt"
	"net"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// The two ends of the lab's cable.
const (
	netEnd  = "net1"
	peerEnd = "peer"
)

// vethInfoPeer is VETH_INFO_PEER of linux/veth.h.
const vethInfoPeer = 1

// furnish gives the new namespace its loopback, and the cable with its far end
// up. The near end is left to the agent, as a CNI plugin would leave it to a
// network function.
func furnish() error {
	conn, err := netlink.Dial(unix.NETLINK_ROUTE, nil)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := makeVeth(conn); err != nil {
		return fmt.Errorf("making the veth pair %s and %s: %w", netEnd, peerEnd, err)
	}
	for _, name := range []string{"lo", peerEnd} {
		if err := setUp(conn, name); err != nil {
			return fmt.Errorf("setting %s up: %w", name, err)
		}
	}
	return nil
}

func makeVeth(conn *netlink.Conn) error {
	ae := netlink.NewAttributeEncoder()
	ae.String(unix.IFLA_IFNAME, netEnd)
	ae.Nested(unix.IFLA_LINKINFO, func(info *netlink.AttributeEncoder) error {
		info.String(unix.IFLA_INFO_KIND, "veth")
		info.Nested(unix.IFLA_INFO_DATA, func(data *netlink.AttributeEncoder) error {
			peer := netlink.NewAttributeEncoder()
			peer.String(unix.IFLA_IFNAME, peerEnd)
			attrs, err := peer.Encode()
			if err != nil {
				return err
			}
			data.Bytes(vethInfoPeer, append(ifInfo(0, 0, 0), attrs...))
			return nil
		})
		return nil
	})
	attrs, err := ae.Encode()
	if err != nil {
		return err
	}
	return newLink(conn, netlink.Create|netlink.Excl, append(ifInfo(0, 0, 0), attrs...))
}

func setUp(conn *netlink.Conn, name string) error {
	link, err := net.InterfaceByName(name)
	if err != nil {
		return err
	}
	return newLink(conn, 0, ifInfo(link.Index, unix.IFF_UP, unix.IFF_UP))
}

func newLink(conn *netlink.Conn, flags netlink.HeaderFlags, data []byte) error {
	_, err := conn.Execute(netlink.Message{
		Header: netlink.Header{Type: unix.RTM_NEWLINK, Flags: netlink.Request | netlink.Acknowledge | flags},
		Data:   data,
	})
	return err
}

// ifInfo is struct ifinfomsg of linux/rtnetlink.h.
func ifInfo(index int, flags, change uint32) []byte {
	b := make([]byte, unix.SizeofIfInfomsg)
	binary.NativeEndian.PutUint32(b[4:], uint32(index))
	binary.NativeEndian.PutUint32(b[8:], flags)
	binary.NativeEndian.PutUint32(b[12:], change)
	return b
}
