package jsoncodec_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent/codec"
	"github.com/outrigger-cnf/outrigger/agent/codec/jsoncodec"
	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/agent/tree/treetest"
	"github.com/outrigger-cnf/outrigger/gen"
	"github.com/outrigger-cnf/outrigger/yang/compile/compiletest"
)

func checkRoundTrip(t *testing.T, s *schema.Schema, seed uint64) {
	t.Helper()
	want := treetest.Random(rand.New(rand.NewPCG(seed, 0)), s).Root().WithMeta([]byte(`{"a:b":[1]}`))
	doc := jsoncodec.Append(nil, want, jsoncodec.Options{Meta: true})
	if !json.Valid(doc) {
		t.Fatalf("seed %d: not JSON: %s", seed, doc)
	}
	got, err := jsoncodec.Decode(doc, s.Root, nil, jsoncodec.DecodeOptions{})
	if err != nil {
		t.Fatalf("seed %d: %v\n%s", seed, err, doc)
	}
	for c := range tree.DiffNodes(nil, want, got) {
		t.Fatalf("seed %d: %s differs: %+v\n%s", seed, c.Path, c, doc)
	}
	for part := range want.Children() { // each part on its own
		checkPart(t, seed, part)
	}
}

func checkPart(t *testing.T, seed uint64, n *tree.Node) {
	doc := jsoncodec.Append(nil, n, jsoncodec.Options{Qualify: jsoncodec.WhenChanged})
	def := n.Schema()
	var keys []string
	if n.IsEntry() {
		keys = n.Keys()
	}
	got, err := jsoncodec.Decode(doc, def, keys, jsoncodec.DecodeOptions{})
	if err != nil || !tree.Equal(got, n) {
		t.Fatalf("seed %d: %s: %v\n%s", seed, def.Name, err, doc)
	}
	for c := range n.Children() {
		checkPart(t, seed, c)
	}
	for e := range n.Entries() {
		if len(def.Keys) > 0 {
			checkPart(t, seed, e)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	s := compiletest.Schema(t, treetest.Modules()...)
	for seed := range uint64(400) {
		checkRoundTrip(t, s, seed)
	}
}

// TestRoundTripServed does the same with the schema that is served.
func TestRoundTripServed(t *testing.T) {
	s := gen.Schema()
	for seed := range uint64(50) {
		checkRoundTrip(t, s, seed)
	}
}

func FuzzRoundTrip(f *testing.F) {
	s := compiletest.Schema(f, treetest.Modules()...)
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) { checkRoundTrip(t, s, seed) })
}

