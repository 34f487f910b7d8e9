package netconf

import (
	"fmt"
	"strings"
	"testing"
)

// Case 17: filters.
func TestSubtreeFilter(t *testing.T) {
	f := newFixture(t)
	w := f.open()
	eth0 := "<interface><name>eth0</name><mtu>9000</mtu><description>d</description><tag>t1</tag><tag>t2</tag>" +
		`<mtu xmlns="urn:b">7</mtu><color xmlns="urn:b">red</color></interface>`
	eth1 := "<interface><name>eth1</name><description>d</description></interface>"
	topA, topB := `<top xmlns="urn:a"><x>1</x></top>`, `<top xmlns="urn:b"><y>2</y></top>`
	users := `<users xmlns="urn:a"><user><first>z</first><last>1</last><age>3</age></user><user><first>a</first><last>1</last></user></users>`
	w.ok(edit("running", interfaces(eth0+eth1)+topA+topB+users))
	all := interfaces(eth0+eth1) + topA + users + topB
	w.is(getConfig("running", ""), data(all))

	in := func(s string) string { return `<interfaces xmlns="urn:a">` + s + "</interfaces>" }
	tests := []struct{ name, filter, want string }{
		{"empty", " ", ""},
		{"comment only", "<!-- x -->", ""},
		{"selection", `<interfaces xmlns="urn:a"/>`, in(eth0 + eth1)},
		{"selection, white space", "<interfaces xmlns=\"urn:a\">\n  </interfaces>", in(eth0 + eth1)},
		{"list", in("<interface/>"), in(eth0 + eth1)},
		{"leaf", in("<interface><mtu/></interface>"), in(eth(0, "<mtu>9000</mtu>"))},
		{"keys", in("<interface><name/></interface>"), in(eth(0, "") + eth(1, ""))},
		{"leaf of another module", in(`<interface><color xmlns="urn:b"/></interface>`), in(eth(0, `<color xmlns="urn:b">red</color>`))},
		{"two leafs in any order", in("<interface><description/><mtu/></interface>"), in(eth(0, "<mtu>9000</mtu><description>d</description>") + eth1)},
		{"content match", in("<interface><name>eth0</name></interface>"), in(eth0)},
		{"content match, white space", in("<interface><name>\n eth0 </name></interface>"), in(eth0)},
		{"content match on what is absent", in("<interface><name>eth9</name></interface>"), ""},
		{"content match on no key", in("<interface><description>d</description></interface>"), in(eth0 + eth1)},
		{"two content matches", in("<interface><description>d</description><mtu>9000</mtu></interface>"), in(eth0)},
		{"contradicting content matches", in("<interface><name>eth0</name><name>eth1</name></interface>"), ""},
		{"content match with selection", in("<interface><name>eth0</name><mtu/></interface>"), in(eth(0, "<mtu>9000</mtu>"))},
		{"content match with selection of nothing", in("<interface><name>eth1</name><mtu/></interface>"), in(eth(1, ""))},
		{"content match on no key with selection", in("<interface><description>d</description><mtu/></interface>"),
			in(eth(0, "<mtu>9000</mtu><description>d</description>") + eth1)},
		{"content match in a leaf-list", in("<interface><tag>t2</tag><name/></interface>"), in(eth(0, "<tag>t2</tag>"))},
		{"value that the type does not have", in("<interface><mtu>many</mtu></interface>"), ""},
		{"two instances", in("<interface><name>eth0</name><mtu/></interface><interface><name>eth1</name></interface>"), in(eth(0, "<mtu>9000</mtu>") + eth1)},
		{"the same instance twice", in("<interface><name>eth0</name><mtu/></interface><interface><name>eth0</name><tag/></interface>"),
			in(eth(0, "<mtu>9000</mtu><tag>t1</tag><tag>t2</tag>"))},
		{"keyed and unkeyed", in("<interface><name>eth0</name><tag/></interface><interface><description/></interface>"),
			in(eth(0, "<description>d</description><tag>t1</tag><tag>t2</tag>") + eth1)},
		{"unknown element", in("<interface><bogus/></interface>"), ""},
		{"unknown namespace", `<interfaces xmlns="urn:nowhere"/>`, ""},
		{"namespace of the protocol", `<interfaces/>`, ""},
		{"unknown content match", in("<interface><bogus>1</bogus><mtu/></interface>"), ""},
		{"containment below a leaf", in("<interface><mtu><x/></mtu></interface>"), ""},
		{"text in a container", `<interfaces xmlns="urn:a">x</interfaces>`, ""},
		{"namespace wildcard", `<top xmlns=""/>`, topA + topB},
		{"namespace wildcard below", in(`<interface><name>eth0</name><mtu xmlns=""/></interface>`), in(eth(0, `<mtu>9000</mtu><mtu xmlns="urn:b">7</mtu>`))},
		{"namespace wildcard, content match", in(`<interface><name/><mtu xmlns="">7</mtu></interface>`), in(eth(0, `<mtu xmlns="urn:b">7</mtu>`))},
		{"attribute match", in(`<interface color="red"/>`), ""},
		{"attribute match beside another", in(`<interface color="red"/><interface><name>eth1</name></interface>`), in(eth1)},
		{"two top level nodes", `<top xmlns="urn:b"/><top xmlns="urn:a"/>`, topA + topB},
		{"prefixes", `<p:interfaces xmlns:p="urn:a"><p:interface><p:name>eth1</p:name></p:interface></p:interfaces>`, in(eth1)},
		{"user order is kept", `<users xmlns="urn:a"><user><first>a</first><last>1</last></user><user><first>z</first><last>1</last><age/></user></users>`, users},
		{"part of a key", `<users xmlns="urn:a"><user><first>a</first></user></users>`, `<users xmlns="urn:a"><user><first>a</first><last>1</last></user></users>`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w.t = t
			w.is(getConfig("running", tt.filter), data(tt.want))
			w.is("<get><filter type=\"subtree\">"+tt.filter+"</filter></get>", data(tt.want))
		})
	}
	t.Run("bad type", func(t *testing.T) {
		w.t = t
		w.fails(`<get><filter type="regexp"/></get>`, tag("bad-attribute"), "<bad-attribute>type</bad-attribute>")
	})
}

