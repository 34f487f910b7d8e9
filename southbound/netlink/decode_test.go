package netlink

import (
	"encoding/binary"
	"errors"
	"log/slog"
	"net/netip"
	"reflect"
	"strings"
	"testing"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
)

// The corpora below testdata/fuzz hold messages of a real kernel.

func FuzzDecodeLink(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := decodeLink(data)
		if err != nil {
			return
		}
		want := r.state.LinkCounters()
		if got, err := decodeLinkCounters(data); err == nil && (got.Time.IsZero() != want.Time.IsZero() || !got.Same(&want)) {
			t.Errorf("counters are %+v, and those of the link %+v", got, want)
		}
		for _, protocol := range []uint8{DefaultProtocol, 17} {
			r.own(protocol)
			if r.state.Owned && r.group != creating(protocol) && r.alias != mark(protocol)+r.state.Description {
				t.Errorf("owned by %d without a mark: %+v", protocol, r)
			}
		}
	})
}

func FuzzDecodeAddress(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := decodeAddress(data, DefaultProtocol)
		if err != nil {
			return
		}
		if !r.state.Prefix().IsValid() {
			t.Errorf("no address: %+v", r.state)
		}
		again, err := encodeAddress(&r.state.Address, r.index, DefaultProtocol)
		if err != nil {
			t.Fatal(err)
		}
		back, err := decodeAddress(again, DefaultProtocol)
		if err != nil || back.state.Address != r.state.Address || back.index != r.index || !back.state.Owned {
			t.Errorf("%+v comes back as %+v, %v", r.state.Address, back, err)
		}
	})
}

func FuzzDecodeRoute(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := decodeRoute(data, DefaultProtocol)
		if err != nil {
			return
		}
		if !r.state.Prefix.IsValid() || r.state.Prefix != r.state.Prefix.Masked() {
			t.Errorf("no prefix: %v", r.state.Prefix)
		}
		again, err := renewed(data, 0)
		if err != nil {
			t.Fatalf("decoded, and yet cannot be sent back: %v", err)
		}
		back, err := decodeRoute(again, DefaultProtocol)
		if err != nil || back.state.ID() != r.state.ID() || back.table != r.table || back.state.Type != r.state.Type {
			t.Errorf("%+v comes back as %+v, %v", r, back, err)
		}
	})
}

func FuzzDecodeNeighbor(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := decodeNeighbor(data, DefaultProtocol)
		if err == nil && r != nil && !r.state.IP.IsValid() {
			t.Errorf("no address: %+v", r.state)
		}
	})
}

// FuzzNotification takes whole datagrams in.
func FuzzNotification(f *testing.F) {
	f.Fuzz(func(t *testing.T, datagram []byte) {
		b := &Backend{cfg: Config{Protocol: DefaultProtocol}, pid: 1, log: slog.New(slog.DiscardHandler)}
		b.names.lookup = func(uint32) string { return "" }
		newTale(b).take(datagram)
	})
}

// What is encoded for a route is what is decoded.
func TestRouteRoundTrip(t *testing.T) {
	via := func(s string, index uint32, weight uint16) rawHop {
		h := rawHop{index: index, weight: weight}
		if s != "" {
			h.via = netip.MustParseAddr(s)
		}
		return h
	}
	for _, c := range []struct {
		name  string
		route object.Route
		hops  []rawHop
	}{
		{"IPv4", object.Route{Prefix: netip.MustParsePrefix("10.0.0.0/8"), Metric: 3}, []rawHop{via("192.0.2.1", 7, 1)}},
		{"IPv4 default to a link", object.Route{Prefix: netip.MustParsePrefix("0.0.0.0/0")}, []rawHop{via("", 7, 1)}},
		{"IPv4 ECMP", object.Route{Prefix: netip.MustParsePrefix("10.0.0.0/8")}, []rawHop{via("192.0.2.1", 7, 3), via("192.0.2.2", 8, 256)}},
		{"IPv4 by way of IPv6", object.Route{Prefix: netip.MustParsePrefix("10.0.0.0/8")}, []rawHop{via("fe80::1", 7, 1)}},
		{"IPv6", object.Route{Prefix: netip.MustParsePrefix("2001:db8::/32"), Metric: 1 << 31}, []rawHop{via("fe80::1", 7, 1)}},
		{"IPv6 ECMP", object.Route{Prefix: netip.MustParsePrefix("::/0")}, []rawHop{via("fe80::1", 7, 1), via("fe80::2", 8, 2)}},
		{"blackhole", object.Route{Prefix: netip.MustParsePrefix("10.0.0.0/8"), Type: object.Blackhole}, nil},
	} {
		msg, err := encodeRoute(&c.route, c.hops, DefaultProtocol)
		if err != nil {
			t.Fatal(err)
		}
		r, err := decodeRoute(msg, DefaultProtocol)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if r.state.ID() != c.route.ID() || r.state.Type != c.route.Type || !r.state.Owned || !r.observed() || !reflect.DeepEqual(r.hops, c.hops) {
			t.Errorf("%s: %+v became %+v %+v", c.name, c.route, r.state, r.hops)
		}
	}
}

