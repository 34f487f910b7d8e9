package vpp

import (
	"slices"
	"sync"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
)

// told is what the watcher's listener was told of objects last; or was shown by the
// first dump, from which on he listens. What a look at a table finds to be otherwise
// he is told.
//
// He learns of objects in other ways, too: by later dumps, by reading, by what he
// does, and what is on a link that goes he forgets. So he may take an object for
// another than he was told, and somebody may have it be again as he was told before
// the next look, which then would find nothing. Hence this holds: of each object, what
// the listener knows is what he was told, or he is told at the next look what it is,
// whatever that be.
type told struct {
	mu    sync.Mutex // the watcher tells, and any goroutine reads
	epoch uint64
	kinds map[object.Kind]*account
}

// account is what was told of the objects of a kind.
type account struct {
	last  map[object.ID]object.State // nil: nothing was dumped or looked at yet
	table []object.State             // that last was made of by a look; nil: it is otherwise since
	again []object.ID                // are told at the next look; one may be there often
	asked []object.ID                // of these, those of before the look that is under way
}

// watchedKinds are those of which there are tables.
var watchedKinds = []object.Kind{object.KindLink, object.KindSetting, object.KindAddress, object.KindNeighbor, object.KindRoute}

// begin forgets what another listener was told.
func (d *told) begin(epoch uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.epoch, d.kinds = epoch, make(map[object.Kind]*account)
	for _, k := range watchedKinds {
		d.kinds[k] = new(account)
	}
}

// write notes that steps were carried out, or failed.
func (d *told) write(steps ...plan.Step) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := range steps {
		d.unsure(steps[i].ID)
	}
}

// unsure has an object be told at the next look. The lock is held.
func (d *told) unsure(id object.ID) {
	if a := d.kinds[id.Kind]; a != nil { // nil: nobody listens
		a.again = append(a.again, id)
	}
}

// read notes what an object was when it was read; nil: it was not there.
func (d *told) read(id object.ID, now object.State) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.shown(id, now)
}

// shown notes what the listener was shown. The lock is held.
func (d *told) shown(id object.ID, now object.State) {
	a := d.kinds[id.Kind]
	if a == nil || a.last == nil {
		return
	}
	if was := a.last[id]; was != now && (was == nil || now == nil || !was.Same(now)) {
		a.again = append(a.again, id)
	}
}

// under notes what was on a link when that was read.
func (d *told) under(link string, states []object.State) {
	d.mu.Lock()
	defer d.mu.Unlock()
	there := make(map[object.ID]bool, len(states))
	for _, s := range states {
		there[s.ID()] = true
		d.shown(s.ID(), s)
	}
	links := map[string]bool{link: true}
	for _, k := range []object.Kind{object.KindAddress, object.KindNeighbor, object.KindRoute} {
		d.on(k, links, func(id object.ID) {
			if !there[id] {
				d.unsure(id)
			}
		})
	}
}

// on yields what was told to be on links. The lock is held.
func (d *told) on(k object.Kind, links map[string]bool, yield func(object.ID)) {
	a := d.kinds[k]
	if a == nil {
		return
	}
	for id, s := range a.last {
		for link := range object.Links(objectOf(s)) {
			if links[link] {
				yield(id)
				break
			}
		}
	}
}

// objectOf is the object that a state is of.
func objectOf(s object.State) object.Object {
	switch s := s.(type) {
	case *object.SettingState:
		return &s.Setting
	case *object.AddressState:
		return &s.Address
	case *object.NeighborState:
		return &s.Neighbor
	case *object.RouteState:
		return &s.Route
	}
	return nil
}

// dump takes a dump in that was begun in an epoch: the first one is what is told from
// then on.
func (d *told) dump(epoch uint64, states []object.State) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.epoch != epoch || d.kinds == nil {
		return
	}
	dumped := make(map[object.Kind]map[object.ID]object.State)
	for _, k := range watchedKinds {
		dumped[k] = make(map[object.ID]object.State)
	}
	for _, s := range states {
		id := s.ID()
		dumped[id.Kind][id] = s
	}
	for k, now := range dumped {
		a := d.kinds[k]
		if a.last == nil {
			a.last = now
			continue
		}
		for id, s := range now {
			d.shown(id, s)
		}
		for id := range a.last {
			if now[id] == nil {
				d.unsure(id)
			}
		}
	}
}

// tell notes that the listener is told what an object is now; nil: it is gone.
func (d *told) tell(id object.ID, now object.State) southbound.Change {
	d.mu.Lock()
	defer d.mu.Unlock()
	a := d.kinds[id.Kind]
	a.table = nil
	if last := a.last; last != nil {
		if another(last[id], now) {
			d.forgotten(map[string]bool{id.Name: true})
		}
		if last[id] = now; now == nil {
			delete(last, id)
		}
	}
	return southbound.Change{ID: id, State: now}
}

// another reports whether a link has gone, or is another one of its name.
func another(was, now object.State) bool {
	before, ok := was.(*object.LinkState)
	if !ok {
		return false
	}
	after, ok := now.(*object.LinkState)
	return !ok || after.Index != before.Index
}

// forgotten notes that the listener has forgotten what is on links. The lock is held.
func (d *told) forgotten(links map[string]bool) {
	if len(links) == 0 {
		return
	}
	for _, k := range watchedKinds {
		d.on(k, links, d.unsure)
	}
}

// look is called before a table is read: what is noted from then on is for the next
// look.
func (d *told) look(k object.Kind) {
	d.mu.Lock()
	defer d.mu.Unlock()
	a := d.kinds[k]
	a.asked = append(a.asked, a.again...) // some are left of a look that failed
	a.again = nil
}

// looked takes a table in as it was read, and returns what is to be told of it.
func (d *told) looked(k object.Kind, list []object.State) (changes []southbound.Change) {
	d.mu.Lock()
	defer d.mu.Unlock()
	a := d.kinds[k]
	if a.table != nil && len(a.asked) == 0 && slices.EqualFunc(a.table, list, object.State.Same) {
		return nil // as mostly
	}
	last, now := a.last, make(map[object.ID]object.State, len(list))
	asked := make(map[object.ID]bool, len(a.asked))
	for _, id := range a.asked {
		asked[id] = true
	}
	links := make(map[string]bool)
	for _, s := range list {
		id := s.ID()
		now[id] = s
		if last == nil {
			continue
		}
		was := last[id]
		if was == nil || asked[id] || !was.Same(s) {
			changes = append(changes, southbound.Change{ID: id, State: s})
		}
		if another(was, s) {
			links[id.Name] = true
		}
	}
	for id, was := range last {
		if now[id] != nil {
			continue
		}
		changes = append(changes, southbound.Change{ID: id})
		if another(was, nil) {
			links[id.Name] = true
		}
	}
	// There are settings that are in no table: of them nothing is told.
	if last != nil && k != object.KindSetting {
		for id := range asked {
			if now[id] == nil && last[id] == nil {
				changes = append(changes, southbound.Change{ID: id})
			}
		}
	}
	a.last, a.table, a.asked = now, list, nil
	d.forgotten(links)
	return changes
}
