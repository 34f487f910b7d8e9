package vpp_test

import (
	"math"
	"testing"

	"go.fd.io/govpp/binapi/ip"

	"github.com/outrigger-cnf/outrigger/southbound/vpp/vpptest"
)

// The number of a VRF, which one that is half made is shown with as a link, is one
// that an if-index can be, and another than those of interfaces.
func TestVRFNumber(t *testing.T) {
	onEach(t, func(t *testing.T, d vpptest.Dataplane) {
		b := open(t, d)
		c := vpptest.Dial(t, d.Socket())
		defer c.Close()
		for id, name := range map[uint32]string{5: "five", 0x6f740001: "outrigger:half", math.MaxUint32 - 1: "high"} {
			c.Do(t, &ip.IPTableAddDel{IsAdd: true, Table: ip.IPTable{TableID: id, Name: name}})
		}
		seen := make(map[uint32]string)
		for name, l := range links(t, b) {
			if l.Index < 1 || l.Index > math.MaxInt32 || seen[l.Index] != "" {
				t.Errorf("%s has the number %d; %q", name, l.Index, seen[l.Index])
			}
			seen[l.Index] = name
		}
		if len(seen) != 3 {
			t.Errorf("%v", seen)
		}
	})
}
