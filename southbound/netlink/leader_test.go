package netlink_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/conformance"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// A global forwarding setting overwrites those of the links, and a link's MTU its
// IPv6 MTU. In whatever order they are configured and not configured any more,
// within one process or several, all is at last as it was before.
func TestLeaders(t *testing.T) {
	global := func(v uint32) object.Claim { return conformance.Setting(object.Forwarding, object.IPv4, "", v) }
	of := func(link string, v uint32) object.Claim {
		return conformance.Setting(object.Forwarding, object.IPv4, link, v)
	}
	mtu := func(v uint32) object.Claim {
		return conformance.Link(object.Link{Name: "p", MTU: v}, object.MTU)
	}
	mtu6 := func(v uint32) object.Claim { return conformance.Setting(object.ProtocolMTU, object.IPv6, "p", v) }
	type claims = []object.Claim
	for name, c := range map[string]struct {
		before map[string]int // files below /proc/sys/net that somebody has written
		steps  []claims
		during map[int]map[string]int // after a step
	}{
		"a link under a global one": {
			steps: []claims{{global(1)}, {global(1), of("p", 0)}, {of("p", 0)}},
		},
		"both go, the link first": {
			steps:  []claims{{global(1)}, {global(1), of("p", 0)}, {global(1)}},
			during: map[int]map[string]int{2: {"ipv4/conf/p/forwarding": 1}},
		},
		"the link first": {
			steps:  []claims{{of("p", 1)}, {of("p", 1), global(1)}, {global(1)}},
			during: map[int]map[string]int{2: {"ipv4/conf/p/forwarding": 1}},
		},
		"as it is already": {
			steps:  []claims{{of("p", 0)}, {of("p", 0), global(1)}, {global(1)}},
			during: map[int]map[string]int{1: {"ipv4/conf/p/forwarding": 0, "ipv4/conf/q/forwarding": 1}, 2: {"ipv4/conf/p/forwarding": 1}},
		},
		"all at once": {
			steps: []claims{{global(1), of("p", 0), of("q", 1)}},
		},
		"somebody else's own": {
			before: map[string]int{"ipv4/conf/q/forwarding": 1},
			steps:  []claims{{global(1)}, {global(0)}, {global(1)}},
			during: map[int]map[string]int{1: {"ipv4/conf/q/forwarding": 0}},
		},
		"somebody else's own, and ours": {
			before: map[string]int{"ipv4/conf/q/forwarding": 1},
			steps:  []claims{{of("q", 0)}, {of("q", 0), global(1)}, {global(1)}},
			during: map[int]map[string]int{2: {"ipv4/conf/q/forwarding": 1}},
		},
		"somebody else's own, as we have it": {
			before: map[string]int{"ipv4/conf/q/forwarding": 1},
			steps:  []claims{{of("q", 1)}, {of("q", 1), global(1)}, {of("q", 1), global(0)}, {of("q", 1)}},
			during: map[int]map[string]int{2: {"ipv4/conf/q/forwarding": 1}},
		},
		"somebody else forwards everything": {
			before: map[string]int{"ipv4/conf/all/forwarding": 1},
			steps:  []claims{{of("p", 0)}, {of("p", 0), global(0)}, {global(0)}},
			during: map[int]map[string]int{2: {"ipv4/conf/p/forwarding": 0}},
		},
		"IPv6 MTU under a link's": {
			steps:  []claims{{mtu(1400)}, {mtu(1400), mtu6(1350)}, {mtu6(1350)}},
			during: map[int]map[string]int{2: {"ipv6/conf/p/mtu": 1350}},
		},
		"IPv6 MTU first": {
			steps:  []claims{{mtu6(1400)}, {mtu6(1400), mtu(1450)}, {mtu(1450)}},
			during: map[int]map[string]int{1: {"ipv6/conf/p/mtu": 1400}, 2: {"ipv6/conf/p/mtu": 1450}},
		},
		"somebody else's IPv6 MTU": {
			before: map[string]int{"ipv6/conf/p/mtu": 1300},
			steps:  []claims{{mtu(1450)}, {mtu(1450), mtu6(1400)}, {mtu(1450)}},
			during: map[int]map[string]int{2: {"ipv6/conf/p/mtu": 1450}},
		},
		"somebody else's IPv6 MTU, and the link's as it is": {
			before: map[string]int{"ipv6/conf/p/mtu": 1300},
			steps:  []claims{{mtu(1500), mtu6(1400)}, {mtu(1500)}},
			during: map[int]map[string]int{1: {"ipv6/conf/p/mtu": 1300}},
		},
	} {
		for _, restarts := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/restarts %t", name, restarts), func(t *testing.T) {
				w := newWorld(t)
				w.settle(t)
				w.proc(t, c.before)
				m := &conformance.Memory{}
				b := conformance.NewBench(t, w, southbound.Config{Memory: m})
				before := b.State()
				for i, step := range append(slices.Clone(c.steps), nil) {
					b.MustApply(step...)
					b.MustHave(step...)
					w.holds(t, fmt.Sprintf("after step %d", i), c.during[i])
					if restarts {
						b = b.Restart(southbound.Config{Memory: m})
						if n := b.Backend.Stats().Writes; n != 0 {
							t.Errorf("a restart after step %d wrote %d times", i, n)
						}
					}
				}
				if after := b.State(); after != before {
					t.Errorf("in the end something is left; -before +after:\n%s", cmp.Diff(before, after))
				}
				if n := m.Held(); n != 0 {
					t.Errorf("%d baselines are left", n)
				}
				// Killed before any of it was stored.
				b.MustApply(c.steps[0]...)
				for _, step := range c.steps {
					b.MustApply(step...)
				}
				b.Stop()
				b = conformance.NewBench(t, w, southbound.Config{Memory: m})
				if after := b.State(); after != before {
					t.Errorf("killed, and something is left; -before +after:\n%s", cmp.Diff(before, after))
				}
				if n := m.Held(); n != 0 {
					t.Errorf("killed, and %d baselines are left", n)
				}
			})
		}
	}
}

