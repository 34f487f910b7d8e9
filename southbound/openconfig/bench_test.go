package openconfig_test

import (
	"fmt"
	"iter"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/gen"
	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/modeltest"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/openconfig"
)

const manyRoutes = 10_000

// prefixOf is that of the i-th of many routes.
func prefixOf(i int) string { return fmt.Sprintf("10.%d.%d.0/24", i>>8, i&255) }

// BenchmarkRouteClaims asks what 10,000 static routes make of the dataplane.
func BenchmarkRouteClaims(b *testing.B) {
	s := gen.Schema()
	m, err := openconfig.New(s)
	if err != nil {
		b.Fatal(err)
	}
	routes := make([]string, manyRoutes)
	for i := range routes {
		routes[i] = fmt.Sprintf(`{"prefix": %[1]q, "config": {"prefix": %[1]q}, "next-hops": {"next-hop": [{"index": "0",`+
			`"config": {"index": "0", "next-hop": "192.0.2.2"}, "interface-ref": {"config": {"interface": "out"}}}]}}`, prefixOf(i))
	}
	config := modeltest.Tree(b, s, `{"openconfig-network-instance:network-instances": {"network-instance": [{"name": "DEFAULT",`+
		`"protocols": {"protocol": [{"identifier": "openconfig-policy-types:STATIC", "name": "static",`+
		`"static-routes": {"static": [`+strings.Join(routes, ",")+`]}}]}}]}}`)
	static, _, err := s.Resolve("/openconfig-network-instance:network-instances/network-instance[name='DEFAULT']/protocols" +
		"/protocol[identifier='openconfig-policy-types:STATIC'][name='static']/static-routes/static")
	if err != nil {
		b.Fatal(err)
	}
	unit := unitAt(b, m, static)
	var places []path.Path
	var nodes []*tree.Node
	for n := range config.Node(static).Entries() {
		places, nodes = append(places, static.Parent().Child(n.Elem())), append(nodes, n)
	}
	b.ReportAllocs()
	for b.Loop() {
		for i, n := range nodes {
			if claims, err := unit.Objects(config, places[i], n); err != nil || len(claims) != 1 {
				b.Fatal(claims, err)
			}
		}
	}
}

// unitAt is the unit of a model at p.
func unitAt(b *testing.B, m southbound.Model, p path.Path) southbound.Unit {
	for _, u := range m.Units() {
		if len(u.Path) == len(p) && u.Path.Last().Name == p.Last().Name {
			return u
		}
	}
	b.Fatalf("no unit is at %s", p)
	return southbound.Unit{}
}

// routed is a world with routes.
type routed struct {
	southbound.World
	routes map[netip.Prefix]*object.RouteState
}

func (routed) Link(string) *object.LinkState { return nil }
func (r routed) Routes(_ string, p netip.Prefix) iter.Seq[*object.RouteState] {
	return func(yield func(*object.RouteState) bool) {
		if route := r.routes[p]; route != nil {
			yield(route)
		}
	}
}

// BenchmarkRouteState renders that 10,000 routes have come, and that they are gone, as
// many at a time as the driver does.
func BenchmarkRouteState(b *testing.B) {
	m, err := openconfig.New(gen.Schema())
	if err != nil {
		b.Fatal(err)
	}
	there, gone := routed{routes: map[netip.Prefix]*object.RouteState{}}, routed{}
	var come, goes []southbound.Transition
	for i := range manyRoutes {
		r := modeltest.Route(prefixOf(i), 0, modeltest.Hop("192.0.2.2", "out"))
		there.routes[r.Prefix] = r
		come, goes = append(come, southbound.Transition{New: r}), append(goes, southbound.Transition{Old: r})
	}
	for name, render := range map[string]struct {
		world   routed
		changes []southbound.Transition
	}{"come": {there, come}, "go": {gone, goes}} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for some := range slices.Chunk(render.changes, 256) {
					if len(m.State(render.world, some...)) != 3 {
						b.Fatal("there is not one change of each list")
					}
				}
			}
		})
	}
}

// BenchmarkCounters renders the counters of 1,000 links.
func BenchmarkCounters(b *testing.B) {
	m, err := openconfig.New(gen.Schema())
	if err != nil {
		b.Fatal(err)
	}
	var links []southbound.Reading
	for i := range 1000 {
		links = append(links, modeltest.Read(modeltest.Link(fmt.Sprintf("loop%03d", i), object.Ethernet))...)
	}
	b.ReportAllocs()
	for b.Loop() {
		if changes := m.Counters(links); len(changes) != 1 || len(changes[0].Entries) != len(links) {
			b.Fatalf("%d changes", len(changes))
		}
	}
}
