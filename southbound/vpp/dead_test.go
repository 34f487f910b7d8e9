package vpp_test

import (
	"slices"
	"testing"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/conformance"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/vpp/vpptest"
)

// over are routes over a link, of which some share their lists of paths.
func over(link string) []object.Claim {
	via := conformance.Via
	return []object.Claim{
		conformance.Address(link, "198.51.100.1/24"), conformance.Address(link, "2001:db8:9::1/64"),
		conformance.Route("203.0.113.0/24", 0, via("198.51.100.2", link)), conformance.Route("203.0.114.0/24", 0, via("198.51.100.2", link)),
		conformance.Route("203.0.115.0/24", 0, via("", link)), conformance.Route("203.0.116.0/24", 0, via("198.51.100.2", link, 2), via("198.51.100.3", link)),
		conformance.Route("2001:db8:a::/48", 0, via("2001:db8:9::2", link)), conformance.Route("2001:db8:b::/48", 3, via("2001:db8:9::2", link)),
	}
}

// routesOver are the prefixes of those.
func routesOver(claims []object.Claim) (prefixes []string) {
	for _, c := range claims {
		if r, ok := c.Object.(*object.Route); ok {
			prefixes = append(prefixes, r.Prefix.String())
		}
	}
	return prefixes
}

func forward(d vpptest.Dataplane, prefixes []string) bool {
	return !slices.ContainsFunc(prefixes, func(p string) bool { return !d.Forwards(p) })
}

func mustForward(t *testing.T, d vpptest.Dataplane, prefixes []string) {
	t.Helper()
	for _, p := range prefixes {
		if !d.Forwards(p) {
			t.Errorf("%s leads nowhere", p)
		}
	}
}

// foreignOver is a route of somebody else's that has the same paths as ours, and so
// holds their list.
func foreignOver(t *testing.T, w *vpptest.World, link string) {
	t.Helper()
	w.Add(t, conformance.Route("203.0.120.0/24", 0, conformance.Via("198.51.100.2", link)).Object)
	w.Add(t, conformance.Route("203.0.121.0/24", 0, conformance.Via("", link)).Object)
	w.Add(t, conformance.Route("2001:db8:c::/48", 0, conformance.Via("2001:db8:9::2", link)).Object)
}

// Routes over a link that is made anew lead over the new one, though it has the number
// of the one before, and somebody's route still has the paths over that.
func TestLinkMadeAnew(t *testing.T) {
	onEach(t, func(t *testing.T, d vpptest.Dataplane) {
		w := vpptest.NewWorld(t, d, opener(d))
		b := conformance.NewBench(t, w, southbound.Config{})
		b.Observe()
		routes := over("x")
		prefixes := routesOver(routes)
		made := func(l object.Link) []object.Claim {
			l.Name, l.Up = "x", true
			return append([]object.Claim{conformance.Created(l, object.Up)}, routes...)
		}
		b.MustApply(made(object.Link{Kind: object.Loopback})...)
		mustForward(t, d, prefixes)
		foreignOver(t, w, "x")
		number := b.Read(&object.Link{Name: "x"}).(*object.LinkState).Index
		for i, kind := range []object.LinkKind{object.Bridge, object.Loopback, object.Bridge} {
			b.MustApply(made(object.Link{Kind: kind})...)
			if now := b.Read(&object.Link{Name: "x"}).(*object.LinkState).Index; now != number {
				t.Fatalf("%d: VPP gave the number %d after %d: the test tests nothing", i, now, number)
			}
			mustForward(t, d, prefixes)
		}
	})
}

// So do those over a link that somebody deletes and makes again, whether or not the
// driver looks meanwhile; and over one of ours that he deletes, which is made again.
func TestLinkReplaced(t *testing.T) {
	onEach(t, func(t *testing.T, d vpptest.Dataplane) {
		w := vpptest.NewWorld(t, d, opener(d))
		b := conformance.NewBench(t, w, southbound.Config{})
		b.Observe()
		theirs := append([]object.Claim{conformance.Up("q", true)}, over("q")...)
		prefixes := routesOver(theirs)
		b.MustApply(theirs...)
		mustForward(t, d, prefixes)
		foreignOver(t, w, "q")
		for range 3 {
			w.Remove(t, &object.Link{Name: "q", Kind: object.Loopback})
			w.Add(t, &object.Link{Name: "q", Kind: object.Loopback})
			b.Eventually("routes over the new link of somebody else's", func() bool { return forward(d, prefixes) })
		}
		b.MustApply()
		ours := append([]object.Claim{conformance.Created(object.Link{Name: "x", Kind: object.Loopback, Up: true}, object.Up)}, over("x")...)
		b.MustApply(ours...)
		mustForward(t, d, prefixes)
		for range 2 {
			w.Remove(t, &object.Link{Name: "x", Kind: object.Loopback})
			b.Eventually("routes over the new link of ours", func() bool { return forward(d, prefixes) })
		}
		b.Stop()
		w.Remove(t, &object.Link{Name: "x", Kind: object.Loopback})
		again := conformance.NewBench(t, w, southbound.Config{}, ours...)
		again.Observe()
		again.Eventually("routes over a link that went while nobody looked", func() bool { return forward(d, prefixes) })
		inSync(again, ours)
	})
}
