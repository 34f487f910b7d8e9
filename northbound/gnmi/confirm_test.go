package gnmi_test

import (
	"context"
	"sync"
	"testing"
	"time"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	gpbext "github.com/openconfig/gnmi/proto/gnmi_ext"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/northbound/gnmi"
)

func withCommit(r *gpb.SetRequest, c *gpbext.Commit) *gpb.SetRequest {
	r.Extension = append(r.Extension, &gpbext.Extension{Ext: &gpbext.Extension_Commit{Commit: c}})
	return r
}

func begin(id string, d time.Duration) *gpbext.Commit {
	r := &gpbext.CommitRequest{}
	if d != 0 {
		r.RollbackDuration = durationpb.New(d)
	}
	return &gpbext.Commit{Id: id, Action: &gpbext.Commit_Commit{Commit: r}}
}

func confirm(id string) *gpbext.Commit {
	return &gpbext.Commit{Id: id, Action: &gpbext.Commit_Confirm{Confirm: &gpbext.CommitConfirm{}}}
}

func cancel(id string) *gpbext.Commit {
	return &gpbext.Commit{Id: id, Action: &gpbext.Commit_Cancel{Cancel: &gpbext.CommitCancel{}}}
}

func setRollback(id string, d time.Duration) *gpbext.Commit {
	return &gpbext.Commit{Id: id, Action: &gpbext.Commit_SetRollbackDuration{
		SetRollbackDuration: &gpbext.CommitSetRollbackDuration{RollbackDuration: durationpb.New(d)},
	}}
}

func mtu(n uint64) *gpb.SetRequest {
	return update(up("/interfaces/interface[name=eth0]/config/mtu", uintVal(n)))
}

func TestCommitConfirmed(t *testing.T) {
	b := newBench(t, gnmi.Limits{})
	b.set(mtu(100))
	fails := func(r *gpb.SetRequest, code codes.Code, words ...string) {
		t.Helper()
		_, err := b.client.Set(b.ctx(), r)
		wantCode(t, err, code, words...)
	}
	empty := func() *gpb.SetRequest { return &gpb.SetRequest{} }

	// Nothing is pending.
	fails(withCommit(empty(), confirm("a")), codes.FailedPrecondition, "waiting")
	fails(withCommit(empty(), cancel("a")), codes.FailedPrecondition)
	fails(withCommit(empty(), setRollback("a", time.Minute)), codes.FailedPrecondition)
	fails(withCommit(mtu(101), begin("", 0)), codes.InvalidArgument, "id")
	fails(withCommit(mtu(101), begin("a", -time.Second)), codes.InvalidArgument)
	fails(withCommit(mtu(101), &gpbext.Commit{Id: "a"}), codes.InvalidArgument, "action")

	// Confirmed.
	b.set(withCommit(mtu(101), begin("a", 0)))
	if p := b.agent.Pending(); p == nil || p.Timeout != 600*time.Second {
		t.Errorf("pending %+v", p)
	}
	fails(withCommit(mtu(102), begin("b", 0)), codes.FailedPrecondition)
	fails(withCommit(mtu(102), begin("a", 0)), codes.FailedPrecondition)
	fails(mtu(102), codes.FailedPrecondition, "by its commit ID first")
	fails(withCommit(empty(), confirm("b")), codes.InvalidArgument, `"b" is not the commit ID`)
	fails(withCommit(empty(), cancel("b")), codes.InvalidArgument, `"b" is not the commit ID`)
	fails(withCommit(empty(), setRollback("b", time.Minute)), codes.InvalidArgument, `"b" is not the commit ID`)
	fails(withCommit(empty(), setRollback("a", 0)), codes.InvalidArgument)
	fails(withCommit(mtu(102), confirm("a")), codes.InvalidArgument, "amended")
	b.set(withCommit(empty(), setRollback("a", time.Hour)))
	if p := b.agent.Pending(); p == nil || p.Timeout != time.Hour {
		t.Errorf("pending %+v", p)
	}
	b.set(withCommit(empty(), confirm("a")))
	want(t, b.running(), eth0+"/config/mtu = 101")

	// Canceled.
	b.set(withCommit(mtu(102), begin("c", 0)))
	b.set(withCommit(empty(), cancel("c")))
	want(t, b.running(), eth0+"/config/mtu = 101")

	// Not confirmed in time.
	snap := b.agent.Snapshot()
	b.set(withCommit(mtu(103), begin("d", 50*time.Millisecond)))
	for now := b.agent.Snapshot(); now.Commit < snap.Commit+2; now = b.agent.Snapshot() {
		select {
		case <-now.Next():
		case <-b.ctx().Done():
			t.Fatal("it was not rolled back")
		}
	}
	want(t, b.running(), eth0+"/config/mtu = 101")
	fails(withCommit(empty(), confirm("d")), codes.FailedPrecondition)
	b.set(mtu(104))
}

