package gnmi

import (
	"fmt"

	gpb "github.com/openconfig/gnmi/proto/gnmi"

	"github.com/outrigger-cnf/outrigger/agent/codec"
	"github.com/outrigger-cnf/outrigger/agent/codec/jsoncodec"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

func encodeValue(n *tree.Node, enc gpb.Encoding) (*gpb.TypedValue, error) {
	if enc != gpb.Encoding_PROTO {
		return jsonValue(enc, jsoncodec.Append(nil, n, jsoncodec.Options{Internal: enc == gpb.Encoding_JSON, Defaults: codec.ReportAll})), nil
	}
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

func decodeValue(v *gpb.TypedValue, def *schema.Node, keys []string, at path.Path) (*tree.Node, error) {
	if text, ok := jsonText(v); ok {
		return jsoncodec.Decode(text, def, keys, jsoncodec.DecodeOptions{Lenient: true, Path: at, MaxMeta: maxMetadata})
	}
	text := ""
	switch v := v.GetValue().(type) {
	case *gpb.TypedValue_StringVal:
		text = v.StringVal
	case *gpb.TypedValue_UintVal:
		text = fmt.Sprint(v.UintVal)
	}
	val, err := def.Parse(text, nil)
	if err != nil {
		return nil, err
	}
	return tree.NewBuilder().Leaf(def, val), nil
}
