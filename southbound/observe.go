package southbound

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// calm is how long to wait, once notifications were lost, before everything is
// read again: what caused the loss is likely still going on.
const calm = 50 * time.Millisecond

// Observe publishes what is seen, then each change, and mends what drifts.
func (d *Driver) Observe(ctx context.Context, publish func(agent.Update)) error {
	d.mu.Lock()
	if err := d.ready(ctx); err != nil {
		d.mu.Unlock()
		return err
	}
	w := d.watch
	first := d.everything()
	d.observing, d.published = true, true
	d.mu.Unlock()
	defer func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.observing = false
		d.outbox = nil
	}()
	publish(agent.Update{Changes: first, Time: time.Now()})

	ctx, stop := context.WithCancel(ctx)
	told := make(chan Events)
	ended := make(chan error, 1)
	go func() {
		for {
			events, err := w.Next(ctx)
			if err != nil {
				ended <- err
				return
			}
			select {
			case told <- events:
			case <-ctx.Done():
				ended <- ctx.Err()
				return
			}
		}
	}()
	err := d.loop(ctx, told, ended, publish)
	stop()
	if ctx.Err() == nil || !errors.Is(err, context.Canceled) {
		// The watcher has failed: the next Observe makes a new one.
		d.mu.Lock()
		if d.watch == w {
			w.Close()
			d.watch = nil
		}
		d.mu.Unlock()
	}
	return err
}

// loop waits for events, for timers, and for commits that have something to
// publish.
func (d *Driver) loop(ctx context.Context, told <-chan Events, ended <-chan error, publish func(agent.Update)) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	audit := time.NewTicker(d.cfg.Audit)
	defer audit.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-ended:
			return err
		case events := <-told:
			err = d.locked(func() error { return d.handle(ctx, events) })
		case <-audit.C:
			err = d.locked(func() error { d.drifted(ctx, slices.Collect(keys(d.wish.settings))); return nil })
		case <-d.wake:
		case <-timer.C:
			err = d.locked(func() error { return d.tick(ctx) })
		}
		if err != nil {
			return err
		}
		d.mu.Lock()
		out := d.outbox
		d.outbox = nil
		next := d.nextTick()
		d.mu.Unlock()
		if len(out) > 0 {
			publish(agent.Update{Changes: out, Time: time.Now()})
		}
		timer.Stop()
		if !next.IsZero() {
			timer.Reset(time.Until(next))
		}
	}
}

func (d *Driver) locked(f func() error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return f()
}

func keys(m map[object.ID]struct{}) func(func(object.ID) bool) {
	return func(yield func(object.ID) bool) {
		for id := range m {
			if !yield(id) {
				return
			}
		}
	}
}

func (d *Driver) nextTick() time.Time {
	if len(d.suspect) > 0 {
		return time.Now()
	}
	_, next := d.due(time.Time{})
	if !d.redump.IsZero() && (next.IsZero() || d.redump.Before(next)) {
		next = d.redump
	}
	return next
}

// tick does what has become due.
func (d *Driver) tick(ctx context.Context) error {
	now := time.Now()
	if !d.redump.IsZero() && !now.Before(d.redump) {
		d.redump = time.Time{}
		if err := d.dump(ctx); err != nil {
			return err
		}
		d.drifted(ctx, d.wishedIDs())
		if d.sweepDue && d.applied {
			if err := d.sweep(ctx); err != nil {
				d.log.Warn("leftovers stay for now", "err", err)
			}
		}
	}
	ids, _ := d.due(now)
	look := make(map[object.ID]struct{})
	for link := range d.suspect {
		delete(d.suspect, link)
		look[object.LinkID(link)] = struct{}{}
		for id := range d.wish.byLink[link] {
			look[id] = struct{}{}
		}
		if err := d.readUnder(ctx, link, look); err != nil {
			return err
		}
	}
	d.drifted(ctx, append(ids, slices.Collect(keys(look))...))
	return nil
}

func (d *Driver) wishedIDs() []object.ID {
	ids := make([]object.ID, 0, len(d.wish.objects))
	for id := range d.wish.objects {
		ids = append(ids, id)
	}
	return ids
}

