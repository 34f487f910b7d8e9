package openconfig_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/outrigger-cnf/outrigger/gen"
	"github.com/outrigger-cnf/outrigger/gen/oc"
	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/modeltest"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/openconfig"
	"github.com/outrigger-cnf/outrigger/southbound/view"
)

func screen(t *testing.T) *modeltest.Screen {
	t.Helper()
	s := gen.Schema()
	m, err := openconfig.New(s)
	if err != nil {
		t.Fatal(err)
	}
	return modeltest.NewScreen(t, s, m)
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
	dead := modeltest.Route("198.51.100.0/24", 0, modeltest.Hop("192.0.2.9", "eth0"))
	dead.Dead = true
	bgp6 := modeltest.Route("2001:db8:1::/48", 20, modeltest.Hop("fe80::2", "eth0"))
	bgp6.Protocol = object.ProtocolOSPF
	drop := modeltest.Route("203.0.113.0/24", 0)
	drop.Type = object.Blackhole
	local := modeltest.Route("192.0.2.1/32", 0, modeltest.Hop("", "eth0"))
	local.Type = object.LocalDelivery
	down := modeltest.Link("eth0", object.Ethernet)
	down.Up, down.Oper, down.Master = false, object.OperDown, ""
	tentative := modeltest.Address("eth0", "fe80::1/64")
	tentative.Origin, tentative.Status = object.OriginLinkLayer, object.AddressTentative
	member := modeltest.Link("v0", object.Veth)
	member.Master = "red"
	borrower := modeltest.Link("m0", object.Macvlan)
	borrower.Lender = "eth0"
	named := modeltest.Link("tenants", object.VLAN)
	port := modeltest.Link("eth0.100", object.VLAN)
	port.Master = "br0"
	nested := modeltest.Link("eth0.100.5", object.VLAN)
	nested.Parent = "eth0.100"
	far := modeltest.Link("t0", object.Tap)
	far.Owner, far.Group, far.MultiQueue, far.HostLink = 0, 0, false, "far0"
	failed := modeltest.Neighbor("eth0", "192.0.2.3")
	failed.Status, failed.MAC = object.NeighborFailed, object.MACAddr{}

	for _, tt := range []struct {
		name string
		show []object.State
	}{
		{"ethernet", []object.State{modeltest.Link("eth0", object.Ethernet)}},
		{"ethernet-down", []object.State{down}},
		{"loopback", []object.State{modeltest.Link("lo", object.Loopback)}},
		{"veth", []object.State{modeltest.Link("v0", object.Veth)}},
		{"bridge", []object.State{modeltest.Link("br0", object.Bridge)}},
		{"vxlan", []object.State{modeltest.Link("vx0", object.VXLAN)}},
		{"macvlan", []object.State{modeltest.Link("m0", object.Macvlan)}},
		{"tap", []object.State{modeltest.Link("t0", object.Tap)}},
		{"tap-of-vpp", []object.State{far}},
		{"gre", []object.State{modeltest.Link("g0", object.GRE)}},
		{"ipip", []object.State{modeltest.Link("i0", object.IPIP)}},
		{"memif", []object.State{modeltest.Link("m0", object.Memif)}},
		{"af-packet", []object.State{modeltest.Link("a0", object.AFPacket)}},
		{"vlan", []object.State{
			modeltest.Link("eth0.100", object.VLAN), modeltest.Address("eth0.100", "192.0.2.1/24"), modeltest.Neighbor("eth0.100", "fe80::2"),
			modeltest.Setting(object.Forwarding, object.IPv4, "eth0.100", 1),
			modeltest.Route("0.0.0.0/0", 0, modeltest.Hop("192.0.2.2", "eth0.100")),
		}},
		{"vlan-port", []object.State{port}},
		{"vlan-named-otherwise", []object.State{named, modeltest.Address("tenants", "192.0.2.1/24")}},
		{"vlan-of-vlan", []object.State{modeltest.Link("eth0.100", object.VLAN), nested, modeltest.Address("eth0.100.5", "192.0.2.1/24")}},
		{"address", []object.State{modeltest.Address("eth0", "192.0.2.1/24"), modeltest.Address("eth0", "2001:db8::1/64"), tentative}},
		{"neighbor", []object.State{modeltest.Neighbor("eth0", "192.0.2.2"), modeltest.Neighbor("eth0", "fe80::2"), failed}},
		{"route", []object.State{modeltest.Route("0.0.0.0/0", 0, modeltest.Hop("192.0.2.2", "eth0"))}},
		{"route-ecmp", []object.State{modeltest.Route("198.51.100.0/24", 0, modeltest.Hop("192.0.2.2", ""), modeltest.Hop("", "eth1"))}},
		{"route-best", []object.State{modeltest.Route("198.51.100.0/24", 20, modeltest.Hop("192.0.2.3", "eth0")), dead, modeltest.Route("198.51.100.0/24", 10, modeltest.Hop("192.0.2.2", "eth0"))}},
		{"route-ipv6", []object.State{bgp6}},
		{"route-drop", []object.State{drop}},
		{"route-local", []object.State{local}},
		{"absent", []object.State{modeltest.Pending("net1"), modeltest.Absent(&object.Link{Name: "net2"}), modeltest.Absent(&object.Link{Name: "eth0.100", Kind: object.VLAN, Up: true}), modeltest.Absent(&object.Link{Name: "red", Kind: object.VRF})}},
		{"vrf", []object.State{modeltest.Link("red", object.VRF), member, modeltest.Address("red", "127.0.0.1/8"), modeltest.InTable("red", modeltest.Route("198.51.100.0/24", 0, modeltest.Hop("192.0.2.2", "v0")))}},
		{"unnumbered", []object.State{modeltest.Link("eth0", object.Ethernet), borrower}},
		{"status", []object.State{modeltest.Pending("net1")}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := screen(t)
			s.Show(tt.show...)
			golden(t, tt.name, s.JSON("/"))
			s.Show(tt.show...)
			golden(t, tt.name, s.JSON("/"))
			s.Hide(tt.show...)
			if left := s.JSON("/"); left != "{}" {
				t.Errorf("what is gone has left\n%s", left)
			}
		})
	}
}

