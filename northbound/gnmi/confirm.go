package gnmi

import (
	"context"
	"errors"
	"fmt"
	"time"

	gpbext "github.com/openconfig/gnmi/proto/gnmi_ext"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/fault"
)

// confirmed carries out the action of the commit-confirmed extension. The commit
// ID is the persist token of the agent's confirmed commit, so NETCONF sees one
// that gNMI began and the other way round.
func (s *Server) confirmed(ctx context.Context, session *agent.Session, edits []agent.Edit, c *gpbext.Commit) error {
	if c.GetId() == "" {
		return invalidf("the commit extension has no id")
	}
	request := agent.Request{Session: session, Target: agent.Running, Edits: edits}
	if begin, ok := c.GetAction().(*gpbext.Commit_Commit); ok {
		timeout, err := rollbackDuration(begin.Commit.GetRollbackDuration())
		if err != nil {
			return err
		}
		// While another one is pending the agent refuses it as in-use.
		request.Confirm = &agent.Confirm{Timeout: timeout, Persist: c.GetId()}
		_, err = s.agent.Commit(ctx, request)
		return s.waiting(err, "")
	}
	if len(edits) > 0 {
		return invalidf("only the action commit of the commit extension goes with operations; a commit cannot be amended")
	}
	var err error
	switch action := c.GetAction().(type) {
	case *gpbext.Commit_Confirm:
		err = s.agent.Confirm(ctx, session, c.GetId())
	case *gpbext.Commit_Cancel:
		err = s.agent.Cancel(ctx, session, c.GetId())
	case *gpbext.Commit_SetRollbackDuration:
		d := action.SetRollbackDuration.GetRollbackDuration()
		if d.AsDuration() <= 0 || !d.IsValid() {
			return invalidf("rollback_duration must be greater than 0")
		}
		request.Confirm, request.PersistID = &agent.Confirm{Timeout: d.AsDuration()}, c.GetId()
		_, err = s.agent.Commit(ctx, request)
	default:
		return invalidf("the commit extension has no action; use commit, confirm, cancel or set_rollback_duration")
	}
	if err != nil && s.agent.Pending() == nil {
		return failf(codes.FailedPrecondition, fault.InvalidValue, nil, "no commit is waiting for its confirmation: it was confirmed, canceled or rolled back")
	}
	return s.waiting(err, c.GetId())
}

// waiting makes a status of what the agent says of a commit that waits for its
// confirmation, in the terms of gNMI: a persist-id is a commit ID here. id is the
// one that was given, if any. Other errors are as statusOf has them.
func (s *Server) waiting(err error, id string) error {
	f, is := errors.AsType[*fault.Error](err)
	p := s.agent.Pending()
	if !is || p == nil || len(f.Path) > 0 {
		return statusOf(err)
	}
	told := *f
	switch {
	case f.Tag == fault.InvalidValue && id != "" && p.Persist == "":
		told.Message = fmt.Sprintf("the commit that is waiting for its confirmation has no commit ID: only NETCONF session %d, which began it, can confirm or cancel it", p.Session)
	case f.Tag == fault.InvalidValue && id != "":
		told.Message = fmt.Sprintf("%q is not the commit ID of the commit that is waiting for its confirmation", id)
	case f.Tag == fault.InUse && p.Persist == "":
		told.Message = fmt.Sprintf("a commit is waiting for its confirmation by session %d of another protocol, which began it", p.Session)
	case f.Tag == fault.InUse:
		told.Message = "a commit is waiting for its confirmation: confirm or cancel it by its commit ID first"
	}
	return statusOf(&told)
}

// rollbackDuration reads the time that a commit has to be confirmed; zero is the
// agent's default, which is that of gNMI, ten minutes.
func rollbackDuration(d *durationpb.Duration) (time.Duration, error) {
	if d == nil {
		return 0, nil
	}
	if !d.IsValid() || d.AsDuration() < 0 {
		return 0, invalidf("rollback_duration is not a duration that has not passed yet")
	}
	return d.AsDuration(), nil
}
