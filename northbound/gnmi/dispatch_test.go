package gnmi_test

import (
	"testing"

	"github.com/outrigger-cnf/outrigger/northbound/gnmi"
)

// Of a change no more is listed than what somebody asks for.
func TestOnChangeLists(t *testing.T) {
	b := newBench(t, gnmi.Limits{})
	old := b.configure(eth0 + "/config/mtu = 1500")
	new := b.configure(eth0+"/config/mtu = 1400", "/openconfig-interfaces:interfaces/interface[name='eth1']/config/mtu = 9000", "/openconfig-zoo:zoo/cage/bars = 4")
	listed := func(want int) {
		t.Helper()
		if n := b.server.Listed(old.Operational, new.Operational); n != want {
			t.Errorf("%d events are listed, want %d", n, want)
		}
	}
	listed(0)
	b.subscribe(list(stream, onChange("/zoo/flag"))).sync()
	listed(0)
	b.subscribe(list(stream, onChange("/interfaces/interface/config/mtu"))).sync()
	listed(2)
	b.subscribe(list(stream, onChange("/zoo/cage"), onChange("/interfaces/interface[name=eth1]"))).sync()
	if !b.server.LooksItself(old, new) {
		t.Error("a stream that opens meanwhile relies on what is listed for the others")
	}
	listed(6) // of a list all entries: the mtu of eth0, 4 leafs of eth1, and the bars
}

// Of what serves the streams that there are a goroutine takes nothing that served
// others and is late: what it takes is for one goroutine.
func TestOnChangeSuperseded(t *testing.T) {
	b := newBench(t, gnmi.Limits{})
	old := b.configure(eth0 + "/config/mtu = 1500")
	b.configure(eth0 + "/config/mtu = 1400")
	b.subscribe(list(stream, onChange("/interfaces"))).sync()
	if !b.server.Superseded(old) {
		t.Error("it takes the matcher of the other one")
	}
}
