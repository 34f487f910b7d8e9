// Package typedcodec converts between instance data and gNMI's TypedValue
// (gNMI specification §2.2.3).
//
// In the encoding PROTO a leaf is a scalar and a leaf-list a leaflist_val:
//
//	int8 … int64              int_val
//	uint8 … uint64            uint_val
//	decimal64                 double_val
//	boolean                   bool_val
//	empty                     bool_val, true
//	binary                    bytes_val
//	identityref               string_val, module:name
//	string, enumeration, bits, instance-identifier   string_val
//
// A union is what its member is; where it has both boolean and empty, true is the
// boolean. JSON and JSON_IETF are jsoncodec's. What is read
// may be of any of these forms, whatever encoding the client likes elsewhere; the
// deprecated float_val and decimal_val, and ascii_val, are understood too.
//
// A double has 53 bits: a decimal64 of more than 15 digits comes back rounded.
package typedcodec

import (
	"encoding/base64"

	gpb "github.com/openconfig/gnmi/proto/gnmi"

	"github.com/outrigger-cnf/outrigger/agent/codec"
	"github.com/outrigger-cnf/outrigger/agent/codec/jsoncodec"
	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// Encode returns n in an encoding, with defaults in use. PROTO and ASCII are for
// leafs and leaf-lists; anything else in them, and any other encoding, is an
// error (operation-not-supported).
func Encode(n *tree.Node, enc gpb.Encoding) (*gpb.TypedValue, error) {
	def := n.Schema()
	switch enc {
	case gpb.Encoding_JSON:
		text := jsoncodec.Append(nil, n, jsoncodec.Options{Internal: true, Defaults: codec.ReportAll})
		return &gpb.TypedValue{Value: &gpb.TypedValue_JsonVal{JsonVal: text}}, nil
	case gpb.Encoding_JSON_IETF:
		text := jsoncodec.Append(nil, n, jsoncodec.Options{Meta: true, Defaults: codec.ReportAll})
		return &gpb.TypedValue{Value: &gpb.TypedValue_JsonIetfVal{JsonIetfVal: text}}, nil
	case gpb.Encoding_PROTO:
		switch def.Kind {
		case schema.Leaf:
			return Scalar(n.Value()), nil
		case schema.LeafList:
			array := &gpb.ScalarArray{Element: make([]*gpb.TypedValue, n.Len())}
			for i, v := range n.Values() {
				array.Element[i] = Scalar(v)
			}
			return &gpb.TypedValue{Value: &gpb.TypedValue_LeaflistVal{LeaflistVal: array}}, nil
		case schema.AnyData, schema.AnyXML:
			return &gpb.TypedValue{Value: &gpb.TypedValue_JsonIetfVal{JsonIetfVal: n.Opaque()}}, nil
		}
	case gpb.Encoding_ASCII:
		if def.Kind == schema.Leaf {
			return &gpb.TypedValue{Value: &gpb.TypedValue_AsciiVal{AsciiVal: n.Value().Text}}, nil
		}
	}
	return nil, fault.New(fault.OperationNotSupported, def.SchemaPath(), "a %s cannot be written in the encoding %s; use JSON_IETF", def.Kind, enc)
}

// Scalar returns one value as in the encoding PROTO.
func Scalar(v schema.Value) *gpb.TypedValue {
	if v.Type == nil {
		return text(v.Text)
	}
	switch v.Type.Kind {
	case schema.Int8, schema.Int16, schema.Int32, schema.Int64:
		return &gpb.TypedValue{Value: &gpb.TypedValue_IntVal{IntVal: v.Int()}}
	case schema.Uint8, schema.Uint16, schema.Uint32, schema.Uint64:
		return &gpb.TypedValue{Value: &gpb.TypedValue_UintVal{UintVal: v.Uint()}}
	case schema.Decimal64:
		return &gpb.TypedValue{Value: &gpb.TypedValue_DoubleVal{DoubleVal: v.Float()}}
	case schema.Boolean:
		return &gpb.TypedValue{Value: &gpb.TypedValue_BoolVal{BoolVal: v.Bool()}}
	case schema.Empty:
		return &gpb.TypedValue{Value: &gpb.TypedValue_BoolVal{BoolVal: true}}
	case schema.Binary:
		if data, err := base64.StdEncoding.DecodeString(v.Text); err == nil {
			return &gpb.TypedValue{Value: &gpb.TypedValue_BytesVal{BytesVal: data}}
		}
	}
	return text(v.Text)
}

func text(s string) *gpb.TypedValue {
	return &gpb.TypedValue{Value: &gpb.TypedValue_StringVal{StringVal: s}}
}
