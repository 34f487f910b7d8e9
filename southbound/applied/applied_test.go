package applied_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/agenttest"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/store"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/southbound/applied"
	"github.com/outrigger-cnf/outrigger/yang/compile/compiletest"
)

const module = `module m {
  yang-version 1.1; namespace urn:m; prefix m;
  container top {
    list item {
      key name;
      leaf name { type leafref { path ../config/name; } }
      container config { leaf name { type string; } leaf n { type uint8; } leaf d { type string; default x; } leaf only { type string; } }
      container state { config false; leaf name { type string; } leaf n { type uint8 { range 0..9; } } leaf d { type string; } leaf seen { type string; } }
      container parts {
        list part {
          key id;
          leaf id { type string; }
          container config { leaf v { type string; } }
          container state { config false; leaf v { type string; } }
        }
      }
    }
    container other { container config { leaf v { type string; } } container state { config false; leaf v { type string; } } }
    container lone { leaf v { type string; } }
  }
}`

// stage is a Follower and the configuration that it follows.
type stage struct {
	t        *testing.T
	schema   *schema.Schema
	follower *applied.Follower
	config   tree.Tree
	shown    tree.Tree
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := compiletest.Schema(t, module)
	st := &stage{t: t, schema: s, config: tree.New(s)}
	st.follower = st.anew()
	st.shown = st.follower.Follow(st.config)
	return st
}

// anew makes a Follower that has followed nothing.
func (st *stage) anew() *applied.Follower {
	st.t.Helper()
	f, err := applied.New(st.schema, st.path("/m:top"), st.path("/m:top/item/config"), st.path("/m:top/item/parts/part/config"))
	if err != nil {
		st.t.Fatal(err)
	}
	return f
}

func (st *stage) path(text string) path.Path {
	st.t.Helper()
	p, _, err := st.schema.Resolve(text)
	if err != nil {
		st.t.Fatal(err)
	}
	return p
}

// set edits the configuration; a path without "=" after it is deleted.
func (st *stage) set(edits ...string) {
	st.t.Helper()
	for _, edit := range edits {
		i := strings.LastIndex(edit, "=")
		if i <= strings.LastIndex(edit, "]") {
			st.config = st.config.Delete(st.path(edit))
			continue
		}
		p, def, err := st.schema.Resolve(edit[:i])
		if err != nil {
			st.t.Fatal(err)
		}
		v, err := def.Parse(edit[i+1:], st.schema.ModuleNames())
		if err != nil {
			st.t.Fatal(err)
		}
		st.config = st.config.Set(p, v)
	}
}

// follow has what is configured shown, which must be as in a Follower that begins
// with it, and have all of it unchanged.
func (st *stage) follow() {
	st.t.Helper()
	st.shown = st.follower.Follow(st.config)
	if whole := st.anew().Follow(st.config); !tree.Equal(st.shown.Root(), whole.Root()) {
		st.t.Error("what is shown depends on what was configured before")
	}
	for c := range tree.Diff(st.config, st.shown, nil) {
		if c.Old != nil || c.New.Schema().Config {
			st.t.Errorf("%s is not as configured", c.Path)
		}
	}
}