// A setting that came with a link of ours has nothing to go back to but what all
// have, whatever has been configured for it in between.
func TestSettingOfOwnLink(t *testing.T) {
	of := func(v uint32) object.Claim { return conformance.Setting(object.Forwarding, object.IPv4, "br0", v) }
	for _, global := range []uint32{0, 1} {
		for _, restarts := range []bool{false, true} {
			t.Run(fmt.Sprintf("all %d, restarts %v", global, restarts), func(t *testing.T) {
				w, m := newWorld(t), &conformance.Memory{}
				always := []object.Claim{conformance.Created(object.Link{Name: "br0", Kind: object.Bridge}), conformance.Setting(object.Forwarding, object.IPv4, "", global)}
				b := conformance.NewBench(t, w, southbound.Config{Memory: m}, append(slices.Clip(always), of(1))...)
				for i, step := range [][]object.Claim{{of(0)}, {of(1)}, {of(0)}, nil, {of(1)}, nil, {of(0)}, {of(1)}, nil} {
					b.MustApply(append(slices.Clip(always), step...)...)
					if step == nil {
						w.holds(t, fmt.Sprintf("after step %d", i), map[string]int{"ipv4/conf/br0/forwarding": int(global)})
					}
					if restarts {
						b = b.Restart(southbound.Config{Memory: m})
					}
				}
			})
		}
	}
}

// What was configured of a link of ours, and is not any more when its leader is
// configured, is nobody's own.
func TestLeaderOfOwnLink(t *testing.T) {
	made := conformance.Created(object.Link{Name: "br0", Kind: object.Bridge})
	large := conformance.Created(object.Link{Name: "br0", Kind: object.Bridge, MTU: 1450}, object.MTU)
	mtu6 := conformance.Setting(object.ProtocolMTU, object.IPv6, "br0", 1400)
	of, all := conformance.Setting(object.Forwarding, object.IPv4, "br0", 1), conformance.Setting(object.Forwarding, object.IPv4, "", 1)
	w, m := newWorld(t), &conformance.Memory{}
	b := conformance.NewBench(t, w, southbound.Config{Memory: m})
	for after, whole := 0, false; !whole; after++ {
		b.MustApply()
		b.MustApply(made, mtu6, of)
		b = b.Restart(southbound.Config{Memory: m}) // an IPv6 MTU does not outlive the link's coming up
		if whole = b.Killed(m, after, large, all); whole {
			w.holds(t, "with its leader", map[string]int{"ipv6/conf/br0/mtu": 1450, "ipv4/conf/br0/forwarding": 1})
		}
		b = conformance.NewBench(t, w, southbound.Config{Memory: m}, made, mtu6, of)
		b.MustHave(made, mtu6, of)
		b.MustApply(made)
		w.holds(t, fmt.Sprintf("after %d steps", after), map[string]int{"ipv6/conf/br0/mtu": 1500, "ipv4/conf/br0/forwarding": 0})
		if n := m.Held(); n != 0 {
			t.Errorf("%d baselines are left", n)
		}
	}
}

