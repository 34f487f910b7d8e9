package schema

import (
	"errors"
	"strings"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent/fault"
)

// prefixes is a set of XML prefixes.
type prefixes map[string]string

func (p prefixes) Module(prefix string) (string, bool) { m, ok := p[prefix]; return m, ok }

// leafOf makes a schema around one leaf of type t: modules m (with the leaf and
// identities base, one, two derived from one), other (identity three from base,
// and loose from nothing) and distant (identity far from base; not implemented).
func leafOf(t *Type) *Node {
	m := &Module{Name: "m", Namespace: "urn:m", Implemented: true}
	other := &Module{Name: "other", Namespace: "urn:other", Implemented: true}
	distant := &Module{Name: "distant", Namespace: "urn:distant"}
	base := &Identity{Module: m, Name: "base"}
	one := &Identity{Module: m, Name: "one", Bases: []*Identity{base}}
	two := &Identity{Module: m, Name: "two", Bases: []*Identity{one}}
	m.Identities = []*Identity{base, one, two}
	other.Identities = []*Identity{
		{Module: other, Name: "three", Bases: []*Identity{base}},
		{Module: other, Name: "loose"},
	}
	distant.Identities = []*Identity{{Module: distant, Name: "far", Bases: []*Identity{base}}}
	if t.Kind == Identityref {
		t.Bases = []*Identity{base}
	}
	for _, u := range t.Members {
		if u.Kind == Identityref {
			u.Bases = []*Identity{base}
		}
	}
	leaf := &Node{Kind: Leaf, Name: "v", Module: m, Type: t}
	key := &Node{Kind: Leaf, Name: "k", Module: m, Type: &Type{Kind: Uint8}}
	second := &Node{Kind: Leaf, Name: "id", Module: m, Type: &Type{Kind: Identityref, Bases: []*Identity{base}}}
	list := &Node{Kind: List, Name: "l", Module: m, Keys: []*Node{key, second}, Children: []*Node{second, key}}
	values := &Node{Kind: LeafList, Name: "ll", Module: m, Type: &Type{Kind: Int8}}
	far := &Node{Kind: Leaf, Name: "added", Module: other, Type: &Type{Kind: String}}
	box := &Node{Kind: Container, Name: "c", Module: m, Children: []*Node{leaf, list, values, far}}
	New(&Node{Kind: Container, Children: []*Node{box}}, []*Module{m, other, distant})
	return leaf
}

