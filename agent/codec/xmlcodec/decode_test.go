package xmlcodec_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent/codec"
	"github.com/outrigger-cnf/outrigger/agent/codec/xmlcodec"
	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/agent/tree/treetest"
	"github.com/outrigger-cnf/outrigger/yang/compile/compiletest"
)

func TestDecodeErrors(t *testing.T) {
	s := compiletest.Schema(t, treetest.Modules()...)
	entry := func(in string) string {
		return `<interfaces xmlns="urn:base"><interface><name>eth0</name>` + in + `</interface></interfaces>`
	}
	const at = "/base:interfaces/interface[name='eth0']"
	for _, c := range []struct {
		doc, path string
		tag       fault.Tag
		message   string
	}{
		{`<interfaces/>`, "/", fault.UnknownNamespace, "its namespace is urn:base"},
		{`<interfaces xmlns="urn:none"/>`, "/", fault.UnknownNamespace, `"urn:none"`},
		{`<nothing xmlns="urn:base"/>`, "/", fault.UnknownElement, "expected is one of interfaces"},
		{entry(`<speed xmlns="urn:more">1</speed>`), at, fault.UnknownElement, "<speed>"},
		{entry(`<config><speed>1</speed></config>`), at + "/config", fault.UnknownElement, "namespace urn:more"},
		{entry(`<config><mtu>12</mtu></config>`), at + "/config/mtu", fault.InvalidValue, "68..9192"},
		{entry(`<config><mtu> 1500 </mtu></config>`), at + "/config/mtu", fault.InvalidValue, "not an integer"},
		{entry(`<config><mtu><x/></mtu></config>`), at + "/config/mtu", fault.UnknownElement, "only text"},
		{entry(`<config>text</config>`), at + "/config", fault.BadElement, "has elements only"},
		{entry(`<config><mtu>1500</mtu><mtu>1500</mtu></config>`), at + "/config", fault.BadElement, "twice"},
		{entry(`<config/><config/>`), "/", "", ""}, // two empty containers are none
		{entry(`<config operation="delete"/>`), at + "/config", fault.UnknownAttribute, "operation"},
		{entry(`<config xml:lang="en" xmlns:x="y"/>`), "/", "", ""},
		{entry(`<name>eth1</name>`), "/base:interfaces/interface[name='eth0']", fault.BadElement, "twice"},
		{`<interfaces xmlns="urn:base"><interface><config/></interface></interfaces>`, "/base:interfaces/interface", fault.MissingElement, `"name"`},
		{`<interfaces xmlns="urn:base"><interface><name>a</name></interface><interface><name>a</name></interface></interfaces>`,
			"/base:interfaces/interface", fault.BadElement, "same keys"},
		{entry(`<config><type>dog</type></config>`), "/", "", ""},
		{entry(`<config><type>cat</type></config>`), at + "/config/type", fault.InvalidValue, "more:cat"},
		{entry(`<config><type xmlns:q="urn:more">q:cat</type></config>`), "/", "", ""},
		{entry(`<config><type>q:cat</type></config>`), at + "/config/type", fault.InvalidValue, "not declared"},
		{`<box xmlns="urn:base"><speed>1</speed><delay>1</delay></box>`, "/base:box", fault.BadElement, "different cases"},
		{`<types xmlns="urn:base"><numbers>1</numbers><numbers>1</numbers></types>`, "/base:types/numbers", fault.InvalidValue, "twice"},
		{`<types xmlns="urn:base"><any>text</any></types>`, "/base:types/any", fault.BadElement, "anydata"},
		{`<types xmlns="urn:base"><any><a/>text</any></types>`, "/base:types/any", fault.BadElement, "beside each other"},
		{`<types xmlns="urn:base"><any>`, "/", fault.MalformedMessage, "line 1"},
	} {
		n, _, err := decode(s, []byte("<data>"+c.doc+"</data>"), xmlcodec.DecodeOptions{})
		if c.tag == "" {
			if err != nil {
				t.Errorf("%s: %v", c.doc, err)
			}
			continue
		}
		f, ok := errors.AsType[*fault.Error](err)
		if !ok || f.Tag != c.tag || f.Path.String() != c.path || !strings.Contains(f.Message, c.message) {
			t.Errorf("%s: %v, %#v", c.doc, n, err)
		}
	}
}

