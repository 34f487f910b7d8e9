package agent

import (
	"time"

	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// Snapshot is every datastore at one revision. It never changes.
type Snapshot struct {
	// Revision grows by one with every published change, of state too; it starts
	// anew with the process.
	Revision uint64
	Time     time.Time

	// Commit is the ID of the last change of running, as in History; it is
	// durable, and zero before the first. CommitTime is its time.
	Commit     uint64
	CommitTime time.Time

	Running, Candidate, Startup, Operational tree.Tree

	// Only, if there are any, are the data nodes of which something is otherwise than in
	// the Snapshot of the revision before, at them or below them: nothing else is. It is
	// told of parts of many entries, so that nobody need look at each for nothing.
	Only []*schema.Node

	// followed is Running with the state that follows from it.
	followed tree.Tree

	next chan struct{}
}

// Next is closed once a newer Snapshot exists. The newer one may be several
// revisions ahead: ask the Agent for it.
func (s *Snapshot) Next() <-chan struct{} { return s.next }

// Tree returns one datastore; of a Datastore that does not exist, the empty tree.
func (s *Snapshot) Tree(d Datastore) tree.Tree {
	switch d {
	case Running:
		return s.Running
	case Candidate:
		return s.Candidate
	case Startup:
		return s.Startup
	case Operational:
		return s.Operational
	}
	return tree.New(s.Running.Schema())
}

// CandidateModified reports whether the candidate differs from running.
func (s *Snapshot) CandidateModified() bool {
	return s.Candidate.Root() != s.Running.Root()
}
