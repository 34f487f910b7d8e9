package leaves_test

import (
	"strings"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent/codec/internal/leaves"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/agent/tree/treetest"
	"github.com/outrigger-cnf/outrigger/yang/compile/compiletest"
)

func TestLeaf(t *testing.T) {
	s := compiletest.Schema(t, treetest.Modules()...)
	types := s.Root.Child("base", "types")
	m := leaves.New(tree.NewBuilder())
	long := strings.Repeat("x", 100)
	text := make([]byte, 0, 128) // reused, as a document's buffer is
	for range 2 {
		for _, c := range []struct {
			leaf string
			kind schema.JSONKind
			text string
			want string // canonical, or empty for an error
		}{
			{"u32", schema.JSONNumber, "5", "5"},
			{"u32", schema.JSONString, "5", ""},
			{"i32", schema.JSONNumber, "5", "5"},
			{"text", schema.JSONString, "5", "5"},
			{"text", schema.JSONString, long, long},
			{"u32", schema.JSONAny, "+07", "7"},
			{"u32", schema.JSONAny, long, ""},
			{"animal", schema.JSONAny, "more:cat", "more:cat"},
		} {
			text = append(text[:0], c.text...)
			def := types.Child("", c.leaf)
			n, err := m.Leaf(def, c.kind, text, s.ModuleNames())
			if (err == nil) != (c.want != "") || err == nil && (n.Schema() != def || n.Value().Text != c.want) {
				t.Errorf("%s %s: %v %v", c.leaf, c.text, n, err)
			}
			clear(text)
			if err == nil && n.Value().Text != c.want {
				t.Errorf("%s shares the caller's bytes", c.leaf)
			}
		}
	}
	text = append(text[:0], "more:cat"...)
	a, _ := m.Leaf(types.Child("", "animal"), schema.JSONAny, text, s.ModuleNames())
	b, _ := m.Leaf(types.Child("", "animal"), schema.JSONAny, text, s.ModuleNames())
	if a != b {
		t.Error("equal leafs are not shared")
	}
}
