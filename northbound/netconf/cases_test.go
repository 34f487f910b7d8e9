package netconf

import (
	"fmt"
	"io"
	"strings"
	"testing"
)

// The cases that clients and other servers' bugs have taught, at the level of
// octets.

// Case 1: it does not matter how the octets of a message arrive.
func TestSplitWrites(t *testing.T) {
	f := newFixture(t)
	message := `<rpc message-id="1" xmlns="` + baseNamespace + `"><get-config><source><running/></source></get-config></rpc>`
	want := `<rpc-reply message-id="1" xmlns="` + baseNamespace + `"><data></data></rpc-reply>`
	var oneByOne strings.Builder
	for _, c := range []byte(message) {
		fmt.Fprintf(&oneByOne, "\n#1\n%c", c)
	}
	whole := fmt.Sprintf("\n#%d\n%s\n##\n", len(message), message)
	t.Run("octet by octet", func(t *testing.T) {
		w := f.open()
		for i := range len(whole) {
			w.raw(whole[i : i+1])
		}
		if got := w.read(); got != want {
			t.Fatalf("got %s", got)
		}
	})
	t.Run("chunks of one octet", func(t *testing.T) {
		w := f.open()
		w.raw(oneByOne.String() + "\n##\n")
		if got := w.read(); got != want {
			t.Fatalf("got %s", got)
		}
	})
	t.Run("header, body, end", func(t *testing.T) {
		w := f.open()
		head := fmt.Sprintf("\n#%d\n", len(message))
		for _, part := range []string{head[:2], head[2:], message[:7], message[7:], "\n#", "#", "\n"} {
			w.raw(part)
		}
		if got := w.read(); got != want {
			t.Fatalf("got %s", got)
		}
	})
	t.Run("end of message", func(t *testing.T) {
		w := f.connect()
		w.hello(base10)
		for _, part := range []string{message + "]]", ">]]", ">"} {
			w.raw(part)
		}
		if got := w.read(); got != want {
			t.Fatalf("got %s", got)
		}
	})
	t.Run("a character split over chunks", func(t *testing.T) {
		w := f.open()
		text := edit("running", interfaces(eth(0, "<description>\u00fc</description>")))
		rpc := `<rpc message-id="1" xmlns="` + baseNamespace + `">` + text + `</rpc>`
		at := strings.Index(rpc, "\u00fc") + 1
		w.raw(fmt.Sprintf("\n#%d\n%s\n#%d\n%s\n##\n", at, rpc[:at], len(rpc)-at, rpc[at:]))
		if got := w.read(); !strings.Contains(got, "<ok/>") {
			t.Fatalf("got %s", got)
		}
		if got := f.running("/a:interfaces/interface[name='eth0']/description"); got != "\u00fc" {
			t.Fatalf("the description is %q", got)
		}
	})
}

// Case 2: framing errors are answered and end the session.
func TestBadFraming(t *testing.T) {
	f := newFixture(t)
	for _, in := range []string{"\n#0\n", "\n#04\n", "\n#4294967296\n", "<rpc/>]]>]]>", "\n##\n", "\n#x\n"} {
		w := f.open()
		w.raw(in)
		got := w.read()
		for _, part := range []string{"<rpc-reply xmlns=", "<error-type>rpc</error-type>", tag("malformed-message")} {
			if !strings.Contains(got, part) {
				t.Errorf("%q: %s is not in %s", in, part, got)
			}
		}
		w.ends()
	}
}

