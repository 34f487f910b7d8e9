package agent_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/agenttest"
	"github.com/outrigger-cnf/outrigger/agent/store"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// holder is a driver that notes what it is asked, and what could be seen then.
type holder struct {
	*agenttest.Driver
	agent *agent.Agent
	mu    sync.Mutex
	asked []string // guarded by mu
}

func (h *holder) note(what string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked = append(h.asked, what)
}

func (h *holder) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.asked)
}

// told returns what was noted since the last time.
func (h *holder) told() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	told := h.asked
	h.asked = nil
	return told
}

func (h *holder) Apply(ctx context.Context, old, new tree.Tree) error {
	h.note("apply")
	return h.Driver.Apply(ctx, old, new)
}

func (h *holder) Hold() (release func()) {
	h.note("hold")
	before := h.agent.Snapshot()
	return func() {
		if h.agent.Snapshot() == before {
			h.note("release, nothing new")
		} else {
			h.note("release, committed")
		}
	}
}

// slow is a store that takes its time, and fails when told to.
type slow struct {
	agent.Store
	takes time.Duration
	err   error
}

func (s *slow) Save(st store.State, e *store.Entry) (store.State, error) {
	time.Sleep(s.takes) // of the test's own clock
	if s.err != nil {
		return s.State(), s.err
	}
	return s.Store.Save(st, e)
}

// Drivers hold state back from before the first Apply of a commit until all of that
// is over, however it ends; but not for longer than a second. Nothing else makes
// them.
func TestHold(t *testing.T) {
	synctestRun(t, func(t *testing.T, f fixture) {
		h := &holder{Driver: agenttest.NewDriver(f.s)}
		disk := &slow{Store: store.NewEphemeral(f.s)}
		a, err := agent.New(agent.Config{Schema: f.s, Store: disk, Drivers: []agent.Driver{h}})
		if err != nil {
			t.Fatal(err)
		}
		h.agent = a
		if err := a.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		commit := func(edit string, and ...func(*agent.Request)) error {
			r := agent.Request{Target: agent.Running, Edits: f.edits(edit)}
			for _, and := range and {
				and(&r)
			}
			_, err := a.Commit(t.Context(), r)
			return err
		}
		full, away := errors.New("no space left on device"), errors.New("away")
		h.told()
		for _, step := range []struct {
			does string
			do   func() error
			err  bool
			want []string
		}{
			{"a commit", func() error { return commit("merge /t:system/mtu=1") }, false, []string{"hold", "apply", "release, committed"}},
			{"one that changes nothing", func() error { return commit("merge /t:system/mtu=1") }, false, nil},
			{"a test", func() error {
				return commit("merge /t:system/mtu=2", func(r *agent.Request) { r.Test = agent.TestOnly })
			}, false, nil},
			{"one that Check refuses", func() error {
				h.FailCheck(away)
				defer h.FailCheck(nil)
				return commit("merge /t:system/mtu=2")
			}, true, nil},
			{"one that Apply refuses", func() error {
				h.FailApply(1, away)
				return commit("merge /t:system/mtu=2")
			}, true, []string{"hold", "apply", "release, nothing new"}},
			{"one that the store refuses", func() error {
				disk.err = full
				defer func() { disk.err = nil }()
				return commit("merge /t:system/mtu=2")
			}, true, []string{"hold", "apply", "apply", "release, nothing new"}},
			{"one that takes long", func() error {
				disk.takes = 10 * time.Second
				defer func() { disk.takes = 0 }()
				began := time.Now()
				done := make(chan error)
				go func() { done <- commit("merge /t:system/mtu=2") }()
				wait(t, a, "release", func() bool { return h.count() == 3 })
				if held := time.Since(began); held > 2*time.Second {
					t.Errorf("state is held back for %s", held)
				}
				return <-done
			}, false, []string{"hold", "apply", "release, nothing new"}},
			{"one to be confirmed", func() error {
				return commit("merge /t:system/mtu=3", func(r *agent.Request) { r.Confirm = &agent.Confirm{Timeout: time.Minute} })
			}, false, []string{"hold", "apply", "release, committed"}},
			{"one that was not", func() error {
				time.Sleep(2 * time.Minute)
				synctest.Wait()
				return nil
			}, false, []string{"hold", "apply", "release, committed"}},
		} {
			err := step.do()
			if (err != nil) != step.err {
				t.Errorf("%s: %v", step.does, err)
			}
			if got := h.told(); !slices.Equal(got, step.want) {
				t.Errorf("%s: the driver is asked to %q, want %q", step.does, got, step.want)
			}
		}
	})
}
