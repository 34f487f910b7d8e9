package agent

import (
	"context"
	"time"

	"github.com/outrigger-cnf/outrigger/agent/store"
)

// Start takes up what the store holds: it decides what running is, brings the
// drivers there and begins to observe them. A driver that cannot follow does not
// stop it: the agent is then Degraded, and mends. It returns once the drivers have
// published what they see. Start is called once.
func (a *Agent) Start(ctx context.Context) error {
	if err := a.begin(ctx); err != nil {
		return err
	}
	looks := make([]*firstLook, len(a.cfg.Drivers))
	for i := range looks {
		looks[i] = &firstLook{done: make(chan struct{})}
		a.spawn(func() { a.observe(i, looks[i]) })
	}
	patience := time.After(firstLookAtMost)
	for i, look := range looks {
		select {
		case <-look.done:
		case <-patience:
			a.events.add(a.log, driverName(i), "its state is not known yet", nil)
			return nil
		case <-ctx.Done():
			return gone(ctx)
		}
	}
	return nil
}

// begin decides what running is and takes the drivers there.
func (a *Agent) begin(ctx context.Context) error {
	release, err := a.acquire(ctx, nil)
	if err != nil {
		return err
	}
	defer release()
	a.restore()
	if faults := a.resync(ctx, a.Snapshot().Running); len(faults) > 0 {
		a.degrade(faults)
	}
	return nil
}

// restore decides what running is after a restart; see the package comment. If
// the store is full, that is how it is nevertheless: the store has what led to
// the decision, and the next start decides the same.
func (a *Agent) restore() {
	st := a.store.State()
	running, why := st.Running, ""
	pending := st.Pending
	switch {
	case a.cfg.BootStartup:
		running, pending, why = st.Startup, nil, "startup was loaded"
	case !st.HasRunning && st.Startup.Root().Len() > 0:
		running, why = st.Startup, "startup was loaded, since there was no running configuration"
	case pending == nil:
	case pending.Persist != "" && time.Now().Before(pending.Deadline) && pending.Boot == a.cfg.BootID:
		// Whoever knows the token can still confirm.
		p := *pending
		p.Session = 0
		pending = &p
		a.setPending(pending)
		return
	default:
		running, pending, why = pending.Rollback, nil, "a confirmed commit was rolled back at start"
	}
	if why == "" {
		return
	}
	a.events.add(a.log, "store", why, nil)
	old := a.Snapshot().Running
	next := st
	next.Running, next.HasRunning, next.Pending = running, true, pending
	var entry *store.Entry
	if !same(old, running) {
		entry = a.entry(Request{Target: Running, Comment: why}, old, running)
	} else if st.HasRunning && st.Pending == nil {
		return
	}
	saved, err := a.store.Save(next, entry)
	if err != nil {
		a.events.add(a.log, "store", "that could not be made durable", err)
		saved = st
	}
	a.publishRunning(running, saved, true)
}

// Close ends the agent: a commit that the drivers are at work on is finished,
// everything else is refused from now on. The drivers and a pending confirmed
// commit are left as they are. Sessions end.
func (a *Agent) Close() error {
	a.tasksMu.Lock()
	a.cancel()
	a.tasksMu.Unlock()
	<-a.writer // whoever has it finishes
	if a.confirm.timer != nil {
		a.confirm.timer.Stop()
	}
	a.release()
	for _, s := range a.Sessions() {
		s.cancel(errClosed())
	}
	a.tasks.Wait()
	return a.store.Close()
}
