package schema_test

import (
	"strings"
	"testing"

	"github.com/outrigger-cnf/outrigger/yang/compile/compiletest"
)

// TestLongPatternIsNamed: the error for a value that is no address names the
// type; the pattern, which fills the screen, and a union's own unions stay out.
func TestLongPatternIsNamed(t *testing.T) {
	pattern := strings.Repeat("(a|b)", 30)
	s := compiletest.Schema(t, `module t { namespace urn:t; prefix t;
		typedef addr { type string { pattern "`+pattern+`"; } }
		leaf u { type union { type union { type addr; type uint8; } type enumeration { enum x; } } } }`)
	_, def, err := s.Resolve("/t:u")
	if err != nil {
		t.Fatal(err)
	}
	_, err = def.Parse("foo", s.ModuleNames())
	if want := `"foo" fits no member of the union: "foo" is not of type t:addr; `; err == nil || !strings.HasPrefix(err.Error(), want) ||
		strings.Contains(err.Error(), pattern) || strings.Count(err.Error(), "union") != 1 {
		t.Errorf("got %v, want %s…", err, want)
	}
}