func TestDecode(t *testing.T) {
	s := compiletest.Schema(t, treetest.Modules()...)
	for _, c := range []struct{ at, doc, strict, lenient string }{ // what Append makes of it, or ! and a part of the error
		{"/", `{"base:box":{}}`, `{"base:box":{}}`, ""},
		{"/", `{"box":{}}`, "!needs its module: base:box", `{"base:box":{}}`},
		{"/", `{"none:box":{}}`, "!base:box is there", "!base:box is there"},
		{"/", `{"base:none":{}}`, `!expected is one of base:interfaces`, `!expected is one of`},
		{"/", `{"base:interfaces":{},"base:types":{"texts":[]}}`, `{}`, ``},
		{"/", ` { "base:box" : { "delay" : 5 } } `, `{"base:box":{"delay":5}}`, ""},
		{"/", `{"base:box":{},"base:box":{}}`, "!twice", "!twice"},
		{"/", `{"base:types":{},"base:types":{}}`, "!twice", "!twice"},
		{"/", `{"base:box":{"base:delay":1,"delay":1}}`, "!twice", "!twice"},
		{"/", `{"base:box":{"delay":1,"speed":1}}`, "!different cases", "!different cases"},
		{"/", `{"base:box":null}`, "!there is null, and a container is an object", "!object"},
		{"/", `[]`, "!there is an array", "!there is an array"},
		{"/", ``, "!the value is missing", "!the value is missing"},
		{"/", `{} {}`, "!behind the value", "!behind"},
		{"/", `{"base:box":{},}`, "!behind a comma", "!comma"},
		{"/base:types", `{"u32":5,"i64":"-5","u64":"18446744073709551615","dec":"1.500"}`, `{"base:i64":"-5","base:u32":5,"base:u64":"18446744073709551615","base:dec":"1.5"}`, ""},
		{"/base:types", `{"base:u32":5}`, `{"base:u32":5}`, ""},
		{"/base:types/u32", `5`, `5`, ``},
		{"/base:types/u32", `"5"`, "!not a string", `5`},
		{"/base:types/u32", `5.0e2`, `500`, ``},
		{"/base:types/u32", `-0`, `0`, ``},
		{"/base:types/u32", `0.5`, `!not an integer`, `!not an integer`},
		{"/base:types/u32", `1e99`, `!not a number of any YANG type`, `!not a number`},
		{"/base:types/u32", `05`, "!behind the value", "!behind"},
		{"/base:types/u32", `0x5`, "!behind the value", "!behind"},
		{"/base:types/u32", `null`, "!null is not a value", "!null"},
		{"/base:types/u32", `{}`, "!an object is not", "!an object"},
		{"/base:types/u32", `[5]`, "!an array is not", "!an array"},
		{"/base:types/u32", `abc`, "!where a value is expected", "!where a value"},
		{"/base:types/i64", `5`, "!not a number", `"5"`},
		{"/base:types/i64", `"5"`, `"5"`, ``},
		{"/base:types/dec", `-1.5e-1`, "!not a number", `"-0.15"`},
		{"/base:types/text", `5`, "!not a number", "!not a number"},
		{"/base:types/text", `"\u00e9\ud83d\ude00\n\/"`, `"é😀\n/"`, ``},
		{"/base:types/text", `"\ud83d"`, "!surrogate", "!surrogate"},
		{"/base:types/text", `"\ude00\ud83d"`, "!surrogate", "!surrogate"},
		{"/base:types/text", `"\u0000"`, "!does not allow", "!does not allow"},
		{"/base:types/text", "\"\xff\"", "!UTF-8", "!UTF-8"},
		{"/base:types/text", "\"\t\"", "!control character", "!control"},
		{"/base:types/text", `abc`, "!where a value is expected", "!where a value"},
		{"/base:types/truth", `true`, `true`, ``},
		{"/base:types/truth", `"true"`, "!not a string", "!not a string"},
		{"/base:types/marker", `[null]`, `[null]`, ``},
		{"/base:types/marker", `[ null ]`, `[null]`, ``},
		{"/base:types/marker", `true`, "!not true or false", `[null]`},
		{"/base:types/marker", `false`, "!not true or false", "!not true or false"},
		{"/base:types/animal", `"base:dog"`, `"base:dog"`, ``},
		{"/base:types/animal", `"dog"`, `"base:dog"`, ``},
		{"/base:types/animal", `"more:cat"`, `"more:cat"`, ``},
		{"/base:types/animal", `"cat"`, "!more:cat", `"more:cat"`},
		{"/base:types/animal", `"m:cat"`, "!more:cat", "!more:cat"},
		{"/base:types/either", `5`, `5`, ``},
		{"/base:types/either", `"5"`, `"5"`, ``}, // a uint64, of the members that are strings in JSON
		{"/base:types/either", `"x"`, `"x"`, ``},
		{"/base:types/either", `true`, `true`, ``},
		{"/base:types/either", `[null]`, `[null]`, ``},
		{"/base:types/either", `"base:dog"`, `"base:dog"`, ``},
		{"/base:types/either", `300`, "!no member of the union", `"300"`},
		{"/base:types/pointer", `"/base:rule[group='dog'][id='01']/action"`, `"/base:rule[group='base:dog'][id='1']/action"`, ``},
		{"/base:types/flags", `"lower-up up"`, `"up lower-up"`, ``},
		{"/base:types/texts", `["b","a"]`, `["b","a"]`, ``},
		{"/base:types/texts", `["b","b"]`, `!twice`, `!twice`},
		{"/base:types/texts", `"b"`, `!a leaf-list is an array`, `!array`},
		{"/base:types/numbers", `[3,2]`, `[2,3]`, ``},
		{"/base:types/any", `{"x:y": [1, {"z":null}]}`, `{"x:y":[1,{"z":null}]}`, ``},
		{"/base:types/any", `5`, `!anydata is an object`, `!anydata`},
		{"/base:types/anything", `[1 , 2]`, `[1,2]`, ``},
		{"/base:types/any", `{"a":` + strings.Repeat("[", 300) + strings.Repeat("]", 300) + `}`, `!nested deeper`, `!nested deeper`},
		{"/base:interfaces/interface", `[{"name":"a"},{"name":"b","more:alias":[{"name":"x"}]}]`, `[{"name":"a"},{"name":"b","more:alias":[{"name":"x"}]}]`, ``},
		{"/base:interfaces/interface", `[{"name":"a"},{"name":"a"}]`, `!same keys`, `!same keys`},
		{"/base:interfaces/interface", `{"name":"a"}`, `!a list is an array`, `!array`},
		{"/base:interfaces/interface[name='a']", `{"config":{"mtu":1500}}`, `{"base:name":"a","base:config":{"mtu":1500}}`, ``},
		{"/base:interfaces/interface[name='a']", `{"name":"a"}`, `{"base:name":"a"}`, ``},
		{"/base:interfaces/interface[name='a']", `{"name":"b"}`, `!"b" in the data and "a" in the path`, `!"b" in the data`},
		{"/base:interfaces/interface[name='a']", `{"config":{"speed":"5"}}`, `!more:speed`, `{"base:name":"a","base:config":{"more:speed":"5"}}`},
		{"/base:rule[group='more:cat'][id='1']", `{"action":"permit"}`, `{"base:group":"more:cat","base:id":1,"base:action":"permit"}`, ``},
		{"/", `{"@":{"a:b":1},"base:box":{"delay":1,"@delay":{"c:d":[]}}}`, `{"@":{"a:b":1},"base:box":{"delay":1,"@delay":{"c:d":[]}}}`, ``},
		{"/", `{"@":{},"@":{}}`, `!twice`, `!twice`},
		{"/", `{"base:box":{"@delay":{}}}`, `!without "delay"`, `!without`},
		{"/", `{"base:box":{"@delay":5,"delay":1}}`, `!is an object`, `!is an object`},
	} {
		for mode, want := range []string{c.strict, c.lenient} {
			if want == "" {
				want = c.strict
			}
			p, def, err := s.Resolve(c.at)
			if err != nil {
				t.Fatal(err)
			}
			var keys []string
			for _, k := range p.Last().Keys {
				keys = append(keys, k.Value)
			}
			n, err := jsoncodec.Decode([]byte(c.doc), def, keys, jsoncodec.DecodeOptions{Lenient: mode == 1})
			if message, bad := strings.CutPrefix(want, "!"); bad {
				if f, ok := errors.AsType[*fault.Error](err); !ok || !strings.Contains(f.Message, message) || !f.Path.HasPrefix(p) && f.Tag != fault.MalformedMessage {
					t.Errorf("%s %s: %v", c.at, c.doc, err)
				}
				continue
			}
			if err != nil {
				t.Errorf("%s %s: %v", c.at, c.doc, err)
				continue
			}
			if got := string(jsoncodec.Append(nil, n, jsoncodec.Options{Meta: true})); got != want {
				t.Errorf("%s %s: got %s", c.at, c.doc, got)
			}
		}
	}
}

