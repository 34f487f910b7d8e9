package xpath_test

import (
	"slices"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/xpath"
)

// TestProbe holds what Probe is sure of against all nodes that a path leads to.
func TestProbe(t *testing.T) {
	s := testSchema(t)
	tr := testTree(t, s)
	p, def, err := s.Resolve("/a:top/main")
	if err != nil {
		t.Fatal(err)
	}
	at := xpath.Find(tr, p)
	for _, c := range []struct {
		path string
		sure []string // values that have to be found
	}{
		{"/a:top/a:interface/a:name", []string{"eth0", "eth1", "lo"}},
		{"../a:interface/a:name", []string{"eth0", "eth1", "lo"}},
		{"../../a:top/a:main", []string{"eth0"}},
		{"../../../a:top/a:main", nil},
		{"../a:interface/a:mtu", nil},
		{"../a:interface/a:counters/a:out", nil},
		{"../a:interface/a:tag", nil},
		{"../a:np/a:y", []string{"yes"}},
		{"../a:np", nil},
		{"../a:c1", []string{"first"}},
		{"/a:top/a:step/a:n", []string{"z", "a", "m"}},
		{"../a:interface[a:name=current()/../a:main]/a:unit/a:id", nil},
		{"../a:interface[a:name=current()/../a:main]/a:type", []string{"a:gigabit"}},
	} {
		x, err := xpath.Compile(schema.Expr{Text: c.path, Lexical: s.Module("a")}, def)
		if err != nil {
			t.Fatal(c.path, err)
		}
		v, err := x.Eval(tr, at)
		if err != nil {
			t.Fatal(c.path, err)
		}
		var values []string
		for _, n := range v.Nodes {
			if value, ok := n.Value(); ok {
				values = append(values, value.Text)
			}
		}
		for _, text := range append([]string{"eth0", "eth1", "9000", "1500", "7", "5", "red", "yes", "1", "nothing", ""}, values...) {
			found, sure, err := x.Probe(tr, at, text)
			there := slices.Contains(values, text)
			if err != nil || found && !there || sure && found != there {
				t.Errorf("%s = %q: found %v, sure %v, %v; there is %q", c.path, text, found, sure, err, values)
			}
			if slices.Contains(c.sure, text) && !found {
				t.Errorf("%s = %q has to be found", c.path, text)
			}
		}
	}
}
