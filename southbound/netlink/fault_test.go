package netlink_test

import (
	"bytes"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/conformance"
	"github.com/outrigger-cnf/outrigger/southbound/netlink"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
)

var (
	addr   = conformance.Address("p", "192.0.2.1/24")
	addr6  = conformance.Address("p", "2001:db8:1::1/64")
	route  = conformance.Route("203.0.113.0/24", 0, conformance.Via("192.0.2.2", "p"))
	route6 = conformance.Route("2001:db8:f::/48", 0, conformance.Via("2001:db8:1::2", "p"))
)

func bench(t *testing.T, w conformance.World, claims ...object.Claim) *conformance.Bench {
	t.Helper()
	b := conformance.NewBench(t, w, southbound.Config{}, claims...)
	b.Observe()
	b.MustHave(claims...)
	return b
}

// Going down takes IPv4 routes without notice, and IPv6 addresses; coming up
// brings nothing back.
func TestLinkFlap(t *testing.T) {
	w := newWorld(t)
	b := bench(t, w, addr, addr6, route, route6)
	for range 3 {
		w.ip(t, "link set p down")
		b.Eventually("the routes wait", func() bool {
			return b.Condition(route) == object.Pending && b.Condition(route6) == object.Pending
		})
		b.Eventually("the route is not published any more", func() bool { _, ok := b.Published(route.ID().String()); return !ok })
		w.ip(t, "link set p up")
		b.Eventually("all is back", func() bool { return b.Has(addr6) && b.Has(route) && b.Has(route6) })
	}
}

// Somebody deletes a primary address, with which its secondaries go.
func TestPrimaryDeleted(t *testing.T) {
	w := newWorld(t)
	w.inside(t, func() error {
		return os.WriteFile("/proc/sys/net/ipv4/conf/p/promote_secondaries", []byte("0"), 0)
	})
	second := conformance.Address("p", "192.0.2.5/24")
	b := bench(t, w, addr, second, route)
	w.ip(t, "addr del 192.0.2.1/24 dev p")
	b.Eventually("both are back, and the route", func() bool { return b.Has(addr) && b.Has(second) && b.Has(route) })
}

// We delete a primary address of ours: somebody else's secondary stays.
func TestForeignSecondaryStays(t *testing.T) {
	w := newWorld(t)
	for _, conf := range []string{"p", "all"} {
		w.inside(t, func() error {
			return os.WriteFile("/proc/sys/net/ipv4/conf/"+conf+"/promote_secondaries", []byte("0"), 0)
		})
	}
	b := bench(t, w, addr)
	w.ip(t, "addr add 192.0.2.9/24 dev p")
	b.MustApply()
	if b.Read(conformance.Address("p", "192.0.2.9/24").Object) == nil {
		t.Error("it went with ours")
	}
}

// A route waits for its gateway, which becomes reachable with a link: because the
// link comes, and an address that waited for it, or because the link goes up. The
// commit that brings the link brings the route.
func TestGatewayComesWithLink(t *testing.T) {
	w := newWorld(t)
	over := conformance.Route("203.0.113.0/24", 0, conformance.Via("192.0.2.2", ""))
	late := conformance.Address("br0", "192.0.2.1/24")
	b := bench(t, w)
	b.MustApply(late, over)
	bridge := func(up bool) object.Claim {
		return conformance.Created(object.Link{Name: "br0", Kind: object.Bridge, Up: up}, object.Up)
	}
	b.MustApply(bridge(true), late, over)
	b.MustHave(over)
	b.MustApply(bridge(false), late, over)
	b.MustApply(bridge(true), late, over)
	b.MustHave(over)
}

// A link goes with a gateway on it, and comes back: the route, which does not name
// the link, waits for it.
func TestGatewayGoesWithLink(t *testing.T) {
	w := newWorld(t)
	bridge := conformance.Created(object.Link{Name: "br0", Kind: object.Bridge, Up: true}, object.Up)
	on, over := conformance.Address("br0", "192.0.2.1/24"), conformance.Route("203.0.113.0/24", 0, conformance.Via("192.0.2.2", ""))
	b := bench(t, w, bridge, on, over)
	b.MustApply(on, over)
	if got := b.Condition(over); got != object.Pending {
		t.Errorf("the route is %s", got)
	}
	b.MustApply(bridge, on, over)
	b.MustHave(over)
}