// What is encoded for a new link is what is decoded, as far as the kernel tells
// it in the same attributes.
func TestLinkRoundTrip(t *testing.T) {
	for _, l := range []object.Link{
		{Name: "br0", Kind: object.Bridge, STP: true, AgeingTime: 60, ForwardDelay: 4, VLANFilter: true},
		{Name: "vx0", Kind: object.VXLAN, VNI: 42, Local: netip.MustParseAddr("192.0.2.1"), Remote: netip.MustParseAddr("239.0.0.1"), Port: 4790, TTL: 9, Learning: true},
		{Name: "vx6", Kind: object.VXLAN, VNI: 42, Local: netip.MustParseAddr("2001:db8::1"), Remote: netip.MustParseAddr("2001:db8::2"), Port: 4789},
		{Name: "mv0", Kind: object.Macvlan, MacvlanMode: object.MacvlanVEPA},
		{Name: "ve0", Kind: object.Veth},
		{Name: "lo1", Kind: object.Loopback},
		{Name: "p.7", Kind: object.VLAN, VLANID: 4094},
		{Name: "gre1", Kind: object.GRE, Local: netip.MustParseAddr("192.0.2.1"), Remote: netip.MustParseAddr("192.0.2.2"), TTL: 9, Key: 0xfedcba98},
		{Name: "gre2", Kind: object.GRE, Local: netip.MustParseAddr("2001:db8::1"), Remote: netip.MustParseAddr("2001:db8::2")},
		{Name: "ipip1", Kind: object.IPIP, Local: netip.MustParseAddr("192.0.2.1"), Remote: netip.MustParseAddr("192.0.2.2"), TTL: 255},
		{Name: "ipip2", Kind: object.IPIP, Local: netip.MustParseAddr("2001:db8::1"), Remote: netip.MustParseAddr("2001:db8::2"), TTL: 1},
	} {
		msg, err := encodeCreate(plan.Step{Op: plan.Create, Want: &l, Attrs: l.KindAttrs()}, 0, creating(17))
		if err != nil {
			t.Fatal(err)
		}
		binary.NativeEndian.PutUint32(msg[4:], 7) // as the kernel numbers what it makes
		r, err := decodeLink(msg)
		if err != nil {
			t.Fatal(err)
		}
		r.own(DefaultProtocol)
		if r.state.Owned {
			t.Errorf("%+v is another agent's, but owned", l)
		}
		r.own(17)
		if r.state.Link != l || !r.state.Owned {
			t.Errorf("%+v became %+v", l, r.state.Link)
		}
	}
}

