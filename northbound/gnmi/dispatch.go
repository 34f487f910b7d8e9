package gnmi

import (
	"sync"

	"github.com/outrigger-cnf/outrigger/agent"
)

// snapshots is what the dispatcher asks of the agent.
type snapshots interface{ Snapshot() *agent.Snapshot }

// dispatcher follows the agent's snapshots on behalf of all streams. While there
// is a feed, one goroutine waits for the next snapshot, lists what happened since
// the one before, and gives that batch to every feed. It waits for no feed.
type dispatcher struct {
	agent snapshots
	index *index
	limit int // events of a batch, and of what waits in a feed

	mu    sync.Mutex // guards what follows; never held while a batch is made
	feeds map[*feed]struct{}
	stop  chan struct{} // closed when the last feed leaves; nil without a goroutine
	match *matcher      // what the feeds ask for; nil: others than when it was made
}

func newDispatcher(a snapshots, x *index, limit int) *dispatcher {
	return &dispatcher{agent: a, index: x, limit: limit, feeds: make(map[*feed]struct{})}
}

// add opens a feed of what subscriptions ask for. It tells what happens after the
// snapshot that is returned, which is the agent's newest.
func (d *dispatcher) add(subs []*subscription) (*feed, *agent.Snapshot) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.agent.Snapshot()
	if d.stop == nil {
		d.stop = make(chan struct{})
		go d.run(now, d.stop)
	}
	f := &feed{subs: subs, limit: d.limit, wake: make(chan struct{}, 1), from: now, to: now}
	d.feeds[f], d.match = struct{}{}, nil
	return f, now
}

// remove closes a feed.
func (d *dispatcher) remove(f *feed) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.feeds, f)
	d.match = nil
	if len(d.feeds) == 0 && d.stop != nil {
		close(d.stop)
		d.stop = nil
	}
}

func (d *dispatcher) run(base *agent.Snapshot, stop chan struct{}) {
	for {
		select {
		case <-stop:
			return
		case <-base.Next():
		}
		next := d.agent.Snapshot()
		d.mu.Lock()
		if d.stop != stop { // the last feed left, and another may have come with a goroutine of its own
			d.mu.Unlock()
			return
		}
		m := d.matcher()
		d.mu.Unlock()
		b := newBatch(m, base, next, d.limit)
		d.mu.Lock()
		if d.stop != stop { // it left meanwhile
			d.mu.Unlock()
			return
		}
		d.give(b, m)
		d.mu.Unlock()
		base = next
	}
}

// give puts a batch of what m asked for into every feed. The caller has mu.
func (d *dispatcher) give(b *batch, m *matcher) {
	for f := range d.feeds {
		f.put(b, f.matched == m)
	}
}

// matcher finds what any of the feeds asks for. It is for the goroutine that serves
// them. The caller has mu.
func (d *dispatcher) matcher() *matcher {
	if d.match == nil {
		var all []*subscription
		for f := range d.feeds {
			all = append(all, f.subs...)
		}
		d.match = newMatcher(d.index, all)
		for f := range d.feeds {
			f.matched = d.match
		}
	}
	return d.match
}

// feed tells one stream what happens. What it holds is bounded: beyond the limit
// it keeps only how often each path changed.
type feed struct {
	subs    []*subscription
	matched *matcher // the last that minds subs; the dispatcher's
	limit   int
	wake    chan struct{} // holds a token while there may be something to take

	mu sync.Mutex // guards what follows
	// The stream has been told everything up to from. What waits leads from
	// there to to.
	from, to *agent.Snapshot
	batches  []*batch
	events   int // in batches
	// missed counts, by event key, what was dropped; nil if nothing was.
	missed map[string]uint32
	// await is the revision at which to wake the stream even if nothing happened.
	await uint64
}

// put adds a batch; complete says that it has all that is asked for. It never waits.
func (f *feed) put(b *batch, complete bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if b.to.Revision <= f.to.Revision {
		return // the feed began after that
	}
	news := len(b.events) > 0 || b.big
	straddles := b.from.Revision != f.to.Revision || !complete // the feed began in between
	f.to = b.to
	if news || straddles {
		f.batches = append(f.batches, b)
		f.events += len(b.events)
		if f.missed != nil || straddles || b.big || f.events > f.limit || len(f.batches) > f.limit {
			f.drop()
		}
	} else if f.batches == nil && f.missed == nil {
		f.from = f.to
	}
	if news || straddles || f.await != 0 && f.to.Revision >= f.await {
		f.signal()
	}
}

func (f *feed) signal() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// drop counts the batches instead of keeping them. The caller holds mu.
func (f *feed) drop() {
	if f.missed == nil {
		f.missed = make(map[string]uint32)
	}
	for _, b := range f.batches {
		for _, e := range b.events {
			if _, known := f.missed[e.key]; known || len(f.missed) < f.limit {
				f.missed[e.key]++
			}
		}
	}
	f.batches, f.events = nil, 0
}

// news is what a feed had to tell.
type news struct {
	from, to *agent.Snapshot
	// batches lead from from to to, unless some were dropped: then missed is not
	// nil and counts, by event key, how often each path changed.
	batches []*batch
	missed  map[string]uint32
}

// take returns what has come.
func (f *feed) take() news {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := news{f.from, f.to, f.batches, f.missed}
	f.from, f.batches, f.events, f.missed = f.to, nil, 0, nil
	return n
}

// until wakes the stream once it can be told everything up to that revision.
func (f *feed) until(revision uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.await = revision
	if f.to.Revision >= revision {
		f.signal()
	}
}
