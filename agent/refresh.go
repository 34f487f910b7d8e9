package agent

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/outrigger-cnf/outrigger/agent/path"
)

// refresher lets many who want counters share one reading of them.
type refresher struct {
	mu sync.Mutex // guards readings
	// readings are those under way and the last ones that succeeded, a few of
	// them, the newest last.
	readings []*reading
}

// reading is one call of Sample in every driver that can.
type reading struct {
	path  path.Path
	began time.Time
	done  chan struct{} // closed when it is over
	err   error         // set before done is closed
}

const (
	maxReadings    = 64
	readingTimeout = 10 * time.Second
)

// Refresh makes sure that the counters at and below p are at most maxAge old,
// and returns a Snapshot that has them. Callers who want the same at the same
// time share one reading by the drivers. After an error the Snapshot is what
// there is.
func (a *Agent) Refresh(ctx context.Context, p path.Path, maxAge time.Duration) (*Snapshot, error) {
	oldest := time.Now().Add(-maxAge)
	for {
		r := a.reading(p, oldest)
		select {
		case <-r.done:
		case <-ctx.Done():
			return a.Snapshot(), gone(ctx)
		}
		if !r.began.Before(oldest) {
			return a.Snapshot(), r.err
		}
		// It had begun too early, but now there is nobody to wait for.
	}
}

// reading returns one of p that is recent enough; or else one that is under way,
// to wait for; or else begins one.
func (a *Agent) reading(p path.Path, oldest time.Time) *reading {
	l := &a.refresh
	l.mu.Lock()
	defer l.mu.Unlock()
	var running *reading
	for _, r := range l.readings {
		if !p.HasPrefix(r.path) {
			continue
		}
		over := r.over()
		if !r.began.Before(oldest) && (!over || r.err == nil) {
			return r
		}
		if !over {
			running = r
		}
	}
	if running != nil {
		return running
	}
	r := &reading{path: p, began: time.Now(), done: make(chan struct{})}
	l.readings = append(l.readings, r)
	if len(l.readings) > maxReadings {
		l.readings = append(l.readings[:0], l.readings[1:]...)
	}
	if !a.spawn(func() { a.read(r) }) {
		r.err = errClosed()
		close(r.done)
	}
	return r
}

func (r *reading) over() bool {
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}

func (a *Agent) read(r *reading) {
	defer close(r.done)
	ctx, cancel := context.WithTimeout(a.ctx, readingTimeout)
	defer cancel()
	var errs []error
	for _, d := range a.cfg.Drivers {
		if s, ok := d.(Sampler); ok {
			errs = append(errs, s.Sample(ctx, r.path, a.Publish))
		}
	}
	r.err = errors.Join(errs...)
}
