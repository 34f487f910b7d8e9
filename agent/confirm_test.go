package agent_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/agenttest"
	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/store"
)

// trial is an agent with running at mtu 1 and one session.
type trial struct {
	fixture
	t *testing.T
	d *agenttest.Driver
	a *agent.Agent
	s *agent.Session
}

func confirmTest(t *testing.T, test func(trial)) {
	synctestRun(t, func(t *testing.T, f fixture) {
		d := agenttest.NewDriver(f.s)
		a := agenttest.New(t, f.s, d)
		f.set(a, nil, agent.Running, "merge /t:system/mtu=1")
		test(trial{f, t, d, a, f.open(a, "one")})
	})
}

// commit puts an edit into the candidate and commits that.
func (x trial) commit(s *agent.Session, edit string, c *agent.Confirm, persistID string) error {
	x.Helper()
	if edit != "" {
		x.set(x.a, s, agent.Candidate, edit)
	}
	_, err := x.a.Commit(x.t.Context(), agent.Request{Session: s, Target: agent.Running, From: agent.Candidate,
		Confirm: c, PersistID: persistID})
	return err
}

func (x trial) must(err error) {
	x.Helper()
	if err != nil {
		x.Fatal(err)
	}
}

// at holds running and the driver against an mtu after d.
func (x trial) at(d time.Duration, mtu string) {
	x.Helper()
	time.Sleep(d) // of the test's own clock
	synctest.Wait()
	x.want("running", x.a.Snapshot().Running, "/t:system/mtu="+mtu)
	x.want("the driver", x.d.Applied(), "/t:system/mtu="+mtu)
}

func TestConfirmTimeout(t *testing.T) {
	confirmTest(t, func(x trial) {
		t := x.t
		x.must(x.commit(x.s, "merge /t:system/mtu=2", &agent.Confirm{}, ""))
		x.at(599*time.Second, "2")
		x.at(2*time.Second, "1")
		if x.a.Pending() != nil {
			t.Error("still pending")
		}
		h := x.a.History()
		if last := h[len(h)-1]; last.Comment != "rollback of a confirmed commit: not confirmed within 10m0s" {
			t.Errorf("history ends with %+v", last)
		}
	})
}

func TestConfirmed(t *testing.T) {
	confirmTest(t, func(x trial) {
		t := x.t
		x.must(x.commit(x.s, "merge /t:system/mtu=2", &agent.Confirm{Timeout: time.Minute}, ""))
		x.must(x.commit(x.s, "merge /t:system/mtu=3", nil, "")) // may bring more
		x.at(time.Hour, "3")
		x.must(x.commit(x.s, "merge /t:system/mtu=4", &agent.Confirm{Timeout: time.Minute}, ""))
		x.must(x.a.Confirm(t.Context(), x.s, ""))
		x.at(time.Hour, "4")
		wantTag(t, x.a.Confirm(t.Context(), x.s, ""), fault.OperationFailed)
		wantTag(t, x.a.Cancel(t.Context(), x.s, ""), fault.OperationFailed)
		wantTag(t, x.a.Confirm(t.Context(), x.s, "token"), fault.InvalidValue)
	})
}

func TestConfirmFollowUpRestartsTimer(t *testing.T) {
	confirmTest(t, func(x trial) {
		x.must(x.commit(x.s, "merge /t:system/mtu=2", &agent.Confirm{Timeout: time.Minute}, ""))
		x.at(50*time.Second, "2")
		x.must(x.commit(x.s, "merge /t:system/mtu=3", &agent.Confirm{Timeout: time.Minute}, ""))
		x.at(50*time.Second, "3")
		x.must(x.commit(x.s, "", &agent.Confirm{Timeout: time.Minute}, "")) // nothing but the timer
		x.at(50*time.Second, "3")
		x.at(11*time.Second, "1") // to before the first
	})
}

func TestConfirmCancel(t *testing.T) {
	confirmTest(t, func(x trial) {
		t := x.t
		two := x.open(x.a, "two")
		x.must(x.commit(x.s, "merge /t:system/mtu=2", &agent.Confirm{Timeout: time.Minute}, ""))
		wantHolder(t, x.a.Cancel(t.Context(), two, ""), fault.InUse, x.s.ID())
		x.must(x.a.Cancel(t.Context(), x.s, ""))
		x.at(0, "1")
		x.at(time.Hour, "1")
	})
}

func TestConfirmOthersAreRefused(t *testing.T) {
	confirmTest(t, func(x trial) {
		t := x.t
		two := x.open(x.a, "two")
		x.must(x.commit(x.s, "merge /t:system/mtu=2", &agent.Confirm{Timeout: time.Minute}, ""))
		wantHolder(t, x.commit(two, "merge /t:system/mtu=5", nil, ""), fault.InUse, x.s.ID())
		wantTag(t, x.commit(two, "", nil, "token"), fault.InvalidValue)
		_, err := x.try(x.a, two, agent.Running, "merge /t:system/mtu=5")
		wantHolder(t, err, fault.InUse, x.s.ID())
		_, err = x.try(x.a, nil, agent.Running, "merge /t:system/mtu=5")
		wantHolder(t, err, fault.InUse, x.s.ID())
		wantHolder(t, two.Lock(agent.Running), fault.LockDenied, x.s.ID())
		x.set(x.a, x.s, agent.Running, "merge /t:system/mtu=3") // its own: part of the trial
		x.at(time.Second, "3")
		x.at(time.Minute, "1")
	})
}

