package plan_test

import (
	"errors"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
)

// linuxLike are rules with all the awkwardness that a dataplane can have.
type linuxLike struct{}

func (linuxLike) Change(have, want object.Object, a object.Attr) plan.Manner {
	switch a {
	case object.LinkKindAttr, object.Peer, object.Parent, object.VNI:
		return plan.BreakBeforeMake
	case object.PrefixLength:
		if want.(*object.Address).IP.Is4() {
			return plan.MakeBeforeBreak
		}
		return plan.BreakBeforeMake
	}
	return plan.InPlace
}

func (linuxLike) NeedsUp(o object.Object) bool {
	if l, ok := o.(*object.Link); ok {
		return l.Kind == object.VLAN
	}
	r, ok := o.(*object.Route)
	return ok && r.Type == object.Unicast
}

func (linuxLike) Takes(s plan.Step, o object.Object) bool {
	if a, ok := s.Have.(*object.Address); ok && s.Op == plan.Delete {
		r, isRoute := o.(*object.Route)
		return isRoute && a.IP.Is4() && r.Prefix.Addr().Is4()
	}
	if s.Attr() != object.Up || s.Want.(*object.Link).Up {
		return false
	}
	switch o := o.(type) {
	case *object.Address:
		return o.IP.Is6()
	case *object.Route:
		return true
	}
	return false
}

func (linuxLike) Exclusive(o object.Object) string {
	switch o := o.(type) {
	case *object.Address:
		return o.IP.String()
	case *object.Link:
		if o.Kind == object.VXLAN {
			return fmt.Sprint("vni ", o.VNI)
		}
	}
	return ""
}

// world is what there is and what is desired, from which targets are made.
type world struct {
	have   map[object.ID]object.Object
	owned  map[object.ID]bool
	wanted map[object.ID]*object.Claim
}

func newWorld() *world {
	return &world{map[object.ID]object.Object{}, map[object.ID]bool{}, map[object.ID]*object.Claim{}}
}

func (w *world) foreign(objects ...object.Object) *world {
	for _, o := range objects {
		w.have[o.ID()] = o
	}
	return w
}

func (w *world) ours(objects ...object.Object) *world {
	w.foreign(objects...)
	for _, o := range objects {
		w.owned[o.ID()] = true
	}
	return w
}

func (w *world) want(claims ...object.Claim) *world {
	all := map[object.ID][]object.Claim{}
	for _, c := range claims {
		for _, c := range append([]object.Claim{c}, c.Implied()...) {
			all[c.ID()] = append(all[c.ID()], c)
		}
	}
	for id, list := range all {
		merged, err := object.Merge(list)
		if err != nil {
			panic(err)
		}
		w.wanted[id] = &merged
	}
	return w
}

func (w *world) target(id object.ID) plan.Target {
	return plan.Target{ID: id, Have: w.have[id], Owned: w.owned[id], Want: w.wanted[id]}
}

func (w *world) Link(name string) *object.LinkState {
	if l, ok := w.have[object.LinkID(name)].(*object.Link); ok {
		return &object.LinkState{Link: *l}
	}
	return nil
}

func (w *world) Addresses(link string, f object.Family) int {
	n := 0
	for _, o := range w.have {
		if a, ok := o.(*object.Address); ok && a.Link == link && object.FamilyOf(a.IP) == f {
			n++
		}
	}
	return n
}

func (w *world) Claimed(id object.ID) *object.Claim { return w.wanted[id] }

func (w *world) Wanted(link string) *object.Claim { return w.wanted[object.LinkID(link)] }

func (w *world) Dependents(link string) []plan.Target {
	ids := map[object.ID]bool{}
	for id, o := range w.have {
		if w.owned[id] && object.Needs(o, link) {
			ids[id] = true
		}
	}
	for id, c := range w.wanted {
		if object.Needs(c.Object, link) {
			ids[id] = true
		}
	}
	var ts []plan.Target
	for id := range ids {
		ts = append(ts, w.target(id))
	}
	return ts
}

