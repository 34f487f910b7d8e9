package southbound

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
)

// Check refuses what contradicts itself, what the dataplane can never hold, what
// would need something foreign to go, and what requires itself in a circle.
func (d *Driver) Check(ctx context.Context, _, next tree.Tree) error {
	d.mu.Lock()
	defer d.unlock()
	p, err := d.prepare(ctx, next)
	if errors.Is(err, ErrAway) {
		return d.checkAway(next, err)
	}
	d.prepared = p
	return err
}

// prepared is a change and the plan that leads to it.
type prepared struct {
	*planning
	plan *plan.Plan
	next tree.Tree
	// version is that of what was seen and wished.
	version uint64
	made    time.Time
}

// preparedFor is how long a plan holds that Check has made.
const preparedFor = time.Second

// planned is what Check has prepared or, where something has changed since, what
// is prepared now.
func (d *Driver) planned(ctx context.Context, next tree.Tree) (*prepared, error) {
	p := d.prepared
	d.prepared = nil
	if p != nil && p.next.Root() == next.Root() && p.version == d.version && time.Since(p.made) < preparedFor {
		p.ctx = ctx
		return p, nil
	}
	return d.prepare(ctx, next)
}

// prepare plans the way from the configuration that was applied last to next. It
// touches nothing. What is to be is taken from the driver's own account, not from
// the caller's, so that a change that comes twice is made once.
func (d *Driver) prepare(ctx context.Context, next tree.Tree) (*prepared, error) {
	if err := d.ready(ctx); err != nil {
		return nil, unreadable(err)
	}
	c, err := d.intended(next)
	if err != nil {
		return nil, err
	}
	p := &planning{d: d, ctx: ctx, change: c}
	ids := c.ids()
	if err := p.refresh(ids); err != nil {
		return nil, unreadable(err)
	}
	made, err := p.plan(ids)
	if err != nil {
		return nil, circle(err)
	}
	for id, s := range p.fresh {
		if id.Kind == object.KindSetting {
			d.see(id, s) // nothing else tells of it
		}
	}
	// A conflict that was there before is not this change's.
	for _, conflict := range made.Conflicts {
		if r := d.wish.find(conflict.ID); r != nil && r.change == c {
			return nil, fault.New(fault.InUse, conflict.Want.Path(conflict.Attr), "%s", conflict.Reason)
		}
	}
	return &prepared{p, made, next, d.version, time.Now()}, nil
}

// intended is what next makes of the wish. What can be told without the dataplane is
// checked.
func (d *Driver) intended(next tree.Tree) (*change, error) {
	c, err := d.changes(next)
	if err != nil {
		return nil, err
	}
	for _, r := range c.objects {
		if r.next == nil {
			continue
		}
		if err := d.impossible(r.next); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// impossible says what of an object the dataplane can never hold; nil: nothing.
func (d *Driver) impossible(c *object.Claim) error {
	err := mistyped(c)
	if err == nil {
		err = d.cfg.Backend.Check(c)
	}
	if err == nil || errors.Is(err, ErrAway) {
		return nil
	}
	return refuse(c, err)
}

// refuse turns what a backend says of a claim into a fault at the node that sets
// the attribute.
func refuse(c *object.Claim, err error) error {
	if wrong, ok := errors.AsType[*AttrError](err); ok {
		return fault.New(fault.InvalidValue, c.Path(wrong.Attr), "%s: %s", c.ID(), wrong.Reason)
	}
	return fault.Wrap(fault.OperationFailed, c.At, err, "%s", c.ID())
}

// mistyped says that a link which is to be made is said to be of a type that its
// kind never is. That of one that somebody else makes, the plan compares.
func mistyped(c *object.Claim) error {
	l, ok := c.Object.(*object.Link)
	if !ok || !c.Has(object.TypeAttr) || !c.Has(object.LinkKindAttr) || l.Kind.MayBe(l.Type) {
		return nil
	}
	return &AttrError{Attr: object.TypeAttr, Reason: fmt.Sprintf("it is of type %s here, but %s makes it a %s, which is of type %s",
		l.Type, c.Path(object.LinkKindAttr), l.Kind, l.Kind.Type())}
}

func circle(err error) error {
	cycle, ok := errors.AsType[*plan.CycleError](err)
	if !ok {
		return fault.Wrap(fault.OperationFailed, nil, err, "no plan")
	}
	first := cycle.Links[0]
	at := first.Path(object.Parent)
	if !first.Has(object.Parent) {
		at = first.Path(object.Master)
	}
	return fault.New(fault.InvalidValue, at, "%s: one of them must do without the next", cycle)
}

// Apply takes the dataplane to next, or leaves it as it was.
func (d *Driver) Apply(ctx context.Context, _, next tree.Tree) error {
	d.mu.Lock()
	defer d.unlock()
	defer d.poke()
	p, err := d.planned(ctx, next)
	if errors.Is(err, ErrAway) {
		return d.applyAway(next, err)
	}
	if err != nil {
		return err
	}
	c, made := p.change, p.plan
	if !d.applied {
		defer d.brought(len(c.objects), d.cfg.Backend.Stats().Writes)
	}
	noted, err := p.foresee(made.Steps)
	if err != nil {
		p.unforesee(noted)
		return err
	}
	run := &run{d: d, p: p.planning}
	if err := run.all(ctx, made.Steps); err != nil {
		switch f, ok := errors.AsType[*fault.Error](err); {
		case d.gone: // what has come about is not known
		case ok && f.Tag == fault.RollbackFailed:
			d.ledger.presume()
		default:
			p.unforesee(noted)
		}
		return err
	}
	d.adoptWish(c, next)
	d.setReplaced(p.replaced) // what was noted of the change before is stored by now
	run.settle(ctx)
	d.trim(made.About, p.after(run))
	d.account(made, run)
	if d.sweepDue {
		// What is left over has nothing to do with this change, and is tried
		// again.
		if err := d.sweep(ctx); err != nil {
			d.log.Warn("what an earlier configuration left behind cannot be removed yet", "error", err)
		}
	}
	return nil
}

// brought logs what it took to bring the dataplane to the configuration, at the
// start or when it is there again: nothing, where it had all of it.
func (d *Driver) brought(objects int, writes uint64) {
	if objects > 0 && d.applied && !d.gone {
		d.log.Info("the dataplane is brought to the configuration", "objects", objects, "writes", d.cfg.Backend.Stats().Writes-writes)
	}
}

// adoptWish makes a change part of what is desired.
func (d *Driver) adoptWish(c *change, next tree.Tree) {
	d.wish.take(c)
	d.before, d.current, d.applied = d.current, next, true
	d.version++
	d.change = nil
	for _, r := range c.objects {
		if r.claim == nil {
			d.mends.close(r.id)
			d.setStatus(r.id, nil)
		}
	}
}

// account notes how the objects of a plan that was carried out fare.
func (d *Driver) account(made *plan.Plan, r *run) {
	waits := make(map[object.ID]plan.Wait)
	for _, w := range made.Waits {
		waits[w.ID] = w
	}
	for _, id := range made.About {
		o := d.wish.find(id)
		if o == nil || o.claim == nil {
			continue
		}
		switch reason, held := r.held[id]; {
		case held:
			d.pend(id, reason, true)
		case waits[id].Reason != "":
			d.pend(id, waits[id].Reason, false)
		default:
			d.inSync(o)
		}
	}
}
