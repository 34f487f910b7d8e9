// Package plan orders what must be done to a dataplane.
//
//	Targets (have, want) ──Make──▶ Plan
//	                                ├── Steps      in order; each has its Undo
//	                                ├── Waits      what cannot be yet, and for which link
//	                                └── Conflicts  what something foreign stands in the way of
//
// The order is make before break: links, their attributes, masters, settings,
// up, addresses, neighbors, routes; then deletions the other way round. What
// must go before its successor can come (a link of another kind under the same
// name) goes first, with all that stands on it.
//
// Everything here is a pure function of its arguments: what to know of the
// dataplane comes in by World and Rules.
package plan

import (
	"fmt"
	"strings"

	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// Op is what a step does.
type Op uint8

// The operations.
const (
	Create Op = iota + 1
	Update
	Delete
)

var opNames = [...]string{"", "create", "update", "delete"}

func (op Op) String() string {
	if int(op) < len(opNames) {
		return opNames[op]
	}
	return ""
}

// Step is one thing done to the dataplane, whole or not at all.
//
// Create of a link makes it with the attributes of its kind, its description and
// no other; MTU, MAC, master and admin state follow as Updates, one attribute
// each. Everything else is created and updated as a whole.
type Step struct {
	Op   Op
	ID   object.ID
	Have object.Object // nil for Create
	Want object.Object // nil for Delete
	// Attrs are, of a Create, the attributes that Want sets, and of an Update of
	// a link the one that changes.
	Attrs []object.Attr

	// Paired says that another step has the effect of this one (the other end of
	// a veth): there is nothing to do for it.
	Paired bool
	// fresh says that the object was made in this plan: undoing its creation
	// undoes this step.
	fresh bool
}

// Attr is the attribute that an Update of a link changes; empty for all else.
func (s Step) Attr() object.Attr {
	if s.Op == Update && len(s.Attrs) == 1 {
		return s.Attrs[0]
	}
	return ""
}

// Fresh reports whether the step changes what was made in the same plan.
func (s Step) Fresh() bool { return s.fresh }

// Has reports whether the step sets an attribute.
func (s Step) Has(a object.Attr) bool {
	for _, x := range s.Attrs {
		if x == a {
			return true
		}
	}
	return false
}

func (s Step) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", s.Op, s.ID)
	switch {
	case s.Paired:
		b.WriteString(" (with its peer)")
	case s.Op == Update && s.ID.Kind == object.KindLink:
		fmt.Fprintf(&b, " %s %s -> %s", s.Attr(), object.Text(s.Have, s.Attr()), object.Text(s.Want, s.Attr()))
	case s.Op == Update:
		for _, a := range object.Attrs(s.Want) {
			if !object.Same(s.Have, s.Want, a) {
				fmt.Fprintf(&b, " %s %s -> %s", a, object.Text(s.Have, a), object.Text(s.Want, a))
			}
		}
	case s.Op == Create:
		for _, a := range s.Attrs {
			fmt.Fprintf(&b, " %s=%s", a, object.Text(s.Want, a))
		}
	}
	return b.String()
}

// Target is what shall become of one object.
type Target struct {
	ID object.ID
	// Have is what the dataplane has, with all of its attributes; nil: nothing.
	Have object.Object
	// Owned says that Have may be deleted and replaced.
	Owned bool
	// Anew says that a link that is ours must be made anew: it may have what cannot
	// be seen.
	Anew bool
	// Seen is Have with the links that it stands on without naming them: those that a
	// route's gateways are found by. nil: there are none.
	Seen object.Object
	// Want is what it shall have; nil: nothing.
	Want *object.Claim
}

// Wait is a target that cannot be as it should until a link is there, or up.
type Wait struct {
	ID     object.ID
	Link   string
	Reason string
	// Partly says that the object is there without what waits: a route that has
	// other next hops.
	Partly bool
}

// Conflict is a target in whose place stands what is not ours.
type Conflict struct {
	ID     object.ID
	Attr   object.Attr // what differs
	Have   object.Object
	Want   *object.Claim
	Reason string
}

// Plan is the way from what there is to what shall be.
type Plan struct {
	Steps     []Step
	Waits     []Wait
	Conflicts []Conflict
	// About are the objects of the targets given and of those that they drew in, in
	// order.
	About []object.ID
}

// String writes a plan one thing a line.
func (p *Plan) String() string {
	var b strings.Builder
	for _, s := range p.Steps {
		fmt.Fprintln(&b, s)
	}
	for _, w := range p.Waits {
		fmt.Fprintf(&b, "wait %s: %s\n", w.ID, w.Reason)
	}
	for _, c := range p.Conflicts {
		fmt.Fprintf(&b, "conflict %s: %s\n", c.ID, c.Reason)
	}
	return b.String()
}

// World is what is known of the dataplane and of the configuration beyond the
// targets.
type World interface {
	// Link returns an observed link, nil if it is not there.
	Link(name string) *object.LinkState
	// Dependents returns the objects that stand on a link: those desired that
	// require it, and those of ours that are there. Links among them are those
	// whose parent or master it is.
	Dependents(link string) []Target
	// Addresses returns how many addresses of a family a link has, whosever.
	Addresses(link string, f object.Family) int
	// Wanted returns what is desired of a link, nil if nothing is.
	Wanted(link string) *object.Claim
	// Claimed is Wanted of any object.
	Claimed(id object.ID) *object.Claim
}

// Manner is how an object can be brought from one form to another.
type Manner uint8

// The manners.
const (
	InPlace         Manner = iota // by an Update
	MakeBeforeBreak               // by a Create, then a Delete: both can exist for a moment
	BreakBeforeMake               // by a Delete, then a Create
)

// Rules are what a planner must know of a dataplane.
type Rules interface {
	// Change tells how have becomes want where they differ in attr.
	Change(have, want object.Object, attr object.Attr) Manner
	// NeedsUp reports whether o can exist only on links that are up; a link,
	// whether it can be up only on a parent that is.
	NeedsUp(o object.Object) bool
	// Takes reports whether carrying out s removes o, which stands on the link
	// that s is about. Deletions of links are not asked about, and those of
	// addresses only where it is the link's last of its family.
	Takes(s Step, o object.Object) bool
	// Exclusive returns a key that o shares with no other object at a time, or
	// nothing: an address that two links cannot both have, a tunnel's
	// identifier.
	Exclusive(o object.Object) string
}

// CycleError says that links require each other in a circle.
type CycleError struct {
	Links []*object.Claim // in order; the last requires the first
}

func (e *CycleError) Error() string {
	names := make([]string, 0, len(e.Links)+1)
	for _, c := range e.Links {
		names = append(names, c.Object.(*object.Link).Name)
	}
	return "links need each other in a circle: " + strings.Join(append(names, names[0]), " -> ")
}
