// Package southbound is the agent's driver for a dataplane, made of models and
// one backend.
//
//	agent ── Check, Apply, Observe, Sample ──▶ Driver
//	                                             ├── Model…   tree ⇄ objects (openconfig/, ietf/)
//	                                             ├── plan     objects → ordered steps with undo
//	                                             └── Backend  steps, reads and events (netlink/, vpp/)
//
// Down: the difference of two trees leads to the units of the models that it
// touches; their claims of before and after, merged with those of the other
// models, are the desired objects; the plan leads from what there is to them.
//
// Up: the backend says what has changed; the models render it as state, and what
// is not as desired any more is mended.
//
// Neither the models nor the objects nor the planner know which backend they
// serve, and the driver treats all backends alike.
package southbound

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/netip"
	"time"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
)

// Model translates one family of YANG modules. It is stateless: what it needs to
// know it is given.
type Model interface {
	// Leaves are the schema paths, without keys, of the configuration that it
	// realizes. A path of a container or list stands for all below it.
	Leaves() []path.Path

	// Units cut the configuration into the pieces that are translated at a
	// time. They overlap only where Except says whose what is below both is.
	Units() []Unit

	// State renders changes of observed objects, in their order, and nothing of what
	// the model has no place for. w is the world as it is after all of them.
	State(w World, changes ...Transition) []agent.StateChange
}

// Transition is a change of an observed object: Old is nil when it has appeared, New when
// it is gone; otherwise both are of one type and ID (a link's ID is its name).
type Transition struct{ Old, New object.State }

// Unit is a container or a list whose instances (a list's entries) are
// translated one by one.
type Unit struct {
	Path path.Path // schema path, without keys
	// Objects says what an instance makes of the dataplane: claims that are the
	// driver's from then on, as the slice is. at is its path with keys, which nobody
	// changes, n the instance, t the whole configuration for looking things up;
	// but the outcome may depend on nothing outside n, for it is asked again
	// only when something in n changes.
	Objects func(t tree.Tree, at path.Path, n *tree.Node) ([]object.Claim, error)
	// Except, if any, tells which paths below an instance do not concern it: they
	// are another unit's. Objects must not look at what is there.
	Except func(p path.Path) bool
}

// CounterModel is the optional ability of a Model to render counters.
type CounterModel interface {
	// CountersBelow reports whether the model has counters at or below p, and
	// whose they are.
	CountersBelow(p path.Path) (of Counted, ok bool)
	// Counters renders the counters of links, and nothing else.
	Counters(links []Reading) []agent.StateChange
}

// Reading are the counters of a link as they were read: those that the link itself
// has are older. Counters are not for keeping: the next ones are read into them.
type Reading struct {
	Link     *object.LinkState
	Counters *object.LinkCounters
}

// Counted are the links whose counters are asked for.
type Counted struct {
	Link  string // empty: all
	VLANs bool   // those of the VLANs on the link, too
}

// TableModel is the optional ability of a Model to render whole tables whose
// entries have no keys, and so cannot follow a change one by one. They are
// rendered when somebody asks for them, and are no source of events.
type TableModel interface {
	// TablesBelow reports whether the model has tables at or below p.
	TablesBelow(p path.Path) bool
	// Tables renders them all from the routes that there are, in no order.
	Tables(routes []*object.RouteState) []agent.StateChange
}

// DataplaneModel is the optional ability of a Model to render what there is to say
// of the dataplane itself, where that is a process of its own.
type DataplaneModel interface {
	// Dataplane renders d. It is called with the first look and at each change.
	Dataplane(d object.Dataplane) []agent.StateChange
}

// World is what is known of the dataplane. It holds still during a call that it
// is passed to, and must not be kept.
type World interface {
	Link(name string) *object.LinkState                                           // nil: not there
	Links() iter.Seq[*object.LinkState]                                           // in no order
	Addresses(link string) iter.Seq[*object.AddressState]                         // in no order
	Neighbors(link string) iter.Seq[*object.NeighborState]                        // in no order
	Routes(table string, prefix netip.Prefix) iter.Seq[*object.RouteState]        // those of one prefix, the best first
	Address(link string, ip netip.Addr) *object.AddressState                      // nil: not there
	Status(id object.ID) *object.Status                                           // nil: in sync
	Setting(name object.SettingName, f object.Family, link string) (uint32, bool) // as last read
}

