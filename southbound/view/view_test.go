package view_test

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/agent/tree/treetest"
	"github.com/outrigger-cnf/outrigger/gen"
	"github.com/outrigger-cnf/outrigger/gen/ietf"
	"github.com/outrigger-cnf/outrigger/gen/oc"
	"github.com/outrigger-cnf/outrigger/southbound/view"
)

// What a struct is filled with from any tree, it gives back: every type of leaf,
// unions, keys of several leafs and lists without keys included.
func TestFillThenNode(t *testing.T) {
	s := gen.Schema()
	for _, tt := range []struct {
		path string
		make func() any
	}{
		{"/openconfig-interfaces:interfaces/interface", func() any { return new(oc.OpenconfigInterfaces_Interfaces_Interface) }},
		{"/openconfig-network-instance:network-instances/network-instance", func() any { return new(oc.OpenconfigNetworkInstance_NetworkInstances_NetworkInstance) }},
		{"/outrigger-ext:realization", func() any { return new(oc.OutriggerExt_Realization) }},
		{"/ietf-interfaces:interfaces/interface", func() any { return new(ietf.IETFInterfaces_Interfaces_Interface) }},
		{"/ietf-routing:routing", func() any { return new(ietf.IETFRouting_Routing) }},
	} {
		t.Run(tt.path, func(t *testing.T) {
			p, def, err := s.Resolve(tt.path)
			if err != nil {
				t.Fatal(err)
			}
			filled := 0
			for seed := range uint64(300) {
				n := treetest.Instance(rand.New(rand.NewPCG(seed, 1)), def)
				if n == nil || n.Len() == 0 {
					continue
				}
				filled++
				dst := tt.make()
				if err := view.Fill(n, dst); err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
				back, err := view.Node(s, p, dst)
				if err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
				if !tree.Equal(n, back) {
					for c := range tree.DiffNodes(p, n, back) {
						t.Errorf("seed %d: %s differs", seed, c.Path)
					}
				}
			}
			if filled < 100 {
				t.Errorf("only %d of 300 trees held anything", filled)
			}
		})
	}
}

func TestFillWithDefaults(t *testing.T) {
	s := gen.Schema()
	x := tree.New(s).Txn()
	p, _, err := s.Resolve("/openconfig-interfaces:interfaces/interface[name='eth0']")
	if err != nil {
		t.Fatal(err)
	}
	if err := x.Ensure(p); err != nil {
		t.Fatal(err)
	}
	n := x.Tree().Node(p)

	var plain, full oc.OpenconfigInterfaces_Interfaces_Interface
	if err := view.Fill(n, &plain); err != nil {
		t.Fatal(err)
	}
	if plain.Config != nil {
		t.Error("Fill invented a container")
	}
	if err := view.FillWithDefaults(n, &full); err != nil {
		t.Fatal(err)
	}
	if full.Config == nil || full.Config.Enabled == nil || !*full.Config.Enabled {
		t.Error("enabled has no default")
	}
	if full.State != nil {
		t.Error("state has defaults in a view of configuration")
	}
	if full.Tunnel != nil {
		t.Error("a container without defaults is there, and is not configured")
	}
}

// A Node that stands in many places is filled in once, for each way to fill.
func TestFillShares(t *testing.T) {
	s := gen.Schema()
	const at = "/openconfig-interfaces:interfaces/interface[name='eth0']/config"
	p, _, err := s.Resolve(at)
	if err != nil {
		t.Fatal(err)
	}
	mtu, def, err := s.Resolve(at + "/mtu")
	if err != nil {
		t.Fatal(err)
	}
	with := func(text string) *tree.Node {
		v, err := def.Parse(text, s.ModuleNames())
		if err != nil {
			t.Fatal(err)
		}
		return tree.New(s).Set(mtu, v).Node(p.Parent())
	}
	for range 3 {
		for _, n := range []*tree.Node{with("1500"), with("9000")} {
			var plain, again, full oc.OpenconfigInterfaces_Interfaces_Interface
			for _, err := range []error{view.Fill(n, &plain), view.FillWithDefaults(n, &full), view.Fill(n, &again)} {
				if err != nil {
					t.Fatal(err)
				}
			}
			want := n.Child(def.DataParent).Child(def).Value().Text
			if got := strconv.Itoa(int(*plain.Config.Mtu)); got != want || *full.Config.Mtu != *plain.Config.Mtu {
				t.Errorf("the MTU is %s, want %s", got, want)
			}
			if plain.Config.Enabled != nil || again.Config.Enabled != nil || full.Config.Enabled == nil {
				t.Error("defaults are where they were not asked for, or are not where they were")
			}
		}
	}
}

