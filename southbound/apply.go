package southbound

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
)

// Check refuses what contradicts itself, what the dataplane can never hold, what
// would need something foreign to go, and what requires itself in a circle.
func (d *Driver) Check(ctx context.Context, _, next tree.Tree) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	_, _, _, err := d.prepare(ctx, next)
	return err
}

// prepare plans the way from the configuration that was applied last to next. It
// touches nothing. What is to be is taken from the driver's own account, not from
// the caller's, so that a change that comes twice is made once.
func (d *Driver) prepare(ctx context.Context, next tree.Tree) (*planning, *change, *plan.Plan, error) {
	if err := d.ready(ctx); err != nil {
		return nil, nil, nil, fault.Wrap(fault.OperationFailed, nil, err, "the dataplane cannot be read")
	}
	c, err := d.changes(next)
	if err != nil {
		return nil, nil, nil, err
	}
	for _, id := range sortedIDs(c.merged) {
		if claim := c.merged[id]; claim != nil {
			err := mistyped(claim)
			if err == nil {
				err = d.cfg.Backend.Check(claim)
			}
			if err != nil {
				return nil, nil, nil, refuse(claim, err)
			}
		}
	}
	p := &planning{d: d, ctx: ctx, next: c.merged}
	ids := sortedIDs(c.merged)
	if err := p.refresh(ids); err != nil {
		return nil, nil, nil, fault.Wrap(fault.OperationFailed, nil, err, "the dataplane cannot be read")
	}
	made, err := p.plan(ids)
	if err != nil {
		return nil, nil, nil, circle(err)
	}
	for id, s := range p.fresh {
		if id.Kind == object.KindSetting {
			d.see(id, s) // nothing else tells of it
		}
	}
	// A conflict that was there before is not this change's.
	for _, conflict := range made.Conflicts {
		if _, ours := c.merged[conflict.ID]; ours {
			return nil, nil, nil, fault.New(fault.InUse, conflict.Want.Path(conflict.Attr), "%s", conflict.Reason)
		}
	}
	return p, c, made, nil
}

func sortedIDs(m map[object.ID]*object.Claim) []object.ID {
	ids := make([]object.ID, 0, len(m))
	for id := range m {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, object.ID.Compare)
	return ids
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
	defer d.mu.Unlock()
	defer d.poke()
	p, c, made, err := d.prepare(ctx, next)
	if err != nil {
		return err
	}
	noted, err := p.foresee(made.Steps)
	if err != nil {
		return err
	}
	run := &run{d: d, next: c.merged, before: make(map[object.ID]*object.Claim)}
	if err := run.all(ctx, made.Steps); err != nil {
		if f, ok := errors.AsType[*fault.Error](err); !ok || f.Tag != fault.RollbackFailed {
			d.unforesee(noted)
		}
		return err
	}
	for id := range c.merged {
		run.before[id] = d.wish.objects[id]
	}
	d.wish.take(c)
	d.current, d.applied = next, true
	run.settle(ctx)
	d.trim(maps.Keys(c.merged), p.after(run))
	d.account(c, made, run)
	if d.sweepDue {
		// What is left over has nothing to do with this change, and is tried
		// again.
		if err := d.sweep(ctx); err != nil {
			d.log.Warn("what an earlier configuration left behind cannot be removed yet", "error", err)
		}
	}
	return nil
}

// account notes how the objects of a plan that was carried out fare.
func (d *Driver) account(c *change, made *plan.Plan, r *run) {
	waits := make(map[object.ID]plan.Wait)
	for _, w := range made.Waits {
		waits[w.ID] = w
	}
	for id, claim := range c.merged {
		if claim == nil {
			delete(d.mends, id)
			d.setStatus(id, nil)
		}
	}
	for _, t := range made.Targets {
		if d.wish.objects[t.ID] == nil {
			continue
		}
		switch reason, held := r.held[t.ID]; {
		case held:
			d.pend(t.ID, reason, true)
		case waits[t.ID].Reason != "":
			d.pend(t.ID, waits[t.ID].Reason, false)
		default:
			d.inSync(t.ID)
		}
	}
}

// run carries steps out and remembers what it takes to go back.
type run struct {
	d    *Driver
	next map[object.ID]*object.Claim
	// before is what was wished of the objects of a commit.
	before map[object.ID]*object.Claim
	done   []deed // in order
	// held are the objects that must wait, as only trying has shown.
	held map[object.ID]string
	// kept are settings of links that a global one has overwritten, as they were.
	kept map[object.ID]*object.SettingState
	// touched are the links that the steps were about.
	touched map[string]struct{}
	// failed are the objects of steps that failed, where that does not end the
	// run.
	failed map[object.ID]error
}

// deed is a step that has come about.
type deed struct {
	plan.Step
	// void says that nothing had to be done for it, so that there is nothing to
	// take back; state is then what was found, nil for what is gone.
	void  bool
	state object.State
}

// all carries all steps out, or undoes those it has.
func (r *run) all(ctx context.Context, steps []plan.Step) error {
	for _, s := range steps {
		err := r.one(ctx, s)
		if err == nil {
			continue
		}
		cause := r.fault(s, err)
		if undone := r.undo(ctx); undone != nil {
			return fault.Wrap(fault.RollbackFailed, cause.Path, undone,
				"%s; and taking back what was done before failed", cause.Message)
		}
		return cause
	}
	return nil
}