// shows compares the state leaves with a list of path=value.
func (st *stage) shows(want ...string) {
	st.t.Helper()
	var got []string
	for p, n := range st.shown.Under(nil) {
		if n.Schema().Config {
			continue
		}
		got = append(got, fmt.Sprintf("%s=%s", p, n.Value().Text))
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		st.t.Errorf("shown is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestState(t *testing.T) {
	st := newStage(t)
	st.set("/m:top/item[name='a']/config/name=a", "/m:top/item[name='a']/config/n=1", "/m:top/item[name='a']/config/only=here", "/m:top/other/config/v=1", "/m:top/lone/v=1")
	st.follow()
	st.shows("/m:top/item[name='a']/state/name=a", "/m:top/item[name='a']/state/n=1", "/m:top/item[name='a']/state/d=x")

	st.set("/m:top/item[name='a']/config/n=10") // more than state can hold
	st.follow()
	st.shows("/m:top/item[name='a']/state/name=a", "/m:top/item[name='a']/state/d=x")

	st.set("/m:top/item[name='a']/config/d=y", "/m:top/item[name='a']/parts/part[id='p']/config/v=1", "/m:top/item[name='b']/config/name=b")
	st.follow()
	st.shows("/m:top/item[name='a']/state/name=a", "/m:top/item[name='a']/state/d=y", "/m:top/item[name='a']/parts/part[id='p']/state/v=1",
		"/m:top/item[name='b']/state/name=b", "/m:top/item[name='b']/state/d=x")

	st.set("/m:top/item[name='a']/parts/part[id='p']")
	st.follow()
	st.shows("/m:top/item[name='a']/state/name=a", "/m:top/item[name='a']/state/d=y", "/m:top/item[name='b']/state/name=b", "/m:top/item[name='b']/state/d=x")

	st.set("/m:top")
	st.follow()
	st.shows()
}

// The cost of a commit is that of what it changes: the rest is shared, and one that
// is taken back leaves what was.
func TestCost(t *testing.T) {
	st := newStage(t)
	for i := range 100 {
		st.set(fmt.Sprintf("/m:top/item[name='%d']/config/name=%d", i, i))
	}
	st.set("/m:top/lone/v=1", "/m:top/other/config/v=1")
	st.follow()
	before, config := st.shown, st.config
	st.set("/m:top/item[name='7']/config/n=7", "/m:top/item[name='7']/config/only=7")
	st.follow()
	for i := range 100 {
		at := st.path(fmt.Sprintf("/m:top/item[name='%d']", i))
		if shared := before.Node(at) == st.shown.Node(at); shared == (i == 7) {
			t.Errorf("%s is shared: %v", at, shared)
		}
	}
	if at := st.path("/m:top/lone"); st.config.Node(at) != st.shown.Node(at) {
		t.Error("what has no state is not shared with the configuration")
	}
	st.config = config
	st.follow()
	if !tree.Equal(before.Root(), st.shown.Root()) {
		t.Error("taking a commit back has left something")
	}
}

// However the configuration has come about, what is shown of it is the same.
func TestWhateverTheOrder(t *testing.T) {
	st := newStage(t)
	rng := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		item := fmt.Sprintf("/m:top/item[name='%d']", rng.IntN(3))
		part := item + fmt.Sprintf("/parts/part[id='%d']", rng.IntN(3))
		at := []string{"/m:top", "/m:top/item", item, item + "/config", item + "/config/n", item + "/config/d", item + "/parts", part, part + "/config", part + "/config/v", "/m:top/lone"}
		if rng.IntN(3) == 0 {
			st.set(at[rng.IntN(len(at))])
		}
		set := []string{item + "/config/n", item + "/config/d", item + "/config/only", part + "/config/v", "/m:top/lone/v"}
		for range rng.IntN(3) {
			st.set(fmt.Sprintf("%s=%d", set[rng.IntN(len(set))], rng.IntN(12)))
		}
		st.follow()
	}
}

// full is a store that is asked what can be seen at the moment of saving, and that
// has no room when told so.
type full struct {
	agent.Store
	look func()
	err  error
}

func (f *full) Save(s store.State, e *store.Entry) (store.State, error) {
	f.look()
	if f.err != nil {
		return f.Store.State(), f.err
	}
	return f.Store.Save(s, e)
}

// State comes with the commit: not before the store has it, and not after it can
// be seen in running.
func TestWithTheCommit(t *testing.T) {
	st := newStage(t)
	var a *agent.Agent
	shown := func(s *agent.Snapshot) bool { return s.Operational.Node(st.path("/m:top/item[name='a']/state")) != nil }
	disk := &full{Store: store.NewEphemeral(st.schema)}
	early := false
	disk.look = func() { early = early || a != nil && shown(a.Snapshot()) }
	a = agenttest.Start(t, agent.Config{Schema: st.schema, Store: disk, Drivers: []agent.Driver{agenttest.NewDriver(st.schema)}, Follow: st.follower.Follow})
	st.set("/m:top/item[name='a']/config/name=a")
	r := agent.Request{Target: agent.Running, Edits: []agent.Edit{{Op: agent.Merge, Path: nil, Node: st.config.Root()}}}

	before := a.Snapshot()
	disk.err = errors.New("no space left on device")
	if _, err := a.Commit(t.Context(), r); err == nil {
		t.Fatal("the commit was accepted with the disk full")
	}
	if early || a.Snapshot() != before {
		t.Error("a commit that the store refused was seen")
	}
	disk.err = nil
	snap, err := a.Commit(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	if early || !shown(snap) {
		t.Errorf("seen before it was stored: %v; seen with the commit: %v", early, shown(snap))
	}
	if snap.Revision != before.Revision+1 {
		t.Errorf("%d snapshots, want 1", snap.Revision-before.Revision)
	}
	r.Edits = []agent.Edit{{Op: agent.Delete, Path: st.path("/m:top")}}
	if snap, err = a.Commit(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if shown(snap) {
		t.Error("state is left of what is not configured any more")
	}
}

func TestNew(t *testing.T) {
	st := newStage(t)
	for _, p := range []path.Path{
		{{Module: "m", Name: "none"}}, // not in the schema
		st.path("/m:top/lone"),        // not called config
		st.path("/m:top/other"),
	} {
		if _, err := applied.New(st.schema, st.path("/m:top"), p); err == nil {
			t.Errorf("%s is taken", p)
		}
	}
}