func TestXPathFilter(t *testing.T) {
	f := newFixture(t)
	w := f.open()
	w.ok(edit("running", interfaces(eth(0, "<mtu>9000</mtu><tag>x</tag><tag>y</tag>")+eth(1, ""))+`<top xmlns="urn:b"><y>2</y></top>`))
	in := func(s string) string { return data(interfaces(s)) }
	get := func(expr string) string {
		return `<get-config><source><running/></source><filter type="xpath" xmlns:p="urn:a" xmlns:q="urn:b" select="` + expr + `"/></get-config>`
	}
	tests := []struct{ name, expr, want string }{
		{"all", "/p:interfaces", in(eth(0, "<mtu>9000</mtu><tag>x</tag><tag>y</tag>") + eth(1, ""))},
		{"an entry", "/p:interfaces/p:interface[p:name='eth1']", in(eth(1, ""))},
		{"a leaf", "/p:interfaces/p:interface[p:name='eth0']/p:mtu", in(eth(0, "<mtu>9000</mtu>"))},
		{"a value", "/p:interfaces/p:interface/p:tag[.='y']", in(eth(0, "<tag>y</tag>"))},
		{"a union", "/q:top | /p:interfaces/p:interface[p:mtu > 8000]/p:mtu", data(interfaces(eth(0, "<mtu>9000</mtu>")) + `<top xmlns="urn:b"><y>2</y></top>`)},
		{"descendants", "//p:name", in(eth(0, "") + eth(1, ""))},
		{"nothing", "/p:interfaces/p:interface[p:name='eth7']", data("")},
		{"no prefix", "/interfaces/interface[name='eth1']", in(eth(1, ""))},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w.t = t
			w.is(get(tt.expr), tt.want)
		})
	}
	w.t = t
	w.fails(get("/zz:interfaces"), "<rpc-error>", "zz")
	w.fails(get("/p:interfaces["), "<rpc-error>")
	w.fails(`<get><filter type="xpath"/></get>`, tag("missing-attribute"), "<bad-attribute>select</bad-attribute>")
}

