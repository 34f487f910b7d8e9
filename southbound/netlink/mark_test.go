package netlink_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/conformance"
	"github.com/outrigger-cnf/outrigger/southbound/netlink"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// other is a world as an agent with another protocol number goes about it.
type other struct {
	*world
	protocol uint8
}

func (o other) Backend(t testing.TB) southbound.Backend {
	b, err := netlink.New(netlink.Config{NetNS: int(o.ns.Fd()), Protocol: o.protocol})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

// Agents with different protocol numbers share a namespace: each sweeps what it has
// left behind, and nothing of the other's.
func TestSweepBesideAnotherAgent(t *testing.T) {
	w := newWorld(t)
	worlds := map[string]conformance.World{"lo17": other{w, 17}, "lo171": w, "lo172": other{w, 172}}
	claims := make(map[string][]object.Claim)
	for name, world := range worlds {
		bridge := object.Link{Name: "br-" + name, Kind: object.Bridge, Description: "of " + name}
		claims[name] = []object.Claim{
			conformance.Created(bridge, object.Description),
			conformance.Created(object.Link{Name: "ve-" + name, Kind: object.Veth, Peer: "vf-" + name}, object.Peer),
			conformance.Created(object.Link{Name: "tap-" + name, Kind: object.Tap}),
		}
		conformance.NewBench(t, world, southbound.Config{}, claims[name]...).Stop()
	}
	for name, alias := range map[string]string{
		"br-lo17": "outrigger-17:of lo17", "br-lo171": "outrigger:of lo171", "br-lo172": "outrigger-172:of lo172", "vf-lo172": "outrigger-172:",
	} {
		if text := w.ip(t, "link show "+name); !strings.Contains(text, "alias "+alias) {
			t.Errorf("%s is not marked %q:\n%s", name, alias, text)
		}
	}
	// Resync sweeps. An agent that wants all that it has made takes nothing.
	for name, world := range worlds {
		for range 2 {
			b := conformance.NewBench(t, world, southbound.Config{}, claims[name]...)
			if n := b.Backend.Stats().Writes; n != 0 {
				t.Errorf("%s: %d writes for what is there", name, n)
			}
			b.Stop()
		}
	}
	// One that wants nothing any more takes what it has made.
	conformance.NewBench(t, other{w, 17}, southbound.Config{}).Stop()
	conformance.NewBench(t, w, southbound.Config{}).Stop()
	left := w.ip(t, "-brief link show")
	for _, prefix := range []string{"br-", "ve-", "vf-", "tap-"} {
		for _, name := range []string{"lo17", "lo171"} {
			if strings.Contains(left, prefix+name+" ") || strings.Contains(left, prefix+name+"@") {
				t.Errorf("%s%s was left behind:\n%s", prefix, name, left)
			}
		}
		if !strings.Contains(left, prefix+"lo172") {
			t.Errorf("%slo172 was taken:\n%s", prefix, left)
		}
	}
}

// What another agent is just making has no alias yet, and is not ours either.
func TestAnotherAgentCreating(t *testing.T) {
	w := newWorld(t)
	w.ip(t, "link add half group 0x6f747267 type bridge")
	b := conformance.NewBench(t, other{w, 17}, southbound.Config{})
	if b.Read(&object.Link{Name: "half"}) == nil {
		t.Error("it was taken")
	}
}

// A description must not make a link another agent's.
func TestDescriptionLikeAMark(t *testing.T) {
	w := newWorld(t)
	b := conformance.NewBench(t, w, southbound.Config{})
	for text, refused := range map[string]bool{
		"outrigger:": true, "outrigger-17:x": true, "outrigger-171:x": false, "outrigger-0:": false, "outrigger": false,
	} {
		claim := conformance.Link(object.Link{Name: "p", Description: text}, object.Description)
		wrong, _ := errors.AsType[*southbound.AttrError](b.Backend.Check(&claim))
		if got := wrong != nil && wrong.Attr == object.Description; got != refused {
			t.Errorf("%q: %v", text, wrong)
		}
	}
}
