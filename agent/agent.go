package agent

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/store"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// Config is what an Agent is made of.
type Config struct {
	Schema *schema.Schema
	// Store keeps running, startup and the history; nil keeps them in memory.
	Store   Store
	Drivers []Driver // in the order of Apply
	// Served are schema paths of configuration that works without a driver,
	// because the agent or a protocol itself minds it.
	Served []path.Path
	// Follow adds to a running configuration the state that follows from it alone,
	// where no host can be asked for it; nil adds none. It is called with every
	// running, in order, the one that the agent begins with included, and not before
	// the store has it. The two become visible together.
	Follow    func(running tree.Tree) tree.Tree
	Validator Validator // nil validates nothing
	Access    Access    // nil lets everybody write
	Log       *slog.Logger

	MaxSessions int  // DefaultMaxSessions if zero
	BootStartup bool // Start makes running equal to startup, as a reboot does
	// BootID tells one boot of the machine from another; empty reads the kernel's.
	BootID string
}

// DefaultMaxSessions bounds the sessions of all protocols together.
const DefaultMaxSessions = 256

// Store is durable memory; agent/store has two.
type Store interface {
	// State is what was saved last, or what was found at opening.
	State() store.State
	// Save makes s durable as one unit, with an entry for the history (or nil),
	// and returns it with its new Seq, Commit and History. After an error the
	// state is as before, and stays so after a crash.
	Save(s store.State, e *store.Entry) (store.State, error)
	Close() error
}

// Agent is the datastore. All its methods may be called by any goroutine.
type Agent struct {
	cfg    Config
	schema *schema.Schema
	store  Store
	log    *slog.Logger

	snap atomic.Pointer[Snapshot]

	// writer holds a token while nobody writes: whoever has taken it is the one
	// that may edit datastores, hand out locks and call Check and Apply. It is
	// held across drivers and the disk; no reader ever takes it.
	writer chan struct{}

	// pub guards the making of snapshots: stores to snap, and what follows. It
	// is held for computation only, never across a driver or the disk.
	pub   sync.Mutex
	state tree.Tree // what drivers have published

	// inbox holds updates until somebody who holds pub takes them all, so that
	// many make one snapshot.
	inboxMu sync.Mutex
	inbox   []Update

	// candidateValid says that every edit of the candidate has been validated, so
	// that the next one is checked for what it changes. Guarded by writer.
	candidateValid bool

	sessions sessions
	confirm  confirmTimer
	refresh  refresher
	events   eventLog
	health   health
	stats    counters

	ctx    context.Context // ends with Close
	cancel context.CancelFunc

	tasksMu sync.Mutex     // orders the start of a task and the wait for all
	tasks   sync.WaitGroup // observers, mending, readings
}

// New makes an Agent. It refuses a schema with configuration that no driver
// realizes, and drivers that speak of leaves the schema does not have. Nothing
// touches the drivers before Start.
func New(cfg Config) (*Agent, error) {
	if cfg.Schema == nil {
		return nil, errors.New("agent: Config.Schema is missing")
	}
	if err := checkCoverage(cfg); err != nil {
		return nil, err
	}
	if cfg.Store == nil {
		cfg.Store = store.NewEphemeral(cfg.Schema)
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.MaxSessions == 0 {
		cfg.MaxSessions = DefaultMaxSessions
	}
	if cfg.BootID == "" {
		cfg.BootID = kernelBootID()
	}
	a := &Agent{cfg: cfg, schema: cfg.Schema, store: cfg.Store, log: cfg.Log, writer: make(chan struct{}, 1)}
	a.ctx, a.cancel = context.WithCancel(context.Background())
	a.state = tree.New(cfg.Schema)
	a.sessions.init(cfg.MaxSessions)
	a.writer <- struct{}{}

	st := a.store.State()
	followed := a.follow(st.Running)
	a.snap.Store(&Snapshot{
		Revision: 1, Time: time.Now(), Commit: st.Commit, CommitTime: st.Changed,
		Running: st.Running, Candidate: st.Running, Startup: st.Startup, Operational: followed,
		followed: followed, next: make(chan struct{}),
	})
	return a, nil
}

// Schema returns the schema that everything here follows.
func (a *Agent) Schema() *schema.Schema { return a.schema }

// Snapshot returns the newest snapshot, without waiting for anybody.
func (a *Agent) Snapshot() *Snapshot { return a.snap.Load() }

// History returns the last changes of running and startup, oldest first.
func (a *Agent) History() []CommitInfo { return a.store.State().History }

// CommitInfo is one change of running or startup.
type CommitInfo = store.Entry

// acquire takes the writer's token. It gives up when ctx, the session or the
// agent ends.
func (a *Agent) acquire(ctx context.Context, s *Session) (release func(), err error) {
	select {
	case <-a.writer:
	case <-ctx.Done():
		return nil, gone(ctx)
	case <-s.ended():
		return nil, errSessionEnded(s)
	case <-a.ctx.Done():
		return nil, errClosed()
	}
	// Both may have been ready; one that has ended must not write.
	switch {
	case ctx.Err() != nil:
		err = gone(ctx)
	case a.ctx.Err() != nil:
		err = errClosed()
	case !a.sessions.enter(s):
		err = errSessionEnded(s)
	default:
		return func() { a.sessions.exit(s); a.release() }, nil
	}
	a.release()
	return nil, err
}

func (a *Agent) release() { a.writer <- struct{}{} }

// spawn runs a task that ends when a.ctx does. It reports false, and does not run
// it, when the agent is closing.
func (a *Agent) spawn(task func()) bool {
	a.tasksMu.Lock()
	defer a.tasksMu.Unlock()
	if a.ctx.Err() != nil {
		return false
	}
	a.tasks.Go(task)
	return true
}

// kernelBootID names this boot of the machine; empty where the kernel has no
// name for it.
func kernelBootID() string {
	b, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}