// TestGetState checks that get has configuration and state, and get-config not.
func TestGetState(t *testing.T) {
	f := newFixture(t)
	w := f.open()
	w.ok(edit("running", interfaces(eth(0, "<mtu>9000</mtu>"))))
	f.agent.Publish(update(f.state("/a:interfaces/interface[name='eth0']/oper", "up"), f.state("/a:interfaces/interface[name='eth5']/oper", "down")))
	filter := `<filter><interfaces xmlns="urn:a"/></filter>`
	w.is("<get>"+filter+"</get>", data(interfaces(eth(0, "<mtu>9000</mtu><oper>up</oper>")+eth(5, "<oper>down</oper>"))))
	w.is(getConfig("running", `<interfaces xmlns="urn:a"/>`), data(interfaces(eth(0, "<mtu>9000</mtu>"))))
}

// Case 19: with-defaults.
func TestWithDefaults(t *testing.T) {
	f := newFixture(t)
	w := f.open()
	w.ok(edit("running", interfaces(eth(0, "<mtu>1500</mtu><enabled>false</enabled>"))))
	get := func(mode string) string {
		return `<get-config><source><running/></source><filter><interfaces xmlns="urn:a"/></filter><with-defaults xmlns="` + withDefaultsNamespace + `">` + mode + "</with-defaults></get-config>"
	}
	w.is(get("explicit"), data(interfaces(eth(0, "<mtu>1500</mtu><enabled>false</enabled>"))))
	w.is(get("trim"), data(interfaces(eth(0, "<enabled>false</enabled>"))))
	w.ok(edit("running", interfaces(eth(0, `<mtu nc:operation="delete"/>`))))
	w.is(get("explicit"), data(interfaces(eth(0, "<enabled>false</enabled>"))))
	w.is(get("report-all"), data(interfaces(eth(0, "<mtu>1500</mtu><enabled>false</enabled>"))))
	w.is(get("report-all-tagged"), data(interfaces(eth(0,
		`<mtu xmlns:wd="urn:ietf:params:xml:ns:netconf:default:1.0" wd:default="true">1500</mtu><enabled>false</enabled>`))))
	w.fails(get("some"), tag("invalid-value"))
	selected := strings.Replace(get("report-all"), `<interfaces xmlns="urn:a"/>`, interfaces("<interface><mtu/></interface>"), 1)
	w.is(selected, data(interfaces(eth(0, "<mtu>1500</mtu>"))))
}

// TestFilterHitsIndex makes sure that keyed filters do not search the list: a
// filter naming many entries of a large list takes one look-up each.
func TestFilterHitsIndex(t *testing.T) {
	f := newFixture(t)
	w := f.open()
	var config, filter strings.Builder
	const n = 20000
	for i := range n {
		config.WriteString(eth(i, ""))
		if i%2 == 0 {
			filter.WriteString(eth(i, ""))
		}
	}
	w.ok(edit("running", interfaces(config.String())))
	got := w.rpc(getConfig("running", interfaces(filter.String())))
	if c := strings.Count(got, "<interface>"); c != n/2 {
		t.Fatalf("%d interfaces; want %d", c, n/2)
	}
	if !strings.Contains(got, fmt.Sprintf("<name>eth%d</name>", n-2)) {
		t.Fatal("the last one is missing")
	}
}
