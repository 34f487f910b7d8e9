package vpp_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"go.fd.io/govpp/binapi/ethernet_types"
	"go.fd.io/govpp/binapi/fib_types"
	interfaces "go.fd.io/govpp/binapi/interface"
	"go.fd.io/govpp/binapi/interface_types"
	"go.fd.io/govpp/binapi/ip"
	"go.fd.io/govpp/binapi/ip_neighbor"
	"go.fd.io/govpp/binapi/ip_types"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/vpp"
	"github.com/outrigger-cnf/outrigger/southbound/vpp/vpptest"
)

// watchPatience is how long what must happen may take on a busy machine.
const watchPatience = 20 * time.Second

// seer takes in what a watcher tells.
type seer struct {
	t    *testing.T
	b    *vpp.Backend
	w    southbound.Watcher
	seen map[object.ID]object.State
	lost int
	last []southbound.Change // told
}

// watch watches, polling every so often, and dumps as the driver does.
func watch(t *testing.T, d vpptest.Dataplane, poll time.Duration) *seer {
	t.Helper()
	b, err := vpp.New(vpp.Config{Socket: d.Socket(), Stats: d.Stats(), Poll: poll})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	if err := b.Await(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := &seer{t: t, b: b, seen: make(map[object.ID]object.State)}
	if s.w, err = b.Watch(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.w.Close() })
	s.dump()
	return s
}

// dump takes all in that there is.
func (s *seer) dump() {
	s.t.Helper()
	all, err := s.b.Dump(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	clear(s.seen)
	for _, o := range all {
		s.seen[o.ID()] = o
	}
}

// next takes in what happens next; false: nothing has within the time.
func (s *seer) next(within time.Duration) bool {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), within)
	defer cancel()
	e, err := s.w.Next(ctx)
	if err != nil {
		if !errors.Is(err, context.DeadlineExceeded) {
			s.t.Fatal(err)
		}
		return false
	}
	if e.Lost {
		s.lost++
	}
	s.last = e.Changes
	for _, c := range e.Changes {
		s.forget(c)
		if c.State == nil {
			delete(s.seen, c.ID)
		} else if c.State.ID() != c.ID {
			s.t.Errorf("%s is told as %s", c.State.ID(), c.ID)
		} else {
			s.seen[c.ID] = c.State
		}
	}
	return true
}

// forget forgets what is on a link that is told to have gone or to be another, as the
// driver does.
func (s *seer) forget(c southbound.Change) {
	was := s.link(c.ID.Name)
	if now, _ := c.State.(*object.LinkState); c.ID.Kind != object.KindLink || was == nil || now != nil && now.Index == was.Index {
		return
	}
	for id, state := range s.seen {
		if isOn(state, c.ID.Name) {
			delete(s.seen, id)
		}
	}
}

// isOn reports whether something is on a link.
func isOn(state object.State, link string) bool {
	switch o := state.(type) {
	case *object.SettingState:
		return o.Link == link
	case *object.AddressState:
		return o.Link == link
	case *object.NeighborState:
		return o.Link == link
	case *object.RouteState:
		return object.Needs(&o.Route, link)
	}
	return false
}

// until waits for a condition of what was told.
func (s *seer) until(what string, so func() bool) {
	s.t.Helper()
	for !so() {
		if !s.next(watchPatience) {
			s.t.Fatalf("never told: %s", what)
		}
	}
}

