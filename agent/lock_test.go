package agent_test

import (
	"context"
	"fmt"
	"strconv"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/agenttest"
	"github.com/outrigger-cnf/outrigger/agent/fault"
)

func wantHolder(t testing.TB, err error, tag fault.Tag, id uint32) {
	t.Helper()
	if e := wantTag(t, err, tag); info(e, "session-id") != strconv.Itoa(int(id)) {
		t.Errorf("session-id %q, want %d", info(e, "session-id"), id)
	}
}

func TestLocks(t *testing.T) {
	f := newFixture(t)
	a := agenttest.New(t, f.s)
	one, two := f.open(a, "one"), f.open(a, "two")

	for _, d := range []agent.Datastore{agent.Running, agent.Candidate, agent.Startup} {
		if err := one.Lock(d); err != nil {
			t.Fatal(err)
		}
		wantHolder(t, one.Lock(d), fault.LockDenied, one.ID())
		wantHolder(t, two.Lock(d), fault.LockDenied, one.ID())
		wantHolder(t, two.Unlock(d), fault.LockDenied, one.ID())
		_, err := f.try(a, two, d, "merge /t:system/mtu=1")
		wantHolder(t, err, fault.InUse, one.ID())
		_, err = f.try(a, nil, d, "merge /t:system/mtu=1")
		wantHolder(t, err, fault.InUse, one.ID())
		if k, ok := a.LockHolder(d); !ok || k.Session != one || k.Since.IsZero() {
			t.Errorf("the holder of %s: %+v", d, k)
		}
	}
	wantHolder(t, two.Discard(), fault.InUse, one.ID())
	wantTag(t, one.Lock(agent.Operational), fault.InvalidValue)

	if err := one.Unlock(agent.Running); err != nil {
		t.Fatal(err)
	}
	wantTag(t, one.Unlock(agent.Running), fault.OperationFailed)
	_, err := a.Commit(t.Context(), agent.Request{Session: two, Target: agent.Running, From: agent.Candidate})
	wantHolder(t, err, fault.InUse, one.ID())
	f.set(a, two, agent.Running, "merge /t:system/mtu=1")

	// The holder leaves: its locks go, and with the candidate's its changes.
	f.set(a, one, agent.Candidate, "merge /t:system/hostname=left")
	one.Close()
	one.Close()
	if a.Snapshot().CandidateModified() {
		t.Error("the candidate outlived the session that had locked it")
	}
	if err := two.Lock(agent.Candidate); err != nil {
		t.Error(err)
	}
	wantTag(t, one.Lock(agent.Running), fault.OperationFailed)
	_, err = f.try(a, one, agent.Running, "merge /t:system/mtu=2")
	wantTag(t, err, fault.OperationFailed)
}

func TestLockOfModifiedCandidate(t *testing.T) {
	f := newFixture(t)
	a := agenttest.New(t, f.s)
	one, two := f.open(a, "one"), f.open(a, "two")
	f.set(a, one, agent.Candidate, "merge /t:system/mtu=1")
	wantHolder(t, two.Lock(agent.Candidate), fault.LockDenied, one.ID())
	one.Close() // it did not hold the lock, so its changes stay
	if !a.Snapshot().CandidateModified() {
		t.Fatal("changes to the unlocked candidate went with a session")
	}
	wantHolder(t, two.Lock(agent.Candidate), fault.LockDenied, 0)
	if err := two.Discard(); err != nil {
		t.Fatal(err)
	}
	if err := two.Lock(agent.Candidate); err != nil {
		t.Error(err)
	}
}

func TestSessionLimitAndKill(t *testing.T) {
	f := newFixture(t)
	d := agenttest.NewDriver(f.s)
	a := agenttest.Start(t, agent.Config{Schema: f.s, Drivers: []agent.Driver{d}, MaxSessions: 2})
	reasons := make(chan string, 1)
	one := f.open(a, "one")
	two, err := a.Open(agent.SessionOptions{User: "two", Kill: func(reason string) { reasons <- reason }})
	if err != nil {
		t.Fatal(err)
	}
	_, err = a.Open(agent.SessionOptions{})
	wantTag(t, err, fault.ResourceDenied)

	wantTag(t, a.Kill(one, one.ID()), fault.InvalidValue)
	wantTag(t, a.Kill(one, 99), fault.InvalidValue)
	if err := two.Lock(agent.Running); err != nil {
		t.Fatal(err)
	}

	// A session that waits for the writer is refused when it is killed.
	entered, open := d.Block()
	busy := make(chan error, 1)
	go func() {
		_, err := f.try(a, two, agent.Running, "merge /t:system/mtu=1")
		busy <- err
	}()
	<-entered
	waiting := make(chan error, 1)
	go func() {
		_, err := f.try(a, two, agent.Running, "merge /t:system/mtu=2")
		waiting <- err
	}()
	killed := make(chan error, 1)
	go func() { killed <- a.Kill(one, two.ID()) }()
	if got, want := <-reasons, fmt.Sprintf("session %d has been killed by session %d", two.ID(), one.ID()); got != want {
		t.Errorf("reason %q, want %q", got, want)
	}
	wantTag(t, <-waiting, fault.OperationFailed)
	open()
	if err := <-busy; err != nil {
		t.Errorf("what the driver was at work on: %v", err)
	}
	if err := <-killed; err != nil {
		t.Error(err)
	}
	if got := a.Sessions(); len(got) != 1 || got[0] != one {
		t.Errorf("sessions: %v", got)
	}
	if _, held := a.LockHolder(agent.Running); held {
		t.Error("the lock outlived its session")
	}
	if three := f.open(a, "three"); three.ID() == two.ID() || three.ID() == 0 {
		t.Errorf("session-id %d", three.ID())
	}
	if _, err := a.Commit(context.Background(), agent.Request{Session: one, Target: agent.Running}); err != nil {
		t.Error(err)
	}
}
