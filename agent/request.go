package agent

import (
	"time"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// Error is the error type of everything here: what is wrong, where, and what
// would be right, with the error-tag of RFC 6241.
type Error = fault.Error

// Datastore names one of the datastores (RFC 8342). The zero value is none.
type Datastore uint8

// The datastores.
const (
	Running Datastore = iota + 1
	Candidate
	Startup
	Operational
)

func (d Datastore) String() string {
	switch d {
	case Running:
		return "running"
	case Candidate:
		return "candidate"
	case Startup:
		return "startup"
	case Operational:
		return "operational"
	}
	return "none"
}

// Op is an edit operation (RFC 6241 §7.2).
type Op uint8

// The operations; the zero value is Merge.
const (
	Merge Op = iota
	Replace
	Create
	Delete // data-missing where there is nothing
	Remove // Delete that does not mind
	None   // demands that Path exists (data-missing), and changes nothing
)

func (o Op) String() string {
	names := [...]string{"merge", "replace", "create", "delete", "remove", "none"}
	if int(o) < len(names) {
		return names[o]
	}
	return "unknown"
}

// Edit is one operation on the subtree at Path; the empty path is the root.
type Edit struct {
	Op   Op
	Path path.Path
	// Node is the new data, rooted at Path: a leaf with its value, a container,
	// a list entry, or a list or leaf-list with what it holds. A nil Node with
	// Merge, Replace or Create stands for the bare instance: a container, or a
	// list entry with only its keys. Delete, Remove and None have none.
	Node *tree.Node
	// Insert says where an entry of an ordered-by user list or leaf-list goes
	// (RFC 7950 §7.7.9, §7.8.6); nil leaves it where it is, or last if it is new.
	Insert *tree.Position
}

// Test is what a Request does beside validating (RFC 6241 §7.2 test-option).
type Test uint8

// The test options.
const (
	TestThenSet Test = iota // nothing changes unless all of it is valid
	// Set lets a candidate become invalid meanwhile. Running and startup are
	// always valid: for them it means TestThenSet.
	Set
	// TestOnly validates, asks the drivers' Check, and changes nothing. It minds
	// no locks.
	TestOnly
)

// Request is the one form of a gNMI SetRequest, an edit-config, a commit, a
// copy-config and a boot file.
type Request struct {
	Session *Session  // who asks; nil is the agent itself
	Target  Datastore // Running, Candidate or Startup

	Edits []Edit // in order
	// From, when set, stands for the one edit that makes Target equal to that
	// datastore. From Candidate with Target Running is NETCONF's commit: it needs
	// both unlocked and it confirms a pending confirmed commit. To validate a
	// datastore, copy it with TestOnly.
	From Datastore

	Test Test
	// ContinueOnError applies the edits that can be applied and reports the
	// others (RFC 6241 §7.2): Commit then returns a Snapshot and an error.
	ContinueOnError bool

	// Confirm, with Target Running, begins a confirmed commit or extends the
	// pending one: without edits it only restarts its timer.
	Confirm *Confirm
	// PersistID is the token of the pending confirmed commit that this Request
	// belongs to. Without it only the session that began it may touch running.
	PersistID string

	Comment string // for the history
}

// Confirm makes a commit provisional (RFC 6241 §8.4): unless it is confirmed in
// time, running goes back to what it was before.
type Confirm struct {
	Timeout time.Duration // DefaultConfirmTimeout if zero
	// Persist is the token by which any session can confirm it, so that it
	// outlives its own. In a follow-up confirmed commit an empty Persist leaves
	// the token as it is.
	Persist string
}

// DefaultConfirmTimeout is that of RFC 6241 §8.4.1.
const DefaultConfirmTimeout = 600 * time.Second