// one carries a step out. It forgives what amounts to the same: a deletion of
// what is gone, a creation of what is there already and ours, a change of what
// somebody has deleted. What must wait is held and does not fail.
func (r *run) one(ctx context.Context, s plan.Step) error {
	if _, held := r.held[s.ID]; held && s.Op != plan.Delete {
		return nil
	}
	b := r.d.cfg.Backend
	r.keep(ctx, s)
	err := b.Do(ctx, s)
	switch {
	case err == nil:
		r.did(deed{Step: s})
	case s.Op == plan.Delete && (errors.Is(err, ErrGone) || errors.Is(err, ErrNotReady)):
		r.did(deed{Step: s, void: true})
	case errors.Is(err, ErrNotReady):
		return r.hold(ctx, s, err)
	case s.Op == plan.Create && errors.Is(err, ErrExists):
		return r.adopt(ctx, s, err)
	case s.Op == plan.Update && errors.Is(err, ErrGone) && s.ID.Kind != object.KindLink:
		return r.one(ctx, plan.Step{Op: plan.Create, ID: s.ID, Want: s.Want, Attrs: s.Attrs})
	default:
		return err
	}
	return nil
}

func (r *run) did(d deed) {
	r.done = append(r.done, d)
	r.touch(d.Step)
}

func (r *run) touch(s plan.Step) {
	if r.touched == nil {
		r.touched = make(map[string]struct{})
	}
	for _, o := range []object.Object{s.Have, s.Want} {
		if o == nil {
			continue
		}
		if l, ok := o.(*object.Link); ok {
			r.touched[l.Name] = struct{}{}
			if l.Peer != "" {
				r.touched[l.Peer] = struct{}{}
			}
			continue
		}
		for _, name := range object.Links(o) {
			r.touched[name] = struct{}{}
		}
	}
}

// hold lets an object wait. What there is of it goes: the configuration does not
// want it any more.
func (r *run) hold(ctx context.Context, s plan.Step, why error) error {
	if r.held == nil {
		r.held = make(map[object.ID]string)
	}
	r.held[s.ID] = why.Error()
	if s.Op == plan.Update && s.ID.Kind == object.KindRoute {
		return r.one(ctx, plan.Step{Op: plan.Delete, ID: s.ID, Have: s.Have})
	}
	return nil
}

// adopt looks at what is in the place of an object that was to be created. Ours,
// it is brought to what it should be.
func (r *run) adopt(ctx context.Context, s plan.Step, exists error) error {
	b := r.d.cfg.Backend
	state, err := b.Read(ctx, s.Want)
	if err != nil || state == nil {
		return errors.Join(exists, err)
	}
	now, replaceable := have(state, &object.Claim{Object: s.Want})
	if now == nil {
		return exists
	}
	same := true
	for _, a := range s.Attrs {
		same = same && object.Same(now, s.Want, a)
	}
	switch {
	case same:
		r.did(deed{Step: s, void: true, state: state})
		return nil
	case !replaceable || s.ID.Kind == object.KindLink:
		return exists
	}
	return r.one(ctx, plan.Step{Op: plan.Update, ID: s.ID, Have: now, Want: s.Want, Attrs: s.Attrs})
}

// fault tells the client what the dataplane refused, at the node that asked for
// it.
func (r *run) fault(s plan.Step, err error) *fault.Error {
	tag := fault.OperationFailed
	switch {
	case errors.Is(err, ErrExists):
		tag = fault.InUse
	case errors.Is(err, ErrUnsupported):
		tag = fault.OperationNotSupported
	case errors.Is(err, ErrInvalid):
		tag = fault.InvalidValue
	}
	var at path.Path
	claim := r.next[s.ID]
	if claim == nil {
		claim = r.d.wish.objects[s.ID]
	}
	if claim != nil {
		at = claim.At
		if a := s.Attr(); a != "" {
			at = claim.Path(a)
		} else if wrong, ok := errors.AsType[*AttrError](err); ok {
			at = claim.Path(wrong.Attr)
		}
	}
	return fault.Wrap(tag, at, err, "the dataplane refuses to %s", s)
}

// undo takes back what was done, last step first, and looks whether all is as
// before.
func (r *run) undo(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	var errs []error
	for _, s := range slices.Backward(r.done) {
		if s.void {
			continue
		}
		for _, u := range s.Undo() {
			if err := r.d.cfg.Backend.Do(ctx, u); err != nil && !forgiven(u, err) {
				errs = append(errs, fmt.Errorf("%s: %w", u, err))
			}
		}
	}
	errs = append(errs, r.verify(ctx))
	err := errors.Join(errs...)
	if err != nil {
		// What is there is not what was seen: see it anew, mend it, and remove
		// what was made and not undone.
		r.d.redump, r.d.sweepDue = time.Now(), true
		r.d.poke()
	}
	return err
}

// forgiven reports whether an undoing that failed comes to the same.
func forgiven(s plan.Step, err error) bool {
	switch s.Op {
	case plan.Delete:
		return errors.Is(err, ErrGone) || errors.Is(err, ErrNotReady)
	case plan.Create:
		// What could not be made under the circumstances in which it was, verify
		// puts back.
		return errors.Is(err, ErrExists) || errors.Is(err, ErrNotReady) && s.ID.Kind != object.KindLink
	}
	return false
}
