package gnmi

import (
	gpb "github.com/openconfig/gnmi/proto/gnmi"

	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

func encodeValue(n *tree.Node, enc gpb.Encoding) (*gpb.TypedValue, error) {
	sc := func(v schema.Value) *gpb.TypedValue {
		switch {
		case v.Type.Kind >= schema.Uint8 && v.Type.Kind <= schema.Uint64:
			return &gpb.TypedValue{Value: &gpb.TypedValue_UintVal{UintVal: v.Uint()}}
		case v.Type.Kind == schema.Boolean:
			return &gpb.TypedValue{Value: &gpb.TypedValue_BoolVal{BoolVal: v.Bool()}}
		}
		return &gpb.TypedValue{Value: &gpb.TypedValue_StringVal{StringVal: v.Text}}
	}
	if n.Schema().Kind == schema.LeafList {
		a := &gpb.ScalarArray{}
		for _, v := range n.Values() {
			a.Element = append(a.Element, sc(v))
		}
		return &gpb.TypedValue{Value: &gpb.TypedValue_LeaflistVal{LeaflistVal: a}}, nil
	}
	return sc(n.Value()), nil
}
func encodeTree(n *tree.Node, enc gpb.Encoding, f *filter, base *schema.Node) *gpb.TypedValue {
	return &gpb.TypedValue{Value: &gpb.TypedValue_JsonVal{}}
}
func emptyObject(v *gpb.TypedValue) bool { return false }
func (x *setter) decode(v *gpb.TypedValue, at path.Path, def *schema.Node) (*tree.Node, error) { return nil, nil }
