package agent

import (
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// How long the agent waits before it calls a driver's Observe again: doubled
// with each failure, from the first, until one has lasted.
const (
	observeFirst  = 100 * time.Millisecond
	observeMost   = 30 * time.Second
	observeLasted = time.Minute
)

// firstLookAtMost is how long Start waits for the first look at the dataplane, so
// that whoever is let in then finds state. A driver that takes longer, or cannot
// look at all, does not keep the agent from serving.
const firstLookAtMost = 5 * time.Second

// firstLook is done once a driver has published what it found, or has failed to.
type firstLook struct {
	once sync.Once
	done chan struct{}
}

func (f *firstLook) taken() { f.once.Do(func() { close(f.done) }) }

// observe keeps one driver observing until the agent closes.
func (a *Agent) observe(i int, first *firstLook) {
	d := a.cfg.Drivers[i]
	publish := func(u Update) {
		a.Publish(u)
		first.taken()
	}
	wait := observeFirst
	for a.ctx.Err() == nil {
		began := time.Now()
		err := d.Observe(a.ctx, publish)
		first.taken()
		if a.ctx.Err() != nil {
			return
		}
		if time.Since(began) >= observeLasted {
			wait = observeFirst
		}
		a.events.add(a.log, driverName(i), fmt.Sprintf("observation ended; it begins anew in %s", wait), err)
		select {
		case <-time.After(wait):
		case <-a.ctx.Done():
		}
		wait = min(2*wait, observeMost)
	}
}

// holdAtMost is how long a commit may keep state back. Without, a disk that hangs
// would keep the news of a link from everybody.
const holdAtMost = time.Second

// hold has the drivers hold state back until release is called.
func (a *Agent) hold() (release func()) {
	var holders []func()
	for _, d := range a.cfg.Drivers {
		if h, ok := d.(Holder); ok {
			holders = append(holders, h.Hold())
		}
	}
	all := sync.OnceFunc(func() {
		for _, release := range holders {
			release()
		}
	})
	late := time.AfterFunc(holdAtMost, all)
	return func() {
		late.Stop()
		all()
	}
}

func driverName(i int) string { return fmt.Sprintf("driver %d", i+1) }

// Event is something that happened inside and that no client asked for.
type Event struct {
	Time    time.Time
	Source  string // "driver 1", "store", "confirm", "state"
	Message string
	Err     error // or nil
}

// eventLog remembers the last events.
type eventLog struct {
	mu   sync.Mutex
	ring []Event // guarded by mu; oldest first, at most maxEvents
}

const maxEvents = 256

func (l *eventLog) add(log *slog.Logger, source, message string, err error) {
	if err != nil {
		log.Warn(message, "source", source, "err", err)
	} else {
		log.Info(message, "source", source)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.ring) == maxEvents {
		l.ring = append(l.ring[:0], l.ring[1:]...)
	}
	l.ring = append(l.ring, Event{time.Now(), source, message, err})
}

// Events returns the last events, oldest first.
func (a *Agent) Events() []Event {
	a.events.mu.Lock()
	defer a.events.mu.Unlock()
	return append([]Event(nil), a.events.ring...)
}
