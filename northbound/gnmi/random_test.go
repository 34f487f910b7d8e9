package gnmi_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	gpb "github.com/openconfig/gnmi/proto/gnmi"

	"github.com/outrigger-cnf/outrigger/northbound/gnmi"
)

// TestRandomChanges holds that whoever follows the changes sees what is there,
// whether the stream keeps up, coalesces or lags, follows much or little, is alone or
// among others that follow something else and come meanwhile.
func TestRandomChanges(t *testing.T) {
	const marks = "ietf-interfaces:/interfaces"
	for _, tt := range []struct {
		name  string
		queue int
		paths []string // no counters, which are no events
	}{
		{"queue of 8192", 8192, []string{"/interfaces", "/zoo", marks}},
		{"queue of 3", 3, []string{"/interfaces", "/zoo", marks}},
		{"few paths", 8192, []string{"/interfaces/interface[name=*]/config/enabled", "/interfaces/interface[name=e1]/hold-time", "/zoo/volume", "/zoo/cage/bars", marks}},
		{"few paths and a queue of 3", 3, []string{"/interfaces/interface[name=e1]/addresses", "/interfaces/interface/config/tag", "/zoo/echo", "/zoo/order", marks}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, gnmi.Limits{MaxQueue: tt.queue})
			var subs []*gpb.Subscription
			for _, p := range tt.paths {
				subs = append(subs, onChange(p))
			}
			s := b.subscribe(list(stream, subs...))
			view := map[string]string{}
			for _, n := range s.sync() {
				apply(view, n)
			}
			r := rand.New(rand.NewPCG(1, uint64(tt.queue)))
			for round := range 40 {
				if round%8 == 4 {
					b.subscribe(list(stream, onChange([]string{"/zoo/flag", "/interfaces", "/zoo"}[round/8%3]))).sync()
				}
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
				o := b.subscribe(list(once, subs...))
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