// complete reports whether all that there is was told, and nothing else.
func (s *seer) complete() bool {
	s.t.Helper()
	all, err := s.b.Dump(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	for _, o := range all {
		if was := s.seen[o.ID()]; was == nil || !was.Same(o) {
			return false
		}
	}
	return len(all) == len(s.seen)
}

func (s *seer) link(name string) *object.LinkState {
	l, _ := s.seen[object.LinkID(name)].(*object.LinkState)
	return l
}

func upFlags(up bool) interface_types.IfStatusFlags {
	if up {
		return interface_types.IF_STATUS_API_FLAG_ADMIN_UP
	}
	return 0
}

// What VPP tells of, is told at once.
func TestWatchEvents(t *testing.T) {
	onEach(t, func(t *testing.T, d vpptest.Dataplane) {
		s := watch(t, d, time.Hour)
		other := vpptest.Dial(t, d.Socket())
		made := other.Do(t, &interfaces.CreateLoopback{}).(*interfaces.CreateLoopbackReply)
		other.Do(t, &interfaces.SwInterfaceSetFlags{SwIfIndex: made.SwIfIndex, Flags: upFlags(true)})
		s.until("a loopback that is up", func() bool { l := s.link("loop0"); return l != nil && l.Up && !l.Owned })

		n := ip_neighbor.IPNeighbor{SwIfIndex: made.SwIfIndex, Flags: ip_neighbor.IP_API_NEIGHBOR_FLAG_STATIC, MacAddress: ethernet_types.MacAddress{2, 0, 0, 0, 0, 1}}
		for _, a := range []string{"192.0.2.9", "2001:db8::9"} {
			n.IPAddress, _ = ip_types.ParseAddress(a)
			id := object.NeighborID("loop0", addr(a))
			other.Do(t, &ip_neighbor.IPNeighborAddDel{IsAdd: true, Neighbor: n})
			s.until("neighbor "+a, func() bool { return s.seen[id] != nil })
			other.Do(t, &ip_neighbor.IPNeighborAddDel{Neighbor: n})
			s.until("neighbor "+a+" gone", func() bool { return s.seen[id] == nil })
		}
		other.Do(t, &interfaces.SwInterfaceSetFlags{SwIfIndex: made.SwIfIndex})
		s.until("a loopback that is down", func() bool { return !s.link("loop0").Up })
		other.Do(t, &interfaces.DeleteLoopback{SwIfIndex: made.SwIfIndex})
		s.until("no loopback", func() bool { return s.link("loop0") == nil })
		if s.lost > 0 {
			t.Errorf("lost %d times", s.lost)
		}
	})
}

// What VPP does not tell of, is found.
func TestWatchPolls(t *testing.T) {
	onEach(t, func(t *testing.T, d vpptest.Dataplane) {
		other := vpptest.Dial(t, d.Socket())
		made := other.Do(t, &interfaces.CreateLoopback{}).(*interfaces.CreateLoopbackReply)
		s := watch(t, d, 10*time.Millisecond)
		prefix, _ := ip_types.ParseAddressWithPrefix("192.0.2.1/24")
		address := object.AddressID("loop0", addr("192.0.2.1"))
		where, _ := ip_types.ParsePrefix("198.51.100.0/24")
		way := ip.IPRouteV2{Prefix: where, NPaths: 1, Paths: []fib_types.FibPath{{SwIfIndex: ^uint32(0), Weight: 1, Type: fib_types.FIB_API_PATH_TYPE_DROP}}}
		routed := func() bool {
			for id := range s.seen {
				if r, ok := s.seen[id].(*object.RouteState); ok && r.Prefix.String() == "198.51.100.0/24" {
					return true
				}
			}
			return false
		}
		for _, on := range []bool{true, false} {
			tag, mtu := "", uint32(9000)
			if on {
				tag, mtu = "somebody", 1400
			}
			other.Do(t, &interfaces.SwInterfaceTagAddDel{IsAdd: on, SwIfIndex: made.SwIfIndex, Tag: tag})
			s.until("description "+tag, func() bool { return s.link("loop0").Description == tag })
			other.Do(t, &interfaces.SwInterfaceSetMtu{SwIfIndex: made.SwIfIndex, Mtu: []uint32{mtu, 0, 0, 0}})
			s.until("MTU", func() bool { return s.link("loop0").MTU == mtu })
			other.Do(t, &interfaces.SwInterfaceAddDelAddress{IsAdd: on, SwIfIndex: made.SwIfIndex, Prefix: prefix})
			s.until("address", func() bool { return (s.seen[address] != nil) == on })
			other.Do(t, &ip.IPRouteAddDelV2{IsAdd: on, Route: way})
			s.until("route", func() bool { return routed() == on })
		}
		// What else has changed with it is told when its table is read next, which may be
		// later. Then nothing more is told, though all is read again and again.
		s.until("all that there is", s.complete)
		before := s.b.Stats().Dumps
		for s.b.Stats().Dumps < before+20 {
			if s.next(100 * time.Millisecond) {
				t.Fatalf("told though nothing happens: %s", s.last[0].ID)
			}
		}
	})
}

// What happens between the dump and the first look at a table is not missed.
func TestWatchSinceDump(t *testing.T) {
	onEach(t, func(t *testing.T, d vpptest.Dataplane) {
		other := vpptest.Dial(t, d.Socket())
		made := other.Do(t, &interfaces.CreateLoopback{}).(*interfaces.CreateLoopbackReply)
		prefix, _ := ip_types.ParseAddressWithPrefix("192.0.2.1/24")
		other.Do(t, &interfaces.SwInterfaceAddDelAddress{IsAdd: true, SwIfIndex: made.SwIfIndex, Prefix: prefix})
		s := watch(t, d, 50*time.Millisecond)
		id := object.AddressID("loop0", addr("192.0.2.1"))
		if s.seen[id] == nil {
			t.Fatal("not dumped")
		}
		other.Do(t, &interfaces.SwInterfaceAddDelAddress{SwIfIndex: made.SwIfIndex, Prefix: prefix})
		s.until("address gone", func() bool { return s.seen[id] == nil })
	})
}

// A storm of events is read in one go.
func TestWatchStorm(t *testing.T) {
	onEach(t, func(t *testing.T, d vpptest.Dataplane) {
		const n = 150
		other := vpptest.Dial(t, d.Socket())
		for range n {
			other.Do(t, &interfaces.CreateLoopback{})
		}
		s := watch(t, d, time.Hour)
		before := s.b.Stats()
		for i := range n {
			other.Do(t, &interfaces.SwInterfaceSetFlags{SwIfIndex: interface_types.InterfaceIndex(i + 1), Flags: upFlags(true)})
		}
		s.until("all up", func() bool {
			up := 0
			for _, o := range s.seen {
				if l, ok := o.(*object.LinkState); ok && l.Up {
					up++
				}
			}
			return up == n
		})
		after := s.b.Stats()
		if after.Reads+after.Dumps-before.Reads-before.Dumps > n/2 || after.Lost != before.Lost {
			t.Errorf("before %+v, after %+v", before, after)
		}
	})
}

// A link that has got another name is not put together from pieces.
func TestWatchRename(t *testing.T) {
	onEach(t, func(t *testing.T, d vpptest.Dataplane) {
		other := vpptest.Dial(t, d.Socket())
		made := other.Do(t, &interfaces.CreateLoopback{}).(*interfaces.CreateLoopbackReply)
		s := watch(t, d, time.Hour)
		other.Do(t, &interfaces.SwInterfaceSetInterfaceName{SwIfIndex: made.SwIfIndex, Name: "else"})
		other.Do(t, &interfaces.SwInterfaceSetFlags{SwIfIndex: made.SwIfIndex, Flags: upFlags(true)})
		s.until("a loss", func() bool { return s.lost > 0 })
	})
}

// The watcher ends with the connection.
func TestWatchEnds(t *testing.T) {
	onEach(t, func(t *testing.T, d vpptest.Dataplane) {
		s := watch(t, d, time.Hour)
		d.Die()
		if _, err := s.w.Next(t.Context()); !errors.Is(err, southbound.ErrAway) {
			t.Fatalf("killed: %v", err)
		}
		if _, err := s.b.Watch(t.Context()); !errors.Is(err, southbound.ErrAway) {
			t.Fatalf("while it is away: %v", err)
		}
		d.Restart(t)
		if err := s.b.Await(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := s.w.Next(t.Context()); !errors.Is(err, southbound.ErrAway) {
			t.Fatalf("of another connection: %v", err)
		}
		again, err := s.b.Watch(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer again.Close()
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		if _, err := again.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("nothing happened: %v", err)
		}
	})
}
