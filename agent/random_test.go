package agent_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/agenttest"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// model is running as a map of leaf paths, with edits done the slow way.
type model map[string]string

const ifs = 5

func entry(i int) string { return fmt.Sprintf("/t:interfaces/interface[name='i%d']", i) }

// random makes an edit and does it to the model; ok is false if it is to be
// refused.
func (m model) random(r *rand.Rand) (edit string, ok bool) {
	i := r.IntN(ifs)
	name, mtu := entry(i)+"/name", entry(i)+"/mtu"
	_, exists := m[name]
	_, set := m[mtu]
	put := func(v string) { m[name], m[mtu] = fmt.Sprintf("i%d", i), v }
	clear := func() {
		for _, l := range []string{"/name", "/mtu", "/description"} {
			delete(m, entry(i)+l)
		}
	}
	v := fmt.Sprint(r.IntN(3) + 1)
	switch r.IntN(8) {
	case 0:
		put(v)
		return "merge " + mtu + "=" + v, true
	case 1:
		if set {
			return "create " + mtu + "=" + v, false
		}
		put(v)
		return "create " + mtu + "=" + v, true
	case 2:
		clear()
		return "delete " + entry(i), exists
	case 3:
		clear()
		return "remove " + entry(i), true
	case 4:
		clear()
		m[name] = fmt.Sprintf("i%d", i)
		return "replace " + entry(i), true
	case 5:
		delete(m, mtu)
		return "delete " + mtu, set
	case 6:
		return "none " + entry(i), exists
	default:
		put("666") // the validator does not like it
		return "merge " + mtu + "=666", true
	}
}

func (m model) String() string {
	var lines []string
	for i := range ifs {
		for _, l := range []string{"/name", "/description", "/mtu"} {
			if v, ok := m[entry(i)+l]; ok {
				lines = append(lines, entry(i)+l+"="+v)
			}
		}
	}
	return strings.Join(lines, "\n")
}

// TestRandomCommits holds running, the driver, the candidate and the
// operational datastore against a model after each of many commits, of which some
// are refused at each stage.
func TestRandomCommits(t *testing.T) {
	f := newFixture(t)
	d := agenttest.NewDriver(f.s)
	a := agenttest.Start(t, agent.Config{Schema: f.s, Drivers: []agent.Driver{d}, Validator: &rules{f: f}})
	r := rand.New(rand.NewPCG(1, 2))
	m := model{}
	accepted := 0
	states := map[int]string{}
	for n := range 3000 {
		next, ok := model{}, true
		for k, v := range m {
			next[k] = v
		}
		var edits []string
		for range r.IntN(4) + 1 {
			e, fine := next.random(r)
			edits = append(edits, e)
			if ok = ok && fine; !ok {
				break
			}
		}
		for _, v := range next {
			ok = ok && v != "666"
		}
		if r.IntN(10) == 0 {
			ok = ok && next.String() == m.String() // then the driver is not asked
			d.FailApply(1, nil)
		} else {
			d.FailApply(1, agenttest.OK)
		}
		if i := r.IntN(ifs); r.IntN(3) == 0 {
			states[i] = fmt.Sprint(r.IntN(100))
			c := f.state(entry(i)+"/state", entry(i)+"/state/octets="+states[i])
			if r.IntN(3) == 0 {
				delete(states, i)
				c.Node = nil
			}
			a.Publish(agent.Update{Changes: []agent.StateChange{c}})
		}
		_, err := f.try(a, nil, agent.Running, edits...)
		if (err == nil) != ok {
			t.Fatalf("commit %d %q: %v", n, edits, err)
		}
		if ok {
			m = next
			accepted++
		}
		s := a.Snapshot()
		for what, tr := range map[string]tree.Tree{"running": s.Running, "the driver": d.Applied(), "the candidate": s.Candidate} {
			if got := dump(tr); got != m.String() {
				t.Fatalf("after commit %d %q, %s is\n%s\nwant\n%s", n, edits, what, got, m)
			}
		}
		want := s.Running.Txn()
		for _, i := range slices.Sorted(maps.Keys(states)) {
			if err := want.Merge(nil, f.tree(entry(i)+"/state/octets="+states[i]).Root()); err != nil {
				t.Fatal(err)
			}
		}
		if got := dump(s.Operational); got != dump(want.Tree()) {
			t.Fatalf("after commit %d %q, operational is\n%s\nwant\n%s", n, edits, got, dump(want.Tree()))
		}
	}
	if accepted < 300 || accepted > 2700 {
		t.Errorf("%d of 3000 commits accepted: the test shows too little", accepted)
	}
}

func TestConcurrentWritersAndReaders(t *testing.T) {
	f := newFixture(t)
	d := agenttest.NewDriver(f.s)
	a := agenttest.New(t, f.s, d)
	const writers, each = 4, 50
	var work, watch sync.WaitGroup
	for w := range writers {
		s := f.open(a, "w")
		var edits [][]agent.Edit
		for i := range each {
			edits = append(edits, f.edits(fmt.Sprintf("merge %s/mtu=%d", entry(w), i+1), fmt.Sprintf("merge %s/weight=%d", entry(w), i+1)))
		}
		work.Go(func() {
			for _, e := range edits {
				if _, err := a.Commit(t.Context(), agent.Request{Session: s, Target: agent.Running, Edits: e}); err != nil {
					t.Error(err)
				}
			}
			s.Close()
		})
	}
	stop := make(chan struct{})
	mtu, weight := paths(f, "/mtu"), paths(f, "/weight")
	for range 4 {
		watch.Go(func() {
			last := uint64(0)
			for s := a.Snapshot(); ; s = a.Snapshot() {
				if s.Revision < last {
					t.Error("the revision went back")
				}
				last = s.Revision
				for w := range writers {
					x, _ := s.Running.Get(mtu[w])
					y, _ := s.Running.Get(weight[w])
					if x.Text != y.Text {
						t.Errorf("half a commit is visible: %s and %s", x.Text, y.Text)
					}
				}
				select {
				case <-s.Next():
				case <-stop:
					return
				}
			}
		})
	}
	work.Wait()
	close(stop)
	watch.Wait()
	s := a.Snapshot()
	for w := range writers {
		if x, _ := s.Running.Get(mtu[w]); x.Text != fmt.Sprint(each) {
			t.Errorf("writer %d ended at %s", w, x.Text)
		}
	}
	if s.Commit != writers*each || len(a.Sessions()) != 0 {
		t.Errorf("%d commits, %d sessions", s.Commit, len(a.Sessions()))
	}
}

func paths(f fixture, leaf string) []path.Path {
	var out []path.Path
	for i := range ifs {
		out = append(out, f.path(entry(i)+leaf))
	}
	return out
}
