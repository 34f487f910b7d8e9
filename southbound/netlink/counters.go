package netlink

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// Counters reads the counters of one link or of all, in one request, and appends them
// to list.
func (b *Backend) Counters(ctx context.Context, link string, list []object.LinkCounters) ([]object.LinkCounters, error) {
	if link != "" {
		l, err := b.readLink(0, link)
		if l == nil {
			return nil, err
		}
		return append(list, l.LinkCounters()), nil
	}
	b.stats.dumps.Add(1)
	query, err := linkMessage(0, 0, 0, nil)
	if err != nil {
		return nil, err
	}
	msgs, err := b.list(ctx, unix.RTM_GETLINK, query)
	if err != nil {
		return nil, err
	}
	for _, m := range msgs {
		l, err := decodeLinkCounters(m.Data)
		if err != nil {
			return nil, err
		}
		list = append(list, l)
	}
	return list, nil
}

var errAttribute = errors.New("link message: an attribute does not fit into it")

// decodeLinkCounters reads of the payload of RTM_NEWLINK what decodeLink makes of the
// counters: they are read often, and all else that a message tells is not looked at.
func decodeLinkCounters(data []byte) (l object.LinkCounters, err error) {
	if len(data) < linkHeader {
		return l, errShort
	}
	if l.Index = binary.NativeEndian.Uint32(data[4:]); l.Index == 0 {
		return l, errNoIndex
	}
	for rest := data[linkHeader:]; len(rest) > 0; {
		if len(rest) < unix.SizeofNlAttr {
			return l, errAttribute
		}
		length, typ := int(binary.NativeEndian.Uint16(rest)), binary.NativeEndian.Uint16(rest[2:])
		if length < unix.SizeofNlAttr || length > len(rest) {
			return l, errAttribute
		}
		value := rest[unix.SizeofNlAttr:length]
		switch typ &^ (unix.NLA_F_NESTED | unix.NLA_F_NET_BYTEORDER) {
		case unix.IFLA_IFNAME:
			l.Name = string(bytes.TrimRight(value, "\x00"))
		case unix.IFLA_CARRIER_CHANGES:
			if len(value) != 4 {
				return l, fmt.Errorf("link message: carrier changes in %d octets", len(value))
			}
			l.CarrierChanges = binary.NativeEndian.Uint32(value)
		case unix.IFLA_STATS64:
			l.Counters = decodeCounters(value)
		}
		const align = unix.NLA_ALIGNTO - 1
		rest = rest[min((length+align)&^align, len(rest)):]
	}
	return l, nil
}

// decodeCounters reads struct rtnl_link_stats64, which has grown at its end: what
// an older kernel does not send is 0.
func decodeCounters(b []byte) object.Counters {
	at := func(i int) uint64 {
		if len(b) < 8*i+8 {
			return 0
		}
		return binary.NativeEndian.Uint64(b[8*i:])
	}
	return object.Counters{
		Time:      time.Now(),
		InPackets: at(0), OutPackets: at(1), InOctets: at(2), OutOctets: at(3),
		InErrors: at(4), OutErrors: at(5), InDiscards: at(6), OutDiscards: at(7),
		InMulticast: at(8), InCRCErrors: at(12), InNoHandler: at(23),
	}
}
