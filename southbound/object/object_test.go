package object_test

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

func at(names ...string) path.Path {
	var p path.Path
	for _, n := range names {
		p = append(p, path.Elem{Module: "m", Name: n})
	}
	return p
}

// Claims of different attributes join; each attribute keeps its source.
func TestMerge(t *testing.T) {
	one := object.NewClaim(&object.Link{Name: "eth0", MTU: 1400, Description: "not claimed"}, at("one"), object.MTU)
	two := object.NewClaim(&object.Link{Name: "eth0", Up: true, MTU: 1400, Master: "br0"}, at("two"), object.Up, object.MTU)
	merged, err := object.Merge([]object.Claim{one, two})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := *merged.Object.(*object.Link), (object.Link{Name: "eth0", MTU: 1400, Description: "not claimed", Up: true}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	for a, want := range map[object.Attr]string{object.MTU: "/m:one", object.Up: "/m:two", object.Description: "/m:one"} {
		if got := merged.Path(a).String(); got != want {
			t.Errorf("%s is from %s, want %s", a, got, want)
		}
	}
	if merged.Has(object.Description) || merged.Has(object.Master) || !merged.Has(object.Up) {
		t.Errorf("claimed: %+v", merged.From)
	}
	if one.Object.(*object.Link).Up {
		t.Error("merging has changed a claim")
	}
}

func TestContradiction(t *testing.T) {
	hop := func(via string) []object.NextHop { return []object.NextHop{{Via: netip.MustParseAddr(via)}} }
	prefix := netip.MustParsePrefix("10.0.0.0/8")
	for name, claims := range map[string][2]object.Claim{
		"mtu": {
			object.NewClaim(&object.Link{Name: "eth0", MTU: 1400}, at("one"), object.MTU),
			object.NewClaim(&object.Link{Name: "eth0", MTU: 1500}, at("two"), object.MTU),
		},
		"prefix-length": {
			object.NewClaim(&object.Address{Link: "eth0", IP: netip.MustParseAddr("192.0.2.1"), PrefixLength: 24}, at("one"), object.PrefixLength),
			object.NewClaim(&object.Address{Link: "eth0", IP: netip.MustParseAddr("192.0.2.1"), PrefixLength: 25}, at("two"), object.PrefixLength),
		},
		"next-hops": {
			object.NewClaim(&object.Route{Prefix: prefix, NextHops: hop("192.0.2.1")}, at("one"), object.NextHops),
			object.NewClaim(&object.Route{Prefix: prefix, NextHops: hop("192.0.2.2")}, at("two"), object.NextHops),
		},
		"link-layer": {
			object.NewClaim(&object.Neighbor{Link: "eth0", IP: netip.MustParseAddr("192.0.2.1"), MAC: object.MACAddr{2}}, at("one"), object.LinkLayer),
			object.NewClaim(&object.Neighbor{Link: "eth0", IP: netip.MustParseAddr("192.0.2.1")}, at("two"), object.LinkLayer),
		},
		"value": {
			object.NewClaim(&object.Setting{Name: object.Forwarding, Family: object.IPv4, Value: 1}, at("one"), object.ValueAttr),
			object.NewClaim(&object.Setting{Name: object.Forwarding, Family: object.IPv4}, at("two"), object.ValueAttr),
		},
	} {
		_, err := object.Merge(claims[:])
		f, ok := errors.AsType[*fault.Error](err)
		if !ok || f.Tag != fault.InvalidValue || !f.Path.Equal(at("two")) || !strings.Contains(f.Message, "/m:one") || !strings.Contains(f.Message, name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The other end of a veth is claimed with the first; two that disagree about it
// contradict each other.
func TestImplied(t *testing.T) {
	veth := func(name, peer, from string) object.Claim {
		return object.NewClaim(&object.Link{Name: name, Kind: object.Veth, Peer: peer}, at(from), object.LinkKindAttr, object.Peer)
	}
	first := veth("a", "b", "one")
	implied := first.Implied()
	if len(implied) != 1 || implied[0].ID() != object.LinkID("b") || implied[0].Object.(*object.Link).Peer != "a" {
		t.Fatalf("%+v", implied)
	}
	if _, err := object.Merge(append(implied, veth("b", "a", "two"))); err != nil {
		t.Error(err)
	}
	if _, err := object.Merge(append(implied, veth("b", "c", "two"))); err == nil || !strings.Contains(err.Error(), "/m:one") || !strings.Contains(err.Error(), "/m:two") {
		t.Errorf("got %v", err)
	}
	existing := object.NewClaim(&object.Link{Name: "a", Kind: object.Veth, Peer: "b"}, at("one"), object.Up)
	if existing.Implied() != nil {
		t.Error("a link that is not to be created implies nothing")
	}
}

func TestSameHops(t *testing.T) {
	via := func(s, link string, weight uint16) object.NextHop {
		return object.NextHop{Via: netip.MustParseAddr(s), Link: link, Weight: weight}
	}
	a, b := via("192.0.2.1", "p", 0), via("192.0.2.2", "q", 3)
	for _, c := range []struct {
		x, y []object.NextHop
		want bool
	}{
		{nil, nil, true},
		{[]object.NextHop{a, b}, []object.NextHop{b, a}, true},
		{[]object.NextHop{a}, []object.NextHop{via("192.0.2.1", "p", 1)}, true},
		{[]object.NextHop{a}, []object.NextHop{via("192.0.2.1", "p", 2)}, false},
		{[]object.NextHop{a}, []object.NextHop{via("192.0.2.1", "q", 0)}, false},
		{[]object.NextHop{a}, []object.NextHop{a, b}, false},
	} {
		if got := object.SameHops(c.x, c.y); got != c.want {
			t.Errorf("%s and %s: %t", object.HopsText(c.x), object.HopsText(c.y), got)
		}
	}
}

func TestParseMAC(t *testing.T) {
	for text, want := range map[string]string{
		"02:00:5e:10:00:FF": "02:00:5e:10:00:ff", "00:00:00:00:00:00": "00:00:00:00:00:00",
		"02-00-5e-10-00-ff": "", "02:00:5e:10:00": "", "02:00:5e:10:00:fg": "", "02:00:5e:10:00:ff:00": "", "": "",
	} {
		m, err := object.ParseMAC(text)
		if (err == nil) != (want != "") || err == nil && m.String() != want {
			t.Errorf("%q: %s, %v", text, m, err)
		}
	}
}

// What was observed has a kind, what is said of it a type.
func TestType(t *testing.T) {
	for _, c := range []struct {
		kind object.LinkKind
		said object.LinkType
		same bool
	}{
		{object.Ethernet, object.EthernetType, true},
		{object.Veth, object.EthernetType, true},
		{object.Veth, object.BridgeType, false},
		{object.Bridge, object.EthernetType, true},
		{object.Bridge, object.TunnelType, false},
		{object.GRE, object.EthernetType, false},
		{object.VXLAN, object.TunnelType, true},
		{object.VXLAN, object.EthernetType, true},
		{object.Loopback, object.LoopbackType, true},
		{object.Loopback, object.EthernetType, true},
		{object.Loopback, object.OtherType, false},
		{object.Other, object.TunnelType, true},
		{object.Other, object.EthernetType, false},
	} {
		seen, said := &object.Link{Name: "x", Kind: c.kind}, &object.Link{Name: "x", Type: c.said}
		if object.Same(seen, said, object.TypeAttr) != c.same || object.Same(said, seen, object.TypeAttr) != c.same {
			t.Errorf("a %s of type %s: want %t", c.kind, c.said, c.same)
		}
		if !object.Same(seen, object.With(seen, &object.Link{Name: "x"}, object.TypeAttr), object.TypeAttr) {
			t.Errorf("a %s of which nothing is said differs from itself", c.kind)
		}
	}
}

// Each attribute of each kind of object is compared and copied by its own field.
func TestAttributes(t *testing.T) {
	full := map[object.Kind]object.Object{
		object.KindLink: &object.Link{Name: "x", Kind: object.Tap, Up: true, MTU: 1, MAC: object.MACAddr{1}, Description: "d", Master: "m", Peer: "p",
			Parent: "q", MacvlanMode: object.MacvlanVEPA, VNI: 2, Local: netip.MustParseAddr("192.0.2.1"), Remote: netip.MustParseAddr("192.0.2.2"),
			Port: 3, TTL: 4, Learning: true, STP: true, AgeingTime: 5, ForwardDelay: 6, VLANFilter: true, MultiQueue: true, Owner: 7, Group: 8,
			Type: object.BridgeType, Lender: "l", Key: 9, HostLink: "h", VLANID: 10, Socket: "s", MemifID: 11, MemifRole: object.MemifClient,
			MemifMode: object.MemifIP, RingSize: 12, BufferSize: 13},
		object.KindAddress:  &object.Address{PrefixLength: 1},
		object.KindNeighbor: &object.Neighbor{MAC: object.MACAddr{1}},
		object.KindRoute:    &object.Route{Type: object.Blackhole, NextHops: []object.NextHop{{Link: "x"}}},
		object.KindSetting:  &object.Setting{Value: 1},
	}
	blank := map[object.Kind]object.Object{
		object.KindLink: &object.Link{Name: "x"}, object.KindAddress: &object.Address{}, object.KindNeighbor: &object.Neighbor{},
		object.KindRoute: &object.Route{}, object.KindSetting: &object.Setting{},
	}
	for kind, o := range full {
		for _, a := range object.Attrs(o) {
			if object.Same(o, blank[kind], a) {
				t.Errorf("%s %s: no difference seen", kind, a)
			}
			got := object.With(blank[kind], o, a)
			for _, other := range object.Attrs(o) {
				if object.Same(got, o, other) != (other == a) {
					t.Errorf("%s: copying %s has done something to %s", kind, a, other)
				}
			}
			if object.Text(o, a) == "" {
				t.Errorf("%s %s has no text", kind, a)
			}
		}
	}
}

// A route goes with its only link and with its VRF; another hop keeps it.
func TestSurvives(t *testing.T) {
	one := &object.Route{Table: "red", NextHops: []object.NextHop{{Link: "a"}}}
	two := &object.Route{Table: "red", NextHops: []object.NextHop{{Link: "a"}, {Link: "b"}}}
	if got := slices.Collect(object.Links(two)); !slices.Equal(got, []string{"a", "b", "red"}) {
		t.Errorf("it needs %v", got)
	}
	if one.Survives("a") || two.Survives("red") || !two.Survives("a") {
		t.Errorf("a of one %v, red of two %v, a of two %v", one.Survives("a"), two.Survives("red"), two.Survives("a"))
	}
}
