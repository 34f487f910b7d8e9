package typedcodec

import (
	"encoding/base64"
	"math"
	"slices"
	"strconv"
	"strings"

	gpb "github.com/openconfig/gnmi/proto/gnmi"

	"github.com/outrigger-cnf/outrigger/agent/codec/jsoncodec"
	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// Decode reads a value of def. Keys and options are as for jsoncodec.Decode, and
// so is what is returned; json_val, which has no modules and writes 64 bits as a
// number, is always read leniently. A scalar in the place of a leaf-list is an
// error. All errors are *fault.Error with the path.
func Decode(tv *gpb.TypedValue, def *schema.Node, keys []string, o jsoncodec.DecodeOptions) (*tree.Node, error) {
	var n *tree.Node
	var err error
	switch v := tv.GetValue().(type) {
	case *gpb.TypedValue_JsonVal:
		o.Lenient = true
		return jsoncodec.Decode(v.JsonVal, def, keys, o)
	case *gpb.TypedValue_JsonIetfVal:
		return jsoncodec.Decode(v.JsonIetfVal, def, keys, o)
	case *gpb.TypedValue_LeaflistVal:
		n, err = leafList(v.LeaflistVal, def, o)
	default:
		n, err = leaf(tv, def, o)
	}
	if err == nil {
		return n, nil
	}
	at := o.Path
	if at == nil {
		at = def.SchemaPath()
	}
	for _, f := range fault.All(err) {
		f.Path = slices.Concat(at, f.Path)
	}
	return nil, err
}

func leaf(tv *gpb.TypedValue, def *schema.Node, o jsoncodec.DecodeOptions) (*tree.Node, error) {
	if def.Kind != schema.Leaf {
		return nil, fault.New(fault.InvalidValue, nil, "a scalar is not the value of a %s; %s is", def.Kind, valueOf(def))
	}
	v, err := scalar(tv, def, o)
	if err != nil {
		return nil, err
	}
	return tree.NewBuilder().Leaf(def, v), nil
}

func leafList(array *gpb.ScalarArray, def *schema.Node, o jsoncodec.DecodeOptions) (*tree.Node, error) {
	if def.Kind != schema.LeafList {
		return nil, fault.New(fault.InvalidValue, nil, "leaflist_val is not the value of a %s; %s is", def.Kind, valueOf(def))
	}
	values := make([]schema.Value, len(array.GetElement()))
	for i, e := range array.GetElement() {
		var err error
		if values[i], err = scalar(e, def, o); err != nil {
			return nil, err
		}
	}
	return tree.NewBuilder().LeafList(def, values)
}

// valueOf says what the value of def is.
func valueOf(def *schema.Node) string {
	switch def.Kind {
	case schema.Leaf:
		return "a scalar, json_val or json_ietf_val"
	case schema.LeafList:
		return "leaflist_val, json_val or json_ietf_val"
	default:
		return "json_val or json_ietf_val"
	}
}

// The kinds of type that a protobuf scalar is a value of.
var (
	numbers  = []schema.TypeKind{schema.Int8, schema.Int16, schema.Int32, schema.Int64, schema.Uint8, schema.Uint16, schema.Uint32, schema.Uint64, schema.Decimal64}
	booleans = []schema.TypeKind{schema.Boolean}
	empties  = []schema.TypeKind{schema.Empty}
	binaries = []schema.TypeKind{schema.Binary}
	strs     = []schema.TypeKind{schema.String, schema.Enumeration, schema.Bits, schema.Identityref, schema.InstanceIdentifier, schema.Binary}
)

// scalar reads one value. The field that is used has to suit the type, except that
// a lenient reader takes any type as a string.
func scalar(tv *gpb.TypedValue, def *schema.Node, o jsoncodec.DecodeOptions) (schema.Value, error) {
	switch v := tv.GetValue().(type) {
	case *gpb.TypedValue_StringVal:
		return fromString(v.StringVal, def, o.Lenient)
	case *gpb.TypedValue_AsciiVal:
		return fromString(v.AsciiVal, def, true)
	case *gpb.TypedValue_IntVal:
		return suiting(strconv.FormatInt(v.IntVal, 10), "int_val", def, numbers)
	case *gpb.TypedValue_UintVal:
		return suiting(strconv.FormatUint(v.UintVal, 10), "uint_val", def, numbers)
	case *gpb.TypedValue_DoubleVal:
		return fromFloat(v.DoubleVal, 64, "double_val", def)
	case *gpb.TypedValue_FloatVal: //nolint:staticcheck // deprecated, and still sent
		return fromFloat(float64(v.FloatVal), 32, "float_val", def)
	case *gpb.TypedValue_DecimalVal: //nolint:staticcheck // deprecated, and still sent
		return suiting(fixed(v.DecimalVal.GetDigits(), v.DecimalVal.GetPrecision()), "decimal_val", def, numbers)
	case *gpb.TypedValue_BytesVal:
		return suiting(base64.StdEncoding.EncodeToString(v.BytesVal), "bytes_val", def, binaries)
	case *gpb.TypedValue_BoolVal:
		if v.BoolVal {
			if empty, err := suiting("", "", def, empties); err == nil && !hasKind(def.Type, schema.Boolean) {
				return empty, nil
			}
		}
		return suiting(strconv.FormatBool(v.BoolVal), "bool_val", def, booleans)
	case *gpb.TypedValue_JsonVal, *gpb.TypedValue_JsonIetfVal:
		return fromJSON(tv, def, o)
	case *gpb.TypedValue_LeaflistVal:
		return schema.Value{}, fault.New(fault.InvalidValue, nil, "a leaflist_val holds scalars, and no leaflist_val")
	case nil:
		return schema.Value{}, fault.New(fault.InvalidValue, nil, "the value is missing")
	}
	return schema.Value{}, fault.New(fault.OperationNotSupported, nil, "a value of this kind is not supported; use a scalar or JSON")
}

// fromJSON reads an element of a leaflist_val that is JSON.
func fromJSON(tv *gpb.TypedValue, def *schema.Node, o jsoncodec.DecodeOptions) (schema.Value, error) {
	raw := tv.GetJsonIetfVal()
	if v, ok := tv.GetValue().(*gpb.TypedValue_JsonVal); ok {
		raw, o.Lenient = v.JsonVal, true
	}
	if def.Kind == schema.LeafList {
		raw = slices.Concat([]byte("["), raw, []byte("]"))
	}
	o.Path = path.Path{}
	n, err := jsoncodec.Decode(raw, def, nil, o)
	switch {
	case err != nil:
		return schema.Value{}, err
	case def.Kind == schema.Leaf:
		return n.Value(), nil
	case n.Len() != 1:
		return schema.Value{}, fault.New(fault.InvalidValue, nil, "an element of a leaflist_val is one value")
	}
	return n.Values()[0], nil
}

// moduleNames takes a prefix as the name of a module.
type moduleNames struct{}

func (moduleNames) Module(prefix string) (string, bool) { return prefix, prefix != "" }

// suiting parses text as a value of a type of one of the kinds: the leaf's, or
// the first member of a union that is of such a kind and takes it.
func suiting(text, field string, def *schema.Node, kinds []schema.TypeKind) (schema.Value, error) {
	var failed error
	v, ok := pick(def.Type, kinds, func(t *schema.Type) (schema.Value, bool) {
		v, err := t.Parse(text, def, moduleNames{})
		if failed == nil {
			failed = err
		}
		return v, err == nil
	})
	if ok {
		return v, nil
	}
	if failed == nil {
		failed = fault.New(fault.InvalidValue, nil, "%s does not suit the type %s", field, def.Type.Kind)
	}
	return schema.Value{}, failed
}

// pick tries what t is, refers to, or has as members, if it is of one of the kinds.
func pick(t *schema.Type, kinds []schema.TypeKind, try func(*schema.Type) (schema.Value, bool)) (schema.Value, bool) {
	switch {
	case t.Kind == schema.Leafref:
		if t.Target != nil && t.Target.Type != nil {
			return pick(t.Target.Type, kinds, try)
		}
	case t.Kind == schema.Union:
		for _, m := range t.Members {
			if v, ok := pick(m, kinds, try); ok {
				return v, true
			}
		}
	case slices.Contains(kinds, t.Kind):
		return try(t)
	}
	return schema.Value{}, false
}

// isUnion reports whether t is a union, or refers to one.
func isUnion(t *schema.Type) bool {
	for t.Kind == schema.Leafref && t.Target != nil && t.Target.Type != nil {
		t = t.Target.Type
	}
	return t.Kind == schema.Union
}

// fromString reads string_val: what is a string in the encoding PROTO, or, for a
// lenient reader, any lexical form. An identity may come without its module.
func fromString(s string, def *schema.Node, lenient bool) (schema.Value, error) {
	v, err := suiting(s, "string_val", def, strs)
	if err == nil && isUnion(def.Type) {
		// Which member a string belongs to is said by RFC 7951 §6.10, lest the
		// value be another one once it is stored: "5" may be a uint64.
		return def.ParseJSON(schema.JSONString, s, moduleNames{})
	}
	if err == nil || !lenient {
		return v, err
	}
	if v, err = def.Parse(s, moduleNames{}); err == nil {
		return v, nil
	}
	if !strings.Contains(s, ":") && hasKind(def.Type, schema.Identityref) {
		quoted := jsoncodec.AppendString(nil, s)
		tv := &gpb.TypedValue{Value: &gpb.TypedValue_JsonVal{JsonVal: quoted}}
		if v, err := fromJSON(tv, def, jsoncodec.DecodeOptions{}); err == nil {
			return v, nil
		}
	}
	return schema.Value{}, err
}

func fromFloat(f float64, bits int, field string, def *schema.Node) (schema.Value, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return schema.Value{}, fault.New(fault.InvalidValue, nil, "%s %v is not a number of any YANG type", field, f)
	}
	return suiting(strconv.FormatFloat(f, 'f', -1, bits), field, def, numbers)
}

// fixed writes digits / 10^precision; it is empty where no type has so many digits.
func fixed(digits int64, precision uint32) string {
	s, sign := strconv.FormatInt(digits, 10), ""
	if digits < 0 {
		s, sign = s[1:], "-"
	}
	switch {
	case precision == 0:
		return sign + s
	case precision > 64:
		return ""
	}
	if pad := int(precision) + 1 - len(s); pad > 0 {
		s = strings.Repeat("0", pad) + s
	}
	return sign + s[:len(s)-int(precision)] + "." + s[len(s)-int(precision):]
}

// hasKind reports whether t is, or refers to, or has a member, of the kind.
func hasKind(t *schema.Type, k schema.TypeKind) bool {
	_, ok := pick(t, []schema.TypeKind{k}, func(*schema.Type) (schema.Value, bool) { return schema.Value{}, true })
	return ok
}
