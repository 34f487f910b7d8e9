package vpp_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"go.fd.io/govpp/binapi/ip"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/conformance"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/vpp"
	"github.com/outrigger-cnf/outrigger/southbound/vpp/vpptest"
)

// Faults of VPP, beside those of the conformance suite, in which it hangs before and
// after each step.

// loop claims a loopback of ours.
func loop(name string) object.Claim {
	return conformance.Created(object.Link{Name: name, Kind: object.Loopback})
}

// before and after are two configurations that differ in every kind of object.
func before() []object.Claim {
	return []object.Claim{
		conformance.Up("p", true), conformance.Address("p", "192.0.2.1/24"), loop("lan"), conformance.Address("lan", "2001:db8:5::1/64"),
		conformance.Route("203.0.113.0/24", 0, conformance.Via("192.0.2.2", "p")), conformance.Route("203.0.114.0/24", 7),
	}
}

func after() []object.Claim {
	return []object.Claim{
		conformance.Up("p", true), conformance.Address("p", "192.0.2.7/24"), loop("dmz"), conformance.Address("dmz", "2001:db8:6::1/64"),
		conformance.Neighbor("p", "192.0.2.9", "02:00:00:00:00:01"), conformance.Link(object.Link{Name: "q", MTU: 1400}, object.MTU),
		conformance.Route("203.0.113.0/24", 0, conformance.Via("192.0.2.3", "p")), conformance.Route("2001:db8:f::/48", 0),
	}
}

// inSync waits until all claims are there, and said to be.
func inSync(b *conformance.Bench, claims []object.Claim) {
	b.Eventually("all is there", func() bool {
		if _, err := b.Backend.Dump(context.Background()); err != nil {
			return false
		}
		return !slices.ContainsFunc(claims, func(c object.Claim) bool { return b.Condition(c) != object.InSync || !b.Has(c) })
	})
}

// waiting waits until the driver has noticed that VPP is away.
func waiting(b *conformance.Bench, claims []object.Claim) {
	b.Eventually("the driver has noticed", func() bool {
		return !slices.ContainsFunc(claims, func(c object.Claim) bool { return b.Condition(c) != object.Pending })
	})
}

// VPP is killed while nothing happens, and comes again with nothing and, the fake,
// with other message numbers.
func TestKilledIdle(t *testing.T) {
	onEach(t, func(t *testing.T, d vpptest.Dataplane) {
		w := vpptest.NewWorld(t, d, opener(d))
		b := conformance.NewBench(t, w, southbound.Config{}, before()...)
		b.Observe()
		inSync(b, before())
		for range 3 {
			d.Die()
			waiting(b, before())
			w.Replace(t)
			inSync(b, before())
		}
		if n := b.Backend.Backend.(*vpp.Backend).Dataplane().Restarts; n != 3 {
			t.Errorf("%d restarts are told, want 3", n)
		}
	})
}

// VPP is killed at each step of a change, before it and after it. The change is
// refused, and all is as it was before once there is a VPP again.
func TestKilledInPlan(t *testing.T) {
	onEach(t, func(t *testing.T, d vpptest.Dataplane) {
		w := vpptest.NewWorld(t, d, opener(d))
		b := conformance.NewBench(t, w, southbound.Config{}, before()...)
		b.Observe()
		for k := 0; ; k++ {
			for _, late := range []bool{false, true} {
				killed := false
				b.Backend.Interrupt(k, late, func() { killed = true; d.Die() })
				err := b.Apply(after()...)
				b.Backend.Heal()
				if !killed {
					if err != nil {
						t.Fatal(err)
					}
					b.MustHave(after()...)
					if k < 8 {
						t.Errorf("the plan had only %d steps", k)
					}
					return
				}
				if err == nil && !late { // the last step's answer is not missed
					t.Fatalf("killed at step %d, and the change was accepted", k)
				}
				w.Replace(t)
				if err == nil {
					inSync(b, after())
					b.MustApply(before()...)
				}
				inSync(b, before())
				for _, c := range after() {
					if l, ok := c.Object.(*object.Link); ok && l.Name == "dmz" && b.Has(c) {
						t.Fatalf("killed at step %d: %s of the change that was refused is there", k, c.ID())
					}
				}
			}
		}
	})
}

