package netconf

import (
	"strings"
	"testing"
	"time"

	"github.com/outrigger-cnf/outrigger/agent"
)

func update(changes ...agent.StateChange) agent.Update { return agent.Update{Changes: changes} }

func lock(store string) string   { return "<lock><target><" + store + "/></target></lock>" }
func unlock(store string) string { return "<unlock><target><" + store + "/></target></unlock>" }

// Case 20: locks.
func TestLocks(t *testing.T) {
	f := newFixture(t)
	a, b := f.open(), f.open()
	a.ok(lock("running"))
	a.fails(lock("running"), tag("lock-denied"), "<error-type>protocol</error-type>", "<session-id>"+a.id+"</session-id>")
	b.fails(lock("running"), tag("lock-denied"), "<session-id>"+a.id+"</session-id>")
	b.fails(unlock("running"), "<rpc-error>")
	b.fails(edit("running", interfaces(eth(0, ""))), tag("in-use"))
	b.ok(edit("candidate", interfaces(eth(0, ""))))
	b.fails("<commit/>", tag("in-use"))
	b.ok("<discard-changes/>")
	b.ok(`<validate><source><config>` + interfaces(eth(0, "")) + `</config></source></validate>`)
	a.ok(unlock("running"))
	a.fails(unlock("running"), tag("operation-failed"))

	t.Run("dies with its connection, the candidate too", func(t *testing.T) {
		a.ok(lock("candidate"))
		a.ok(lock("running"))
		a.ok(edit("candidate", interfaces(eth(0, ""))))
		a.conn.Close()
		<-a.done
		b.is(getConfig("candidate", ""), data(""))
		b.ok(lock("candidate"))
		b.ok(lock("running"))
		b.ok(unlock("running"))
		b.ok(unlock("candidate"))
	})
	t.Run("modified candidate", func(t *testing.T) {
		b.ok(edit("candidate", interfaces(eth(0, ""))))
		b.fails(lock("candidate"), tag("lock-denied"))
		b.ok("<discard-changes/>")
	})
}

func TestKillSession(t *testing.T) {
	f := newFixture(t)
	a, b := f.open(), f.open()
	a.ok(lock("running"))
	b.fails("<kill-session><session-id>"+b.id+"</session-id></kill-session>", tag("invalid-value"))
	b.fails("<kill-session><session-id>4711</session-id></kill-session>", tag("invalid-value"))
	b.fails("<kill-session><session-id>x</session-id></kill-session>", tag("invalid-value"))
	b.fails("<kill-session/>", tag("missing-element"), "<bad-element>session-id</bad-element>")
	b.ok("<kill-session><session-id>" + a.id + "</session-id></kill-session>")
	a.ends()
	<-a.done
	b.ok(lock("running"))
}

func TestDatastores(t *testing.T) {
	f := newFixture(t)
	w := f.open()
	one, two := interfaces(eth(1, "")), interfaces(eth(2, ""))
	copyTo := func(target, source string) string {
		return "<copy-config><target><" + target + "/></target><source>" + source + "</source></copy-config>"
	}
	w.ok(edit("candidate", one))
	w.is(getConfig("candidate", ""), data(one))
	w.is(getConfig("running", ""), data(""))
	w.ok("<commit/>")
	w.is(getConfig("running", ""), data(one))
	w.ok("<commit/>")

	w.ok(copyTo("startup", "<running/>"))
	w.is(getConfig("startup", ""), data(one))
	w.ok(copyTo("candidate", "<config>"+two+"</config>"))
	w.is(getConfig("candidate", ""), data(two))
	w.ok("<discard-changes/>")
	w.is(getConfig("candidate", ""), data(one))
	w.ok(copyTo("running", "<config>"+two+"</config>"))
	w.is(getConfig("running", ""), data(two))
	w.ok(copyTo("running", "<startup/>"))
	w.is(getConfig("running", ""), data(one))
	w.ok(copyTo("running", "<config/>"))
	w.is(getConfig("running", ""), data(""))
	w.fails(copyTo("running", "<running/>"), tag("invalid-value"))
	w.fails(copyTo("running", "<config>"+interfaces(`<bogus/>`)+"</config>"), tag("unknown-element"))

	del := func(store string) string { return "<delete-config><target><" + store + "/></target></delete-config>" }
	w.ok(del("startup"))
	w.is(getConfig("startup", ""), data(""))
	w.fails(del("running"), tag("invalid-value"))
	w.fails(edit("startup", one), tag("invalid-value"))
	w.fails("<edit-config><target><running/></target></edit-config>", tag("missing-element"), "<bad-element>config</bad-element>")
	w.fails("<edit-config><target><running/></target><url>file:///x</url></edit-config>", tag("operation-not-supported"))
	w.fails("<get-config/>", tag("missing-element"), "<bad-element>source</bad-element>")
}

