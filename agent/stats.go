package agent

import "sync/atomic"

// counters of what has been asked of the agent.
type counters struct {
	commits, refused, rollbacks atomic.Uint64
}

func (c *counters) commit(err error) {
	if err != nil {
		c.refused.Add(1)
		return
	}
	c.commits.Add(1)
}

// Stats are counts since the start of the process.
type Stats struct {
	Commits   uint64 // requests carried out, those that changed nothing too
	Refused   uint64 // requests that failed, wholly or in part
	Rollbacks uint64 // confirmed commits that were not confirmed
	Sessions  int    // open now
}

// Stats returns the counts.
func (a *Agent) Stats() Stats {
	return Stats{a.stats.commits.Load(), a.stats.refused.Load(), a.stats.rollbacks.Load(), len(a.Sessions())}
}
