package southbound

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// Config is what a Driver is made of.
type Config struct {
	Backend Backend
	Models  []Model
	// ReportOnly leaves drift as it is: it is seen and reported, not mended.
	ReportOnly bool
	// MendAfter is how long to wait before drift of an object is mended a second
	// time; each further time it is twice as long, up to MendAtMost. The first
	// mending comes at once. 0 is 200 ms, and 1 minute.
	MendAfter, MendAtMost time.Duration
	// Contended is after how many mendings in a row an object is reported as
	// contended; 0 is 5. A row ends when the object has held still for twice the
	// last wait.
	Contended int
	// Audit is how often settings, which not every dataplane tells the changes
	// of, are read again; 0 is 1 minute.
	Audit time.Duration
	// Dataplane is what there is to say of one that is not Remote, which tells
	// itself.
	Dataplane object.Dataplane
	// WhileAway says what becomes of a change while a Remote dataplane is away.
	WhileAway WhileAway
	// Memory keeps what attributes were before they were configured from one
	// process to the next; nil: they are known for as long as the process lives.
	Memory Memory
	// Ledger keeps, likewise, what we have made of the kinds that an Unmarked
	// dataplane has no mark for; nil: at start, what is as configured is taken for
	// ours.
	Ledger Ledger
	Log    *slog.Logger // nil: nothing is logged
}

// Driver keeps a dataplane as configured. It is an agent.Driver, an
// agent.Resyncer and an agent.Sampler.
//
//	current ── the tree that was applied last
//	records ── of each object: what is desired of it, and what is there
//	wish ───── indexes of what is desired, by instance and by link
//	seen ───── indexes of what is there, as last read or told, by link
//	state of mending per object, and what is to be shown
//
// Everything is level-triggered: whatever the reason for looking at an object, a
// plan is made from what is seen to what is wished.
type Driver struct {
	cfg   Config
	log   *slog.Logger
	units []unit
	// bulk, remote and late are abilities of the backend; nil: it lacks them.
	bulk   Bulk
	remote Remote
	late   Late
	// wake tells Observe that there is something to show, or that the timers have
	// changed. Nothing but this has anything shown while it is held.
	wake chan struct{}
	held atomic.Bool

	// mu guards what follows. It is held while the dataplane is changed and read,
	// so that events are taken in between and not during a commit; it is never
	// held while publishing. Sample takes it nowhere, for no reader waits for a
	// commit: of seen it has a lock of its own.
	mu       sync.Mutex
	watch    Watcher // nil until first needed, and after it has failed
	current  tree.Tree
	before   tree.Tree // what current was until it changed last
	applied  bool      // current is valid
	version  uint64    // counts changes of what is seen, wished and waited for
	change   *change   // that is being considered; nil: none
	prepared *prepared // by the last Check, of change
	wish     *wish
	seen     *seen
	mends    *mends
	baseline map[object.ID]Baseline
	replaced map[string]Replaced // links, by name, until the change that made them is stored
	memory   notebook
	ledger   ledger
	sweepDue bool                // leftovers of ours may be about
	redump   time.Time           // when to read everything again; zero: no need
	suspect  map[string]struct{} // links to look at again, with all that is on them

	gone  bool                        // the dataplane has been found away since mu was taken
	away  bool                        // nothing is known of the dataplane
	known bool                        // it has been there
	past  map[object.ID]*object.Claim // what was desired before the wish changed without the dataplane

	observing bool
	published bool             // there is, or was, an Observe
	stale     []*stale         // what is to be shown, in the order of the first changes
	turn      uint64           // counts changes of what is to be shown
	dataplane object.Dataplane // as last published
	complaint string           // as last logged
	missed    bool             // something may have changed unseen
	resyncs   uint64           // see object.Dataplane

	counting counting
}

var (
	_ agent.Driver   = (*Driver)(nil)
	_ agent.Resyncer = (*Driver)(nil)
	_ agent.Sampler  = (*Driver)(nil)
	_ agent.Holder   = (*Driver)(nil)
)

