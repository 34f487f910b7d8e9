package agent_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/agenttest"
	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/store"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// wantTag fails unless err has that tag.
func wantTag(t testing.TB, err error, tag fault.Tag) *fault.Error {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want %s", tag)
	}
	e := fault.All(err)[0]
	if e.Tag != tag {
		t.Fatalf("error %s (%v), want %s", e.Tag, err, tag)
	}
	return e
}

func info(e *fault.Error, name string) string {
	for _, i := range e.Info {
		if i.Name == name {
			return i.Value
		}
	}
	return ""
}

// rules is a Validator: mtu must not be 666, and weight goes where mtu goes.
type rules struct {
	f      fixture
	checks int
}

func (r *rules) Settle(old, new tree.Tree) (tree.Tree, error) {
	p := r.f.path("/t:system/mtu")
	if old.Node(p) != nil && new.Node(p) == nil {
		return new.Delete(r.f.path("/t:system/hostname")), nil
	}
	return new, nil
}

func (r *rules) Check(_ context.Context, old, new tree.Tree) error {
	r.checks++
	for c := range tree.Diff(old, new, nil) {
		for p, n := range new.Under(c.Path) {
			if n.Schema().Name == "mtu" && n.Value().Text == "666" {
				return fault.New(fault.OperationFailed, p, "666 is not allowed").WithAppTag(fault.MustViolation)
			}
		}
	}
	return nil
}

type access struct{ seen []string }

func (a *access) Write(user string, d agent.Datastore, changes iter.Seq[tree.Change]) error {
	for c := range changes {
		a.seen = append(a.seen, fmt.Sprintf("%s %s %s", user, d, c.Path))
		if user == "guest" {
			return fault.New(fault.AccessDenied, c.Path, "guests only look")
		}
	}
	return nil
}

// brokenStore fails to save when told to.
type brokenStore struct {
	*store.Ephemeral
	err error
}

func (b *brokenStore) Save(s store.State, e *store.Entry) (store.State, error) {
	if b.err != nil {
		return store.State{}, b.err
	}
	return b.Ephemeral.Save(s, e)
}

func TestCommitStagesThatRefuse(t *testing.T) {
	f := newFixture(t)
	d1, d2 := agenttest.NewDriver(f.s), agenttest.NewDriver(f.s)
	v, acl := &rules{f: f}, &access{}
	st := &brokenStore{Ephemeral: store.NewEphemeral(f.s)}
	a := agenttest.Start(t, agent.Config{Schema: f.s, Drivers: []agent.Driver{d1, d2}, Validator: v, Access: acl, Store: st})
	guest, root := f.open(a, "guest"), f.open(a, "root")
	f.set(a, root, agent.Running, "merge /t:system/hostname=a", "merge /t:system/mtu=1400")

	refused := func(name string, s *agent.Session, tag fault.Tag, applies int, edit string) {
		t.Helper()
		before := a.Snapshot()
		_, n, _ := d1.Calls()
		_, err := f.try(a, s, agent.Running, edit)
		wantTag(t, err, tag)
		if a.Snapshot() != before {
			t.Errorf("%s: a new snapshot", name)
		}
		for i, d := range []*agenttest.Driver{d1, d2} {
			if !tree.Equal(d.Applied().Root(), before.Running.Root()) {
				t.Errorf("%s: driver %d is not at running", name, i+1)
			}
		}
		if _, now, _ := d1.Calls(); now-n != applies {
			t.Errorf("%s: %d calls of the first driver's Apply, want %d", name, now-n, applies)
		}
		if a.Degraded() != nil {
			t.Errorf("%s: degraded: %v", name, a.Degraded())
		}
	}
	refused("validation", root, fault.OperationFailed, 0, "merge /t:system/mtu=666")
	refused("access", guest, fault.AccessDenied, 0, "merge /t:system/mtu=1")
	d2.FailCheck(fault.New(fault.ResourceDenied, nil, "no room"))
	refused("check", root, fault.ResourceDenied, 0, "merge /t:system/mtu=2")
	d2.FailCheck(nil)
	d1.FailApply(1, nil)
	refused("first apply", root, fault.OperationFailed, 1, "merge /t:system/mtu=3")
	d2.FailApply(1, nil)
	refused("second apply", root, fault.OperationFailed, 2, "merge /t:system/mtu=4")
	st.err = errors.New("no space left on device")
	refused("store", root, fault.ResourceDenied, 2, "merge /t:system/mtu=5")
	st.err = nil

	snap := f.set(a, root, agent.Running, "delete /t:system/mtu")
	f.want("running, settled", snap.Running)
	if len(a.History()) != 2 || a.History()[1].Diff[0] != "- /t:system/hostname = a" {
		t.Errorf("history: %+v", a.History())
	}
	if got := strings.Join(acl.seen[len(acl.seen)-1:], ""); got != "root running /t:system" {
		t.Errorf("access saw %q last", got)
	}
}

