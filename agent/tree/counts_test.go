package tree_test

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/yang/compile/compiletest"
)

const countsModule = `
module t {
  yang-version 1.1; namespace urn:t; prefix t;
  typedef count { type uint64; }
  leaf top { type uint32; }
  container c {
    config false;
    leaf a { type count; }
    leaf b { type uint8 { range "3..10 | 20"; } }
    leaf name { type string; }
    leaf d { type uint32; }
    leaf e { type leafref { path "/t:top"; } }
    leaf f { type uint16; }
    choice either { leaf g { type uint16; } leaf h { type uint16; } }
  }
  container p { presence "it is there"; config false; leaf a { type uint64; } }
}`

// What Counts makes of numbers is what a Builder makes of their texts.
func TestCounts(t *testing.T) {
	s := compiletest.Schema(t, countsModule)
	def := s.Root.Child("t", "c")
	var leafs []*schema.Node
	for _, name := range []string{"a", "b", "d", "e", "f"} {
		leafs = append(leafs, def.Child("t", name))
	}
	c, err := tree.NewCounts(def, leafs)
	if err != nil {
		t.Fatal(err)
	}
	some := []uint64{0, 2, 3, 10, 11, 20, 255, 256, math.MaxUint16, math.MaxUint16 + 1, math.MaxUint32, math.MaxUint32 + 1, math.MaxUint64}
	rng := rand.New(rand.NewPCG(5, 6))
	whole := 0
	for range 2000 {
		values, have := make([]uint64, len(leafs)), rng.Uint64()
		build := tree.NewBuilder()
		var kids []*tree.Node
		for i, l := range leafs {
			values[i] = some[rng.IntN(len(some))]
			v, err := l.Parse(strconv.FormatUint(values[i], 10), s.ModuleNames())
			if have&(1<<i) != 0 && err == nil {
				kids = append(kids, build.Leaf(l, v))
			}
		}
		want, err := build.Container(def, kids)
		if err != nil {
			t.Fatal(err)
		}
		got := c.Node(values, have)
		if (got == nil) != (want == nil) || !tree.Equal(got, want) {
			t.Fatalf("%v, of which %b, made\n%v\nwant\n%v", values, have, got, want)
		}
		if len(kids) == len(leafs) {
			whole++
		}
		if got == nil {
			continue
		}
		// It is like any other: the next one, and what is set in it, do not change it.
		base := tree.New(s).Txn()
		if err := base.Replace(at(t, s, "/t:c"), got); err != nil {
			t.Fatal(err)
		}
		before := base.Tree()
		if err := base.Set(at(t, s, "/t:c/d"), value(t, s, "/t:c/d", "7")); err != nil {
			t.Fatal(err)
		}
		if !tree.Equal(before.Node(at(t, s, "/t:c")), want) {
			t.Fatal("what was made has changed")
		}
		c.Node(some[:len(leafs)], math.MaxUint64)
		if !tree.Equal(got, want) {
			t.Fatal("the next one has changed the one before")
		}
	}
	if whole == 0 {
		t.Error("there was none with all of its leafs")
	}
}

// Containers that mean something by being there are made of no numbers, too.
func TestCountsPresence(t *testing.T) {
	s := compiletest.Schema(t, countsModule)
	def := s.Root.Child("t", "p")
	c, err := tree.NewCounts(def, []*schema.Node{def.Child("t", "a")})
	if err != nil {
		t.Fatal(err)
	}
	if n := c.Node([]uint64{1}, 0); n == nil || n.Len() != 0 {
		t.Errorf("it is %v", n)
	}
}

func TestNewCountsRefuses(t *testing.T) {
	s := compiletest.Schema(t, countsModule)
	def := s.Root.Child("t", "c")
	leaf := func(name string) *schema.Node { return def.Child("t", name) }
	for name, tt := range map[string]struct {
		def   *schema.Node
		leafs []*schema.Node
	}{
		"no container":         {leaf("a"), nil},
		"a text":               {def, []*schema.Node{leaf("name")}},
		"in a choice":          {def, []*schema.Node{leaf("g")}},
		"twice":                {def, []*schema.Node{leaf("a"), leaf("a")}},
		"in another order":     {def, []*schema.Node{leaf("b"), leaf("a")}},
		"of another container": {def, []*schema.Node{s.Root.Child("t", "top")}},
	} {
		if _, err := tree.NewCounts(tt.def, tt.leafs); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func BenchmarkCounts(b *testing.B) {
	s := compiletest.Schema(b, countsModule)
	def := s.Root.Child("t", "c")
	leafs := []*schema.Node{def.Child("t", "a"), def.Child("t", "d"), def.Child("t", "e"), def.Child("t", "f")}
	c, err := tree.NewCounts(def, leafs)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	values := []uint64{1 << 40, 70_000, 12, 0}
	for b.Loop() {
		values[0]++
		c.Node(values, math.MaxUint64)
	}
}