// Settings go with their link; those of the whole stay.
func TestSettings(t *testing.T) {
	s := screen(t)
	s.Show(
		modeltest.Setting(object.Forwarding, object.IPv4, "", 1),
		modeltest.Setting(object.Forwarding, object.IPv4, "eth0", 1), // before its link
		modeltest.Link("eth0", object.Ethernet),
		modeltest.Setting(object.ProtocolEnabled, object.IPv6, "eth0", 0),
		modeltest.Setting(object.ProtocolMTU, object.IPv6, "eth0", 1280),
	)
	golden(t, "settings", s.JSON("/openconfig-interfaces:interfaces/interface[name='eth0']/subinterfaces"))
	s.Hide(modeltest.Link("eth0", object.Ethernet))
	golden(t, "settings-global", s.JSON("/"))
}

// A change shows as a change, and what it ends is gone.
func TestChanges(t *testing.T) {
	const prefix = "198.51.100.0/24"
	hops := func(vias ...string) []object.NextHop {
		var list []object.NextHop
		for _, via := range vias {
			list = append(list, modeltest.Hop(via, "eth0"))
		}
		return list
	}
	dead := modeltest.Route(prefix, 0, hops("192.0.2.1")...)
	dead.Dead = true
	drop := modeltest.Route(prefix, 0)
	drop.Type = object.Blackhole
	borrower := modeltest.Link("m0", object.Macvlan)
	borrower.Lender = "eth0"
	elsewhere := modeltest.Link("eth0.7", object.VLAN)
	elsewhere.Parent = "eth1"
	noAddress := modeltest.Link("x", object.Ethernet)
	noAddress.MAC = object.MACAddr{}
	for _, tt := range []struct {
		name          string
		before, after []object.State
		hide          []object.State
	}{
		{name: "other hops", before: []object.State{modeltest.Route(prefix, 0, hops("192.0.2.1", "192.0.2.2")...)}, after: []object.State{modeltest.Route(prefix, 0, hops("192.0.2.2", "192.0.2.3")...)}},
		{name: "better route", before: []object.State{modeltest.Route(prefix, 20, hops("192.0.2.1")...)}, after: []object.State{modeltest.Route(prefix, 20, hops("192.0.2.1")...), modeltest.Route(prefix, 10, hops("192.0.2.2")...)}},
		{name: "better route gone", before: []object.State{modeltest.Route(prefix, 20, hops("192.0.2.1")...), modeltest.Route(prefix, 10, hops("192.0.2.2")...)}, hide: []object.State{modeltest.Route(prefix, 10)}, after: []object.State{modeltest.Route(prefix, 20, hops("192.0.2.1")...)}},
		{name: "worse route gone", before: []object.State{modeltest.Route(prefix, 20, hops("192.0.2.1")...), modeltest.Route(prefix, 10, hops("192.0.2.2")...)}, hide: []object.State{modeltest.Route(prefix, 20)}, after: []object.State{modeltest.Route(prefix, 10, hops("192.0.2.2")...)}},
		{name: "dead", before: []object.State{modeltest.Route(prefix, 0, hops("192.0.2.1")...)}, after: []object.State{dead}},
		{name: "alive", before: []object.State{dead}, after: []object.State{modeltest.Route(prefix, 0, hops("192.0.2.1")...)}},
		{name: "drop", before: []object.State{modeltest.Route(prefix, 0, hops("192.0.2.1")...)}, after: []object.State{drop}},
		{name: "link of another kind", before: []object.State{modeltest.Link("x", object.Veth)}, after: []object.State{modeltest.Link("x", object.Bridge)}},
		{name: "VRF that was a bridge", before: []object.State{modeltest.Link("x", object.Bridge)}, after: []object.State{modeltest.Link("x", object.VRF)}},
		{name: "bridge that was a VRF", before: []object.State{modeltest.Link("x", object.VRF)}, after: []object.State{modeltest.Link("x", object.Bridge)}},
		{name: "not unnumbered any more", before: []object.State{borrower}, after: []object.State{modeltest.Link("m0", object.Macvlan)}},
		{name: "interface that has come", before: []object.State{modeltest.Pending("x"), modeltest.Link("x", object.Ethernet)}, hide: []object.State{modeltest.Pending("x")}, after: []object.State{modeltest.Link("x", object.Ethernet)}},
		{name: "interface that has gone", before: []object.State{modeltest.Link("x", object.Ethernet), modeltest.Pending("x")}, hide: []object.State{modeltest.Link("x", object.Ethernet)}, after: []object.State{modeltest.Pending("x")}},
		{name: "VLAN of another parent",
			before: []object.State{modeltest.Link("eth0.7", object.VLAN), modeltest.Address("eth0.7", "192.0.2.1/24"), modeltest.Neighbor("eth0.7", "192.0.2.2")},
			after:  []object.State{elsewhere, modeltest.Address("eth0.7", "192.0.2.1/24"), modeltest.Neighbor("eth0.7", "192.0.2.2")}},
		{name: "subinterface that was an interface",
			before: []object.State{modeltest.Link("eth0.7", object.Tap), modeltest.Address("eth0.7", "2001:db8::1/64")},
			after:  []object.State{modeltest.Link("eth0.7", object.VLAN), modeltest.Address("eth0.7", "2001:db8::1/64")}},
		{name: "interface that was a subinterface", before: []object.State{modeltest.Link("eth0.7", object.VLAN)}, after: []object.State{modeltest.Link("eth0.7", object.GRE)}},
		{name: "VRF that was a subinterface", before: []object.State{modeltest.Link("eth0.7", object.VLAN)}, after: []object.State{modeltest.Link("eth0.7", object.VRF)}},
		{name: "no tunnel any more", before: []object.State{modeltest.Link("x", object.GRE)}, after: []object.State{modeltest.Link("x", object.Loopback)}},
		{name: "tunnel of another kind", before: []object.State{modeltest.Link("x", object.GRE)}, after: []object.State{modeltest.Link("x", object.IPIP)}},
		{name: "link not ours", before: []object.State{modeltest.Link("x", object.VXLAN)}, after: []object.State{modeltest.Link("x", object.Ethernet)}},
		{name: "no hardware address", before: []object.State{modeltest.Link("x", object.Ethernet)}, after: []object.State{noAddress}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, want := screen(t), screen(t)
			s.Show(tt.before...)
			s.Hide(tt.hide...)
			s.Show(tt.after...)
			want.Show(tt.after...)
			if got, want := s.JSON("/"), want.JSON("/"); got != want {
				t.Errorf("after the change there is\n%s\nwant what there is without it\n%s", got, want)
			}
			s.Hide(tt.after...)
			if left := s.JSON("/"); left != "{}" {
				t.Errorf("what is gone has left\n%s", left)
			}
		})
	}
}

