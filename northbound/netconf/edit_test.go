package netconf

import (
	"strings"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent"
)

// Case 11 and what else is wrong with data.
func TestEditErrors(t *testing.T) {
	f := newFixture(t)
	tests := []struct {
		name, config string
		want         []string
	}{
		{"unknown namespace", `<x xmlns="urn:x"/>`, []string{tag("unknown-namespace"), "<bad-element>x</bad-element>", "<bad-namespace>urn:x</bad-namespace>"}},
		{"unknown namespace below", interfaces(eth(0, `<x xmlns="urn:x"/>`)), []string{tag("unknown-namespace"), "<bad-namespace>urn:x</bad-namespace>",
			`<error-path xmlns:a="urn:a">/a:interfaces/a:interface[a:name='eth0']</error-path>`}},
		{"unknown element", interfaces(eth(0, `<x/>`)), []string{tag("unknown-element"), "<bad-element>x</bad-element>",
			`<error-path xmlns:a="urn:a">/a:interfaces/a:interface[a:name='eth0']</error-path>`, "<error-type>application</error-type>"}},
		{"unknown element at the top", `<x xmlns="urn:a"/>`, []string{tag("unknown-element"), "<bad-element>x</bad-element>"}},
		{"right name, wrong module", interfaces(eth(0, `<color>red</color>`)), []string{tag("unknown-element"), "<bad-element>color</bad-element>"}},
		{"no namespace", `<interfaces xmlns=""/>`, []string{tag("unknown-namespace"), "<bad-element>interfaces</bad-element>"}},
		{"value out of range", interfaces(eth(0, `<mtu>1</mtu>`)), []string{tag("invalid-value"),
			`<error-path xmlns:a="urn:a">/a:interfaces/a:interface[a:name='eth0']/a:mtu</error-path>`}},
		{"value of the other module", interfaces(eth(0, `<mtu xmlns="urn:b">300</mtu>`)), []string{tag("invalid-value"),
			`<error-path xmlns:a="urn:a" xmlns:b="urn:b">/a:interfaces/a:interface[a:name='eth0']/b:mtu</error-path>`}},
		{"pattern", interfaces("<interface><name>ETH</name></interface>"), []string{tag("invalid-value")}},
		{"key missing", interfaces("<interface><mtu>1500</mtu></interface>"), []string{tag("missing-element"), "<bad-element>name</bad-element>"}},
		{"key missing in delete", interfaces(`<interface nc:operation="delete"/>`), []string{tag("missing-element"), "<bad-element>name</bad-element>"}},
		{"entry twice", interfaces(eth(0, "") + eth(0, "")), []string{"<rpc-error>"}},
		{"leaf twice", interfaces(eth(0, "<mtu>1500</mtu><mtu>1600</mtu>")), []string{tag("bad-element"), "<bad-element>mtu</bad-element>"}},
		{"state", interfaces(eth(0, "<oper>up</oper>")), []string{tag("invalid-value"), "<bad-element>oper</bad-element>"}},
		{"text in a container", interfaces("text"), []string{"<rpc-error>"}},
		{"element in a leaf", interfaces(eth(0, "<mtu><x/></mtu>")), []string{"<rpc-error>"}},
		{"bad operation", interfaces(`<interface nc:operation="move"/>`), []string{tag("bad-attribute"), "<bad-attribute>operation</bad-attribute>", "<bad-element>interface</bad-element>"}},
		{"unknown attribute", interfaces(`<interface color="red"><name>eth0</name></interface>`), []string{tag("unknown-attribute"), "<bad-attribute>color</bad-attribute>"}},
		{"insert in a sorted list", interfaces(`<interface yang:insert="first"><name>eth0</name></interface>`), []string{tag("bad-attribute"), "<bad-attribute>insert</bad-attribute>"}},
		{"operation on a key", interfaces(`<interface><name nc:operation="delete">eth0</name></interface>`), []string{tag("bad-attribute")}},
		{"undeclared identity prefix", interfaces(eth(0, "<kind>zz:ether</kind>")), []string{tag("invalid-value")}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := f.open()
			w.fails(edit("running", tt.config), tt.want...)
			w.fails(edit("candidate", tt.config), tt.want...)
			w.is(getConfig("running", ""), data(""))
		})
	}
}