func TestErrorPaths(t *testing.T) {
	s := compiletest.Schema(t, treetest.Modules()...)
	for _, c := range []struct {
		doc, path string
		tag       fault.Tag
	}{
		{`{"base:interfaces":{"interface":[{"name":"a","config":{"mtu":5}}]}}`, "/base:interfaces/interface[name='a']/config/mtu", fault.InvalidValue},
		{`{"base:interfaces":{"interface":[{"config":{"mtu":5},"name":"a"}]}}`, "/base:interfaces/interface/config/mtu", fault.InvalidValue},
		{`{"base:interfaces":{"interface":[{"config":{}}]}}`, "/base:interfaces/interface", fault.MissingElement},
		{`{"base:interfaces":{"interface":[{"name":"a"},{"name":"a"}]}}`, "/base:interfaces/interface", fault.BadElement},
		{`{"base:interfaces":{"interface":[{"name":"a","state":{"sample":[{"at":"x"}]}}]}}`, "/base:interfaces/interface[name='a']/state/sample/at", fault.InvalidValue},
		{`{"base:rule":[{"group":"dog","id":1,"step":[{"at":1,"x":2}]}]}`, "/base:rule[group='base:dog'][id='1']/step[at='1']", fault.UnknownElement},
		{`{"base:rule":5}`, "/base:rule", fault.InvalidValue},
		{`{"base:types":{"numbers":[1,"x"]}}`, "/base:types/numbers", fault.InvalidValue},
		{`{"base:types":{"numbers":[1`, "/", fault.MalformedMessage},
	} {
		_, err := jsoncodec.Decode([]byte(c.doc), s.Root, nil, jsoncodec.DecodeOptions{})
		if f, ok := errors.AsType[*fault.Error](err); !ok || f.Tag != c.tag || f.Path.String() != c.path {
			t.Errorf("%s: %#v", c.doc, err)
		}
	}
	if _, err := jsoncodec.Decode([]byte(`{"base:interfaces":{"interface":[{"name":"a","state":{"log":[]}}]}}`), s.Root, nil, jsoncodec.DecodeOptions{Config: true}); err != nil {
		t.Errorf("state that says nothing: %v", err)
	}
	if _, err := jsoncodec.Decode([]byte(`{"base:interfaces":{"interface":[{"name":"a","state":{"log":["x"]}}]}}`), s.Root, nil, jsoncodec.DecodeOptions{Config: true}); err == nil ||
		!strings.HasPrefix(err.Error(), "/base:interfaces/interface[name='a']/state: this is state") {
		t.Errorf("state as configuration: %v", err)
	}
	if _, err := jsoncodec.Decode([]byte(`{"@":{"a:b":"`+strings.Repeat("x", 100)+`"}}`), s.Root, nil, jsoncodec.DecodeOptions{MaxMeta: 100}); err == nil ||
		!strings.Contains(err.Error(), "at most 100") {
		t.Errorf("too much metadata: %v", err)
	}
}