// A link becomes a port in the commit that deletes what was on it: Linux does not
// let it be the parent of a macvlan and a port at a time.
func TestParentBecomesPort(t *testing.T) {
	w := newWorld(t)
	bridge := conformance.Created(object.Link{Name: "br0", Kind: object.Bridge})
	macvlan := conformance.Created(object.Link{Name: "mv0", Kind: object.Macvlan, Parent: "p", MacvlanMode: object.MacvlanBridge}, object.Parent, object.Mode)
	port := conformance.Link(object.Link{Name: "p", Master: "br0"}, object.Master)
	b := bench(t, w, bridge, macvlan)
	b.MustApply(bridge, port)
	b.MustHave(port)
}

// The other way round: a port leaves its bridge in the commit that makes it the
// parent of a macvlan.
func TestPortBecomesParent(t *testing.T) {
	w := newWorld(t)
	bridge := conformance.Created(object.Link{Name: "br0", Kind: object.Bridge})
	macvlan := conformance.Created(object.Link{Name: "mv0", Kind: object.Macvlan, Parent: "p", MacvlanMode: object.MacvlanBridge}, object.Parent, object.Mode)
	port := conformance.Link(object.Link{Name: "p", Master: "br0"}, object.Master)
	b := bench(t, w, bridge, port)
	before := b.State()
	b.Backend.FailAfter(2)
	if err := b.Apply(bridge, macvlan); err == nil {
		t.Error("a step failed and nobody was told")
	}
	b.Backend.Heal()
	if after := b.State(); after != before {
		t.Errorf("a failed commit has left a trace:\n%s\n%s", before, after)
	}
	b.MustApply(bridge, macvlan)
	b.MustHave(macvlan)
	b.MustApply(bridge, port)
	b.MustHave(port)
}

// Somebody deletes a route of ours, then puts his own in its place, then takes
// that away.
func TestRouteTaken(t *testing.T) {
	w := newWorld(t)
	b := bench(t, w, addr, addr6, route, route6)
	w.ip(t, "route del 203.0.113.0/24")
	w.ip(t, "-6 route del 2001:db8:f::/48")
	b.Eventually("ours are back", func() bool { return b.Has(route) && b.Has(route6) })
	w.ip(t, "route replace 203.0.113.0/24 via 192.0.2.3 proto bgp")
	b.Eventually("the conflict is seen", func() bool { return b.Condition(route) == object.Conflict })
	if b.Has(route) {
		t.Error("somebody else's route was replaced")
	}
	w.ip(t, "route del 203.0.113.0/24 proto bgp")
	b.Eventually("ours is back", func() bool { return b.Has(route) && b.Condition(route) == object.InSync })
}

// Another protocol adds a next hop to our IPv6 route: it stays when ours changes
// and when ours goes.
func TestSharedECMP(t *testing.T) {
	w := newWorld(t)
	other := conformance.Address("q", "2001:db8:2::1/64")
	b := bench(t, w, addr6, other, route6)
	w.ip(t, "-6 route append 2001:db8:f::/48 via 2001:db8:2::2 dev q proto bgp")
	b.Eventually("it is noticed", func() bool { return b.Condition(route6) != object.InSync })
	foreign := func() string { return w.ip(t, "-6 route show 2001:db8:f::/48") }
	if !strings.Contains(foreign(), "2001:db8:2::2") {
		t.Fatal("the other's next hop was removed")
	}
	changed := conformance.Route("2001:db8:f::/48", 0, conformance.Via("2001:db8:1::3", "p"))
	b.MustApply(addr6, other, changed)
	if text := foreign(); !strings.Contains(text, "2001:db8:2::2") || !strings.Contains(text, "2001:db8:1::3") || strings.Contains(text, "2001:db8:1::2") {
		t.Errorf("after our change:\n%s", text)
	}
	b.MustApply(addr6, other)
	if text := foreign(); !strings.Contains(text, "2001:db8:2::2") || strings.Contains(text, "2001:db8:1::3") {
		t.Errorf("after our deletion:\n%s", text)
	}
}

