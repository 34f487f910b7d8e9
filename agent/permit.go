package agent

import (
	"slices"
	"strconv"

	"github.com/outrigger-cnf/outrigger/agent/fault"
)

// wellFormed refuses a Request that contradicts itself.
func (r Request) wellFormed() error {
	switch {
	case r.Target != Running && r.Target != Candidate && r.Target != Startup:
		return fault.New(fault.OperationNotSupported, nil,
			"the datastore %s cannot be written; running, candidate and startup can", r.Target)
	case r.From != 0 && !slices.Contains([]Datastore{Running, Candidate, Startup}, r.From):
		return fault.New(fault.OperationNotSupported, nil,
			"the datastore %s cannot be copied; running, candidate and startup can", r.From)
	case r.From != 0 && len(r.Edits) > 0:
		return fault.New(fault.InvalidValue, nil, "a request either copies a datastore or edits one")
	case (r.Confirm != nil || r.PersistID != "") && r.Target != Running:
		return fault.New(fault.InvalidValue, nil, "only running has confirmed commits, not %s", r.Target)
	case r.Confirm != nil && r.Confirm.Timeout < 0:
		return fault.New(fault.InvalidValue, nil, "the confirm timeout is negative; it must be positive")
	}
	return nil
}

// permitted applies the locks and the pending confirmed commit. A test changes
// nothing and so minds neither.
func (a *Agent) permitted(r Request) error {
	if r.Test == TestOnly {
		return nil
	}
	if err := a.unlockedFor(r.Session, r.Target); err != nil {
		return err
	}
	if r.Target != Running {
		return nil
	}
	if r.From == Candidate { // RFC 6241 §8.3.4.1
		if err := a.unlockedFor(r.Session, Candidate); err != nil {
			return err
		}
	}
	return a.ownsPending(r.Session, r.PersistID)
}

// ownsPending refuses whoever the pending confirmed commit does not belong to.
func (a *Agent) ownsPending(s *Session, persistID string) error {
	p := a.Pending()
	switch {
	case p == nil && persistID == "":
		return nil
	case p == nil:
		return fault.New(fault.InvalidValue, nil, "no confirmed commit is pending, so no persist-id fits")
	case persistID != "" && persistID == p.Persist:
		return nil
	case persistID != "":
		return fault.New(fault.InvalidValue, nil, "the persist-id is not that of the pending confirmed commit")
	case p.Persist == "" && s.ID() == p.Session && s != nil:
		return nil
	}
	return pendingInUse(p)
}

func pendingInUse(p *Pending) error {
	who := "session " + strconv.FormatUint(uint64(p.Session), 10)
	if p.Persist != "" {
		who = "whoever knows its persist-id"
	}
	return fault.New(fault.InUse, nil, "a confirmed commit is pending, which belongs to %s", who).
		WithInfo("session-id", strconv.FormatUint(uint64(p.Session), 10))
}
