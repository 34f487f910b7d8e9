package gnmi

import (
	"context"
	"slices"
	"time"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// stream is one Subscribe call. All of it belongs to the goroutine that serves
// the call; others reach it through its feed and its channels.
type stream struct {
	*Server
	request
	out   notifier
	match *matcher
	value []byte // that was sent last

	feed    *feed
	jobs    []job
	ready   chan refreshed // has room for one per subscription
	waiting []refreshed    // for the feed to come to that revision
}

// job is something that a stream does at intervals.
type job struct {
	sub       *subscription
	next      time.Time
	every     time.Duration
	heartbeat bool
}

// refreshed says that the values of a subscription have been read; revision is a
// snapshot that has them.
type refreshed struct {
	sub       *subscription
	revision  uint64
	heartbeat bool
}

func newStream(s *Server, r *request, send func(any) error) *stream {
	return &stream{
		Server:  s,
		request: *r,
		out:     newNotifier(send, r.prefix, s.limits.MaxResponse),
		match:   newMatcher(s.index, r.subs),
		ready:   make(chan refreshed, len(r.subs)),
	}
}

// fresh has the drivers read what the subscriptions lead to.
func (s *stream) fresh(ctx context.Context) error {
	var asked []path.Path
	for _, u := range s.subs {
		if !s.hasState(u.sel) {
			continue
		}
		p := u.sel.commonPath()
		if covered(asked, p) {
			continue
		}
		asked = append(asked, p)
		if err := s.read(ctx, p, freshEnough); err != nil {
			return err
		}
	}
	return nil
}

// freshEnough is the age at which counters need not be read again.
const freshEnough = 20 * time.Millisecond

// all sends everything that the subscriptions select of a tree.
func (s *stream) all(t tree.Tree) error {
	for i, u := range s.subs {
		earlier := func(v *subscription) bool { return slices.Contains(s.subs[:i], v) }
		err := s.each(t, u, &s.filter, func(sel *target, c *cursor) error {
			if i > 0 {
				if v, _ := s.match.leaf(c.to().path, c.node.Schema(), &s.filter, earlier); v != nil {
					return nil // sent already
				}
			}
			if u.suppress {
				u.remember(pathKey(c.to().path), c.node)
			}
			return s.put(u, sel, c)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (u *subscription) remember(key string, n *tree.Node) {
	if u.last == nil {
		u.last = make(map[string]*tree.Node)
	}
	u.last[key] = n
}

// each calls do for all that one subscription selects of a tree.
func (s *stream) each(t tree.Tree, u *subscription, f *filter, do func(sel *target, c *cursor) error) (err error) {
	for i := 0; i < len(u.sel.targets) && err == nil; i++ {
		sel := &u.sel.targets[i]
		s.walk(&walker{index: s.index}, t, sel, f, func(c *cursor) bool {
			err = do(sel, c)
			return err == nil
		})
	}
	return err
}

// walk yields what a target selects of a tree.
func (s *stream) walk(w *walker, t tree.Tree, sel *target, f *filter, yield func(*cursor) bool) {
	l := leaves{w, f, s.index.traits[sel.node(s.index.schema)], yield}
	w.instances(t.Root(), sel, 0, func(c *cursor) bool { return l.of(c.node, l.base) })
}

// put adds the value at a cursor to what is sent.
func (s *stream) put(u *subscription, t *target, c *cursor) error {
	v, err := appendValue(s.value[:0], c.node, s.encoding)
	if err != nil {
		return statusOf(err)
	}
	s.value = v
	// Most that are in one container come one after the other.
	if depth := len(c.path); c.same < depth || len(s.out.ends) > depth {
		s.out.goTo(u.sel, t, c.way, c.same)
		c.same = depth
	}
	return s.out.update(c.last, v, u.skipped)
}

// once serves ONCE, and one round of POLL.
func (s *stream) once(ctx context.Context) error {
	if err := s.fresh(ctx); err != nil {
		return err
	}
	if err := s.out.begin(time.Now()); err != nil {
		return err
	}
	if err := s.all(s.agent.Snapshot().Operational); err != nil {
		return err
	}
	return s.out.sync()
}

// poll serves POLL until the client closes its side.
func (s *stream) poll(ctx context.Context, in <-chan incoming) error {
	if s.updatesOnly {
		if err := s.out.sync(); err != nil {
			return err
		}
	} else if err := s.once(ctx); err != nil {
		return err
	}
	for {
		select {
		case <-ctx.Done():
			return statusOf(ctx.Err())
		case <-s.draining:
			return errDraining()
		case m, open := <-in:
			if !open {
				return nil
			}
			if m.GetPoll() == nil {
				return errSecondList()
			}
			if err := s.once(ctx); err != nil {
				return err
			}
		}
	}
}

// stream serves STREAM until the call ends. That the client closes its side is
// not the end.
func (s *stream) stream(ctx context.Context, in <-chan incoming) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // ends refreshes
	if !s.updatesOnly {
		if err := s.fresh(ctx); err != nil {
			return err
		}
	}
	var now *agent.Snapshot
	s.feed, now = s.dispatch.add(s.subs)
	defer s.dispatch.remove(s.feed)
	if !s.updatesOnly {
		if err := s.out.begin(time.Now()); err != nil {
			return err
		}
		if err := s.all(now.Operational); err != nil {
			return err
		}
	}
	if err := s.out.sync(); err != nil {
		return err
	}
	return s.serve(ctx, in)
}

func (s *stream) serve(ctx context.Context, in <-chan incoming) error {
	s.schedule(time.Now())
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		var due <-chan time.Time
		if len(s.jobs) > 0 {
			timer.Reset(time.Until(s.jobs[0].next))
			due = timer.C
		}
		var err error
		select {
		case <-ctx.Done():
			return statusOf(ctx.Err())
		case <-s.draining:
			return errDraining()
		case _, open := <-in:
			if open {
				return errSecondList()
			}
			in = nil
		case <-s.feed.wake:
			err = s.catchUp()
		case now := <-due:
			s.due(ctx, now)
		case r := <-s.ready:
			s.await(r)
		}
		if err != nil {
			return err
		}
	}
}

// catchUp sends what the feed has, and the samples that were waiting for it.
func (s *stream) catchUp() error {
	n := s.feed.take()
	if err := s.news(n); err != nil {
		return err
	}
	waiting := s.waiting
	s.waiting = nil
	for _, r := range waiting {
		if r.revision > n.to.Revision {
			s.await(r)
		} else if err := s.sampled(r, n.to.Operational); err != nil {
			return err
		}
	}
	return s.out.flush()
}

// await has the values sent as soon as the stream has been told everything up to
// their revision: a sample must not be older, nor newer, than the deletions that
// were sent before it.
func (s *stream) await(r refreshed) {
	s.waiting = append(s.waiting, r)
	next := r.revision
	for _, w := range s.waiting {
		next = min(next, w.revision)
	}
	s.feed.until(next)
}

func (s *stream) news(n news) error {
	switch {
	case n.missed != nil:
		// The stream lags: it compares what it has told with what is now.
		if err := s.out.begin(n.to.Time); err != nil {
			return err
		}
		for e := range s.match.events(n.from.Operational, n.to.Operational) {
			duplicates := n.missed[e.key]
			if duplicates > 0 {
				duplicates--
			}
			if err := s.tell(e, duplicates); err != nil {
				return err
			}
		}
	case len(n.batches) == 1:
		if err := s.out.begin(n.batches[0].to.Time); err != nil {
			return err
		}
		for _, e := range n.batches[0].events {
			if err := s.tell(e, 0); err != nil {
				return err
			}
		}
	case len(n.batches) > 1:
		for _, c := range coalesce(n.batches, s.wants) {
			if err := s.out.begin(n.batches[c.batch].to.Time); err != nil {
				return err
			}
			if err := s.tell(c.event, c.duplicates); err != nil {
				return err
			}
		}
	}
	return nil
}

// wants reports whether an event may concern the stream.
func (s *stream) wants(e *event) bool {
	c := s.match.candidates(e.def)
	if !e.deleted() {
		u, _ := s.match.leaf(e.path, e.def, &s.filter, (*subscription).onChange)
		return u != nil
	}
	return len(c.above)+len(c.below) > 0
}

// tell sends an event to the extent that the subscriptions select it.
func (s *stream) tell(e *event, duplicates uint32) error {
	if e.deleted() {
		return s.tellDeleted(e)
	}
	u, t := s.match.leaf(e.path, e.def, &s.filter, (*subscription).onChange)
	if u == nil {
		return nil
	}
	v, err := e.value(s.encoding)
	if err != nil {
		return statusOf(err)
	}
	s.out.goTo(u.sel, t, e.way, 0)
	return s.out.update(nil, v, duplicates)
}

// tellDeleted sends the deletion of a subtree, or of what is selected in it.
func (s *stream) tellDeleted(e *event) error {
	c := s.match.candidates(e.def)
	told := false
	for _, a := range c.above {
		if !a.t.matches(e.path) {
			continue
		}
		a.sub.forget(e.key)
		if told || single(e.def) && !s.filter.leaf(s.index.traits[e.def], s.index.traits[a.t.node(s.index.schema)]) {
			continue
		}
		told = true
		s.out.goTo(a.sub.sel, a.t, e.way, 0)
		if err := s.out.delete(); err != nil {
			return err
		}
	}
	for _, b := range c.below {
		if !b.t.matches(e.path) {
			continue
		}
		b.sub.forget(e.key)
		if told {
			continue
		}
		if err := s.tellDeletedBelow(e, b); err != nil {
			return err
		}
	}
	return nil
}

// tellDeletedBelow sends a deletion for each instance of a target that was in the
// subtree.
func (s *stream) tellDeletedBelow(e *event, b candidate) (err error) {
	w := walker{index: s.index}
	w.start(e.way)
	w.instances(e.old, b.t, len(e.path), func(c *cursor) bool {
		if c.node.IsDefault() && !single(c.node.Schema()) && !s.told(c.node) {
			return true // a container that was never there, nor a default in it
		}
		s.out.goTo(b.sub.sel, b.t, c.to(), 0)
		err = s.out.delete()
		return err == nil
	})
	return err
}

// told reports whether what the stream tells of an instance is anything.
func (s *stream) told(n *tree.Node) bool {
	t := s.index.traits[n.Schema()]
	l := leaves{&walker{index: s.index}, &s.filter, t, func(*cursor) bool { return false }}
	return !l.of(n, t)
}