// TestInterleaved reads entries and values that do not stand together.
func TestInterleaved(t *testing.T) {
	s := compiletest.Schema(t, treetest.Modules()...)
	n, _, err := decode(s, []byte(`<data xmlns="urn:base" xmlns:b="urn:base"><types><texts>b</texts><i8>+007</i8><texts>a</texts></types>
		<b:rule><id>1</id><group>dog</group></b:rule><box/><rule><group xmlns:m="urn:more">m:cat</group><id>0x1</id></rule></data>`), xmlcodec.DecodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	got := string(xmlcodec.AppendChildren(nil, n, s.Module("base"), xmlcodec.Options{}))
	const want = `<types><i8>7</i8><texts>b</texts><texts>a</texts></types>` +
		`<rule><group xmlns:b="urn:base">b:dog</group><id>1</id></rule><rule><group xmlns:m="urn:more">m:cat</group><id>1</id></rule><box/>`
	if got != want {
		t.Errorf("got %s", got)
	}
}

func TestPieces(t *testing.T) {
	s := compiletest.Schema(t, treetest.Modules()...)
	doc := `<config xmlns="urn:base" xmlns:nc="urn:nc">
	<interfaces>
		<interface nc:operation="delete"><name>eth0</name><config><nonsense/></config></interface>
		<interface><config><mtu nc:operation="delete"/><enabled>true</enabled></config><name>eth1</name></interface>
		<interface nc:operation="replace"><name>eth2</name><config nc:operation="remove"/></interface>
	</interfaces>
	<types><texts xmlns:x="y" nc:operation="create" place="first">a</texts><texts nc:operation="delete">b</texts><texts>c</texts></types>
	<box nc:operation="create"><turbo nc:operation="merge"/></box>
	</config>`
	hook := func(_ *schema.Node, e *xmlcodec.Element) (xmlcodec.Action, error) {
		switch op, _ := e.Attr("urn:nc", "operation"); op {
		case "delete", "remove":
			return xmlcodec.CutName, nil
		}
		return xmlcodec.Cut, nil
	}
	n, pieces, err := decode(s, []byte(doc), xmlcodec.DecodeOptions{Hook: hook})
	if err != nil {
		t.Fatal(err)
	}
	rest := string(xmlcodec.AppendChildren(nil, n, s.Module("base"), xmlcodec.Options{}))
	if want := `<interfaces><interface><name>eth1</name><config><enabled>true</enabled></config></interface></interfaces>`; rest != want {
		t.Errorf("the rest is %s", rest)
	}
	var got []string
	for _, p := range pieces {
		op := "follows" // in a user-ordered list, on an entry that was cut out
		if len(p.Attrs) > 0 {
			op = p.Attrs[len(p.Attrs)-1].Value
		}
		text := "-"
		if p.Node != nil {
			text = string(xmlcodec.AppendNode(nil, p.Node, s.Module("base"), xmlcodec.Options{}))
		}
		got = append(got, fmt.Sprintf("%s %s %s", op, p.Path, text))
	}
	want := []string{
		"delete /base:interfaces/interface[name='eth0'] -",
		"delete /base:interfaces/interface[name='eth1']/config/mtu -",
		"replace /base:interfaces/interface[name='eth2'] <interface><name>eth2</name></interface>",
		"remove /base:interfaces/interface[name='eth2']/config -",
		"first /base:types/texts[.='a'] <texts>a</texts>",
		"delete /base:types/texts[.='b'] -",
		"follows /base:types/texts[.='c'] <texts>c</texts>",
		"create /base:box <box/>",
		"merge /base:box/turbo -",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
	if p := pieces[4]; p.Scope["x"] != "y" || p.Scope[""] != "urn:base" || p.Scope["nc"] != "urn:nc" {
		t.Errorf("scope %v", p.Scope)
	}
}

func TestViews(t *testing.T) {
	s := compiletest.Schema(t, treetest.Modules()...)
	n, _, err := decode(s, []byte(`<data><interfaces xmlns="urn:base"><interface><name>a</name><config><mtu>1500</mtu></config></interface>
		<interface><name>b</name><config><mtu>9000</mtu><speed xmlns="urn:more">1</speed></config><state><counter>18446744073709551615</counter></state></interface></interfaces><box xmlns="urn:base"/></data>`), xmlcodec.DecodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	const tag = ` xmlns:wd="urn:ietf:params:xml:ns:netconf:default:1.0" wd:default="true"`
	a := n.Child(s.Root.Child("", "interfaces")).Child(s.Root.Child("", "interfaces").Child("", "interface")).Entry("a")
	for _, c := range []struct {
		node *tree.Node
		o    xmlcodec.Options
		want string
	}{
		{n, xmlcodec.Options{Content: codec.Config},
			`<interfaces><interface><name>a</name><config><mtu>1500</mtu></config></interface><interface><name>b</name><config><mtu>9000</mtu><speed xmlns="urn:more">1</speed></config></interface></interfaces><box/>`},
		{n, xmlcodec.Options{Content: codec.State}, `<interfaces><interface><name>b</name><state><counter>18446744073709551615</counter></state></interface></interfaces>`},
		{n, xmlcodec.Options{Defaults: codec.Trim, Content: codec.Config},
			`<interfaces><interface><name>a</name></interface><interface><name>b</name><config><mtu>9000</mtu><speed xmlns="urn:more">1</speed></config></interface></interfaces><box/>`},
		{a, xmlcodec.Options{Defaults: codec.ReportAll}, `<name>a</name><config><mtu>1500</mtu><enabled>true</enabled><speed xmlns="urn:more">1000</speed></config>`},
		{a, xmlcodec.Options{Defaults: codec.ReportAllTagged},
			`<name>a</name><config><mtu>1500</mtu><enabled` + tag + `>true</enabled><speed xmlns="urn:more"` + tag + `>1000</speed></config>`},
		{n, xmlcodec.Options{Filter: func(d *schema.Node) bool { return d.Name == "speed" }, Content: codec.Config},
			`<interfaces><interface><name>a</name></interface><interface><name>b</name><config><speed xmlns="urn:more">1</speed></config></interface></interfaces><box/>`},
	} {
		if got := string(xmlcodec.AppendChildren(nil, c.node, s.Module("base"), c.o)); got != c.want {
			t.Errorf("%+v: got\n%s\nwant\n%s", c.o, got, c.want)
		}
	}
}

// FuzzDecode reads what may be data.
func FuzzDecode(f *testing.F) {
	s := compiletest.Schema(f, treetest.Modules()...)
	f.Add([]byte(`<data xmlns="urn:base"><interfaces><interface><name>a</name><config><type>dog</type></config></interface></interfaces><types><any><a/></any></types></data>`))
	f.Add([]byte(`<data xmlns="urn:base"><rule x="y"><id>1</id><group>dog</group></rule><types><pointer xmlns:b="urn:base">/b:rule[b:group='b:dog'][b:id='1']</pointer></types></data>`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		cut := func(_ *schema.Node, e *xmlcodec.Element) (xmlcodec.Action, error) {
			return xmlcodec.Action(len(e.Attrs[0].Value) % 3), nil
		}
		n, _, err := decode(s, doc, xmlcodec.DecodeOptions{Hook: cut})
		if err != nil {
			if _, ok := errors.AsType[*fault.Error](err); !ok {
				t.Fatalf("%v is no fault", err)
			}
			return
		}
		again, _, err := decode(s, encode(n, xmlcodec.Options{}), xmlcodec.DecodeOptions{})
		if err != nil {
			t.Fatalf("%v\n%s", err, encode(n, xmlcodec.Options{}))
		}
		for c := range tree.DiffNodes(nil, n, again) {
			t.Fatalf("%s differs\n%s", c.Path, encode(n, xmlcodec.Options{}))
		}
	})
}
