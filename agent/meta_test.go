package agent_test

import (
	"strings"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/agenttest"
	"github.com/outrigger-cnf/outrigger/agent/store"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// Metadata (RFC 7952) is part of the configuration: a change of nothing else is a
// commit, is in the history, and is there after a restart, in every datastore and
// in operational together with state.
func TestMetadataAlone(t *testing.T) {
	f := newFixture(t)
	dir := t.TempDir()
	open := func() (*agent.Agent, *agenttest.Driver) {
		st, err := store.Open(dir, f.s, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		d := agenttest.NewDriver(f.s)
		a, err := agent.New(agent.Config{Schema: f.s, Store: st, Drivers: []agent.Driver{d}})
		if err != nil {
			t.Fatal(err)
		}
		if err := a.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		return a, d
	}
	a, _ := open()
	commit := func(edits ...agent.Edit) *agent.Snapshot {
		t.Helper()
		snap, err := a.Commit(t.Context(), agent.Request{Target: agent.Running, Edits: edits})
		if err != nil {
			t.Fatal(err)
		}
		return snap
	}
	paths := []string{"/t:interfaces/interface[name='a']", "/t:interfaces/interface[name='a']/mtu", "/t:system", "/t:system/tag", ""}
	before := commit(f.edit("merge /t:interfaces/interface[name='a']/mtu=9000"), f.edit("merge /t:system/tag=x"))
	a.Publish(agent.Update{Changes: []agent.StateChange{
		{Path: f.path("/t:interfaces/interface[name='a']/state"), Node: f.node("/t:interfaces/interface[name='a']/state", "/t:interfaces/interface[name='a']/state/oper=up")},
		{Path: f.path("/t:system/state"), Node: f.node("/t:system/state", "/t:system/state/uptime=5")},
	}})
	note := []byte(`{"t:note":"seen"}`)
	for _, text := range paths {
		p := f.path("/")
		if text != "" {
			p = f.path(text)
		}
		x := a.Snapshot().Running.Txn()
		if err := x.SetMeta(p, note); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		edit := agent.Edit{Op: agent.Replace, Path: p, Node: x.Tree().Node(p)}
		after := commit(edit)
		if after.Commit != before.Commit+1 {
			t.Errorf("%q: commit %d after %d", text, after.Commit, before.Commit)
		}
		before = after
		for name, tr := range map[string]tree.Tree{"running": after.Running, "candidate": after.Candidate, "operational": after.Operational} {
			if n := tr.Node(p); n == nil || string(n.Meta()) != string(note) {
				t.Errorf("%q: the metadata is not in %s", text, name)
			}
		}
		for _, state := range []string{"/t:interfaces/interface[name='a']/state/oper", "/t:system/state/uptime"} {
			if after.Operational.Node(f.path(state)) == nil {
				t.Errorf("%q: the state %s is gone", text, state)
			}
		}
		history := a.History()
		last := history[len(history)-1]
		if last.Changes != 1 || len(last.Diff) != 1 || !strings.Contains(last.Diff[0], "metadata") {
			t.Errorf("%q: history says %q", text, last.Diff)
		}
		if snap := commit(edit); snap.Commit != after.Commit {
			t.Errorf("%q: what changes nothing is commit %d", text, snap.Commit)
		}
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	a, _ = open()
	defer a.Close()
	for _, text := range paths {
		p := f.path("/")
		if text != "" {
			p = f.path(text)
		}
		if got := a.Snapshot().Running.Node(p).Meta(); string(got) != string(note) {
			t.Errorf("%q: after a restart the metadata is %q", text, got)
		}
	}
}
