package validate_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/agent/validate"
	"github.com/outrigger-cnf/outrigger/gen"
	"github.com/outrigger-cnf/outrigger/yang/compile/compiletest"
)

// served is the schema of the product with so many OpenConfig interfaces.
func served(b *testing.B, interfaces int) (fixture, tree.Tree) {
	b.Helper()
	s := gen.Schema()
	v, err := validate.New(s)
	if err != nil {
		b.Fatal(err)
	}
	f := fixture{b, s, v}
	x := tree.New(s).Txn()
	at, _, err := s.Resolve("/openconfig-interfaces:interfaces/interface")
	if err != nil {
		b.Fatal(err)
	}
	list, err := s.Find(at)
	if err != nil {
		b.Fatal(err)
	}
	config := list.Child("", "config")
	texts := [][2]string{{"name", ""}, {"type", "iana-if-type:ethernetCsmacd"}, {"mtu", "1500"}, {"description", "uplink"}}
	for k := range interfaces {
		name := fmt.Sprintf("eth%d", k)
		entry := at.Parent().Child(list.Elem(name))
		for _, t := range texts {
			leaf := config.Child("", t[0])
			text := t[1]
			if text == "" {
				text = name
			}
			v, err := leaf.Parse(text, s.ModuleNames())
			if err != nil {
				b.Fatal(err)
			}
			if err := x.Set(entry.Child(config.Elem()).Child(leaf.Elem()), v); err != nil {
				b.Fatal(err)
			}
		}
	}
	t := x.Tree()
	if err := v.All(t); err != nil {
		b.Fatal(err)
	}
	return f, t
}

func BenchmarkCheckOneLeaf(b *testing.B) {
	for _, n := range []int{1_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			f, old := served(b, n)
			leaf := fmt.Sprintf("/openconfig-interfaces:interfaces/interface[name='eth%d']/config/mtu = ", n/2)
			news := [2]tree.Tree{f.edit(old, leaf+"9000"), f.edit(old, leaf+"9001")}
			k := 0
			b.ReportAllocs()
			for b.Loop() {
				if err := f.v.Check(context.Background(), old, news[k&1]); err != nil {
					b.Fatal(err)
				}
				k++
			}
		})
	}
}

// An interface is deleted and comes back.
func BenchmarkCheckDeleteInterface(b *testing.B) {
	for _, n := range []int{1_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			f, old := served(b, n)
			new := f.edit(old, fmt.Sprintf("-/openconfig-interfaces:interfaces/interface[name='eth%d']", n/2))
			b.ReportAllocs()
			for b.Loop() {
				if err := f.v.Check(context.Background(), old, new); err != nil {
					b.Fatal(err)
				}
				if err := f.v.Check(context.Background(), new, old); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAll(b *testing.B) {
	f, t := served(b, 100_000)
	b.ReportAllocs()
	for b.Loop() {
		if err := f.v.All(t); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCheckCreateAll(b *testing.B) {
	f, t := served(b, 100_000)
	empty := tree.New(f.s)
	b.ReportAllocs()
	for b.Loop() {
		if err := f.v.Check(context.Background(), empty, t); err != nil {
			b.Fatal(err)
		}
	}
}

const moduleRefs = `
module r {
  namespace "urn:r"; prefix r;
  container ports { list port { key name; leaf name { type string; } leaf note { type string; } } }
  container users { list user { key id; leaf id { type uint32; } leaf port { type leafref { path "/ports/port/name"; } } } }
}`

// 40,000 leafrefs to 10,000 entries. Unused: an entry that none refers to goes.
// Both: an entry goes with the four that refer to it. Everything: all entries go,
// with all that refers to them.
func BenchmarkCheckDeleteTarget(b *testing.B) {
	const targets, referrers = 10_000, 40_000
	s := compiletest.Schema(b, moduleRefs)
	v, err := validate.New(s)
	if err != nil {
		b.Fatal(err)
	}
	f := fixture{b, s, v}
	lines := []string{"/r:ports/port[name='unused']"}
	for k := range targets {
		lines = append(lines, fmt.Sprintf("/r:ports/port[name='p%d']", k))
	}
	for k := range referrers {
		lines = append(lines, fmt.Sprintf("/r:users/user[id='%d']/port = p%d", k, k%targets))
	}
	old := f.edit(tree.New(s), lines...)
	if err := v.All(old); err != nil {
		b.Fatal(err)
	}
	both := []string{"-/r:ports/port[name='p5']"}
	for k := 5; k < referrers; k += targets {
		both = append(both, fmt.Sprintf("-/r:users/user[id='%d']", k))
	}
	for _, c := range []struct {
		name string
		new  tree.Tree
		errs int
	}{
		{"unused", f.edit(old, "-/r:ports/port[name='unused']"), 0},
		{"both", f.edit(old, both...), 0},
		{"referred", f.edit(old, "-/r:ports/port[name='p5']"), 4},
		{"everything", tree.New(s), 0},
		{"allReferred", f.edit(old, "-/r:ports"), 100},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				if err := v.Check(context.Background(), old, c.new); len(fault.All(err)) != c.errs {
					b.Fatal(err)
				}
			}
		})
	}
}
