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
	if state == nil {
		d.ledger.drop(id)
	} else {
		state = d.ledger.marked(state)
	}
	return d.put(id, state)
}

// put is see that makes nothing of what is not seen: it may be there all the same.
func (d *Driver) put(id object.ID, state object.State) (changed bool) {
	old, changed := d.seen.set(id, state)
	if changed {
		d.version++
		d.note(shown{id: id}, old)
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
	if old == nil {
		d.note(shown{id, true}, nil)
	} else {
		d.note(shown{id, true}, old)
	}
}

// shown names what is published: of an object what there is, or how it fares.
type shown struct {
	id     object.ID
	status bool
}

// stale is what was published and is otherwise now.
type stale struct {
	state object.State // nil: nothing
	turn  uint64       // of its last change among all
}

// note remembers that something has changed, and what it was when it was published.
// What it is in between is never shown. Before anything is published there is
// nothing to remember.
func (d *Driver) note(what shown, old object.State) {
	if !d.published {
		return
	}
	d.turn++
	s, noted := d.stale[what]
	if !noted {
		s.state = old
	}
	s.turn = d.turn
	d.stale[what] = s
}

// now is what there is to publish, nil if nothing.
func (d *Driver) now(what shown) object.State {
	if !what.status {
		return d.seen.state(what.id)
	}
	if s := d.seen.status[what.id]; s != nil {
		return s
	}
	return nil
}

// atATime is how many changes are rendered before somebody else has a turn.
const atATime = 256

// rendered renders what has changed since it was published, in the order of the
// changes, and says whether links are among it. Commits may come in between: models
// see the world as it is then, and what those change is rendered the next time.
func (d *Driver) rendered() (out []agent.StateChange, links bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	turns := d.inTurn()
	out = d.renderDataplane(nil)
	changes := make([]Transition, 0, min(atATime, len(turns)))
	for some := range slices.Chunk(turns, atATime) {
		for _, what := range some {
			was, now := d.stale[what].state, d.now(what)
			delete(d.stale, what)
			if was == nil && now == nil || was != nil && now != nil && now.Same(was) {
				continue
			}
			links = links || what.id.Kind == object.KindLink
			changes = append(changes, Transition{was, now})
		}
		out, changes = d.render(out, changes...), changes[:0]
		d.mu.Unlock()
		d.mu.Lock()
	}
	return out, links
}

// inTurn is what has changed, in the order of the last changes. A link that is gone
// takes all that is shown below it along; what is shown there since comes after it.
func (d *Driver) inTurn() []shown {
	type turn struct {
		number uint64
		what   shown
	}
	turns := make([]turn, 0, len(d.stale))
	for what, s := range d.stale {
		turns = append(turns, turn{s.turn, what})
	}
	slices.SortFunc(turns, func(a, b turn) int { return cmp.Compare(a.number, b.number) })
	all := make([]shown, len(turns))
	for i, t := range turns {
		all[i] = t.what
	}
	return all
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
	for _, what := range d.inTurn() {
		if was := d.stale[what].state; was != nil && d.now(what) == nil {
			changes = append(changes, Transition{was, nil})
		}
	}
	clear(d.stale)
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
