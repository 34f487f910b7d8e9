package southbound

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// calm is how long to wait, once notifications were lost, before everything is
// read again: what caused the loss is likely still going on.
const calm = 50 * time.Millisecond

// handle takes events in, reads what they leave open, and mends what drifted.
func (d *Driver) handle(ctx context.Context, events Events) error {
	if events.Lost {
		d.log.Info("notifications were lost; everything is read again")
		d.missed = true
		if d.redump.IsZero() {
			d.redump = time.Now().Add(calm)
		}
		return nil
	}
	if d.news(events.Changes) > freshMost {
		// One dump is cheaper than so many objects read one by one.
		d.redump = time.Now()
		return nil
	}
	look := make(map[object.ID]struct{})
	stir := make(map[string]struct{}) // links under which something may have gone without notice
	for _, c := range events.Changes {
		d.event(ctx, c, look, stir)
	}
	for link := range stir {
		if err := d.readUnder(ctx, link, look); err != nil {
			return err
		}
	}
	d.drifted(ctx, slices.Collect(keys(look)))
	return nil
}

// news counts the changes that must be read again before they are believed.
func (d *Driver) news(changes []Change) int {
	n := 0
	for _, c := range changes {
		if d.doubtful(c) {
			n++
		}
	}
	return n
}

// doubtful reports whether a change tells what was not seen, of an object that
// is read again for that.
func (d *Driver) doubtful(c Change) bool {
	before := d.seen.state(c.ID)
	switch {
	case !d.cfg.Backend.ReadFirst(c.ID.Kind), before == nil && c.State == nil:
		return false
	case before != nil && c.State != nil:
		return !c.State.Same(before)
	}
	return true
}

// event takes one change in and notes what else to look at.
func (d *Driver) event(ctx context.Context, c Change, look map[object.ID]struct{}, stir map[string]struct{}) {
	before := d.seen.state(c.ID)
	c.State = d.asNow(ctx, c)
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
	if c.State != nil {
		o, _ := have(c.State, nil)
		d.opened(o, look)
		d.running(o, func(id object.ID) { look[id] = struct{}{} })
	}
}

// asNow returns the state that a change tells of as it is now. The watcher may have
// read it before the last commit, or in the midst of it; so news of what is cheap to
// read is read again, now that no commit is at work.
func (d *Driver) asNow(ctx context.Context, c Change) object.State {
	if !d.doubtful(c) {
		return c.State
	}
	about := c.State
	if about == nil {
		about = d.seen.state(c.ID)
	}
	o, _ := have(about, nil)
	if o == nil {
		return c.State
	}
	now, err := d.read(ctx, o)
	if err != nil {
		d.log.Warn("what has changed could not be read again", "object", c.ID.String(), "err", err)
		return c.State
	}
	return now
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
		look[dependent.id] = struct{}{}
	}
	// Peers: a veth whose other end has gone or come.
	if now != nil && now.Peer != "" {
		look[object.LinkID(now.Peer)] = struct{}{}
	}
	for id := range d.mends.rest {
		look[id] = struct{}{}
	}
	if len(d.mends.gates) == 0 {
		return
	}
	for dependent := range d.wish.byLink[id.Name] {
		d.opened(dependent.claim.Object, look)
	}
	for dependent := range d.seen.byLink[id.Name] {
		o, _ := have(dependent.state, nil)
		d.opened(o, look)
	}
}

// opened notes the routes that wait for a gateway which an object makes reachable.
func (d *Driver) opened(o object.Object, look map[object.ID]struct{}) {
	if to, ok := network(o); ok {
		d.mends.behind(to, func(id object.ID) { look[id] = struct{}{} })
	}
}

// readUnder reads what uses a link and compares it with what was seen.
func (d *Driver) readUnder(ctx context.Context, link string, look map[object.ID]struct{}) error {
	now, err := d.under(ctx, link)
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
	for r := range maps.Clone(d.seen.byLink[link]) { // it may change
		if there[r.id] != nil {
			continue
		}
		var state object.State
		if route, ok := r.state.(*object.RouteState); ok && route.Survives(link) {
			if state, err = d.read(ctx, &route.Route); err != nil {
				return err
			}
		}
		if d.see(r.id, state) {
			look[r.id] = struct{}{}
		}
	}
	return nil
}

// dump reads everything anew.
func (d *Driver) dump(ctx context.Context) error {
	all, err := d.cfg.Backend.Dump(ctx)
	if err != nil {
		return d.heard(err)
	}
	d.takeIn(all, func() {})
	d.caughtUp()
	return nil
}

// takeIn takes in all there is. What is not among it is gone, save for settings, of
// which a dump shows only some. linksSeen is called once the links are seen.
func (d *Driver) takeIn(all []object.State, linksSeen func()) {
	there := make(map[object.ID]bool, len(all))
	for _, s := range all {
		there[s.ID()] = true
	}
	for id, s := range d.seen.all() {
		if there[id] {
			continue
		}
		// Of settings that are desired, a dump need not tell.
		if set, ok := s.(*object.SettingState); ok && d.wished(id) != nil && (set.Link == "" || there[object.LinkID(set.Link)]) {
			continue
		}
		d.see(id, nil)
	}
	for _, s := range all {
		if l, ok := s.(*object.LinkState); ok {
			d.see(l.ID(), l)
		}
	}
	linksSeen()
	d.ledger.prune(there)
	for _, s := range all {
		if id := s.ID(); id.Kind != object.KindLink {
			d.see(id, s)
		}
	}
}
