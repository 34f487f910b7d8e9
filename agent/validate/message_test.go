package validate_test

import (
	"strings"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/agent/validate"
	"github.com/outrigger-cnf/outrigger/yang/compile/compiletest"
)

// TestKeyWithoutItsConfigLeaf: an entry of the OpenConfig kind whose config leaf
// is missing or another gets an error that says what to set.
func TestKeyWithoutItsConfigLeaf(t *testing.T) {
	s := compiletest.Schema(t, `module t { namespace urn:t; prefix t;
		list if { key name; leaf name { type leafref { path "../config/name"; } } container config { leaf name { type string; } leaf mtu { type uint16; } } } }`)
	v, err := validate.New(s)
	if err != nil {
		t.Fatal(err)
	}
	p, def, err := s.Resolve("/t:if[name='a']/config/mtu")
	if err != nil {
		t.Fatal(err)
	}
	value, err := def.Parse("1500", s.ModuleNames())
	if err != nil {
		t.Fatal(err)
	}
	empty := tree.New(s)
	err = v.Check(t.Context(), empty, empty.Set(p, value))
	if want := `/t:if[name='a']/name: the key is "a": config/name must be there with the same value`; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}
