package vpp_test

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"

	"go.fd.io/govpp/binapi/fib_types"
	interfaces "go.fd.io/govpp/binapi/interface"
	"go.fd.io/govpp/binapi/interface_types"
	"go.fd.io/govpp/binapi/ip"
	"go.fd.io/govpp/binapi/ip_types"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
	"github.com/outrigger-cnf/outrigger/southbound/vpp"
	"github.com/outrigger-cnf/outrigger/southbound/vpp/vpptest"
)

// making, changing and removing are the steps about what is not a link.
func making(o object.Object) plan.Step {
	return plan.Step{Op: plan.Create, ID: o.ID(), Want: o, Attrs: object.Attrs(o)}
}

func changing(have, want object.Object) plan.Step {
	return plan.Step{Op: plan.Update, ID: want.ID(), Have: have, Want: want, Attrs: object.Attrs(want)}
}

func removing(o object.Object) plan.Step {
	return plan.Step{Op: plan.Delete, ID: o.ID(), Have: o}
}

func route(prefix string, metric uint32, hops ...object.NextHop) *object.Route {
	r := &object.Route{Prefix: netip.MustParsePrefix(prefix), Metric: metric, NextHops: hops}
	if len(hops) == 0 {
		r.Type = object.Blackhole
	}
	return r
}

func hop(via, link string, weight ...uint16) object.NextHop {
	h := object.NextHop{Link: link}
	if via != "" {
		h.Via = addr(via)
	}
	if len(weight) > 0 {
		h.Weight = weight[0]
	}
	return h
}

func address(link, prefix string) *object.Address {
	p := netip.MustParsePrefix(prefix)
	return &object.Address{Link: link, IP: p.Addr(), PrefixLength: uint8(p.Bits())}
}

// ports makes two links, p and q, up, with addresses.
func ports(t *testing.T, b *vpp.Backend) {
	t.Helper()
	for i, name := range []string{"p", "q"} {
		l := &object.Link{Name: name, Kind: object.Loopback}
		up := *l
		up.Up = true
		must(t, b, create(l), update(l, &up, object.Up),
			making(address(name, fmt.Sprintf("192.0.%d.1/24", 2+i))), making(address(name, fmt.Sprintf("2001:db8:%d::1/64", 2+i))))
	}
}