// A link goes, and another link gets its index.
func TestIndexReused(t *testing.T) {
	w := newWorld(t)
	w.ip(t, "link add ext index 77 type bridge")
	w.ip(t, "link set ext up")
	mine := conformance.Address("ext", "198.51.100.1/24")
	b := bench(t, w, mine)
	w.run(t, "sh", "-c", "ip link del ext && ip link add other index 77 type bridge && ip link set other up")
	b.Eventually("ours waits", func() bool { return b.Condition(mine) == object.Pending })
	if text := w.ip(t, "addr show dev other"); strings.Contains(text, "198.51.100.1") {
		t.Errorf("the wrong link was configured:\n%s", text)
	}
	w.run(t, "sh", "-c", "ip link del other && ip link add ext index 77 type bridge && ip link set ext up")
	b.Eventually("ours is back", func() bool { return b.Has(mine) })
}

// A link is renamed, and renamed back.
func TestRename(t *testing.T) {
	w := newWorld(t)
	b := bench(t, w, addr, route)
	w.run(t, "sh", "-c", "ip link set p down && ip link set p name p2 && ip link set p2 up")
	b.Eventually("all waits", func() bool { return b.Condition(addr) == object.Pending && b.Condition(route) == object.Pending })
	b.Eventually("the new name is published, and the old one is not", func() bool {
		_, now := b.Published("link p2")
		_, before := b.Published("link p")
		return now && !before
	})
	w.run(t, "sh", "-c", "ip link set p2 down && ip link set p2 name p && ip link set p up")
	b.Eventually("all is back", func() bool { return b.Has(addr) && b.Has(route) })
}

// A link is moved to another namespace: it is gone.
func TestMovedAway(t *testing.T) {
	w, elsewhere := newWorld(t), newWorld(t)
	w.ip(t, "link add ext type veth peer name ext-far")
	w.ip(t, "link set ext up")
	mine := conformance.Address("ext", "198.51.100.1/24")
	b := bench(t, w, mine)
	w.ip(t, fmt.Sprintf("link set ext netns /proc/%d/fd/%d", os.Getpid(), elsewhere.ns.Fd()))
	b.Eventually("it waits", func() bool { return b.Condition(mine) == object.Pending })
	b.Eventually("it is not published any more", func() bool { _, ok := b.Published("link ext"); return !ok })
}

// Somebody deletes our bridge, with a port and addresses on it.
func TestMasterDeleted(t *testing.T) {
	w := newWorld(t)
	bridge := conformance.Created(object.Link{Name: "br0", Kind: object.Bridge})
	port := conformance.Link(object.Link{Name: "q", Up: true, Master: "br0"}, object.Up, object.Master)
	mine := conformance.Address("br0", "192.0.2.1/24")
	via := conformance.Route("203.0.113.0/24", 0, conformance.Via("192.0.2.2", "br0"))
	b := bench(t, w, bridge, port, mine, via)
	w.ip(t, "link del br0")
	b.Eventually("all is back", func() bool { return b.Has(bridge) && b.Has(port) && b.Has(mine) && b.Has(via) })
}

// Two links swap their names in one commit.
func TestNameSwap(t *testing.T) {
	w := newWorld(t)
	created := func(name string, vxlan bool) object.Claim {
		if vxlan {
			return conformance.Created(object.Link{Name: name, Kind: object.VXLAN, VNI: 7, Local: netip.MustParseAddr("192.0.2.1")}, object.VNI, object.Local)
		}
		return conformance.Created(object.Link{Name: name, Kind: object.Bridge})
	}
	b := bench(t, w, created("a", true), created("b", false), conformance.Address("a", "198.51.100.1/24"))
	after := []object.Claim{created("b", true), created("a", false), conformance.Address("a", "198.51.100.1/24")}
	b.MustApply(after...)
	b.MustHave(after...)
}