func TestNoOpTouchesNothing(t *testing.T) {
	f := newFixture(t)
	d := agenttest.NewDriver(f.s)
	a := agenttest.New(t, f.s, d)
	before := f.set(a, nil, agent.Running, "merge /t:system/mtu=1400")
	checks, applies, _ := d.Calls()
	after := f.set(a, nil, agent.Running, "merge /t:system/mtu=1400", "create /t:rule[id='1']", "delete /t:rule[id='1']")
	if after != before {
		t.Error("a commit without a difference made a snapshot")
	}
	if c, n, _ := d.Calls(); c != checks || n != applies || len(a.History()) != 1 {
		t.Errorf("a commit without a difference was checked, applied or stored: %d %d %d", c, n, len(a.History()))
	}
}

func TestUndoFails(t *testing.T) {
	synctestRun(t, func(t *testing.T, f fixture) {
		d1, d2 := agenttest.NewDriver(f.s), agenttest.NewDriver(f.s)
		a := agenttest.New(t, f.s, d1, d2)
		f.set(a, nil, agent.Running, "merge /t:system/mtu=1400")
		before := a.Snapshot()
		d2.FailApply(1, fault.New(fault.ResourceDenied, nil, "no room"))
		d1.FailApply(2, errors.New("stuck"))
		_, err := f.try(a, nil, agent.Running, "merge /t:system/mtu=1")
		wantTag(t, err, fault.RollbackFailed)
		if !strings.Contains(err.Error(), "no room") || !strings.Contains(err.Error(), "stuck") {
			t.Errorf("the error does not name both causes: %v", err)
		}
		if a.Degraded() == nil || a.Snapshot() != before {
			t.Fatal("not degraded at the old configuration")
		}
		if tree.Equal(d1.Applied().Root(), before.Running.Root()) {
			t.Fatal("the driver did not get stuck; the test shows nothing")
		}
		d1.FailApply(1, errors.New("still stuck"))
		wait(t, a, "mended", func() bool { return a.Degraded() == nil })
		if !tree.Equal(d1.Applied().Root(), before.Running.Root()) {
			t.Error("mended, but the driver is not at running")
		}
	})
}

func TestContextEndsWhileWaiting(t *testing.T) {
	synctestRun(t, func(t *testing.T, f fixture) {
		d := agenttest.NewDriver(f.s)
		a := agenttest.New(t, f.s, d)
		entered, open := d.Block()
		ctx1, cancel1 := context.WithCancel(t.Context())
		first := make(chan error, 1)
		go func() {
			_, err := a.Commit(ctx1, agent.Request{Target: agent.Running, Edits: f.edits("merge /t:system/mtu=1")})
			first <- err
		}()
		<-entered
		ctx2, cancel2 := context.WithCancel(t.Context())
		second := make(chan error, 1)
		go func() {
			_, err := a.Commit(ctx2, agent.Request{Target: agent.Running, Edits: f.edits("merge /t:system/mtu=2")})
			second <- err
		}()
		cancel1() // too late: the driver is at work
		cancel2()
		wantTag(t, <-second, fault.OperationFailed)
		open()
		if err := <-first; err != nil {
			t.Error(err)
		}
		f.want("running", a.Snapshot().Running, "/t:system/mtu=1")
		if _, err := a.Commit(ctx2, agent.Request{Target: agent.Running, Edits: f.edits("merge /t:system/mtu=3")}); err == nil {
			t.Error("a request whose context had ended was carried out")
		}
	})
}

func TestTestOnly(t *testing.T) {
	f := newFixture(t)
	d := agenttest.NewDriver(f.s)
	v := &rules{f: f}
	a := agenttest.Start(t, agent.Config{Schema: f.s, Drivers: []agent.Driver{d}, Validator: v})
	before := a.Snapshot()
	for _, target := range []agent.Datastore{agent.Running, agent.Candidate, agent.Startup} {
		for _, mtu := range []string{"1", "666"} {
			_, err := a.Commit(t.Context(), agent.Request{Target: target, Test: agent.TestOnly,
				Edits: f.edits("merge /t:system/mtu=" + mtu), Confirm: nil})
			if (err != nil) != (mtu == "666") {
				t.Errorf("%s, mtu %s: %v", target, mtu, err)
			}
		}
	}
	if a.Snapshot() != before || len(a.History()) != 0 {
		t.Error("a test changed something")
	}
	if checks, applies, _ := d.Calls(); checks != 1 || applies != 1 { // Apply: at start
		t.Errorf("%d checks and %d applies, want 1 and 1", checks, applies)
	}
}

