package vpp_test

import (
	"fmt"
	"testing"
	"time"

	"go.fd.io/govpp/binapi/fib_types"
	interfaces "go.fd.io/govpp/binapi/interface"
	"go.fd.io/govpp/binapi/interface_types"
	"go.fd.io/govpp/binapi/ip"
	"go.fd.io/govpp/binapi/ip_types"

	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/vpp/vpptest"
)

// hand is somebody else's.
type hand struct {
	t *testing.T
	c *vpptest.Client
}

// loopback makes one that is up and has something on it.
func (h hand) loopback(name string) interface_types.InterfaceIndex {
	i := h.make()
	h.name(i, name)
	h.up(i)
	h.on(i, true)
	return i
}

func (h hand) make() interface_types.InterfaceIndex {
	return h.c.Do(h.t, &interfaces.CreateLoopback{}).(*interfaces.CreateLoopbackReply).SwIfIndex
}

func (h hand) up(i interface_types.InterfaceIndex) {
	h.c.Do(h.t, &interfaces.SwInterfaceSetFlags{SwIfIndex: i, Flags: upFlags(true)})
}

func (h hand) name(i interface_types.InterfaceIndex, name string) {
	h.c.Do(h.t, &interfaces.SwInterfaceSetInterfaceName{SwIfIndex: i, Name: name})
}

// on puts an address on a link and a route over it, or takes them away.
func (h hand) on(i interface_types.InterfaceIndex, add bool) {
	if add {
		h.address(i, "192.0.2.1/24", true)
	}
	to, _ := ip_types.ParsePrefix("198.51.100.0/24")
	via, _ := ip_types.ParseIP4Address("192.0.2.2")
	h.c.Do(h.t, &ip.IPRouteAddDelV2{IsAdd: add, IsMultipath: true, Route: ip.IPRouteV2{Prefix: to, NPaths: 1, Paths: []fib_types.FibPath{{
		SwIfIndex: uint32(i), Weight: 1, Nh: fib_types.FibPathNh{Address: ip_types.AddressUnionIP4(via)},
	}}}})
	if !add {
		h.address(i, "192.0.2.1/24", false)
	}
}

func (h hand) address(i interface_types.InterfaceIndex, address string, add bool) {
	prefix, _ := ip_types.ParseAddressWithPrefix(address)
	h.c.Do(h.t, &interfaces.SwInterfaceAddDelAddress{IsAdd: add, SwIfIndex: i, Prefix: prefix})
}

// read takes one object in.
func (s *seer) read(o object.Object) {
	s.t.Helper()
	now, err := s.b.Read(s.t.Context(), o)
	if err != nil {
		s.t.Fatal(err)
	}
	if s.seen[o.ID()] = now; now == nil {
		delete(s.seen, o.ID())
	}
}

// under takes in what is on a link.
func (s *seer) under(link string) {
	s.t.Helper()
	now, err := s.b.Under(s.t.Context(), link)
	if err != nil {
		s.t.Fatal(err)
	}
	for id, was := range s.seen {
		if id.Kind != object.KindSetting && isOn(was, link) {
			delete(s.seen, id)
		}
	}
	for _, o := range now {
		s.seen[o.ID()] = o
	}
}

// Somebody changes something, which the listener finds out by himself, and changes it
// back, before the watcher looks again: the watcher has told nothing else ever, and
// yet tells it again.
func TestWatchChangedBack(t *testing.T) {
	type index = interface_types.InterfaceIndex
	renamed := func(h hand, i index) { h.name(i, "x") }
	named := func(h hand, i index) { h.name(i, "p") }
	bare := func(h hand, i index) { h.on(i, false) }
	used := func(h hand, i index) { h.on(i, true) }
	for _, c := range []struct {
		name   string
		change func(h hand, i index)
		find   func(s *seer)
		back   func(h hand, i index)
	}{
		{"a name, dumped", renamed, (*seer).dump, named},
		{"a name, read", renamed, func(s *seer) { s.read(&object.Link{Name: "p"}) }, named},
		{"a name, and what is by it", renamed, func(s *seer) { s.under("p") }, named},
		{"what is on a link, dumped", bare, (*seer).dump, used},
		{"what is on a link, read", bare, func(s *seer) { s.read(&object.Address{Link: "p", IP: addr("192.0.2.1")}) }, used},
		{"what is on a link, listed", bare, func(s *seer) { s.under("p") }, used},
		{"one more, read", func(h hand, i index) { h.address(i, "203.0.113.1/24", true) },
			func(s *seer) { s.read(&object.Address{Link: "p", IP: addr("203.0.113.1")}) },
			func(h hand, i index) { h.address(i, "203.0.113.1/24", false) }},
		{"a link, told", func(h hand, i index) { h.c.Do(h.t, &interfaces.DeleteLoopback{SwIfIndex: i}) },
			func(s *seer) { s.until("it is gone", func() bool { return s.link("p") == nil }) },
			func(h hand, _ index) { h.name(h.make(), "p") }},
	} {
		for _, looked := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, looked at before %t", c.name, looked), func(t *testing.T) {
				onEach(t, func(t *testing.T, d vpptest.Dataplane) {
					h := hand{t, vpptest.Dial(t, d.Socket())}
					i := h.loopback("p")
					s := watch(t, d, time.Millisecond)
					if looked {
						h.address(i, "203.0.113.9/24", true)
						s.until("all that there is", s.complete)
					}
					c.change(h, i)
					c.find(s)
					c.back(h, i)
					s.until("all that there is", s.complete)
				})
			})
		}
	}
}

// A link of somebody else's is told of as it comes, and by the name that he gives it
// then, of which VPP tells nothing.
func TestWatchComes(t *testing.T) {
	for _, looked := range []bool{false, true} {
		t.Run(fmt.Sprintf("looked at before %t", looked), func(t *testing.T) {
			onEach(t, func(t *testing.T, d vpptest.Dataplane) {
				h := hand{t, vpptest.Dial(t, d.Socket())}
				s := watch(t, d, time.Millisecond)
				if looked {
					h.loopback("q")
					s.until("all that there is", s.complete)
				}
				i := h.make()
				h.up(i)
				s.until("a link", func() bool { l := s.link(fmt.Sprintf("loop%d", i-1)); return l != nil && l.Up })
				h.name(i, "p")
				s.until("its name", func() bool { return s.link("p") != nil })
				s.until("all that there is", s.complete)
			})
		})
	}
}

// A small table is looked at often, though VPP answers late.
func TestWatchLag(t *testing.T) {
	f := vpptest.NewFake(t)
	h := hand{t, vpptest.Dial(t, f.Socket())}
	i := h.loopback("p")
	s := watch(t, f, time.Millisecond)
	release := f.Late("sw_interface_dump")
	time.AfterFunc(100*time.Millisecond, release)
	h.address(i, "203.0.113.1/24", true)
	s.until("the address", func() bool { return s.seen[object.AddressID("p", addr("203.0.113.1"))] != nil })
	if lag := s.b.Lag(); lag > time.Second {
		t.Errorf("after a reading that VPP was late to answer, of a few objects, nothing is read for %s", lag)
	}
}
