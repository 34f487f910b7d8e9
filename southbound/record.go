package southbound

import (
	"iter"
	"sync"

	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// record is what is known of one object: what is desired of it, and what there is.
type record struct {
	id object.ID
	// claims are those of all instances, and claim is what they come to: what is
	// desired; nil: nothing.
	claims []*claimed
	claim  *object.Claim
	// state is what there is, as last read or told; nil: nothing.
	state object.State
	// change is the one that is being considered, if that concerns the object, and
	// next what is desired then.
	change *change
	next   *object.Claim
	// What is to be shown of the object, and has not been; nil: nothing.
	staleState, staleStatus *stale
	// shown are the counters of a link; nil: none were published. Driver.counting.mu
	// guards it.
	shown *shown
}

// records are those of all objects of which anything is known.
//
// Who makes or drops one, or changes its state, holds Driver.mu, and mu for that
// moment. So the index and the states may be read with either; all else of a record
// is read with Driver.mu.
type records struct {
	mu sync.RWMutex
	of map[object.ID]*record
}

// find returns the record of an object, nil if nothing is known of it.
func (all *records) find(id object.ID) *record { return all.of[id] }

// open returns the record of an object, a new one if there was none.
func (all *records) open(id object.ID) *record {
	r := all.of[id]
	if r == nil {
		r = &record{id: id}
		all.mu.Lock()
		all.of[id] = r
		all.mu.Unlock()
	}
	return r
}

// close drops a record if nothing is in it any more.
func (all *records) close(r *record) {
	if len(r.claims) == 0 && r.claim == nil && r.state == nil && r.change == nil && r.staleState == nil && r.staleStatus == nil {
		all.mu.Lock()
		delete(all.of, r.id)
		all.mu.Unlock()
	}
}

// set is some objects.
type set map[*record]struct{}

// ids yields their IDs, in no order.
func (s set) ids() iter.Seq[object.ID] {
	return func(yield func(object.ID) bool) {
		for r := range s {
			if !yield(r.id) {
				return
			}
		}
	}
}

// sets are sets of objects by the link that they have to do with.
type sets map[string]set

func (s sets) add(link string, r *record) {
	if s[link] == nil {
		s[link] = make(set)
	}
	s[link][r] = struct{}{}
}

func (s sets) remove(link string, r *record) {
	if delete(s[link], r); len(s[link]) == 0 {
		delete(s, link)
	}
}