func TestParse(t *testing.T) {
	ns := prefixes{"": "m", "o": "other", "x": "m", "d": "distant"}
	mtu := &Type{Kind: Uint16, Ranges: []Range{{68, 9192}}}
	small := &Type{Kind: Int8, Ranges: []Range{{^uint64(4), 0}, {10, 10}}} // -5..0 | 10
	dec := &Type{Kind: Decimal64, FractionDigits: 2, Ranges: []Range{{^uint64(149), 10000}}}
	name := &Type{Kind: String, Lengths: []Length{{2, 4}}, Patterns: []Pattern{
		{Text: "[a-zé]*"},
		{Text: "x.*", Invert: true, ErrorMessage: "no x in front", ErrorAppTag: "no-x"},
	}}
	flags := &Type{Kind: Bits, Bits: []Bit{{"a", 0}, {"b", 1}, {"c", 7}}}
	color := &Type{Kind: Enumeration, Enums: []Enum{{"red", 0}, {"green", 5}}}
	idref := &Type{Kind: Identityref}
	ref := &Type{Kind: Leafref, Target: &Node{Kind: Leaf, Type: &Type{Kind: Leafref, Target: &Node{Kind: Leaf, Type: mtu}}}}
	union := &Type{Kind: Union, Members: []*Type{mtu, {Kind: Identityref}, color, {Kind: Union, Members: []*Type{{Kind: Int64}, name}}}}
	inst := &Type{Kind: InstanceIdentifier}

	for _, c := range []struct {
		typ  *Type
		text string
		want string // canonical form, or a part of the error after "!"
	}{
		{mtu, "1500", "1500"},
		{mtu, "+0001500", "1500"},
		{mtu, "0x5dC", "1500"},
		{mtu, "99999", `!"99999" is not in 68..9192`},
		{mtu, "99999999999999999999999", `! is not in 68..9192`},
		{mtu, "-1", "!not in 68..9192"},
		{mtu, "", "!not an integer"},
		{mtu, " 1500", "!not an integer"},
		{mtu, "- 1", "!not an integer"},
		{mtu, "+-1", "!not an integer"},
		{mtu, "1_500", "!not an integer"},
		{mtu, "0x", "!not an integer"},
		{&Type{Kind: Uint8}, "-0", "0"},
		{&Type{Kind: Uint8}, "256", "!not in 0..255"},
		{&Type{Kind: Uint64}, "18446744073709551615", "18446744073709551615"},
		{&Type{Kind: Int64}, "-9223372036854775808", "-9223372036854775808"},
		{&Type{Kind: Int64}, "-9223372036854775809", "!not in"},
		{&Type{Kind: Int8}, "-0x80", "-128"},
		{&Type{Kind: Int8}, "-129", "!not in -128..127"},
		{&Type{Kind: Int32}, "010", "10"},
		{small, "-5", "-5"},
		{small, "10", "10"},
		{small, "5", "!not in -5..0 | 10"},
		{small, "-6", "!not in -5..0 | 10"},
		{dec, "1", "1.0"},
		{dec, "+01.50", "1.5"},
		{dec, "-1.5000", "-1.5"},
		{dec, "-0", "0.0"},
		{dec, "0.05", "0.05"},
		{dec, "-1.51", "!not in -1.5..100.0"},
		{dec, "100.01", "!not in"},
		{dec, "1.234", "!fraction digits"},
		{dec, "1.", "!not a decimal"},
		{dec, ".5", "!not a decimal"},
		{dec, "1e3", "!not a decimal"},
		{dec, "99999999999999999999", "!not in"},
		{&Type{Kind: Decimal64, FractionDigits: 18}, "-9.223372036854775808", "-9.223372036854775808"},
		{name, "éé", "éé"},
		{name, "ééééé", "!has 5 characters, not 2..4"},
		{name, "é", "!has 1 characters"},
		{name, "AB", "!does not match the pattern [a-zé]*"},
		{name, "xab", "!no x in front"},
		{&Type{Kind: String}, "a\x00b", "!does not allow"},
		{&Type{Kind: String}, "a\xffb", "!does not allow"},
		{&Type{Kind: String}, "\uFFFE", "!does not allow"},
		{&Type{Kind: String}, "tab\tline\nend", "tab\tline\nend"},
		{&Type{Kind: String, Typedef: "ietf-inet-types:ipv6-address"}, "2001:DB8:0:0::01%eth0", "2001:db8::1%eth0"},
		{&Type{Kind: String, Typedef: "ietf-inet-types:ipv6-address-no-zone"}, "::FFFF:1.2.3.4", "::ffff:1.2.3.4"},
		{&Type{Kind: String, Typedef: "ietf-inet-types:ipv6-prefix"}, "2001:DB8::1/32", "2001:db8::/32"},
		{&Type{Kind: String, Typedef: "ietf-inet-types:ipv4-prefix"}, "10.1.2.3/8", "10.0.0.0/8"},
		{&Type{Kind: String, Typedef: "ietf-inet-types:domain-name"}, "Example.ORG", "example.org"},
		{&Type{Kind: String, Typedef: "ietf-yang-types:phys-address"}, "0A:0b:0C", "0a:0b:0c"},
		{&Type{Kind: String, Typedef: "openconfig-inet-types:ipv6-address"}, "2001:DB8::1", "2001:DB8::1"},
		{&Type{Kind: Boolean}, "true", "true"},
		{&Type{Kind: Boolean}, "TRUE", "!neither"},
		{&Type{Kind: Boolean}, "1", "!neither"},
		{color, "green", "green"},
		{color, "blue", "!not one of red, green"},
		{flags, " c\n a ", "a c"},
		{flags, "", ""},
		{flags, "a a", "!twice"},
		{flags, "a d", `!"d" is not one of the bits a, b, c`},
		{&Type{Kind: Binary}, "aGVs\n bG8=", "aGVsbG8="},
		{&Type{Kind: Binary}, "aGVsbG8", "!not base64"},
		{&Type{Kind: Binary}, "aGVsbG9=", "!not base64"}, // bits left over
		{&Type{Kind: Binary, Lengths: []Length{{1, 3}}}, "aGVsbG8=", "!5 octets, not 1..3"},
		{&Type{Kind: Empty}, "", ""},
		{&Type{Kind: Empty}, "x", "!type empty"},
		{idref, "one", "m:one"},
		{idref, "x:two", "m:two"},
		{idref, "o:three", "other:three"},
		{idref, "base", "!not derived from m:base"},
		{idref, "o:loose", "!right would be m:one, m:two, other:three"},
		{idref, "d:far", "!not implemented"},
		{idref, "o:one", "!no identity"},
		{idref, "o:TWO", `!there is no identity "TWO" in other; right would be m:two`},
		{idref, "q:one", "!not declared"},
		{ref, "0x44", "68"},
		{ref, "5", "!not in 68..9192"},
		{union, "100", "100"},
		{union, "7", "7"},
		{union, "two", "m:two"},
		{union, "red", "red"},
		{union, "abc", "abc"},
		{union, "!", "!fits no member of the union"},
		{inst, "/x:c/x:l[x:id='o:three'][x:k='07']/x:k", "/m:c/l[k='7'][id='other:three']/k"},
		{inst, "/x:c/x:ll[.='+5']", "/m:c/ll[.='5']"},
		{inst, "/x:c/o:added", "/m:c/other:added"},
		{inst, "/x:c/x:l", "!no single instance"},
		{inst, "/x:c/x:nothing", "!names no data node"},
		{inst, "/x:c/x:l[x:k='7']", "!names no data node"},
		{inst, "/q:c", "!not declared"},
		{inst, "/", "!no single instance"},
		{inst, "c", "!names no data node"},
	} {
		v, err := leafOf(c.typ).Parse(c.text, ns)
		if wrong, isError := strings.CutPrefix(c.want, "!"); isError {
			var e *fault.Error
			if !errors.As(err, &e) || e.Tag != fault.InvalidValue || !strings.Contains(e.Error(), wrong) {
				t.Errorf("%s %q: error %v, want an invalid-value with %q", c.typ.Kind, c.text, err, wrong)
			}
			continue
		}
		if err != nil || v.Text != c.want {
			t.Errorf("%s %q = %q, %v; want %q", c.typ.Kind, c.text, v.Text, err, c.want)
			continue
		}
		if v.Type.Kind == Union || v.Type.Kind == Leafref {
			t.Errorf("%s %q has the type %s, not that of the value", c.typ.Kind, c.text, v.Type.Kind)
		}
	}
}

