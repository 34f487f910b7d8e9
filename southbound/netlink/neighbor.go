package netlink

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
)

const (
	neighborHeader = unix.SizeofNdMsg
	ndaProtocol    = 12 // NDA_PROTOCOL of linux/neighbor.h
)

// rawNeighbor is a neighbor message: a link's index, not its name.
type rawNeighbor struct {
	state object.NeighborState
	index uint32
}

// decodeNeighbor reads the payload of RTM_NEWNEIGH or RTM_DELNEIGH. It returns
// nil for what is no neighbor in the sense of ARP and ND: bridge forwarding
// entries, proxies, and the entries that the kernel makes for multicast.
func decodeNeighbor(data []byte, own uint8) (*rawNeighbor, error) {
	if len(data) < neighborHeader {
		return nil, errShort
	}
	if fam := data[0]; fam != unix.AF_INET && fam != unix.AF_INET6 {
		return nil, nil
	}
	r := &rawNeighbor{index: binary.NativeEndian.Uint32(data[4:])}
	state, flags := binary.NativeEndian.Uint16(data[8:]), data[10]
	var proto uint8
	ad, err := netlink.NewAttributeDecoder(data[neighborHeader:])
	if err != nil {
		return nil, err
	}
	for ad.Next() {
		switch ad.Type() {
		case unix.NDA_DST:
			r.state.IP, _ = netip.AddrFromSlice(ad.Bytes())
		case unix.NDA_LLADDR:
			r.state.MAC = mac(ad.Bytes())
		case ndaProtocol:
			proto = ad.Uint8()
		}
	}
	if err := ad.Err(); err != nil {
		return nil, fmt.Errorf("neighbor message: %w", err)
	}
	if !r.state.IP.IsValid() || flags&unix.NTF_PROXY != 0 || state&unix.NUD_NOARP != 0 {
		return nil, nil
	}
	r.state.Router = flags&unix.NTF_ROUTER != 0
	r.state.Owned = proto == own
	r.state.Status = neighborStatus(state)
	r.state.Origin = object.OriginDynamic
	if r.state.Status == object.NeighborPermanent {
		r.state.Origin = object.OriginStatic
	}
	return r, nil
}

func neighborStatus(state uint16) object.NeighborStatus {
	switch {
	case state&unix.NUD_PERMANENT != 0:
		return object.NeighborPermanent
	case state&unix.NUD_REACHABLE != 0:
		return object.NeighborReachable
	case state&unix.NUD_STALE != 0:
		return object.NeighborStale
	case state&unix.NUD_DELAY != 0:
		return object.NeighborDelay
	case state&unix.NUD_PROBE != 0:
		return object.NeighborProbe
	case state&unix.NUD_FAILED != 0:
		return object.NeighborFailed
	case state&unix.NUD_INCOMPLETE != 0:
		return object.NeighborIncomplete
	}
	return object.NeighborNone
}

// encodeNeighbor makes an RTM_NEWNEIGH, RTM_DELNEIGH or RTM_GETNEIGH.
func encodeNeighbor(n *object.Neighbor, index uint32, proto uint8, withMAC bool) ([]byte, error) {
	head := make([]byte, neighborHeader)
	head[0] = family(n.IP)
	binary.NativeEndian.PutUint32(head[4:], index)
	if withMAC {
		binary.NativeEndian.PutUint16(head[8:], unix.NUD_PERMANENT)
	}
	return withAttrs(head, func(ae *netlink.AttributeEncoder) {
		ae.Bytes(unix.NDA_DST, n.IP.AsSlice())
		if withMAC {
			ae.Bytes(unix.NDA_LLADDR, n.MAC[:])
			if proto != 0 {
				ae.Uint8(ndaProtocol, proto)
			}
		}
	})
}

func (b *Backend) doNeighbor(op plan.Op, n *object.Neighbor) error {
	index, err := b.index(n.Link)
	if err != nil {
		return err
	}
	msg, err := encodeNeighbor(n, index, b.cfg.Protocol, op != plan.Delete)
	if err != nil {
		return err
	}
	switch op {
	case plan.Create:
		return b.write(unix.RTM_NEWNEIGH, createNew, msg)
	case plan.Update:
		return b.write(unix.RTM_NEWNEIGH, netlink.Create|netlink.Replace, msg)
	}
	return b.write(unix.RTM_DELNEIGH, 0, msg)
}