func TestConfirmSessionEnds(t *testing.T) {
	confirmTest(t, func(x trial) {
		t := x.t
		x.must(x.commit(x.s, "merge /t:system/mtu=2", &agent.Confirm{Timeout: time.Minute}, ""))
		x.s.Close()
		x.at(0, "1")

		two, three := x.open(x.a, "two"), x.open(x.a, "three")
		x.must(x.commit(two, "merge /t:system/mtu=2", &agent.Confirm{Timeout: time.Minute}, ""))
		x.must(x.a.Kill(three, two.ID()))
		x.at(0, "1")

		four := x.open(x.a, "four")
		x.must(x.commit(four, "merge /t:system/mtu=2", &agent.Confirm{Timeout: time.Minute, Persist: "token"}, ""))
		four.Close()
		x.at(time.Second, "2")
		wantTag(t, x.commit(three, "", nil, ""), fault.InUse)
		wantTag(t, x.commit(three, "", nil, "other"), fault.InvalidValue)
		x.must(x.commit(three, "", &agent.Confirm{Timeout: time.Minute}, "token")) // keeps the token
		x.at(50*time.Second, "2")
		three.Close()
		x.at(0, "2")
		x.must(x.a.Confirm(x.t.Context(), nil, "token"))
		x.at(time.Hour, "2")
	})
}

func TestConfirmRollbackWhenDriverFails(t *testing.T) {
	confirmTest(t, func(x trial) {
		t := x.t
		x.must(x.commit(x.s, "merge /t:system/mtu=2", &agent.Confirm{Timeout: time.Minute}, ""))
		x.d.FailApply(1, errors.New("stuck"))
		time.Sleep(time.Minute)
		synctest.Wait()
		x.want("running", x.a.Snapshot().Running, "/t:system/mtu=1")
		if x.a.Degraded() == nil {
			t.Fatal("not degraded")
		}
		wait(t, x.a, "mended", func() bool { return x.a.Degraded() == nil })
		x.at(0, "1")
	})
}

// A store that is full while a rollback is due has it as pending still; the next
// save makes up for it.
func TestConfirmRollbackWhenStoreFails(t *testing.T) {
	synctestRun(t, func(t *testing.T, f fixture) {
		st := &brokenStore{Ephemeral: store.NewEphemeral(f.s)}
		d := agenttest.NewDriver(f.s)
		a := agenttest.Start(t, agent.Config{Schema: f.s, Drivers: []agent.Driver{d}, Store: st})
		x := trial{f, t, d, a, f.open(a, "one")}
		x.set(a, nil, agent.Running, "merge /t:system/mtu=1")
		x.must(x.commit(x.s, "merge /t:system/mtu=2", &agent.Confirm{Timeout: time.Minute}, ""))
		st.err = errors.New("full")
		wantTag(t, a.Cancel(t.Context(), x.s, ""), fault.ResourceDenied)
		x.at(0, "1")
		if st.State().Pending == nil {
			t.Fatal("the store was not full; the test shows nothing")
		}
		st.err = nil
		x.set(a, nil, agent.Startup, "merge /t:system/hostname=h")
		if s := st.State(); s.Pending != nil || dump(s.Running) != "/t:system/mtu=1" {
			t.Errorf("the store did not catch up: %+v", s)
		}
	})
}

func TestRestart(t *testing.T) {
	tests := []struct {
		name    string
		confirm agent.Confirm
		down    time.Duration
		boot    string
		mtu     string // after the restart
		pending bool
	}{
		{"without a token", agent.Confirm{Timeout: time.Minute}, time.Second, "b1", "1", false},
		{"with a token", agent.Confirm{Timeout: time.Minute, Persist: "k"}, time.Second, "b1", "2", true},
		{"with a token, too late", agent.Confirm{Timeout: time.Minute, Persist: "k"}, 2 * time.Minute, "b1", "1", false},
		{"with a token, rebooted", agent.Confirm{Timeout: time.Minute, Persist: "k"}, time.Second, "b2", "1", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctestRun(t, func(t *testing.T, f fixture) {
				st := store.NewEphemeral(f.s)
				cfg := agent.Config{Schema: f.s, Drivers: []agent.Driver{agenttest.NewDriver(f.s)}, Store: st, BootID: "b1"}
				a, err := agent.New(cfg)
				if err == nil {
					err = a.Start(t.Context())
				}
				if err != nil {
					t.Fatal(err)
				}
				f.set(a, nil, agent.Running, "merge /t:system/mtu=1")
				if _, err := a.Commit(t.Context(), agent.Request{Session: f.open(a, "one"), Target: agent.Running,
					Edits: f.edits("merge /t:system/mtu=2"), Confirm: &tt.confirm}); err != nil {
					t.Fatal(err)
				}
				if err := a.Close(); err != nil {
					t.Fatal(err)
				}
				if _, err := f.try(a, nil, agent.Running, "merge /t:system/mtu=9"); err == nil {
					t.Error("a closed agent took a commit")
				}
				time.Sleep(tt.down)
				d := agenttest.NewDriver(f.s)
				cfg.Drivers, cfg.BootID = []agent.Driver{d}, tt.boot
				x := trial{f, t, d, agenttest.Start(t, cfg), nil}
				x.at(0, tt.mtu)
				if (x.a.Pending() != nil) != tt.pending {
					t.Errorf("pending: %+v", x.a.Pending())
				}
				x.at(time.Minute, "1")
				if x.a.Pending() != nil || st.State().Pending != nil {
					t.Error("pending after its time")
				}
			})
		})
	}
}

