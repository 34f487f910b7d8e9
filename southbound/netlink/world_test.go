package netlink_test

import (
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/outrigger-cnf/outrigger/internal/prereq"
	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/conformance"
	"github.com/outrigger-cnf/outrigger/southbound/netlink"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// world is a network namespace of its own, disturbed by ip(8).
type world struct {
	ns *os.File
}

// newWorld makes a namespace with two links, p and q, whose other ends are in it
// too.
func newWorld(t testing.TB) *world {
	t.Helper()
	prereq.Root(t)
	prereq.Program(t, "ip")
	w := &world{}
	w.inside(t, func() error {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return err
		}
		var err error
		w.ns, err = os.Open("/proc/thread-self/ns/net")
		return err
	})
	t.Cleanup(func() { w.ns.Close() })
	w.ip(t, "link set lo up")
	for _, port := range []string{"p", "q"} {
		w.ip(t, "link add "+port+" type veth peer name "+port+"-far")
		w.ip(t, "link set "+port+" up")
		w.ip(t, "link set "+port+"-far up")
	}
	kernelMakes.Do(func() { w.probe(t) })
	return w
}

// inside runs f on a thread in the namespace; the thread ends with it.
func (w *world) inside(t testing.TB, f func() error) {
	t.Helper()
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread dies with the goroutine
		if w.ns != nil {
			if err := unix.Setns(int(w.ns.Fd()), unix.CLONE_NEWNET); err != nil {
				done <- err
				return
			}
		}
		done <- f()
	}()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

// ip runs ip(8) in the namespace and returns what it prints.
func (w *world) ip(t testing.TB, args string) string {
	t.Helper()
	return w.run(t, "ip", strings.Fields(args)...)
}

func (w *world) run(t testing.TB, program string, args ...string) string {
	t.Helper()
	var out []byte
	w.inside(t, func() (err error) {
		out, err = exec.Command(program, args...).CombinedOutput()
		if err != nil {
			t.Errorf("%s %s: %v: %s", program, strings.Join(args, " "), err, out)
		}
		return nil
	})
	return string(out)
}