// routes are all routes but those that follow from addresses, as text, in order.
func routes(t *testing.T, b *vpp.Backend) []string {
	t.Helper()
	all, err := b.Dump(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, s := range all {
		if r, ok := s.(*object.RouteState); ok && r.Protocol != object.ProtocolDirect {
			list = append(list, routeText(r))
		}
	}
	slices.Sort(list)
	return list
}

func routeText(r *object.RouteState) string {
	whose := "foreign"
	if r.Owned {
		whose = "ours"
	}
	return fmt.Sprintf("%s %s %s %s", strings.TrimPrefix(r.ID().String(), "route "), r.Type, object.HopsText(r.NextHops), whose)
}

func same(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s: got\n\t%s\nwant\n\t%s", what, strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// A route is as it was made, whatever its form, alone and beside others of other
// metrics; and goes without a trace.
func TestRoutes(t *testing.T) {
	onEach(t, func(t *testing.T, d vpptest.Dataplane) {
		b := open(t, d)
		ports(t, b)
		forms := map[string][]object.NextHop{
			"203.0.113.0/24": {hop("192.0.2.2", "p")}, "0.0.0.0/0": {hop("192.0.2.2", "p"), hop("192.0.3.2", "q")},
			"10.0.0.0/8": {hop("192.0.2.2", "p", 3), hop("192.0.3.2", "q", 2)}, "10.0.1.0/24": {hop("", "q")},
			"10.0.2.0/24": {hop("192.0.2.2", "")}, "10.0.3.0/24": {hop("10.9.9.9", "")}, "10.0.4.1/32": nil,
			"10.0.5.0/24": {hop("2001:db8:2::2", "p")}, "10.0.6.0/24": {hop("fe80::2", "p")}, "192.0.2.2/32": {hop("192.0.3.2", "q")},
			"2001:db8:f::/48": {hop("2001:db8:2::2", "p")}, "::/0": {hop("fe80::2", "p"), hop("", "q")}, "2001:db8:e::/48": nil,
			"2001:db8:d::/48": {hop("2001:db8:2::2", "")}, "2001:db8:c::/48": {hop("", "q")},
		}
		var all []string
		for prefix, hops := range forms {
			for _, metric := range []uint32{0, 7, 255} {
				r := route(prefix, metric, hops...)
				claim := object.NewClaim(r, nil, object.Attrs(r)...)
				if err := b.Check(&claim); err != nil {
					t.Errorf("%s: %v", r.ID(), err)
				}
				must(t, b, making(r))
				want := routeText(&object.RouteState{Route: *r, Owned: true})
				s, err := b.Read(t.Context(), r)
				if err != nil || s == nil {
					t.Fatalf("%s: read %v, %v", r.ID(), s, err)
				}
				if got := routeText(s.(*object.RouteState)); got != want {
					t.Errorf("got %s, want %s", got, want)
				}
				all = append(all, want)
			}
		}
		same(t, "all", routes(t, b), all...)
		same(t, "another process", routes(t, open(t, d)), all...)
		for prefix, hops := range forms {
			for _, metric := range []uint32{7, 0, 255} {
				must(t, b, removing(route(prefix, metric, hops...)))
			}
		}
		same(t, "none", routes(t, b))
		if err := b.Do(t.Context(), removing(route("10.0.0.0/8", 0))); !errors.Is(err, southbound.ErrGone) {
			t.Errorf("deleting what is not there: %v", err)
		}
	})
}

// A change replaces all next hops of one metric, and none of another.
func TestRouteChanges(t *testing.T) {
	onEach(t, func(t *testing.T, d vpptest.Dataplane) {
		b := open(t, d)
		ports(t, b)
		other := route("203.0.113.0/24", 9, hop("192.0.2.9", "p"))
		now := route("203.0.113.0/24", 3, hop("192.0.2.2", "p"))
		must(t, b, making(other), making(now))
		for _, hops := range [][]object.NextHop{
			{hop("192.0.2.3", "p")}, {hop("192.0.2.3", "p"), hop("192.0.3.2", "q")}, {hop("192.0.2.3", "p", 3), hop("192.0.3.2", "q", 2)},
			nil, {hop("", "q")}, {hop("192.0.2.9", "p")}, {hop("192.0.2.9", "")},
		} {
			next := route("203.0.113.0/24", 3, hops...)
			must(t, b, changing(now, next))
			same(t, "changed", routes(t, b),
				routeText(&object.RouteState{Route: *other, Owned: true}), routeText(&object.RouteState{Route: *next, Owned: true}))
			now = next
		}
		bad := route("203.0.113.0/24", 3, hop("192.0.2.2", "p"), hop("192.0.2.2", "gone"))
		before := routes(t, b)
		if err := b.Do(t.Context(), changing(now, bad)); !errors.Is(err, southbound.ErrNotReady) {
			t.Errorf("a link that is not there: %v", err)
		}
		same(t, "refused", routes(t, b), before...)
		if err := b.Do(t.Context(), making(now)); !errors.Is(err, southbound.ErrExists) {
			t.Errorf("making what is there: %v", err)
		}
		absent := route("203.0.113.0/24", 4, hop("192.0.2.2", "p"))
		if err := b.Do(t.Context(), changing(absent, absent)); !errors.Is(err, southbound.ErrGone) {
			t.Errorf("changing what is not there: %v", err)
		}
	})
}

// foreignRoute is made and deleted by somebody else.
func foreignRoute(t *testing.T, d vpptest.Dataplane, there bool, prefix string, preference uint8, via string, index uint32) {
	t.Helper()
	c := vpptest.Dial(t, d.Socket())
	defer c.Close()
	p, err := ip_types.ParsePrefix(prefix)
	if err != nil {
		t.Fatal(err)
	}
	path := fib_types.FibPath{SwIfIndex: index, Weight: 1, Preference: preference}
	path.Nh.Address.SetIP4(addr(via).As4())
	c.Do(t, &ip.IPRouteAddDel{IsAdd: there, IsMultipath: !there, Route: ip.IPRoute{Prefix: p, NPaths: 1, Paths: []fib_types.FibPath{path}}})
}

// What somebody else has made stays, and is in force where ours goes. Ours does not
// come before what is as good as it, or better; nor does VPP's own.
func TestForeignRoutes(t *testing.T) {
	onEach(t, func(t *testing.T, d vpptest.Dataplane) {
		b := open(t, d)
		ports(t, b)
		p := read(t, b, "p").Index
		foreignRoute(t, d, true, "203.0.113.0/24", 5, "192.0.2.9", p)
		theirs := "203.0.113.0/24 metric 5 unicast via 192.0.2.9 dev p foreign"
		same(t, "theirs", routes(t, b), theirs)
		for metric, why := range map[uint32]string{5: "API", 6: "metric 5"} {
			r := route("203.0.113.0/24", metric, hop("192.0.2.2", "p"))
			for _, err := range []error{b.Do(t.Context(), making(r)), b.DoAll(t.Context(), []plan.Step{making(r)})[0]} {
				if !errors.Is(err, southbound.ErrExists) || !strings.Contains(err.Error(), why) {
					t.Errorf("metric %d: %v", metric, err)
				}
			}
			if err := b.Do(t.Context(), removing(r)); !errors.Is(err, southbound.ErrGone) {
				t.Errorf("deleting what is not ours: %v", err)
			}
			if err := b.Do(t.Context(), changing(r, r)); !errors.Is(err, southbound.ErrGone) {
				t.Errorf("changing what is not ours: %v", err)
			}
		}
		better := route("203.0.113.0/24", 4, hop("192.0.2.2", "p"))
		must(t, b, making(better))
		same(t, "ours before theirs", routes(t, b), "203.0.113.0/24 metric 4 unicast via 192.0.2.2 dev p ours")
		must(t, b, removing(better))
		same(t, "theirs again", routes(t, b), theirs)
		if err := b.Do(t.Context(), making(route("192.0.2.0/24", 0))); !errors.Is(err, southbound.ErrExists) {
			t.Errorf("in place of a link's network: %v", err)
		}
		if err := b.Do(t.Context(), making(route("224.0.0.0/4", 0))); !errors.Is(err, southbound.ErrExists) {
			t.Errorf("in place of what VPP must have: %v", err)
		}
		s, err := b.Read(t.Context(), route("203.0.113.0/24", 5))
		if err != nil || s == nil {
			t.Fatalf("read %v, %v", s, err)
		}
		foreignRoute(t, d, false, "203.0.113.0/24", 5, "192.0.2.9", p)
		same(t, "gone", routes(t, b))
		for range 2 {
			if err := b.Restore(t.Context(), s); err != nil {
				t.Fatal(err)
			}
			same(t, "restored", routes(t, b), theirs)
		}
	})
}

// In bulk each step fares as it would alone, and nothing is begun after one that
// failed.
func TestRoutesInBulk(t *testing.T) {
	onEach(t, func(t *testing.T, d vpptest.Dataplane) {
		b := open(t, d)
		ports(t, b)
		const n = 3000
		var steps []plan.Step
		for i := range n {
			steps = append(steps, making(route(fmt.Sprintf("10.%d.%d.0/24", i/250, i%250), uint32(i%3), hop("192.0.2.2", "p"))))
		}
		none := func(errs []error) {
			t.Helper()
			if len(errs) != len(steps) {
				t.Fatalf("%d errors of %d steps", len(errs), len(steps))
			}
			for i, err := range errs {
				if err != nil {
					t.Fatalf("step %d: %v", i, err)
				}
			}
		}
		none(b.DoAll(t.Context(), steps))
		if got := len(routes(t, b)); got != n {
			t.Errorf("%d routes, want %d", got, n)
		}
		for i := range steps {
			steps[i] = steps[i].Undo()[0]
		}
		none(b.DoAll(t.Context(), steps))
		same(t, "undone", routes(t, b))

		p := read(t, b, "p").Index
		foreignRoute(t, d, true, "10.0.200.0/24", 0, "192.0.2.9", p)
		for i := range steps {
			steps[i] = steps[i].Undo()[0]
			steps[i].Want.(*object.Route).Metric = 0
		}
		for _, bad := range []struct {
			at   int
			want error
		}{{200, southbound.ErrExists}, {100, southbound.ErrNotReady}} {
			if errors.Is(bad.want, southbound.ErrNotReady) {
				steps[bad.at] = making(route("10.0.100.0/24", 0, hop("192.0.2.2", "gone")))
			}
			errs := b.DoAll(t.Context(), steps)
			for i, err := range errs {
				switch {
				case i < bad.at && err != nil:
					t.Fatalf("step %d, before the bad one: %v", i, err)
				case i == bad.at && !errors.Is(err, bad.want):
					t.Fatalf("the bad step: %v, want %v", err, bad.want)
				case i > bad.at && !errors.Is(err, southbound.ErrNotBegun):
					t.Fatalf("step %d, after the bad one: %v", i, err)
				}
			}
			if got := len(routes(t, b)); got != bad.at+1 {
				t.Errorf("%d routes, want %d", got, bad.at+1)
			}
			for i, err := range b.DoAll(t.Context(), undone(steps[:bad.at])) {
				if err != nil {
					t.Fatalf("undoing step %d: %v", i, err)
				}
			}
		}
	})
}

// Routes to one prefix that differ in their metric can be made, changed and deleted
// together.
func TestMetricsInBulk(t *testing.T) {
	onEach(t, func(t *testing.T, d vpptest.Dataplane) {
		b := open(t, d)
		ports(t, b)
		one, two, three := route("203.0.113.0/24", 77, hop("192.0.2.2", "p")), route("203.0.113.0/24", 5), route("203.0.113.0/24", 0, hop("192.0.3.2", "q"))
		other := route("203.0.113.0/24", 77, hop("192.0.2.3", "p"))
		text := func(r *object.Route) string { return routeText(&object.RouteState{Route: *r, Owned: true}) }
		all := func(what string, steps []plan.Step, want ...*object.Route) {
			t.Helper()
			for i, err := range b.DoAll(t.Context(), steps) {
				if err != nil {
					t.Errorf("%s: %s: %v", what, steps[i], err)
				}
			}
			var texts []string
			for _, r := range want {
				texts = append(texts, text(r))
			}
			same(t, what, routes(t, b), texts...)
			same(t, what+", seen by another process", routes(t, open(t, d)), texts...)
		}
		all("one", []plan.Step{making(one)}, one)
		all("two more", []plan.Step{making(two), making(three)}, one, two, three)
		all("one goes, one changes", []plan.Step{removing(two), changing(one, other)}, other, three)
		beside := route("203.0.114.0/24", 1, hop("192.0.2.9", "p"))
		more := route("203.0.114.0/24", 2, hop("192.0.3.9", "q"))
		all("beside", []plan.Step{making(beside)}, other, three, beside)
		all("both", []plan.Step{removing(other), making(more)}, three, beside, more)
		all("none", []plan.Step{removing(three), removing(beside), removing(more)})
	})
}

func undone(steps []plan.Step) []plan.Step {
	var back []plan.Step
	for _, s := range slices.Backward(steps) {
		back = append(back, s.Undo()...)
	}
	return back
}

// What leads over a link that somebody deletes leads nowhere, and does not come to
// life with another link that gets its number.
func TestRoutesOverDeletedLink(t *testing.T) {
	onEach(t, func(t *testing.T, d vpptest.Dataplane) {
		b := open(t, d)
		ports(t, b)
		r := route("203.0.113.0/24", 0, hop("192.0.3.2", "q"))
		must(t, b, making(r))
		index := interface_types.InterfaceIndex(read(t, b, "q").Index)
		c := vpptest.Dial(t, d.Socket())
		defer c.Close()
		c.Do(t, &interfaces.DeleteLoopback{SwIfIndex: index})
		same(t, "the link is gone", routes(t, b), "203.0.113.0/24 metric 0 unicast via 192.0.3.2 ours")
		if err := b.Do(t.Context(), changing(r, r)); !errors.Is(err, southbound.ErrNotReady) {
			t.Errorf("by a link that is gone: %v", err)
		}
		must(t, b, removing(r))
		same(t, "gone, too", routes(t, b))
	})
}

// benchBackend is the VPP that OUTRIGGER_VPP names, or the fake.
func benchBackend(b *testing.B, options ...vpptest.Option) vpptest.Dataplane {
	if path := os.Getenv("OUTRIGGER_VPP"); path != "" {
		return vpptest.Start(b, path, append(options, vpptest.Busy)...)
	}
	return vpptest.NewFake(b)
}

// benchOn opens a Backend on it, and a connection of somebody else's, who has made so
// many other links.
func benchOn(b *testing.B, others int, options ...vpptest.Option) (*vpp.Backend, *vpptest.Client) {
	d := benchBackend(b, options...)
	backend, err := vpp.New(vpp.Config{Socket: d.Socket(), Stats: d.Stats()})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { backend.Close() })
	if err := backend.Await(b.Context()); err != nil {
		b.Fatal(err)
	}
	other := vpptest.Dial(b, d.Socket())
	for i := range others {
		other.Do(b, &interfaces.CreateLoopbackInstance{IsSpecified: true, UserInstance: uint32(i)})
	}
	return backend, other
}