func TestViews(t *testing.T) {
	s := compiletest.Schema(t, treetest.Modules()...)
	n, err := jsoncodec.Decode([]byte(`{"base:interfaces":{"interface":[
		{"name":"a","config":{"mtu":1500,"type":"dog"}},
		{"name":"b","config":{"more:speed":"10"},"state":{"counter":"5","sample":[{"value":"1.5"}]}}]},
		"base:types":{"marker":[null]},"base:box":{}}`), s.Root, nil, jsoncodec.DecodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	list := s.Root.Child("base", "interfaces").Child("", "interface")
	a := n.Child(list.DataParent).Child(list).Entry("a")
	for _, c := range []struct {
		n    *tree.Node
		o    jsoncodec.Options
		want string
	}{
		{n, jsoncodec.Options{Internal: true, Filter: func(d *schema.Node) bool { return d.Name != "mtu" }},
			`{"interfaces":{"interface":[{"name":"a","config":{"type":"dog"}},{"name":"b","config":{"speed":10},"state":{"counter":5,"sample":[{"value":1.5}]}}]},"types":{"marker":true},"box":{}}`},
		{n, jsoncodec.Options{Content: codec.State}, `{"base:interfaces":{"interface":[{"name":"b","state":{"counter":"5","sample":[{"value":"1.5"}]}}]}}`},
		{n, jsoncodec.Options{Content: codec.Config, Defaults: codec.Trim},
			`{"base:interfaces":{"interface":[{"name":"a","config":{"type":"base:dog"}},{"name":"b","config":{"more:speed":"10"}}]},"base:types":{"marker":[null]},"base:box":{}}`},
		{a, jsoncodec.Options{Defaults: codec.ReportAll, Qualify: jsoncodec.WhenChanged},
			`{"name":"a","config":{"type":"base:dog","mtu":1500,"enabled":true,"more:speed":"1000"}}`},
		{a, jsoncodec.Options{Defaults: codec.ReportAllTagged, Qualify: jsoncodec.None},
			`{"name":"a","config":{"type":"base:dog","mtu":1500,"enabled":true,"@enabled":{"ietf-netconf-with-defaults:default":true},"speed":"1000","@speed":{"ietf-netconf-with-defaults:default":true}}}`},
	} {
		if got := string(jsoncodec.Append(nil, c.n, c.o)); got != c.want {
			t.Errorf("%+v: got\n%s\nwant\n%s", c.o, got, c.want)
		}
	}
}

// FuzzScanner holds the scanner against encoding/json, with anyxml, which may be
// any JSON text.
func FuzzScanner(f *testing.F) {
	s := compiletest.Schema(f, treetest.Modules()...)
	def := s.Root.Child("base", "types").Child("", "anything")
	for _, doc := range []string{`{"a":[1,-0.5e+3,true,false,null,"\u00e9\ud800\\"]}`, ` [ ] `, `""`, `01`, `[1,]`, `{"a":1,}`, `{"a"}`, "\"\x1f\"", `1.`, `-`, `tru`} {
		f.Add([]byte(doc))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		n, err := jsoncodec.Decode(doc, def, nil, jsoncodec.DecodeOptions{MaxDepth: 10000})
		valid := json.Valid(doc)
		if utf8 := strings.ToValidUTF8(string(doc), "") == string(doc); valid && utf8 != (err == nil) || !valid && err == nil {
			t.Fatalf("%q: valid %v, UTF-8 %v, but: %v", doc, valid, utf8, err)
		}
		if err == nil && !json.Valid(n.Opaque()) {
			t.Fatalf("%q became %q", doc, n.Opaque())
		}
	})
}