// everything is the targets of a commit that touches all.
func (w *world) everything() []plan.Target {
	ids := map[object.ID]bool{}
	for id := range w.have {
		if w.owned[id] || w.wanted[id] != nil {
			ids[id] = true
		}
	}
	for id := range w.wanted {
		ids[id] = true
	}
	var ts []plan.Target
	for id := range ids {
		ts = append(ts, w.target(id))
	}
	return ts
}

func only(ids ...object.ID) func(*world) []plan.Target {
	return func(w *world) []plan.Target {
		var ts []plan.Target
		for _, id := range ids {
			ts = append(ts, w.target(id))
		}
		return ts
	}
}

// Objects in short.

func claim(o object.Object, attrs ...object.Attr) object.Claim {
	return object.NewClaim(o, path.Path{{Name: strings.ReplaceAll(o.ID().Name, " ", "-")}}, attrs...)
}

func veth(name, peer string, up bool) *object.Link {
	return &object.Link{Name: name, Kind: object.Veth, Peer: peer, MTU: 1500, MAC: object.MACAddr{2, 0, 0, 0, 0, 1}, Up: up}
}

func wantVeth(name, peer string) object.Claim {
	return claim(&object.Link{Name: name, Kind: object.Veth, Peer: peer, Up: true}, object.LinkKindAttr, object.Peer, object.Up)
}

func bridge(name string) *object.Link {
	return &object.Link{Name: name, Kind: object.Bridge, MTU: 1500, Up: true}
}

func wantBridge(name string) object.Claim {
	return claim(&object.Link{Name: name, Kind: object.Bridge, Up: true}, object.LinkKindAttr, object.Up)
}

func eth(name string, up bool) *object.Link {
	return &object.Link{Name: name, Kind: object.Ethernet, MTU: 1500, Up: up}
}

func wantUp(name string, up bool) object.Claim {
	return claim(&object.Link{Name: name, Up: up}, object.Up)
}

func port(name, master string) object.Claim {
	return claim(&object.Link{Name: name, Up: true, Master: master}, object.Up, object.Master)
}

func macvlan(name, parent string) *object.Link {
	return &object.Link{Name: name, Kind: object.Macvlan, Parent: parent, MTU: 1500, Up: true}
}

func wantMacvlan(name, parent string) object.Claim {
	return claim(macvlan(name, parent), object.LinkKindAttr, object.Parent, object.Up)
}

func wantVLAN(name, parent string) object.Claim {
	return claim(&object.Link{Name: name, Kind: object.VLAN, Parent: parent, Up: true}, object.LinkKindAttr, object.Parent, object.Up)
}

func vxlan(name string, vni uint32) *object.Link {
	return &object.Link{Name: name, Kind: object.VXLAN, VNI: vni, MTU: 1450, Up: true}
}

func wantVXLAN(name string, vni uint32) object.Claim {
	return claim(vxlan(name, vni), object.LinkKindAttr, object.VNI, object.Up)
}

func addr(link, prefix string) *object.Address {
	p := netip.MustParsePrefix(prefix)
	return &object.Address{Link: link, IP: p.Addr(), PrefixLength: uint8(p.Bits())}
}

func wantAddr(link, prefix string) object.Claim {
	return claim(addr(link, prefix), object.PrefixLength)
}

func route(prefix string, hops ...object.NextHop) *object.Route {
	r := &object.Route{Prefix: netip.MustParsePrefix(prefix), NextHops: hops}
	if len(hops) == 0 {
		r.Type = object.Blackhole
	}
	return r
}

func wantRoute(prefix string, hops ...object.NextHop) object.Claim {
	return claim(route(prefix, hops...), object.RouteType, object.NextHops)
}

func inTable(vrf, prefix string, hops ...object.NextHop) *object.Route {
	r := route(prefix, hops...)
	r.Table = vrf
	return r
}

func wantInTable(vrf, prefix string, hops ...object.NextHop) object.Claim {
	return claim(inTable(vrf, prefix, hops...), object.RouteType, object.NextHops)
}

func wantVRF(name string) object.Claim {
	return claim(&object.Link{Name: name, Kind: object.VRF}, object.LinkKindAttr)
}