func TestParsePatternTags(t *testing.T) {
	leaf := leafOf(&Type{Kind: String, Patterns: []Pattern{{Text: "a", ErrorMessage: "only a", ErrorAppTag: "not-a"}}})
	_, err := leaf.Parse("b", nil)
	var e *fault.Error
	if !errors.As(err, &e) || e.AppTag != "not-a" || e.Message != "only a" {
		t.Errorf("got %#v", err)
	}
}

func TestParseDefaultIsOctal(t *testing.T) {
	leaf := leafOf(&Type{Kind: Int32})
	for text, want := range map[string]string{"052": "42", "-010": "-8", "0": "0", "0xf": "15", "12": "12"} {
		if v, err := leaf.Type.ParseDefault(text, leaf, nil); err != nil || v.Text != want {
			t.Errorf("%s = %q, %v; want %s", text, v.Text, err, want)
		}
	}
	if v, err := leaf.Type.ParseDefault("08", leaf, nil); err == nil {
		t.Errorf("08 = %q, which is not octal", v.Text)
	}
}

// A JSON document's kind of value chooses the member (RFC 7951 §6.10).
func TestParseJSON(t *testing.T) {
	u := func(ts ...TypeKind) *Type {
		out := &Type{Kind: Union}
		for _, k := range ts {
			out.Members = append(out.Members, &Type{Kind: k})
		}
		return out
	}
	for _, c := range []struct {
		typ  *Type
		kind JSONKind
		text string
		want TypeKind // 0: refused
	}{
		{u(Uint8, String), JSONNumber, "5", Uint8},
		{u(Uint8, String), JSONString, "5", String},
		{u(String, Uint8), JSONNumber, "5", Uint8},
		{u(Uint64, Uint8), JSONString, "5", Uint64},
		{u(Uint64, Uint8), JSONNumber, "5", Uint8},
		{u(Boolean, String), JSONBool, "true", Boolean},
		{u(Boolean, String), JSONString, "true", String},
		{u(Empty, Int8), JSONEmpty, "", Empty},
		{u(Empty, String), JSONString, "", String},
		{u(Int8, Int16), JSONBool, "true", 0},
		{&Type{Kind: Uint64}, JSONNumber, "5", 0},
		{&Type{Kind: Uint32}, JSONString, "5", 0},
		{&Type{Kind: Uint32}, JSONNumber, "0x5", 0},
		{&Type{Kind: Uint32}, JSONNumber, "5e0", 0},
		{&Type{Kind: Boolean}, JSONString, "true", 0},
		{&Type{Kind: Empty}, JSONBool, "true", 0},
		{&Type{Kind: Leafref, Target: &Node{Kind: Leaf, Type: &Type{Kind: Int8}}}, JSONNumber, "-5", Int8},
	} {
		n := leafOf(c.typ)
		v, err := n.ParseJSON(c.kind, c.text, n.Module.schema.ModuleNames())
		switch {
		case c.want == 0 && err == nil:
			t.Errorf("%s %s %q = %q, want an error", c.typ.Kind, c.kind, c.text, v.Text)
		case c.want != 0 && err != nil:
			t.Errorf("%s %s %q: %v", c.typ.Kind, c.kind, c.text, err)
		case c.want != 0 && v.Type.Kind != c.want:
			t.Errorf("%s %s %q is %s, want %s", c.typ.Kind, c.kind, c.text, v.Type.Kind, c.want)
		}
	}
}

