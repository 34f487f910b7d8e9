package codec_test

import (
	"slices"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent/codec"
	"github.com/outrigger-cnf/outrigger/agent/codec/jsoncodec"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/agent/tree/treetest"
	"github.com/outrigger-cnf/outrigger/yang/compile/compiletest"
)

func TestView(t *testing.T) {
	s := compiletest.Schema(t, treetest.Modules()...)
	interfaces := s.Root.Child("base", "interfaces")
	list := interfaces.Child("", "interface")
	root, err := jsoncodec.Decode([]byte(`{"base:interfaces":{"interface":[{"name":"a","config":{"mtu":1500,"description":"x"},"state":{"counter":"1"},"more:alias":[{"name":"y"}]}]}}`),
		s.Root, nil, jsoncodec.DecodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	entry := root.Child(interfaces).Child(list).Entry("a")
	config := entry.Child(list.Child("", "config"))
	for _, c := range []struct {
		name string
		view codec.View
		of   *tree.Node
		want []string
		bare bool
	}{
		{"all", codec.View{}, entry, []string{"name", "config", "state", "alias"}, true},
		{"configuration", codec.View{Content: codec.Config}, entry, []string{"name", "config", "alias"}, true},
		{"state", codec.View{Content: codec.State}, entry, []string{"name", "config", "state", "alias"}, false},
		{"state", codec.View{Content: codec.State}, config, nil, false},
		{"no lists", codec.View{Enter: func(n *schema.Node) bool { return n.Kind != schema.List }}, entry, []string{"name", "config", "state"}, true},
		{"trim", codec.View{Defaults: codec.Trim}, config, []string{"description"}, false},
		{"report-all", codec.View{Defaults: codec.ReportAll}, config, []string{"mtu", "enabled", "description", "speed", "vlan"}, false},
		{"filter", codec.View{Filter: func(n *schema.Node) bool { return n.Name == "mtu" }}, config, []string{"mtu"}, false},
	} {
		var got []string
		c.view.Children(c.of, func(n *tree.Node) bool { got = append(got, n.Schema().Name); return true })
		if !slices.Equal(got, c.want) || c.view.Bare(c.of) != c.bare {
			t.Errorf("%s: %v, bare %v", c.name, got, c.view.Bare(c.of))
		}
	}
	if codec.ReportAllTagged.String() != "report-all-tagged" || codec.Defaults(9).String() != "unknown" {
		t.Error("names of the modes")
	}
}
