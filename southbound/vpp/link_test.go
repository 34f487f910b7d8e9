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

	interfaces "go.fd.io/govpp/binapi/interface"
	"go.fd.io/govpp/binapi/interface_types"

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
		if err := b.Do(t.Context(), create(l)); !errors.Is(err, southbound.ErrNotReady) || strings.Contains(err.Error(), southbound.ErrNotReady.Error()) {
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

// retag is somebody else's doing.
func retag(t *testing.T, d vpptest.Dataplane, index uint32, tag string) {
	t.Helper()
	client := vpptest.Dial(t, d.Socket())
	defer client.Close()
	client.Do(t, &interfaces.SwInterfaceTagAddDel{IsAdd: true, SwIfIndex: interface_types.InterfaceIndex(index), Tag: tag})
}
