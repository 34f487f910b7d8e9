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
