package netlink

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

const addressHeader = unix.SizeofIfAddrmsg

// ifaProto is IFA_PROTO of linux/if_addr.h (5.18), and its values.
const (
	ifaProto           = 11
	ifaProtoLoopback   = 1
	ifaProtoRA         = 2
	ifaProtoLinkLocal  = 3
	ifaFStablePrivacy  = unix.IFA_F_STABLE_PRIVACY
	lifetimeForEver    = 0xffffffff
	flagsOfTemporary   = unix.IFA_F_TEMPORARY
	flagsOfTentative   = unix.IFA_F_TENTATIVE
	flagsOfOptimistic  = unix.IFA_F_OPTIMISTIC
	flagsOfDuplicate   = unix.IFA_F_DADFAILED
	flagsOfDeprecation = unix.IFA_F_DEPRECATED
)

// rawAddress is an address message: a link's index, not its name.
type rawAddress struct {
	state object.AddressState
	index uint32
	addressPrivate
}

// addressPrivate is what Restore needs of an address beyond its state.
type addressPrivate struct {
	flags            uint32
	proto, scope     uint8
	peer, broadcast  netip.Addr // peer is IFA_ADDRESS, mostly the address itself
	label            string
	preferred, valid uint32 // seconds
}

// decodeAddress reads the payload of RTM_NEWADDR or RTM_DELADDR. own is the
// protocol number of what is ours.
func decodeAddress(data []byte, own uint8) (*rawAddress, error) {
	if len(data) < addressHeader {
		return nil, errShort
	}
	r := &rawAddress{index: binary.NativeEndian.Uint32(data[4:])}
	r.flags, r.scope = uint32(data[2]), data[3]
	r.preferred, r.valid = lifetimeForEver, lifetimeForEver
	r.state.PrefixLength = data[1]
	var address, local netip.Addr
	ad, err := netlink.NewAttributeDecoder(data[addressHeader:])
	if err != nil {
		return nil, err
	}
	for ad.Next() {
		switch ad.Type() {
		case unix.IFA_ADDRESS:
			address, _ = netip.AddrFromSlice(ad.Bytes())
		case unix.IFA_LOCAL:
			local, _ = netip.AddrFromSlice(ad.Bytes())
		case unix.IFA_FLAGS:
			r.flags = ad.Uint32()
		case unix.IFA_CACHEINFO: // struct ifa_cacheinfo: preferred, valid, …
			if b := ad.Bytes(); len(b) >= 8 {
				r.preferred, r.valid = binary.NativeEndian.Uint32(b), binary.NativeEndian.Uint32(b[4:])
			}
		case unix.IFA_BROADCAST:
			r.broadcast, _ = netip.AddrFromSlice(ad.Bytes())
		case unix.IFA_LABEL:
			r.label = ad.String()
		case ifaProto:
			r.proto = ad.Uint8()
		}
	}
	if err := ad.Err(); err != nil {
		return nil, fmt.Errorf("address message: %w", err)
	}
	// With a peer, IFA_ADDRESS is the peer's and IFA_LOCAL our own.
	if r.state.IP = local; !local.IsValid() {
		r.state.IP = address
	}
	if !r.state.IP.IsValid() || int(r.state.PrefixLength) > r.state.IP.BitLen() {
		return nil, fmt.Errorf("address message: %v/%d is no address", r.state.IP, r.state.PrefixLength)
	}
	if r.valid != lifetimeForEver {
		r.state.ValidLifetime = time.Duration(max(r.valid, 1)) * time.Second
	}
	r.peer = address
	r.state.Owned = r.proto == own
	r.state.Secondary = r.state.IP.Is4() && r.flags&unix.IFA_F_SECONDARY != 0
	r.state.Temporary = r.flags&flagsOfTemporary != 0 && r.state.IP.Is6()
	r.state.Status = r.status()
	r.state.Origin = r.origin()
	if !r.state.Owned {
		r.state.Private = r.addressPrivate
	}
	return r, nil
}

