package conn

import (
	"context"
	"reflect"
	"sync"

	"go.fd.io/govpp/api"
)

// EventKind says what has happened.
type EventKind uint8

// The kinds of event.
const (
	Connected EventKind = iota + 1 // a new epoch has begun; notifications may have been missed
	Lost                           // the connection is gone
	Notified                       // VPP told something
	Missed                         // notifications came faster than they were taken and were dropped
)

// Event is something that has happened.
type Event struct {
	Kind    EventKind
	Epoch   uint64
	Message api.Message // of Notified
}

// queueLimit is how many events wait for a listener.
const queueLimit = 1 << 14

// Listener tells what happens, in order. It belongs to one goroutine.
type Listener struct {
	all  *listeners
	wake chan struct{}
	done chan struct{}
	once sync.Once

	queue []Event // guarded by all.mu
}

// listeners are all that listen.
type listeners struct {
	mu     sync.Mutex
	list   map[*Listener]struct{}
	last   Event // Connected or Lost
	closed bool
}

// Listen starts to listen. A connection that exists is told of as Connected.
func (c *Conn) Listen() *Listener {
	l := &Listener{all: &c.listeners, wake: make(chan struct{}, 1), done: make(chan struct{})}
	c.listeners.mu.Lock()
	defer c.listeners.mu.Unlock()
	if c.listeners.closed {
		l.end()
		return l
	}
	if c.listeners.list == nil {
		c.listeners.list = make(map[*Listener]struct{})
	}
	c.listeners.list[l] = struct{}{}
	if c.listeners.last.Kind == Connected {
		l.add(c.listeners.last)
	}
	return l
}

// tell hands an event to all, without ever waiting for one.
func (a *listeners) tell(e Event) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if e.Kind != Notified {
		a.last = e
	}
	for l := range a.list {
		l.add(e)
	}
}

func (a *listeners) close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.closed = true
	for l := range a.list {
		l.end()
	}
	clear(a.list)
}

func (l *Listener) add(e Event) {
	if len(l.queue) >= queueLimit {
		// What is told of the connection is kept, in order.
		kept := l.queue[:0]
		for _, q := range l.queue {
			if q.Kind == Connected || q.Kind == Lost {
				kept = append(kept, q)
			}
		}
		clear(l.queue[len(kept):])
		l.queue = append(kept, Event{Kind: Missed, Epoch: e.Epoch})
	}
	l.queue = append(l.queue, e)
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// Next waits for something to happen and returns what has by then. The error is
// that of ctx, or says that the listener or the connection was closed.
func (l *Listener) Next(ctx context.Context) ([]Event, error) {
	for {
		l.all.mu.Lock()
		events := l.queue
		l.queue = nil
		l.all.mu.Unlock()
		if len(events) > 0 {
			return events, nil
		}
		select {
		case <-l.wake:
		case <-l.done:
			return nil, errClosed
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// Close ends Next. It may be called from any goroutine.
func (l *Listener) Close() {
	l.all.mu.Lock()
	defer l.all.mu.Unlock()
	delete(l.all.list, l)
	l.end()
}

func (l *Listener) end() { l.once.Do(func() { close(l.done) }) }

// maker returns a function that makes messages of the type of m.
func maker(m api.Message) func() api.Message {
	t := reflect.TypeOf(m).Elem()
	return func() api.Message { return reflect.New(t).Interface().(api.Message) }
}
