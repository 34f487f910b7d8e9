package ietf_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/outrigger-cnf/outrigger/gen"
	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/ietf"
	"github.com/outrigger-cnf/outrigger/southbound/modeltest"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

func screen(t *testing.T) (*ietf.Model, *modeltest.Screen) {
	t.Helper()
	s := gen.Schema()
	m, err := ietf.New(s)
	if err != nil {
		t.Fatal(err)
	}
	return m, modeltest.NewScreen(t, s, m)
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", "state", name+".json")
	got += "\n"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is\n%swant\n%s", name, got, want)
	}
}

// Each kind of object, and that nothing of it is left when it goes.
func TestState(t *testing.T) {
	down := modeltest.Link("eth0", object.Ethernet)
	down.Up, down.Oper, down.Description = false, object.OperLowerLayerDown, ""
	failed := modeltest.Neighbor("eth0", "192.0.2.3")
	failed.Status, failed.MAC = object.NeighborFailed, object.MACAddr{}
	for _, tt := range []struct {
		name string
		show []object.State
	}{
		{"ethernet", []object.State{modeltest.Link("eth0", object.Ethernet)}},
		{"ethernet-down", []object.State{down}},
		{"loopback", []object.State{modeltest.Link("lo", object.Loopback)}},
		{"bridge", []object.State{modeltest.Link("br0", object.Bridge)}},
		{"absent", []object.State{modeltest.Pending("net1"), modeltest.Absent(&object.Link{Name: "net2"}), modeltest.Absent(&object.Link{Name: "eth0.100", Kind: object.VLAN, Up: true}), modeltest.Absent(&object.Link{Name: "red", Kind: object.VRF})}},
		{"vlan", []object.State{modeltest.Link("eth0.100", object.VLAN), modeltest.Address("eth0.100", "192.0.2.1/24")}},
		{"gre", []object.State{modeltest.Link("g0", object.GRE)}},
		{"memif", []object.State{modeltest.Link("m0", object.Memif)}},
		{"vrf", []object.State{modeltest.Link("red", object.VRF), modeltest.Address("red", "127.0.0.1/8")}},
		{"address", []object.State{modeltest.Link("eth0", object.Ethernet), modeltest.Address("eth0", "192.0.2.1/24"), modeltest.Address("eth0", "2001:db8::1/64")}},
		{"neighbor", []object.State{modeltest.Link("eth0", object.Ethernet), modeltest.Neighbor("eth0", "192.0.2.2"), modeltest.Neighbor("eth0", "fe80::2"), failed}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, s := screen(t)
			s.Show(tt.show...)
			golden(t, tt.name, s.JSON("/"))
			s.Show(tt.show...)
			golden(t, tt.name, s.JSON("/"))
			for _, order := range []string{"link first", "link last"} {
				s.Show(tt.show...)
				hide := slices.Clone(tt.show)
				if order == "link last" {
					slices.Reverse(hide)
				}
				s.Hide(hide...)
				if left := s.JSON("/"); left != "{}" {
					t.Errorf("%s: what is gone has left\n%s", order, left)
				}
			}
		})
	}
}

func TestSettings(t *testing.T) {
	_, s := screen(t)
	s.Show(
		modeltest.Setting(object.Forwarding, object.IPv4, "", 1), // has no place here
		modeltest.Setting(object.Forwarding, object.IPv4, "eth0", 1),
		modeltest.Link("eth0", object.Ethernet),
		modeltest.Setting(object.Forwarding, object.IPv6, "eth0", 0),
		modeltest.Setting(object.ProtocolEnabled, object.IPv6, "eth0", 1),
		modeltest.Setting(object.ProtocolMTU, object.IPv6, "eth0", 1280),
	)
	golden(t, "settings", s.JSON("/ietf-interfaces:interfaces/interface[name='eth0']/ietf-ip:ipv4")+"\n"+
		s.JSON("/ietf-interfaces:interfaces/interface[name='eth0']/ietf-ip:ipv6"))
	s.Show(modeltest.Setting(object.ProtocolEnabled, object.IPv6, "eth0", 0))
	if got := s.JSON("/ietf-interfaces:interfaces/interface[name='eth0']/ietf-ip:ipv6/enabled"); got != "false" {
		t.Errorf("ipv6/enabled is %s", got)
	}
	s.Hide(modeltest.Link("eth0", object.Ethernet))
	if left := s.JSON("/"); left != "{}" {
		t.Errorf("left:\n%s", left)
	}
}