// Cases 12, 13 and 15: the operations.
func TestEditOperations(t *testing.T) {
	const start = `<interface><name>eth0</name><mtu>1500</mtu><description>d</description></interface><interface><name>eth1</name></interface>`
	none := "<default-operation>none</default-operation>"
	replace := "<default-operation>replace</default-operation>"
	op := func(op string) string { return ` nc:operation="` + op + `"` }
	tests := []struct {
		name, options, config string
		want                  string   // the interfaces afterwards; "" for as at the start
		fails                 []string // or what the error has
	}{
		{name: "merge", config: eth(0, "<mtu>9000</mtu>") + eth(2, ""),
			want: `<interface><name>eth0</name><mtu>9000</mtu><description>d</description></interface>` + eth(1, "") + eth(2, "")},
		{name: "replace an entry", config: `<interface` + op("replace") + `><name>eth0</name><mtu>9000</mtu></interface>`,
			want: eth(0, "<mtu>9000</mtu>") + eth(1, "")},
		{name: "replace by default", options: replace, config: eth(3, ""), want: eth(3, "")},
		{name: "create", config: `<interface` + op("create") + `><name>eth2</name></interface>`,
			want: start + eth(2, "")},
		{name: "create what exists", config: `<interface` + op("create") + `><name>eth1</name></interface>`,
			fails: []string{tag("data-exists"), `[a:name='eth1']</error-path>`}},
		{name: "create an explicit default", config: eth(0, "<mtu"+op("create")+">1500</mtu>"), fails: []string{tag("data-exists")}},
		{name: "create where a default is in use", config: eth(1, "<mtu"+op("create")+">1500</mtu>"),
			want: `<interface><name>eth0</name><mtu>1500</mtu><description>d</description></interface>` + eth(1, "<mtu>1500</mtu>")},
		{name: "delete", config: `<interface` + op("delete") + `><name>eth0</name></interface>`, want: eth(1, "")},
		{name: "delete what is absent", config: `<interface` + op("delete") + `><name>eth9</name></interface>`,
			fails: []string{tag("data-missing"), `[a:name='eth9']</error-path>`}},
		{name: "delete a default in use", config: eth(1, "<mtu"+op("delete")+"/>"), fails: []string{tag("data-missing")}},
		{name: "remove what is absent", config: `<interface` + op("remove") + `><name>eth9</name></interface>`},
		{name: "remove", config: eth(0, "<mtu"+op("remove")+"/>"),
			want: eth(0, "<description>d</description>") + eth(1, "")},
		{name: "operation without prefix", config: `<interface operation="delete"><name>eth0</name></interface>`, want: eth(1, "")},
		{name: "operation before the key", config: `<interface><mtu` + op("replace") + `>9000</mtu><name>eth1</name></interface>`,
			want: `<interface><name>eth0</name><mtu>1500</mtu><description>d</description></interface>` + eth(1, "<mtu>9000</mtu>")},
		{name: "nested: entry made, leaf created", config: eth(5, "<mtu"+op("create")+">100</mtu>"), want: start + eth(5, "<mtu>100</mtu>")},
		{name: "none touches nothing", options: none, config: eth(0, "<mtu>1600</mtu>")},
		{name: "none, operation below", options: none, config: eth(0, "<mtu"+op("merge")+">1600</mtu>"),
			want: `<interface><name>eth0</name><mtu>1600</mtu><description>d</description></interface>` + eth(1, "")},
		{name: "none, parent missing", options: none, config: eth(7, "<mtu"+op("merge")+">1600</mtu>"),
			fails: []string{tag("data-missing"), `[a:name='eth7']</error-path>`}},
		{name: "none, leaf missing", options: none, config: eth(1, "<mtu>1600</mtu>"), fails: []string{tag("data-missing"), "/a:mtu</error-path>"}},
		{name: "none, delete", options: none, config: eth(0, "<mtu"+op("delete")+"/>"),
			want: eth(0, "<description>d</description>") + eth(1, "")},
		{name: "none, create", options: none, config: `<interface` + op("create") + `><name>eth2</name></interface>`, want: start + eth(2, "")},
		{name: "replace with a deletion inside", config: `<interface` + op("replace") + `><name>eth0</name><description` + op("delete") + `/><mtu>9000</mtu></interface>`,
			want: eth(0, "<mtu>9000</mtu>") + eth(1, "")},
		{name: "replace with a deletion of nothing inside", config: `<interface` + op("replace") + `><name>eth1</name><description` + op("delete") + `/></interface>`,
			fails: []string{tag("data-missing")}},
		{name: "replace with a creation of what is there", options: replace, config: `<interface` + op("create") + `><name>eth0</name></interface>`,
			fails: []string{tag("data-exists")}},
		{name: "replace with a creation", options: replace, config: `<interface` + op("create") + `><name>eth8</name><mtu>100</mtu></interface>`,
			want: eth(8, "<mtu>100</mtu>")},
		{name: "replace with a merge inside", options: replace, config: `<interface` + op("merge") + `><name>eth0</name></interface>`, want: eth(0, "")},
		{name: "all or nothing", config: eth(2, "") + `<interface` + op("delete") + `><name>eth9</name></interface>`, fails: []string{tag("data-missing")}},
		{name: "delete a leaf-list value", config: eth(1, `<tag>x</tag><tag>y</tag>`) + eth(0, ""),
			want: start[:strings.Index(start, "<interface><name>eth1")] + eth(1, "<tag>x</tag><tag>y</tag>")},
		{name: "test-only", options: "<test-option>test-only</test-option>", config: eth(9, "")},
		{name: "test-only finds errors", options: "<test-option>test-only</test-option>", config: `<interface` + op("delete") + `><name>eth9</name></interface>`,
			fails: []string{tag("data-missing")}},
		{name: "default=true", config: eth(0, `<mtu xmlns:wd="`+defaultAttributes+`" wd:default="true">1500</mtu>`),
			want: eth(0, "<description>d</description>") + eth(1, "")},
		{name: "default=true with another value", config: eth(0, `<mtu xmlns:wd="`+defaultAttributes+`" wd:default="true">1501</mtu>`),
			fails: []string{tag("invalid-value")}},
	}
	for _, target := range []string{"running", "candidate"} {
		for _, tt := range tests {
			t.Run(target+"/"+tt.name, func(t *testing.T) {
				f := newFixture(t)
				w := f.open()
				w.ok(edit(target, interfaces(start)))
				if tt.want == "" {
					tt.want = start
				}
				if tt.fails != nil {
					w.fails(edit(target, interfaces(tt.config), tt.options), tt.fails...)
				} else {
					w.ok(edit(target, interfaces(tt.config), tt.options))
				}
				w.is(getConfig(target, ""), data(interfaces(tt.want)))
			})
		}
	}
}

