package vpp_test

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.fd.io/govpp/api"
	"go.fd.io/govpp/binapi/gre"
	interfaces "go.fd.io/govpp/binapi/interface"
	"go.fd.io/govpp/binapi/interface_types"
	"go.fd.io/govpp/binapi/ip_types"
	"go.fd.io/govpp/binapi/ipip"
	"go.fd.io/govpp/binapi/l2"
	"go.fd.io/govpp/binapi/memif"
	"go.fd.io/govpp/binapi/tapv2"
	"go.fd.io/govpp/binapi/vxlan"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
	"github.com/outrigger-cnf/outrigger/southbound/vpp"
	"github.com/outrigger-cnf/outrigger/southbound/vpp/vpptest"
)

// onEach runs a test on the fake, and on the VPP that OUTRIGGER_VPP names.
func onEach(t *testing.T, f func(t *testing.T, d vpptest.Dataplane)) {
	t.Run("fake", func(t *testing.T) { f(t, vpptest.NewFake(t)) })
	if path := os.Getenv("OUTRIGGER_VPP"); path != "" {
		t.Run("vpp", func(t *testing.T) { f(t, vpptest.Start(t, path)) })
	}
}

func open(t *testing.T, d vpptest.Dataplane) *vpp.Backend {
	t.Helper()
	b, err := vpp.New(vpp.Config{Socket: d.Socket(), Stats: d.Stats()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := b.Await(t.Context()); err != nil {
		t.Fatal(err)
	}
	return b
}

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

// made are links of each kind, with what they are to be made with.
func made(dir string) []*object.Link {
	return []*object.Link{
		{Name: "lo7", Kind: object.Loopback, Description: "the seventh"},
		{Name: "br0", Kind: object.Bridge, AgeingTime: 120},
		{Name: "lo7.30", Kind: object.VLAN, Parent: "lo7", VLANID: 31},
		{Name: "mem0", Kind: object.Memif, Socket: filepath.Join(dir, "m.sock"), MemifID: 3, MemifRole: object.MemifServer, MemifMode: object.MemifEthernet, RingSize: 512, BufferSize: 4096},
		{Name: "mem1", Kind: object.Memif, Socket: filepath.Join(dir, "m.sock"), MemifID: 4, MemifRole: object.MemifServer, MemifMode: object.MemifIP, RingSize: 1024, BufferSize: 2048, Description: "packets"},
		{Name: "mem2", Kind: object.Memif, Socket: filepath.Join(dir, "n.sock"), MemifRole: object.MemifClient, MemifMode: object.MemifEthernet, RingSize: 1024, BufferSize: 2048},
		{Name: "vx4", Kind: object.VXLAN, VNI: 42, Local: addr("192.0.2.1"), Remote: addr("192.0.2.2"), Port: 4789, Learning: true},
		{Name: "vx6", Kind: object.VXLAN, VNI: 42, Local: addr("2001:db8::1"), Remote: addr("2001:db8::2"), Port: 8472, Learning: true},
		{Name: "vxm", Kind: object.VXLAN, VNI: 43, Local: addr("192.0.2.1"), Remote: addr("239.1.1.1"), Port: 4789, Learning: true, Parent: "lo7"},
		{Name: "gre4", Kind: object.GRE, Local: addr("192.0.2.1"), Remote: addr("192.0.2.2")},
		{Name: "gre6", Kind: object.GRE, Local: addr("2001:db8::1"), Remote: addr("2001:db8::2"), Key: 77},
		{Name: "ipip4", Kind: object.IPIP, Local: addr("192.0.2.1"), Remote: addr("192.0.2.3")},
		{Name: "ipip6", Kind: object.IPIP, Local: addr("2001:db8::1"), Remote: addr("2001:db8::3")},
	}
}

func create(l *object.Link) plan.Step {
	attrs := append(l.KindAttrs(), object.Description)
	return plan.Step{Op: plan.Create, ID: l.ID(), Want: l, Attrs: attrs}
}

func remove(l *object.Link) plan.Step {
	return plan.Step{Op: plan.Delete, ID: l.ID(), Have: l}
}

func update(have, want *object.Link, a object.Attr) plan.Step {
	return plan.Step{Op: plan.Update, ID: want.ID(), Have: have, Want: want, Attrs: []object.Attr{a}}
}

func must(t *testing.T, b *vpp.Backend, steps ...plan.Step) {
	t.Helper()
	for _, s := range steps {
		if err := b.Do(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

func read(t *testing.T, b *vpp.Backend, name string) *object.LinkState {
	t.Helper()
	s, err := b.Read(t.Context(), &object.Link{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	l, _ := s.(*object.LinkState)
	return l
}

func links(t *testing.T, b *vpp.Backend) map[string]*object.LinkState {
	t.Helper()
	all, err := b.Dump(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	m := make(map[string]*object.LinkState)
	for _, s := range all {
		if l, ok := s.(*object.LinkState); ok {
			if m[l.Name] != nil {
				t.Errorf("two links have the name %s", l.Name)
			}
			m[l.Name] = l
		}
	}
	return m
}

// A link of each kind is as it was made, alone and among all, for this process and
// for the next, and leaves nothing.
func TestLinkKinds(t *testing.T) {
	onEach(t, func(t *testing.T, d vpptest.Dataplane) {
		b := open(t, d)
		before := links(t, b)
		list := made(t.TempDir())
		for _, l := range list {
			claim := object.NewClaim(l, nil, create(l).Attrs...)
			if err := b.Check(&claim); err != nil {
				t.Errorf("%s: %v", l.Name, err)
			}
			must(t, b, create(l))
		}
		other := open(t, d)
		for _, by := range []*vpp.Backend{b, other} {
			all := links(t, by)
			for _, l := range list {
				alone := read(t, by, l.Name)
				if alone == nil || all[l.Name] == nil {
					t.Fatalf("%s is not there: %v, %v", l.Name, alone, all[l.Name])
				}
				if !alone.Same(all[l.Name]) {
					t.Errorf("%s:\nalone     %+v\namong all %+v", l.Name, alone, all[l.Name])
				}
				for _, a := range create(l).Attrs {
					if !object.Same(l, &alone.Link, a) {
						t.Errorf("%s: %s is %s, want %s", l.Name, a, object.Text(&alone.Link, a), object.Text(l, a))
					}
				}
				if !alone.Owned || alone.Up || alone.Index == 0 || alone.MTU == 0 || alone.Oper != object.OperDown {
					t.Errorf("%s: %+v", l.Name, alone)
				}
			}
		}
		slices.Reverse(list)
		for _, l := range list {
			must(t, b, remove(l))
			if s := read(t, b, l.Name); s != nil {
				t.Errorf("%s is there still: %+v", l.Name, s)
			}
		}
		for name, l := range links(t, b) {
			if before[name] == nil {
				t.Errorf("%s is left: %+v", name, l)
			}
		}
	})
}

// The MAC address of a link is the same when it is made again, and another in
// another VPP; the default that it has is what it is made with.
func TestOwnMAC(t *testing.T) {
	onEach(t, func(t *testing.T, d vpptest.Dataplane) {
		b, other := open(t, d), offline(t)
		seen := make(map[object.MACAddr]string)
		list := append(made(t.TempDir()), &object.Link{Name: "ap0", Kind: object.AFPacket, HostLink: "lo"})
		must(t, b, create(list[0]))
		for _, l := range list {
			if l.Name != "lo7" {
				must(t, b, create(l))
			}
			have := read(t, b, l.Name).Link
			def, ok := b.Default(&have, object.MACAttr)
			if ok == have.MAC.IsZero() || ok && !object.Same(def, &have, object.MACAttr) {
				t.Errorf("%s has %s, and by default %v", l.Name, have.MAC, def)
			}
			if elsewhere, ok := other.Default(&have, object.MACAttr); ok && object.Same(elsewhere, &have, object.MACAttr) {
				t.Errorf("%s has %s in another VPP, too", l.Name, have.MAC)
			}
			if !ok {
				continue
			}
			if seen[have.MAC] != "" || have.MAC[0]&3 != 2 {
				t.Errorf("%s has %s, as %q has", l.Name, have.MAC, seen[have.MAC])
			}
			seen[have.MAC] = l.Name
		}
	})
}

// Each attribute that changes in place does, and no other with it.
func TestLinkUpdates(t *testing.T) {
	onEach(t, func(t *testing.T, d vpptest.Dataplane) {
		b := open(t, d)
		list := made(t.TempDir())
		must(t, b, create(&object.Link{Name: "bridge", Kind: object.Bridge}))
		for _, l := range list {
			must(t, b, create(l))
		}
		mac := object.MACAddr{2, 0, 0x5e, 0, 0, 0x17}
		lo := read(t, b, "lo7").Link
		on := lo
		on.Up = true
		if err := b.Do(t.Context(), update(list[2], &object.Link{Name: "lo7.30", Up: true}, object.Up)); !errors.Is(err, southbound.ErrNotReady) {
			t.Errorf("a VLAN that is to be up on a link that is down: %v", err)
		}
		must(t, b, update(&lo, &on, object.Up))
		for _, l := range list[1:] {
			try := map[object.Attr]object.Link{
				object.Up:          {Up: true},
				object.MTU:         {MTU: 1400},
				object.Description: {Description: "something else"},
			}
			ethernet := l.Kind != object.GRE && l.Kind != object.IPIP && l.Kind != object.VLAN && l.MemifMode != object.MemifIP
			if ethernet {
				try[object.MACAttr] = object.Link{MAC: mac}
			}
			if (ethernet || l.Kind == object.VLAN) && l.Kind != object.Bridge {
				try[object.Master] = object.Link{Master: "bridge"}
			}
			if l.Kind == object.Bridge {
				try[object.AgeingTime] = object.Link{AgeingTime: 600}
			}
			for a, v := range try {
				have := read(t, b, l.Name).Link
				v.Name = l.Name
				want := object.With(&have, &v, a).(*object.Link)
				must(t, b, update(&have, want, a))
				if got := read(t, b, l.Name).Link; got != *want {
					t.Errorf("%s %s:\ngot  %+v\nwant %+v", l.Name, a, got, *want)
				}
				must(t, b, update(want, &have, a))
				if got := read(t, b, l.Name).Link; got != have {
					t.Errorf("%s %s back:\ngot  %+v\nwant %+v", l.Name, a, got, have)
				}
			}
		}
	})
}

// What is not ours is neither deleted nor made over.
func TestForeignLink(t *testing.T) {
	onEach(t, func(t *testing.T, d vpptest.Dataplane) {
		b := open(t, d)
		l := &object.Link{Name: "lo", Kind: object.Loopback}
		must(t, b, create(l))
		if err := b.Do(t.Context(), create(l)); !errors.Is(err, southbound.ErrExists) {
			t.Errorf("made twice: %v", err)
		}
		retag(t, d, read(t, b, "lo").Index, "somebody's")
		s := read(t, b, "lo")
		if s.Owned || s.Description != "somebody's" {
			t.Errorf("%+v", s)
		}
		if err := b.Do(t.Context(), remove(l)); !errors.Is(err, southbound.ErrExists) {
			t.Errorf("deleted: %v", err)
		}
		want := s.Link
		want.Description = "somebody's else"
		must(t, b, update(&s.Link, &want, object.Description))
		if s := read(t, b, "lo"); s.Owned || s.Description != "somebody's else" {
			t.Errorf("%+v", s)
		}
		if err := b.Do(t.Context(), remove(&object.Link{Name: "nobody", Kind: object.Loopback})); !errors.Is(err, southbound.ErrGone) {
			t.Errorf("deleting nothing: %v", err)
		}
		if err := b.Do(t.Context(), update(&want, &object.Link{Name: "nobody", Up: true}, object.Up)); !errors.Is(err, southbound.ErrGone) {
			t.Errorf("changing nothing: %v", err)
		}
	})
}

// What a process left that was killed when it had made an interface, and before it
// had tagged it, is ours; what has a number that VPP itself would give is not.
func TestUntaggedLeftover(t *testing.T) {
	one, two := vppAddr("192.0.2.1"), vppAddr("192.0.2.2")
	const low, tapLow, wide, any = 8<<10 + 17, 4<<10 + 5, 0x6f747200 + 99, ^uint32(0)
	socket := filepath.Join(t.TempDir(), "m.sock")
	for name, c := range map[string]struct {
		ours, others []api.Message
		fakeOnly     bool
	}{
		"loopback": {ours: []api.Message{&interfaces.CreateLoopbackInstance{IsSpecified: true, UserInstance: low}},
			others: []api.Message{&interfaces.CreateLoopbackInstance{IsSpecified: true, UserInstance: 8<<10 - 1}, &interfaces.CreateLoopback{}}},
		"bridge": {ours: []api.Message{&l2.BridgeDomainAddDelV2{BdID: any, IsAdd: true, BdTag: "outrigger:br"}, &l2.BviCreate{UserInstance: low}},
			others: []api.Message{&l2.BviCreate{UserInstance: 3}}},
		"vxlan": {ours: []api.Message{&vxlan.VxlanAddDelTunnelV3{IsAdd: true, Instance: wide, SrcAddress: one, DstAddress: two, Vni: 1, McastSwIfIndex: interface_types.InterfaceIndex(any), DecapNextIndex: any}},
			others: []api.Message{&vxlan.VxlanAddDelTunnelV3{IsAdd: true, Instance: any, SrcAddress: one, DstAddress: two, Vni: 2, McastSwIfIndex: interface_types.InterfaceIndex(any), DecapNextIndex: any}}},
		"gre": {ours: []api.Message{&gre.GreTunnelAddDelV2{IsAdd: true, Tunnel: gre.GreTunnelV2{Instance: wide, Src: one, Dst: two}}},
			others: []api.Message{&gre.GreTunnelAddDelV2{IsAdd: true, Tunnel: gre.GreTunnelV2{Instance: any, Src: two, Dst: one}}}},
		"ipip": {ours: []api.Message{&ipip.IpipAddTunnel{Tunnel: ipip.IpipTunnel{Instance: wide, Src: one, Dst: two}}},
			others: []api.Message{&ipip.IpipAddTunnel{Tunnel: ipip.IpipTunnel{Instance: any, Src: two, Dst: one}}}},
		"memif": {ours: []api.Message{&memif.MemifSocketFilenameAddDelV2{IsAdd: true, SocketID: wide, SocketFilename: socket}, &memif.MemifCreateV2{SocketID: wide, ID: 5}},
			others: []api.Message{&memif.MemifCreateV2{ID: 5}}},
		"tap": {ours: []api.Message{&tapv2.TapCreateV3{ID: tapLow, UseRandomMac: true, NumRxQueues: 1, NumTxQueues: 1, HostIfNameSet: true, HostIfName: "ogt1"}},
			others: []api.Message{&tapv2.TapCreateV3{ID: 1, UseRandomMac: true, NumRxQueues: 1, NumTxQueues: 1}}, fakeOnly: true},
	} {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(t *testing.T, d vpptest.Dataplane) {
				if c.fakeOnly && d.Real() {
					return
				}
				client := vpptest.Dial(t, d.Socket())
				defer client.Close()
				b := open(t, d)
				for _, m := range c.others {
					client.Do(t, m)
				}
				before := links(t, b)
				for _, l := range before {
					if l.Owned {
						t.Errorf("%s is somebody else's: %+v", l.Name, l)
					}
				}
				for _, m := range c.ours {
					client.Do(t, m)
				}
				left := 0
				for _, l := range links(t, b) {
					if before[l.Name] != nil {
						continue
					}
					left++
					if !l.Owned {
						t.Errorf("%s is nobody's: %+v", l.Name, l)
					}
					if s := read(t, b, l.Name); !s.Same(l) {
						t.Errorf("alone %+v, among all %+v", s, l)
					}
					must(t, b, remove(&l.Link))
				}
				if left == 0 {
					t.Error("it is not seen")
				}
				if after := links(t, b); len(after) != len(before) {
					t.Errorf("before %s, after %s", names(before), names(after))
				}
			})
		})
	}
}

// So is a subinterface without a tag that has the mark of a VLAN of ours.
func TestUntaggedVLAN(t *testing.T) {
	onEach(t, func(t *testing.T, d vpptest.Dataplane) {
		client := vpptest.Dial(t, d.Socket())
		defer client.Close()
		b := open(t, d)
		client.Do(t, &interfaces.CreateLoopbackInstance{IsSpecified: true, UserInstance: 1})
		parent := interface_types.InterfaceIndex(read(t, b, "loop1").Index)
		flags := interface_types.SUB_IF_API_FLAG_ONE_TAG | interface_types.SUB_IF_API_FLAG_EXACT_MATCH
		client.Do(t, &interfaces.CreateSubif{SwIfIndex: parent, SubID: 5, SubIfFlags: flags, OuterVlanID: 5})
		client.Do(t, &interfaces.CreateSubif{SwIfIndex: parent, SubID: 6, SubIfFlags: flags, OuterVlanID: 6, InnerVlanID: 0xf72})
		client.Do(t, &interfaces.CreateSubif{SwIfIndex: parent, SubID: 7, SubIfFlags: interface_types.SUB_IF_API_FLAG_TWO_TAGS, OuterVlanID: 6, InnerVlanID: 0xf72})
		for name, want := range map[string]object.LinkState{
			"loop1.5": {Link: object.Link{Kind: object.VLAN, Parent: "loop1", VLANID: 5}},
			"loop1.6": {Link: object.Link{Kind: object.VLAN, Parent: "loop1", VLANID: 6}, Owned: true},
			"loop1.7": {Link: object.Link{Kind: object.Other}},
		} {
			got := read(t, b, name)
			if got.Kind != want.Kind || got.Parent != want.Parent || got.VLANID != want.VLANID || got.Owned != want.Owned {
				t.Errorf("%s: %+v", name, got)
			}
		}
	})
}

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

// What fails in the middle leaves nothing.
func TestLinkWholeOrNotAtAll(t *testing.T) {
	f := vpptest.NewFake(t)
	b := open(t, f)
	must(t, b, create(&object.Link{Name: "lo7", Kind: object.Loopback}))
	before := fmt.Sprint(names(links(t, b)))
	for _, l := range made(t.TempDir()) {
		if l.Name == "lo7" {
			continue
		}
		for _, message := range []string{"sw_interface_tag_add_del", "sw_interface_set_interface_name", "sw_interface_set_flags", "sw_interface_set_l2_bridge", "bvi_create", "memif_create_v2"} {
			f.FailOn(message, -1)
			err := b.Do(t.Context(), create(l))
			f.FailOn(message, 0)
			if err == nil {
				must(t, b, remove(l))
			}
			if after := fmt.Sprint(names(links(t, b))); after != before {
				t.Fatalf("%s, %s refused (%v): before %s after %s", l.Name, message, err, before, after)
			}
		}
	}
}

func names(m map[string]*object.LinkState) (list []string) {
	for name := range m {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

// An af-packet stands on a link of the kernel, in the network namespace of VPP.
func TestAFPacket(t *testing.T) {
	onEach(t, func(t *testing.T, d vpptest.Dataplane) {
		b := open(t, d)
		l := &object.Link{Name: "ap0", Kind: object.AFPacket, HostLink: "nowhere"}
		if err := b.Do(t.Context(), create(l)); !errors.Is(err, southbound.ErrNotReady) {
			t.Errorf("without a link of the kernel: %v", err)
		}
		l.HostLink = "lo"
		must(t, b, create(l))
		if s := read(t, b, "ap0"); s.Kind != object.AFPacket || s.HostLink != "lo" || !s.Owned {
			t.Errorf("%+v", s)
		}
		must(t, b, remove(l))
	})
}

// A tap needs a kernel with vhost-net.
func TestTap(t *testing.T) {
	onEach(t, func(t *testing.T, d vpptest.Dataplane) {
		b := open(t, d)
		l := &object.Link{Name: "tap0", Kind: object.Tap, HostLink: "ogt0"}
		err := b.Do(t.Context(), create(l))
		if _, missing := os.Stat("/dev/vhost-net"); d.Real() && missing != nil {
			if !errors.Is(err, southbound.ErrDenied) || !strings.Contains(err.Error(), "/dev/vhost-net") {
				t.Errorf("without vhost-net: %v", err)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if s := read(t, b, "tap0"); s.Kind != object.Tap || s.HostLink != "ogt0" || !s.Owned {
			t.Errorf("%+v", s)
		}
		must(t, b, remove(l))
	})
}

// retag is somebody else's doing.
func retag(t *testing.T, d vpptest.Dataplane, index uint32, tag string) {
	t.Helper()
	client := vpptest.Dial(t, d.Socket())
	defer client.Close()
	client.Do(t, &interfaces.SwInterfaceTagAddDel{IsAdd: true, SwIfIndex: interface_types.InterfaceIndex(index), Tag: tag})
}

func removeBVI(t *testing.T, d vpptest.Dataplane, index uint32) {
	t.Helper()
	client := vpptest.Dial(t, d.Socket())
	defer client.Close()
	client.Do(t, &l2.SwInterfaceSetL2Bridge{RxSwIfIndex: interface_types.InterfaceIndex(index)})
	client.Do(t, &l2.BviDelete{SwIfIndex: interface_types.InterfaceIndex(index)})
}

func vppAddr(s string) ip_types.Address {
	a, err := ip_types.ParseAddress(s)
	if err != nil {
		panic(err)
	}
	return a
}