// What a link is observed as follows from what the kernel calls it, and from its
// hardware where that means nothing here.
func TestLinkKinds(t *testing.T) {
	for _, c := range []struct {
		name     string
		hardware uint16
		data     func(*netlink.AttributeEncoder)
		want     object.LinkKind
	}{
		{"dummy", unix.ARPHRD_ETHER, nil, object.Loopback},
		{"", unix.ARPHRD_LOOPBACK, nil, object.Loopback},
		{"", unix.ARPHRD_ETHER, nil, object.Ethernet},
		{"bond", unix.ARPHRD_ETHER, nil, object.Ethernet},
		{"gretap", unix.ARPHRD_ETHER, nil, object.Ethernet},
		{"gre", unix.ARPHRD_IPGRE, nil, object.GRE},
		{"ip6gre", unix.ARPHRD_IP6GRE, nil, object.GRE},
		{"ipip", unix.ARPHRD_TUNNEL, nil, object.IPIP},
		{"ip6tnl", unix.ARPHRD_TUNNEL6, nil, object.IPIP},
		{"sit", unix.ARPHRD_SIT, nil, object.Other},
		{"memif", unix.ARPHRD_NONE, nil, object.Other}, // no word of Linux's, and no kind of its
		{"tun", unix.ARPHRD_NONE, nil, object.Other},
		{"tun", unix.ARPHRD_ETHER, func(ae *netlink.AttributeEncoder) { ae.Uint8(unix.IFLA_TUN_TYPE, unix.IFF_TAP) }, object.Tap},
		{"vlan", unix.ARPHRD_ETHER, vlanOf(unix.ETH_P_8021Q), object.VLAN},
		{"vlan", unix.ARPHRD_ETHER, vlanOf(unix.ETH_P_8021AD), object.Ethernet},
	} {
		msg, err := linkMessage(1, 0, 0, func(ae *netlink.AttributeEncoder) {
			ae.Nested(unix.IFLA_LINKINFO, func(ae *netlink.AttributeEncoder) error {
				ae.String(unix.IFLA_INFO_KIND, c.name)
				ae.Nested(unix.IFLA_INFO_DATA, func(ae *netlink.AttributeEncoder) error {
					if c.data != nil {
						c.data(ae)
					}
					return nil
				})
				return nil
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		binary.NativeEndian.PutUint16(msg[2:], c.hardware)
		r, err := decodeLink(msg)
		if err != nil || r.state.Kind != c.want || r.state.KindName != c.name {
			t.Errorf("%q on hardware %d: %+v, %v; want %q", c.name, c.hardware, r, err, c.want)
		}
		if r != nil && c.want != object.VLAN && r.state.VLANID != 0 {
			t.Errorf("%q of another protocol has the VLAN %d", c.name, r.state.VLANID)
		}
	}
}

func vlanOf(protocol uint16) func(*netlink.AttributeEncoder) {
	return func(ae *netlink.AttributeEncoder) {
		ae.Bytes(unix.IFLA_VLAN_PROTOCOL, binary.BigEndian.AppendUint16(nil, protocol))
		ae.Uint16(unix.IFLA_VLAN_ID, 7)
	}
}

// The kernel takes what a change of a tunnel does not tell for none: all is told.
func TestTunnelUpdate(t *testing.T) {
	for _, l := range []object.Link{
		{Name: "t", Kind: object.GRE, Local: netip.MustParseAddr("192.0.2.1"), Remote: netip.MustParseAddr("192.0.2.2"), TTL: 9, Key: 7},
		{Name: "t", Kind: object.IPIP, Local: netip.MustParseAddr("2001:db8::1"), Remote: netip.MustParseAddr("2001:db8::2"), TTL: 9},
	} {
		msg, err := encodeUpdate(plan.Step{Op: plan.Update, Want: &l, Attrs: []object.Attr{object.TTL}}, 5, 1400, 0, "")
		if err != nil {
			t.Fatal(err)
		}
		r, err := decodeLink(msg)
		if err != nil {
			t.Fatal(err)
		}
		want := l
		want.Name, want.MTU = "", 1400
		if r.state.Link != want || r.state.Index != 5 {
			t.Errorf("%+v became %+v", want, r.state.Link)
		}
	}
}

func TestCheckLink(t *testing.T) {
	v4, v6 := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")
	for _, c := range []struct {
		link object.Link
		attr object.Attr // at fault; "none": all is well
		says string
	}{
		{object.Link{Name: "l", Kind: object.Loopback}, "none", ""},
		{object.Link{Name: "p.7", Kind: object.VLAN, Parent: "p", VLANID: 4094}, "none", ""},
		{object.Link{Name: "p.7", Kind: object.VLAN, Parent: "p", VLANID: 4095}, object.VLANID, "1 to 4094"},
		{object.Link{Name: "p.7", Kind: object.VLAN, VLANID: 7}, object.Parent, "parent"},
		{object.Link{Name: "a-long-port.4094", Kind: object.VLAN, Parent: "a-long-port", VLANID: 7}, "", "1 to 15 characters"},
		{object.Link{Name: "g", Kind: object.GRE, Local: v4, Remote: v4.Next(), Key: 7}, "none", ""},
		{object.Link{Name: "g", Kind: object.GRE, Remote: v4}, object.Local, "source"},
		{object.Link{Name: "g", Kind: object.IPIP, Local: v6, Remote: netip.IPv6Unspecified()}, object.Remote, "destination"},
		{object.Link{Name: "g", Kind: object.IPIP, Local: v6, Remote: v4}, object.Remote, "one address family"},
		{object.Link{Name: "t", Kind: object.Tap}, "none", ""},
		{object.Link{Name: "t", Kind: object.Tap, HostLink: "t"}, object.HostLink, "--backend vpp"},
		{object.Link{Name: "m", Kind: object.Memif}, object.LinkKindAttr, "--backend vpp"},
		{object.Link{Name: "red", Kind: object.VRF}, object.LinkKindAttr, "--backend vpp"},
		{object.Link{Name: "a", Kind: object.AFPacket}, object.LinkKindAttr, "--backend vpp"},
	} {
		claim := object.NewClaim(&c.link, nil, c.link.KindAttrs()...)
		err := checkLink(&claim, &c.link, DefaultProtocol)
		wrong, _ := errors.AsType[*southbound.AttrError](err)
		switch {
		case c.attr == "none" && err != nil:
			t.Errorf("%+v: %v", c.link, err)
		case c.attr != "none" && (wrong == nil || wrong.Attr != c.attr || !strings.Contains(wrong.Reason, c.says)):
			t.Errorf("%+v: got %v, want one of %s that says %q", c.link, err, c.attr, c.says)
		}
	}
}

func TestTunnelChanges(t *testing.T) {
	tunnel := func(kind object.LinkKind, local, remote string, key uint32) *object.Link {
		return &object.Link{Kind: kind, Local: netip.MustParseAddr(local), Remote: netip.MustParseAddr(remote), Key: key}
	}
	for _, c := range []struct {
		name       string
		have, want *object.Link
		attr       object.Attr
		manner     plan.Manner
	}{
		{"source", tunnel(object.GRE, "192.0.2.1", "192.0.2.2", 0), tunnel(object.GRE, "192.0.2.3", "192.0.2.2", 0), object.Local, plan.InPlace},
		{"source of a VXLAN", tunnel(object.VXLAN, "192.0.2.1", "192.0.2.2", 0), tunnel(object.VXLAN, "192.0.2.3", "192.0.2.2", 0), object.Local, plan.BreakBeforeMake},
		{"destination", tunnel(object.IPIP, "192.0.2.1", "192.0.2.2", 0), tunnel(object.IPIP, "192.0.2.1", "192.0.2.3", 0), object.Remote, plan.InPlace},
		{"family", tunnel(object.IPIP, "192.0.2.1", "192.0.2.2", 0), tunnel(object.IPIP, "2001:db8::1", "2001:db8::2", 0), object.Local, plan.BreakBeforeMake},
		{"key", tunnel(object.GRE, "192.0.2.1", "192.0.2.2", 1), tunnel(object.GRE, "192.0.2.1", "192.0.2.2", 2), object.Key, plan.InPlace},
		{"first key", tunnel(object.GRE, "192.0.2.1", "192.0.2.2", 0), tunnel(object.GRE, "192.0.2.1", "192.0.2.2", 2), object.Key, plan.BreakBeforeMake},
		{"TTL", tunnel(object.GRE, "192.0.2.1", "192.0.2.2", 0), tunnel(object.GRE, "192.0.2.1", "192.0.2.2", 0), object.TTL, plan.InPlace},
		{"VLAN", &object.Link{Kind: object.VLAN, VLANID: 1}, &object.Link{Kind: object.VLAN, VLANID: 2}, object.VLANID, plan.BreakBeforeMake},
	} {
		if got := (&Backend{}).Change(c.have, c.want, c.attr); got != c.manner {
			t.Errorf("%s: %v, want %v", c.name, got, c.manner)
		}
	}
}

// A mark is of one protocol number, and no other's.
func TestAlias(t *testing.T) {
	for _, c := range []struct {
		protocol           uint8
		alias, description string
		owned              bool
	}{
		{DefaultProtocol, "", "", false},
		{DefaultProtocol, "uplink", "uplink", false},
		{DefaultProtocol, "outrigger", "outrigger", false},
		{DefaultProtocol, "outrigger:", "", true},
		{DefaultProtocol, "outrigger:inside", "inside", true},
		{DefaultProtocol, "outrigger:outrigger:", "outrigger:", true},
		{DefaultProtocol, "outrigger:outrigger-17:", "outrigger-17:", true},
		{DefaultProtocol, "outrigger-17:inside", "outrigger-17:inside", false},
		{DefaultProtocol, "outrigger-171:inside", "outrigger-171:inside", false},
		{17, "outrigger-17:", "", true},
		{17, "outrigger-17:in:side", "in:side", true},
		{17, "outrigger:inside", "outrigger:inside", false},
		{17, "outrigger-1:inside", "outrigger-1:inside", false},
		{17, "outrigger-172:inside", "outrigger-172:inside", false},
		{17, "outrigger-017:inside", "outrigger-017:inside", false},
		{17, "outrigger17:inside", "outrigger17:inside", false},
		{17, "outrigger-+17:inside", "outrigger-+17:inside", false},
		{17, "outrigger-273:inside", "outrigger-273:inside", false},
		{17, "outrigger-17", "outrigger-17", false},
		{255, "outrigger-255:", "", true},
	} {
		msg, err := linkMessage(1, 0, 0, func(ae *netlink.AttributeEncoder) { ae.String(unix.IFLA_IFALIAS, c.alias) })
		if err != nil {
			t.Fatal(err)
		}
		r, err := decodeLink(msg)
		if err != nil {
			t.Fatal(err)
		}
		r.own(c.protocol)
		if r.state.Description != c.description || r.state.Owned != c.owned {
			t.Errorf("to %d, alias %q is %q, owned %t", c.protocol, c.alias, r.state.Description, r.state.Owned)
		}
	}
	marks := make(map[string]int)
	groups := make(map[uint32]int)
	for n := 1; n <= 255; n++ {
		p := uint8(n)
		if by, rest := cutMark(mark(p) + "x"); by != p || rest != "x" {
			t.Errorf("the mark of %d is %d's, before %q", p, by, rest)
		}
		marks[mark(p)]++
		groups[creating(p)]++
	}
	if len(marks) != 255 || len(groups) != 255 {
		t.Errorf("255 numbers have %d marks and %d groups", len(marks), len(groups))
	}
}

func TestCounters(t *testing.T) {
	b := make([]byte, 8*25)
	for i := range 25 {
		binary.NativeEndian.PutUint64(b[8*i:], uint64(i+1))
	}
	c := decodeCounters(b)
	if c.InPackets != 1 || c.OutOctets != 4 || c.InCRCErrors != 13 || c.InNoHandler != 24 || c.Absent != 0 {
		t.Errorf("%+v", c)
	}
	if c := decodeCounters(b[:8*23]); c.InCRCErrors != 13 || c.InNoHandler != 0 || c.Absent != 0 {
		t.Errorf("of an older kernel: %+v", c)
	}
	msg, err := linkMessage(7, 0, 0, func(ae *netlink.AttributeEncoder) {
		ae.String(unix.IFLA_IFNAME, "eth0")
		ae.Uint8(unix.IFLA_OPERSTATE, 6)
		ae.Uint32(unix.IFLA_CARRIER_CHANGES, 3)
		ae.Bytes(unix.IFLA_STATS64, b)
	})
	if err != nil {
		t.Fatal(err)
	}
	l, err := decodeLinkCounters(msg)
	if want := (object.LinkCounters{Name: "eth0", Index: 7, CarrierChanges: 3, Counters: c}); err != nil || l.Time.IsZero() || !l.Same(&want) {
		t.Errorf("%+v, %v, want %+v", l, err, want)
	}
	const name = 12 // octets of the attribute
	if l, err = decodeLinkCounters(msg[:linkHeader+name]); err != nil || l.Name != "eth0" || !l.Time.IsZero() {
		t.Errorf("without counters: %+v, %v", l, err)
	}
	for _, n := range []int{0, linkHeader - 1, linkHeader + 3, linkHeader + name - 4, len(msg) - 1} {
		if l, err := decodeLinkCounters(msg[:n]); err == nil {
			t.Errorf("of %d octets: %+v", n, l)
		}
	}
}

func TestOrigin(t *testing.T) {
	for _, c := range []struct {
		prefix string
		flags  uint32
		proto  uint8
		want   object.Origin
	}{
		{"192.0.2.1/24", unix.IFA_F_PERMANENT, DefaultProtocol, object.OriginStatic},
		{"192.0.2.1/24", unix.IFA_F_PERMANENT, 0, object.OriginStatic},
		{"192.0.2.1/24", 0, 0, object.OriginDHCP},
		{"fe80::1/64", unix.IFA_F_PERMANENT, ifaProtoLinkLocal, object.OriginLinkLayer},
		{"fe80::1/64", unix.IFA_F_PERMANENT, 0, object.OriginLinkLayer},
		{"2001:db8::1/64", unix.IFA_F_MANAGETEMPADDR, ifaProtoRA, object.OriginLinkLayer},
		{"2001:db8::1/64", unix.IFA_F_STABLE_PRIVACY, ifaProtoRA, object.OriginRandom},
		{"2001:db8::1/64", unix.IFA_F_TEMPORARY, 0, object.OriginRandom},
		{"2001:db8::1/128", 0, 0, object.OriginDHCP},
		{"::1/128", unix.IFA_F_PERMANENT, ifaProtoLoopback, object.OriginOther},
	} {
		p := netip.MustParsePrefix(c.prefix)
		msg, err := addressMessage(family(p.Addr()), uint8(p.Bits()), 1, func(ae *netlink.AttributeEncoder) {
			ae.Bytes(unix.IFA_ADDRESS, p.Addr().AsSlice())
			ae.Uint32(unix.IFA_FLAGS, c.flags)
			ae.Uint8(ifaProto, c.proto)
		})
		if err != nil {
			t.Fatal(err)
		}
		r, err := decodeAddress(msg, DefaultProtocol)
		if err != nil || r.state.Origin != c.want {
			t.Errorf("%s flags %#x proto %d: %s, want %s (%v)", c.prefix, c.flags, c.proto, r.state.Origin, c.want, err)
		}
	}
}

func TestProbe(t *testing.T) {
	for prefix, want := range map[string]string{
		"0.0.0.0/0": "223.255.255.255", "128.0.0.0/1": "223.255.255.255", "192.0.0.0/2": "223.255.255.255", "0.0.0.0/1": "127.255.255.255",
		"192.0.2.0/24": "192.0.2.255", "240.0.0.0/4": "255.255.255.255", "::/0": "fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
		"2001:db8::/33": "2001:db8:7fff:ffff:ffff:ffff:ffff:ffff", "fc00::/7": "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	} {
		if got := probe(netip.MustParsePrefix(prefix)); got != netip.MustParseAddr(want) {
			t.Errorf("%s: %s, want %s", prefix, got, want)
		}
	}
}

func TestLastAddress(t *testing.T) {
	for prefix, want := range map[string]string{
		"10.0.0.0/8": "10.255.255.255", "192.0.2.128/25": "192.0.2.255", "192.0.2.1/32": "192.0.2.1", "0.0.0.0/0": "255.255.255.255",
		"10.32.0.0/11": "10.63.255.255", "2001:db8::/33": "2001:db8:7fff:ffff:ffff:ffff:ffff:ffff",
	} {
		if got := lastAddress(netip.MustParsePrefix(prefix)); got != netip.MustParseAddr(want) {
			t.Errorf("%s: %s, want %s", prefix, got, want)
		}
	}
}
