package typedcodec_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"google.golang.org/protobuf/proto"

	"github.com/outrigger-cnf/outrigger/agent/codec/jsoncodec"
	"github.com/outrigger-cnf/outrigger/agent/codec/typedcodec"
	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/agent/tree/treetest"
	"github.com/outrigger-cnf/outrigger/yang/compile/compiletest"
)

// checkNode sends n, and everything below it, through the encodings it has.
func checkNode(t *testing.T, seed uint64, n *tree.Node) {
	def := n.Schema()
	var keys []string
	if n.IsEntry() {
		keys = n.Keys()
	}
	encodings := []gpb.Encoding{gpb.Encoding_JSON_IETF}
	if def.Type != nil && !(def.Type.Kind == schema.Union && n.Value().Type.Kind == schema.Empty) { // it reads as true
		encodings = append(encodings, gpb.Encoding_PROTO)
		if def.Kind == schema.Leaf && def.Type.Kind != schema.Union {
			encodings = append(encodings, gpb.Encoding_JSON) // where bare identities of a union are lost among strings
		}
	}
	for _, enc := range encodings {
		tv, err := typedcodec.Encode(n, enc)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		wire, err := proto.Marshal(tv)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		tv = new(gpb.TypedValue)
		if err := proto.Unmarshal(wire, tv); err != nil {
			t.Fatal(err)
		}
		got, err := typedcodec.Decode(tv, def, keys, jsoncodec.DecodeOptions{})
		if enc == gpb.Encoding_JSON_IETF && def.Type == nil {
			if err != nil { // has defaults in it, which the tree has not
				t.Fatalf("seed %d: %v", seed, err)
			}
			continue
		}
		if err != nil || !tree.Equal(got, n) {
			t.Fatalf("seed %d: %s as %v: %v", seed, def.Name, tv, err)
		}
	}
	for c := range n.Children() {
		checkNode(t, seed, c)
	}
	for e := range n.Entries() {
		if len(def.Keys) > 0 {
			checkNode(t, seed, e)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	s := compiletest.Schema(t, treetest.Modules()...)
	for seed := range uint64(150) {
		checkNode(t, seed, treetest.Random(rand.New(rand.NewPCG(seed, 0)), s).Root())
	}
}

func str(s string) *gpb.TypedValue {
	return &gpb.TypedValue{Value: &gpb.TypedValue_StringVal{StringVal: s}}
}
func number(n int64) *gpb.TypedValue {
	return &gpb.TypedValue{Value: &gpb.TypedValue_IntVal{IntVal: n}}
}
func uns(n uint64) *gpb.TypedValue {
	return &gpb.TypedValue{Value: &gpb.TypedValue_UintVal{UintVal: n}}
}
func boolean(b bool) *gpb.TypedValue {
	return &gpb.TypedValue{Value: &gpb.TypedValue_BoolVal{BoolVal: b}}
}
func double(f float64) *gpb.TypedValue {
	return &gpb.TypedValue{Value: &gpb.TypedValue_DoubleVal{DoubleVal: f}}
}
func list(e ...*gpb.TypedValue) *gpb.TypedValue {
	return &gpb.TypedValue{Value: &gpb.TypedValue_LeaflistVal{LeaflistVal: &gpb.ScalarArray{Element: e}}}
}
func js(s string) *gpb.TypedValue {
	return &gpb.TypedValue{Value: &gpb.TypedValue_JsonVal{JsonVal: []byte(s)}}
}
func ietf(s string) *gpb.TypedValue {
	return &gpb.TypedValue{Value: &gpb.TypedValue_JsonIetfVal{JsonIetfVal: []byte(s)}}
}

func TestDecode(t *testing.T) {
	s := compiletest.Schema(t, treetest.Modules()...)
	types := s.Root.Child("base", "types")
	for _, c := range []struct {
		leaf string
		tv   *gpb.TypedValue
		want string // what RFC 7951 writes, or ! and a part of the error
		lax  string // the same for a lenient reader, where that differs
	}{
		{"u32", uns(5), `5`, ""},
		{"u32", number(5), `5`, ""},
		{"u32", number(-5), "!not in", ""},
		{"u32", double(5), `5`, ""},
		{"u32", double(5.5), "!not an integer", ""},
		{"u32", double(math.NaN()), "!not a number", ""},
		{"u32", str("5"), "!does not suit", "5"},
		{"u32", str("x"), "!does not suit", "!not an integer"},
		{"u32", boolean(true), "!", ""},
		{"u32", js("5"), "5", ""},
		{"u32", ietf("5"), "5", ""},
		{"u32", ietf(`"5"`), "!not a string", "5"},
		{"u32", list(uns(5)), "!leaflist_val is not the value of a leaf", ""},
		{"u32", &gpb.TypedValue{}, "!missing", ""},
		{"u32", nil, "!missing", ""},
		{"i64", number(math.MinInt64), `"-9223372036854775808"`, ""},
		{"u64", uns(math.MaxUint64), `"18446744073709551615"`, ""},
		{"u64", js("18446744073709551615"), `"18446744073709551615"`, ""},
		{"dec", double(1.25), `"1.25"`, ""},
		{"dec", double(1.0001), "!more than 3 fraction digits", ""},
		{"dec", number(2), `"2.0"`, ""},
		{"dec", &gpb.TypedValue{Value: &gpb.TypedValue_FloatVal{FloatVal: 1.1}}, `"1.1"`, ""},
		{"dec", &gpb.TypedValue{Value: &gpb.TypedValue_DecimalVal{DecimalVal: &gpb.Decimal64{Digits: -5, Precision: 2}}}, `"-0.05"`, ""},
		{"dec", &gpb.TypedValue{Value: &gpb.TypedValue_DecimalVal{DecimalVal: &gpb.Decimal64{Digits: 5, Precision: 99}}}, "!", ""},
		{"text", str("é"), `"é"`, ""},
		{"text", str("5"), `"5"`, ""},
		{"text", uns(5), "!does not suit", ""},
		{"text", &gpb.TypedValue{Value: &gpb.TypedValue_AsciiVal{AsciiVal: "a"}}, `"a"`, ""},
		{"text", &gpb.TypedValue{Value: &gpb.TypedValue_ProtoBytes{ProtoBytes: []byte("a")}}, "!not supported", ""},
		{"text", js(`abc`), "!where a value is expected", ""},
		{"truth", boolean(true), "true", ""},
		{"truth", str("true"), "!does not suit", "true"},
		{"marker", boolean(true), "[null]", ""},
		{"marker", boolean(false), "!", ""},
		{"marker", js("true"), "[null]", ""},
		{"color", str("light blue"), `"light blue"`, ""},
		{"color", str("pink"), "!not one of", ""},
		{"flags", str("running up"), `"up running"`, ""},
		{"blob", &gpb.TypedValue{Value: &gpb.TypedValue_BytesVal{BytesVal: []byte{255, 0}}}, `"/wA="`, ""},
		{"blob", str("/wA="), `"/wA="`, ""},
		{"text", &gpb.TypedValue{Value: &gpb.TypedValue_BytesVal{BytesVal: []byte("a")}}, "!does not suit", ""},
		{"animal", str("dog"), `"base:dog"`, ""},
		{"animal", str("more:cat"), `"more:cat"`, ""},
		{"animal", str("cat"), "!no identity", `"more:cat"`},
		{"either", uns(5), `5`, ""},
		{"either", uns(300), `"300"`, ""},
		{"either", str("5"), `"5"`, ""},
		{"either", boolean(true), `true`, ""},
		{"texts", list(str("b"), js(`"a"`), ietf(`"c"`)), `["b","a","c"]`, ""},
		{"texts", list(js(`"a","b"`)), "!one value", ""},
		{"texts", list(list(str("b"))), "!no leaflist_val", ""},
		{"texts", list(str("b"), nil), "!missing", ""},
		{"texts", str("b"), "!a scalar is not the value of a leaf-list", ""},
		{"levels", list(uns(1), uns(1)), "!twice", ""},
		{"any", ietf(`{"a":1}`), `{"a":1}`, ""},
		{"any", str("a"), "!a scalar is not the value of a anydata", ""},
	} {
		def := types.Child("", c.leaf)
		for mode, want := range []string{c.want, c.lax} {
			if want == "" {
				want = c.want
			}
			at := path.Path{types.Elem(), def.Elem()}
			n, err := typedcodec.Decode(c.tv, def, nil, jsoncodec.DecodeOptions{Lenient: mode == 1, Path: at})
			if message, bad := strings.CutPrefix(want, "!"); bad {
				if f, ok := errors.AsType[*fault.Error](err); !ok || !strings.Contains(f.Message, message) || !f.Path.Equal(at) && f.Tag != fault.MalformedMessage {
					t.Errorf("%s %v: %v %v", c.leaf, c.tv, n, err)
				}
				continue
			}
			if err != nil {
				t.Errorf("%s %v: %v", c.leaf, c.tv, err)
			} else if got := string(jsoncodec.Append(nil, n, jsoncodec.Options{})); got != want {
				t.Errorf("%s %v: got %s", c.leaf, c.tv, got)
			}
		}
	}
}

func TestEncode(t *testing.T) {
	s := compiletest.Schema(t, treetest.Modules()...)
	types := s.Root.Child("base", "types")
	n, err := jsoncodec.Decode([]byte(`{"i8":-5,"u64":"5","dec":"1.5","marker":[null],"blob":"/wA=","animal":"more:cat","either":"300","numbers":[2,1]}`), types, nil, jsoncodec.DecodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for leaf, want := range map[string]*gpb.TypedValue{
		"i8": number(-5), "u64": uns(5), "dec": double(1.5), "marker": boolean(true), "animal": str("more:cat"), "either": uns(300),
		"blob": {Value: &gpb.TypedValue_BytesVal{BytesVal: []byte{255, 0}}}, "numbers": list(uns(1), uns(2)),
	} {
		got, err := typedcodec.Encode(n.Child(types.Child("", leaf)), gpb.Encoding_PROTO)
		if err != nil || !proto.Equal(got, want) {
			t.Errorf("%s: %v %v", leaf, got, err)
		}
	}
	got, err := typedcodec.Encode(n, gpb.Encoding_JSON)
	if want := `{"i8":-5,"u64":5,"dec":1.5,"blob":"/wA=","marker":true,"animal":"cat","either":300,"numbers":[1,2],"levels":[3,5]}`; err != nil || string(got.GetJsonVal()) != want {
		t.Errorf("got %s %v", got.GetJsonVal(), err)
	}
	for _, enc := range []gpb.Encoding{gpb.Encoding_PROTO, gpb.Encoding_ASCII, gpb.Encoding_BYTES} {
		_, err := typedcodec.Encode(n, enc)
		if f, ok := errors.AsType[*fault.Error](err); !ok || f.Tag != fault.OperationNotSupported {
			t.Errorf("%v: %v", enc, err)
		}
	}
}

// FuzzDecode reads any TypedValue as the value of any leaf.
func FuzzDecode(f *testing.F) {
	s := compiletest.Schema(f, treetest.Modules()...)
	types := s.Root.Child("base", "types")
	for i, tv := range []*gpb.TypedValue{str("dog"), uns(5), double(1.5), list(str("a"), boolean(true)), js(`{"a":[1]}`), ietf(`[null]`)} {
		wire, err := proto.Marshal(tv)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(wire, uint8(i), i%2 == 0)
	}
	f.Fuzz(func(t *testing.T, wire []byte, leaf uint8, lenient bool) {
		tv := new(gpb.TypedValue)
		if proto.Unmarshal(wire, tv) != nil {
			return
		}
		def := types.Data[int(leaf)%len(types.Data)]
		n, err := typedcodec.Decode(tv, def, nil, jsoncodec.DecodeOptions{Lenient: lenient})
		if err != nil {
			if _, ok := errors.AsType[*fault.Error](err); !ok {
				t.Fatalf("%v is no fault", err)
			}
			return
		}
		if n == nil {
			return
		}
		doc := jsoncodec.Append(nil, n, jsoncodec.Options{})
		again, err := jsoncodec.Decode(doc, def, nil, jsoncodec.DecodeOptions{})
		if err != nil || !tree.Equal(n, again) {
			t.Fatalf("%s: %v became %s: %v", def.Name, tv, doc, err)
		}
	})
}