// Case 21: confirmed commits.
func TestConfirmedCommit(t *testing.T) {
	one := interfaces(eth(1, ""))
	confirmed := func(more string) string { return "<commit><confirmed/>" + more + "</commit>" }
	canceled := func(f *fixture) {
		f.t.Helper()
		f.until("the rollback", func(s *agent.Snapshot) bool { return s.Running.Root().Len() == 0 })
	}
	t.Run("confirmed", func(t *testing.T) {
		f := newFixture(t)
		w := f.open()
		w.ok(edit("candidate", one))
		w.ok(confirmed(""))
		w.ok("<commit/>")
		w.is(getConfig("running", ""), data(one))
		if p := f.agent.Pending(); p != nil {
			t.Errorf("still pending: %+v", p)
		}
	})
	t.Run("timeout", func(t *testing.T) {
		f := newFixture(t)
		w := f.open()
		w.ok(edit("candidate", one))
		w.ok(confirmed("<confirm-timeout>1</confirm-timeout>"))
		w.is(getConfig("running", ""), data(one))
		canceled(f)
	})
	t.Run("a second restarts the timer", func(t *testing.T) {
		f := newFixture(t)
		w := f.open()
		w.ok(edit("candidate", one))
		w.ok(confirmed("<confirm-timeout>1000</confirm-timeout>"))
		w.ok(confirmed("<confirm-timeout>1</confirm-timeout>"))
		canceled(f)
	})
	t.Run("drop without persist", func(t *testing.T) {
		f := newFixture(t)
		w := f.open()
		w.ok(edit("candidate", one))
		w.ok(confirmed(""))
		w.conn.Close()
		canceled(f)
	})
	t.Run("persist", func(t *testing.T) {
		f := newFixture(t)
		a := f.open()
		a.ok(edit("candidate", one))
		a.ok(confirmed("<persist>token</persist>"))
		a.conn.Close()
		<-a.done
		b := f.open()
		b.is(getConfig("running", ""), data(one))
		b.fails("<commit/>", "<rpc-error>")
		b.fails("<commit><persist-id>wrong</persist-id></commit>", tag("invalid-value"))
		b.fails("<cancel-commit><persist-id>wrong</persist-id></cancel-commit>", tag("invalid-value"))
		b.ok("<commit><persist-id>token</persist-id></commit>")
		if p := f.agent.Pending(); p != nil {
			t.Errorf("still pending: %+v", p)
		}
	})
	t.Run("cancel", func(t *testing.T) {
		f := newFixture(t)
		w := f.open()
		w.fails("<cancel-commit/>", "<rpc-error>")
		w.ok(edit("candidate", one))
		w.ok(confirmed(""))
		w.ok("<cancel-commit/>")
		w.is(getConfig("running", ""), data(""))
	})
	t.Run("another session", func(t *testing.T) {
		f := newFixture(t)
		a, b := f.open(), f.open()
		a.ok(edit("candidate", one))
		a.ok(confirmed(""))
		b.fails("<commit/>", "<rpc-error>")
		b.fails(edit("running", interfaces(eth(2, ""))), "<rpc-error>")
		b.fails("<cancel-commit/>", "<rpc-error>")
		a.ok("<commit/>")
	})
	t.Run("parameters", func(t *testing.T) {
		w := newFixture(t).open()
		w.fails("<commit><confirm-timeout>5</confirm-timeout></commit>", tag("missing-element"), "<bad-element>confirmed</bad-element>")
		for _, bad := range []string{"0", "-1", "x", "4294967296"} {
			w.fails(confirmed("<confirm-timeout>"+bad+"</confirm-timeout>"), tag("invalid-value"))
		}
	})
}

// until waits for a snapshot that satisfies ok.
func (f *fixture) until(what string, ok func(*agent.Snapshot) bool) {
	f.t.Helper()
	deadline := time.After(patience)
	for s := f.agent.Snapshot(); !ok(s); s = f.agent.Snapshot() {
		select {
		case <-s.Next():
		case <-deadline:
			f.t.Fatalf("waiting for %s", what)
		}
	}
}

