package yang_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/outrigger-cnf/outrigger/gen"
	"github.com/outrigger-cnf/outrigger/yang"
)

// What the compiled schema names, NETCONF must be able to hand out.
func TestModulesAreThoseOfTheSchema(t *testing.T) {
	modules, err := yang.Modules(yang.FS)
	if err != nil {
		t.Fatal(err)
	}
	var have, want []string
	for _, m := range modules {
		have = append(have, m.String())
	}
	for _, m := range gen.Schema().Modules {
		want = append(want, yang.Module{Name: m.Name, Revision: m.Revision}.String())
		for _, sub := range m.Submodules {
			want = append(want, yang.Module{Name: sub.Name, Revision: sub.Revision}.String())
		}
	}
	slices.Sort(have)
	slices.Sort(want)
	want = slices.Compact(want)
	if !slices.Equal(have, want) {
		t.Errorf("only in the folder: %v\nonly in the schema: %v", without(have, want), without(want, have))
	}
}

func without(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
}

func TestModules(t *testing.T) {
	fsys := fstest.MapFS{
		"a.yang":    {Data: []byte("// A header.\nmodule a {\n  revision 2024-01-01;\n  revision 2025-02-03 {\n  }\n}\n")},
		"b.yang":    {Data: []byte("submodule b {\n  belongs-to a {\n    prefix a;\n  }\n}\n")},
		"notes.txt": {Data: []byte("module c {\n}\n")},
	}
	got, err := yang.Modules(fsys)
	want := []yang.Module{
		{Name: "a", Revision: "2025-02-03", File: "a.yang"},
		{Name: "b", Submodule: true, File: "b.yang"},
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("Modules = %v, %v; want %v", got, err, want)
	}

	fsys["c.yang"] = &fstest.MapFile{Data: []byte("module d {\n}\n")}
	if _, err := yang.Modules(fsys); err == nil || !strings.Contains(err.Error(), "holds module d") {
		t.Errorf("error %v for a module in a file of another name", err)
	}
	fsys["c.yang"] = &fstest.MapFile{Data: []byte("container c;\n")}
	if _, err := yang.Modules(fsys); err == nil || !strings.Contains(err.Error(), "no module") {
		t.Errorf("error %v for a file that holds no module", err)
	}
}
