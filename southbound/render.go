package southbound

import (
	"cmp"
	"slices"
	"time"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// see takes a state in and has the change rendered.
func (d *Driver) see(id object.ID, state object.State) (changed bool) {
	if state == nil && d.seen.find(id) == nil {
		d.ledger.drop(id)
		return false
	}
	return d.sees(d.seen.open(id), state)
}

// sees is see of the object of a record, which is dropped if nothing is left of it.
func (d *Driver) sees(r *record, state object.State) (changed bool) {
	if state == nil {
		d.ledger.drop(r.id)
	} else {
		state = d.ledger.marked(state)
	}
	return d.put(r, state)
}

// put is sees that makes nothing of what is not seen: it may be there all the same.
func (d *Driver) put(r *record, state object.State) (changed bool) {
	old, changed := d.seen.set(r, state)
	if changed {
		d.version++
		d.note(r, false, old)
	}
	if state == nil {
		d.seen.close(r)
	}
	return changed
}

// setStatus notes how a desired object fares; nil: all is well.
func (d *Driver) setStatus(id object.ID, s *object.Status) {
	old := d.seen.status[id]
	switch {
	case old == nil && s == nil:
		return
	case s == nil:
	case old == nil:
		s.Since = time.Now()
	default:
		s.Since = old.Since
		if old.Condition != s.Condition {
			s.Since = time.Now()
		}
		if s.Same(old) {
			return
		}
	}
	d.seen.setStatus(id, s)
	var was object.State
	if old != nil {
		was = old
	}
	r := d.seen.open(id)
	d.note(r, true, was)
	d.seen.close(r)
}

// stale is what was published and is otherwise now: of an object what there is or,
// with status, how it fares.
type stale struct {
	object *record
	status bool
	state  object.State // that was published; nil: nothing
	turn   uint64       // of the last change among all
}

// stale is where a record has what is stale of it.
func (r *record) stale(status bool) **stale {
	if status {
		return &r.staleStatus
	}
	return &r.staleState
}

// note remembers that something has changed, and what it was when it was published.
// What it is in between is never shown. Before anything is published there is
// nothing to remember.
func (d *Driver) note(r *record, status bool, old object.State) {
	if !d.published {
		return
	}
	d.turn++
	s := r.stale(status)
	if *s == nil {
		*s = &stale{object: r, status: status, state: old}
		d.stale = append(d.stale, *s)
	}
	(*s).turn = d.turn
}

// publish is the change from what was published to what there is now, which counts
// as published from now on.
func (d *Driver) publish(s *stale) (change Transition, changed bool) {
	r := s.object
	*r.stale(s.status) = nil
	change = Transition{s.state, r.state}
	if s.status {
		change.New = nil
		if status := d.seen.status[r.id]; status != nil {
			change.New = status
		}
	}
	d.seen.close(r)
	if change.Old == nil || change.New == nil {
		return change, change.Old != change.New
	}
	return change, !change.New.Same(change.Old)
}

// atATime is how many changes are rendered before somebody else has a turn.
const atATime = 256

// rendered renders what has changed since it was published, in the order of the
// changes, and says whether links are among it. Commits may come in between: models
// see the world as it is then, and what those change is rendered the next time.
func (d *Driver) rendered() (out []agent.StateChange, links bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	out = d.renderDataplane(nil)
	turns := d.inTurn()
	changes := make([]Transition, 0, min(atATime, len(turns)))
	for some := range slices.Chunk(turns, atATime) {
		for _, s := range some {
			if change, changed := d.publish(s); changed {
				links = links || s.object.id.Kind == object.KindLink
				changes = append(changes, change)
			}
		}
		out, changes = d.render(out, changes...), changes[:0]
		d.mu.Unlock()
		d.mu.Lock()
	}
	return out, links
}

// inTurn takes what has changed, in the order of the last changes. A link that is gone
// takes all that is shown below it along; what is shown there since comes after it.
func (d *Driver) inTurn() []*stale {
	turns := d.stale
	d.stale = nil
	slices.SortFunc(turns, func(a, b *stale) int { return cmp.Compare(a.turn, b.turn) })
	return turns
}

// render adds to out how the models see changes.
func (d *Driver) render(out []agent.StateChange, changes ...Transition) []agent.StateChange {
	for _, m := range d.cfg.Models {
		out = append(out, m.State(d.seen, changes...)...)
	}
	return out
}

// everything renders all that is seen and, before it, the going of what was
// published once and is not there any more.
func (d *Driver) everything() []agent.StateChange {
	d.dataplane = object.Dataplane{}
	var changes []Transition
	for _, s := range d.inTurn() {
		if change, _ := d.publish(s); change.Old != nil && change.New == nil {
			changes = append(changes, change)
		}
	}
	for _, s := range d.seen.all() {
		changes = append(changes, Transition{nil, s})
	}
	for _, s := range d.seen.status {
		changes = append(changes, Transition{nil, s})
	}
	return d.render(d.renderDataplane(nil), changes...)
}

// renderDataplane adds to out what there is to say of the dataplane, if that has
// changed.
func (d *Driver) renderDataplane(out []agent.StateChange) []agent.StateChange {
	now := d.cfg.Dataplane
	if d.remote != nil {
		now = d.remote.Dataplane()
		// Before it has been seen it may go again, and nobody would tell.
		now.Connected = now.Connected && !d.away
	}
	now.Resyncs = d.resyncs
	if now.Same(d.dataplane) {
		return out
	}
	d.dataplane = now
	for _, m := range d.cfg.Models {
		if m, ok := m.(DataplaneModel); ok {
			out = append(out, m.Dataplane(now)...)
		}
	}
	return out
}
