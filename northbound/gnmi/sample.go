package gnmi

import (
	"context"
	"slices"
	"time"

	"google.golang.org/grpc/mem"

	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// schedule plans the samples and heartbeats. They fall on multiples of their
// interval, so that streams with the same interval share one reading of the
// counters.
func (s *stream) schedule(now time.Time) {
	add := func(u *subscription, every time.Duration, heartbeat bool) {
		if every > 0 {
			s.jobs = append(s.jobs, job{sub: u, every: every, next: now.Truncate(every).Add(every), heartbeat: heartbeat})
		}
	}
	for _, u := range s.subs {
		add(u, u.sample, false)
		add(u, u.heartbeat, true)
	}
	s.sortJobs()
}

func (s *stream) sortJobs() {
	slices.SortStableFunc(s.jobs, func(a, b job) int { return a.next.Compare(b.next) })
}

// due starts the jobs whose time has come.
func (s *stream) due(ctx context.Context, now time.Time) {
	for i := range s.jobs {
		j := &s.jobs[i]
		if j.next.After(now) {
			break
		}
		j.next = now.Truncate(j.every).Add(j.every)
		u := j.sub
		switch {
		case j.heartbeat:
			s.await(refreshed{sub: u, heartbeat: true}) // of what the feed has told
		case u.refreshing:
			u.skipped++
		default:
			u.refreshing = true
			go s.refresh(ctx, u)
		}
	}
	s.sortJobs()
}

// refresh has the drivers read what a subscription samples. It ends with ctx.
func (s *stream) refresh(ctx context.Context, u *subscription) {
	r := refreshed{sub: u}
	if s.hasState(u.sel) && s.read(ctx, u.sel.commonPath(), min(u.sample/10, time.Second)) == nil {
		r.revision = s.agent.Snapshot().Revision
	}
	s.ready <- r // has room: a subscription refreshes once at a time
}

// sampled sends the values of a subscription whose sample or heartbeat is due.
func (s *stream) sampled(r refreshed, t tree.Tree) error {
	u, beat := r.sub, r.heartbeat
	if !beat {
		u.refreshing = false
	}
	if err := s.out.begin(time.Now()); err != nil {
		return err
	}
	f := s.filter
	if u.onChange() { // of mode TARGET_DEFINED counters are sampled; a heartbeat repeats all the others
		f.only = func(t *traits) bool { return t.counter }
		if beat {
			f.only = func(t *traits) bool { return t.event }
		}
	}
	if !beat && !u.suppress && u.skipped == 0 {
		return s.repeat(t, u, &f)
	}
	err := s.each(t, u, &f, func(sel *target, c *cursor) error {
		if u.suppress {
			key := pathKey(c.to().path)
			if was := u.last[key]; was != nil && !beat && sameValue(was, c.node) {
				return nil
			}
			u.remember(key, c.node)
		}
		return s.put(u, sel, c)
	})
	if !beat {
		u.skipped = 0
	}
	return err
}

// sent is what a subscription sent in its last sample, of one outermost entry of a list
// after the other: a node that is the same has the same below it, and under the same
// path, because an entry has its keys in it and there is no other list above.
//
// What was sent of an entry is kept once it has been the same twice, so that nothing is
// kept of what changes all the time: there is nil.
type sent struct {
	out *notifier
	// was is of the last sample, is of the one that is being made.
	was, is []told
	next    int // of was: about where the next entry is
	kept    int // octets, in is
	target  int // that is being walked
	err     error
}

// told is an entry, which target led there, and what was sent of it.
type told struct {
	entry  *tree.Node
	target int
	wire   mem.Buffer
}

// keptMost bounds what is kept for one subscription, of which toldSize is what an
// entry takes by itself, about.
const (
	keptMost = 4 << 20
	toldSize = 64
)

// near is how many entries can have come or gone since the last sample before one that
// is the same, and this one is found. One that is not is sent as if it had changed, and
// stands where it is looked for in the next sample.
const near = 8

// repeat sends a sample. Of many interfaces the counters of most stand still from one
// to the next: what was made of them is sent again.
func (s *stream) repeat(t tree.Tree, u *subscription, f *filter) error {
	if u.sent == nil {
		u.sent = &sent{out: &s.out}
	}
	r := u.sent
	r.next, r.kept = 0, 0
	for r.target = range u.sel.targets {
		sel := &u.sel.targets[r.target]
		s.walk(&walker{index: s.index, around: r}, t, sel, f, func(c *cursor) bool {
			r.err = s.put(u, sel, c)
			return r.err == nil
		})
		if r.err != nil {
			return r.err
		}
	}
	clear(r.was)
	r.was, r.is = r.is, r.was[:0]
	return nil
}

// find returns what was sent of an entry, or nil, and whether it was there at all.
func (r *sent) find(entry *tree.Node) (wire mem.Buffer, same bool) {
	for i := max(0, r.next-near); i < min(r.next+near, len(r.was)); i++ {
		if t := &r.was[i]; t.entry == entry && t.target == r.target {
			r.next = i + 1
			return t.wire, true
		}
	}
	r.next++ // it has changed, as most that are not found
	return nil, false
}

// enter implements visitor.
func (r *sent) enter(entry *tree.Node) (into, goOn bool) {
	wire, same := r.find(entry)
	if wire != nil {
		r.keep(entry, wire)
		r.err = r.out.again(wire)
		return false, r.err == nil
	}
	if same {
		r.out.record()
	}
	return true, true
}

// leave implements visitor.
func (r *sent) leave(entry *tree.Node) (goOn bool) {
	wire, err := r.out.recorded(keptMost - r.kept)
	r.keep(entry, wire)
	r.err = err
	return err == nil
}

func (r *sent) keep(entry *tree.Node, wire mem.Buffer) {
	r.kept += toldSize
	if wire != nil {
		r.kept += wire.Len()
	}
	if r.kept <= keptMost {
		r.is = append(r.is, told{entry, r.target, wire})
	}
}
