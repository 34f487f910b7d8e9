package southbound

import (
	"slices"

	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
)

// Ledger keeps, from one process to the next, what we have made of the kinds that
// the dataplane cannot mark.
type Ledger interface {
	// Load returns what was noted last, nothing if nothing was. An error means
	// that what was noted cannot be read.
	Load() (Ledgered, error)
	// Note adds and removes entries, durably. In another incarnation than what is
	// there it begins anew.
	Note(incarnation string, made []Made, gone []object.ID) error
}

// Ledgered is what a Ledger holds.
type Ledgered struct {
	Incarnation string // of the dataplane; empty: nothing was ever noted
	List        []Made
}

// Made is an object that we have made.
type Made struct {
	ID   object.ID
	Link string // that it is on
	// Index is the dataplane's number of that link, 0 where the link was yet to
	// be made: what is on another link of the name is not ours.
	Index uint32
}

// ledger is what the driver knows of what it has made.
//
// An entry is in the Ledger before the object is in the dataplane; so one that was
// made on the way to a configuration that was never stored is known for ours all
// the same, and goes.
type ledger struct {
	Ledger                          // nil: known for as long as the process lives
	unmarked func(object.Kind) bool // nil: the dataplane marks all that is ours
	loaded   *Ledgered              // until it is known whether it is of this dataplane
	where    string                 // the dataplane's incarnation
	// strange says that nothing is known of what earlier processes made. What is
	// as configured then is taken for theirs, so for ours.
	strange bool
	made    map[object.ID]Made
	intent  map[object.ID]Made // noted, and perhaps made
	unsaved map[object.ID]struct{}
}

func (l *ledger) open(b Backend, store Ledger) error {
	l.made, l.intent, l.unsaved = make(map[object.ID]Made), make(map[object.ID]Made), make(map[object.ID]struct{})
	u, ok := b.(Unmarked)
	if !ok {
		return nil
	}
	l.unmarked, l.loaded = u.Unmarked, &Ledgered{}
	if store == nil {
		return nil
	}
	loaded, err := store.Load()
	if err != nil {
		return err
	}
	l.Ledger, l.loaded = store, &loaded
	return nil
}

// keeps reports whether objects of a kind are in the ledger.
func (l *ledger) keeps(k object.Kind) bool { return l.unmarked != nil && l.unmarked(k) }

// begin takes in which dataplane this is, once it has been seen what links there
// are. In another one than before there is nothing of ours.
func (l *ledger) begin(where string, find func(name string) *object.LinkState) {
	if loaded := l.loaded; loaded != nil {
		l.loaded, l.strange = nil, loaded.Incarnation == ""
		if where != "" && loaded.Incarnation == where {
			for _, m := range loaded.List {
				if at := find(m.Link); at != nil && (m.Index == 0 || m.Index == at.Index) {
					l.made[m.ID] = m
				} else {
					l.unsaved[m.ID] = struct{}{}
				}
			}
		}
	} else if where == "" || where != l.where {
		clear(l.made)
		clear(l.intent)
		clear(l.unsaved) // the Ledger begins anew
	}
	l.where = where
}

// marked is a state that says whose it is.
func (l *ledger) marked(s object.State) object.State {
	if l.unmarked == nil {
		return s
	}
	id := s.ID()
	if !l.unmarked(id.Kind) {
		return s
	}
	_, ours := l.made[id]
	if ours == owned(s) {
		return s
	}
	switch s := s.(type) {
	case *object.AddressState:
		c := *s
		c.Owned = ours
		return &c
	case *object.NeighborState:
		c := *s
		c.Owned = ours
		return &c
	}
	return s
}

// intend notes what is about to be made.
func (l *ledger) intend(m Made) {
	l.intent[m.ID] = m
	l.unsaved[m.ID] = struct{}{}
}

// has notes what was made.
func (l *ledger) has(m Made) {
	if l.made[m.ID] != m {
		l.made[m.ID] = m
		l.unsaved[m.ID] = struct{}{}
	}
	delete(l.intent, m.ID)
}

// drop notes what is not there any more.
func (l *ledger) drop(id object.ID) {
	if _, ours := l.made[id]; ours {
		delete(l.made, id)
		l.unsaved[id] = struct{}{}
	}
}

// settle ends what was intended: what was not made by now will not be.
func (l *ledger) settle() {
	for id := range l.intent {
		l.unsaved[id] = struct{}{}
	}
	clear(l.intent)
}

// presume takes what was intended for made, when nobody can say.
func (l *ledger) presume() {
	for id, m := range l.intent {
		l.made[id] = m
	}
	clear(l.intent)
}

// prune drops what is not there.
func (l *ledger) prune(there map[object.ID]bool) {
	for id := range l.made {
		if !there[id] {
			l.drop(id)
		}
	}
}

// entry is what is noted of what a step makes.
func (d *Driver) entry(s plan.Step, find func(name string) *object.LinkState) Made {
	m := Made{ID: s.ID}
	for m.Link = range object.Links(s.Want) {
		if l := find(m.Link); l != nil {
			m.Index = l.Index
		}
	}
	return m
}

// claimEqual takes what is as configured for ours, if it is not known what earlier
// processes made.
func (d *Driver) claimEqual() {
	l := &d.ledger
	if !l.strange {
		return
	}
	l.strange = false
	for id, claim := range d.wish.all() {
		if state := d.seen.state(id); l.keeps(id.Kind) && Satisfies(state, claim) {
			l.has(d.entry(plan.Step{ID: id, Want: claim.Object}, d.seen.Link))
			d.see(id, state)
		}
	}
}

// flush saves what the Ledger does not hold yet.
func (l *ledger) flush() error {
	if l.Ledger == nil || len(l.unsaved) == 0 {
		clear(l.unsaved)
		return nil
	}
	var made []Made
	var gone []object.ID
	for id := range l.unsaved {
		if m, ours := l.made[id]; ours {
			made = append(made, m)
		} else if m, ours := l.intent[id]; ours {
			made = append(made, m)
		} else {
			gone = append(gone, id)
		}
	}
	slices.SortFunc(made, func(a, b Made) int { return a.ID.Compare(b.ID) })
	slices.SortFunc(gone, object.ID.Compare)
	if err := l.Note(l.where, made, gone); err != nil {
		return err
	}
	clear(l.unsaved)
	return nil
}
