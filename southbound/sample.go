package southbound

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// Sample publishes the counters at or below a path, read now, in one request to
// the dataplane, and the tables that are rendered on demand. It waits for no commit.
func (d *Driver) Sample(ctx context.Context, p path.Path, publish func(agent.Update)) error {
	update := agent.Update{Time: time.Now(), Changes: d.tables(p)}
	var departures uint64
	models, of := d.counterModels(p)
	if len(models) > 0 {
		room := d.counting.room()
		defer d.counting.rooms.Put(room)
		read, err := d.counters(ctx, of, (*room)[:0])
		if err != nil && !errors.Is(err, ErrAway) { // then nothing is known of it
			return err
		}
		*room = read
		departures = d.counted(models, read, of)
		for _, m := range models {
			update.Changes = append(update.Changes, m.Counters(m.news)...)
		}
	}
	if len(update.Changes) == 0 {
		return nil
	}
	publish(update)
	d.bury(models, departures, publish)
	return nil
}

// counterModel is one of the models, which it is, and the links whose counters it has to
// publish.
type counterModel struct {
	CounterModel
	bit  uint64
	news []Reading
}

// counting remembers which counters were published, so that those which stand still
// need not be rendered again: most of many do.
type counting struct {
	mu    sync.Mutex
	turn  uint64    // guarded by mu; what was published in another one is forgotten
	order []*record // guarded by mu; of the links as they were read last; nil: of none

	rooms sync.Pool // of *[]object.LinkCounters, to read into
}

// room is where nobody else reads to.
func (c *counting) room() *[]object.LinkCounters {
	if r, ok := c.rooms.Get().(*[]object.LinkCounters); ok {
		return r
	}
	return new([]object.LinkCounters)
}

// shown are the counters of a link that were published, by which models, and when.
type shown struct {
	counters object.LinkCounters
	models   uint64 // their bits
	turn     uint64
}

// forget is told after links were published as they are seen, with the counters that
// they had then, or as gone, with all below them.
func (c *counting) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turn++
	c.order = nil
}

// countedRecord finds the record of the link that is the i-th of those read: mostly it was
// so the last time. One that was dropped since has no state. The caller has both locks.
func (d *Driver) countedRecord(i int, name string) *record {
	c := &d.counting
	if i == len(c.order) {
		c.order = append(c.order, nil)
	}
	if r := c.order[i]; r == nil || r.shown == nil || r.shown.counters.Name != name || r.state == nil {
		c.order[i] = d.seen.find(object.LinkID(name))
	}
	return c.order[i]
}

// counted finds the links whose counters models have to publish, as far as they are seen
// to be there, and says how many had departed by then. They count as published when this
// returns: what overwrites them meanwhile forgets them later.
func (d *Driver) counted(models []counterModel, read []object.LinkCounters, of Counted) (departures uint64) {
	asked := uint64(0)
	for _, m := range models {
		asked |= m.bit
	}
	d.counting.mu.Lock()
	defer d.counting.mu.Unlock()
	d.seen.mu.RLock()
	defer d.seen.mu.RUnlock()
	for i := range read {
		now := &read[i]
		r := d.countedRecord(i, now.Name)
		if r == nil {
			continue
		}
		l, _ := r.state.(*object.LinkState)
		if l == nil || l.Index != now.Index || !of.has(l) {
			continue
		}
		if r.shown == nil {
			r.shown = new(shown)
		}
		if r.shown.turn != d.counting.turn || !r.shown.counters.Same(now) {
			*r.shown = shown{*now, 0, d.counting.turn}
		}
		if asked&^r.shown.models == 0 {
			continue
		}
		for m := range models {
			if r.shown.models&models[m].bit == 0 {
				models[m].news = append(models[m].news, Reading{l, now})
			}
		}
		r.shown.models |= asked
	}
	return d.seen.departures
}

// has reports whether the counters of a link are asked for.
func (of Counted) has(l *object.LinkState) bool {
	return of.Link == "" || l.Name == of.Link || of.VLANs && l.Kind == object.VLAN && l.Parent == of.Link
}

// counterModels are those with counters at or below p, and whose they are.
func (d *Driver) counterModels(p path.Path) (models []counterModel, of Counted) {
	one := true
	for i, m := range d.cfg.Models {
		c, ok := m.(CounterModel)
		if !ok {
			continue
		}
		its, some := c.CountersBelow(p)
		if !some {
			continue
		}
		one = one && its.Link != "" && (len(models) == 0 || its.Link == of.Link)
		of = Counted{its.Link, its.VLANs || of.VLANs}
		models = append(models, counterModel{c, 1 << i, nil})
	}
	if !one {
		of = Counted{}
	}
	return models, of
}

// counters appends to list those of the links that are asked for, read in one request,
// and maybe those of others.
func (d *Driver) counters(ctx context.Context, of Counted, list []object.LinkCounters) ([]object.LinkCounters, error) {
	if of.VLANs && d.hasVLANs(of.Link) {
		return d.cfg.Backend.Counters(ctx, "", list)
	}
	return d.cfg.Backend.Counters(ctx, of.Link, list)
}

func (d *Driver) hasVLANs(link string) bool {
	d.seen.mu.RLock()
	defer d.seen.mu.RUnlock()
	for name := range d.seen.ports[link] {
		if l := d.seen.Link(name); l != nil && l.Kind == object.VLAN && l.Parent == link {
			return true
		}
	}
	return false
}

// bury removes the state of links that went while their counters were published,
// which would stay for ever. Until that is published nothing can be seen to
// change, so that a link that comes back is published later.
func (d *Driver) bury(models []counterModel, departures uint64, publish func(agent.Update)) {
	d.seen.mu.RLock()
	defer d.seen.mu.RUnlock()
	if d.seen.departures == departures {
		return
	}
	var gone []agent.StateChange
	for _, m := range models {
		for _, r := range m.news {
			if d.seen.Link(r.Link.Name) != nil {
				continue
			}
			for _, m := range d.cfg.Models {
				gone = append(gone, m.State(d.seen, Transition{r.Link, nil})...)
			}
		}
	}
	if len(gone) > 0 {
		publish(agent.Update{Changes: gone})
	}
}

// tables renders the tables at or below p from the routes that are seen.
func (d *Driver) tables(p path.Path) []agent.StateChange {
	var models []TableModel
	for _, m := range d.cfg.Models {
		if t, ok := m.(TableModel); ok && t.TablesBelow(p) {
			models = append(models, t)
		}
	}
	if len(models) == 0 {
		return nil
	}
	routes := d.seen.allRoutes()
	var changes []agent.StateChange
	for _, m := range models {
		changes = append(changes, m.Tables(routes)...)
	}
	return changes
}
