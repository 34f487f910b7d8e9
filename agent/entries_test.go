package agent_test

import (
	"testing"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/agenttest"
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