// Cases 3, 4 and 5.
func TestMessages(t *testing.T) {
	f := newFixture(t)
	t.Run("end-of-message marker in a comment", func(t *testing.T) {
		f.open().ok("<!-- ]]>]]> --><unlock-not-yet/>"[:len("<!-- ]]>]]> -->")] + "<discard-changes/>")
	})
	t.Run("pipelined", func(t *testing.T) {
		w := f.open()
		var all strings.Builder
		const n = 50
		for i := range n {
			m := fmt.Sprintf(`<rpc xmlns="%s" message-id="%d"><discard-changes/></rpc>`, baseNamespace, i)
			fmt.Fprintf(&all, "\n#%d\n%s\n##\n", len(m), m)
		}
		go io.WriteString(w.conn, all.String())
		for i := range n {
			if got := w.read(); !strings.Contains(got, fmt.Sprintf(`message-id="%d"`, i)) || !strings.Contains(got, "<ok/>") {
				t.Fatalf("reply %d: %s", i, got)
			}
		}
	})
	t.Run("attributes", func(t *testing.T) {
		tests := []struct{ name, rpc, want string }{
			{
				"escaped and in order",
				`<rpc xmlns="` + baseNamespace + `" xmlns:ex="urn:ex" message-id='a&lt;"&amp;&#10;&#9;x' ex:user="fred" z=">">` + "<discard-changes/></rpc>",
				`<rpc-reply xmlns="` + baseNamespace + `" xmlns:ex="urn:ex" message-id="a&lt;&quot;&amp;&#10;&#9;x" ex:user="fred" z="&gt;"><ok/></rpc-reply>`,
			},
			{
				"prefixed rpc",
				`<nc:rpc xmlns:nc="` + baseNamespace + `" message-id="1"><nc:discard-changes/></nc:rpc>`,
				`<rpc-reply xmlns="` + baseNamespace + `" xmlns:nc="` + baseNamespace + `" message-id="1"><ok/></rpc-reply>`,
			},
			{
				"foreign default namespace",
				`<nc:rpc xmlns:nc="` + baseNamespace + `" xmlns="urn:x" message-id="1"><nc:discard-changes/></nc:rpc>`,
				`<nc:rpc-reply xmlns:nc="` + baseNamespace + `" xmlns="urn:x" message-id="1"><ok xmlns="` + baseNamespace + `"/></nc:rpc-reply>`,
			},
			{
				"foreign default namespace, data",
				`<nc:rpc xmlns:nc="` + baseNamespace + `" xmlns="urn:x" message-id="1"><nc:get-config><nc:source><nc:running/></nc:source></nc:get-config></nc:rpc>`,
				`<nc:rpc-reply xmlns:nc="` + baseNamespace + `" xmlns="urn:x" message-id="1"><data xmlns="` + baseNamespace + `"></data></nc:rpc-reply>`,
			},
			{
				"XML declaration",
				"\n <?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + `<rpc xmlns="` + baseNamespace + `" message-id="1"><discard-changes/></rpc>`,
				`<rpc-reply xmlns="` + baseNamespace + `" message-id="1"><ok/></rpc-reply>`,
			},
		}
		for _, tt := range tests {
			w := f.open()
			w.send(tt.rpc)
			if got := w.read(); got != tt.want {
				t.Errorf("%s\n got %s\nwant %s", tt.name, got, tt.want)
			}
		}
	})
}

// Cases 6, 7 and 8: what is wrong with a message is answered, and the session
// goes on.
func TestBadMessages(t *testing.T) {
	f := newFixture(t)
	rpc := func(inner string) string {
		return `<rpc xmlns="` + baseNamespace + `" message-id="7">` + inner + "</rpc>"
	}
	tests := []struct {
		name, message string
		want          []string
	}{
		{"no message-id", `<rpc xmlns="` + baseNamespace + `"><discard-changes/></rpc>`,
			[]string{"<error-type>rpc</error-type>", tag("missing-attribute"), "<bad-attribute>message-id</bad-attribute>", "<bad-element>rpc</bad-element>"}},
		{"ill-formed", rpc("<discard-changes>"), []string{tag("malformed-message"), `message-id="7"`}},
		{"cut", `<rpc xmlns="` + baseNamespace + `" message-id="7"><discard-`, []string{tag("malformed-message")}},
		{"not XML", "hello there", []string{tag("malformed-message")}},
		{"empty", " ", []string{tag("malformed-message")}},
		{"two roots", rpc("<discard-changes/>") + rpc("<discard-changes/>"), []string{tag("malformed-message")}},
		{"text after", rpc("<discard-changes/>") + "x", []string{tag("malformed-message")}},
		{"undeclared prefix", rpc("<x:discard-changes/>"), []string{tag("malformed-message")}},
		{"attribute twice", `<rpc xmlns="` + baseNamespace + `" message-id="7" message-id="8"/>`, []string{tag("malformed-message")}},
		{"DTD", `<!DOCTYPE rpc [<!ENTITY a "b">]>` + rpc("<discard-changes/>"), []string{tag("malformed-message")}},
		{"undefined entity", rpc("<lock><target>&a;</target></lock>"), []string{tag("malformed-message")}},
		{"bad UTF-8", rpc("<!-- \xff -->"), []string{tag("malformed-message")}},
		{"control character", rpc("<discard-changes>\x01</discard-changes>"), []string{tag("malformed-message")}},
		{"too deep", rpc(strings.Repeat("<a>", 10000) + strings.Repeat("</a>", 10000)), []string{"<rpc-error>"}},
		{"no operation", rpc(""), []string{tag("missing-element"), `message-id="7"`}},
		{"two operations", rpc("<discard-changes/><discard-changes/>"), []string{tag("unknown-element")}},
		{"unknown operation", rpc("<reboot/>"), []string{tag("operation-not-supported"), "<error-type>protocol</error-type>"}},
		{"operation elsewhere", rpc(`<get xmlns="urn:x"/>`), []string{tag("operation-not-supported")}},
		{"no rpc", `<action xmlns="` + baseNamespace + `" message-id="1"/>`, []string{tag("malformed-message")}},
		{"rpc in no namespace", `<rpc message-id="1"><get/></rpc>`, []string{tag("unknown-namespace"), "<bad-element>rpc</bad-element>"}},
		{"unknown parameter", rpc("<discard-changes><x/></discard-changes>"), []string{tag("unknown-element"), "<bad-element>x</bad-element>"}},
		{"parameter elsewhere", rpc(`<discard-changes><x xmlns="urn:x"/></discard-changes>`), []string{tag("unknown-namespace"), "<bad-namespace>urn:x</bad-namespace>"}},
		{"parameter twice", rpc(`<lock><target><running/></target><target><running/></target></lock>`), []string{tag("bad-element")}},
		{"missing parameter", rpc(`<lock/>`), []string{tag("missing-element"), "<bad-element>target</bad-element>"}},
		{"empty target", rpc(`<lock><target/></lock>`), []string{tag("missing-element")}},
		{"unknown datastore", rpc(`<lock><target><flash/></target></lock>`), []string{tag("unknown-element"), "<bad-element>flash</bad-element>"}},
		{"url", rpc(`<copy-config><target><url>file:///x</url></target><source><running/></source></copy-config>`), []string{tag("operation-not-supported")}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := f.open()
			w.send(tt.message)
			got := w.read()
			for _, part := range tt.want {
				if !strings.Contains(got, part) {
					t.Errorf("got %s\nwithout %s", got, part)
				}
			}
			w.ok("<discard-changes/>")
		})
	}
	t.Run("base:1.0 has no malformed-message", func(t *testing.T) {
		w := f.connect()
		w.hello(base10)
		w.send("<rpc")
		if got := w.read(); !strings.Contains(got, tag("operation-failed")) {
			t.Fatalf("got %s", got)
		}
		w.ok("<discard-changes/>")
	})
	t.Run("too big", func(t *testing.T) {
		f := newFixture(t, func(c *Config) { c.Limits.MessageSize = 10000 })
		w := f.open()
		w.raw("\n#10001\n")
		if got := w.read(); !strings.Contains(got, tag("too-big")) {
			t.Fatalf("got %s", got)
		}
		w.ends()
	})
}

