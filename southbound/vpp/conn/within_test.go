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

// What was begun with one VPP does not go on with the next.
func TestWithin(t *testing.T) {
	f := vpptest.NewFake(t)
	c := conn.New(conn.Config{Socket: f.Socket()})
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := c.Await(t.Context()); err != nil {
		t.Fatal(err)
	}
	list := func(what string, within bool) {
		t.Helper()
		ctx := t.Context()
		if within {
			ctx = c.Within(ctx)
		}
		_, err := conn.Dump[interfaces.SwInterfaceDetails](ctx, c, &interfaces.SwInterfaceDump{SwIfIndex: interface_types.InterfaceIndex(^uint32(0))})
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	ctx := c.Within(t.Context())
	first := c.Epoch()
	list("the present connection", true)
	f.Die()
	f.Restart(t)
	listener := c.Listen()
	defer listener.Close()
	for c.Epoch() == first {
		if _, err := listener.Next(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Await(t.Context()); err != nil {
		t.Fatal(err)
	}
	list("another connection", false)
	list("another connection, begun in it", true)
	_, err := conn.Dump[interfaces.SwInterfaceDetails](ctx, c, &interfaces.SwInterfaceDump{})
	if !errors.Is(err, southbound.ErrAway) {
		t.Errorf("what was begun before: %v", err)
	}
	if err := c.Call(c.Within(ctx), &interfaces.SwInterfaceSetFlags{}, &interfaces.SwInterfaceSetFlagsReply{}); !errors.Is(err, southbound.ErrAway) {
		t.Errorf("what was begun before, in another function: %v", err)
	}
}
