package agent

import (
	"slices"
	"time"

	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/store"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// Publish makes state visible in the operational datastore: from drivers, and
// from protocols that have state of their own. When it returns, Snapshot has it.
// Updates that wait for each other become visible in one Snapshot, in order.
func (a *Agent) Publish(u Update) {
	if len(u.Changes) == 0 {
		return
	}
	a.inboxMu.Lock()
	a.inbox = append(a.inbox, u)
	a.inboxMu.Unlock()
	a.publish(nil)
}

// publish makes the next Snapshot of the newest one: what is in the inbox, and
// what edit does to it. Without edit it makes none where the inbox is empty,
// because another publisher has emptied it.
func (a *Agent) publish(edit func(*Snapshot)) *Snapshot {
	a.pub.Lock()
	defer a.pub.Unlock()
	old := a.snap.Load()
	a.inboxMu.Lock()
	updates := a.inbox
	a.inbox = nil
	a.inboxMu.Unlock()
	if edit == nil && len(updates) == 0 {
		return old
	}
	next := *old
	next.Revision++
	next.Time, next.Only = time.Now(), nil
	next.next = make(chan struct{})
	if len(updates) > 0 {
		a.absorb(&next, updates)
	}
	if edit != nil {
		next.Only = nil
		edit(&next)
	}
	// Publish, then wake: whoever is woken finds at least this one.
	a.snap.Store(&next)
	close(old.next)
	return &next
}

// publishRunning makes new the running configuration, with the state that follows
// from it, and lays observed state over what differs. The candidate follows if it
// was not modified, or if it is what has just been committed. The caller has the
// writer's token.
func (a *Agent) publishRunning(new tree.Tree, st store.State, fromCandidate bool) *Snapshot {
	followed := a.follow(new)
	return a.publish(func(s *Snapshot) {
		old := s.followed
		if fromCandidate || !s.CandidateModified() {
			s.Candidate = new
			a.candidateValid = true
		}
		s.Running, s.Commit, s.CommitTime = new, st.Commit, st.Changed
		s.followed = followed
		a.overlay(s, func(yield func(path.Path) bool) {
			for c := range tree.Diff(old, followed, nil) {
				if !yield(c.Path) {
					return
				}
			}
		})
	})
}

// follow returns a running configuration with the state that follows from it. The
// caller has the writer's token.
func (a *Agent) follow(running tree.Tree) tree.Tree {
	if a.cfg.Follow == nil {
		return running
	}
	return a.cfg.Follow(running)
}

// publishCandidate replaces the candidate; running itself makes it unmodified.
// The caller has the writer's token.
func (a *Agent) publishCandidate(new tree.Tree, by *Session) *Snapshot {
	snap := a.Snapshot()
	if new.Root() != snap.Running.Root() && same(snap.Running, new) {
		new = snap.Running
	}
	if new.Root() == snap.Running.Root() {
		a.candidateValid = true
	}
	if new.Root() == snap.Candidate.Root() {
		return snap
	}
	a.sessions.mu.Lock()
	a.sessions.candidateBy = by.ID()
	a.sessions.mu.Unlock()
	return a.publish(func(s *Snapshot) { s.Candidate = new })
}

// publishStartup replaces the startup datastore. The caller has the writer's
// token.
func (a *Agent) publishStartup(new tree.Tree) *Snapshot {
	return a.publish(func(s *Snapshot) { s.Startup = new })
}

// absorb takes updates into the state, and into the operational datastore of s. The
// caller has pub.
func (a *Agent) absorb(s *Snapshot, updates []Update) {
	touched, within := a.take(s, updates)
	if len(touched) == 0 {
		for _, p := range within {
			s.Only = append(s.Only, p.def)
		}
	}
	// First the parts: they are what they were at their turn, all else as it is in the end.
	a.overlayParts(s, within)
	a.overlay(s, slices.Values(touched))
}

// parts are state within entries of a list that may be configured.
type parts struct {
	def     *schema.Node // of the parts
	list    path.Path
	first   path.Path        // the first step from an entry to its part
	entries []tree.EntryEdit // of what that leads to
}

// take takes updates into the state, and returns what they touch, and apart from that the
// parts of entries that they change. A change that the schema does not have is reported
// and left out. The caller has pub.
func (a *Agent) take(s *Snapshot, updates []Update) (touched []path.Path, within []parts) {
	x := a.state.ObservedTxn()
	n := 0
	for _, u := range updates {
		n += len(u.Changes)
	}
	touched = make([]path.Path, 0, n)
	for _, u := range updates {
		if last := a.snap.Load().Time; len(updates) == 1 && u.Time.After(last) && u.Time.Before(s.Time) {
			s.Time = u.Time // the time of a lone change is when it happened
		}
		for _, c := range u.Changes {
			top, done, err := setState(x, c)
			if err != nil {
				a.events.add(a.log, "state", "state that the schema does not have was published", err)
			} else if def := apart(s.followed, c); def != nil {
				within = append(within, parts{def, c.Path, c.Within[:1], done})
			} else {
				touched = append(touched, top)
			}
		}
	}
	a.state = x.Tree()
	return touched, within
}

// setState makes one change of the state, and returns the topmost path that it changes or,
// of a change within entries, what it made of the first step into each.
func setState(x *tree.Txn, c StateChange) (top path.Path, done []tree.EntryEdit, err error) {
	switch {
	case c.Within != nil:
		done, err = x.EditWithin(c.Path, c.Within, c.Entries)
		return c.Path, done, err
	case c.Entries != nil:
		err = x.EditEntries(c.Path, c.Entries)
	case c.Node == nil:
		_, err = x.Delete(c.Path)
	case c.Merge:
		err = x.Merge(c.Path, c.Node)
	default:
		err = x.Replace(c.Path, c.Node)
	}
	if err != nil || c.Node != nil {
		return c.Path, nil, err
	}
	top, err = prune(x, c.Path)
	return top, nil, err
}

// prune removes what has no reason to be any more where something has gone, and
// returns the topmost path that there is nothing at: a configurable entry that has
// come to hold nothing but its keys goes, and so does a container with presence that
// has come to hold nothing, because only configuration could now say that it exists.
func prune(x *tree.Txn, gone path.Path) (path.Path, error) {
	top := gone
	if x.Node(gone) != nil {
		return top, nil
	}
	for p := gone.Parent(); len(p) > 0; p = p.Parent() {
		n := x.Node(p)
		if n == nil {
			top = p
			continue
		}
		def := n.Schema()
		if !n.IsEntry() && !def.Presence || !def.Config || n.Len() > len(def.Keys) {
			break
		}
		if _, err := x.Delete(p); err != nil {
			return nil, err
		}
		top = p
	}
	return top, nil
}

// overlay makes the operational datastore at each of paths what running, with what
// follows from it, and the state have there. The rest of it is shared. The caller has pub.
func (a *Agent) overlay(s *Snapshot, paths func(yield func(path.Path) bool)) {
	if a.state.Root().Len() == 0 {
		s.Operational = s.followed
		return
	}
	x := s.Operational.Txn()
	var done []path.Path // of the first few
	for p := range paths {
		p = foremost(s.followed, p)
		if slices.ContainsFunc(done, p.HasPrefix) {
			continue // of what is there by state alone, a little more
		}
		if len(done) < fewOverlaid {
			done = append(done, p)
		}
		if err := overlayAt(x, p, s.followed.Node(p), a.state.Node(p)); err != nil {
			a.events.add(a.log, "state", "the operational datastore could not follow", err)
		}
	}
	s.Operational = x.Tree()
}

// apart returns what a change of parts is of, if these are state and the entries may be
// configured; else nil.
func apart(running tree.Tree, c StateChange) *schema.Node {
	if len(c.Within) == 0 || len(foremost(running, c.Path)) < len(c.Path) {
		return nil
	}
	list, err := running.Schema().Find(c.Path)
	if err != nil || !list.Config || list.Child(c.Within[0].Module, c.Within[0].Name).Config {
		return nil
	}
	def := list
	for _, e := range c.Within {
		def = def.Child(e.Module, e.Name)
	}
	return def
}

// overlayParts is overlay for changes that are apart: from the first step into an entry
// on, be it configured or not, all is the state's own. The caller has pub.
func (a *Agent) overlayParts(s *Snapshot, within []parts) {
	x := s.Operational.Txn()
	for _, p := range within {
		if _, err := x.EditWithin(p.list, p.first, p.entries); err != nil {
			a.events.add(a.log, "state", "the operational datastore could not follow", err)
		}
	}
	s.Operational = x.Tree()
}

// fewOverlaid is up to how many paths it is worth to remember that all below them
// has been laid over.
const fewOverlaid = 4

// foremost returns the topmost node on the way to p that is state, or the topmost
// entry or container with presence that running does not have, or else p: all of it
// is what the state has, and no default is in use in it.
func foremost(running tree.Tree, p path.Path) path.Path {
	def, n := running.Schema().Root, running.Root()
	for i, e := range p {
		if def = def.Child(e.Module, e.Name); def == nil {
			return p
		}
		switch {
		case def.Config:
		case len(e.Keys) == 0:
			return p[:i+1]
		default:
			return p[:i].Child(def.Elem())
		}
		entry := def.Kind == schema.List && len(e.Keys) > 0
		if n = n.Child(def); n != nil && entry {
			keys := make([]string, len(e.Keys))
			for j, k := range e.Keys {
				keys[j] = k.Value
			}
			n = n.Entry(keys...)
		}
		if n == nil && (entry || def.Kind == schema.Container && def.Presence) {
			return p[:i+1]
		}
	}
	return p
}

func overlayAt(x *tree.Txn, p path.Path, config, state *tree.Node) error {
	if len(p) > 0 && p.Last().Keys != nil && isLeafList(config, state) {
		p = p.Parent().Child(path.Elem{Module: p.Last().Module, Name: p.Last().Name})
	}
	switch {
	case config == nil && state == nil:
		_, err := x.Delete(p)
		return err
	case config == nil:
		return x.Replace(p, state.Configured())
	case state == nil:
		return x.Replace(p, config)
	}
	if err := x.Replace(p, config); err != nil {
		return err
	}
	return x.Merge(p, state)
}

func isLeafList(nodes ...*tree.Node) bool {
	for _, n := range nodes {
		if n != nil {
			return n.Schema().Kind == schema.LeafList
		}
	}
	return false
}