func TestCandidate(t *testing.T) {
	f := newFixture(t)
	v := &rules{f: f}
	a := agenttest.Start(t, agent.Config{Schema: f.s, Drivers: []agent.Driver{agenttest.NewDriver(f.s)}, Validator: v})
	s := f.open(a, "root")

	f.set(a, s, agent.Running, "merge /t:system/hostname=a")
	if a.Snapshot().CandidateModified() {
		t.Fatal("the candidate did not follow running")
	}
	f.set(a, s, agent.Candidate, "merge /t:rule[id='1']")
	f.set(a, s, agent.Running, "merge /t:system/hostname=b")
	f.want("candidate", a.Snapshot().Candidate, "/t:system/hostname=a", "/t:rule[id='1']/id=1")

	if _, err := f.try(a, s, agent.Candidate, "merge /t:system/mtu=666"); err == nil {
		t.Error("an invalid edit of the candidate was accepted with test-then-set")
	}
	if _, err := a.Commit(t.Context(), agent.Request{Session: s, Target: agent.Candidate, Test: agent.Set,
		Edits: f.edits("merge /t:system/mtu=666")}); err != nil {
		t.Errorf("an invalid edit of the candidate was refused with set: %v", err)
	}
	if _, err := f.try(a, s, agent.Candidate, "merge /t:system/debug"); err == nil {
		t.Error("test-then-set accepted a candidate that is invalid elsewhere")
	}
	commit := agent.Request{Session: s, Target: agent.Running, From: agent.Candidate}
	if _, err := a.Commit(t.Context(), commit); err == nil {
		t.Error("an invalid candidate was committed")
	}
	f.set(a, s, agent.Candidate, "replace /t:system/mtu=1400")
	snap, err := a.Commit(t.Context(), commit)
	if err != nil {
		t.Fatal(err)
	}
	f.want("running", snap.Running, "/t:system/hostname=a", "/t:system/mtu=1400", "/t:rule[id='1']/id=1")
	if snap.CandidateModified() {
		t.Error("the candidate is modified after a commit")
	}

	f.set(a, s, agent.Candidate, "delete /")
	if err := s.Discard(); err != nil {
		t.Fatal(err)
	}
	if a.Snapshot().CandidateModified() {
		t.Error("the candidate is modified after discard")
	}
	f.set(a, s, agent.Candidate, "merge /t:system/mtu=1")
	f.set(a, s, agent.Candidate, "merge /t:system/mtu=1400")
	if a.Snapshot().CandidateModified() {
		t.Error("a candidate that equals running counts as modified")
	}
}

func TestCopies(t *testing.T) {
	f := newFixture(t)
	d := agenttest.NewDriver(f.s)
	a := agenttest.New(t, f.s, d)
	copyTo := func(target, from agent.Datastore) {
		t.Helper()
		if _, err := a.Commit(t.Context(), agent.Request{Target: target, From: from}); err != nil {
			t.Fatalf("%s to %s: %v", from, target, err)
		}
	}
	f.set(a, nil, agent.Running, "merge /t:system/hostname=a")
	copyTo(agent.Startup, agent.Running)
	if s := a.Snapshot(); s.Startup.Root() != s.Running.Root() {
		t.Error("the copy does not share")
	}
	f.set(a, nil, agent.Running, "merge /t:system/hostname=b")
	copyTo(agent.Candidate, agent.Startup)
	f.want("candidate", a.Snapshot().Candidate, "/t:system/hostname=a")
	copyTo(agent.Running, agent.Startup)
	f.want("running", d.Applied(), "/t:system/hostname=a")
	f.set(a, nil, agent.Startup, "delete /")
	f.want("startup", a.Snapshot().Startup)
	var stores []string
	for _, h := range a.History() {
		stores = append(stores, h.Datastore)
	}
	if got := strings.Join(stores, " "); got != "running startup running running startup" {
		t.Errorf("history of %s", got)
	}
	for _, r := range []agent.Request{
		{Target: agent.Operational}, {}, {Target: agent.Running, From: agent.Operational},
		{Target: agent.Running, From: agent.Startup, Edits: f.edits("delete /")},
		{Target: agent.Startup, Confirm: &agent.Confirm{}},
	} {
		if _, err := a.Commit(t.Context(), r); err == nil {
			t.Errorf("accepted: %+v", r)
		}
	}
}

func TestCoverage(t *testing.T) {
	f := newFixture(t)
	if _, err := agent.New(agent.Config{Schema: f.s}); err == nil || !strings.Contains(err.Error(), "/t:system/hostname") {
		t.Errorf("a schema without drivers: %v", err)
	}
	served := func(texts ...string) []path.Path {
		var out []path.Path
		for _, x := range texts {
			m, name, _ := strings.Cut(x, ":")
			out = append(out, path.Path{{Module: m, Name: name}})
		}
		return out
	}
	if _, err := agent.New(agent.Config{Schema: f.s, Served: served("t:system", "t:interfaces", "t:rule")}); err != nil {
		t.Error(err)
	}
	if _, err := agent.New(agent.Config{Schema: f.s, Served: served("t:system", "t:interfaces", "t:rule", "t:more")}); err == nil {
		t.Error("a leaf that the schema does not have was accepted")
	}
}
