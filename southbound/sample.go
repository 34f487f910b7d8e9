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
// the dataplane, and the tables that are rendered on demand. It waits for
// no commit.
func (d *Driver) Sample(ctx context.Context, p path.Path, publish func(agent.Update)) error {
	update := agent.Update{Time: time.Now(), Changes: d.tables(p)}
	var counted []Reading
	if models, of := d.counterModels(p); len(models) > 0 {
		read, err := d.counters(ctx, of)
		if err != nil && !errors.Is(err, ErrAway) { // then nothing is known of it
			return err
		}
		for _, m := range models {
			news := d.counted(m.number, read, of)
			update.Changes = append(update.Changes, m.Counters(news)...)
			counted = append(counted, news...)
		}
	}
	if len(update.Changes) == 0 {
		return nil
	}
	publish(update)
	d.bury(counted, publish)
	return nil
}

// counting remembers which counters were published, so that those which stand still
// need not be rendered again: most of many do.
type counting struct {
	mu    sync.Mutex
	shown map[int]map[string]*object.LinkCounters // guarded by mu; by model and link
}

// of returns what was published of a model's counters. The caller has mu.
func (c *counting) of(model int) map[string]*object.LinkCounters {
	if c.shown == nil {
		c.shown = make(map[int]map[string]*object.LinkCounters)
	}
	if c.shown[model] == nil {
		c.shown[model] = make(map[string]*object.LinkCounters)
	}
	return c.shown[model]
}

// forget is told after links were published as they are seen, with the counters that
// they had then, or as gone, with all below them.
func (c *counting) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.shown = nil
}

// counted are the links whose counters a model has to publish, as far as they are seen
// to be there. They count as published when this returns: what overwrites them
// meanwhile forgets them later.
func (d *Driver) counted(model int, read []object.LinkCounters, of Counted) (links []Reading) {
	d.counting.mu.Lock()
	defer d.counting.mu.Unlock()
	d.seen.mu.RLock()
	defer d.seen.mu.RUnlock()
	shown := d.counting.of(model)
	for i := range read {
		now := &read[i]
		was := shown[now.Name]
		if was != nil && was.Same(now) {
			continue
		}
		l := d.seen.Link(now.Name)
		if l == nil || l.Index != now.Index || !of.has(l) {
			continue
		}
		if was == nil {
			was = new(object.LinkCounters)
			shown[now.Name] = was
		}
		*was = *now
		links = append(links, Reading{l, now})
	}
	return links
}

// has reports whether the counters of a link are asked for.
func (of Counted) has(l *object.LinkState) bool {
	return of.Link == "" || l.Name == of.Link || of.VLANs && l.Kind == object.VLAN && l.Parent == of.Link
}

// counterModel is one of the models, and which.
type counterModel struct {
	CounterModel
	number int
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
		models = append(models, counterModel{c, i})
	}
	if !one {
		of = Counted{}
	}
	return models, of
}

// counters reads those of the links that are asked for, in one request, and maybe
// those of others.
func (d *Driver) counters(ctx context.Context, of Counted) ([]object.LinkCounters, error) {
	if of.VLANs && d.hasVLANs(of.Link) {
		return d.cfg.Backend.Counters(ctx, "")
	}
	return d.cfg.Backend.Counters(ctx, of.Link)
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
func (d *Driver) bury(links []Reading, publish func(agent.Update)) {
	d.seen.mu.RLock()
	defer d.seen.mu.RUnlock()
	var gone []agent.StateChange
	for _, r := range links {
		if d.seen.Link(r.Link.Name) != nil {
			continue
		}
		for _, m := range d.cfg.Models {
			gone = append(gone, m.State(d.seen, Transition{r.Link, nil})...)
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