// A status that has become in sync is no longer listed.
func TestStatusInSync(t *testing.T) {
	s := screen(t)
	s.Show(modeltest.Pending("net1"))
	good := modeltest.Pending("net1")
	good.Condition = object.InSync
	s.Show(good)
	if left := s.JSON("/"); left != "{}" {
		t.Errorf("there is still\n%s", left)
	}
}

// Counters that are read are what a link has of its own, all that the structs have a place
// for; a table has none.
func TestCountersOfKinds(t *testing.T) {
	s := screen(t)
	links := []*object.LinkState{
		modeltest.Link("eth0", object.Ethernet), modeltest.Link("eth0.100", object.VLAN), modeltest.Link("eth0.200", object.VLAN),
		modeltest.Link("tenants", object.VLAN), modeltest.Link("red", object.VRF),
	}
	var read []southbound.Reading
	for _, l := range links {
		bare := *l
		bare.Counters = object.Counters{}
		s.Show(&bare)
		read = append(read, modeltest.Read(l)...)
	}
	s.Publish(model(t, s).Counters(read))
	want := screen(t)
	for _, l := range links {
		want.Show(l)
	}
	if got, want := s.JSON("/"), want.JSON("/"); got != want {
		t.Errorf("after a reading there is\n%s\nwant\n%s", got, want)
	}
	for at, typed := range map[string]any{
		"/openconfig-interfaces:interfaces/interface[name='eth0']/state/counters":                                         &oc.OpenconfigInterfaces_Interfaces_Interface_State_Counters{},
		"/openconfig-interfaces:interfaces/interface[name='eth0']/subinterfaces/subinterface[index='100']/state/counters": &oc.OpenconfigInterfaces_Interfaces_Interface_Subinterfaces_Subinterface_State_Counters{},
	} {
		p, _, err := s.Tree().Schema().Resolve(at)
		if err != nil {
			t.Fatal(err)
		}
		if err := view.Fill(s.Tree().Node(p), typed); err != nil {
			t.Fatal(err)
		}
		for field := range reflect.ValueOf(typed).Elem().NumField() {
			if reflect.ValueOf(typed).Elem().Field(field).IsNil() {
				t.Errorf("%s: there is no %s", at, reflect.TypeOf(typed).Elem().Field(field).Name)
			}
		}
	}
}

