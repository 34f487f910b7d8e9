package gnmi

import (
	"context"
	"slices"
	"time"

	"github.com/outrigger-cnf/outrigger/agent/schema"
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
	if !beat && !u.suppress && !u.onChange() && u.skipped == 0 {
		return s.repeat(t, u)
	}
	err := s.each(t, u, func(c cursor, sel *target) error {
		if !s.sampledNow(u, c.node.Schema(), beat) {
			return nil
		}
		if u.suppress {
			key := pathKey(c.path)
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

// sampledNow reports whether a leaf is part of a sample, or of a heartbeat.
func (s *stream) sampledNow(u *subscription, n *schema.Node, beat bool) bool {
	if u.onChange() {
		// TARGET_DEFINED samples counters; a heartbeat repeats all the others.
		return s.index.traits[n].counter != beat
	}
	return true
}

// segment is the wire form of all that was sent of one instance in the last sample.
type segment struct {
	node *tree.Node
	wire []byte
}

// What is larger than segmentMost does not stay as it is as a whole; and of all
// instances of a subscription no more than segmentsMost is kept.
const (
	segmentMost  = 8 << 10
	segmentsMost = 4 << 20
)

// repeat sends a sample. Of many interfaces the counters of most stand still from one
// to the next: a node is the same then, and what was made of it is sent again.
func (s *stream) repeat(t tree.Tree, u *subscription) (err error) {
	sent := make(map[string]segment, len(u.sent))
	kept := 0
	for i := range u.sel.targets {
		sel := &u.sel.targets[i]
		base := sel.node(s.index.schema)
		w := walker{index: s.index}
		w.instances(t.Root(), sel, 0, func(c cursor) bool {
			key := string(rune(i)) + pathKey(c.path)
			if was, known := u.sent[key]; known && was.node == c.node {
				sent[key] = was
				kept += len(was.wire)
				err = s.out.again(was.wire)
				return err == nil
			}
			node := c.node
			s.out.news.record(segmentMost)
			ok := w.leaves(c.node, &s.filter, base, func(c cursor) bool {
				err = s.put(u, sel, c)
				return err == nil
			})
			if wire := s.out.news.recorded(); wire != nil && kept+len(wire) <= segmentsMost {
				sent[key] = segment{node, wire}
				kept += len(wire)
			}
			return ok
		})
		if err != nil {
			return err
		}
	}
	u.sent = sent
	return nil
}
