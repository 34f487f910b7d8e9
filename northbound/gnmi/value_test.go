package gnmi_test

import (
	"slices"
	"testing"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"google.golang.org/protobuf/proto"

	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/northbound/gnmi"
)

// FuzzValue decodes any value for nodes of every kind: it must not panic, and what
// it makes survives being encoded and decoded again.
func FuzzValue(f *testing.F) {
	s := testSchema(f)
	server := gnmi.New(gnmi.Config{Schema: s})
	const entry = "/openconfig-interfaces:interfaces/interface[name='eth0']"
	places := []string{
		"/", "/openconfig-interfaces:interfaces", "/openconfig-interfaces:interfaces/interface", entry, entry + "/config",
		entry + "/config/mtu", entry + "/config/speed", entry + "/config/ratio", entry + "/config/tag", entry + "/config/type",
		entry + "/config/enabled", "/openconfig-zoo:zoo", "/openconfig-zoo:zoo/flag", "/openconfig-zoo:zoo/notes", "/openconfig-zoo:zoo/order",
	}
	for i, v := range []*gpb.TypedValue{
		ietfVal(`{"openconfig-interfaces:interfaces":{"interface":[{"name":"eth0"}]}}`), jsonVal(`{"interface":[]}`), jsonVal(`[{"name":"a","config":{"mtu":70}}]`),
		jsonVal(`{"name":"eth0"}`), ietfVal(`{"openconfig-interfaces:speed":"5"}`), uintVal(70), ietfVal(`"5"`), jsonVal(`1.25`), jsonVal(`["a","b"]`), stringVal("ETHERNET"),
		{Value: &gpb.TypedValue_BoolVal{BoolVal: true}}, jsonVal(`{"cage":{},"flag":[null]}`), ietfVal(`[null]`), jsonVal(`{"any":[1,{"x":null}]}`),
		{Value: &gpb.TypedValue_LeaflistVal{LeaflistVal: &gpb.ScalarArray{Element: []*gpb.TypedValue{stringVal("b"), stringVal("a")}}}},
	} {
		wire, err := proto.Marshal(v)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(wire, uint8(i))
	}
	f.Fuzz(func(t *testing.T, wire []byte, place uint8) {
		v := &gpb.TypedValue{}
		if proto.Unmarshal(wire, v) != nil {
			return
		}
		var at path.Path
		def := s.Root
		if p := places[int(place)%len(places)]; p != "/" {
			var err error
			if at, def, err = s.Resolve(p); err != nil {
				t.Fatal(err)
			}
		}
		n, err := server.Decode(at, def, v)
		if err != nil || n == nil || n.Len()+len(n.Value().Text) == 0 {
			return
		}
		if def.Kind != schema.Leaf && def.Kind != schema.LeafList {
			return // replies have defaults, too
		}
		for _, enc := range []gpb.Encoding{gpb.Encoding_JSON_IETF, gpb.Encoding_JSON, gpb.Encoding_PROTO} {
			out, err := server.Encode(n, enc)
			if err != nil {
				t.Fatalf("%s of %v: %v", enc, v, err)
			}
			again, err := server.Decode(at, def, out)
			if err != nil {
				t.Fatalf("%v was written %v: %v", v, out, err)
			}
			if !tree.Equal(n, again) && !(enc == gpb.Encoding_PROTO && sameDoubles(n, again)) {
				t.Fatalf("%v was written %v", v, out)
			}
		}
	})
}

// sameDoubles reports whether two values are the same decimal64 as far as
// double_val, in which gNMI has it, can tell: some fifteen digits.
func sameDoubles(a, b *tree.Node) bool {
	values := func(n *tree.Node) []schema.Value {
		if n.Schema().Kind == schema.Leaf {
			return []schema.Value{n.Value()}
		}
		return n.Values()
	}
	return slices.EqualFunc(values(a), values(b), func(x, y schema.Value) bool {
		return x.Type.Kind == schema.Decimal64 && y.Type.Kind == schema.Decimal64 && x.Float() == y.Float()
	})
}
