package agent

import (
	"context"
	"iter"
	"time"

	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// Driver keeps a part of the host as configured. The agent calls Check and Apply
// from one goroutine at a time, Observe from another.
type Driver interface {
	// Leaves are the schema paths of the configuration that it realizes. A path
	// of a container or list stands for all below it.
	Leaves() []path.Path

	// Check refuses a change that could not be applied. It touches nothing.
	Check(ctx context.Context, old, new tree.Tree) error

	// Apply takes the host from old to new, all or nothing: after an error the
	// host is as before, or the error's tag is rollback-failed. Apply(new, old)
	// undoes it. With an empty old tree the host may already hold any part of
	// new (the agent has just started): the driver compares, adopts what is
	// equal and changes only the rest. Its context is never canceled.
	Apply(ctx context.Context, old, new tree.Tree) error

	// Observe publishes the state of the host until ctx ends: first all of it, be
	// it nothing, including the removal of what an earlier Observe published and
	// is gone, then each change. An error means that it cannot go on; the agent
	// calls it again after a while.
	Observe(ctx context.Context, publish func(Update)) error
}

// Sampler is the optional ability of a Driver to read counters on demand.
// Sample publishes what it has below p, read after it was called.
type Sampler interface {
	Sample(ctx context.Context, p path.Path, publish func(Update)) error
}

// Resyncer is the optional ability of a Driver to bring the host to desired from
// whatever state it is in, as far as it can; the error says what is missing. The
// agent asks for it at start and after a failed undo, until it succeeds. A driver
// without it gets Apply from the empty tree.
type Resyncer interface {
	Resync(ctx context.Context, desired tree.Tree) error
}

// Holder is the optional ability of a Driver to hold back what Observe would publish
// while a commit is under way: to render what that brings about would take the time
// that its answer takes.
type Holder interface {
	// Hold is called before the Apply of a commit, and release once that has ended,
	// well or not, or has taken long. What was held back is published then, be the
	// next commit under way or not: so nothing waits for more than one of them.
	Hold() (release func())
}

// Update is state that has changed. The changes of one Update become visible
// together.
type Update struct {
	Changes []StateChange
	Time    time.Time // when it was so; the zero time is now
}

// StateChange says that the state below Path is now Node, rooted at Path; nil
// says that there is none. Configuration at Path is not affected.
type StateChange struct {
	Path path.Path
	Node *tree.Node
	// Merge says that Node joins what is there, a leaf in the place of a leaf,
	// instead of replacing it: one change for much that is new.
	Merge bool
	// Entries, if any, say what of the list that Path names is otherwise: one change
	// for many entries. It is meant for lists of state; and there is no Node.
	Entries []tree.EntryEdit
	// Within, if any, is state: the way from an entry of that list, through containers,
	// to what the Nodes of Entries are, and those with their Keys have: one change for
	// a part of many entries. Of an entry that has no state yet nothing is said.
	Within path.Path
}

// Validator checks configuration against the schema's constraints.
type Validator interface {
	// Settle returns new without the data whose when condition has become false
	// (RFC 7950 §8.2).
	Settle(old, new tree.Tree) (tree.Tree, error)
	// Check finds what is wrong with new that was not wrong with old.
	Check(ctx context.Context, old, new tree.Tree) error
}

// Access decides who may write (RFC 8341). It sees the difference that a request
// makes, implied deletions included.
type Access interface {
	Write(user string, target Datastore, changes iter.Seq[tree.Change]) error
}
