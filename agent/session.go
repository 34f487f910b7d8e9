package agent

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/outrigger-cnf/outrigger/agent/fault"
)

// SessionOptions say who opens a session.
type SessionOptions struct {
	User     string
	Protocol string // "netconf", "gnmi", "restconf", …
	Remote   string // the peer's address
	// Kill is called, once and in a goroutine of its own, when somebody else ends
	// the session; the protocol then closes its connection. It may be nil.
	Kill func(reason string)
}

// Session is one client's stay. It can hold locks and a confirmed commit, both
// of which end with it. The nil Session is the agent itself, with ID 0.
type Session struct {
	a     *Agent
	id    uint32
	opts  SessionOptions
	since time.Time

	ctx    context.Context // ends when the session does
	cancel context.CancelCauseFunc
	once   sync.Once // for the cleaning up after it

	writing bool // it has the writer's token; guarded by sessions.mu
}

// sessions are the open sessions and the locks they hold.
type sessions struct {
	mu  sync.Mutex // guards what follows; innermost, never held across a call
	max int
	seq uint32
	ids map[uint32]*Session
	// locks changes only while its changer has the writer's token, so that the
	// holder of the token can rely on it.
	locks map[Datastore]Lock
	// candidateBy is the session that modified the candidate last.
	candidateBy uint32
}

// Lock is a lock that is held.
type Lock struct {
	Session *Session
	Since   time.Time
}

func (l *sessions) init(limit int) {
	l.max = limit
	l.ids = make(map[uint32]*Session)
	l.locks = make(map[Datastore]Lock)
}

// Open begins a session. It fails with resource-denied when there are as many as
// the limit allows.
func (a *Agent) Open(o SessionOptions) (*Session, error) {
	l := &a.sessions
	l.mu.Lock()
	defer l.mu.Unlock()
	if a.ctx.Err() != nil {
		return nil, errClosed()
	}
	if len(l.ids) >= l.max {
		return nil, fault.New(fault.ResourceDenied, nil,
			"there are %d sessions, which is the limit; close one, or raise the limit", l.max)
	}
	for {
		l.seq++
		if _, taken := l.ids[l.seq]; l.seq != 0 && !taken {
			break
		}
	}
	s := &Session{a: a, id: l.seq, opts: o, since: time.Now()}
	s.ctx, s.cancel = context.WithCancelCause(context.Background())
	l.ids[s.id] = s
	return s, nil
}

// ID is the session-id: not zero, and unique among the open sessions of all
// protocols. The nil Session's is zero.
func (s *Session) ID() uint32 {
	if s == nil {
		return 0
	}
	return s.id
}

// Options returns what the session was opened with.
func (s *Session) Options() SessionOptions {
	if s == nil {
		return SessionOptions{Protocol: "agent"}
	}
	return s.opts
}

// Since is when the session was opened.
func (s *Session) Since() time.Time { return s.since }

// Done is closed when the session ends.
func (s *Session) Done() <-chan struct{} { return s.ctx.Done() }

func (s *Session) ended() <-chan struct{} {
	if s == nil {
		return nil
	}
	return s.ctx.Done()
}

func (s *Session) hasEnded() bool { return s != nil && s.ctx.Err() != nil }

// Close ends the session: it waits for the writer, releases the session's locks,
// discards the candidate if the session held its lock, and rolls back its
// confirmed commit unless that has a persist token. A second Close waits for the
// first.
func (s *Session) Close() {
	s.cancel(fmt.Errorf("session %d has been closed", s.id))
	s.once.Do(s.leave)
}

// enter notes that s has the writer's token, unless s has ended. The nil Session
// never ends.
func (l *sessions) enter(s *Session) bool {
	if s == nil {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	s.writing = s.ctx.Err() == nil
	return s.writing
}

func (l *sessions) exit(s *Session) {
	if s == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	s.writing = false
}

// leave cleans up after a session that has ended. The session counts as open, and
// its locks hold, until that is done. One that has nothing to clean up does not
// wait for the writer: most gNMI sessions are of that kind.
func (s *Session) leave() {
	a, l := s.a, &s.a.sessions
	if s.leftNothing() {
		return
	}
	if release, err := a.acquire(context.Background(), nil); err == nil {
		a.sessionLeft(s)
		defer release()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for d, k := range l.locks {
		if k.Session == s {
			delete(l.locks, d)
		}
	}
	delete(l.ids, s.id)
}

// leftNothing removes a session that neither holds nor is about to get a lock or
// a confirmed commit: since it has ended, it cannot enter any more.
func (s *Session) leftNothing() bool {
	l := &s.a.sessions
	l.mu.Lock()
	defer l.mu.Unlock()
	if p := s.a.Pending(); s.writing || p != nil && p.Session == s.id {
		return false
	}
	for _, k := range l.locks {
		if k.Session == s {
			return false
		}
	}
	delete(l.ids, s.id)
	return true
}

// sessionLeft puts back what s leaves behind. The caller has the writer's token.
func (a *Agent) sessionLeft(s *Session) {
	if k, held := a.lock(Candidate); held && k.Session == s {
		a.publishCandidate(a.Snapshot().Running, nil)
	}
	if p := a.Pending(); p != nil && p.Persist == "" && p.Session == s.id {
		// What fails is in the event log; there is nobody left to tell.
		_ = a.rollback(fmt.Sprintf("session %d ended before it confirmed", s.id))
	}
}

// Sessions returns the open sessions by ID.
func (a *Agent) Sessions() []*Session {
	a.sessions.mu.Lock()
	defer a.sessions.mu.Unlock()
	out := make([]*Session, 0, len(a.sessions.ids))
	for _, s := range a.sessions.ids {
		out = append(out, s)
	}
	slices.SortFunc(out, func(x, y *Session) int { return cmp.Compare(x.id, y.id) })
	return out
}

// Kill ends another session on behalf of by (RFC 6241 §7.9): what it is doing is
// refused unless the drivers are already at work, and it leaves as by Close.
func (a *Agent) Kill(by *Session, id uint32) error {
	if by != nil && id == by.id {
		return fault.New(fault.InvalidValue, nil, "session %d cannot kill itself; close it", id)
	}
	a.sessions.mu.Lock()
	s := a.sessions.ids[id]
	a.sessions.mu.Unlock()
	if s == nil || s.hasEnded() {
		return fault.New(fault.InvalidValue, nil, "there is no session %d", id)
	}
	reason := fmt.Sprintf("session %d has been killed by session %d", id, by.ID())
	s.cancel(fmt.Errorf("%s", reason))
	if s.opts.Kill != nil {
		go s.opts.Kill(reason)
	}
	s.once.Do(s.leave)
	return nil
}

func errSessionEnded(s *Session) error {
	return fault.Wrap(fault.OperationFailed, nil, context.Cause(s.ctx), "the session has ended")
}

func errClosed() error {
	return fault.New(fault.OperationFailed, nil, "the agent is shutting down")
}

// gone is the error for a request whose context has ended.
func gone(ctx context.Context) error {
	return fault.Wrap(fault.OperationFailed, nil, context.Cause(ctx), "the request was given up before it changed anything")
}