// Case 23: get-schema.
func TestGetSchema(t *testing.T) {
	f := newFixture(t)
	w := f.open()
	get := func(inner string) string {
		return `<get-schema xmlns="` + monitoringNamespace + `">` + inner + "</get-schema>"
	}
	wrap := func(text string) string {
		return `<data xmlns="` + monitoringNamespace + `">` + strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text) + "</data>"
	}
	w.is(get("<identifier>a</identifier>"), wrap(moduleA))
	w.is(get("<identifier>a</identifier><version>2026-01-02</version><format>yang</format>"), wrap(moduleA))
	w.is(get("<identifier>a-sub</identifier><version>2024-04-04</version>"), wrap(moduleASub))
	w.is(get("<identifier>b</identifier><version/>"), wrap(moduleB))
	w.is(get("<identifier>a</identifier><version></version>"), wrap(moduleA))
	w.is(get(`<identifier>b</identifier><format xmlns:m="`+monitoringNamespace+`">m:yang</format>`), wrap(moduleB))
	w.fails(get("<identifier>nothing</identifier>"), tag("invalid-value"))
	w.fails(get("<identifier>a</identifier><version>2025-01-01</version>"), tag("invalid-value"))
	w.fails(get("<identifier>a</identifier><format>yin</format>"), tag("invalid-value"))
	w.fails(get(""), tag("missing-element"), "<bad-element>identifier</bad-element>")
	w.fails(get("<identifier>two</identifier>"), tag("operation-failed"), "<error-app-tag>data-not-unique</error-app-tag>")
	w.is(get("<identifier>two</identifier><version>2001-01-01</version>"), wrap("module two {\n  revision 2001-01-01 {\n  }\n}\n"))

	// Nothing in the text may look like framing to a client that does not count.
	got := w.rpc(get("<identifier>odd</identifier>"))
	if strings.Contains(got, "]]>") || strings.Contains(got, "\n##\n") {
		t.Errorf("the reply has framing in it: %q", got)
	}
	if !strings.Contains(got, "]]&gt; ]]&gt;]]&gt;\n&#35;#\n") {
		t.Errorf("the text is not there: %q", got)
	}
}

// TestMonitoring is RFC 6022's state.
func TestMonitoring(t *testing.T) {
	f := newFixture(t)
	w := f.open()
	w.ok(lock("candidate"))
	get := func(inner string) string {
		return w.rpc(`<get><filter><netconf-state xmlns="` + monitoringNamespace + `">` + inner + "</netconf-state></filter></get>")
	}
	has := func(got string, parts ...string) {
		t.Helper()
		for _, p := range parts {
			if !strings.Contains(got, p) {
				t.Errorf("no %s in %s", p, got)
			}
		}
	}
	has(get("<capabilities/>"), "<capability>"+base11+"</capability>")
	has(get("<datastores/>"), "<name>running</name>", "<name>startup</name>",
		"<name>candidate</name><locks><global-lock><locked-by-session>"+w.id+"</locked-by-session><locked-time>")
	has(get("<schemas/>"), "<identifier>a-sub</identifier><version>2024-04-04</version>", "<identifier>b</identifier><version/>",
		"ncm:yang</format><namespace>urn:b</namespace><location>NETCONF</location>")
	has(get("<sessions/>"), "<session-id>"+w.id+"</session-id>", "ncm:netconf-ssh</transport><username>admin</username><source-host>192.0.2.1</source-host>", "<in-rpcs>")
	has(get("<statistics><in-sessions/></statistics>"), "<in-sessions>1</in-sessions>")
	w.fails("<bogus/>", "<rpc-error>")
	has(get("<statistics/>"), "<in-bad-rpcs>1</in-bad-rpcs>", "<out-rpc-errors>1</out-rpc-errors>", "<netconf-start-time>")

	other := f.open()
	other.rpc(getConfig("running", ""))
	has(get("<sessions/>"), "<session-id>"+other.id+"</session-id>")
	other.ok("<close-session/>")
	<-other.done
	if got := get("<sessions/>"); strings.Contains(got, "<session-id>"+other.id+"</session-id>") {
		t.Errorf("the session that is gone is listed: %s", got)
	}
	w.ok(unlock("candidate"))
	if got := get("<datastores/>"); strings.Contains(got, "locked-by") {
		t.Errorf("the lock that is gone is listed: %s", got)
	}
}
