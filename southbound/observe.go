package southbound

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// Observe publishes what is seen, then each change, and mends what drifts. It goes
// on while a dataplane is away, and has that back as it should be once it is there.
func (d *Driver) Observe(ctx context.Context, publish func(agent.Update)) error {
	defer func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.observing = false
	}()
	for pause := time.Duration(0); ; {
		w, first, err := d.begin(ctx)
		if err != nil {
			return err
		}
		if first != nil {
			publish(*first)
			d.counting.forget()
		}
		d.poke() // for what ready has done
		if w == nil {
			err = d.loop(ctx, d.awaited(pause), publish)
			pause = min(2*pause+awaitPause, awaitPauseMost)
		} else {
			err = d.loop(ctx, watched(w), publish)
			pause = 0
		}
		if ctx.Err() != nil {
			return err
		}
		if !d.goesOn(w, err) {
			return err
		}
	}
}

// begin looks at the dataplane and, if it is the first look, has all that is seen
// to be published. Without a watcher, the dataplane is away.
func (d *Driver) begin(ctx context.Context) (w Watcher, first *agent.Update, err error) {
	d.mu.Lock()
	defer d.unlock()
	if err := d.ready(ctx); err != nil && (d.remote == nil || !errors.Is(err, ErrAway)) {
		return nil, nil, err
	}
	if d.gone && !d.away {
		d.leave()
	}
	if !d.observing {
		first = &agent.Update{Changes: d.everything(), Time: time.Now()}
		d.observing, d.published = true, true
	}
	return d.watch, first, nil
}

// After the dataplane was awaited in vain, for it had gone again before it could be
// read, it is awaited again only after a while.
const (
	awaitPause     = 50 * time.Millisecond
	awaitPauseMost = time.Second
)

// goesOn gives a watcher up that has nothing more to tell, and reports whether that
// is because the dataplane is, or was, away.
func (d *Driver) goesOn(w Watcher, err error) bool {
	d.mu.Lock()
	defer d.unlock()
	if w == nil || d.watch != w {
		return d.remote != nil // it is known already
	}
	if _ = d.heard(err); d.gone && d.remote != nil {
		return true
	}
	_ = w.Close()
	d.watch, d.missed = nil, true
	return false
}

// source tells a loop what happens in the dataplane, in a goroutine, until it
// returns why there is nothing more to come.
type source func(ctx context.Context, told chan<- Events) error

func watched(w Watcher) source {
	return func(ctx context.Context, told chan<- Events) error {
		for {
			events, err := w.Next(ctx)
			if err != nil {
				return err
			}
			select {
			case told <- events:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
}

// awaited tells nothing, and ends when the dataplane is there.
func (d *Driver) awaited(pause time.Duration) source {
	return func(ctx context.Context, _ chan<- Events) error {
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
		return d.remote.Await(ctx)
	}
}

// loop waits for events, for timers, and for commits that have something to
// publish, until there is nothing more to come.
func (d *Driver) loop(ctx context.Context, from source, publish func(agent.Update)) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	told := make(chan Events)
	ended := make(chan error, 1)
	go func() { ended <- from(ctx, told) }()
	timer := time.NewTimer(0)
	defer timer.Stop()
	audit := time.NewTicker(d.cfg.Audit)
	defer audit.Stop()
	for {
		var err error
		poked := false
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-ended:
			return err
		case events := <-told:
			err = d.locked(func() error { return d.handle(ctx, events) })
		case <-audit.C:
			err = d.locked(func() error { d.drifted(ctx, slices.Collect(d.wish.settings.ids())); d.save(); return nil })
		case <-d.wake:
			poked = true
		case <-timer.C:
			err = d.locked(func() error { return d.tick(ctx) })
		}
		if err != nil {
			return err
		}
		if poked || !d.held.Load() {
			d.send(publish)
		}
		timer.Stop()
		if next := d.nextTick(); !next.IsZero() {
			timer.Reset(time.Until(next))
		}
	}
}

// send publishes what has come together.
func (d *Driver) send(publish func(agent.Update)) {
	out, links := d.rendered()
	if len(out) == 0 {
		return
	}
	publish(agent.Update{Changes: out, Time: time.Now()})
	if links {
		d.counting.forget()
	}
}

// locked does something of a watcher's loop, unless the dataplane is away.
func (d *Driver) locked(f func() error) error {
	d.mu.Lock()
	defer d.unlock()
	if d.watch == nil {
		return nil
	}
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

// nextTick is when the next timer is due.
func (d *Driver) nextTick() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.suspect) > 0 {
		return time.Now()
	}
	next := d.mends.next
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
	ids := d.mends.due(now)
	look := make(map[object.ID]struct{})
	for link := range d.suspect {
		delete(d.suspect, link)
		look[object.LinkID(link)] = struct{}{}
		for r := range d.wish.byLink[link] {
			look[r.id] = struct{}{}
		}
		if err := d.readUnder(ctx, link, look); err != nil {
			return err
		}
	}
	d.drifted(ctx, append(ids, slices.Collect(keys(look))...))
	return nil
}

func (d *Driver) wishedIDs() []object.ID {
	ids := make([]object.ID, 0, d.wish.number)
	for id := range d.wish.all() {
		ids = append(ids, id)
	}
	return ids
}

// drifted looks whether objects are as desired, and mends them.
func (d *Driver) drifted(ctx context.Context, ids []object.ID) {
	ids = slices.DeleteFunc(ids, func(id object.ID) bool { return d.wished(id) == nil })
	if len(ids) == 0 {
		return
	}
	slices.SortFunc(ids, object.ID.Compare)
	ids = slices.Compact(ids)
	for _, id := range settings(ids) {
		s, err := d.read(ctx, d.wished(id).Object)
		if err == nil {
			d.see(id, s)
		}
	}
	if faults := d.reconcile(ctx, ids, true); len(faults) > 0 {
		d.complain("not all is as configured", faults)
	} else if len(d.seen.status) == 0 {
		d.complaint = ""
	}
}
