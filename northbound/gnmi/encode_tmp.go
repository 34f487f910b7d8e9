package gnmi

import (
	gpb "github.com/openconfig/gnmi/proto/gnmi"

	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

func encodeValue(n *tree.Node, enc gpb.Encoding) (*gpb.TypedValue, error) {
	return &gpb.TypedValue{Value: &gpb.TypedValue_StringVal{StringVal: n.Value().Text}}, nil
}
func encodeTree(n *tree.Node, enc gpb.Encoding, f *filter, base *schema.Node) *gpb.TypedValue {
	return &gpb.TypedValue{Value: &gpb.TypedValue_JsonVal{}}
}
func emptyObject(v *gpb.TypedValue) bool { return false }
func (x *setter) decode(v *gpb.TypedValue, at path.Path, def *schema.Node) (*tree.Node, error) { return nil, nil }