// Cases 9 and 10.
func TestHello(t *testing.T) {
	f := newFixture(t)
	good := map[string]struct {
		hello   string
		chunked bool
	}{
		"both":        {helloOf(base10, base11), true},
		"1.0":         {helloOf(base10), false},
		"white space": {helloOf("\n   "+base11+"\n  ", "urn:other"), true},
		"prefixes": {`<?xml version="1.0" encoding="UTF-8"?>
			<nc:hello xmlns:nc="` + baseNamespace + `">
			  <nc:capabilities> <nc:capability>` + base11 + `</nc:capability> </nc:capabilities>
			</nc:hello>
			`, true},
		"line feed after": {helloOf(base11), true},
	}
	for name, tt := range good {
		t.Run(name, func(t *testing.T) {
			w := f.connect()
			w.read()
			w.raw(tt.hello + endOfMessage)
			if name == "line feed after" {
				w.raw("\n")
			}
			w.in.chunked = tt.chunked
			w.ok("<discard-changes/>")
		})
	}
	bad := map[string]string{
		"session-id":     `<hello xmlns="` + baseNamespace + `"><capabilities><capability>` + base11 + `</capability></capabilities><session-id>4</session-id></hello>`,
		"no common base": helloOf("urn:ietf:params:netconf:base:2.0"),
		"nothing":        helloOf(),
		"no namespace":   "<hello><capabilities><capability>" + base11 + "</capability></capabilities></hello>",
		"an rpc":         `<rpc xmlns="` + baseNamespace + `" message-id="1"><get/></rpc>`,
		"not XML":        "hi",
	}
	for name, hello := range bad {
		t.Run(name, func(t *testing.T) {
			before := f.srv.stats.inBadHellos.Load()
			w := f.connect()
			w.read()
			w.raw(hello + endOfMessage)
			w.ends()
			if n := f.srv.stats.inBadHellos.Load() - before; n != 1 {
				t.Errorf("%d bad hellos were counted; want 1", n)
			}
		})
	}
	t.Run("the server's", func(t *testing.T) {
		w := f.connect()
		got := w.hello(base11)
		for _, line := range []string{
			base10, base11,
			capabilityURN + "writable-running:1.0", capabilityURN + "candidate:1.0", capabilityURN + "confirmed-commit:1.1",
			capabilityURN + "rollback-on-error:1.0", capabilityURN + "validate:1.1", capabilityURN + "startup:1.0", capabilityURN + "xpath:1.0",
			capabilityURN + "with-defaults:1.0?basic-mode=explicit&amp;also-supported=report-all,report-all-tagged,trim",
			monitoringNamespace + "?module=ietf-netconf-monitoring&amp;revision=2010-10-04",
			"urn:b?module=b",
		} {
			if !strings.Contains(got, "\n<capability>"+line+"</capability>\n") {
				t.Errorf("no line with %s in %s", line, got)
			}
		}
		if strings.Contains(got, "urn:a?") {
			t.Errorf("a module of YANG 1.1 is advertised in %s", got)
		}
		if w.id == "" || w.id == "0" {
			t.Errorf("the session-id is %q", w.id)
		}
	})
}

// Case 22.
func TestCloseSession(t *testing.T) {
	w := newFixture(t).open()
	w.ok("<close-session/>")
	w.ends()
}
