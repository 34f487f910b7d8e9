package gnmi_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/outrigger-cnf/outrigger/northbound/gnmi"
)

// TestRandomChanges holds that whoever follows the changes sees what is there,
// whether the stream keeps up, coalesces or lags.
func TestRandomChanges(t *testing.T) {
	for _, queue := range []int{8192, 3} {
		t.Run(fmt.Sprint("queue of ", queue), func(t *testing.T) {
			b := newBench(t, gnmi.Limits{MaxQueue: queue})
			// No subscription has counters, which are no events.
			paths := []string{"/interfaces", "/zoo", "ietf-interfaces:/interfaces"}
			s := b.subscribe(list(stream, onChange(paths[0]), onChange(paths[1]), onChange(paths[2])))
			view := map[string]string{}
			for _, n := range s.sync() {
				apply(view, n)
			}
			r := rand.New(rand.NewPCG(1, uint64(queue)))
			for round := range 40 {
				for range 10 {
					var lines []string
					for range 1 + r.IntN(4) {
						lines = append(lines, randomLine(r))
					}
					b.configure(lines...)
				}
				mark := fmt.Sprintf("mark%d", round)
				b.configure("/ietf-interfaces:interfaces/interface[name='"+mark+"']/enabled = false", "-/ietf-interfaces:interfaces/interface[name='mark"+fmt.Sprint(round-1)+"']")
				for view["ietf-interfaces:/interfaces/interface[name="+mark+"]/enabled"] == "" {
					apply(view, s.update())
				}
				expected := map[string]string{}
				o := b.subscribe(list(once, onChange(paths[0]), onChange(paths[1]), onChange(paths[2])))
				for _, n := range o.sync() {
					apply(expected, n)
				}
				for k, v := range expected {
					if view[k] != v {
						t.Errorf("round %d: %s is %q, want %q", round, k, view[k], v)
					}
				}
				for k := range view {
					if expected[k] == "" {
						t.Errorf("round %d: %s is not there any more", round, k)
					}
				}
				if t.Failed() {
					return
				}
			}
		})
	}
}

// randomLine is a line for configure.
func randomLine(r *rand.Rand) string {
	entry := fmt.Sprintf("/openconfig-interfaces:interfaces/interface[name='e%d']", r.IntN(4))
	address := fmt.Sprintf("%s/openconfig-if-ip:addresses/address[ip='%d'][zone='z']", entry, r.IntN(3))
	zoo := "/openconfig-zoo:zoo"
	leafs := []string{
		entry + "/config/mtu = 100", entry + "/config/mtu = 200", entry + "/config/enabled = true", entry + "/config/enabled = false",
		entry + "/config/tag = a", entry + "/config/tag = b", entry + "/hold-time/config/up = 0", entry + "/hold-time/config/up = 5",
		address + "/config/prefix-length = 24", zoo + "/volume = 1", zoo + "/volume = 2", zoo + "/noise = 3", zoo + "/echo = 7", zoo + "/echo = 8",
		zoo + "/cage/bars = 9", zoo + "/cage/bars = 1", zoo + "/order = x", zoo + "/order = y", zoo + "/flag = ",
	}
	gone := []string{
		entry, entry + "/config", entry + "/config/mtu", entry + "/config/enabled", entry + "/config/tag", entry + "/hold-time",
		address, entry + "/openconfig-if-ip:addresses", "/openconfig-interfaces:interfaces",
		zoo, zoo + "/volume", zoo + "/noise", zoo + "/echo", zoo + "/cage", zoo + "/cage/bars", zoo + "/order", zoo + "/flag",
	}
	if r.IntN(3) == 0 {
		return "-" + gone[r.IntN(len(gone))]
	}
	return leafs[r.IntN(len(leafs))]
}
