package southbound

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// WhileAway is what becomes of a change while the dataplane is away.
type WhileAway uint8

// What may become of it.
const (
	Refuse WhileAway = iota // it is refused
	Pend                    // it is accepted, and comes about when the dataplane is there again
)

const awayReason = "the dataplane is away"

// unreadable says that the dataplane does not let itself be read; that it is away
// says enough.
func unreadable(err error) error {
	if errors.Is(err, ErrAway) {
		return err
	}
	return fault.Wrap(fault.OperationFailed, nil, err, "the dataplane cannot be read")
}

// refusedAway says that a change is refused, as its cause tells.
func refusedAway(err error) *fault.Error {
	return fault.Wrap(fault.OperationFailed, nil, err, "nothing can be changed until the dataplane is there again")
}

// wentAway says that the dataplane left in the midst of a change.
func wentAway(err error) *fault.Error {
	return fault.Wrap(fault.OperationFailed, nil, err,
		"the dataplane went away during the change, and will be brought back to the configuration of before when it is there again")
}

// unlock gives mu back. Whoever has found the dataplane away leaves nothing behind
// that says otherwise.
func (d *Driver) unlock() {
	if d.gone && !d.away {
		d.leave()
	}
	d.gone = false
	d.mu.Unlock()
}

// leave notes that nothing is known of the dataplane any more: nothing is seen, and
// all that is desired waits for it. What was under way may have come about.
func (d *Driver) leave() {
	d.away = true
	d.drop()
	d.ledger.presume()
	if d.watch != nil {
		_ = d.watch.Close() // it has nothing more to tell
		d.watch = nil
	}
	for id := range d.seen.all() {
		d.put(d.seen.find(id), nil)
	}
	d.mends = newMends()
	clear(d.suspect)
	d.redump, d.sweepDue = time.Time{}, true
	d.missed = d.known
	for id := range d.wish.all() {
		d.report(id, object.Pending, awayReason)
	}
	d.poke()
}

// checkAway is Check while the dataplane is away.
func (d *Driver) checkAway(next tree.Tree, away error) error {
	_, err := d.intendedAway(next, away)
	return err
}

// applyAway is Apply while the dataplane is away.
func (d *Driver) applyAway(next tree.Tree, away error) error {
	c, err := d.intendedAway(next, away)
	if err != nil {
		return err
	}
	d.postpone(c, next)
	return nil
}

// intendedAway is what next makes of the wish, if it may. What the dataplane has no
// part in is never refused; nor is going back to what was before the last change,
// for that promises nobody anything new.
func (d *Driver) intendedAway(next tree.Tree, away error) (*change, error) {
	c, err := d.intended(next)
	if err != nil {
		return nil, err
	}
	goesBack := d.applied && next.Root() == d.before.Root()
	if d.cfg.WhileAway == Refuse && len(c.objects) > 0 && !goesBack {
		return nil, refusedAway(away)
	}
	return c, nil
}

// postpone makes a change part of what is desired, and lets it wait.
func (d *Driver) postpone(c *change, next tree.Tree) {
	d.remind(c)
	d.adoptWish(c, next)
	for _, r := range c.objects {
		if r.claim != nil {
			d.report(r.id, object.Pending, awayReason)
		}
	}
}

// remind notes what was desired of objects before the wish for them changes without
// the dataplane: what they had by that must yet be taken back. Who has just begun
// takes it that it was what is desired now: what differs, nobody has stored.
func (d *Driver) remind(c *change) {
	if !d.applied {
		return
	}
	for _, r := range c.objects {
		if _, noted := d.past[r.id]; !noted {
			d.past[r.id] = r.claim
		}
	}
}

// restoreAll brings the dataplane to what is desired, from whatever state it is in:
// what is equal is adopted, what differs is mended, what was configured once goes
// back to what it was before and, once all else is well, what is ours and nobody
// wants is removed.
func (d *Driver) restoreAll(ctx context.Context) error {
	defer d.brought(d.wish.number, d.cfg.Backend.Stats().Writes)
	d.claimEqual()
	ids := d.wishedIDs()
	for id := range d.past {
		if d.wished(id) == nil {
			ids = append(ids, id)
		}
	}
	ids = append(ids, d.changedOnce()...)
	slices.SortFunc(ids, object.ID.Compare)
	d.sweepDue = true
	ids = slices.Compact(ids)
	failed := d.reconcile(ctx, ids, false)
	if len(failed) > 0 && !d.gone && d.sweep(ctx) == nil {
		// What was left over may be what stood in the way.
		failed = d.reconcile(ctx, ids, false)
		d.sweepDue = true
	}
	if !d.gone {
		clear(d.past)
		d.setReplaced(make(map[string]Replaced))
		d.save()
	}
	if len(failed) > 0 {
		return failed
	}
	return d.sweep(ctx)
}
