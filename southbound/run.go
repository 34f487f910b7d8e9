package southbound

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
)

// run carries steps out and remembers what it takes to go back.
type run struct {
	d    *Driver
	p    *planning // that the steps are from
	done []deed    // in order
	// held are the objects that must wait, as only trying has shown.
	held map[object.ID]string
	// kept are settings of links that steps have overwritten, as they were.
	kept map[object.ID]*object.SettingState
	// touched are the links that the steps were about, and whether that was the link
	// itself or only what is on it.
	touched map[string]bool
	// failed are the objects of steps that failed, where that does not end the
	// run.
	failed map[object.ID]error
}

// deed is a step that has come about.
type deed struct {
	*plan.Step
	// void says that nothing had to be done for it, so that there is nothing to
	// take back; state is then what was found, nil for what is gone.
	void  bool
	state object.State
}

// all carries all steps out, or undoes those it has.
func (r *run) all(ctx context.Context, steps []plan.Step) error {
	var cause *fault.Error
	r.done = slices.Grow(r.done, len(steps))
	r.d.do(ctx, steps, r.begin, func(s *plan.Step, err error) bool {
		switch {
		case cause == nil:
			if err := r.took(ctx, s, err); err != nil {
				cause = r.fault(*s, err)
			}
		case err == nil: // it was on its way
			r.did(deed{Step: s})
		}
		return cause == nil
	})
	switch {
	case cause == nil:
		return nil
	case r.d.gone:
		return cause
	}
	if err := r.undo(ctx); err != nil {
		if r.d.gone {
			return wentAway(err)
		}
		return fault.Wrap(fault.RollbackFailed, cause.Path, err,
			"%s: %v; and taking back what was done before failed", cause.Message, cause.Err)
	}
	return cause
}

// begin makes ready for a step, and reports false where it must not be: its object
// is held.
func (r *run) begin(ctx context.Context, s plan.Step) bool {
	if _, held := r.held[s.ID]; held && s.Op != plan.Delete {
		return false
	}
	r.keep(ctx, s)
	return true
}

// one carries a step out.
func (r *run) one(ctx context.Context, s plan.Step) error {
	if !r.begin(ctx, s) {
		return nil
	}
	return r.took(ctx, &s, r.d.doOne(ctx, s))
}

// took takes in how a step has gone. It forgives what amounts to the same: a
// deletion of what is gone, a creation of what is there already and ours, a change
// of what somebody has deleted. What must wait is held and does not fail.
func (r *run) took(ctx context.Context, s *plan.Step, err error) error {
	switch {
	case err == nil:
		r.did(deed{Step: s})
	case s.Op == plan.Delete && (errors.Is(err, ErrGone) || errors.Is(err, ErrNotReady)):
		r.did(deed{Step: s, void: true})
	case errors.Is(err, ErrNotReady):
		return r.hold(ctx, *s, err)
	case s.Op == plan.Create && errors.Is(err, ErrExists):
		return r.adopt(ctx, *s, err)
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

func (r *run) touch(s *plan.Step) {
	if r.touched == nil {
		r.touched = make(map[string]bool)
	}
	for _, o := range [...]object.Object{s.Have, s.Want} {
		if l, ok := o.(*object.Link); ok {
			r.touched[l.Name] = true
			if l.Peer != "" {
				r.touched[l.Peer] = true
			}
			continue
		}
		for name := range object.Links(o) {
			r.touched[name] = r.touched[name] || s.ID.Kind == object.KindSetting
		}
	}
}

// hold lets an object wait. What there is of it goes, where the configuration does
// not want it any more; a route has those of its next hops that can be.
func (r *run) hold(ctx context.Context, s plan.Step, why error) error {
	if r.held == nil {
		r.held = make(map[object.ID]string)
	}
	r.held[s.ID] = why.Error()
	if s.ID.Kind != object.KindRoute {
		return nil
	}
	there, missing, err := r.partly(ctx, s)
	switch {
	case err != nil:
		return err
	case there && len(missing) > 0:
		r.held[s.ID] = "it is without " + object.HopsText(missing) + ": " + why.Error()
	}
	if there || s.Op != plan.Update {
		return nil
	}
	return r.one(ctx, plan.Step{Op: plan.Delete, ID: s.ID, Have: s.Have})
}

// adopt looks at what is in the place of an object that was to be created. Ours,
// it is brought to what it should be.
func (r *run) adopt(ctx context.Context, s plan.Step, exists error) error {
	state, err := r.d.read(ctx, s.Want)
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
		r.did(deed{Step: &s, void: true, state: state})
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
	case errors.Is(err, ErrAway):
		return wentAway(err)
	case errors.Is(err, ErrExists):
		tag = fault.InUse
	case errors.Is(err, ErrUnsupported):
		tag = fault.OperationNotSupported
	case errors.Is(err, ErrInvalid):
		tag = fault.InvalidValue
	}
	var at path.Path
	claim := r.p.wanted(s.ID)
	if claim == nil {
		claim = r.d.wished(s.ID)
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
	var back []plan.Step
	for _, s := range slices.Backward(r.done) {
		if !s.void {
			back = append(back, s.Undo()...)
		}
	}
	back = r.d.addressesFirst(back)
	var errs []error
	all := func(context.Context, plan.Step) bool { return true }
	r.d.do(ctx, back, all, func(u *plan.Step, err error) bool {
		if err != nil && !forgiven(*u, err) {
			errs = append(errs, fmt.Errorf("%s: %w", u, err))
		}
		return !r.d.gone
	})
	if r.d.gone {
		return errors.Join(errs...)
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
