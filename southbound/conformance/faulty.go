package conformance

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
)

// Faulty is a backend that fails when told to. It carries many steps out together,
// whether or not the backend can, and fails in the midst of them.
type Faulty struct {
	southbound.Backend
	mu     sync.Mutex
	after  int   // how many steps succeed before one fails
	fail   error // nil: none does
	all    bool  // all that come after it fail, too
	steps  int
	failed bool // one has
	// at, if any, is done before a step or, with late, after it, whose answer is
	// then lost.
	at   func()
	when int
	late bool
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

// Interrupt lets n steps be and calls do before the next one, which then goes its
// way; with late it calls do after that one, whose answer is lost.
func (f *Faulty) Interrupt(n int, late bool, do func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.steps, f.when, f.late, f.at = 0, n, late, do
}

// Heal ends all that, and reports whether it has come to pass.
func (f *Faulty) Heal() (failed bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	failed, f.failed, f.fail, f.at = f.failed, false, nil, nil
	return failed
}

// begin counts a step. It returns what is to be done after it, and the error that it
// fails with.
func (f *Faulty) begin() (after func(), err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := f.steps
	f.steps++
	if f.at != nil && n == f.when {
		at := f.at
		f.at, f.failed = nil, true
		if f.late {
			return at, nil
		}
		at()
	}
	if f.fail == nil || n < f.after {
		return nil, nil
	}
	err, f.failed = f.fail, true
	if !f.all {
		f.fail = nil
	}
	return nil, err
}

// ended takes a step's own failure in. It ends the plan: what follows is its
// undoing. What the driver may yet make the best of does not.
func (f *Faulty) ended(err error) error {
	_, refused := errors.AsType[*southbound.AttrError](err)
	best := errors.Is(err, southbound.ErrNotReady) || errors.Is(err, southbound.ErrGone) || errors.Is(err, southbound.ErrExists) && !refused
	if err != nil && !best {
		f.mu.Lock()
		f.fail = nil
		f.mu.Unlock()
	}
	return err
}

// Do carries a step out, or fails.
func (f *Faulty) Do(ctx context.Context, s plan.Step) error {
	after, err := f.begin()
	if err != nil {
		return err
	}
	err = f.ended(f.Backend.Do(ctx, s))
	if after != nil {
		after()
		return southbound.ErrAway
	}
	return err
}

// onTheirWay is how many steps behind one that fails are carried out all the same.
const onTheirWay = 2

// DoAll carries steps out, together where the backend can and none is to fail.
func (f *Faulty) DoAll(ctx context.Context, steps []plan.Step) []error {
	f.mu.Lock()
	sound := f.fail == nil && f.at == nil
	f.mu.Unlock()
	if bulk, ok := f.Backend.(southbound.Bulk); ok && sound {
		errs := bulk.DoAll(ctx, steps)
		for _, err := range errs {
			_ = f.ended(err)
		}
		return errs
	}
	errs := make([]error, len(steps))
	begun := len(steps)
	for i, s := range steps {
		if i >= begun {
			errs[i] = southbound.ErrNotBegun
			continue
		}
		if errs[i] = f.Do(ctx, s); errs[i] != nil {
			begun = min(begun, i+1+onTheirWay)
		}
	}
	return errs
}

// Unmarked is the backend's, or nothing.
func (f *Faulty) Unmarked(k object.Kind) bool {
	u, ok := f.Backend.(southbound.Unmarked)
	return ok && u.Unmarked(k)
}

// Lag is the backend's, or nothing.
func (f *Faulty) Lag() time.Duration {
	if late, ok := f.Backend.(southbound.Late); ok {
		return late.Lag()
	}
	return 0
}

// abilities is f with those of the backend's abilities that it must not have where
// the backend has not.
func (f *Faulty) abilities() southbound.Backend {
	if remote, ok := f.Backend.(southbound.Remote); ok {
		return struct {
			*Faulty
			southbound.Remote
		}{f, remote}
	}
	return f
}