// A full store does not keep the agent from starting, nor a trial from ending.
func TestRestartWithFullStore(t *testing.T) {
	f := newFixture(t)
	st := &brokenStore{Ephemeral: store.NewEphemeral(f.s)}
	start := func() (*agent.Agent, *agenttest.Driver) {
		d := agenttest.NewDriver(f.s)
		return agenttest.Start(t, agent.Config{Schema: f.s, Drivers: []agent.Driver{d}, Store: st}), d
	}
	a, _ := start()
	f.set(a, nil, agent.Running, "merge /t:system/mtu=1")
	if _, err := a.Commit(t.Context(), agent.Request{Target: agent.Running, Edits: f.edits("merge /t:system/mtu=2"), Confirm: &agent.Confirm{}}); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	st.err = errors.New("full")
	for range 2 {
		a, d := start()
		f.want("running", a.Snapshot().Running, "/t:system/mtu=1")
		f.want("the driver", d.Applied(), "/t:system/mtu=1")
	}
}

func TestBootStartup(t *testing.T) {
	f := newFixture(t)
	st := store.NewEphemeral(f.s)
	a := agenttest.Start(t, agent.Config{Schema: f.s, Drivers: []agent.Driver{agenttest.NewDriver(f.s)}, Store: st})
	f.set(a, nil, agent.Startup, "merge /t:system/mtu=7")
	f.want("running", a.Snapshot().Running)
	again := func(boot bool) *agent.Agent {
		return agenttest.Start(t, agent.Config{Schema: f.s, Drivers: []agent.Driver{agenttest.NewDriver(f.s)}, Store: st, BootStartup: boot})
	}
	a = again(false)
	f.want("running, of which none was stored", a.Snapshot().Running, "/t:system/mtu=7")
	f.set(a, nil, agent.Running, "merge /t:system/mtu=8")
	f.want("running, stored", again(false).Snapshot().Running, "/t:system/mtu=8")
	f.want("running, of startup", again(true).Snapshot().Running, "/t:system/mtu=7")
}

func TestHistoryOfLargeCommit(t *testing.T) {
	f := newFixture(t)
	a := agenttest.New(t, f.s)
	edits := []string{"merge /t:system/hostname=" + strings.Repeat("é", 300), "merge /t:rule[id='2']", "merge /t:rule[id='1']"}
	for i := range 200 {
		edits = append(edits, fmt.Sprintf("merge /t:interfaces/interface[name='i%d']/mtu=1", i))
	}
	f.set(a, nil, agent.Running, edits...)
	f.set(a, nil, agent.Running, "merge /t:rule[id='2'] last", "delete /t:interfaces", "merge /t:system/hostname=a")
	h := a.History()
	if n := len(h[0].Diff); h[0].Changes != 3 || n != 101 || !strings.HasPrefix(h[0].Diff[n-1], "… and ") {
		t.Errorf("%d changes, %d lines, the last %q", h[0].Changes, n, h[0].Diff[n-1])
	}
	for _, l := range h[0].Diff {
		if !utf8.ValidString(l) || len(l) > 210 {
			t.Errorf("line %q", l)
		}
	}
	if last := h[1].Diff[len(h[1].Diff)-1]; h[1].Changes != 3 || !strings.HasPrefix(last, "… and ") {
		t.Errorf("%d changes, the last line %q", h[1].Changes, last)
	}
}

func TestHistoryIsBounded(t *testing.T) {
	f := newFixture(t)
	a := agenttest.New(t, f.s)
	for i := range store.HistorySize + 5 {
		mtu := "1"
		if i%2 == 0 {
			mtu = "2"
		}
		f.set(a, nil, agent.Running, "merge /t:system/mtu="+mtu)
	}
	h := a.History()
	if len(h) != store.HistorySize || h[0].ID != 6 || h[len(h)-1].ID != a.Snapshot().Commit {
		t.Errorf("%d entries, from %d to %d", len(h), h[0].ID, h[len(h)-1].ID)
	}
	if got := h[len(h)-1].Diff[0]; got != "~ /t:system/mtu = 2 (was 1)" {
		t.Errorf("diff %q", got)
	}
}
