package conformance

import (
	"context"
	"errors"
	"sync"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
)

// Faulty is a backend that fails when told to.
type Faulty struct {
	southbound.Backend
	mu     sync.Mutex
	after  int   // how many steps succeed before one fails
	fail   error // nil: none does
	all    bool  // all that come after it fail, too
	steps  int
	failed bool // one has
}

// ErrInjected is what an injected failure is.
var ErrInjected = errors.New("injected failure")

// FailAfter lets n steps succeed and the one after them fail.
func (f *Faulty) FailAfter(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.after, f.fail, f.steps, f.all, f.failed = n, ErrInjected, 0, false, false
}

// FailFrom lets n steps succeed and all after them fail.
func (f *Faulty) FailFrom(n int) {
	f.FailAfter(n)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.all = true
}

// Heal ends that.
func (f *Faulty) Heal() (failed bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	failed, f.failed, f.fail = f.failed, false, nil
	return failed
}

// Do carries a step out, or fails.
func (f *Faulty) Do(ctx context.Context, s plan.Step) error {
	f.mu.Lock()
	if f.fail != nil {
		if f.steps >= f.after {
			err := f.fail
			f.failed = true
			if !f.all {
				f.fail = nil
			}
			f.mu.Unlock()
			return err
		}
		f.steps++
	}
	f.mu.Unlock()
	err := f.Backend.Do(ctx, s)
	if err != nil && !errors.Is(err, southbound.ErrNotReady) && !errors.Is(err, southbound.ErrGone) && !errors.Is(err, southbound.ErrExists) {
		// A step that fails by itself ends the plan: what follows is its undoing.
		f.mu.Lock()
		f.fail = nil
		f.mu.Unlock()
	}
	return err
}
