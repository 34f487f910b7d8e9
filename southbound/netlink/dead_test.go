package netlink_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/conformance"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// One of two links loses the address that makes its gateway reachable: the kernel
// calls that next hop dead. The other one carries on, and the route is whole again
// as soon as the address is back.
func TestDeadNextHop(t *testing.T) {
	w := newWorld(t)
	w.ip(t, "addr add 198.51.100.1/24 dev q")
	one := conformance.Route("203.0.113.0/24", 0, conformance.Via("192.0.2.2", "p"), conformance.Via("198.51.100.2", "q"))
	two := conformance.Route("203.0.114.0/24", 0, conformance.Via("192.0.2.2", "p"), conformance.Via("198.51.100.2", "q"))
	b := bench(t, w, addr, one, two)
	for range 2 {
		w.ip(t, "addr del 198.51.100.1/24 dev q")
		b.Eventually("they wait", func() bool {
			return b.Condition(one) == object.Pending && b.Condition(two) == object.Pending
		})
		if routes := w.ip(t, "route show proto 171"); strings.Count(routes, "via 192.0.2.2 dev p") != 2 {
			t.Errorf("they have lost the next hop that is alive:\n%s", routes)
		}
		w.ip(t, "addr add 198.51.100.1/24 dev q")
		b.Eventually("they are whole again", func() bool {
			return b.Has(one) && b.Has(two) && b.Condition(one) == object.InSync && b.Condition(two) == object.InSync
		})
		if routes := w.ip(t, "route show proto 171"); strings.Contains(routes, "dead") {
			t.Errorf("a next hop is dead yet:\n%s", routes)
		}
	}
}

// Of a new route, one gateway is reachable: it comes about by that, is whole once the
// others are reachable, and is not tried again for what does not concern it. A commit
// that fails leaves nothing of it.
func TestNewWithoutGateway(t *testing.T) {
	for family, c := range map[string]struct {
		addr, more, third string
		claim, later      object.Claim
		flag              string
	}{
		"IPv4": {
			"192.0.2.1/24", "198.51.100.1/24", "198.51.101.1/24",
			conformance.Route("203.0.113.0/24", 7, conformance.Via("198.51.100.2", "q", 3), conformance.Via("192.0.2.2", "p", 2), conformance.Via("198.51.101.2", "q")),
			conformance.Route("203.0.0.0/17", 7, conformance.Via("192.0.2.3", "p")), "-4",
		},
		"IPv6": {
			"2001:db8:1::1/64", "2001:db8:2::1/64", "2001:db8:3::1/64",
			conformance.Route("2001:db8:f::/48", 7, conformance.Via("2001:db8:2::2", "q", 3), conformance.Via("2001:db8:1::2", "p", 2), conformance.Via("2001:db8:3::2", "q")),
			conformance.Route("2001:db8:e00::/40", 7, conformance.Via("2001:db8:1::3", "p")), "-6",
		},
	} {
		t.Run(family, func(t *testing.T) {
			w := newWorld(t)
			b := conformance.NewBench(t, w, southbound.Config{})
			hops := func(want int) {
				t.Helper()
				if routes := w.ip(t, c.flag+" route show proto 171"); strings.Count(routes, "via ") != want || strings.Contains(routes, "dead") {
					t.Errorf("want %d next hops:\n%s", want, routes)
				}
			}
			base := []object.Claim{conformance.Address("p", c.addr)}
			b.MustApply(base...)
			before := b.State()
			b.Backend.FailAfter(4) // the whole, the three next hops, and then
			if err := b.Apply(base[0], c.claim, c.later); !b.Backend.Heal() || err == nil || !strings.Contains(err.Error(), c.later.ID().String()) {
				t.Fatalf("not the step that should has failed: %v", err)
			}
			if after := b.State(); after != before {
				t.Errorf("a trace is left; -before +after:\n%s", cmp.Diff(before, after))
			}

			b.MustApply(append(base, c.claim)...)
			hops(1)
			if got := b.Condition(c.claim); got != object.Pending {
				t.Errorf("it is %v", got)
			}
			if s := b.Driver.Status(b.Backend.Normal(c.claim.Object).ID()); s != nil && !strings.Contains(s.Reason, " dev q weight 3") {
				t.Errorf("what is missing is not told: %q", s.Reason)
			}
			b.Observe()
			w.ip(t, "addr add "+c.more+" dev q")
			b.Eventually("two next hops are there", func() bool {
				return strings.Count(w.ip(t, c.flag+" route show proto 171"), "via ") == 2 && b.Condition(c.claim) == object.Pending
			})
			if family == "IPv4" { // of IPv6, the end of address detection is news
				dealtWith := func(prefix string) {
					w.ip(t, "route add "+prefix+" dev p")
					b.Eventually("what happened before is dealt with", func() bool {
						_, seen := b.Published("route " + prefix + " metric 0")
						return seen
					})
				}
				dealtWith("10.98.0.0/24") // the routes that came with the address were news
				writes := b.Backend.Stats().Writes
				dealtWith("10.99.0.0/24")
				if now := b.Backend.Stats().Writes; now != writes {
					t.Errorf("%d writes for nothing", now-writes)
				}
			}
			b.MustApply(append(base, c.claim, conformance.Address("q", c.third))...)
			b.MustHave(c.claim)
			if got := b.Condition(c.claim); got != object.InSync {
				t.Errorf("it is %v", got)
			}
			b.MustApply()
			hops(0)
		})
	}
}
