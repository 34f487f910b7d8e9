package applied_test

import (
	"context"
	"errors"
	"fmt"
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

// stage is a driver whose updates are laid over each other.
type stage struct {
	t      *testing.T
	schema *schema.Schema
	driver *applied.Driver
	config tree.Tree
	state  tree.Tree
	count  int // changes published
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := compiletest.Schema(t, module)
	st := &stage{t: t, schema: s, config: tree.New(s), state: tree.New(s)}
	var containers []path.Path
	for _, p := range []string{"/m:top/item/config", "/m:top/item/parts/part/config"} {
		containers = append(containers, st.path(p))
	}
	d, err := applied.New(s, st.path("/m:top"), containers...)
	if err != nil {
		t.Fatal(err)
	}
	st.driver = d
	return st
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

func (st *stage) apply() {
	st.t.Helper()
	if err := st.driver.Check(st.t.Context(), st.config, st.config); err != nil {
		st.t.Fatal(err)
	}
	before := st.count
	if err := st.driver.Apply(st.t.Context(), tree.New(st.schema), st.config); err != nil {
		st.t.Fatal(err)
	}
	if st.count != before {
		st.t.Error("what the store may yet refuse was published")
	}
	st.publish(agent.Update{Changes: st.driver.Follow(st.config)})
}

// begin has the driver begin with what is configured, as after a restart.
func (st *stage) begin() {
	st.t.Helper()
	if err := st.driver.Resync(st.t.Context(), st.config); err != nil {
		st.t.Fatal(err)
	}
}

func (st *stage) publish(u agent.Update) {
	x := st.state.Txn()
	for _, c := range u.Changes {
		st.count++
		var err error
		if c.Node == nil {
			_, err = x.Delete(c.Path)
		} else {
			err = x.Replace(c.Path, c.Node)
		}
		if err != nil {
			st.t.Error(err)
		}
	}
	st.state = x.Tree()
}

// observe lets the driver publish until the function returned is called.
func (st *stage) observe() (stop func()) {
	st.t.Helper()
	ctx, cancel := context.WithCancel(st.t.Context())
	begun, done := make(chan struct{}), make(chan error)
	first := true
	go func() {
		done <- st.driver.Observe(ctx, func(u agent.Update) {
			st.publish(u)
			if first {
				first = false
				close(begun)
			}
		})
	}()
	<-begun
	return func() {
		cancel()
		if err := <-done; err != nil {
			st.t.Error(err)
		}
	}
}

// shows compares the state leaves with a list of path=value.
func (st *stage) shows(want ...string) {
	st.t.Helper()
	var got []string
	for p, n := range st.state.Under(nil) {
		if n.Schema().Config {
			continue // keys
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
	st.begin()
	stop := st.observe()
	defer stop()
	st.shows("/m:top/item[name='a']/state/name=a", "/m:top/item[name='a']/state/n=1", "/m:top/item[name='a']/state/d=x")

	st.set("/m:top/item[name='a']/config/n=10") // more than state can hold
	st.apply()
	st.shows("/m:top/item[name='a']/state/name=a", "/m:top/item[name='a']/state/d=x")

	st.set("/m:top/item[name='a']/config/d=y", "/m:top/item[name='a']/parts/part[id='p']/config/v=1", "/m:top/item[name='b']/config/name=b")
	st.apply()
	st.shows("/m:top/item[name='a']/state/name=a", "/m:top/item[name='a']/state/d=y", "/m:top/item[name='a']/parts/part[id='p']/state/v=1",
		"/m:top/item[name='b']/state/name=b", "/m:top/item[name='b']/state/d=x")

	st.set("/m:top/item[name='a']/parts/part[id='p']")
	st.apply()
	st.shows("/m:top/item[name='a']/state/name=a", "/m:top/item[name='a']/state/d=y", "/m:top/item[name='b']/state/name=b", "/m:top/item[name='b']/state/d=x")

	st.set("/m:top")
	st.apply()
	st.shows()
}

// What changes while nobody observes is shown all the same, and only once.
func TestObserveAgain(t *testing.T) {
	st := newStage(t)
	st.set("/m:top/item[name='a']/config/name=a", "/m:top/item[name='b']/config/name=b")
	st.apply()
	st.observe()()
	st.set("/m:top/item[name='a']", "/m:top/item[name='c']/config/name=c")
	st.apply()
	count := st.count
	st.observe()()
	if st.count != count {
		t.Errorf("%d changes were published twice", st.count-count)
	}
	st.shows("/m:top/item[name='b']/state/name=b", "/m:top/item[name='b']/state/d=x", "/m:top/item[name='c']/state/name=c", "/m:top/item[name='c']/state/d=x")
}

// The cost of a commit is that of what it changes; one that is taken back leaves
// what was.
func TestCost(t *testing.T) {
	st := newStage(t)
	for i := range 100 {
		st.set(fmt.Sprintf("/m:top/item[name='%d']/config/name=%d", i, i))
	}
	st.apply()
	stop := st.observe()
	defer stop()
	before, config := st.state, st.config
	st.count = 0
	st.set("/m:top/item[name='7']/config/n=7")
	st.apply()
	st.config = config
	st.apply()
	st.apply()
	if st.count != 2 {
		t.Errorf("%d changes were published, want 2", st.count)
	}
	if !tree.Equal(before.Root(), st.state.Root()) {
		t.Error("taking a commit back has left something")
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
	a = agenttest.Start(t, agent.Config{Schema: st.schema, Store: disk, Drivers: []agent.Driver{agenttest.NewDriver(st.schema), st.driver}})
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
	if st.driver.Leaves() != nil {
		t.Error("it says that it realizes something")
	}
}