func TestEditLeafList(t *testing.T) {
	w := newFixture(t).open()
	w.ok(edit("running", interfaces(eth(0, "<tag>a</tag><tag>b</tag>"))))
	w.ok(edit("running", interfaces(eth(0, `<tag nc:operation="delete">a</tag><tag nc:operation="create">c</tag>`))))
	w.is(getConfig("running", ""), data(interfaces(eth(0, "<tag>b</tag><tag>c</tag>"))))
	w.fails(edit("running", interfaces(eth(0, `<tag nc:operation="delete">z</tag>`))), tag("data-missing"))
	w.fails(edit("running", interfaces(eth(0, `<tag nc:operation="create">b</tag>`))), tag("data-exists"))
	w.ok(edit("running", interfaces(eth(0, `<tag nc:operation="remove">z</tag>`))))
}

func TestContinueOnError(t *testing.T) {
	w := newFixture(t).open()
	config := interfaces(eth(0, "") + `<interface nc:operation="delete"><name>eth8</name></interface><interface nc:operation="delete"><name>eth9</name></interface>`)
	got := w.rpc(edit("running", config, "<error-option>continue-on-error</error-option>"))
	if strings.Count(got, "<rpc-error>") != 2 {
		t.Errorf("want two errors: %s", got)
	}
	w.is(getConfig("running", ""), data(interfaces(eth(0, ""))))
	w.fails(edit("running", config, "<error-option>rollback-on-error</error-option>"), tag("data-missing"))
}

