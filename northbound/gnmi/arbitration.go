package gnmi

import (
	"context"
	"sync"

	gpbext "github.com/openconfig/gnmi/proto/gnmi_ext"
	"google.golang.org/grpc/codes"

	"github.com/outrigger-cnf/outrigger/agent/fault"
)

// arbiter is master arbitration (gNMI master arbitration 0.1.0): among the
// clients of a role, the one with the highest election ID may Set.
type arbiter struct {
	max int

	mu    sync.Mutex // guards roles; not held across a commit
	roles map[string]*role
}

// role is one group of clients that arbitrate among themselves.
type role struct {
	// turn holds a token while nobody of the role is at work. It is held across
	// the commit: a Set that was admitted must be over before a new master's Set
	// is, or it would overwrite it.
	turn chan struct{}
	high electionID // guarded by turn
}

// electionID is an unsigned number of 128 bits.
type electionID struct{ high, low uint64 }

func (a electionID) less(b electionID) bool {
	return a.high < b.high || a.high == b.high && a.low < b.low
}

// admit lets a Set through, or refuses a client that is not the master. A Set
// without the extension is always let through. The caller calls done when the
// Set is over.
func (a *arbiter) admit(ctx context.Context, m *gpbext.MasterArbitration) (done func(), err error) {
	if m == nil {
		return func() {}, nil
	}
	if m.GetElectionId() == nil {
		return nil, invalidf("the master arbitration extension has no election_id")
	}
	r, err := a.role(m.GetRole().GetId())
	if err != nil {
		return nil, err
	}
	select {
	case <-r.turn:
	case <-ctx.Done():
		return nil, statusOf(ctx.Err())
	}
	done = func() { r.turn <- struct{}{} }
	id := electionID{m.GetElectionId().GetHigh(), m.GetElectionId().GetLow()}
	if id.less(r.high) {
		high := r.high
		done()
		return nil, failf(codes.PermissionDenied, fault.AccessDenied, nil,
			"election ID {high: %d, low: %d} of role %q is not the master's; the highest seen is {high: %d, low: %d}",
			id.high, id.low, m.GetRole().GetId(), high.high, high.low)
	}
	r.high = id
	return done, nil
}

func (a *arbiter) role(id string) (*role, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if r := a.roles[id]; r != nil {
		return r, nil
	}
	if len(a.roles) >= a.max {
		return nil, failf(codes.ResourceExhausted, fault.ResourceDenied, nil, "there are %d roles, which is the limit", len(a.roles))
	}
	if a.roles == nil {
		a.roles = make(map[string]*role)
	}
	r := &role{turn: make(chan struct{}, 1)}
	r.turn <- struct{}{}
	a.roles[id] = r
	return r, nil
}