func TestValueAccessors(t *testing.T) {
	enum := &Type{Kind: Enumeration, Enums: []Enum{{"a", -3}, {"b", 9}}}
	for _, c := range []struct {
		v Value
		i int64
		u uint64
		f float64
		b bool
	}{
		{Value{&Type{Kind: Int8}, "-5"}, -5, 0, -5, false},
		{Value{&Type{Kind: Uint64}, "18446744073709551615"}, 1<<63 - 1, 1<<64 - 1, 1 << 64, false},
		{Value{&Type{Kind: Decimal64, FractionDigits: 1}, "1.5"}, 0, 0, 1.5, false},
		{Value{enum, "a"}, -3, 0, 0, false},
		{Value{&Type{Kind: Boolean}, "true"}, 0, 0, 0, true},
		{Value{&Type{Kind: String}, "true"}, 0, 0, 0, false},
		{Value{}, 0, 0, 0, false},
	} {
		if c.v.Int() != c.i || c.v.Uint() != c.u || c.v.Float() != c.f || c.v.Bool() != c.b {
			t.Errorf("%v: %d %d %g %t", c.v, c.v.Int(), c.v.Uint(), c.v.Float(), c.v.Bool())
		}
	}
	if m, n := (Value{&Type{Kind: Identityref}, "m:one"}).Identity(); m != "m" || n != "one" {
		t.Errorf("identity %q %q", m, n)
	}
}

// Whatever is parsed is canonical: parsing it again changes nothing.
func FuzzParse(f *testing.F) {
	types := []*Type{
		{Kind: Int8}, {Kind: Int64}, {Kind: Uint16, Ranges: []Range{{68, 9192}}}, {Kind: Uint64},
		{Kind: Decimal64, FractionDigits: 4}, {Kind: String, Lengths: []Length{{0, 10}}},
		{Kind: Boolean}, {Kind: Enumeration, Enums: []Enum{{"x", 1}}},
		{Kind: Bits, Bits: []Bit{{"a", 0}, {"b", 1}}}, {Kind: Binary}, {Kind: Empty},
		{Kind: Identityref}, {Kind: InstanceIdentifier},
		{Kind: Union, Members: []*Type{{Kind: Uint8}, {Kind: Identityref}, {Kind: Binary}, {Kind: String}}},
	}
	leafs := make([]*Node, len(types))
	for i, t := range types {
		leafs[i] = leafOf(t)
	}
	f.Fuzz(func(t *testing.T, which, kind uint8, text string) {
		n := leafs[int(which)%len(leafs)]
		names := n.Module.schema.ModuleNames()
		v, err := n.ParseJSON(JSONKind(kind%5), text, names)
		if err != nil {
			return
		}
		// A union in JSON tells a string of digits from a number; so the second
		// reading has to be given what the first one found.
		again, err := n.ParseJSON(v.Type.JSONKind(), v.Text, names)
		if err != nil || again.Text != v.Text {
			t.Fatalf("%q is %q, and that is %q, %v", text, v.Text, again.Text, err)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	ipv4 := `(([0-9]|[1-9][0-9]|1[0-9][0-9]|2[0-4][0-9]|25[0-5])\.){3}([0-9]|[1-9][0-9]|1[0-9][0-9]|2[0-4][0-9]|25[0-5])`
	for _, c := range []struct {
		name, text string
		typ        *Type
	}{
		{"uint16", "1500", &Type{Kind: Uint16, Ranges: []Range{{68, 9192}}}},
		{"string", "GigabitEthernet0/0/1", &Type{Kind: String}},
		{"pattern", "192.168.100.200", &Type{Kind: String, Patterns: []Pattern{{Text: ipv4}}}},
		{"identityref", "m:two", &Type{Kind: Identityref}},
		{"union", "192.168.100.200", &Type{Kind: Union, Members: []*Type{{Kind: Uint8}, {Kind: String, Patterns: []Pattern{{Text: ipv4}}}}}},
	} {
		b.Run(c.name, func(b *testing.B) {
			n := leafOf(c.typ)
			names := n.Module.schema.ModuleNames()
			b.ReportAllocs()
			for b.Loop() {
				if _, err := n.Parse(c.text, names); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
