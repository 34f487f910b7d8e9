package conn

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"go.fd.io/govpp/api"
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
type Conn struct{ cfg Config }

// New begins to connect, in the background and for ever, until Close.
func New(cfg Config) *Conn { return &Conn{cfg: cfg} }

// Close ends the connection and all that waits for it.
func (c *Conn) Close() error { return nil }

// Await waits until VPP is connected.
func (c *Conn) Await(ctx context.Context) error { return errors.ErrUnsupported }

// Epoch counts connections: what was learnt of VPP's numbers holds within one
// epoch. It is 0 before the first.
func (c *Conn) Epoch() uint64 { return 0 }

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
func (c *Conn) Info() Info { return Info{} }

// Has reports whether the feature is there, as VPP was last seen.
func (c *Conn) Has(feature string) bool { return false }

// Call exchanges one request for its reply. A negative return code becomes a
// *RetvalError; the reply is filled in all the same. Without a connection, and
// without an answer in time, the error wraps southbound.ErrAway; where a message
// is missing or its feature is off, southbound.ErrUnsupported.
func (c *Conn) Call(ctx context.Context, req, reply api.Message) error { return errors.ErrUnsupported }

// Dump sends a request that is answered by any number of details.
func Dump[D any, P interface {
	*D
	api.Message
}](ctx context.Context, c *Conn, req api.Message) ([]P, error) {
	return nil, errors.ErrUnsupported
}

// Pipeline makes n exchanges with many in flight. request and reply give the
// messages of exchange i, done takes its outcome, as Call would return it: all
// are called from the caller's goroutine, done in the order of the exchanges,
// once for each that was begun. A request may be changed once the next one is
// asked for, a reply once it is done. When done returns false no more are begun.
// The error says why not all were begun; nil if done said so.
func (c *Conn) Pipeline(ctx context.Context, n int, request, reply func(i int) api.Message, done func(i int, err error) bool) error {
	return errors.ErrUnsupported
}

// Listener tells what happens, in order. It belongs to one goroutine.
type Listener struct{}

// Listen starts to listen. A connection that exists is told of as Connected.
func (c *Conn) Listen() *Listener { return &Listener{} }

// Next waits for something to happen and returns what has by then.
func (l *Listener) Next(ctx context.Context) ([]Event, error) { return nil, errors.ErrUnsupported }

// Close ends Next.
func (l *Listener) Close() {}

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

// LinkCounters are VPP's counters of one interface, all threads summed up.
type LinkCounters struct {
	Name  string // of the interface
	Index uint32 // sw_if_index

	Rx, Tx                                  Pair
	RxUnicast, RxMulticast, RxBroadcast     Pair
	TxUnicast, TxMulticast, TxBroadcast     Pair
	Drops, Punts, IP4, IP6                  uint64
	RxNoBuf, RxMiss, RxError, TxError, MPLS uint64
}

// Pair counts packets and their octets.
type Pair struct{ Packets, Octets uint64 }

// Counters reads the counters of one interface, or with an empty name of all.
// They are those of the VPP that is connected, as it is now; otherwise there is
// an error that wraps southbound.ErrAway.
func (c *Conn) Counters(name string) ([]LinkCounters, error) { return nil, errors.ErrUnsupported }
