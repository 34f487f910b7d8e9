package conn_test

import (
	"errors"
	"testing"

	interfaces "go.fd.io/govpp/binapi/interface"
	"go.fd.io/govpp/binapi/interface_types"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/vpp/conn"
	"github.com/outrigger-cnf/outrigger/southbound/vpp/vpptest"
)

// Requests that are made together are each answered as if they were alone.
func TestTogether(t *testing.T) {
	each(t, func(t *testing.T, vpp vpptest.Dataplane) {
		c := open(t, config(vpp))
		await(t, c)
		loopback(t, vpp)
		var one, all, none []*interfaces.SwInterfaceDetails
		var table, wrong interfaces.SwInterfaceGetTableReply
		var noTable, refused error
		for range 2 {
			err := c.Together(t.Context(),
				conn.List(&interfaces.SwInterfaceDump{SwIfIndex: 1}, &one),
				conn.Get(&interfaces.SwInterfaceGetTable{SwIfIndex: 1}, &table, &noTable),
				conn.Get(&interfaces.SwInterfaceGetTable{SwIfIndex: 77}, &wrong, &refused),
				conn.List(&interfaces.SwInterfaceDump{SwIfIndex: ^interface_types.InterfaceIndex(0)}, &all),
				conn.List(&interfaces.SwInterfaceDump{SwIfIndex: 77}, &none),
			)
			var r *conn.RetvalError
			if err != nil || len(one) != 1 || len(all) != 2 || len(none) != 0 || noTable != nil || !errors.As(refused, &r) || r.Message != "sw_interface_get_table" {
				t.Fatalf("%v: %d, %d, %d, %v, %v", err, len(one), len(all), len(none), noTable, refused)
			}
		}
		vpp.Hang()
		if err := c.Together(t.Context(), conn.List(&interfaces.SwInterfaceDump{SwIfIndex: 1}, &one)); !errors.Is(err, southbound.ErrAway) {
			t.Fatalf("while it hangs: %v", err)
		}
		vpp.Resume()
	})
}

// What this VPP lacks is left out, and the rest is answered.
func TestTogetherUnsupported(t *testing.T) {
	vpp := vpptest.NewAbsent(t)
	vpp.MissCRC("sw_interface_get_table", "sw_interface_event")
	vpp.Restart(t)
	c := open(t, config(vpp))
	await(t, c)
	var table interfaces.SwInterfaceGetTableReply
	var noTable error
	var all []*interfaces.SwInterfaceDetails
	lacking := conn.Get(&interfaces.SwInterfaceGetTable{}, &table, &noTable)
	err := c.Together(t.Context(), lacking, conn.List(&interfaces.SwInterfaceDump{SwIfIndex: ^interface_types.InterfaceIndex(0)}, &all))
	if err != nil || !errors.Is(noTable, southbound.ErrUnsupported) || len(all) != 1 {
		t.Fatalf("%v: %v, %d", err, noTable, len(all))
	}
	if err := c.Together(t.Context(), lacking); err != nil {
		t.Fatalf("nothing to ask: %v", err)
	}
}