// The fake dies of each message that changes something.
func TestKilledByMessage(t *testing.T) {
	f := vpptest.NewFake(t)
	w := vpptest.NewWorld(t, f, opener(f))
	b := conformance.NewBench(t, w, southbound.Config{}, before()...)
	b.Observe()
	for k := 1; ; k++ {
		f.DieAt(k)
		err := b.Apply(after()...)
		f.DieAt(0)
		if err == nil {
			if k < 8 {
				t.Errorf("the plan had only %d messages", k-1)
			}
			return
		}
		if !errors.Is(err, southbound.ErrAway) {
			t.Fatalf("message %d: %v", k, err)
		}
		w.Replace(t)
		inSync(b, before())
	}
}

// VPP refuses each message that changes something. Nothing may have changed then.
func TestRefusedMessage(t *testing.T) {
	f := vpptest.NewFake(t)
	w := vpptest.NewWorld(t, f, opener(f))
	b := conformance.NewBench(t, w, southbound.Config{}, before()...)
	state := b.State()
	for k := 1; ; k++ {
		f.FailAt(k)
		err := b.Apply(after()...)
		refused := f.Refused()
		f.FailAt(0)
		if refused == 0 {
			if err != nil {
				t.Fatal(err)
			}
			return
		}
		if err == nil { // what was refused was not needed
			b.MustHave(after()...)
			b.MustApply(before()...)
			continue
		}
		if got := b.State(); got != state {
			t.Fatalf("message %d was refused (%v); before:\n%s\nafter:\n%s", k, err, state, got)
		}
	}
}

// VPP hangs for longer than the deadline and goes on as it was. What it tells by
// itself must come again: with no looking at tables, the link's going down shows by
// an event alone.
func TestHangs(t *testing.T) {
	onEach(t, func(t *testing.T, d vpptest.Dataplane) {
		w := vpptest.NewWorld(t, d, func(t testing.TB) southbound.Backend {
			b, err := vpp.New(vpp.Config{Socket: d.Socket(), Stats: d.Stats(), Poll: time.Hour, Deadline: 500 * time.Millisecond, Interval: 50 * time.Millisecond})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { b.Close() })
			return b
		})
		b := conformance.NewBench(t, w, southbound.Config{}, loop("lan"))
		b.Observe()
		up := func() bool {
			text, _ := b.Published(object.LinkID("q").String())
			return strings.Contains(text, "Up:true")
		}
		b.Eventually("q is shown", up)
		for range 2 {
			d.Hang()
			waiting(b, []object.Claim{loop("lan")})
			writes := b.Backend.Stats().Writes
			d.Resume()
			inSync(b, []object.Claim{loop("lan")})
			if n := b.Backend.Stats().Writes - writes; n != 0 {
				t.Errorf("%d writes to a VPP that is as it was", n)
			}
			b.Eventually("q is shown again", up)
			w.Set(t, &object.Link{Name: "q"}, object.Up)
			b.Eventually("q's going down is told", func() bool { return !up() })
			w.Set(t, &object.Link{Name: "q", Up: true}, object.Up)
			b.Eventually("and its coming up", up)
		}
	})
}

