package conn

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"go.fd.io/govpp/api"

	"github.com/outrigger-cnf/outrigger/southbound"
)

// Config says which VPP to connect to and what is needed of it.
type Config struct {
	// Socket is the path of VPP's api.sock. It need not be there yet.
	Socket string
	// Stats is the path of VPP's stats.sock; without it there are no counters.
	Stats string
	// Deadline is how long an answer is waited for; 0 is 3 s. VPP is away once
	// it has said nothing for that long.
	Deadline time.Duration
	// Interval is how often VPP is asked whether it is alive while it has
	// nothing else to answer; 0 is 1 s.
	Interval time.Duration
	// Features are the messages that are used, by what they are for.
	Features []Feature
	// Subscriptions are the notifications that are wanted, asked for anew on each
	// connection.
	Subscriptions []Subscription
	Log           *slog.Logger // nil: nothing is logged
}

// Feature is a set of messages that are of use only together.
type Feature struct {
	Name     string
	Messages []api.Message // requests, replies, details and notifications
	// Needed says that no connection is of use without it.
	Needed bool
}

// Subscription asks for notifications. A VPP that lacks one of its messages is
// not asked; they should be in a Feature too, which is then missing.
type Subscription struct {
	Request api.Message
	Reply   api.Message
	Events  []api.Message // one of each type
}

// Conn is a connection to VPP that is made anew whenever it is lost.
type Conn struct {
	cfg       Config
	log       *slog.Logger
	live      atomic.Pointer[session] // nil: away
	contexts  atomic.Uint32           // of all sessions
	late      atomic.Uint64           // replies that nobody waited for any more
	retvals   sync.Map                // reflect.Type of a reply → whether it begins with a return code
	listeners listeners
	closing   atomic.Bool
	stop      context.CancelFunc
	done      chan struct{} // run has ended

	mu      sync.Mutex // guards what follows
	info    Info
	lacking map[string]bool // features, as last seen
	changed chan struct{}   // closed and made anew when info changes
}

// errClosed is why there is no connection after Close.
var errClosed = errors.New("the connection was closed")

// New begins to connect, in the background and for ever, until Close.
func New(cfg Config) *Conn {
	if cfg.Deadline == 0 {
		cfg.Deadline = 3 * time.Second
	}
	if cfg.Interval == 0 {
		cfg.Interval = time.Second
	}
	c := &Conn{cfg: cfg, log: cfg.Log, done: make(chan struct{}), changed: make(chan struct{})}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	c.contexts.Store(rand.Uint32())
	c.info.Since = time.Now()
	c.info.Problem = "not connected yet"
	ctx, cancel := context.WithCancel(context.Background())
	c.stop = cancel
	go func() {
		defer close(c.done)
		c.run(ctx)
	}()
	return c
}

// Close ends the connection and all that waits for it.
func (c *Conn) Close() error {
	c.closing.Store(true)
	c.stop()
	<-c.done
	return nil
}

// Await waits until VPP is connected.
func (c *Conn) Await(ctx context.Context) error {
	for {
		c.mu.Lock()
		s, changed := c.live.Load(), c.changed
		c.mu.Unlock()
		if s != nil && s.reason() == nil { // or its end is not told yet
			return nil
		}
		select {
		case <-changed:
		case <-c.done:
			return c.problem()
		case <-ctx.Done():
			return fmt.Errorf("%w (%w)", c.problem(), ctx.Err())
		}
	}
}

// problem is the error of all that needs a connection while there is none.
func (c *Conn) problem() error {
	p := c.Info().Problem
	if p == "" { // it has come back meanwhile
		p = "the connection is being made anew"
	}
	return fmt.Errorf("%w: %s", southbound.ErrAway, p)
}

// Epoch counts connections: what was learnt of VPP's numbers holds within one
// epoch. It is 0 before the first.
func (c *Conn) Epoch() uint64 { return c.Info().Epoch }

// Info is what there is to say of the connection and of the VPP at its end.
type Info struct {
	Version     string // the last one known
	Connected   bool
	Since       time.Time // of Connected
	Epoch       uint64
	Restarts    uint64 // times that another VPP process was found
	Incarnation string // of the VPP process; the last one known
	// Missing are the features that are off, each with the reason.
	Missing []string
	// Problem is why there is no connection; empty while there is one.
	Problem string
}

// Info tells how things are.
func (c *Conn) Info() Info {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.info
}

// Has reports whether the feature is there, as VPP was last seen; true before.
func (c *Conn) Has(feature string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.lacking[feature]
}

// update changes what there is to say.
func (c *Conn) update(f func(i *Info)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f(&c.info)
	close(c.changed)
	c.changed = make(chan struct{})
}