// backend opens the namespace.
func (w *world) backend(t testing.TB) *netlink.Backend {
	t.Helper()
	b, err := netlink.New(netlink.Config{NetNS: int(w.ns.Fd())})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

func (w *world) Backend(t testing.TB) southbound.Backend { return w.backend(t) }

func (w *world) Ports() (string, string) { return "p", "q" }

func (w *world) Add(t testing.TB, o object.Object) {
	t.Helper()
	switch o := o.(type) {
	case *object.Link:
		switch o.Kind {
		case object.Veth:
			w.ip(t, "link add "+o.Name+" type veth peer name "+o.Peer)
			w.ip(t, "link set "+o.Peer+" up")
		case object.Macvlan:
			w.ip(t, "link add "+o.Name+" link "+o.Parent+" type macvlan")
		case object.Tap:
			w.ip(t, "tuntap add dev "+o.Name+" mode tap")
		case object.VXLAN:
			w.ip(t, "link add "+o.Name+" type vxlan dstport 4789 id "+strconv.Itoa(int(o.VNI)))
		default:
			w.ip(t, "link add "+o.Name+" type "+string(o.Kind))
		}
	case *object.Address:
		w.ip(t, "addr add "+o.Prefix().String()+" dev "+o.Link+" nodad"[:len(" nodad")*boolInt(o.IP.Is6())])
	case *object.Neighbor:
		w.ip(t, "neigh add "+o.IP.String()+" lladdr "+o.MAC.String()+" dev "+o.Link)
	case *object.Route:
		w.ip(t, "route add "+routeArgs(o))
	}
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

func routeArgs(r *object.Route) string {
	args := r.Prefix.String()
	if r.Type == object.Blackhole {
		args = "blackhole " + args
	}
	if r.Metric != 0 {
		args += " metric " + strconv.Itoa(int(r.Metric))
	}
	for _, h := range r.NextHops {
		if len(r.NextHops) > 1 {
			args += " nexthop"
		}
		args += " " + h.String()
	}
	return args
}

func (w *world) Remove(t testing.TB, o object.Object) {
	t.Helper()
	switch o := o.(type) {
	case *object.Link:
		w.ip(t, "link del "+o.Name)
	case *object.Address:
		w.ip(t, "addr del "+o.Prefix().String()+" dev "+o.Link)
	case *object.Neighbor:
		w.ip(t, "neigh del "+o.IP.String()+" dev "+o.Link)
	case *object.Route:
		w.ip(t, "route del "+routeArgs(o))
	case *object.Setting: // cannot be removed, only be set otherwise
		w.flip(t, o)
	}
}

// flip writes what a setting is not.
func (w *world) flip(t testing.TB, s *object.Setting) {
	t.Helper()
	file, value := "forwarding", 1-s.Value
	switch s.Name {
	case object.ProtocolEnabled:
		file, value = "disable_ipv6", s.Value
	case object.DADTransmits:
		file = "dad_transmits"
	}
	link := s.Link
	if link == "" {
		link = "all"
	}
	w.inside(t, func() error {
		return os.WriteFile("/proc/sys/net/"+s.Family.String()+"/conf/"+link+"/"+file, []byte(strconv.Itoa(int(value))), 0)
	})
}

func (w *world) Set(t testing.TB, l *object.Link, a object.Attr) {
	t.Helper()
	switch a {
	case object.Up:
		w.ip(t, "link set "+l.Name+" "+map[bool]string{true: "up", false: "down"}[l.Up])
	case object.MTU:
		w.ip(t, "link set "+l.Name+" mtu "+strconv.Itoa(int(l.MTU)))
	case object.MACAttr:
		w.ip(t, "link set "+l.Name+" address "+l.MAC.String())
	case object.Description:
		w.run(t, "ip", "link", "set", l.Name, "alias", l.Description)
	case object.Master:
		if l.Master == "" {
			w.ip(t, "link set "+l.Name+" nomaster")
		} else {
			w.ip(t, "link set "+l.Name+" master "+l.Master)
		}
	}
}

func (w *world) Samples() []conformance.Sample {
	mac, _ := object.ParseMAC("02:00:5e:00:00:42")
	local, remote, other := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2"), netip.MustParseAddr("192.0.2.3")
	bridge := func(l object.Link, attrs ...object.Attr) object.Claim {
		l.Name, l.Kind = "br0", object.Bridge
		return conformance.Created(l, attrs...)
	}
	vxlan := func(l object.Link, attrs ...object.Attr) object.Claim {
		l.Name, l.Kind = "vx0", object.VXLAN
		return conformance.Created(l, append([]object.Attr{object.VNI, object.Local}, attrs...)...)
	}
	macvlan := func(l object.Link, attrs ...object.Attr) object.Claim {
		l.Name, l.Kind = "mv0", object.Macvlan
		return conformance.Created(l, append([]object.Attr{object.Parent, object.Mode}, attrs...)...)
	}
	tap := func(l object.Link, attrs ...object.Attr) object.Claim {
		l.Name, l.Kind = "tap0", object.Tap
		return conformance.Created(l, attrs...)
	}
	veth := func(l object.Link, attrs ...object.Attr) object.Claim {
		l.Name, l.Kind = "ve0", object.Veth
		return conformance.Created(l, append([]object.Attr{object.Peer}, attrs...)...)
	}
	underlay := conformance.Address("p", "192.0.2.1/24")
	foreignTap := &object.Link{Kind: object.Tap}
	named := func(name string) *object.Link { l := *foreignTap; l.Name = name; return &l }
	return append([]conformance.Sample{
		{Name: "veth", Claim: veth(object.Link{Peer: "ve1"}), Changes: []object.Claim{
			veth(object.Link{Peer: "ve1", MTU: 1400, MAC: mac, Description: "a wire"}, object.MTU, object.MACAttr, object.Description),
			veth(object.Link{Peer: "ve2"}),
		}, Foreign: named("ve0")},
		{Name: "bridge", Claim: bridge(object.Link{}), Changes: []object.Claim{
			bridge(object.Link{MTU: 1400, MAC: mac, Description: "inside"}, object.MTU, object.MACAttr, object.Description),
			bridge(object.Link{STP: true, AgeingTime: 60, ForwardDelay: 4}, object.STP, object.AgeingTime, object.ForwardDelay),
			bridge(object.Link{STP: false, AgeingTime: 600}, object.STP, object.AgeingTime),
		}, Foreign: named("br0")},
		{Name: "port of a bridge", Needs: []object.Claim{bridge(object.Link{})},
			Claim:   conformance.Link(object.Link{Name: "p", Up: true, Master: "br0", MTU: 1500, Description: "port"}, object.Up, object.Master, object.MTU, object.Description),
			Changes: []object.Claim{conformance.Link(object.Link{Name: "p", Up: true}, object.Up, object.Master)}},
		{Name: "vxlan", Needs: []object.Claim{underlay}, Claim: vxlan(object.Link{VNI: 42, Local: local, Remote: remote}, object.Remote), Changes: []object.Claim{
			vxlan(object.Link{VNI: 42, Local: local, Remote: other}, object.Remote),
			vxlan(object.Link{VNI: 42, Local: local, Remote: other, TTL: 7, Learning: false}, object.Remote, object.TTL, object.Learning),
			vxlan(object.Link{VNI: 43, Local: local, Remote: other, Port: 4790}, object.Remote, object.Port),
			vxlan(object.Link{VNI: 43, Local: local, Parent: "p", MTU: 1300}, object.Parent, object.MTU),
		}, Foreign: named("vx0")},
		{Name: "macvlan", Claim: macvlan(object.Link{Parent: "p", MacvlanMode: object.MacvlanBridge}), Changes: []object.Claim{
			macvlan(object.Link{Parent: "p", MacvlanMode: object.MacvlanPrivate, MAC: mac}, object.MACAttr),
			macvlan(object.Link{Parent: "q", MacvlanMode: object.MacvlanVEPA, MTU: 1400}, object.MTU),
			macvlan(object.Link{Parent: "q", MacvlanMode: object.MacvlanPassthru}),
		}, Foreign: named("mv0")},
		{Name: "tap", Claim: tap(object.Link{}), Changes: []object.Claim{
			tap(object.Link{MTU: 1400, MAC: mac, Description: "to the CNF"}, object.MTU, object.MACAttr, object.Description),
			tap(object.Link{MultiQueue: true, Owner: 1000, Group: 1000}, object.MultiQueue, object.Owner, object.Group),
		}, Foreign: &object.Link{Name: "tap0", Kind: object.Bridge}},
		{Name: "IPv4 forwarding", Claim: conformance.Setting(object.Forwarding, object.IPv4, "p", 1),
			Changes: []object.Claim{conformance.Setting(object.Forwarding, object.IPv4, "p", 0)}},
		{Name: "IPv6 forwarding", Claim: conformance.Setting(object.Forwarding, object.IPv6, "p", 1),
			Changes: []object.Claim{conformance.Setting(object.Forwarding, object.IPv6, "p", 0)}},
		{Name: "global forwarding", Claim: conformance.Setting(object.Forwarding, object.IPv4, "", 1),
			Needs:   []object.Claim{conformance.Setting(object.Forwarding, object.IPv4, "q", 0)},
			Changes: []object.Claim{conformance.Setting(object.Forwarding, object.IPv4, "", 0)}},
		{Name: "DAD transmits", Silent: true, Claim: conformance.Setting(object.DADTransmits, object.IPv6, "q", 0),
			Changes: []object.Claim{conformance.Setting(object.DADTransmits, object.IPv6, "q", 3)}},
		{Name: "IPv6 off", Claim: conformance.Setting(object.ProtocolEnabled, object.IPv6, "q", 1),
			Changes: []object.Claim{conformance.Setting(object.ProtocolEnabled, object.IPv6, "q", 0)}},
	}, w.rareSamples()...)
}

func TestConformance(t *testing.T) {
	conformance.Run(t, func(t testing.TB) conformance.World { return newWorld(t) })
}