// Backend is one dataplane. Its methods may be called from several goroutines.
type Backend interface {
	plan.Rules

	// Check says what of a desired object this dataplane can never hold; an
	// *AttrError says which attribute is at fault.
	Check(c *object.Claim) error

	// Normal returns the object as this dataplane would keep it, so that what
	// was observed can be compared: a default that it always shows, for
	// example. It returns o itself where nothing differs.
	Normal(o object.Object) object.Object

	// Default returns an object like have in which an attribute has the value that
	// it is given when nothing is said of it; false where there is no such value.
	// It serves an attribute that is not configured any more, when nothing is
	// known of what it was before.
	Default(have object.Object, a object.Attr) (object.Object, bool)

	// Watch starts to listen. What changes from its return on is told by the
	// Watcher, whether or not Dump has shown it.
	Watch(ctx context.Context) (Watcher, error)

	// Dump yields everything there is.
	Dump(ctx context.Context) ([]object.State, error)

	// Read returns one object as it is now; nil if it is not there. Of o only
	// the identity counts.
	Read(ctx context.Context, o object.Object) (object.State, error)

	// ReadFirst reports whether objects of a kind are to be read again before a
	// change: reading one is cheap, and what is seen of it may be stale.
	ReadFirst(k object.Kind) bool

	// Under returns the addresses, neighbors and routes that use a link.
	Under(ctx context.Context, link string) ([]object.State, error)

	// Do carries one step out, whole or not at all. It never deletes or changes
	// next hops, and never deletes links, that are not ours, whatever the step
	// says. Errors wrap the causes below.
	Do(ctx context.Context, s plan.Step) error

	// Restore puts back what a step took with it unasked, just as it was
	// observed, whoever it belongs to. It does nothing if something is there.
	Restore(ctx context.Context, s object.State) error

	// Counters reads the counters of one link, or with an empty name of all, and
	// appends them to list.
	Counters(ctx context.Context, link string, list []object.LinkCounters) ([]object.LinkCounters, error)

	// Incarnation names the dataplane as it has been since it began, as no other
	// one is named: when links may have got their numbers anew, it is another.
	Incarnation(ctx context.Context) (string, error)

	// Stats tells what the backend has done.
	Stats() Stats
}

// Bulk is the optional ability of a Backend to carry out many steps in the time
// of few.
type Bulk interface {
	// DoAll carries steps out, none of which needs another one's effect, and
	// returns for each what Do would have. Once one has failed, those that are
	// not on their way are not begun: their error is ErrNotBegun.
	DoAll(ctx context.Context, steps []plan.Step) []error
}

// Unmarked is the optional ability of a Backend whose dataplane has no place for a
// mark of ownership on objects of some kinds. It says Owned of none of those, and
// does to them what a step says: which are ours is the driver's account.
type Unmarked interface {
	Unmarked(k object.Kind) bool
}

// Late is the optional ability of a Backend that finds some changes out only by
// looking from time to time.
type Late interface {
	// Lag is how long after a change its Watcher may tell it.
	Lag() time.Duration
}

// Remote is the optional ability of a Backend whose dataplane is a process of its
// own, which may be away. While it is, all methods of the Backend that need it
// return errors that wrap ErrAway, at once or within a deadline.
type Remote interface {
	// Await waits until the dataplane is there.
	Await(ctx context.Context) error
	// Dataplane tells of the dataplane and of the connection to it. What it
	// returns changes with each connection, and while there is none.
	Dataplane() object.Dataplane
}

// Watcher tells changes, in order. It belongs to one goroutine; Close may be
// called from any and makes Next return.
type Watcher interface {
	// Next waits for something to happen and returns what has by then. An error
	// means that nothing more will come.
	Next(ctx context.Context) (Events, error)
	Close() error
}

// Events is what has happened, in order.
type Events struct {
	Changes []Change
	// Lost says that something may have been missed: only a Dump tells.
	Lost bool
}

// Change is one object that was read again: State is nil if it is gone.
type Change struct {
	ID    object.ID
	State object.State
}

// Stats counts what a backend has done since it was made.
type Stats struct {
	Writes uint64 // messages that change the dataplane, failed ones included
	Reads  uint64 // single objects read
	Dumps  uint64 // whole tables read
	Events uint64 // notifications received
	Lost   uint64 // times that notifications were lost
}

// AttrError says which attribute of an object is at fault, and why.
type AttrError struct {
	Attr   object.Attr
	Reason string
	Err    error // the dataplane's answer; nil where it was not asked
}

func (e *AttrError) Error() string { return string(e.Attr) + ": " + e.Reason }

// Unwrap gives the dataplane's answer.
func (e *AttrError) Unwrap() error { return e.Err }

// Causes that a backend's errors wrap, so that the driver can tell what to do.
var (
	// ErrNotReady: what the object needs is not there or not up. It waits.
	ErrNotReady = errors.New("not ready")
	// ErrExists: something of that identity is there already.
	ErrExists = errors.New("exists")
	// ErrGone: what should be changed or deleted is not there.
	ErrGone = errors.New("gone")
	// ErrInvalid: the dataplane does not take such a value.
	ErrInvalid = errors.New("invalid")
	// ErrDenied: the agent lacks the privilege.
	ErrDenied = errors.New("permission denied")
	// ErrUnsupported: the dataplane lacks the feature.
	ErrUnsupported = errors.New("not supported by the dataplane")
	// ErrAway: the dataplane does not answer. Whether it has done what it was
	// asked is not known.
	ErrAway = errors.New("the dataplane is away")
	// ErrNotBegun: nothing was asked of the dataplane, for something before has
	// failed.
	ErrNotBegun = errors.New("not begun")
)

// Because makes an error of one of these causes. Its text, formatted as fmt.Errorf
// does, says all there is to say: the cause's own is for the driver.
func Because(cause error, format string, args ...any) error {
	return &caused{error: fmt.Errorf(format, args...), cause: cause}
}

type caused struct {
	error
	cause error
}

func (e *caused) Unwrap() []error { return []error{e.error, e.cause} }
