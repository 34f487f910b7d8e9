// Package plan orders what must be done to a dataplane.
package plan

import "github.com/outrigger-cnf/outrigger/southbound/object"

// Op is what a step does.
type Op uint8

// The operations.
const (
	Create Op = iota + 1
	Update
	Delete
)

// Step is one thing done to the dataplane.
type Step struct {
	Op   Op
	ID   object.ID
	Have object.Object // nil for Create
	Want object.Object // nil for Delete
	Attr object.Attr   // Update of a link: the one attribute that changes
}

// Manner is how an object can be brought from one form to another.
type Manner uint8

// The manners.
const (
	InPlace         Manner = iota // an Update
	MakeBeforeBreak               // both can exist for a moment
	BreakBeforeMake               // the old one must go first
)

// Rules are what a planner must know of a dataplane.
type Rules interface {
	// Change tells how have becomes want where attr differs.
	Change(have, want object.Object, attr object.Attr) Manner
}