// drifted looks whether objects are as desired, and mends them.
func (d *Driver) drifted(ctx context.Context, ids []object.ID) {
	ids = slices.DeleteFunc(ids, func(id object.ID) bool { return d.wish.objects[id] == nil })
	if len(ids) == 0 {
		return
	}
	slices.SortFunc(ids, object.ID.Compare)
	ids = slices.Compact(ids)
	for _, id := range settings(ids) {
		s, err := d.cfg.Backend.Read(ctx, d.wish.objects[id].Object)
		if err == nil {
			d.see(id, s)
		}
	}
	if faults := d.reconcile(ctx, ids, true); len(faults) > 0 {
		d.log.Warn("not all is as configured", "err", faults)
	}
}

// handle takes events in, reads what they leave open, and mends what drifted.
func (d *Driver) handle(ctx context.Context, events Events) error {
	if events.Lost {
		d.log.Info("notifications were lost; everything is read again")
		if d.redump.IsZero() {
			d.redump = time.Now().Add(calm)
		}
		return nil
	}
	look := make(map[object.ID]struct{})
	stir := make(map[string]struct{}) // links under which something may have gone without notice
	for _, c := range events.Changes {
		d.event(c, look, stir)
	}
	for link := range stir {
		if err := d.readUnder(ctx, link, look); err != nil {
			return err
		}
	}
	d.drifted(ctx, slices.Collect(keys(look)))
	return nil
}

// event takes one change in and notes what else to look at.
func (d *Driver) event(c Change, look map[object.ID]struct{}, stir map[string]struct{}) {
	before := d.seen.states[c.ID]
	if !d.see(c.ID, c.State) {
		return
	}
	look[c.ID] = struct{}{}
	switch was := before.(type) {
	case *object.LinkState:
		d.linkChanged(c.ID, was, look, stir)
	case *object.AddressState:
		if c.State == nil {
			stir[was.Link] = struct{}{} // IPv4 routes may have gone with it
		}
	case nil:
		if c.ID.Kind == object.KindLink {
			d.linkChanged(c.ID, nil, look, stir)
		}
	}
	if c.State != nil && (c.ID.Kind == object.KindAddress || c.ID.Kind == object.KindRoute) {
		d.opened(c.State, look)
	}
}

// linkChanged notes what hangs on a link that has come, gone, become another one
// of the same name, or gone up or down.
func (d *Driver) linkChanged(id object.ID, was *object.LinkState, look map[object.ID]struct{}, stir map[string]struct{}) {
	now := d.seen.Link(id.Name)
	if now == nil {
		d.orphans(id.Name)
	}
	if was != nil && now != nil {
		if was.Index != now.Index {
			d.orphans(id.Name)
		} else if was.Up == now.Up && was.MTU == now.MTU && was.Oper == now.Oper && was.Master == now.Master {
			return
		}
	}
	if now != nil {
		stir[id.Name] = struct{}{}
	}
	for dependent := range d.wish.byLink[id.Name] {
		look[dependent] = struct{}{}
	}
	// Peers: a veth whose other end has gone or come.
	if now != nil && now.Peer != "" {
		look[object.LinkID(now.Peer)] = struct{}{}
	}
	for id, m := range d.mends {
		if m.blocked {
			look[id] = struct{}{}
		}
	}
}

// opened notes the routes that wait for a gateway which something new makes
// reachable.
func (d *Driver) opened(s object.State, look map[object.ID]struct{}) {
	var opens func(h object.NextHop) bool
	switch s := s.(type) {
	case *object.AddressState:
		network := s.Prefix().Masked()
		opens = func(h object.NextHop) bool { return network.Contains(h.Via) }
	case *object.RouteState:
		opens = func(h object.NextHop) bool { return s.Prefix.Contains(h.Via) }
	}
	for id, m := range d.mends {
		if !m.blocked {
			continue
		}
		claim := d.wish.objects[id]
		if claim == nil {
			continue
		}
		if r, ok := claim.Object.(*object.Route); ok && slices.ContainsFunc(r.NextHops, opens) {
			look[id] = struct{}{}
		}
	}
}

