package southbound_test

import (
	"errors"
	"fmt"
	"net/netip"
	"testing"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/conformance"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
)

// fussy is a remote dataplane that can never hold one of the claims.
type fussy struct {
	*remote
	refused object.ID
}

func (f fussy) Backend(t testing.TB) southbound.Backend {
	return fussyBackend{f.remote.Backend(t).(*remoteBackend), f.refused}
}

type fussyBackend struct {
	*remoteBackend
	refused object.ID
}

func (f fussyBackend) Check(c *object.Claim) error {
	if c.ID() == f.refused {
		return errors.New("not here")
	}
	return f.remoteBackend.Check(c)
}

// Of what is neither there nor desired any more nothing stays known; of what was
// refused, not after the next look at a configuration.
func TestNothingStaysKnown(t *testing.T) {
	refused := conformance.Route("203.0.113.0/24", 0, conformance.Via("192.0.2.2", "p"))
	b := conformance.NewBench(t, fussy{newRemote(), refused.ID()}, southbound.Config{})
	b.Observe()
	base := []object.Claim{conformance.Address("p", "192.0.2.1/24")}
	b.MustApply(base...)
	objects, instances := b.Driver.Known()
	known := func(why string) {
		t.Helper()
		b.Eventually(why, func() bool {
			o, i := b.Driver.Known()
			return o == objects && i == instances
		})
	}
	var claims []object.Claim
	for i := range 20 {
		claims = append(claims, conformance.Route(fmt.Sprintf("10.0.%d.0/24", i), 0, conformance.Via("192.0.2.2", "p")))
	}
	claims = append(claims, base...)
	b.MustApply(claims...)
	if o, i := b.Driver.Known(); o != objects+20 || i != instances+20 {
		t.Errorf("%d objects and %d instances are known, want 20 more than %d and %d", o, i, objects, instances)
	}
	b.MustApply(base...)
	known("what is gone is forgotten")

	full, now := b.Config(append(claims, refused)...), b.Config(base...)
	if err := b.Driver.Check(t.Context(), now, full); err == nil {
		t.Fatal("what the dataplane can never hold is not refused")
	}
	if err := b.Driver.Check(t.Context(), now, now); err != nil {
		t.Fatal(err)
	}
	known("what was refused is forgotten")

	// One that was checked and never came about.
	full = b.Config(claims...)
	if err := b.Driver.Check(t.Context(), now, full); err != nil {
		t.Fatal(err)
	}
	b.MustApply(base...)
	known("what was given up is forgotten")
	b.MustHave(base...)
}

// Another change may be considered between the Check and the Apply of one.
func TestChecksBetween(t *testing.T) {
	b := conformance.NewBench(t, newRemote(), southbound.Config{})
	one := conformance.Route("10.0.1.0/24", 0, conformance.Via("192.0.2.2", "p"))
	two := conformance.Route("10.0.2.0/24", 0, conformance.Via("192.0.2.2", "p"))
	base := conformance.Address("p", "192.0.2.1/24")
	b.MustApply(base)
	from, first, second := b.Config(base), b.Config(base, one), b.Config(base, two)
	for _, next := range []func() error{
		func() error { return b.Driver.Check(t.Context(), from, first) },
		func() error { return b.Driver.Check(t.Context(), from, second) },
		func() error { return b.Driver.Apply(t.Context(), from, first) },
	} {
		if err := next(); err != nil {
			t.Fatal(err)
		}
	}
	b.MustHave(base, one)
	if b.Has(two) {
		t.Errorf("%s is there, which was only checked", two.ID())
	}
}

// Steps are carried out together as far as none makes the way to the gateway of one
// behind it.
func TestStretch(t *testing.T) {
	to := func(prefix, via string) plan.Step {
		r := &object.Route{Prefix: netip.MustParsePrefix(prefix), NextHops: []object.NextHop{{Via: netip.MustParseAddr(via)}}}
		return plan.Step{Op: plan.Create, ID: r.ID(), Want: r}
	}
	for _, tt := range []struct {
		name  string
		steps []plan.Step
		want  int
	}{
		{"one", []plan.Step{to("10.0.0.0/8", "192.0.2.1")}, 1},
		{"none leads to another", []plan.Step{to("10.0.0.0/8", "192.0.2.1"), to("2001:db8::/32", "2001:db9::1"), to("11.0.0.0/8", "192.0.2.2")}, 3},
		{"the first leads to the third", []plan.Step{to("10.0.0.0/8", "192.0.2.1"), to("11.0.0.0/8", "192.0.2.1"), to("12.0.0.0/8", "10.1.2.3")}, 2},
		{"the last leads to the first", []plan.Step{to("12.0.0.0/8", "10.1.2.3"), to("11.0.0.0/8", "192.0.2.1"), to("10.0.0.0/8", "192.0.2.1")}, 3},
		{"a longer one leads there, too", []plan.Step{to("10.0.0.0/8", "192.0.2.1"), to("10.1.2.0/24", "192.0.2.1"), to("12.0.0.0/8", "10.1.2.3"), to("13.0.0.0/8", "10.9.9.9")}, 2},
		{"of IPv6", []plan.Step{to("2001:db8::/32", "fe80::1"), to("::/0", "2001:db8::1")}, 1},
		{"its own gateway is in it", []plan.Step{to("10.0.0.0/8", "10.0.0.1"), to("11.0.0.0/8", "192.0.2.1")}, 2},
	} {
		if got := southbound.Stretch(tt.steps); got != tt.want {
			t.Errorf("%s: %d steps, want %d", tt.name, got, tt.want)
		}
	}
}