// TestConfirmAcrossProtocols holds that a confirmed commit of another protocol is
// respected.
func TestConfirmAcrossProtocols(t *testing.T) {
	b := newBench(t, gnmi.Limits{})
	session, err := b.agent.Open(agent.SessionOptions{User: "other", Protocol: "netconf"})
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	_, err = b.agent.Commit(context.Background(), agent.Request{
		Session: session, Target: agent.Running, Confirm: &agent.Confirm{Timeout: time.Minute},
		Edits: []agent.Edit{{Op: agent.Merge, Path: b.path(eth0)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.client.Set(b.ctx(), mtu(70))
	wantCode(t, err, codes.FailedPrecondition, "session")
	_, err = b.client.Set(b.ctx(), withCommit(mtu(70), begin("x", 0)))
	wantCode(t, err, codes.FailedPrecondition)
	_, err = b.client.Set(b.ctx(), withCommit(&gpb.SetRequest{}, confirm("x")))
	wantCode(t, err, codes.InvalidArgument, "has no commit ID")
}

func withMaster(r *gpb.SetRequest, role string, high, low uint64) *gpb.SetRequest {
	m := &gpbext.MasterArbitration{ElectionId: &gpbext.Uint128{High: high, Low: low}}
	if role != "" {
		m.Role = &gpbext.Role{Id: role}
	}
	r.Extension = append(r.Extension, &gpbext.Extension{Ext: &gpbext.Extension_MasterArbitration{MasterArbitration: m}})
	return r
}

func TestMasterArbitration(t *testing.T) {
	b := newBench(t, gnmi.Limits{MaxRoles: 2})
	steps := []struct {
		req  *gpb.SetRequest
		code codes.Code
	}{
		{withMaster(mtu(100), "", 0, 5), codes.OK},
		{withMaster(mtu(101), "", 0, 5), codes.OK},
		{withMaster(mtu(102), "", 0, 4), codes.PermissionDenied},
		{withMaster(mtu(103), "other", 0, 1), codes.OK},
		{withMaster(&gpb.SetRequest{}, "", 1, 0), codes.OK}, // larger than any low part
		{withMaster(mtu(104), "", 0, 6), codes.PermissionDenied},
		{withMaster(mtu(105), "other", 0, 1), codes.OK},
		{mtu(106), codes.OK},
		{&gpb.SetRequest{Extension: []*gpbext.Extension{{Ext: &gpbext.Extension_MasterArbitration{}}}}, codes.InvalidArgument},
		{withMaster(mtu(107), "third", 0, 1), codes.ResourceExhausted},
	}
	for i, st := range steps {
		_, err := b.client.Set(b.ctx(), st.req)
		if st.code == codes.OK && err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
		wantCode(t, err, st.code)
	}
	_, err := b.client.Set(b.ctx(), withMaster(mtu(104), "", 0, 6))
	wantCode(t, err, codes.PermissionDenied, "high: 1, low: 0")
	want(t, b.running(), eth0+"/config/mtu = 106")
}

// TestStaleMaster holds that a Set that was admitted is over before that of a new
// master begins.
func TestStaleMaster(t *testing.T) {
	b := newBench(t, gnmi.Limits{})
	entered, open := b.driver.Block()
	var both sync.WaitGroup
	both.Go(func() {
		if _, err := b.client.Set(context.Background(), withMaster(mtu(100), "", 0, 1)); err != nil {
			t.Error(err)
		}
	})
	<-entered
	both.Go(func() {
		if _, err := b.client.Set(context.Background(), withMaster(mtu(200), "", 0, 2)); err != nil {
			t.Error(err)
		}
	})
	open()
	both.Wait()
	want(t, b.running(), eth0+"/config/mtu = 200")
}

func TestSetExtensions(t *testing.T) {
	b := newBench(t, gnmi.Limits{})
	depth := &gpbext.Extension{Ext: &gpbext.Extension_Depth{Depth: &gpbext.Depth{Level: 1}}}
	_, err := b.client.Set(b.ctx(), &gpb.SetRequest{Extension: []*gpbext.Extension{depth}})
	wantCode(t, err, codes.InvalidArgument, "depth")
	_, err = b.client.Capabilities(b.ctx(), &gpb.CapabilityRequest{Extension: []*gpbext.Extension{depth}})
	wantCode(t, err, codes.InvalidArgument, "depth")
	_, err = b.client.Get(b.ctx(), withCommitGet(begin("x", 0)))
	wantCode(t, err, codes.InvalidArgument, "commit")
	unknown := &gpbext.Extension{Ext: &gpbext.Extension_RegisteredExt{RegisteredExt: &gpbext.RegisteredExtension{Id: 999}}}
	b.set(&gpb.SetRequest{Extension: []*gpbext.Extension{unknown}})
}

func withCommitGet(c *gpbext.Commit) *gpb.GetRequest {
	return &gpb.GetRequest{Path: []*gpb.Path{gp("/")}, Extension: []*gpbext.Extension{{Ext: &gpbext.Extension_Commit{Commit: c}}}}
}