// New makes a driver. It touches nothing; but it reads the Memory, and fails if
// that is damaged.
func New(cfg Config) (*Driver, error) {
	if cfg.Backend == nil {
		return nil, errors.New("southbound: a backend is needed")
	}
	all := &records{of: make(map[object.ID]*record)}
	d := &Driver{
		cfg: cfg, log: cfg.Log, wake: make(chan struct{}, 1),
		wish: newWish(all), seen: newSeen(all),
		mends: newMends(), baseline: make(map[object.ID]Baseline), replaced: make(map[string]Replaced),
		suspect: make(map[string]struct{}), sweepDue: true,
		past: make(map[object.ID]*object.Claim),
	}
	if d.log == nil {
		d.log = slog.New(slog.DiscardHandler)
	}
	d.bulk, _ = cfg.Backend.(Bulk)
	d.remote, _ = cfg.Backend.(Remote)
	d.late, _ = cfg.Backend.(Late)
	setDefault(&d.cfg.MendAfter, 200*time.Millisecond)
	setDefault(&d.cfg.MendAtMost, time.Minute)
	setDefault(&d.cfg.Audit, time.Minute)
	if d.cfg.Contended == 0 {
		d.cfg.Contended = 5
	}
	if err := errors.Join(d.memory.open(cfg.Memory), d.ledger.open(cfg.Backend, cfg.Ledger)); err != nil {
		return nil, fmt.Errorf("southbound: %w", err)
	}
	for _, m := range cfg.Models {
		for _, u := range m.Units() {
			if len(u.Path) == 0 || u.Objects == nil {
				return nil, fmt.Errorf("southbound: a unit needs a path and a function")
			}
			d.units = append(d.units, unit{Unit: u, number: len(d.units)})
		}
	}
	return d, nil
}

func setDefault(d *time.Duration, value time.Duration) {
	if *d == 0 {
		*d = value
	}
}

// Close ends what Observe left running. The dataplane stays as it is.
func (d *Driver) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.watch == nil {
		return nil
	}
	err := d.watch.Close()
	d.watch = nil
	return err
}

// Leaves are those of all models.
func (d *Driver) Leaves() []path.Path {
	var all []path.Path
	for _, m := range d.cfg.Models {
		all = append(all, m.Leaves()...)
	}
	return all
}

// Status returns how a desired object fares, nil if all is well with it.
func (d *Driver) Status(id object.ID) *object.Status {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.seen.status[id]
}

// ready makes sure that what is seen is what there is. It subscribes before it
// dumps, so that nothing falls in between. A dataplane that was away is brought to
// what is desired.
func (d *Driver) ready(ctx context.Context) error {
	if d.watch != nil {
		if d.redump.IsZero() || time.Now().Before(d.redump) {
			return nil
		}
		d.redump = time.Time{}
		return d.dump(ctx)
	}
	w, err := d.cfg.Backend.Watch(ctx)
	if err != nil {
		if !errors.Is(err, ErrAway) { // which says enough
			err = fmt.Errorf("watch the dataplane: %w", err)
		}
		return d.heard(err)
	}
	if err := d.firstLook(ctx); err != nil {
		return errors.Join(err, w.Close())
	}
	d.watch = w
	returned := d.away
	d.away = false
	switch {
	case !d.applied:
	case !returned:
		d.drifted(ctx, d.wishedIDs())
	default:
		if err := d.restoreAll(ctx); err != nil {
			d.complain("not all is as configured since the dataplane is there", err)
		}
	}
	if d.gone {
		return fmt.Errorf("%w again", ErrAway)
	}
	d.caughtUp()
	return nil
}

// caughtUp notes that all that is there has been seen again.
func (d *Driver) caughtUp() {
	if d.missed {
		d.missed = false
		d.resyncs++
		d.poke()
	}
}

// firstLook reads everything, and which dataplane it is.
func (d *Driver) firstLook(ctx context.Context) error {
	all, err := d.cfg.Backend.Dump(ctx)
	if err != nil {
		return d.heard(err)
	}
	where, err := d.cfg.Backend.Incarnation(ctx)
	if d.heard(err) != nil {
		if d.gone {
			return err
		}
		d.log.Warn("what attributes were before they were configured is not known any more: the dataplane cannot be told from another", "err", err)
	}
	d.takeIn(all, func() { d.recall(where) })
	return nil
}

// poke wakes Observe up, now or once nothing is held back.
func (d *Driver) poke() {
	if d.held.Load() {
		return
	}
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// Hold has what is seen from now on shown when it is released. It waits for nobody,
// and neither does release.
func (d *Driver) Hold() (release func()) {
	d.held.Store(true)
	return func() {
		d.held.Store(false)
		d.poke()
	}
}
