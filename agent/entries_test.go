package agent_test

import (
	"slices"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/agenttest"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/yang/compile/compiletest"
)

// One change says what of a list is otherwise; what goes takes along what has no
// reason to be any more.
func TestEntries(t *testing.T) {
	f := fixture{t, compiletest.Schema(t, `
module t {
  yang-version 1.1; namespace urn:t; prefix t;
  list vrf {
    key name;
    leaf name { type string; }
    leaf text { type string; }
    container afts { config false; list entry { key prefix; leaf prefix { type string; } leaf group { type uint8; } leaf by { type string; } } }
  }
}`)}
	a := agenttest.New(t, f.s)
	const red, blue = "/t:vrf[name='red']", "/t:vrf[name='blue']"
	list := func(vrf string) string { return vrf + "/afts/entry" }
	at := func(vrf, prefix string) string { return list(vrf) + "[prefix='" + prefix + "']" }
	put := func(vrf, prefix string, lines ...string) tree.EntryEdit {
		for i := range lines {
			lines[i] = at(vrf, prefix) + "/" + lines[i]
		}
		return tree.EntryEdit{Node: f.node(at(vrf, prefix), lines...)}
	}
	publish := func(vrf string, edits ...tree.EntryEdit) {
		a.Publish(agent.Update{Changes: []agent.StateChange{{Path: f.path(list(vrf)), Entries: edits}}})
	}
	want := func(lines ...string) {
		t.Helper()
		f.want("operational", a.Snapshot().Operational, lines...)
	}

	f.set(a, nil, agent.Running, "merge "+red+"/text=x")
	publish(red, put(red, "p", "group=1", "by=me"), put(red, "q", "group=2"))
	publish(blue, put(blue, "p", "group=3"))
	want(blue+"/name=blue", at(blue, "p")+"/prefix=p", at(blue, "p")+"/group=3",
		red+"/name=red", red+"/text=x", at(red, "p")+"/prefix=p", at(red, "p")+"/group=1", at(red, "p")+"/by=me",
		at(red, "q")+"/prefix=q", at(red, "q")+"/group=2")

	// An entry takes the place of what it was, all of it; the last word counts.
	publish(red, put(red, "p", "group=4"), tree.EntryEdit{Keys: []string{"q"}}, put(red, "r", "group=5"), put(red, "r", "group=6"))
	want(blue+"/name=blue", at(blue, "p")+"/prefix=p", at(blue, "p")+"/group=3",
		red+"/name=red", red+"/text=x", at(red, "p")+"/prefix=p", at(red, "p")+"/group=4",
		at(red, "r")+"/prefix=r", at(red, "r")+"/group=6")

	// An instance that nobody has configured goes with the last of them.
	publish(blue, tree.EntryEdit{Keys: []string{"p"}}, tree.EntryEdit{Keys: []string{"never"}})
	publish(red, tree.EntryEdit{Keys: []string{"p"}}, tree.EntryEdit{Keys: []string{"r"}})
	want(red+"/name=red", red+"/text=x")

	publish(red, tree.EntryEdit{Keys: []string{"p", "q"}})
	if n := len(a.Events()); n != 1 {
		t.Errorf("%d events, want 1: %+v", n, a.Events())
	}
}