func via(gateway, link string) object.NextHop {
	h := object.NextHop{Link: link}
	if gateway != "" {
		h.Via = netip.MustParseAddr(gateway)
	}
	return h
}

func setting(link string, v uint32) *object.Setting {
	return &object.Setting{Name: object.Forwarding, Family: object.IPv4, Link: link, Value: v}
}

var update = flag.Bool("update", false, "write the golden files anew")

// cases are told in the golden file, testdata/plans.txt, by their names.
var cases = []struct {
	name    string
	world   *world
	targets func(*world) []plan.Target // nil: all
}{
	{name: "nothing to do where all is as it should be",
		world: newWorld().ours(bridge("br0"), addr("br0", "10.0.0.1/24")).
			want(wantBridge("br0"), wantAddr("br0", "10.0.0.1/24"))},
	{name: "made in the order of need",
		world: newWorld().want(
			wantRoute("10.9.0.0/16", via("10.0.0.2", "v0")), wantRoute("10.8.0.0/16", via("", "v0")),
			wantAddr("v0", "10.0.0.1/24"), wantVeth("v0", "v1"), wantMacvlan("m0", "v0"), wantBridge("br0"),
			port("v1", "br0"), claim(setting("v0", 1), object.ValueAttr))},
	{name: "deleted the other way round",
		world: newWorld().ours(
			route("10.9.0.0/16", via("10.0.0.2", "v0")), route("10.8.0.0/16", via("", "v0")), addr("v0", "10.0.0.1/24"),
			veth("v0", "v1", true), veth("v1", "v0", true), macvlan("m0", "v0"), bridge("br0"), setting("v0", 1))},
	{name: "what the deleted link carried waits",
		world: newWorld().ours(veth("v0", "v1", true), veth("v1", "v0", true), addr("v0", "10.0.0.1/24"), route("10.8.0.0/16", via("", "v0"))).
			want(wantAddr("v0", "10.0.0.1/24"), wantRoute("10.8.0.0/16", via("", "v0"))),
		targets: only(object.LinkID("v0"), object.LinkID("v1"))},
	{name: "another peer takes all that stands on both ends along",
		world: newWorld().ours(veth("v0", "v1", true), veth("v1", "v0", true), addr("v0", "10.0.0.1/24"), macvlan("m0", "v0"), addr("m0", "10.0.1.1/24")).
			want(wantVeth("v0", "v2"), wantAddr("v0", "10.0.0.1/24"), wantMacvlan("m0", "v0"), wantAddr("m0", "10.0.1.1/24")),
		targets: only(object.LinkID("v0"), object.LinkID("v1"), object.LinkID("v2"))},
	{name: "a name swap",
		world: newWorld().ours(bridge("a"), vxlan("b", 7), addr("a", "10.0.0.1/24")).
			want(wantBridge("b"), wantVXLAN("a", 7), wantAddr("a", "10.0.0.1/24"))},
	{name: "a tunnel under another name frees its identifier first",
		world: newWorld().ours(vxlan("old", 7)).want(wantVXLAN("new", 7))},
	{name: "an address moves",
		world: newWorld().foreign(eth("eth0", true), eth("eth1", true)).ours(addr("eth0", "10.0.0.1/24"), addr("eth0", "10.5.0.1/24")).
			want(wantAddr("eth1", "10.0.0.1/24"))},
	{name: "another prefix length, made before the break where that can be",
		world: newWorld().foreign(eth("eth0", true)).ours(addr("eth0", "10.0.0.1/24"), addr("eth0", "2001:db8::1/64")).
			want(wantAddr("eth0", "10.0.0.1/25"), wantAddr("eth0", "2001:db8::1/65"))},
	{name: "down takes routes away and flushes what is made again",
		world: newWorld().foreign(eth("eth0", true), eth("eth1", true)).
			ours(addr("eth0", "10.0.0.1/24"), addr("eth0", "2001:db8::1/64"), route("10.1.0.0/16", via("", "eth0")), route("10.2.0.0/16", via("", "eth0"))).
			want(wantUp("eth0", false), wantAddr("eth0", "10.0.0.1/24"), wantAddr("eth0", "2001:db8::1/64"),
				wantRoute("10.1.0.0/16", via("", "eth0")), wantRoute("10.2.0.0/16", via("", "eth1")))},
	{name: "up brings what waited",
		world: newWorld().foreign(eth("eth0", false)).ours(addr("eth0", "10.0.0.1/24")).
			want(wantUp("eth0", true), wantAddr("eth0", "10.0.0.1/24"), wantRoute("10.1.0.0/16", via("", "eth0"))),
		targets: only(object.LinkID("eth0"))},
	{name: "next hops that cannot be are left out",
		world: newWorld().foreign(eth("eth0", true), eth("eth1", false)).
			want(wantRoute("10.1.0.0/16", via("", "eth0"), via("", "eth1"), via("", "eth2")))},
	{name: "another next hop, in place",
		world: newWorld().foreign(eth("eth0", true)).ours(route("10.1.0.0/16", via("10.0.0.2", "eth0"))).
			want(wantRoute("10.1.0.0/16", via("10.0.0.3", "eth0")))},
	{name: "a late interface",
		world: newWorld().want(wantUp("net1", true), wantAddr("net1", "10.0.0.1/24"), wantRoute("0.0.0.0/0", via("10.0.0.2", "net1")))},
	{name: "a VRF comes before its members and its routes",
		world: newWorld().foreign(eth("eth0", true)).
			want(wantInTable("red", "10.1.0.0/16", via("", "eth0")), wantInTable("red", "10.2.0.0/16"), port("eth0", "red"), wantVRF("red"))},
	{name: "what is in a VRF that is not there waits for it, and who borrows for who lends",
		world: newWorld().foreign(eth("eth0", true)).
			want(wantInTable("red", "10.1.0.0/16", via("", "eth0")), wantInTable("red", "10.2.0.0/16"),
				claim(&object.Link{Name: "eth0", Up: true, Master: "red", Lender: "lo9"}, object.Up, object.Master, object.Lender))},
	{name: "a VRF goes after its routes, and its member is out of it before",
		world: newWorld().foreign(&object.Link{Name: "eth0", Kind: object.Ethernet, MTU: 1500, Up: true, Master: "red"}).
			ours(&object.Link{Name: "red", Kind: object.VRF}, inTable("red", "10.1.0.0/16", via("", "eth0")), inTable("red", "10.2.0.0/16")).
			want(claim(&object.Link{Name: "eth0"}, object.Master))},
	{name: "foreign objects are in the way",
		world: newWorld().foreign(eth("br0", true), addr("br0", "10.0.0.1/25"), route("10.1.0.0/16", via("", "br0"))).
			want(wantBridge("br0"), wantAddr("br0", "10.0.0.1/24"), wantRoute("10.1.0.0/16"))},
	{name: "foreign objects that are just as desired are left alone",
		world: newWorld().foreign(bridge("br0"), addr("br0", "10.0.0.1/24"), route("10.1.0.0/16", via("", "br0"))).
			want(wantBridge("br0"), wantAddr("br0", "10.0.0.1/24"), wantRoute("10.1.0.0/16", via("", "br0")))},
	{name: "foreign objects that nobody wants stay",
		world:   newWorld().foreign(eth("eth0", true), addr("eth0", "10.0.0.1/24")),
		targets: only(object.LinkID("eth0"), object.AddressID("eth0", netip.MustParseAddr("10.0.0.1")))},
	{name: "a port is released before its bridge goes, and the bridge was ours",
		world: newWorld().foreign(eth("eth0", true)).ours(bridge("br0")).want(wantUp("eth0", true)).
			foreign(&object.Link{Name: "eth0", Kind: object.Ethernet, MTU: 1500, Up: true, Master: "br0"}),
		targets: only(object.LinkID("br0"), object.LinkID("eth0"))},
	{name: "a bridge made anew gets its ports back",
		world: newWorld().ours(vxlan("br0", 5)).foreign(&object.Link{Name: "eth0", Kind: object.Ethernet, MTU: 1500, Up: true, Master: "br0"}).
			want(wantBridge("br0"), port("eth0", "br0")),
		targets: only(object.LinkID("br0"))},
	{name: "MTU grows from below and shrinks from above",
		world: newWorld().foreign(eth("eth0", true)).ours(macvlan("a", "eth0"), macvlan("b", "a")).want(
			claim(&object.Link{Name: "eth0", MTU: 1400}, object.MTU),
			claim(&object.Link{Name: "a", Kind: object.Macvlan, Parent: "eth0", MTU: 1400}, object.LinkKindAttr, object.Parent, object.MTU),
			claim(&object.Link{Name: "b", Kind: object.Macvlan, Parent: "a", MTU: 1400}, object.LinkKindAttr, object.Parent, object.MTU))},
	{name: "a type that is taken back takes our link with it",
		world: newWorld().ours(bridge("br0"), addr("br0", "10.0.0.1/24")).want(wantUp("br0", true), wantAddr("br0", "10.0.0.1/24"))},
	{name: "an end of a veth that was moved away",
		world: newWorld().ours(&object.Link{Name: "v0", Kind: object.Veth, Peer: "v1", Up: true}).want(wantVeth("v0", "v1"), wantAddr("v1", "10.0.0.1/24"))},
	{name: "the last address takes routes along, which are made again; another one does not",
		world: newWorld().foreign(eth("eth0", true), eth("eth1", true), addr("eth1", "10.0.2.9/24")).
			ours(addr("eth0", "10.0.0.1/24"), addr("eth1", "10.0.2.1/24"), route("10.1.0.0/16", via("", "eth0")), route("10.2.0.0/16", via("", "eth1"))).
			want(wantRoute("10.1.0.0/16", via("", "eth0")), wantRoute("10.2.0.0/16", via("", "eth1"))),
		targets: only(addr("eth0", "10.0.0.1/24").ID(), addr("eth1", "10.0.2.1/24").ID())},
	{name: "a VLAN on a link that is down waits to be up",
		world: newWorld().foreign(eth("eth0", false)).want(wantVLAN("eth0.1", "eth0"))},
	{name: "a VLAN comes up after its parent",
		world: newWorld().foreign(eth("eth0", false)).ours(&object.Link{Name: "eth0.1", Kind: object.VLAN, Parent: "eth0"}).
			want(claim(eth("eth0", true), object.Up), wantVLAN("eth0.1", "eth0"))},
	{name: "a VLAN goes down before its parent, and waits",
		world: newWorld().foreign(eth("eth0", true)).ours(&object.Link{Name: "eth0.1", Kind: object.VLAN, Parent: "eth0", Up: true}).
			want(claim(eth("eth0", false), object.Up), wantVLAN("eth0.1", "eth0"))},
	{name: "a master that is not there",
		world: newWorld().foreign(eth("eth0", true)).want(port("eth0", "br0"))},
}

func TestMake(t *testing.T) {
	var b strings.Builder
	for _, c := range cases {
		targets := c.world.everything()
		if c.targets != nil {
			targets = c.targets(c.world)
		}
		p, err := plan.Make(targets, c.world, linuxLike{})
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		fmt.Fprintf(&b, "== %s\n%s", c.name, p)
		for i := len(p.Steps) - 1; i >= 0; i-- {
			for _, s := range p.Steps[i].Undo() {
				fmt.Fprintf(&b, "  undo: %s\n", s)
			}
		}
	}
	const golden = "testdata/plans.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("plans differ from %s (-want +got); -update writes it anew:\n%s", golden, diff)
	}
}

func TestCycle(t *testing.T) {
	w := newWorld().want(wantMacvlan("a", "b"), wantMacvlan("b", "c"), wantMacvlan("c", "a"))
	_, err := plan.Make(only(object.LinkID("b"))(w), w, linuxLike{})
	var cycle *plan.CycleError
	if !errors.As(err, &cycle) || len(cycle.Links) != 3 {
		t.Fatalf("got %v, want a cycle of three links", err)
	}
}
