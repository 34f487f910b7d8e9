package agent

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/store"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// Pending is a confirmed commit that waits for its confirmation. Its Session is
// the one that began or extended it last, 0 if that was before a restart.
type Pending = store.Pending

// confirmTimer is the confirmed commit in flight (RFC 6241 §8.4).
type confirmTimer struct {
	// pending is nil where there is none. It is changed by the holder of the
	// writer's token only.
	pending atomic.Pointer[Pending]
	timer   *time.Timer // rolls pending back; guarded by the writer's token
}

// Pending returns the confirmed commit that is pending, or nil.
func (a *Agent) Pending() *Pending { return a.confirm.pending.Load() }

// Confirm makes the pending confirmed commit permanent, without other changes.
func (a *Agent) Confirm(ctx context.Context, s *Session, persistID string) error {
	release, err := a.endPending(ctx, s, persistID)
	if err != nil {
		return err
	}
	defer release()
	st := a.durable()
	st.Pending = nil
	if _, err := a.store.Save(st, nil); err != nil {
		return notStored(err)
	}
	a.logCommitted(Request{Session: s, Target: Running}, nil, a.Pending(), nil)
	a.setPending(nil)
	return nil
}

// Cancel takes running back to before the pending confirmed commit
// (RFC 6241 §8.4.4.1).
func (a *Agent) Cancel(ctx context.Context, s *Session, persistID string) error {
	release, err := a.endPending(ctx, s, persistID)
	if err != nil {
		return err
	}
	defer release()
	return a.rollback(fmt.Sprintf("canceled by session %d", s.ID()))
}

// endPending takes the writer's token for somebody who may end the pending
// commit.
func (a *Agent) endPending(ctx context.Context, s *Session, persistID string) (release func(), err error) {
	if release, err = a.acquire(ctx, s); err != nil {
		return nil, err
	}
	if err = a.unlockedFor(s, Running); err == nil {
		err = a.ownsPending(s, persistID)
	}
	if err == nil && a.Pending() == nil {
		err = fault.New(fault.OperationFailed, nil, "no confirmed commit is pending")
	}
	if err != nil {
		release()
		return nil, err
	}
	return release, nil
}

// pendingAfter is the confirmed commit that is pending once r has been carried
// out; the same pointer as before where r does not concern it.
func (a *Agent) pendingAfter(r Request, running tree.Tree) *Pending {
	p := a.Pending()
	switch {
	case r.Test == TestOnly:
		return p
	case r.Confirm == nil && r.From == Candidate:
		return nil // RFC 6241 §8.4.1: a commit without <confirmed> confirms
	case r.Confirm == nil:
		return p
	}
	next := Pending{Rollback: running}
	if p != nil {
		next.Rollback, next.Persist = p.Rollback, p.Persist
	}
	if r.Confirm.Persist != "" {
		next.Persist = r.Confirm.Persist
	}
	next.Timeout = r.Confirm.Timeout
	if next.Timeout == 0 {
		next.Timeout = DefaultConfirmTimeout
	}
	next.Session, next.User = r.Session.ID(), r.Session.Options().User
	next.Deadline = time.Now().Add(next.Timeout)
	next.Boot = a.cfg.BootID
	return &next
}

// setPending replaces the pending confirmed commit and its timer. The caller has
// the writer's token.
func (a *Agent) setPending(p *Pending) {
	if p == a.Pending() {
		return
	}
	if a.confirm.timer != nil {
		a.confirm.timer.Stop()
		a.confirm.timer = nil
	}
	a.confirm.pending.Store(p)
	if p != nil {
		a.confirm.timer = time.AfterFunc(time.Until(p.Deadline), func() { a.expire(p) })
	}
}

// expire rolls p back, unless it has been replaced meanwhile.
func (a *Agent) expire(p *Pending) {
	release, err := a.acquire(context.Background(), nil)
	if err != nil {
		return // the agent closes; the next one finds p in the store
	}
	defer release()
	if a.Pending() == p {
		a.rollback(fmt.Sprintf("not confirmed within %s", p.Timeout))
	}
}

// rollback takes running back to before the pending confirmed commit. RFC 6241
// §8.4.1 leaves no choice, so it does not mind locks, and goes on when a driver
// or the store fails: the agent then mends the drivers, and the store, which
// still has the commit as pending, is brought up to date by the next change, or rolls
// back at the next start. Either failure is returned. The caller has the
// writer's token.
func (a *Agent) rollback(why string) error {
	p, old := a.Pending(), a.Snapshot().Running
	new := p.Rollback
	a.events.add(a.log, "confirm", "rolling back a confirmed commit: "+why, nil)
	st := a.durable()
	st.Running, st.Pending = new, nil
	var entry *store.Entry
	var faults fault.Errors
	if !same(old, new) {
		defer a.hold()()
		if err := a.apply(a.ctx, old, new); err != nil {
			faults = fault.All(err)
			a.degrade(faults)
		}
		entry = a.entry(Request{Target: Running, Comment: "rollback of a confirmed commit: " + why}, old, new)
	}
	saved, err := a.store.Save(st, entry)
	if err != nil {
		a.events.add(a.log, "store", "a rollback could not be made durable", err)
		faults = append(faults, fault.All(notStored(err))...)
		saved = a.store.State()
	}
	a.setPending(nil)
	if entry != nil {
		a.publishRunning(new, saved, false)
	}
	a.stats.rollbacks.Add(1)
	if len(faults) > 0 {
		return faults
	}
	return nil
}