func (r *rawAddress) status() object.AddressStatus {
	switch {
	case r.state.IP.Is4():
		return object.AddressPreferred
	case r.flags&flagsOfDuplicate != 0:
		return object.AddressDuplicate
	case r.flags&flagsOfOptimistic != 0:
		return object.AddressOptimistic
	case r.flags&flagsOfTentative != 0:
		return object.AddressTentative
	case r.flags&flagsOfDeprecation != 0:
		return object.AddressDeprecated
	}
	return object.AddressPreferred
}

// origin tells where an address comes from, by its protocol where it has one and
// else by its flags: what does not expire was set by hand, save for IPv6
// link-local addresses; what expires comes from DHCP or from a router.
func (r *rawAddress) origin() object.Origin {
	ip := r.state.IP
	switch {
	case r.state.Owned:
		return object.OriginStatic
	case ip.Is6() && (r.state.Temporary || r.flags&ifaFStablePrivacy != 0):
		return object.OriginRandom
	case r.proto == ifaProtoLinkLocal || r.proto == ifaProtoRA:
		return object.OriginLinkLayer
	case r.proto == ifaProtoLoopback:
		return object.OriginOther
	case r.flags&unix.IFA_F_PERMANENT != 0 && ip.IsLinkLocalUnicast() && ip.Is6():
		return object.OriginLinkLayer
	case r.flags&unix.IFA_F_PERMANENT != 0:
		return object.OriginStatic
	case ip.Is4():
		return object.OriginDHCP
	case r.flags&unix.IFA_F_MANAGETEMPADDR != 0 || r.state.PrefixLength == 64:
		return object.OriginLinkLayer
	}
	return object.OriginDHCP
}

// addressMessage encodes struct ifaddrmsg and attributes.
func addressMessage(family uint8, bits uint8, index uint32, attrs func(*netlink.AttributeEncoder)) ([]byte, error) {
	head := make([]byte, addressHeader)
	head[0], head[1] = family, bits
	binary.NativeEndian.PutUint32(head[4:], index)
	return withAttrs(head, attrs)
}

// encodeAddress makes an RTM_NEWADDR or RTM_DELADDR; proto 0 leaves the protocol
// out.
func encodeAddress(a *object.Address, index uint32, proto uint8) ([]byte, error) {
	return addressMessage(family(a.IP), a.PrefixLength, index, func(ae *netlink.AttributeEncoder) {
		ae.Bytes(unix.IFA_LOCAL, a.IP.AsSlice())
		ae.Bytes(unix.IFA_ADDRESS, a.IP.AsSlice())
		if proto != 0 {
			ae.Uint8(ifaProto, proto)
		}
	})
}

func family(a netip.Addr) uint8 {
	if a.Is4() {
		return unix.AF_INET
	}
	return unix.AF_INET6
}

func (b *Backend) createAddress(a *object.Address) error {
	index, err := b.index(a.Link)
	if err != nil {
		return err
	}
	msg, err := encodeAddress(a, index, b.cfg.Protocol)
	if err != nil {
		return err
	}
	err = b.write(unix.RTM_NEWADDR, createNew, msg)
	if errors.Is(err, southbound.ErrExists) && b.hasAddress(a) {
		return nil
	}
	return err
}

// hasAddress reports whether an IPv4 address is there with its prefix length, of
// ours, be it with another one, too.
func (b *Backend) hasAddress(a *object.Address) bool {
	s, err := b.readAddress(context.Background(), a)
	st, ok := s.(*object.AddressState)
	return err == nil && ok && a.IP.Is4() && st.Owned && st.Other != 0 && (st.PrefixLength == a.PrefixLength || st.Other == a.PrefixLength)
}

// deleteAddress keeps the secondaries of an address: without promotion the
// kernel would delete them with it, whoever they belong to.
func (b *Backend) deleteAddress(a *object.Address) error {
	index, err := b.index(a.Link)
	if err != nil {
		return err
	}
	msg, err := encodeAddress(a, index, 0)
	if err != nil {
		return err
	}
	if a.IP.Is4() {
		restore, err := b.promote(a.Link)
		if err != nil {
			return err
		}
		defer restore()
	}
	return b.write(unix.RTM_DELADDR, 0, msg)
}
