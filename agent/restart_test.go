package agent_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/agenttest"
	"github.com/outrigger-cnf/outrigger/agent/store"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// TestRandomCommitsSurvive closes the agent every few commits and goes on with a
// new one over the same directory: running, startup and history are what they
// were, and the driver is brought there.
func TestRandomCommitsSurvive(t *testing.T) {
	f := newFixture(t)
	dir := t.TempDir()
	r := rand.New(rand.NewPCG(3, 4))
	m := model{}
	var before *agent.Snapshot
	var history []agent.CommitInfo
	for range 20 {
		st, err := store.Open(dir, f.s, store.Options{CheckpointBytes: 4 << 10})
		if err != nil {
			t.Fatal(err)
		}
		d := agenttest.NewDriver(f.s)
		a, err := agent.New(agent.Config{Schema: f.s, Drivers: []agent.Driver{d}, Store: st})
		if err == nil {
			err = a.Start(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
		s := a.Snapshot()
		if before != nil {
			if !tree.Equal(s.Running.Root(), before.Running.Root()) || !tree.Equal(s.Startup.Root(), before.Startup.Root()) ||
				s.Commit != before.Commit || !s.CommitTime.Equal(before.CommitTime) {
				t.Fatalf("running is\n%s\nand startup\n%s\nafter a restart, they were\n%s\nand\n%s",
					dump(s.Running), dump(s.Startup), dump(before.Running), dump(before.Startup))
			}
			if !slices.EqualFunc(a.History(), history, func(x, y agent.CommitInfo) bool {
				return x.ID == y.ID && x.Time.Equal(y.Time) && x.Comment == y.Comment && slices.Equal(x.Diff, y.Diff)
			}) {
				t.Fatalf("the history is\n%+v\nit was\n%+v", a.History(), history)
			}
		}
		if !tree.Equal(s.Running.Root(), d.Applied().Root()) {
			t.Fatal("the driver was not brought to running")
		}
		for range 15 {
			next := model{}
			for k, v := range m {
				next[k] = v
			}
			edit, ok := next.random(r)
			if _, err := a.Commit(t.Context(), agent.Request{Target: agent.Running, Edits: f.edits(edit), Comment: edit}); (err == nil) != ok {
				t.Fatalf("%s: %v", edit, err)
			}
			if ok {
				m = next
			}
			if r.IntN(5) == 0 {
				if _, err := a.Commit(t.Context(), agent.Request{Target: agent.Startup, From: agent.Running}); err != nil {
					t.Fatal(err)
				}
			}
		}
		before, history = a.Snapshot(), a.History()
		if dump(before.Running) != m.String() {
			t.Fatalf("running is\n%s\nwant\n%s", dump(before.Running), m)
		}
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