// FuzzDecode reads what may be data.
func FuzzDecode(f *testing.F) {
	s := compiletest.Schema(f, treetest.Modules()...)
	f.Add([]byte(`{"base:interfaces":{"interface":[{"name":"a","config":{"mtu":1500,"type":"dog"}}]},"@":{"x":1}}`), false)
	f.Add([]byte(`{"rule":[{"group":"cat","id":"1","step":[{"at":1e1,"to":["x"]}]}],"types":{"either":[null],"pointer":"/base:rule[group='base:dog'][id='1']"}}`), true)
	f.Fuzz(func(t *testing.T, doc []byte, lenient bool) {
		n, err := jsoncodec.Decode(doc, s.Root, nil, jsoncodec.DecodeOptions{Lenient: lenient})
		if err != nil {
			if _, ok := errors.AsType[*fault.Error](err); !ok {
				t.Fatalf("%v is no fault", err)
			}
			return
		}
		out := jsoncodec.Append(nil, n, jsoncodec.Options{Meta: true})
		again, err := jsoncodec.Decode(out, s.Root, nil, jsoncodec.DecodeOptions{})
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		for c := range tree.DiffNodes(nil, n, again) {
			t.Fatalf("%s differs\n%s", c.Path, out)
		}
	})
}

// document has n interfaces with four leafs beside the name.
func document(n int) []byte {
	doc := []byte(`{"base:interfaces":{"interface":[`)
	for i := range n {
		if i > 0 {
			doc = append(doc, ',')
		}
		doc = fmt.Appendf(doc, `{"name":"eth%d","config":{"name":"eth%d","type":"more:cat","mtu":1500,"enabled":true,"description":"to neighbor %d"}}`, i, i, i)
	}
	return append(doc, "]}}"...)
}

func BenchmarkDecode(b *testing.B) {
	s := compiletest.Schema(b, treetest.Modules()...)
	for _, n := range []int{1000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			doc := document(n)
			b.SetBytes(int64(len(doc)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := jsoncodec.Decode(doc, s.Root, nil, jsoncodec.DecodeOptions{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkEncode(b *testing.B) {
	s := compiletest.Schema(b, treetest.Modules()...)
	for _, n := range []int{1000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			doc := document(n)
			data, err := jsoncodec.Decode(doc, s.Root, nil, jsoncodec.DecodeOptions{})
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(doc)))
			b.ReportAllocs()
			buf := make([]byte, 0, 2*len(doc))
			for b.Loop() {
				buf = jsoncodec.Append(buf[:0], data, jsoncodec.Options{})
			}
		})
	}
}