// What a change ends is gone: leaf by leaf, since state stands beside
// configuration.
func TestLinkChanges(t *testing.T) {
	_, s := screen(t)
	_, want := screen(t)
	bare := modeltest.Link("x", object.Loopback)
	bare.Description = ""
	s.Show(modeltest.Link("x", object.Ethernet), bare)
	want.Show(bare)
	if got, want := s.JSON("/"), want.JSON("/"); got != want {
		t.Errorf("after the change there is\n%s\nwant what there is without it\n%s", got, want)
	}
}

// Counters that are read again say nothing else, and 32 bits wrap.
func TestCounters(t *testing.T) {
	m, s := screen(t)
	link := modeltest.Link("eth0", object.Ethernet)
	s.Show(link)
	now := *link
	now.Counters.InOctets, now.Counters.InErrors = 1<<50, 1<<32+5
	s.Publish(m.Counters(modeltest.Read(&now)))
	const statistics = "/ietf-interfaces:interfaces/interface[name='eth0']/statistics"
	const at = statistics + "/"
	for leaf, want := range map[string]string{
		"in-octets": `"1125899906842624"`, "in-errors": "5", "discontinuity-time": `"2026-01-02T03:04:05.6+00:00"`,
	} {
		if got := s.JSON(at + leaf); got != want {
			t.Errorf("%s is %s, want %s", leaf, got, want)
		}
	}
	again, whole := modeltest.NewScreen(t, s.Tree().Schema(), m), s.JSON("/")
	if again.Show(&now); again.JSON("/") != whole {
		t.Errorf("after a reading there is\n%s\nwant\n%s", whole, again.JSON("/"))
	}
	// What the dataplane does not keep is not there: a zero would be a count.
	lacking := now
	lacking.Counters.Absent = object.CountInErrors | object.CountOutErrors | object.CountInDiscards | object.CountOutDiscards |
		object.CountInMulticast | object.CountInNoHandler
	s.Publish(m.Counters(modeltest.Read(&lacking)))
	const kept = `{
  "discontinuity-time": "2026-01-02T03:04:05.6+00:00",
  "in-octets": "1125899906842624",
  "out-octets": "1099511627776"
}`
	if got := s.JSON(statistics); got != kept {
		t.Errorf("of what is not kept there is %s, want %s", got, kept)
	}
	for path, want := range map[string]string{
		"/": "", "/ietf-interfaces:interfaces": "", "/ietf-interfaces:interfaces/interface[name='eth0']": "eth0", at + "in-octets": "eth0",
	} {
		p, _, err := s.Tree().Schema().Resolve(path)
		if err != nil {
			t.Fatal(err)
		}
		if of, ok := m.CountersBelow(p); !ok || of != (southbound.Counted{Link: want}) {
			t.Errorf("%s: %+v, %v", path, of, ok)
		}
	}
}

func TestUnspeakable(t *testing.T) {
	m, s := screen(t)
	link := modeltest.Link("a\x01", object.Ethernet)
	s.Publish(m.Counters(modeltest.Read(link)))
	s.Show(link, modeltest.Address("a\x01", "192.0.2.1/24"), modeltest.Neighbor("a\x01", "192.0.2.2"))
	s.Publish(m.Counters(modeltest.Read(link)))
	s.Hide(link)
	if got := s.JSON("/"); got != "{}" {
		t.Errorf("shown:\n%s", got)
	}
	s.Show(modeltest.Route("198.51.100.0/24", 0, modeltest.Hop("192.0.2.2", "a\x01")))
	s.Tables()
	golden(t, "route-by-unspeakable", s.JSON("/ietf-routing:routing/ribs/rib[name='ipv4']"))
}

