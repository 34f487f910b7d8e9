package translate_test

import (
	"testing"

	"github.com/outrigger-cnf/outrigger/gen"
	"github.com/outrigger-cnf/outrigger/gen/oc"
	"github.com/outrigger-cnf/outrigger/southbound/translate"
)

// Changes of the entries of a list are one change, in their order, that stands where
// it stood among others; what the schema has no name for is left out.
func TestEntries(t *testing.T) {
	s := gen.Schema()
	list, def, err := s.Resolve("/outrigger-ext:realization/objects/object")
	if err != nil {
		t.Fatal(err)
	}
	kind, name, bad := "link", "a", "b\x01"
	type object = oc.OutriggerExt_Realization_Objects_Object
	r := (&translate.Renderer{Schema: s}).Begin()
	r.Entry(list, &object{Kind: &kind, Name: &name})
	r.NoEntry(list, kind, "c")
	r.Entry(list, &object{Kind: &kind, Name: &bad})
	r.None(translate.Entry(list, "kind", kind, "name", name))
	r.NoEntry(list, kind, "d")
	r.NoEntry(translate.Below(list.Parent(), "nothing"), "x")
	changes := r.End()
	if len(changes) != 3 {
		t.Fatalf("%d changes", len(changes))
	}
	if e := changes[0].Entries; !changes[0].Path.Equal(list) || len(e) != 2 || e[0].Node.Schema() != def || e[0].Node.Keys()[1] != name || e[1].Keys[1] != "c" {
		t.Errorf("what was first is %+v", changes[0])
	}
	if changes[1].Entries != nil || changes[1].Node != nil || len(changes[2].Entries) != 1 {
		t.Errorf("then come %+v", changes[1:])
	}
}