// Case 16: ordered-by user.
func TestInsert(t *testing.T) {
	user := func(attrs, first, last string) string {
		return "<user" + attrs + "><first>" + first + "</first><last>" + last + "</last></user>"
	}
	at := func(where string) string { return ` yang:insert="` + where + `"` }
	tests := []struct {
		name, config string
		want         string // first names in order
		fails        []string
	}{
		{name: "merge appends", config: user("", "x", "1"), want: "a b c x"},
		{name: "first", config: user(at("first"), "x", "1"), want: "x a b c"},
		{name: "last", config: user(at("last"), "a", "1"), want: "b c a"},
		{name: "before", config: user(at("before")+` yang:key="[a:first='b'][a:last='1']" xmlns:a="urn:a"`, "x", "1"), want: "a x b c"},
		{name: "after, unprefixed, other order", config: user(at("after")+` yang:key="[last='1'] [ first = &quot;a&quot; ]"`, "x", "1"), want: "a x b c"},
		{name: "move", config: user(at("after")+` yang:key="[first='c'][last='1']"`, "a", "1"), want: "b c a"},
		{name: "create first", config: user(` nc:operation="create"`+at("first"), "x", "1"), want: "x a b c"},
		{name: "replace and move", config: user(` nc:operation="replace"`+at("first"), "c", "1"), want: "c a b"},
		{name: "document order after a cut", config: user(at("last"), "x", "1") + user("", "y", "1"), want: "a b c x y"},
		{name: "point missing", config: user(at("after")+` yang:key="[first='z'][last='1']"`, "x", "1"),
			fails: []string{tag("bad-attribute"), "<error-app-tag>missing-instance</error-app-tag>"}},
		{name: "no key", config: user(at("after"), "x", "1"), fails: []string{tag("missing-attribute"), "<bad-attribute>key</bad-attribute>"}},
		{name: "half a key", config: user(at("after")+` yang:key="[first='a']"`, "x", "1"), fails: []string{tag("bad-attribute"), "<bad-attribute>key</bad-attribute>"}},
		{name: "wrong prefix", config: user(at("after")+` yang:key="[b:first='a'][b:last='1']" xmlns:b="urn:b"`, "x", "1"), fails: []string{tag("bad-attribute")}},
		{name: "no such place", config: user(at("middle"), "x", "1"), fails: []string{tag("bad-attribute"), "<bad-attribute>insert</bad-attribute>"}},
		{name: "key without insert", config: user(` yang:key="[first='a'][last='1']"`, "x", "1"), fails: []string{tag("missing-attribute")}},
		{name: "delete and insert", config: user(` nc:operation="delete"`, "b", "1") + user(at("first"), "x", "1"), want: "x a c"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newFixture(t).open()
			// The namespace of the predicates' prefix may stand on the parent.
			open := `<users xmlns="urn:a" xmlns:a="urn:a">`
			w.ok(edit("running", open+user("", "a", "1")+user("", "b", "1")+user("", "c", "1")+"</users>"))
			if tt.fails != nil {
				w.fails(edit("running", open+tt.config+"</users>"), tt.fails...)
				return
			}
			w.ok(edit("running", open+tt.config+"</users>"))
			var want strings.Builder
			for first := range strings.FieldsSeq(tt.want) {
				want.WriteString(user("", first, "1"))
			}
			w.is(getConfig("running", ""), data(`<users xmlns="urn:a">`+want.String()+"</users>"))
		})
	}
	t.Run("leaf-list", func(t *testing.T) {
		w := newFixture(t).open()
		in := func(s string) string { return `<users xmlns="urn:a">` + s + "</users>" }
		w.ok(edit("running", in("<order>a</order><order>b</order>")))
		w.ok(edit("running", in(`<order yang:insert="before" yang:value="b">x</order><order yang:insert="first">b</order>`)))
		w.is(getConfig("running", ""), data(in("<order>b</order><order>a</order><order>x</order>")))
		w.fails(edit("running", in(`<order yang:insert="before" yang:value="q">x</order>`)), tag("bad-attribute"), "missing-instance")
		w.fails(edit("running", in(`<order yang:insert="before">x</order>`)), tag("missing-attribute"), "<bad-attribute>value</bad-attribute>")
	})
}