// A value that does not fit costs its leaf, and the key its entry, and nothing
// else.
func TestNodeLeavesOutWhatDoesNotFit(t *testing.T) {
	s := gen.Schema()
	p, def, err := s.Resolve("/openconfig-interfaces:interfaces/interface")
	if err != nil {
		t.Fatal(err)
	}
	name, bad := "eth0", "a\x01\xff"
	index := uint32(7)
	n, err := view.Node(s, p, &oc.OpenconfigInterfaces_Interfaces_Interface{
		Name:  &name,
		State: &oc.OpenconfigInterfaces_Interfaces_Interface_State{Ifindex: &index, Description: &bad},
	})
	if err == nil || !strings.Contains(err.Error(), "state/description") {
		t.Errorf("the error names no leaf: %v", err)
	}
	state := n.Child(def.Child("", "state"))
	if state == nil || state.Len() != 1 {
		t.Fatalf("the leaf that fits is gone too: %v", state)
	}
	n, err = view.Node(s, p, &oc.OpenconfigInterfaces_Interfaces_Interface{Name: &bad})
	if n != nil || err == nil {
		t.Errorf("an entry with such a key is there: %v, %v", n, err)
	}
}

// What a Writer makes is the same whether or not it has made the like before, and
// leafs that are alike are one.
func TestWriterRepeats(t *testing.T) {
	s := gen.Schema()
	for _, tt := range []struct {
		path string
		make func() any
	}{
		{"/openconfig-interfaces:interfaces/interface", func() any { return new(oc.OpenconfigInterfaces_Interfaces_Interface) }},
		{"/ietf-routing:routing", func() any { return new(ietf.IETFRouting_Routing) }},
	} {
		_, def, err := s.Resolve(tt.path)
		if err != nil {
			t.Fatal(err)
		}
		w := view.NewWriter(s)
		for seed := range uint64(200) {
			n := treetest.Instance(rand.New(rand.NewPCG(seed, 1)), def)
			src := tt.make()
			if n == nil || view.Fill(n, src) != nil {
				continue
			}
			first, err := w.NodeOf(def, src)
			if err != nil {
				t.Fatal(err)
			}
			again, err := w.NodeOf(def, src)
			if err != nil {
				t.Fatal(err)
			}
			if !tree.Equal(n, first) || !tree.Equal(n, again) {
				t.Errorf("%s, seed %d: what was written is not what was read", tt.path, seed)
			}
			for c := range again.Children() {
				if c.Schema().Kind == schema.Leaf && c != first.Child(c.Schema()) {
					t.Errorf("%s, seed %d: %s was made twice", tt.path, seed, c.Schema().Name)
				}
			}
		}
	}
}

func TestErrors(t *testing.T) {
	s := gen.Schema()
	name := "eth0"
	if _, err := view.Node(s, path.Path{{Module: "no", Name: "such"}}, &oc.OpenconfigInterfaces_Interfaces_Interface{}); err == nil {
		t.Error("a path that is not in the schema is taken")
	}
	p, def, err := s.Resolve("/ietf-interfaces:interfaces/interface")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := view.Node(s, p, &oc.OpenconfigInterfaces_Interfaces_Interface{Name: &name}); err == nil || !strings.Contains(err.Error(), "has a field for") {
		t.Errorf("a struct of another node: %v", err)
	}
	n := treetest.Instance(rand.New(rand.NewPCG(1, 1)), def)
	if err := view.Fill(n, &oc.OpenconfigInterfaces_Interfaces_Interface{}); err == nil {
		t.Error("a struct of another node is filled")
	}
}

func BenchmarkNode(b *testing.B) {
	s := gen.Schema()
	p, _, err := s.Resolve("/openconfig-interfaces:interfaces/interface[name='eth0']/state")
	if err != nil {
		b.Fatal(err)
	}
	name, yes, mtu, index, octets := "eth0", true, uint16(1500), uint32(2), uint64(1<<40)
	state := &oc.OpenconfigInterfaces_Interfaces_Interface_State{
		Name: &name, Enabled: &yes, Mtu: &mtu, Ifindex: &index,
		Type:     oc.IETFInterfaces_InterfaceType_ethernetCsmacd,
		Counters: &oc.OpenconfigInterfaces_Interfaces_Interface_State_Counters{InOctets: &octets, OutOctets: &octets},
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := view.Node(s, p, state); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFillWithDefaults(b *testing.B) {
	s := gen.Schema()
	_, def, err := s.Resolve("/openconfig-interfaces:interfaces/interface")
	if err != nil {
		b.Fatal(err)
	}
	var n *tree.Node
	for seed := uint64(0); n == nil || n.Len() < 3; seed++ {
		n = treetest.Instance(rand.New(rand.NewPCG(seed, 1)), def)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := view.FillWithDefaults(n, new(oc.OpenconfigInterfaces_Interfaces_Interface)); err != nil {
			b.Fatal(err)
		}
	}
}
