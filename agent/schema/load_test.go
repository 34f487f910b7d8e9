package schema_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/gen"
	"github.com/outrigger-cnf/outrigger/yang/compile/compiletest"
)

func TestMarshalIsStable(t *testing.T) {
	s := gen.Schema()
	first := s.Marshal()
	again, err := schema.Load(first)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first, again.Marshal()) {
		t.Error("a schema that was loaded is written in other bytes")
	}
}

// TestLoadKeepsTypesShared: equal types are one, and the values of defaults have
// the types of their leafs.
func TestLoadKeepsTypesShared(t *testing.T) {
	s, err := schema.Load(compiletest.Schema(t, `module m {
		namespace "urn:m"; prefix m;
		leaf a { type string { length 1; } default x; }
		leaf b { type string { length 1; } }
		leaf u { type union { type int8; type string { length 1; } } default y; }
	}`).Marshal())
	if err != nil {
		t.Fatal(err)
	}
	a, b, u := s.Root.Child("m", "a"), s.Root.Child("m", "b"), s.Root.Child("m", "u")
	if a.Type != b.Type || a.Type != u.Type.Members[1] {
		t.Error("equal types are not one")
	}
	if a.Defaults[0].Type != a.Type || u.Defaults[0].Type != u.Type.Members[1] {
		t.Error("the value of a default does not have its leaf's type")
	}
}

// wrap gives a payload its header.
func wrap(payload []byte) []byte {
	sum := crc32.Checksum(payload, crc32.MakeTable(crc32.Castagnoli))
	return append(binary.BigEndian.AppendUint32([]byte("ORSC\x01"), sum), payload...)
}

const headerLength = 9

func TestLoadErrors(t *testing.T) {
	good := compiletest.Schema(t, moduleA, moduleB).Marshal()
	version := bytes.Clone(good)
	version[4] = 99
	flipped := bytes.Clone(good)
	flipped[len(flipped)-1] ^= 1
	for _, tc := range []struct {
		name string
		data []byte
		want string
	}{
		{"empty", nil, "not the compact form"},
		{"something else", []byte("module m { }"), "not the compact form"},
		{"other version", version, "it is of version 99"},
		{"damage", flipped, "the checksum does not match"},
		{"cut off", wrap(good[headerLength : len(good)-3]), "generate it again"},
		{"longer", wrap(append(bytes.Clone(good[headerLength:]), 0)), "there is more than a schema"},
		{"nothing", wrap(nil), "a number is cut off"},
	} {
		if _, err := schema.Load(tc.data); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: got %v, want %q", tc.name, err, tc.want)
		}
	}
}

// TestLoadEveryDamage changes each octet of a payload in turn, with a checksum
// that fits: Load answers, with a schema that can be walked or an error.
func TestLoadEveryDamage(t *testing.T) {
	payload := compiletest.Schema(t, moduleA, moduleB).Marshal()[headerLength:]
	for i := range payload {
		for _, delta := range []byte{1, 0x7f, 0x80, 0xff} {
			damaged := bytes.Clone(payload)
			damaged[i] += delta
			if s, err := schema.Load(wrap(damaged)); err == nil {
				walk(s)
			}
		}
	}
}

// walk touches all that a Schema refers to.
func walk(s *schema.Schema) int {
	count := 0
	var visit func(n *schema.Node)
	visit = func(n *schema.Node) {
		count++
		_ = n.SchemaPath()
		if n.Type != nil {
			_, _ = n.Parse("1", s.ModuleNames())
		}
		for _, c := range n.Data {
			_ = n.Child(c.Module.Name, c.Name)
		}
		for _, c := range n.Children {
			visit(c)
		}
	}
	visit(s.Root)
	for _, m := range s.Modules {
		for _, i := range m.Identities {
			_ = i.DerivedFrom(nil)
		}
	}
	return count
}

func FuzzLoad(f *testing.F) {
	// The seeds in testdata may be of an older form; these never are.
	for _, modules := range [][]string{{moduleA}, {moduleA, moduleB, moduleC}, {typesModule}} {
		f.Add(compiletest.Schema(f, modules...).Marshal()[headerLength:])
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		_, _ = schema.Load(payload)
		s, err := schema.Load(wrap(payload))
		if err != nil {
			return
		}
		walk(s)
		again, err := schema.Load(s.Marshal())
		if err != nil {
			t.Fatalf("what was loaded and written cannot be loaded: %v", err)
		}
		if walk(again) != walk(s) {
			t.Fatal("what was loaded and written differs")
		}
	})
}

const typesModule = `module m {
	yang-version 1.1; namespace "urn:m"; prefix m;
	identity i; identity j { base i; }
	typedef e { type enumeration { enum a; enum b { value -7; } } default b; }
	list k {
		key n; unique x; min-elements 1; max-elements 9; ordered-by user;
		leaf n { type uint64 { range "1..10|max"; } }
		leaf x { type decimal64 { fraction-digits 3; range "-1..1"; } default 0.5; units m; }
		leaf b { type bits { bit p; bit q; } must "../x" { error-message no; error-app-tag t; } when "../n"; }
		leaf r { type leafref { path "../n"; } }
		leaf u { type union { type e; type instance-identifier; type binary { length 1..2; } type string { pattern "a*" { modifier invert-match; } } } }
		leaf id { type identityref { base i; } default j; }
		choice c { default d; case d { anydata y; } anyxml z; }
	}
}`

// TestLoadFigures holds Load to what start-up needs: under 30 ms and under 20 MB.
func TestLoadFigures(t *testing.T) {
	compact := gen.Schema().Marshal()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	start := time.Now()
	s, err := schema.Load(compact)
	took := time.Since(start)
	if err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	heap := after.TotalAlloc - before.TotalAlloc
	t.Logf("%d nodes from %d KB in %v, %d KB of heap", walk(s), len(compact)>>10, took, heap>>10)
	if took > 30*time.Millisecond {
		t.Errorf("it took %v; it may take 30 ms", took)
	}
	if heap > 20<<20 {
		t.Errorf("it took %d MB of heap; it may take 20", heap>>20)
	}
}

func BenchmarkLoad(b *testing.B) {
	compact := gen.Schema().Marshal()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := schema.Load(compact); err != nil {
			b.Fatal(err)
		}
	}
}
