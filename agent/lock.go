package agent

import (
	"context"
	"strconv"
	"time"

	"github.com/outrigger-cnf/outrigger/agent/fault"
)

// Lock gives s the sole right to write a datastore (RFC 6241 §7.5). It waits for
// the writer of the moment. It fails with lock-denied, naming the session in the
// way, when anybody holds the lock already (s itself, too), when the candidate
// has been modified, or when another session's confirmed commit of running is
// pending.
func (s *Session) Lock(d Datastore) error {
	if d != Running && d != Candidate && d != Startup {
		return fault.New(fault.InvalidValue, nil, "the datastore %s cannot be locked", d)
	}
	release, err := s.a.acquire(context.Background(), s)
	if err != nil {
		return err
	}
	defer release()
	if k, held := s.a.lock(d); held {
		return lockDenied(k.Session.ID(), "the lock on %s is held by session %d", d, k.Session.ID())
	}
	if d == Candidate && s.a.Snapshot().CandidateModified() {
		return lockDenied(s.a.candidateBy(), "the candidate has been modified; commit or discard it first")
	}
	if p := s.a.Pending(); d == Running && p != nil && p.Session != s.id {
		return lockDenied(p.Session, "the confirmed commit of session %d is pending", p.Session)
	}
	s.a.sessions.mu.Lock()
	defer s.a.sessions.mu.Unlock()
	s.a.sessions.locks[d] = Lock{Session: s, Since: time.Now()}
	return nil
}

// Unlock gives a lock back (RFC 6241 §7.6). Changes to the candidate stay.
func (s *Session) Unlock(d Datastore) error {
	release, err := s.a.acquire(context.Background(), s)
	if err != nil {
		return err
	}
	defer release()
	k, held := s.a.lock(d)
	switch {
	case !held:
		return fault.New(fault.OperationFailed, nil, "%s is not locked", d)
	case k.Session != s:
		return lockDenied(k.Session.ID(), "the lock on %s is held by session %d", d, k.Session.ID())
	}
	s.a.sessions.mu.Lock()
	defer s.a.sessions.mu.Unlock()
	delete(s.a.sessions.locks, d)
	return nil
}

// Discard makes the candidate equal to running (RFC 6241 §8.3.4.2).
func (s *Session) Discard() error {
	release, err := s.a.acquire(context.Background(), s)
	if err != nil {
		return err
	}
	defer release()
	if err := s.a.unlockedFor(s, Candidate); err != nil {
		return err
	}
	s.a.publishCandidate(s.a.Snapshot().Running, nil)
	return nil
}

// LockHolder returns the lock on d, if there is one.
func (a *Agent) LockHolder(d Datastore) (Lock, bool) { return a.lock(d) }

func (a *Agent) lock(d Datastore) (Lock, bool) {
	a.sessions.mu.Lock()
	defer a.sessions.mu.Unlock()
	k, held := a.sessions.locks[d]
	return k, held
}

// candidateBy is the session that modified the candidate, or 0 if it is gone.
func (a *Agent) candidateBy() uint32 {
	a.sessions.mu.Lock()
	defer a.sessions.mu.Unlock()
	if a.sessions.ids[a.sessions.candidateBy] == nil {
		return 0
	}
	return a.sessions.candidateBy
}

// unlockedFor refuses s with in-use when another session holds a lock on d.
func (a *Agent) unlockedFor(s *Session, d Datastore) error {
	k, held := a.lock(d)
	if !held || k.Session == s {
		return nil
	}
	return fault.New(fault.InUse, nil, "%s is locked by session %d", d, k.Session.ID()).
		WithInfo("session-id", strconv.FormatUint(uint64(k.Session.ID()), 10))
}

func lockDenied(holder uint32, format string, args ...any) error {
	e := fault.New(fault.LockDenied, nil, format, args...).
		WithInfo("session-id", strconv.FormatUint(uint64(holder), 10))
	e.Layer = fault.Protocol // RFC 6241 Appendix A
	return e
}