// One change says what a part of many entries is, of those that have state, whether
// they are configured or not, and leaves all else as it is.
func TestParts(t *testing.T) {
	f := fixture{t, compiletest.Schema(t, `
module t {
  yang-version 1.1; namespace urn:t; prefix t;
  container links {
    list link {
      key name;
      leaf name { type string; }
      leaf mtu { type uint16; default 1500; }
      container state { config false; leaf oper { type string; } container counters { leaf in { type uint8; } leaf out { type uint8; } } }
    }
  }
}`)}
	a := agenttest.New(t, f.s)
	link := func(name string) string { return "/t:links/link[name='" + name + "']" }
	part := func(name string, lines ...string) tree.EntryEdit {
		at := link(name) + "/state/counters"
		for i := range lines {
			lines[i] = at + "/" + lines[i]
		}
		return tree.EntryEdit{Keys: []string{name}, Node: f.node(at, lines...)}
	}
	counters := f.path(link("x") + "/state/counters")[2:]
	publish := func(edits ...tree.EntryEdit) {
		a.Publish(agent.Update{Changes: []agent.StateChange{{Path: f.path("/t:links/link"), Within: counters, Entries: edits}}})
	}
	want := func(lines ...string) {
		t.Helper()
		f.want("operational", a.Snapshot().Operational, lines...)
	}
	only := func(want ...*schema.Node) {
		t.Helper()
		if got := a.Snapshot().Only; !slices.Equal(got, want) {
			t.Errorf("only %v may be otherwise, want %v", got, want)
		}
	}
	def, err := f.s.Find(f.path(link("x") + "/state/counters"))
	if err != nil {
		t.Fatal(err)
	}
	publish(part("a", "in=1"))
	want()
	only(def)
	f.set(a, nil, agent.Running, "merge "+link("a")+"/mtu=9000")
	for _, name := range []string{"a", "b"} {
		a.Publish(agent.Update{Changes: []agent.StateChange{{Path: f.path(link(name) + "/state/oper"), Node: f.node(link(name)+"/state/oper", link(name)+"/state/oper=up")}}})
	}
	publish(part("a", "in=1", "out=2"), part("b", "in=3"), part("never", "in=4"))
	want(link("a")+"/name=a", link("a")+"/mtu=9000", link("a")+"/state/oper=up", link("a")+"/state/counters/in=1", link("a")+"/state/counters/out=2",
		link("b")+"/name=b", link("b")+"/state/oper=up", link("b")+"/state/counters/in=3")
	publish(part("b", "in=5"), part("a", "in=4"), part("a", "in=6"))
	want(link("a")+"/name=a", link("a")+"/mtu=9000", link("a")+"/state/oper=up", link("a")+"/state/counters/in=6",
		link("b")+"/name=b", link("b")+"/state/oper=up", link("b")+"/state/counters/in=5")

	only(def)

	// What is configured next, or not any more, keeps its state.
	f.set(a, nil, agent.Running, "delete "+link("a"), "merge "+link("b"))
	publish(part("b", "in=7"), part("a", "in=8"))
	want(link("a")+"/name=a", link("a")+"/state/oper=up", link("a")+"/state/counters/in=8",
		link("b")+"/name=b", link("b")+"/state/oper=up", link("b")+"/state/counters/in=7")
	f.set(a, nil, agent.Running, "delete "+link("b"))
	publish(part("b", "in=9"))
	want(link("a")+"/name=a", link("a")+"/state/oper=up", link("a")+"/state/counters/in=8",
		link("b")+"/name=b", link("b")+"/state/oper=up", link("b")+"/state/counters/in=9")

	only(def)

	// Whatever comes with it, before or after it, holds as well.
	parts := func(edits ...tree.EntryEdit) agent.StateChange {
		return agent.StateChange{Path: f.path("/t:links/link"), Within: counters, Entries: edits}
	}
	oper := func(name, is string) agent.StateChange {
		return agent.StateChange{Path: f.path(link(name) + "/state/oper"), Node: f.node(link(name)+"/state/oper", link(name)+"/state/oper="+is)}
	}
	f.set(a, nil, agent.Running, "merge "+link("b"))
	a.Publish(agent.Update{Changes: []agent.StateChange{
		oper("a", "down"), oper("c", "up"), parts(part("a", "in=10"), part("b", "in=11"), part("c", "in=12")), oper("b", "down"),
		parts(part("b", "in=13")), {Path: f.path(link("d"))}}})
	only()
	want(link("a")+"/name=a", link("a")+"/state/oper=down", link("a")+"/state/counters/in=10",
		link("b")+"/name=b", link("b")+"/state/oper=down", link("b")+"/state/counters/in=13",
		link("c")+"/name=c", link("c")+"/state/oper=up", link("c")+"/state/counters/in=12")
	a.Publish(agent.Update{Changes: []agent.StateChange{
		parts(part("a", "in=20"), part("b", "in=21"), part("c", "in=22")), {Path: f.path(link("c"))}, {Path: f.path(link("b") + "/state")}}})
	want(link("a")+"/name=a", link("a")+"/state/oper=down", link("a")+"/state/counters/in=20", link("b")+"/name=b")
	if n := len(a.Events()); n != 0 {
		t.Errorf("%d events: %+v", n, a.Events())
	}
}
