package validate_test

import (
	"testing"

	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/agent/validate"
	"github.com/outrigger-cnf/outrigger/gen"
)

// Every expression and every pattern of the schema that is served compiles, and
// a configuration may be empty.
func TestServedSchema(t *testing.T) {
	s := gen.Schema()
	v, err := validate.New(s)
	if err != nil {
		t.Fatal(err)
	}
	if err := v.All(tree.New(s)); err != nil {
		t.Error(err)
	}
	patterns := 0
	var visitType func(t *schema.Type)
	visitType = func(typ *schema.Type) {
		for _, p := range typ.Patterns {
			patterns++
			if _, err := schema.CompilePattern(p.Text); err != nil {
				t.Errorf("%s: %v", p.Text, err)
			}
		}
		for _, m := range typ.Members {
			visitType(m)
		}
	}
	var visit func(n *schema.Node)
	visit = func(n *schema.Node) {
		if n.Type != nil {
			visitType(n.Type)
		}
		for _, c := range n.Children {
			visit(c)
		}
	}
	visit(s.Root)
	if patterns == 0 {
		t.Error("the schema has no patterns")
	}
}

func BenchmarkNew(b *testing.B) {
	s := gen.Schema()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := validate.New(s); err != nil {
			b.Fatal(err)
		}
	}
}
