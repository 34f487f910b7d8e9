package tree_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// interfaces builds n interfaces, each with a key and four leafs more.
func interfaces(tb testing.TB, s *schema.Schema, n int) tree.Tree {
	tb.Helper()
	b := tree.NewBuilder()
	all := s.Root.Child("", "interfaces")
	list := all.Child("", "interface")
	config := list.Child("", "config")
	must := func(n *tree.Node, err error) *tree.Node {
		if err != nil {
			tb.Fatal(err)
		}
		return n
	}
	leaf := func(def *schema.Node, text string) *tree.Node {
		return b.Leaf(def, schema.Value{Type: def.Type, Text: text})
	}
	var scratch [5]*tree.Node
	entries := make([]*tree.Node, n)
	for i := range entries {
		name := fmt.Sprintf("eth%d", i)
		scratch = [5]*tree.Node{
			leaf(config.Child("", "name"), name), leaf(config.Child("", "type"), "ethernet"),
			leaf(config.Child("", "mtu"), "1500"), leaf(config.Child("", "enabled"), "true"),
			leaf(config.Child("", "description"), fmt.Sprintf("to neighbor %d", i)),
		}
		c := must(b.Container(config, scratch[:]))
		scratch[0], scratch[1] = leaf(list.Child("", "name"), name), c
		entries[i] = must(b.Entry(list, scratch[:2]))
	}
	kids := []*tree.Node{must(b.List(list, entries))}
	kids[0] = must(b.Container(all, kids))
	return tree.FromRoot(s, must(b.Container(s.Root, kids)))
}

var sizes = []int{1000, 10_000, 100_000}

// BenchmarkSetDiff changes one leaf of one interface and finds the difference.
func BenchmarkSetDiff(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := testSchema()
			now := interfaces(b, s, n)
			mtu := s.Root.Child("", "interfaces").Child("", "interface").Child("", "config").Child("", "mtu")
			paths := make([]path.Path, 1000)
			for i := range paths {
				paths[i] = at(b, s, fmt.Sprintf("/t:interfaces/interface[name='eth%d']/config/mtu", i*7919%n))
			}
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				p := paths[i%len(paths)]
				i++
				next := now.Set(p, schema.Value{Type: mtu.Type, Text: fmt.Sprint(2000 + i%7000)})
				found := 0
				for range tree.Diff(now, next, nil) {
					found++
				}
				if found != 1 {
					b.Fatal(found)
				}
				now = next
			}
		})
	}
}

// BenchmarkBuild builds all interfaces from the bottom up.
func BenchmarkBuild(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := testSchema()
			b.ReportAllocs()
			for b.Loop() {
				interfaces(b, s, n)
			}
			runtime.GC()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			t := interfaces(b, s, n)
			runtime.GC()
			runtime.ReadMemStats(&after)
			b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "MB-live")
			runtime.KeepAlive(t)
		})
	}
}

// BenchmarkEdits makes every interface by an edit of its own in one Txn.
func BenchmarkEdits(b *testing.B) {
	s := testSchema()
	const n = 10_000
	paths := make([]path.Path, n)
	for i := range paths {
		paths[i] = at(b, s, fmt.Sprintf("/t:interfaces/interface[name='eth%d']/config/mtu", i))
	}
	v := value(b, s, "/t:interfaces/interface/config/mtu", "9000")
	b.ReportAllocs()
	for b.Loop() {
		x := tree.New(s).Txn()
		for _, p := range paths {
			if err := x.Set(p, v); err != nil {
				b.Fatal(err)
			}
		}
		x.Tree()
	}
}