// What somebody else sets of his link while a global setting is ours is his when
// that goes.
func TestLeaderGoes(t *testing.T) {
	w := newWorld(t)
	w.proc(t, map[string]int{"ipv6/conf/q/forwarding": 0})
	b := bench(t, w, conformance.Setting(object.Forwarding, object.IPv6, "", 1))
	w.holds(t, "with it", map[string]int{"ipv6/conf/q/forwarding": 1})
	seen := object.SettingID(object.Forwarding, object.IPv6, "q").String()
	now := func(v string) func() bool {
		return func() bool { text, _ := b.Published(seen); return strings.Contains(text, "Value:"+v) }
	}
	b.Eventually("it is published", now("1"))
	w.proc(t, map[string]int{"ipv6/conf/q/forwarding": 0})
	b.Eventually("so is his change", now("0"))
	w.proc(t, map[string]int{"ipv6/conf/q/forwarding": 1})
	w.proc(t, map[string]int{"ipv6/conf/all/forwarding": 0})
	b.Eventually("drift is mended", func() bool { return b.Has(conformance.Setting(object.Forwarding, object.IPv6, "", 1)) })
	b.Eventually("the links have followed", now("1"))
	b.MustApply()
	w.holds(t, "without it", map[string]int{"ipv6/conf/all/forwarding": 0, "ipv6/conf/q/forwarding": 0, "ipv6/conf/p/forwarding": 0})
	b.Eventually("the links have followed", now("0"))
}

// An IPv6 MTU that is not configured any more goes back as far as the link lets it.
func TestIPv6MTUOfLoweredLink(t *testing.T) {
	w := newWorld(t)
	w.settle(t)
	w.proc(t, map[string]int{"ipv6/conf/p/mtu": 1450})
	mtu6 := conformance.Setting(object.ProtocolMTU, object.IPv6, "p", 1350)
	m := &conformance.Memory{}
	b := conformance.NewBench(t, w, southbound.Config{Memory: m}, mtu6)
	b.Observe()
	w.ip(t, "link set p mtu 1400")
	b.Eventually("it is seen", func() bool {
		text, _ := b.Published(object.LinkID("p").String())
		return strings.Contains(text, "MTU:1400")
	})
	b.MustApply()
	w.holds(t, "released", map[string]int{"ipv6/conf/p/mtu": 1400})
	if n := m.Held(); n != 0 {
		t.Errorf("%d baselines are left", n)
	}
}

// settle waits for the links' carriers: when one comes, the kernel makes the IPv6 MTU
// that of the link.
func (w *world) settle(t *testing.T) {
	t.Helper()
	b := bench(t, w)
	for _, link := range []string{"p", "q"} {
		b.Eventually(link+" has a carrier", func() bool {
			return b.Read(&object.Link{Name: link}).(*object.LinkState).Oper == object.OperUp
		})
	}
	b.Stop()
}

// proc writes files below /proc/sys/net.
func (w *world) proc(t testing.TB, values map[string]int) {
	t.Helper()
	w.inside(t, func() error {
		for name, value := range values {
			if err := os.WriteFile("/proc/sys/net/"+name, []byte(strconv.Itoa(value)), 0); err != nil {
				return err
			}
		}
		return nil
	})
}

// holds compares files below /proc/sys/net.
func (w *world) holds(t testing.TB, when string, want map[string]int) {
	t.Helper()
	w.inside(t, func() error {
		for name, value := range want {
			text, err := os.ReadFile("/proc/sys/net/" + name)
			if err != nil {
				return err
			}
			if got := strings.TrimSpace(string(text)); got != strconv.Itoa(value) {
				t.Errorf("%s: %s is %s, want %d", when, name, got, value)
			}
		}
		return nil
	})
}
