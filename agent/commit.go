package agent

import (
	"context"
	"errors"
	"time"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/store"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// Commit carries out one Request, all of it or nothing, and returns the Snapshot
// in which it is visible. What it acknowledges is durable and applied; what it
// refuses has left no trace, unless the error says rollback-failed. A Request
// that changes nothing touches neither drivers nor store.
//
// It waits for the writer before it. When ctx ends before the drivers are at
// work the Request is refused; afterwards it runs to its end.
func (a *Agent) Commit(ctx context.Context, r Request) (*Snapshot, error) {
	snap, err := a.commit(ctx, r)
	a.stats.commit(err)
	if err != nil {
		a.logRefused(r, err)
	}
	return snap, err
}

func (a *Agent) commit(ctx context.Context, r Request) (*Snapshot, error) {
	if err := r.wellFormed(); err != nil {
		return nil, err
	}
	release, err := a.acquire(ctx, r.Session)
	if err != nil {
		return nil, err
	}
	defer release()

	// From here on nobody else changes running, candidate, startup or a lock.
	snap := a.Snapshot()
	if err := a.permitted(r); err != nil {
		return nil, err
	}
	old := snap.Tree(r.Target)
	new, faults := edited(snap, r)
	if len(faults) > 0 && !r.ContinueOnError {
		return nil, faults[0]
	}
	if new, err = a.validated(ctx, r, snap, old, new); err != nil {
		return nil, joined(faults, err)
	}
	if a.cfg.Access != nil && r.Session != nil {
		if err := a.cfg.Access.Write(r.Session.opts.User, r.Target, tree.Diff(old, new, nil)); err != nil {
			return nil, err
		}
	}

	switch r.Target {
	case Candidate:
		snap, err = a.commitCandidate(r, snap, new)
	case Startup:
		snap, err = a.commitStartup(r, snap, new)
	default:
		snap, err = a.commitRunning(ctx, r, snap, new)
	}
	if err != nil {
		return nil, joined(faults, err)
	}
	return snap, joined(faults, nil)
}

// joined is one error of both; err itself, where there are no faults.
func joined(faults fault.Errors, err error) error {
	if len(faults) == 0 {
		return err
	}
	return append(faults, fault.All(err)...)
}

// durable is the state to save, of which the caller changes a part. It is not
// the store's own: a rollback may have been too much for that.
func (a *Agent) durable() store.State {
	st, snap := a.store.State(), a.Snapshot()
	st.Running, st.Startup, st.Pending = snap.Running, snap.Startup, a.Pending()
	return st
}

// validated settles and checks new, and returns old where they do not differ.
func (a *Agent) validated(ctx context.Context, r Request, snap *Snapshot, old, new tree.Tree) (tree.Tree, error) {
	if same(old, new) {
		return old, nil
	}
	v := a.cfg.Validator
	if v == nil || r.From == Running { // which is valid
		return new, nil
	}
	settled, err := v.Settle(old, new)
	if err != nil {
		return old, err
	}
	if settled.Root() != new.Root() && same(old, settled) {
		return old, nil
	}
	switch new = settled; {
	case r.Target != Candidate:
		return new, v.Check(ctx, old, new)
	case r.Test == Set:
		return new, nil
	case a.candidateValid:
		return new, v.Check(ctx, old, new)
	default:
		return new, v.Check(ctx, snap.Running, new)
	}
}

func (a *Agent) commitCandidate(r Request, snap *Snapshot, new tree.Tree) (*Snapshot, error) {
	if r.Test == TestOnly || new.Root() == snap.Candidate.Root() {
		return snap, nil
	}
	if r.From == 0 {
		a.candidateValid = a.candidateValid && r.Test != Set
	} else {
		a.candidateValid = r.Test != Set
	}
	return a.publishCandidate(new, r.Session), nil
}

func (a *Agent) commitStartup(r Request, snap *Snapshot, new tree.Tree) (*Snapshot, error) {
	if r.Test == TestOnly || new.Root() == snap.Startup.Root() {
		return snap, nil
	}
	st := a.durable()
	st.Startup = new
	entry := a.entry(r, snap.Startup, new)
	if _, err := a.store.Save(st, entry); err != nil {
		return nil, notStored(err)
	}
	a.logCommitted(r, entry, nil, nil)
	return a.publishStartup(new), nil
}

// commitRunning takes the drivers and the store from snap.Running to new.
func (a *Agent) commitRunning(ctx context.Context, r Request, snap *Snapshot, new tree.Tree) (*Snapshot, error) {
	old := snap.Running
	pending := a.pendingAfter(r, old)
	differs := new.Root() != old.Root()
	if !differs && pending == a.Pending() {
		if r.From == Candidate && r.Test != TestOnly && snap.CandidateModified() {
			snap = a.publishCandidate(old, nil) // equal, but not the same tree
		}
		return snap, nil
	}
	var entry *store.Entry
	if differs {
		if err := a.check(ctx, old, new); err != nil {
			return nil, err
		}
		if r.Test == TestOnly {
			return snap, nil
		}
		if ctx.Err() != nil {
			return nil, gone(ctx)
		}
		if r.Session.hasEnded() {
			return nil, errSessionEnded(r.Session)
		}
		defer a.hold()()
		if err := a.apply(ctx, old, new); err != nil {
			return nil, err
		}
		entry = a.entry(r, old, new)
	}
	st := a.durable()
	st.Running, st.HasRunning, st.Pending = new, true, pending
	st, err := a.store.Save(st, entry)
	switch {
	case err != nil && !differs:
		return nil, notStored(err)
	case err != nil:
		return nil, a.undo(ctx, len(a.cfg.Drivers), old, new, notStored(err))
	}
	a.logCommitted(r, entry, a.Pending(), pending)
	a.setPending(pending)
	if !differs {
		return a.Snapshot(), nil
	}
	return a.publishRunning(new, st, r.From == Candidate), nil
}

// check asks every driver whether it could apply the change.
func (a *Agent) check(ctx context.Context, old, new tree.Tree) error {
	for _, d := range a.cfg.Drivers {
		if err := d.Check(ctx, old, new); err != nil {
			return err
		}
	}
	return nil
}

// apply takes the drivers from old to new in order. On failure those that had
// done so go back, so that all of them are at old again.
func (a *Agent) apply(ctx context.Context, old, new tree.Tree) error {
	ctx = context.WithoutCancel(ctx)
	for i, d := range a.cfg.Drivers {
		if err := d.Apply(ctx, old, new); err != nil {
			return a.undo(ctx, i, old, new, err)
		}
	}
	return nil
}

// undo takes the first n drivers back from new to old, the last one first, and
// returns the error to answer with. When a driver cannot go back, or the cause
// says that one could not, old stays what is wanted and the agent keeps mending.
func (a *Agent) undo(ctx context.Context, n int, old, new tree.Tree, cause error) error {
	ctx = context.WithoutCancel(ctx)
	stuck := fault.Errors{}
	for _, e := range fault.All(cause) {
		if e.Tag == fault.RollbackFailed {
			stuck = append(stuck, e)
		}
	}
	if len(stuck) == 0 {
		stuck = nil
	}
	for i := n - 1; i >= 0; i-- {
		if err := a.cfg.Drivers[i].Apply(ctx, new, old); err != nil {
			for _, e := range fault.All(err) {
				stuck = append(stuck, fault.Wrap(fault.RollbackFailed, e.Path, e,
					"the commit failed and could not be undone in driver %d", i+1))
			}
		}
	}
	if stuck == nil {
		return cause
	}
	a.degrade(stuck)
	return append(stuck, fault.All(cause)...)
}

// same reports whether two trees hold the same data.
func same(old, new tree.Tree) bool { return tree.Equal(old.Root(), new.Root()) }

// notStored is the error for a change that the store did not take.
func notStored(err error) error {
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	return fault.Wrap(fault.ResourceDenied, nil, err, "the change could not be made durable, and was not made")
}

// entry describes a change of running or startup for the history.
func (a *Agent) entry(r Request, old, new tree.Tree) *store.Entry {
	o := r.Session.Options()
	n, diff := describe(old, new)
	return &store.Entry{
		Time: time.Now(), Datastore: r.Target.String(), Session: r.Session.ID(),
		User: o.User, Protocol: o.Protocol, Remote: o.Remote, Comment: r.Comment,
		Changes: n, Diff: diff,
	}
}
