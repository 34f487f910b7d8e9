package agent

import (
	"context"
	"sync"
	"time"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// health says whether the drivers are where running wants them.
type health struct {
	mu      sync.Mutex // guards what follows
	faults  fault.Errors
	mending bool
}

// The agent tries to mend after this long, then after twice as long, and so on.
const (
	mendFirst = time.Second
	mendMost  = time.Minute
)

// Degraded returns what keeps the drivers from being where running wants them,
// or nil. The agent keeps trying.
func (a *Agent) Degraded() error {
	a.health.mu.Lock()
	defer a.health.mu.Unlock()
	if len(a.health.faults) == 0 {
		return nil
	}
	return a.health.faults
}

// degrade notes that drivers are not where running wants them, and starts
// mending.
func (a *Agent) degrade(faults fault.Errors) {
	a.events.add(a.log, "agent", "degraded: the drivers are not where running wants them", faults)
	a.health.mu.Lock()
	defer a.health.mu.Unlock()
	a.health.faults = faults
	a.health.mending = a.health.mending || a.spawn(a.mend)
}

// mend resyncs the drivers until that succeeds.
func (a *Agent) mend() {
	for wait := mendFirst; ; wait = min(2*wait, mendMost) {
		select {
		case <-time.After(wait):
		case <-a.ctx.Done():
			return
		}
		release, err := a.acquire(a.ctx, nil)
		if err != nil {
			return
		}
		faults := a.resync(a.ctx, a.Snapshot().Running)
		a.health.mu.Lock()
		a.health.faults = faults
		a.health.mending = len(faults) > 0
		a.health.mu.Unlock()
		release()
		if len(faults) == 0 {
			a.events.add(a.log, "agent", "mended: the drivers are where running wants them", nil)
			return
		}
		a.events.add(a.log, "agent", "still degraded", faults)
	}
}

// resync takes every driver to desired from wherever it is.
func (a *Agent) resync(ctx context.Context, desired tree.Tree) fault.Errors {
	var faults fault.Errors
	for _, d := range a.cfg.Drivers {
		var err error
		if r, ok := d.(Resyncer); ok {
			err = r.Resync(ctx, desired)
		} else {
			err = d.Apply(context.WithoutCancel(ctx), tree.New(a.schema), desired)
		}
		faults = append(faults, fault.All(err)...)
	}
	return faults
}