// Case 14: what validation finds.
func TestConstraints(t *testing.T) {
	f := newFixture(t)
	w := f.open()
	tests := []struct {
		name, config string
		want         []string
	}{
		{"must", eth(0, "<low>1600</low>"), []string{tag("operation-failed"), "<error-app-tag>low-above</error-app-tag>", ">low is above mtu</error-message>",
			"/a:interface[a:name='eth0']/a:low</error-path>"}},
		{"unique", eth(0, "<address>x</address><port>1</port>") + eth(1, "<address>x</address><port>1</port>"),
			[]string{tag("operation-failed"), "<error-app-tag>data-not-unique</error-app-tag>", `<non-unique xmlns="` + yangNamespace + `" xmlns:a="urn:a">/a:interfaces/`}},
		{"leafref", eth(0, "<parent>eth7</parent>"), []string{tag("data-missing"), "<error-app-tag>instance-required</error-app-tag>"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w.fails(edit("running", interfaces(tt.config)), tt.want...)
			w.is(getConfig("running", ""), data(""))
			// Case 15: test-then-set is the default, as far as RFC 7950 §8.3.3 has
			// constraints at all, which for candidate are those of commit.
			w.fails(edit("candidate", interfaces(tt.config), "<test-option>test-then-set</test-option>"), tt.want...)
			w.ok(edit("candidate", interfaces(tt.config), "<test-option>set</test-option>"))
			w.ok("<discard-changes/>")
			w.ok(edit("candidate", interfaces(tt.config)))
			w.fails("<validate><source><candidate/></source></validate>", tt.want...)
			w.fails("<commit/>", tt.want...)
			w.ok("<discard-changes/>")
			w.fails(`<validate><source><config>`+interfaces(tt.config)+`</config></source></validate>`, tt.want...)
		})
	}
	w.ok("<validate><source><running/></source></validate>")
	w.ok("<validate><source><startup/></source></validate>")
}

// Case 18: prefixes in values.
func TestValuePrefixes(t *testing.T) {
	f := newFixture(t)
	w := f.open()
	w.ok(edit("running", interfaces(eth(0, "<kind>ether</kind>")+
		`<interface xmlns:q="urn:b"><name>eth1</name><kind>q:wifi</kind></interface>`+
		`<x:interface xmlns:x="urn:a"><x:name>eth2</x:name><x:kind>x:ether</x:kind><x:where>/x:interfaces/x:interface[x:name='eth0']/x:mtu</x:where></x:interface>`)))
	w.is(getConfig("running", ""), data(interfaces(
		eth(0, `<kind xmlns:a="urn:a">a:ether</kind>`)+
			eth(1, `<kind xmlns:b="urn:b">b:wifi</kind>`)+
			eth(2, `<kind xmlns:a="urn:a">a:ether</kind><where xmlns:a="urn:a">/a:interfaces/a:interface[a:name='eth0']/a:mtu</where>`))))
	w.is(getConfig("running", `<interfaces xmlns="urn:a"><interface><kind xmlns:z="urn:b">z:wifi</kind><name/></interface></interfaces>`),
		data(interfaces(eth(1, `<kind xmlns:b="urn:b">b:wifi</kind>`))))
}

// TestDriverError makes sure that what a driver says reaches the client.
func TestDriverError(t *testing.T) {
	f := newFixture(t)
	w := f.open()
	f.driver.FailApply(1, nil)
	w.fails(edit("running", interfaces(eth(0, ""))), tag("operation-failed"), "was told to fail")
	w.is(getConfig("running", ""), data(""))
	if got := f.agent.Snapshot().Tree(agent.Running).Root().Len(); got != 0 {
		t.Errorf("running has %d nodes", got)
	}
}