// The RIBs have all routes of the families and types that RFC 8349 knows, each
// with its next hops, and the best of a prefix is active. They come when asked for.
func TestTables(t *testing.T) {
	m, s := screen(t)
	kind := func(prefix string, to object.ForwardType, by object.RouteProtocol) *object.RouteState {
		r := modeltest.Route(prefix, 0, modeltest.Hop("", "eth0"))
		r.Type, r.Protocol = to, by
		return r
	}
	dead := modeltest.Route("198.51.100.0/24", 5, modeltest.Hop("192.0.2.9", "eth1"))
	dead.Dead = true
	other := modeltest.Route("198.51.100.0/24", 1, modeltest.Hop("192.0.2.9", "eth1"))
	other.Table = "blue"
	s.Show(
		modeltest.Route("198.51.100.0/24", 20, modeltest.Hop("192.0.2.3", "")), dead, other,
		modeltest.Route("198.51.100.0/24", 10, modeltest.Hop("192.0.2.2", "eth0"), modeltest.Hop("", "eth1")),
		modeltest.Route("198.51.100.0/25", 10, modeltest.Hop("192.0.2.2", "eth0")),
		modeltest.Route("0.0.0.0/0", 0, modeltest.Hop("192.0.2.2", "eth0")),
		modeltest.Route("2001:db8:1::/48", 1024, modeltest.Hop("fe80::2", "eth0")),
		modeltest.Route("2001:db8:2::/48", 1024, modeltest.Hop("2001:db8::2", ""), modeltest.Hop("2001:db8::3", "")),
		kind("192.0.2.0/24", object.Unicast, object.ProtocolDirect),
		kind("192.0.2.1/32", object.LocalDelivery, object.ProtocolDirect),
		kind("192.0.2.255/32", object.Broadcast, object.ProtocolDirect),
		kind("203.0.113.0/24", object.Blackhole, object.ProtocolStatic),
		kind("203.0.113.0/25", object.Unreachable, object.ProtocolBGP),
		kind("203.0.113.0/26", object.Prohibit, object.ProtocolOther),
		kind("2001:db8::/64", object.Unicast, object.ProtocolRA),
	)
	if got := s.JSON("/"); got != "{}" {
		t.Errorf("routes are shown unasked:\n%s", got)
	}
	s.Tables()
	golden(t, "ribs", s.JSON("/ietf-routing:routing/ribs"))
	s.Hide(modeltest.Route("198.51.100.0/24", 10))
	s.Tables()
	golden(t, "ribs-later", s.JSON("/ietf-routing:routing/ribs"))
	for path, want := range map[string]bool{
		"/": true, "/ietf-routing:routing": true, "/ietf-routing:routing/ribs/rib[name='ipv4']/routes": true,
		"/ietf-routing:routing/control-plane-protocols": false, "/ietf-interfaces:interfaces": false,
	} {
		p, _, err := s.Tree().Schema().Resolve(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := m.TablesBelow(p); got != want {
			t.Errorf("tables below %s: %v", path, got)
		}
	}
}

func BenchmarkTables(b *testing.B) {
	m, err := ietf.New(gen.Schema())
	if err != nil {
		b.Fatal(err)
	}
	routes := make([]*object.RouteState, 0, 10000)
	for i := range cap(routes) {
		routes = append(routes, modeltest.Route(fmt.Sprintf("10.%d.%d.0/24", i>>8, i&255), 0, modeltest.Hop("192.0.2.2", "eth0")))
	}
	b.ReportAllocs()
	for b.Loop() {
		m.Tables(routes)
	}
}
