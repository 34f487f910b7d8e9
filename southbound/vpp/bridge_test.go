package vpp_test

import (
	"errors"
	"testing"

	interfaces "go.fd.io/govpp/binapi/interface"
	"go.fd.io/govpp/binapi/interface_types"
	"go.fd.io/govpp/binapi/l2"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
	"github.com/outrigger-cnf/outrigger/southbound/vpp/vpptest"
)

// A bridge takes its ports back when it cannot be deleted, and lets them go when it
// is; a domain without its BVI is ours to delete or to make whole.
func TestBridge(t *testing.T) {
	onEach(t, func(t *testing.T, d vpptest.Dataplane) {
		b := open(t, d)
		port := &object.Link{Name: "port", Kind: object.Loopback}
		bridge := &object.Link{Name: "br", Kind: object.Bridge}
		in := *port
		in.Master = "br"
		must(t, b, create(port), create(bridge), update(port, &in, object.Master))
		if s := read(t, b, "port"); s.Master != "br" {
			t.Errorf("%+v", s)
		}
		must(t, b, remove(bridge))
		if s := read(t, b, "port"); s.Master != "" {
			t.Errorf("%+v", s)
		}
		must(t, b, create(bridge), update(port, &in, object.Master))
		removeBVI(t, d, read(t, b, "br").Index)
		s := read(t, b, "br")
		if s == nil || s.Kind == object.Bridge || !s.Owned {
			t.Fatalf("a bridge without its BVI: %+v", s)
		}
		if all := links(t, b)["br"]; all == nil || !all.Same(s) {
			t.Errorf("alone %+v, among all %+v", s, all)
		}
		must(t, b, create(bridge))
		if s := read(t, b, "br"); s.Kind != object.Bridge || !s.Owned {
			t.Errorf("made whole: %+v", s)
		}
		must(t, b, remove(bridge), remove(port))
	})
}

// What is no bridge has no ports, which is an error of the configuration; what is not
// there is waited for.
func TestNoMaster(t *testing.T) {
	onEach(t, func(t *testing.T, d vpptest.Dataplane) {
		b := open(t, d)
		port := &object.Link{Name: "port", Kind: object.Loopback}
		must(t, b, create(port), create(&object.Link{Name: "other", Kind: object.Loopback}))
		for master, want := range map[string]struct {
			cause error
			text  string
		}{
			"other":   {southbound.ErrInvalid, "master of link port: other is there and no bridge"},
			"nowhere": {southbound.ErrNotReady, "master of link port: neither a bridge nor a VRF nowhere is there"},
		} {
			in := *port
			in.Master = master
			if err := b.Do(t.Context(), update(port, &in, object.Master)); !errors.Is(err, want.cause) || err.Error() != want.text {
				t.Errorf("master %s: %v, want %q", master, err, want.text)
			}
		}
		if s := read(t, b, "port"); s.Master != "" {
			t.Errorf("%+v", s)
		}
		must(t, b, remove(port), remove(&object.Link{Name: "other", Kind: object.Loopback}))
	})
}

// A bridge may route by a VRF, and stays what it is; a port of another it cannot be.
func TestBridgeInVRF(t *testing.T) {
	onEach(t, func(t *testing.T, d vpptest.Dataplane) {
		b := open(t, d)
		bridge, port := &object.Link{Name: "br", Kind: object.Bridge}, &object.Link{Name: "port", Kind: object.Loopback}
		must(t, b, create(bridge), create(&object.Link{Name: "other", Kind: object.Bridge}), create(port),
			plan.Step{Op: plan.Create, ID: object.LinkID("red"), Want: &object.Link{Name: "red", Kind: object.VRF}, Attrs: []object.Attr{object.LinkKindAttr}})
		master := func(l *object.Link, name string) plan.Step {
			have := read(t, b, l.Name).Link
			want := have
			want.Master = name
			return update(&have, &want, object.Master)
		}
		must(t, b, master(port, "br"))
		for _, vrf := range []string{"red", ""} {
			must(t, b, master(bridge, vrf))
			if s := read(t, b, "br"); s.Kind != object.Bridge || s.Master != vrf {
				t.Errorf("%+v", s)
			}
			if s := read(t, b, "port"); s.Master != "br" {
				t.Errorf("%+v", s)
			}
		}
		if err := b.Do(t.Context(), master(bridge, "other")); !errors.Is(err, southbound.ErrInvalid) {
			t.Errorf("a bridge in a bridge: %v", err)
		}
		if s := read(t, b, "br"); s.Kind != object.Bridge || s.Master != "" {
			t.Errorf("%+v", s)
		}
		must(t, b, master(port, "red"), master(port, "br"), master(port, ""))
		if s := read(t, b, "port"); s.Master != "" {
			t.Errorf("%+v", s)
		}
	})
}

