package netlink_test

import (
	"net/netip"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/conformance"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// A change makes a link anew and gives it more than it had; the agent is killed
// before the change is stored. Whoever comes next with the configuration of before
// leaves nothing of it; whoever comes with that of the change finds nothing to do.
func TestReplacedLink(t *testing.T) {
	remote := netip.MustParseAddr("192.0.2.2")
	vxlan := func(l object.Link, attrs ...object.Attr) object.Claim {
		l.Name, l.Kind = "vx0", object.VXLAN
		return conformance.Created(l, append([]object.Attr{object.VNI}, attrs...)...)
	}
	veth := func(name, peer string, l object.Link, attrs ...object.Attr) object.Claim {
		l.Name, l.Kind, l.Peer = name, object.Veth, peer
		return conformance.Created(l, append([]object.Attr{object.Peer}, attrs...)...)
	}
	bridge := func(l object.Link, attrs ...object.Attr) object.Claim {
		l.Name, l.Kind = "br0", object.Bridge
		return conformance.Created(l, attrs...)
	}
	tap := conformance.Created(object.Link{Name: "br0", Kind: object.Tap})
	macvlan := func(mtu uint32, attrs ...object.Attr) object.Claim {
		return conformance.Created(object.Link{Name: "mv0", Kind: object.Macvlan, Parent: "late", MacvlanMode: object.MacvlanBridge, MTU: mtu},
			append([]object.Attr{object.Parent, object.Mode}, attrs...)...)
	}
	late := conformance.Created(object.Link{Name: "late", Kind: object.Bridge})
	forwarding := conformance.Setting(object.Forwarding, object.IPv4, "vx0", 1)
	type claims = []object.Claim
	for name, c := range map[string]struct{ before, after claims }{
		"attributes of its kind": {
			claims{vxlan(object.Link{VNI: 5})},
			claims{vxlan(object.Link{VNI: 6, TTL: 7, Remote: remote, Learning: true}, object.TTL, object.Remote, object.Learning)},
		},
		"a parent": {
			claims{vxlan(object.Link{VNI: 5})},
			claims{vxlan(object.Link{VNI: 5, Parent: "p"}, object.Parent)},
		},
		"attributes of any link": {
			claims{vxlan(object.Link{VNI: 5})},
			claims{vxlan(object.Link{VNI: 6, MTU: 1300, Description: "x", MAC: object.MACAddr{2, 0, 0, 0, 0, 7}}, object.MTU, object.Description, object.MACAttr)},
		},
		"a master": {
			claims{vxlan(object.Link{VNI: 5}), bridge(object.Link{})},
			claims{vxlan(object.Link{VNI: 6, Master: "br0"}, object.Master), bridge(object.Link{})},
		},
		"a setting": {
			claims{vxlan(object.Link{VNI: 5})},
			claims{vxlan(object.Link{VNI: 6}), forwarding},
		},
		"another kind": {
			claims{bridge(object.Link{STP: true}, object.STP)},
			claims{tap},
		},
		"of a pair": {
			claims{veth("v0", "v1", object.Link{})},
			claims{veth("v0", "v2", object.Link{MTU: 1400}, object.MTU), conformance.Link(object.Link{Name: "v2", Description: "far"}, object.Description)},
		},
		"what it waited for": {
			claims{macvlan(0)},
			claims{late, macvlan(1300, object.MTU)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			m := &conformance.Memory{}
			cfg := southbound.Config{Memory: m}
			b := conformance.NewBench(t, w, cfg, c.before...)
			before := anonymous(b)
			b.MustApply(c.after...)
			after := anonymous(b)

			// It was stored.
			b.Stop()
			b = conformance.NewBench(t, w, cfg, c.after...)
			if n := b.Backend.Stats().Writes; n != 0 {
				t.Errorf("stored, and %d writes", n)
			}
			// Back, and killed before the change is stored.
			b.MustApply(c.before...)
			if now := anonymous(b); now != before {
				t.Errorf("taken back; -before +now:\n%s", cmp.Diff(before, now))
			}
			b.MustApply(c.after...)
			b.Stop()
			b = conformance.NewBench(t, w, cfg, c.before...)
			if now := anonymous(b); now != before {
				t.Errorf("killed; -before +now:\n%s", cmp.Diff(before, now))
			}
			b.Stop()
			b = conformance.NewBench(t, w, cfg, c.before...)
			if n := b.Backend.Stats().Writes; n > 1 { // what waits is tried
				t.Errorf("once more, and %d writes", n)
			}
			// Each of its steps fails, and then it is killed.
			for k := 0; ; k++ {
				b.Backend.FailAfter(k)
				err := b.Apply(c.after...)
				if !b.Backend.Heal() {
					if err != nil {
						t.Fatal(err)
					}
					break
				}
				if f := fault.All(err); len(f) == 0 || f[0].Tag == fault.RollbackFailed {
					t.Errorf("step %d: %v", k+1, err)
				}
				if now := anonymous(b); now != before {
					t.Errorf("step %d fails; -before +now:\n%s", k+1, cmp.Diff(before, now))
				}
			}
			if now := anonymous(b); now != after {
				t.Errorf("at last; -after +now:\n%s", cmp.Diff(after, now))
			}
			b.MustApply()
			if held, err := m.Load(); err != nil || len(held.Replaced)+len(held.List) != 0 {
				t.Errorf("left: %+v, %v", held, err)
			}
		})
	}
}

// anonymous is the state without the hardware addresses that are drawn by lot; it
// tells the address of a link that was given one.
func anonymous(b *conformance.Bench) string {
	return randomMAC.ReplaceAllString(b.State(), "MAC:random")
}

// randomMAC matches all but the one that the test gives.
var randomMAC = regexp.MustCompile(`MAC:([013-9a-f][0-9a-f]|2[1-9a-f]|0[013-9a-f])(:[0-9a-f]{2}){5}|MAC:02:(0[1-9a-f]|[1-9a-f][0-9a-f])(:[0-9a-f]{2}){4}`)
