package netlink_test

import (
	"strings"
	"testing"

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