// The frames that a VLAN gives to its bridge, and gets from it, have no tag; and so
// it is again after a bridge that could not be deleted has let it go.
func TestVLANPort(t *testing.T) {
	onEach(t, func(t *testing.T, d vpptest.Dataplane) {
		client := vpptest.Dial(t, d.Socket())
		defer client.Close()
		b := open(t, d)
		vlan := &object.Link{Name: "lo.5", Kind: object.VLAN, Parent: "lo", VLANID: 5}
		one, two := &object.Link{Name: "one", Kind: object.Bridge}, &object.Link{Name: "two", Kind: object.Bridge}
		must(t, b, create(&object.Link{Name: "lo", Kind: object.Loopback}), create(vlan), create(one), create(two))
		in := func(master string) {
			t.Helper()
			want := *vlan
			want.Master = master
			must(t, b, update(vlan, &want, object.Master))
			if s := read(t, b, vlan.Name); s.Master != master {
				t.Errorf("it is in %q, want %q", s.Master, master)
			}
			list, err := vpptest.Dump[interfaces.SwInterfaceDetails](client, &interfaces.SwInterfaceDump{SwIfIndex: interface_types.InterfaceIndex(read(t, b, vlan.Name).Index)})
			if err != nil || len(list) != 1 {
				t.Fatal(list, err)
			}
			rewritten := uint32(0)
			if master != "" {
				rewritten = 3 // L2_VTR_POP_1
			}
			if list[0].VtrOp != rewritten {
				t.Errorf("in %q tags are rewritten by %d, want %d", master, list[0].VtrOp, rewritten)
			}
		}
		for _, master := range []string{"one", "two", "", "one"} {
			in(master)
		}
		if f, ok := d.(*vpptest.Fake); ok {
			f.FailOn("bvi_delete", -1)
			if err := b.Do(t.Context(), remove(one)); err == nil {
				t.Error("deleted, and yet refused")
			}
			f.FailOn("bvi_delete", 0)
			if s := read(t, b, vlan.Name); s.Master != "one" {
				t.Errorf("after a deletion that failed: %+v", s)
			}
		}
		must(t, b, remove(one))
		in("two")
	})
}

func removeBVI(t *testing.T, d vpptest.Dataplane, index uint32) {
	t.Helper()
	client := vpptest.Dial(t, d.Socket())
	defer client.Close()
	client.Do(t, &l2.SwInterfaceSetL2Bridge{RxSwIfIndex: interface_types.InterfaceIndex(index)})
	client.Do(t, &l2.BviDelete{SwIfIndex: interface_types.InterfaceIndex(index)})
}

// A port is in the bridge that it is in now, whoever put it there and wherever it was
// seen before.
func TestPortOfManyBridges(t *testing.T) {
	onEach(t, func(t *testing.T, d vpptest.Dataplane) {
		b := open(t, d)
		other := vpptest.Dial(t, d.Socket())
		port := &object.Link{Name: "port", Kind: object.Loopback}
		in := *port
		in.Master = "br1"
		must(t, b, create(port), create(&object.Link{Name: "br1", Kind: object.Bridge}), create(&object.Link{Name: "br2", Kind: object.Bridge}), update(port, &in, object.Master))
		for id := range uint32(5) {
			other.Do(t, &l2.BridgeDomainAddDelV2{BdID: 1000 + id, IsAdd: true})
		}
		index := interface_types.InterfaceIndex(read(t, b, "port").Index)
		joins := func(id uint32, on bool) {
			other.Do(t, &l2.SwInterfaceSetL2Bridge{RxSwIfIndex: index, BdID: id, Enable: on})
		}
		is := func(master string) {
			t.Helper()
			for range 2 { // as it was read, and as it is remembered
				if s := read(t, b, "port"); s.Master != master {
					t.Fatalf("its master is %q instead of %q", s.Master, master)
				}
			}
			if s := links(t, b)["port"]; s.Master != master {
				t.Fatalf("listed, its master is %q instead of %q", s.Master, master)
			}
		}
		is("br1")
		joins(1003, true)
		is("bridge-domain-1003")
		joins(1004, true)
		is("bridge-domain-1004")
		joins(1004, false)
		is("")
		joins(1003, true)
		is("bridge-domain-1003")
		for _, name := range []string{"br1", "br2"} {
			if s := read(t, b, name); s.Kind != object.Bridge || s.Master != "" {
				t.Errorf("%+v", s)
			}
		}
	})
}