// model is a model of the schema of a screen.
func model(t *testing.T, s *modeltest.Screen) *openconfig.Model {
	t.Helper()
	m, err := openconfig.New(s.Tree().Schema())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestCounters(t *testing.T) {
	schema := gen.Schema()
	m, err := openconfig.New(schema)
	if err != nil {
		t.Fatal(err)
	}
	s := modeltest.NewScreen(t, schema, m)
	s.Show(modeltest.Link("eth0", object.Ethernet))
	now := modeltest.Link("eth0", object.Ethernet)
	now.Counters.InOctets = 1 << 50
	s.Publish(m.Counters(modeltest.Read(now)))
	if got := s.JSON("/openconfig-interfaces:interfaces/interface[name='eth0']/state/counters/in-octets"); got != `"1125899906842624"` {
		t.Errorf("in-octets is %s", got)
	}
	// What was not read is not there: a zero would be a count.
	unread := modeltest.Link("eth1", object.Ethernet)
	unread.Counters = object.Counters{}
	s.Show(unread)
	if got := s.JSON("/openconfig-interfaces:interfaces/interface[name='eth1']/state"); strings.Contains(got, "counters") {
		t.Errorf("counters that were not read: %s", got)
	}
	// Nor is what the dataplane does not keep, from one reading to the next.
	lacking := *now
	lacking.Counters.Absent = object.CountInErrors | object.CountOutErrors | object.CountInDiscards | object.CountOutDiscards |
		object.CountInMulticast | object.CountInCRCErrors | object.CountInNoHandler | object.CountCarrierChanges
	s.Publish(m.Counters(modeltest.Read(&lacking)))
	const kept = `{
  "in-octets": "1125899906842624",
  "in-pkts": "1",
  "out-octets": "1099511627776",
  "out-pkts": "2"
}`
	if got := s.JSON("/openconfig-interfaces:interfaces/interface[name='eth0']/state/counters"); got != kept {
		t.Errorf("of what is not kept there is %s, want %s", got, kept)
	}
	s.Show(modeltest.Link("eth0.100", object.VLAN))
	now = modeltest.Link("eth0.100", object.VLAN)
	now.Counters.OutPackets = 17
	now.Counters.Absent = lacking.Counters.Absent
	s.Publish(m.Counters(modeltest.Read(now)))
	const below = "/openconfig-interfaces:interfaces/interface[name='eth0']/subinterfaces/subinterface[index='100']"
	if got := s.JSON(below + "/state/counters/out-pkts"); got != `"17"` {
		t.Errorf("out-pkts of a subinterface is %s", got)
	}
	if got := s.JSON(below + "/state/counters"); strings.Contains(got, "errors") || strings.Contains(got, "discards") || strings.Contains(got, "multicast") {
		t.Errorf("of what is not kept of a subinterface there is %s", got)
	}
	all, ofEth0, none := southbound.Counted{VLANs: true}, southbound.Counted{Link: "eth0"}, southbound.Counted{}
	for _, tt := range []struct {
		path string
		of   southbound.Counted
		ok   bool
	}{
		{"/", all, true},
		{"/openconfig-interfaces:interfaces", all, true},
		{"/openconfig-interfaces:interfaces/interface", all, true},
		{"/openconfig-interfaces:interfaces/interface/subinterfaces", all, true},
		{"/openconfig-interfaces:interfaces/interface[name='eth0']", southbound.Counted{Link: "eth0", VLANs: true}, true},
		{"/openconfig-interfaces:interfaces/interface[name='eth0']/subinterfaces/subinterface/state", southbound.Counted{Link: "eth0", VLANs: true}, true},
		{"/openconfig-interfaces:interfaces/interface[name='eth0']/state", ofEth0, true},
		{"/openconfig-interfaces:interfaces/interface[name='eth0']/state/counters/in-octets", ofEth0, true},
		{below, southbound.Counted{Link: "eth0.100"}, true},
		{below + "/state/counters/in-octets", southbound.Counted{Link: "eth0.100"}, true},
		{below + "/state/name", none, false},
		{"/openconfig-interfaces:interfaces/interface[name='eth0']/subinterfaces/subinterface[index='0']", none, false},
		{"/openconfig-interfaces:interfaces/interface[name='eth0']/state/mtu", none, false},
		{"/openconfig-interfaces:interfaces/interface[name='eth0']/config", none, false},
		{"/ietf-interfaces:interfaces", none, false},
	} {
		p, _, err := schema.Resolve(tt.path)
		if err != nil {
			t.Fatal(err)
		}
		if of, ok := m.CountersBelow(p); ok != tt.ok || of != tt.of {
			t.Errorf("%s: %+v, %v", tt.path, of, ok)
		}
	}
}

// What YANG has no words for is not shown, and spoils nothing.
func TestUnspeakable(t *testing.T) {
	for _, name := range []string{"a\x01b", "a\xffb", "\ufffe"} {
		s := screen(t)
		s.Show(
			modeltest.Setting(object.Forwarding, object.IPv4, name, 1),
			modeltest.Link(name, object.Veth),
			modeltest.Address(name, "192.0.2.1/24"),
			modeltest.Neighbor(name, "192.0.2.2"),
		)
		s.Publish(model(t, s).Counters(modeltest.Read(modeltest.Link(name, object.Veth))))
		if got := s.JSON("/"); got != "{}" {
			t.Errorf("link %q shows\n%s", name, got)
		}
		s.Show(modeltest.Route("198.51.100.0/24", 0, modeltest.Hop("192.0.2.2", name)))
		if got := s.JSON("/"); !strings.Contains(got, "198.51.100.0/24") || !strings.Contains(got, "192.0.2.2") {
			t.Errorf("a route by link %q is not shown:\n%s", name, got)
		}
		s.Hide(modeltest.Link(name, object.Veth), modeltest.Route("198.51.100.0/24", 0))
		if got := s.JSON("/"); got != "{}" {
			t.Errorf("link %q has left\n%s", name, got)
		}
	}
	s := screen(t)
	odd := modeltest.Link("a b[1]'\"/é", object.Ethernet)
	odd.Description = "\x02"
	s.Show(odd, modeltest.Address(odd.Name, "::ffff:192.0.2.1/128"))
	golden(t, "odd", s.JSON("/"))
	s.Hide(odd)
	if got := s.JSON("/"); got != "{}" {
		t.Errorf("left:\n%s", got)
	}
}

// What one event costs to render.
func BenchmarkState(b *testing.B) {
	s := gen.Schema()
	m, err := openconfig.New(s)
	if err != nil {
		b.Fatal(err)
	}
	screen := modeltest.NewScreen(b, s)
	screen.Show(modeltest.Everything()...)
	for _, state := range []object.State{
		modeltest.Link("eth0", object.Ethernet), modeltest.Address("eth0", "192.0.2.1/24"),
		modeltest.Route("198.51.100.0/24", 10, modeltest.Hop("192.0.2.2", "eth0"), modeltest.Hop("192.0.2.3", "eth0")),
	} {
		b.Run(state.ID().Kind.String(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				m.State(screen.World(), southbound.Transition{Old: state, New: state})
			}
		})
	}
}