// An answer that comes after its deadline is taken for nobody else's.
func TestLateAnswer(t *testing.T) {
	f := vpptest.NewFake(t)
	w := vpptest.NewWorld(t, f, opener(f))
	b := conformance.NewBench(t, w, southbound.Config{}, before()...)
	for _, name := range []string{"sw_interface_add_del_address", "ip_route_lookup_v2", "ip_route_add_del_v2"} {
		release := f.Late(name)
		err := b.Apply(append(before(), conformance.Address("q", "198.51.100.1/24"), conformance.Route("198.18.0.0/24", 0, conformance.Via("198.51.100.2", "q")))...)
		if !errors.Is(err, southbound.ErrAway) {
			t.Fatalf("%s late: %v, want %v", name, err, southbound.ErrAway)
		}
		release()
		r := b.Backend.Backend.(*vpp.Backend)
		if err := r.Await(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := b.Driver.Resync(t.Context(), b.Config(before()...)); err != nil {
			t.Fatal(err)
		}
		b.MustHave(before()...)
		s := b.Read(&object.Link{Name: "p"})
		if l, ok := s.(*object.LinkState); !ok || l.Name != "p" {
			t.Fatalf("p is read as %+v", s)
		}
	}
}

// After an upgrade one message is another one. What needs it is refused and says so;
// the rest works.
func TestMissingMessage(t *testing.T) {
	f := vpptest.NewFake(t)
	w := vpptest.NewWorld(t, f, opener(f))
	b := conformance.NewBench(t, w, southbound.Config{}, before()...)
	b.Observe()
	r := b.Backend.Backend.(*vpp.Backend)
	if missing := r.Dataplane().Missing; len(missing) != 0 {
		t.Fatalf("missing from the start: %q", missing)
	}
	f.MissCRC("vxlan_add_del_tunnel_v3")
	w.Replace(t)
	inSync(b, before())
	missing := r.Dataplane().Missing
	if len(missing) != 1 || !strings.Contains(missing[0], "vxlan_add_del_tunnel_v3") {
		t.Fatalf("missing: %q", missing)
	}
	tunnel := conformance.Created(object.Link{Name: "vx", Kind: object.VXLAN, VNI: 7, Local: netip.MustParseAddr("192.0.2.1"), Remote: netip.MustParseAddr("192.0.2.2")},
		object.VNI, object.Local, object.Remote)
	err := b.Apply(append(before(), tunnel)...)
	if err == nil || !strings.Contains(err.Error(), "vxlan") {
		t.Fatalf("a tunnel: %v, want a refusal that names what is missing", err)
	}
	b.MustApply(after()...)
	b.MustHave(after()...)

	// Without what everything needs there is no connection, and it says why.
	f.MissCRC("sw_interface_dump")
	f.Die()
	waiting(b, after())
	f.Restart(t)
	b.Eventually("it is said why", func() bool {
		_, err := r.Dump(t.Context())
		return errors.Is(err, southbound.ErrAway) && strings.Contains(err.Error(), "cannot be used") && strings.Contains(err.Error(), "has sw_interface_dump in version")
	})
	if r.Dataplane().Connected {
		t.Error("it is connected")
	}
	f.MissCRC()
	w.Replace(t)
	inSync(b, after())
}

// There is no VPP at the start.
func TestAbsent(t *testing.T) {
	each := func(name string, make func(t *testing.T) vpptest.Dataplane) {
		t.Run(name, func(t *testing.T) {
			d := make(t)
			w := vpptest.Absent(t, d, opener(d))
			b := conformance.NewBench(t, w, southbound.Config{}, before()...)
			b.Observe()
			waiting(b, before())
			if err := b.Apply(after()...); !errors.Is(err, southbound.ErrAway) {
				t.Fatalf("a change: %v, want %v", err, southbound.ErrAway)
			}
			w.Replace(t)
			inSync(b, before())
		})
	}
	each("fake", func(t *testing.T) vpptest.Dataplane { return vpptest.NewAbsent(t) })
	each("vpp", func(t *testing.T) vpptest.Dataplane { return vpptest.Prepare(t, realVPP(t)) })
}

// Another interface gets the number of one that went. Nothing that was meant for the
// one is done to the other.
func TestIndexReuse(t *testing.T) {
	onEach(t, func(t *testing.T, d vpptest.Dataplane) {
		w := vpptest.NewWorld(t, d, opener(d))
		w.Add(t, &object.Link{Name: "first", Kind: object.Loopback})
		claims := []object.Claim{conformance.Address("first", "198.51.100.1/24"), conformance.Link(object.Link{Name: "first", MTU: 1400}, object.MTU)}
		b := conformance.NewBench(t, w, southbound.Config{}, claims...)
		b.Observe()
		inSync(b, claims)
		for range 3 {
			old := b.Read(&object.Link{Name: "first"}).(*object.LinkState).Index
			w.Remove(t, &object.Link{Name: "first"})
			w.Add(t, &object.Link{Name: "second", Kind: object.Loopback})
			got := b.Read(&object.Link{Name: "second"}).(*object.LinkState)
			if got.Index != old {
				t.Fatalf("it has number %d: this test tests nothing", got.Index)
			}
			b.Eventually("what was on the link waits", func() bool {
				return b.Condition(claims[0]) == object.Pending && b.Condition(claims[1]) == object.Pending
			})
			if s := b.Read(&object.Address{Link: "second", IP: netip.MustParseAddr("198.51.100.1")}); s != nil {
				t.Errorf("the other one has %+v", s)
			}
			if got := b.Read(&object.Link{Name: "second"}).(*object.LinkState); got.MTU == 1400 {
				t.Errorf("the other one is %+v", got)
			}
			w.Add(t, &object.Link{Name: "first", Kind: object.Loopback})
			inSync(b, claims)
			w.Remove(t, &object.Link{Name: "second"})
		}
	})
}

// manyRoutes is a configuration with n routes.
func manyRoutes(n int) []object.Claim {
	claims := []object.Claim{conformance.Up("p", true), conformance.Address("p", "192.0.2.1/24"), loop("lan")}
	for i := range n {
		claims = append(claims, conformance.Route(fmt.Sprintf("10.%d.%d.0/24", i>>8, i&255), 0, conformance.Via("192.0.2.2", "p")))
	}
	return claims
}

// routesOf counts the routes of the default table that are not VPP's own.
func routesOf(t testing.TB, c *vpptest.Client) (n int) {
	t.Helper()
	list, err := vpptest.Dump[ip.IPRouteV2Details](c, &ip.IPRouteV2Dump{})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range list {
		if d.Route.Prefix.Len == 24 && d.Route.Prefix.Address.Un.GetIP4()[0] == 10 {
			n++
		}
	}
	return n
}

// A VPP that was killed has its 10,000 routes again within 2 s of answering; and an
// agent that starts anew writes nothing.
func TestResyncSpeed(t *testing.T) {
	const routes, limit = 10000, 2 * time.Second
	onEach(t, func(t *testing.T, d vpptest.Dataplane) {
		w := vpptest.NewWorld(t, d, func(t testing.TB) southbound.Backend { return patient(t, d) })
		claims := manyRoutes(routes)
		b := conformance.NewBench(t, w, southbound.Config{}, claims...)
		b.Observe()
		d.Die()
		waiting(b, claims[len(claims)-1:])
		w.Replace(t)
		start := time.Now()
		last := claims[len(claims)-1]
		b.Await(func(func(string) string) bool { return b.Condition(last) == object.InSync })
		took := time.Since(start)
		if n := routesOf(t, vpptest.Dial(t, d.Socket())); n != routes {
			t.Errorf("%d routes are there, want %d", n, routes)
		}
		t.Logf("%d routes after a restart: %v", routes, took)
		if took > limit && d.Real() { // with the race detector, the fake is the slow one
			t.Errorf("it took %v, want no more than %v", took, limit)
		}
		b.MustHave(claims[:3]...)
		b.Stop()
		b = conformance.NewBench(t, w, southbound.Config{}, claims...)
		if n := b.Backend.Stats().Writes; n != 0 {
			t.Errorf("an agent that starts anew writes %d times", n)
		}
	})
}

// patient opens a VPP as a program does, with the deadlines that it has.
func patient(t testing.TB, d vpptest.Dataplane) southbound.Backend {
	b, err := vpp.New(vpp.Config{Socket: d.Socket(), Stats: d.Stats()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}
