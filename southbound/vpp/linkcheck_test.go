package vpp_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
	"github.com/outrigger-cnf/outrigger/southbound/vpp"
)

// offline is a backend that has not got a VPP: checking needs none.
func offline(t *testing.T) *vpp.Backend {
	t.Helper()
	dir := t.TempDir()
	b, err := vpp.New(vpp.Config{Socket: dir + "/api.sock", Stats: dir + "/stats.sock"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func TestCheckLink(t *testing.T) {
	b := offline(t)
	kind := object.LinkKindAttr
	vx := object.Link{Name: "vx", Kind: object.VXLAN, VNI: 1, Local: addr("192.0.2.1"), Remote: addr("192.0.2.2")}
	mem := object.Link{Name: "mem", Kind: object.Memif, Socket: "/run/m.sock"}
	for _, c := range []struct {
		name  string
		base  object.Link
		with  func(*object.Link)
		attrs []object.Attr
		wrong object.Attr
		says  string // empty: it is possible
	}{
		{name: "an existing link", base: object.Link{Name: "GigabitEthernet0/8/0", Up: true}, attrs: []object.Attr{object.Up}},
		{name: "no name", base: object.Link{}, says: "1 to 63 characters"},
		{name: "a long name", base: object.Link{Name: strings.Repeat("x", 64)}, says: "1 to 63 characters"},
		{name: "the longest name", base: object.Link{Name: strings.Repeat("x", 63)}},
		{name: "a name with a space", base: object.Link{Name: "a b"}, says: "visible ASCII"},
		{name: "a name of other letters", base: object.Link{Name: "löp"}, says: "visible ASCII"},
		{name: "veth", base: object.Link{Name: "v", Kind: object.Veth, Peer: "w"}, attrs: []object.Attr{kind}, wrong: kind, says: "no links of kind veth"},
		{name: "macvlan", base: object.Link{Name: "v", Kind: object.Macvlan, Parent: "w"}, attrs: []object.Attr{kind}, wrong: kind, says: "no links of kind macvlan"},
		{name: "MTU too small", base: object.Link{Name: "l", MTU: 67}, attrs: []object.Attr{object.MTU}, wrong: object.MTU, says: "68 to 65535"},
		{name: "MTU too great", base: object.Link{Name: "l", MTU: 65536}, attrs: []object.Attr{object.MTU}, wrong: object.MTU, says: "68 to 65535"},
		{name: "the MAC address of a group", base: object.Link{Name: "l", MAC: object.MACAddr{1}}, attrs: []object.Attr{object.MACAttr}, wrong: object.MACAttr, says: "even"},
		{name: "no MAC address", base: object.Link{Name: "l"}, attrs: []object.Attr{object.MACAttr}, wrong: object.MACAttr, says: "no address"},
		{name: "the MAC address of a VLAN", base: object.Link{Name: "l.1", Kind: object.VLAN, Parent: "l", VLANID: 1, MAC: object.MACAddr{2}}, attrs: []object.Attr{kind, object.MACAttr}, wrong: object.MACAttr, says: "parent"},
		{name: "a VLAN", base: object.Link{Name: "l.1", Kind: object.VLAN, Parent: "l", VLANID: 4094}, attrs: []object.Attr{kind}},
		{name: "a VLAN of another name", base: object.Link{Name: "vlan1", Kind: object.VLAN, Parent: "l", VLANID: 1}, attrs: []object.Attr{kind}, says: "l.N"},
		{name: "a VLAN with a zero before its number", base: object.Link{Name: "l.01", Kind: object.VLAN, Parent: "l", VLANID: 1}, attrs: []object.Attr{kind}, says: "l.N"},
		{name: "a VLAN of no number", base: object.Link{Name: "l.1", Kind: object.VLAN, Parent: "l"}, attrs: []object.Attr{kind}, wrong: object.VLANID, says: "1 to 4094"},
		{name: "a VLAN of no link", base: object.Link{Name: "l.1", Kind: object.VLAN, VLANID: 1}, attrs: []object.Attr{kind}, wrong: object.Parent, says: "needs a parent"},
		{name: "a description that fits", base: object.Link{Name: "l", Kind: object.Loopback, Description: strings.Repeat("d", 53)}, attrs: []object.Attr{kind, object.Description}},
		{name: "a description that does not", base: object.Link{Name: "l", Kind: object.Loopback, Description: strings.Repeat("d", 54)}, attrs: []object.Attr{kind, object.Description}, wrong: object.Description, says: "54 octets, VPP has room for 53"},
		{name: "of an existing link", base: object.Link{Name: "l", Description: strings.Repeat("d", 63)}, attrs: []object.Attr{object.Description}},
		{name: "of an existing link that does not fit", base: object.Link{Name: "l", Description: strings.Repeat("d", 64)}, attrs: []object.Attr{object.Description}, wrong: object.Description, says: "room for 63"},
		{name: "a description that poses as a mark", base: object.Link{Name: "l", Description: "outrigger:x"}, attrs: []object.Attr{object.Description}, wrong: object.Description, says: "must not begin"},
		{name: "of a memif with sizes", base: mem, with: func(l *object.Link) { l.RingSize, l.BufferSize, l.Description = 2048, 2048, strings.Repeat("d", 47) }, attrs: []object.Attr{kind, object.RingSize, object.BufferSize, object.Description}, wrong: object.Description, says: "room for 46"},
		{name: "of a memif with the usual sizes", base: mem, with: func(l *object.Link) { l.RingSize, l.BufferSize, l.Description = 1024, 2048, strings.Repeat("d", 53) }, attrs: []object.Attr{kind, object.RingSize, object.BufferSize, object.Description}},
		{name: "STP", base: object.Link{Name: "b", Kind: object.Bridge, STP: true}, attrs: []object.Attr{kind, object.STP}, wrong: object.STP, says: "no spanning tree"},
		{name: "no STP", base: object.Link{Name: "b", Kind: object.Bridge}, attrs: []object.Attr{kind, object.STP, object.VLANFilter, object.ForwardDelay}},
		{name: "a forward delay", base: object.Link{Name: "b", Kind: object.Bridge, ForwardDelay: 2}, attrs: []object.Attr{kind, object.ForwardDelay}, wrong: object.ForwardDelay, says: "forward at once"},
		{name: "VLAN filtering", base: object.Link{Name: "b", Kind: object.Bridge, VLANFilter: true}, attrs: []object.Attr{kind, object.VLANFilter}, wrong: object.VLANFilter, says: "subinterfaces"},
		{name: "ageing in seconds", base: object.Link{Name: "b", Kind: object.Bridge, AgeingTime: 90}, attrs: []object.Attr{kind, object.AgeingTime}, wrong: object.AgeingTime, says: "120 s is possible"},
		{name: "ageing for long", base: object.Link{Name: "b", Kind: object.Bridge, AgeingTime: 15360}, attrs: []object.Attr{kind, object.AgeingTime}, wrong: object.AgeingTime, says: "15300 s is possible"},
		{name: "ageing in minutes", base: object.Link{Name: "b", Kind: object.Bridge, AgeingTime: 15300}, attrs: []object.Attr{kind, object.AgeingTime}},
		{name: "a bridge of a long name", base: object.Link{Name: strings.Repeat("b", 54), Kind: object.Bridge}, attrs: []object.Attr{kind}, says: "at most 53"},
		{name: "a tap with an owner", base: object.Link{Name: "t", Kind: object.Tap}, attrs: []object.Attr{kind, object.Owner}, wrong: object.Owner, says: "no owner"},
		{name: "a tap with a group", base: object.Link{Name: "t", Kind: object.Tap}, attrs: []object.Attr{kind, object.Group}, wrong: object.Group, says: "no group"},
		{name: "a tap with many queues", base: object.Link{Name: "t", Kind: object.Tap, MultiQueue: true}, attrs: []object.Attr{kind, object.MultiQueue}, wrong: object.MultiQueue, says: "no queues apart"},
		{name: "a tap that lends its name", base: object.Link{Name: "0123456789abcdef", Kind: object.Tap}, attrs: []object.Attr{kind}, wrong: object.HostLink, says: "1 to 15"},
		{name: "a tap with a name of its own", base: object.Link{Name: "0123456789abcdef", Kind: object.Tap, HostLink: "t0"}, attrs: []object.Attr{kind, object.HostLink}},
		{name: "a tap whose kernel end the kernel would number", base: object.Link{Name: "t", Kind: object.Tap, HostLink: "t%d"}, attrs: []object.Attr{kind, object.HostLink}, wrong: object.HostLink, says: "percent"},
		{name: "an af-packet on nothing", base: object.Link{Name: "a", Kind: object.AFPacket}, attrs: []object.Attr{kind}, wrong: object.HostLink, says: "1 to 15"},
		{name: "a memif", base: mem, attrs: []object.Attr{kind}},
		{name: "a memif with an abstract socket", base: mem, with: func(l *object.Link) { l.Socket = "@m" }, attrs: []object.Attr{kind}},
		{name: "a memif without a socket", base: mem, with: func(l *object.Link) { l.Socket = "" }, attrs: []object.Attr{kind}, wrong: object.Socket, says: "path"},
		{name: "a memif with a relative one", base: mem, with: func(l *object.Link) { l.Socket = "m.sock" }, attrs: []object.Attr{kind}, wrong: object.Socket, says: "root"},
		{name: "a memif with a long one", base: mem, with: func(l *object.Link) { l.Socket = "/" + strings.Repeat("m", 107) }, attrs: []object.Attr{kind}, wrong: object.Socket, says: "at most 107"},
		{name: "a ring of three", base: mem, with: func(l *object.Link) { l.RingSize = 3 }, attrs: []object.Attr{kind, object.RingSize}, wrong: object.RingSize, says: "power of two"},
		{name: "a ring of too many", base: mem, with: func(l *object.Link) { l.RingSize = 1 << 15 }, attrs: []object.Attr{kind, object.RingSize}, wrong: object.RingSize, says: "16384"},
		{name: "buffers of nothing", base: mem, attrs: []object.Attr{kind, object.BufferSize}, wrong: object.BufferSize, says: "at least one"},
		{name: "a memif of no role", base: mem, attrs: []object.Attr{kind, object.MemifRoleAttr}, wrong: object.MemifRoleAttr, says: "server or client"},
		{name: "a memif of IP with a MAC address", base: mem, with: func(l *object.Link) { l.MemifMode, l.MAC = object.MemifIP, object.MACAddr{2} }, attrs: []object.Attr{kind, object.MemifModeAttr, object.MACAttr}, wrong: object.MACAttr, says: "no MAC"},
		{name: "a VXLAN", base: vx, attrs: []object.Attr{kind}},
		{name: "a VXLAN to nowhere", base: vx, with: func(l *object.Link) { l.Remote = addr("::") }, attrs: []object.Attr{kind}, wrong: object.Remote, says: "other end"},
		{name: "a VXLAN from nowhere", base: vx, with: func(l *object.Link) { l.Local = addr("224.0.0.1") }, attrs: []object.Attr{kind}, wrong: object.Local, says: "sends from"},
		{name: "a VXLAN of two families", base: vx, with: func(l *object.Link) { l.Remote = addr("2001:db8::1") }, attrs: []object.Attr{kind}, wrong: object.Remote, says: "two families"},
		{name: "a VXLAN to itself", base: vx, with: func(l *object.Link) { l.Remote = l.Local }, attrs: []object.Attr{kind}, wrong: object.Remote, says: "both ends"},
		{name: "a VXLAN of no number", base: vx, with: func(l *object.Link) { l.VNI = 0 }, attrs: []object.Attr{kind}, wrong: object.VNI, says: "1 to 16777215"},
		{name: "a VXLAN by a link", base: vx, with: func(l *object.Link) { l.Parent = "eth" }, attrs: []object.Attr{kind}, wrong: object.Parent, says: "only for a group"},
		{name: "a VXLAN to a group", base: vx, with: func(l *object.Link) { l.Remote = addr("239.0.0.1") }, attrs: []object.Attr{kind}, wrong: object.Parent, says: "is a group"},
		{name: "a VXLAN with a TTL", base: vx, with: func(l *object.Link) { l.TTL = 9 }, attrs: []object.Attr{kind, object.TTL}, wrong: object.TTL, says: "leave it out"},
		{name: "a VXLAN that does not learn", base: vx, attrs: []object.Attr{kind, object.Learning}, wrong: object.Learning, says: "true"},
		{name: "a GRE to a group", base: object.Link{Name: "g", Kind: object.GRE, Local: addr("192.0.2.1"), Remote: addr("239.0.0.1")}, attrs: []object.Attr{kind}, wrong: object.Remote, says: "group"},
		{name: "a GRE with a MAC address", base: object.Link{Name: "g", Kind: object.GRE, Local: addr("192.0.2.1"), Remote: addr("192.0.2.2"), MAC: object.MACAddr{2}}, attrs: []object.Attr{kind, object.MACAttr}, wrong: object.MACAttr, says: "no MAC"},
		{name: "an IPIP with a TTL", base: object.Link{Name: "g", Kind: object.IPIP, Local: addr("192.0.2.1"), Remote: addr("192.0.2.2"), TTL: 1}, attrs: []object.Attr{kind, object.TTL}, wrong: object.TTL, says: "leave it out"},
		{name: "its own master", base: object.Link{Name: "l", Master: "l"}, attrs: []object.Attr{object.Master}, wrong: object.Master, says: "own master"},
		{name: "its own lender", base: object.Link{Name: "l", Lender: "l"}, attrs: []object.Attr{object.Lender}, wrong: object.Lender, says: "itself"},
		{name: "a VRF", base: object.Link{Name: "red", Kind: object.VRF}, attrs: []object.Attr{kind}},
		{name: "a VRF with an MTU", base: object.Link{Name: "red", Kind: object.VRF, MTU: 1500}, attrs: []object.Attr{kind, object.MTU}, wrong: object.MTU, says: "no interface"},
		{name: "a VRF that is down", base: object.Link{Name: "red", Kind: object.VRF}, attrs: []object.Attr{kind, object.Up}, wrong: object.Up, says: "always up"},
	} {
		l := c.base
		if c.with != nil {
			c.with(&l)
		}
		claim := object.NewClaim(&l, nil, c.attrs...)
		err := b.Check(&claim)
		if c.says == "" {
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		var at *southbound.AttrError
		if !errors.As(err, &at) || at.Attr != c.wrong || !strings.Contains(at.Reason, c.says) {
			t.Errorf("%s: got %v, want %q with %q", c.name, err, c.wrong, c.says)
		}
	}
}

// What a new link has by default is what VPP and this backend give it.
func TestLinkDefaults(t *testing.T) {
	b := offline(t)
	have := &object.Link{Name: "l", Kind: object.Bridge, MAC: object.MACAddr{2}, MTU: 1400, Description: "d", Master: "m", AgeingTime: 60}
	for _, a := range []object.Attr{object.MTU, object.Description, object.Master, object.AgeingTime} {
		o, ok := b.Default(have, a)
		if !ok {
			t.Errorf("%s has no default", a)
			continue
		}
		want := object.Link{MTU: 9000, AgeingTime: 300}
		if !object.Same(o, &want, a) {
			t.Errorf("%s: %s", a, object.Text(o, a))
		}
	}
	for _, a := range []object.Attr{object.Up, object.VNI} {
		if o, ok := b.Default(have, a); ok {
			t.Errorf("%s has the default %s", a, object.Text(o, a))
		}
	}
	if _, ok := b.Default(&object.Link{Name: "eth", Kind: object.Ethernet, MTU: 1500}, object.MTU); ok {
		t.Error("the MTU of a device is not known")
	}
}

func TestLinkChanges(t *testing.T) {
	b := offline(t)
	l := &object.Link{Name: "l"}
	for _, a := range object.Attrs(l) {
		want := plan.BreakBeforeMake
		switch a {
		case object.Up, object.MTU, object.MACAttr, object.Description, object.Master, object.Lender, object.AgeingTime, object.TypeAttr:
			want = plan.InPlace
		}
		if got := b.Change(l, l, a); got != want {
			t.Errorf("%s: %d, want %d", a, got, want)
		}
	}
}

// Two links that VPP cannot have at once share a key, and others do not.
func TestExclusiveLinks(t *testing.T) {
	b := offline(t)
	seen := make(map[string]string)
	list := append(made("/run"), &object.Link{Name: "ap", Kind: object.AFPacket, HostLink: "eth0"}, &object.Link{Name: "eth1", Kind: object.Tap},
		&object.Link{Name: "vx4b", Kind: object.VXLAN, VNI: 42, Local: addr("192.0.2.1"), Remote: addr("192.0.2.3")})
	for _, l := range list {
		key := b.Exclusive(l)
		if key == "" {
			if l.Kind != object.Loopback && l.Kind != object.Bridge {
				t.Errorf("%s has no key", l.Name)
			}
			continue
		}
		if other := seen[key]; other != "" {
			t.Errorf("%s and %s share %q", l.Name, other, key)
		}
		seen[key] = l.Name
		again := *l
		again.Name, again.Description = "another", "of the same"
		if l.Kind != object.Tap && b.Exclusive(&again) != key {
			t.Errorf("%s: %q by another name", key, b.Exclusive(&again))
		}
	}
}