// readUnder reads what uses a link and compares it with what was seen.
func (d *Driver) readUnder(ctx context.Context, link string, look map[object.ID]struct{}) error {
	now, err := d.cfg.Backend.Under(ctx, link)
	if err != nil {
		return err
	}
	there := make(map[object.ID]object.State, len(now))
	for _, s := range now {
		there[s.ID()] = s
		if d.see(s.ID(), s) {
			look[s.ID()] = struct{}{}
		}
	}
	for id := range maps(d.seen.byLink[link]) {
		if there[id] != nil {
			continue
		}
		var state object.State
		if r, ok := d.seen.states[id].(*object.RouteState); ok && len(object.Links(&r.Route)) > 1 {
			if state, err = d.cfg.Backend.Read(ctx, &r.Route); err != nil {
				return err
			}
		}
		if d.see(id, state) {
			look[id] = struct{}{}
		}
	}
	return nil
}

// maps yields the keys that a map has now, whatever becomes of it meanwhile.
func maps(m map[object.ID]struct{}) map[object.ID]struct{} {
	c := make(map[object.ID]struct{}, len(m))
	for id := range m {
		c[id] = struct{}{}
	}
	return c
}

// dump reads everything. What it does not show is gone, save for settings, of
// which it shows only some.
func (d *Driver) dump(ctx context.Context) error {
	all, err := d.cfg.Backend.Dump(ctx)
	if err != nil {
		return err
	}
	there := make(map[object.ID]bool, len(all))
	for _, s := range all {
		there[s.ID()] = true
	}
	for id := range d.seen.states {
		if !there[id] && id.Kind != object.KindSetting {
			d.see(id, nil)
		}
	}
	for _, s := range all {
		d.see(s.ID(), s)
	}
	return nil
}

// Sample publishes the counters at or below a path, read now, in one request to
// the dataplane, and the tables that are rendered on demand.
func (d *Driver) Sample(ctx context.Context, p path.Path, publish func(agent.Update)) error {
	update := agent.Update{Time: time.Now(), Changes: d.tables(p)}
	models, link := d.counterModels(p)
	var links []*object.LinkState
	if len(models) > 0 {
		read, err := d.cfg.Backend.Counters(ctx, link)
		if err != nil {
			return err
		}
		links = d.counted(read)
		for _, l := range links {
			for _, m := range models {
				update.Changes = append(update.Changes, m.Counters(l)...)
			}
		}
	}
	if len(update.Changes) == 0 {
		return nil
	}
	publish(update)
	d.bury(links, publish)
	return nil
}

// counterModels are those with counters at or below p, and the one link whose
// they are; an empty name is all links.
func (d *Driver) counterModels(p path.Path) (models []CounterModel, link string) {
	one := true
	for _, m := range d.cfg.Models {
		c, ok := m.(CounterModel)
		if !ok {
			continue
		}
		name, some := c.CountersBelow(p)
		if !some {
			continue
		}
		one = one && name != "" && (len(models) == 0 || name == link)
		link = name
		models = append(models, c)
	}
	if !one {
		link = ""
	}
	return models, link
}

// counted puts the counters that were read into what is seen of the links.
func (d *Driver) counted(read []*object.LinkState) []*object.LinkState {
	d.mu.Lock()
	defer d.mu.Unlock()
	links := make([]*object.LinkState, 0, len(read))
	for _, l := range read {
		if now := d.seen.Link(l.Name); now != nil && now.Index == l.Index {
			c := *now
			c.Counters, c.CarrierChanges = l.Counters, l.CarrierChanges
			links = append(links, &c)
		}
	}
	return links
}

// bury removes the state of links that went while their counters were published,
// which would stay for ever. It holds mu, so that a link that comes back is
// published later.
func (d *Driver) bury(links []*object.LinkState, publish func(agent.Update)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var gone []agent.StateChange
	for _, l := range links {
		if d.seen.Link(l.Name) != nil {
			continue
		}
		for _, m := range d.cfg.Models {
			gone = append(gone, m.State(d.seen, l, nil)...)
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
	d.mu.Lock()
	routes := d.seen.allRoutes()
	d.mu.Unlock()
	var changes []agent.StateChange
	for _, m := range models {
		changes = append(changes, m.Tables(routes)...)
	}
	return changes
}