// More notifications than the socket holds: all is read again.
func TestNotificationsLost(t *testing.T) {
	w := newWorld(t)
	small := smallBuffer{w}
	b := conformance.NewBench(t, small, southbound.Config{}, addr)
	var batch bytes.Buffer
	for i := range 5000 {
		fmt.Fprintf(&batch, "route add 10.%d.%d.0/24 dev q\n", i/250, i%250)
	}
	batch.WriteString("addr del 192.0.2.1/24 dev p\n")
	file := t.TempDir() + "/batch"
	if err := os.WriteFile(file, batch.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	w.run(t, "ip", "-batch", file)
	b.Observe()
	b.Eventually("the last route is seen", func() bool { _, ok := b.Published("route 10.19.249.0/24 metric 0"); return ok })
	b.Eventually("drift is mended", func() bool { return b.Has(addr) })
	if b.Backend.Stats().Lost == 0 {
		t.Error("no notification was lost: the test tests nothing")
	}
}

type smallBuffer struct{ *world }

func (w smallBuffer) Backend(t testing.TB) southbound.Backend {
	b, err := netlink.New(netlink.Config{NetNS: int(w.ns.Fd()), ReceiveBuffer: 8192})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

// Dumps while the tables change: what stands still is always in them.
func TestDumpsDuringChange(t *testing.T) {
	w := newWorld(t)
	backend := w.backend(t)
	var batch, churn bytes.Buffer
	for i := range 2000 {
		fmt.Fprintf(&batch, "route add 10.%d.%d.0/24 dev q\n", i/250, i%250)
	}
	for i := range 10000 {
		fmt.Fprintf(&churn, "route add 10.%d.%d.128/25 dev p\nroute del 10.%d.%d.128/25 dev p\n", i/250%8, i%250, i/250%8, i%250)
	}
	dir := t.TempDir()
	for name, b := range map[string]*bytes.Buffer{"batch": &batch, "churn": &churn} {
		if err := os.WriteFile(dir+"/"+name, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w.run(t, "ip", "-batch", dir+"/batch")
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.run(t, "ip", "-batch", dir+"/churn")
	}()
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
		}
		states, err := backend.Dump(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		stable := 0
		for _, s := range states {
			if r, ok := s.(*object.RouteState); ok && r.Prefix.Bits() == 24 {
				stable++
			}
		}
		if stable != 2000 {
			t.Fatalf("%d of 2000 routes in the dump", stable)
		}
	}
}

// A nexthop object goes, and with it the IPv4 routes that use it, of which
// nothing is told.
func TestNextHopObjectDeleted(t *testing.T) {
	w := newWorld(t)
	b := bench(t, w, addr)
	w.ip(t, "nexthop add id 10 via 192.0.2.2 dev p")
	w.ip(t, "route add 203.0.113.0/24 nhid 10 proto bgp")
	there := func() bool { _, ok := b.Published("route 203.0.113.0/24 metric 0"); return ok }
	b.Eventually("the route is published", there)
	w.ip(t, "nexthop del id 10")
	b.Eventually("and its going", func() bool { return !there() })
}

// The far end of one of our veths is taken away: it is not made again behind the
// back of whoever took it.
func TestVethEndMovedAway(t *testing.T) {
	w, elsewhere := newWorld(t), newWorld(t)
	veth := conformance.Created(object.Link{Name: "ve0", Kind: object.Veth, Peer: "ve1"}, object.Peer)
	b := bench(t, w, veth)
	w.ip(t, fmt.Sprintf("link set ve1 netns /proc/%d/fd/%d", os.Getpid(), elsewhere.ns.Fd()))
	far := conformance.Link(object.Link{Name: "ve1"})
	b.Eventually("the end that is gone waits", func() bool { return b.Condition(far) == object.Pending })
	b.MustHave(conformance.Up("ve0", true))
}

// A link that was being made when the process was killed has no alias yet: it is
// known by its group and swept.
func TestKilledWhileCreating(t *testing.T) {
	w := newWorld(t)
	w.ip(t, "link add half group 0x6f747267 type bridge")
	b := bench(t, w)
	if b.Read(&object.Link{Name: "half"}) != nil {
		t.Error("it was left behind")
	}
}

// The agent lacks NET_ADMIN: it says so, and nothing happens.
func TestNotPermitted(t *testing.T) {
	if os.Getenv("OUTRIGGER_TEST_UNPRIVILEGED") != "" {
		backend, err := netlink.New(netlink.Config{})
		if err != nil {
			t.Fatal(err)
		}
		b := conformance.NewBench(t, fixed{backend: backend}, southbound.Config{})
		err = b.Apply(conformance.Created(object.Link{Name: "br0", Kind: object.Bridge}))
		if err == nil || !strings.Contains(err.Error(), "operation not permitted") {
			t.Fatalf("got %v", err)
		}
		return
	}
	w := newWorld(t)
	exe := t.TempDir()
	if err := os.Chmod(exe, 0o755); err != nil {
		t.Fatal(err)
	}
	self, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(exe+"/self.test", self, 0o755); err != nil {
		t.Fatal(err)
	}
	for dir := exe; dir != "/"; dir = dir[:max(strings.LastIndexByte(dir, '/'), 1)] {
		info, err := os.Stat(dir)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode()&0o001 == 0 && strings.HasPrefix(dir, os.TempDir()+"/") {
			if err := os.Chmod(dir, 0o755); err != nil {
				t.Fatal(err)
			}
		}
	}
	w.inside(t, func() error {
		cmd := exec.Command(exe+"/self.test", "-test.run=^TestNotPermitted$")
		cmd.Env = append(os.Environ(), "OUTRIGGER_TEST_UNPRIVILEGED=1")
		cmd.Dir = "/"
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		return nil
	})
	if text := w.ip(t, "link"); strings.Contains(text, "br0") {
		t.Error("the bridge is there")
	}
}

// fixed is a world that is only a backend.
type fixed struct {
	*world
	backend southbound.Backend
}

func (f fixed) Backend(testing.TB) southbound.Backend { return f.backend }

// The other end of a veth is described, and then not any more; it stays, for the
// first end asks for it.
func TestPeerNotDescribed(t *testing.T) {
	w := newWorld(t)
	veth := conformance.Created(object.Link{Name: "v0", Kind: object.Veth, Peer: "v1"}, object.Peer)
	named := conformance.Link(object.Link{Name: "v1", Up: true, Description: "inside"}, object.Up, object.Description)
	b := bench(t, w, veth)
	b.MustApply(veth, named)
	b.MustApply(veth, conformance.Link(object.Link{Name: "v1", Up: true, Description: "inside out"}, object.Up, object.Description))
	b.MustApply(veth)
	if got := w.ip(t, "link show v1"); strings.Contains(got, "inside") {
		t.Errorf("it is still described: %s", got)
	}
}

// Default routes: the kernel tells a route only by an address that it leads to,
// and of the last addresses that there are it says broadcast or multicast.
func TestDefaultRoutes(t *testing.T) {
	w := newWorld(t)
	for _, c := range []object.Claim{
		conformance.Route("0.0.0.0/0", 0, conformance.Via("192.0.2.2", "")),
		conformance.Route("0.0.0.0/0", 50, conformance.Via("192.0.2.2", "p")),
		conformance.Route("128.0.0.0/1", 0, conformance.Via("192.0.2.2", "")),
		conformance.Route("::/0", 0, conformance.Via("2001:db8:1::2", "")),
		conformance.Route("8000::/1", 0, conformance.Via("2001:db8:1::2", "p")),
	} {
		b := bench(t, w, addr, addr6, c)
		if got := b.Condition(c); got != object.InSync {
			t.Errorf("%s is %s", c.ID(), got)
		}
		if r, ok := b.Read(c.Object).(*object.RouteState); !ok || r.Type != object.Unicast {
			t.Errorf("%s is read as %v", c.ID(), r)
		}
		b.MustApply(addr, addr6)
	}
}

// A link's MTU overwrites its IPv6 MTU: what is configured is written again, by a
// commit and when somebody else changes the link.
func TestIPv6MTUStays(t *testing.T) {
	w := newWorld(t)
	link := func(mtu uint32) object.Claim {
		return conformance.Link(object.Link{Name: "p", MTU: mtu}, object.MTU)
	}
	mtu6 := conformance.Setting(object.ProtocolMTU, object.IPv6, "p", 1400)
	b := bench(t, w, mtu6)
	b.MustApply(mtu6, link(1450))
	b.MustHave(mtu6, link(1450))
	if err := b.Apply(mtu6, link(1390)); err == nil {
		t.Error("an IPv6 MTU above that of the link was taken")
	}
	b.MustHave(mtu6, link(1450))
	b.MustApply(mtu6)
	b.MustHave(mtu6, link(1500))
	w.ip(t, "link set p mtu 1480")
	b.Eventually("it is written again", func() bool { return b.Has(mtu6) })

	// It goes back to what the link has by then.
	b.MustApply(mtu6, link(1450))
	b.MustApply(link(1450))
	b.MustHave(conformance.Setting(object.ProtocolMTU, object.IPv6, "p", 1450))
}

// Our last IPv4 address goes, with which the kernel takes all IPv4 routes over the
// link, without a word. Somebody else's come back, those excepted that led to a
// gateway which only our address made reachable: they are not shown any more.
func TestForeignRoutesStay(t *testing.T) {
	w := newWorld(t)
	b := bench(t, w, addr)
	w.ip(t, "route add 198.18.0.0/24 dev p proto static")
	w.ip(t, "route add 198.18.1.0/24 dev p metric 7 proto 99")
	w.ip(t, "route add 198.18.2.0/24 via 192.0.2.9 dev p proto static")
	over := conformance.Route("198.18.0.0/24", 0, conformance.Via("", "p")).Object
	with := conformance.Route("198.18.1.0/24", 7, conformance.Via("", "p")).Object
	through := conformance.Route("198.18.2.0/24", 0, conformance.Via("192.0.2.9", "p")).Object
	shown := func(o object.Object) bool { _, ok := b.Published(o.ID().String()); return ok }
	b.Eventually("they are seen", func() bool { return shown(over) && shown(with) && shown(through) })
	b.MustApply()
	for _, o := range []object.Object{over, with} {
		r, ok := b.Read(o).(*object.RouteState)
		if !ok || r.Owned || !shown(o) {
			t.Errorf("%s: %+v", o.ID(), r)
		}
	}
	if r, ok := b.Read(with).(*object.RouteState); ok && r.Number != 99 {
		t.Errorf("it is back as a route of protocol %d", r.Number)
	}
	b.Eventually("the one without a gateway is not shown", func() bool { return !shown(through) })
}

// Another hardware address drops somebody else's neighbors, too; a link that goes
// down, his IPv6 addresses. Both are put back.
func TestForeignThingsStay(t *testing.T) {
	w := newWorld(t)
	mac, err := object.ParseMAC("02:00:5e:00:00:99")
	if err != nil {
		t.Fatal(err)
	}
	w.ip(t, "addr add 192.0.2.1/24 dev p")
	w.ip(t, "addr add 2001:db8:7::1/64 dev p nodad")
	w.ip(t, "neigh add 192.0.2.9 lladdr 02:00:00:00:00:07 dev p nud permanent")
	b := bench(t, w)
	neighbor, address := conformance.Neighbor("p", "192.0.2.9", "02:00:00:00:00:07"), conformance.Address("p", "2001:db8:7::1/64")
	b.MustApply(conformance.Link(object.Link{Name: "p", MAC: mac}, object.MACAttr))
	b.MustHave(neighbor, address)
	b.MustApply(conformance.Up("p", false))
	b.MustHave(address)
}

// A route over a link without IPv6 waits, and comes about with IPv6: in the commit
// that switches it on, and when somebody else does.
func TestRouteWaitsForIPv6(t *testing.T) {
	w := newWorld(t)
	off, on := conformance.Setting(object.ProtocolEnabled, object.IPv6, "q", 0), conformance.Setting(object.ProtocolEnabled, object.IPv6, "q", 1)
	over := conformance.Route("2001:db8:f::/48", 0, conformance.Via("", "q"))
	b := conformance.NewBench(t, w, southbound.Config{}, off)
	b.MustApply(off, over)
	if got := b.Condition(over); got != object.Pending {
		t.Fatalf("it is %s, want pending", got)
	}
	b.MustApply(on, over)
	b.MustHave(on, over)
	b.MustApply()
	w.proc(t, map[string]int{"ipv6/conf/q/disable_ipv6": 1})
	b.Stop()
	b = conformance.NewBench(t, w, southbound.Config{})
	b.Observe()
	b.MustApply(over)
	if got := b.Condition(over); got != object.Pending {
		t.Fatalf("it is %s, want pending", got)
	}
	w.proc(t, map[string]int{"ipv6/conf/q/disable_ipv6": 0})
	b.Eventually("it is there", func() bool { return b.Has(over) })
}

// A route without a metric has gone without notice when it is deleted: one of ours
// that has a metric stays.
func TestMetricStays(t *testing.T) {
	w := newWorld(t)
	zero := conformance.Route("203.0.113.0/24", 0, conformance.Via("", "q"))
	seven := conformance.Route("203.0.113.0/24", 7, conformance.Via("", "p"))
	b := conformance.NewBench(t, w, southbound.Config{}, zero, seven)
	w.ip(t, "route del 203.0.113.0/24 dev q")
	b.MustApply(seven) // nobody has told that the other one has gone
	b.MustHave(seven)
}

// An agent was killed in the midst of changing a prefix length: the address is there
// with both. Whichever is configured then is there alone.
func TestPrefixLengthHalfChanged(t *testing.T) {
	for _, length := range []string{"24", "25"} {
		w := newWorld(t)
		backend := w.backend(t)
		for _, have := range []string{"24", "25"} {
			a := conformance.Address("p", "192.0.2.1/"+have).Object
			if err := backend.Do(t.Context(), plan.Step{Op: plan.Create, ID: a.ID(), Want: a}); err != nil {
				t.Fatal(err)
			}
		}
		conformance.NewBench(t, w, southbound.Config{}, conformance.Address("p", "192.0.2.1/"+length))
		if got := w.ip(t, "-4 addr show dev p"); strings.Count(got, "192.0.2.1/") != 1 || !strings.Contains(got, "192.0.2.1/"+length) {
			t.Errorf("want /%s alone, got\n%s", length, got)
		}
	}
}

// An agent was killed in the midst of making a port the parent of a macvlan. What is
// left of that stands in the way of the port, and goes.
func TestLeftoverInTheWay(t *testing.T) {
	w := newWorld(t)
	bridge := conformance.Created(object.Link{Name: "br0", Kind: object.Bridge})
	macvlan := conformance.Created(object.Link{Name: "mv0", Kind: object.Macvlan, Parent: "p", MacvlanMode: object.MacvlanBridge}, object.Parent, object.Mode)
	port := conformance.Link(object.Link{Name: "p", Master: "br0"}, object.Master)
	b := bench(t, w, bridge, port)
	before := anonymous(b)
	b.MustApply(bridge, macvlan)
	b.Stop()
	b = conformance.NewBench(t, w, southbound.Config{}, bridge, port)
	b.MustHave(bridge, port)
	if now := anonymous(b); now != before {
		t.Errorf("something is left:\n%s\n%s", before, now)
	}
}

// The MTU that a tunnel had is more than its parent lets it have by now: it keeps
// the one that was configured.
func TestMTUOfLoweredParent(t *testing.T) {
	w := newWorld(t)
	vxlan := func(mtu uint32, attrs ...object.Attr) object.Claim {
		return conformance.Created(object.Link{Name: "vx0", Kind: object.VXLAN, VNI: 5, Parent: "p", MTU: mtu}, append([]object.Attr{object.VNI, object.Parent}, attrs...)...)
	}
	w.ip(t, "link set p mtu 2000")
	b := bench(t, w, vxlan(0))
	b.MustApply(vxlan(1300, object.MTU))
	w.ip(t, "link set p mtu 1500")
	b.Eventually("it is seen", func() bool {
		text, _ := b.Published(object.LinkID("p").String())
		return strings.Contains(text, "MTU:1500")
	})
	b.MustApply(vxlan(0))
	b.MustHave(vxlan(1300, object.MTU))
}
