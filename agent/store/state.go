package store

import (
	"time"

	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// State is all that is durable, as of one Save.
type State struct {
	Seq   uint64 // counts the saves
	Entry uint64 // ID of the last Entry
	// Commit is the ID of the last Entry of running, Changed its time.
	Commit  uint64
	Changed time.Time

	Running, Startup tree.Tree
	// HasRunning is false until something has been saved as running, so that a
	// first boot can be told from an empty configuration.
	HasRunning bool

	Pending *Pending // the confirmed commit that is not yet confirmed, or nil

	// History is the last HistorySize entries, oldest first.
	History []Entry
}

// Pending is a confirmed commit that waits for its confirmation.
type Pending struct {
	Rollback tree.Tree // running before it
	Session  uint32
	User     string
	Persist  string // the token, or empty
	Timeout  time.Duration
	Deadline time.Time
	Boot     string // boot ID of the machine that it was begun on
}

// HistorySize is how many entries a store keeps.
const HistorySize = 50

// Running is the Datastore of an Entry of running.
const Running = "running"

// Entry is one change of running or startup in the history.
type Entry struct {
	ID        uint64    `json:"id"` // set by Save; grows by one
	Time      time.Time `json:"time"`
	Datastore string    `json:"datastore"`
	Session   uint32    `json:"session,omitempty"`
	User      string    `json:"user,omitempty"`
	Protocol  string    `json:"protocol,omitempty"`
	Remote    string    `json:"remote,omitempty"`
	Comment   string    `json:"comment,omitempty"`
	// Changes is how many places differ; Diff describes them, a line each, and is
	// cut where it gets long.
	Changes int      `json:"changes"`
	Diff    []string `json:"diff,omitempty"`
}

// addHistory returns h with e at its end, cut to HistorySize. Readers may hold h:
// e goes behind what they see, into spare room that it is copied for once in
// HistorySize entries. Only the newest history is added to, so nobody else's
// entry is there.
func addHistory(h []Entry, e Entry) []Entry {
	if len(h) == cap(h) {
		h = append(make([]Entry, 0, len(h)+HistorySize), h...)
	}
	h = append(h, e)
	return h[max(0, len(h)-HistorySize):]
}

// next is the State after one more Save of s with an optional entry.
func (prev State) next(s State, e *Entry) State {
	s.Seq = prev.Seq + 1
	s.Entry, s.Commit, s.Changed, s.History = prev.Entry, prev.Commit, prev.Changed, prev.History
	if e == nil {
		return s
	}
	e.ID = prev.Entry + 1
	s.Entry, s.History = e.ID, addHistory(prev.History, *e)
	if e.Datastore == Running {
		s.Commit, s.Changed = e.ID, e.Time
	}
	return s
}
