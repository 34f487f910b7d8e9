package southbound

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
)

// pend notes that an object waits. What waits for a link, as any number of objects
// may, has no account: an event of that link looks at it again.
func (d *Driver) pend(id object.ID, reason string, blocked bool) {
	switch m := d.mends.of[id]; {
	case blocked:
		d.mends.at(id, time.Time{})
		d.mends.block(id, d.wished(id).Object)
	case m != nil && m.mends == 0:
		d.mends.close(id)
	case m != nil:
		d.mends.at(id, time.Time{})
		d.mends.unblock(id)
	}
	d.report(id, object.Pending, reason)
}

// inSync notes that an object is as desired, once it has seen that it is: what
// was done may not have sufficed, where others have their hand in it.
func (d *Driver) inSync(r *record) {
	id := r.id
	if r.state != nil && !Satisfies(r.state, r.claim) {
		m := d.mends.open(id)
		d.mends.at(id, time.Now().Add(max(m.wait, d.cfg.MendAfter)))
		if m.row < d.cfg.Contended {
			d.report(id, object.Drifted, "it differs from the configuration, and mending has not helped")
		}
		return
	}
	m := d.mends.of[id]
	if m == nil {
		d.setStatus(id, nil)
		return
	}
	if m.mends == 0 {
		d.mends.close(id)
		d.setStatus(id, nil)
		return
	}
	d.mends.unblock(id)
	d.mends.at(id, time.Time{})
	calm := m.last.Add(d.stillness(m))
	if time.Now().After(calm) {
		m.row, m.wait = 0, 0 // it has held still
	}
	if m.row >= d.cfg.Contended {
		d.mends.at(id, calm.Add(time.Millisecond)) // until then it stays contended
		return
	}
	d.report(id, object.InSync, "")
}

// stillness is how long an object must hold still after it was mended until nobody
// is taken to change it back. What has happened may be told late.
func (d *Driver) stillness(m *mend) time.Duration {
	if d.late != nil {
		return 2*m.wait + 2*d.late.Lag()
	}
	return 2 * m.wait
}

// report publishes how an object fares.
func (d *Driver) report(id object.ID, c object.Condition, reason string) {
	s := &object.Status{Object: id, Condition: c, Reason: reason}
	s.Wanted = d.wished(id)
	if m := d.mends.of[id]; m != nil {
		s.Mends = m.mends
	}
	d.setStatus(id, s)
}

// Resync brings the dataplane to desired from whatever state it is in. What waits
// for a link is no error, nor is that all of it waits for the dataplane.
func (d *Driver) Resync(ctx context.Context, desired tree.Tree) error {
	d.mu.Lock()
	defer d.unlock()
	defer d.poke()
	away := d.ready(ctx)
	if away != nil && !errors.Is(away, ErrAway) {
		return fault.Wrap(fault.OperationFailed, nil, away, "the dataplane cannot be read")
	}
	c, err := d.changes(desired)
	if err != nil {
		return err
	}
	if away != nil {
		d.postpone(c, desired)
		return nil
	}
	d.remind(c)
	d.adoptWish(c, desired)
	if err := d.restoreAll(ctx); !d.gone {
		return err
	}
	return nil // it will be, when the dataplane is there again
}

// sweep removes what is ours and nobody wants. It comes after everything desired
// is there: until then a leftover may be what keeps the traffic going.
func (d *Driver) sweep(ctx context.Context) error {
	var ids []object.ID
	for id, s := range d.seen.all() {
		if owned(s) && d.wished(id) == nil {
			ids = append(ids, id)
		}
	}
	d.sweepDue = false
	if len(ids) == 0 {
		return nil
	}
	slices.SortFunc(ids, object.ID.Compare)
	d.log.Info("removing what an earlier configuration left behind", "objects", len(ids))
	if failed := d.reconcile(ctx, ids, false); len(failed) > 0 {
		d.sweepDue = true
		return failed
	}
	return nil
}

// reconcile brings objects to what is desired as far as it can, each for itself:
// what fails is reported and tried again later. With drift it mends what somebody
// has changed, and keeps count.
func (d *Driver) reconcile(ctx context.Context, ids []object.ID, drift bool) fault.Errors {
	p := &planning{d: d, ctx: ctx, past: d.past, whole: !drift}
	if !drift {
		if err := p.refresh(settings(ids)); err != nil {
			return fault.All(err)
		}
	}
	made, err := p.plan(ids)
	if err != nil {
		return fault.All(circle(err))
	}
	d.version++
	p.learn()
	r := &run{d: d, p: p, failed: make(map[object.ID]error)}
	faults := r.leaveOut(made)
	steps := made.Steps
	if drift {
		steps = d.permitted(made)
	}
	if _, err := p.foresee(steps); err != nil {
		// What is acknowledged comes about all the same; only what was before may
		// be forgotten with the process.
		d.log.Warn("what is about to change cannot be noted", "err", err)
	}
	begin := func(ctx context.Context, s plan.Step) bool { return r.failed[s.ID] == nil && r.begin(ctx, s) }
	d.do(ctx, steps, begin, func(s *plan.Step, err error) bool {
		if err := r.took(ctx, s, err); err != nil {
			f := r.fault(*s, err)
			faults = append(faults, f)
			r.failed[s.ID] = f
		}
		return !d.gone
	})
	if d.gone {
		return faults
	}
	r.settle(ctx)
	d.trim(made.About, p.after(r))
	return append(faults, d.outcome(made, r, drift, steps)...)
}

// leaveOut takes the steps out of a plan that lead to what the dataplane can never
// hold, and says why. They would be tried for ever: what is acknowledged may have been
// configured for another dataplane.
func (r *run) leaveOut(made *plan.Plan) fault.Errors {
	var faults fault.Errors
	asked := make(map[object.ID]bool)
	for _, s := range made.Steps {
		c := r.d.wished(s.ID)
		if c == nil || asked[s.ID] {
			continue
		}
		asked[s.ID] = true
		if err := r.d.impossible(c); err != nil {
			r.failed[s.ID] = err
			faults = append(faults, fault.All(err)...)
		}
	}
	made.Steps = slices.DeleteFunc(made.Steps, func(s plan.Step) bool { return r.failed[s.ID] != nil })
	return faults
}

func settings(ids []object.ID) []object.ID {
	var some []object.ID
	for _, id := range ids {
		if id.Kind == object.KindSetting {
			some = append(some, id)
		}
	}
	return some
}

// permitted leaves out the steps of objects that are not due: those that were
// mended a moment ago. It counts those that it lets through.
func (d *Driver) permitted(made *plan.Plan) []plan.Step {
	now := time.Now()
	due := make(map[object.ID][]plan.Step)
	for _, s := range made.Steps {
		due[s.ID] = append(due[s.ID], s)
	}
	allowed := make(map[object.ID]bool)
	mended := 0
	var steps []plan.Step
	for _, s := range made.Steps {
		ok, decided := allowed[s.ID]
		if !decided {
			before := d.mends.open(s.ID).mends
			ok = d.permit(s.ID, now)
			allowed[s.ID] = ok
			if m := d.mends.open(s.ID); m.mends != before {
				if mended++; mended <= mentioned {
					d.log.Info("mending what somebody has changed", "object", s.ID.String(), "by", texts(due[s.ID]), "times", m.mends)
				}
			}
		}
		if ok {
			steps = append(steps, s)
		}
	}
	if mended > mentioned {
		d.log.Info("mending what somebody has changed, more of it", "objects", mended-mentioned)
	}
	return steps
}

// mentioned is how many of many objects the log names.
const mentioned = 5

// complain logs what has failed, unless that has been said already and nothing was
// well since.
func (d *Driver) complain(message string, err error) {
	all := fault.All(err)
	attrs := []any{"err", err}
	if more := len(all) - mentioned; more > 0 {
		attrs = []any{"err", fault.Errors(all[:mentioned]), "more", more}
	}
	text := fault.Errors(all).Error()
	if text == d.complaint {
		d.log.Debug(message, attrs...)
		return
	}
	d.complaint = text
	d.log.Warn(message, attrs...)
}

// permit decides whether an object that differs from what is desired may be
// mended now. What waited comes about without being counted.
func (d *Driver) permit(id object.ID, now time.Time) bool {
	status := d.seen.status[id]
	if status != nil && (status.Condition == object.Pending || status.Condition == object.Degraded) {
		m := d.mends.open(id)
		return !now.Before(m.due)
	}
	if d.cfg.ReportOnly {
		d.report(id, object.Drifted, "it differs from the configuration, and mending is switched off")
		return false
	}
	m := d.mends.open(id)
	if m.row > 0 && now.Sub(m.last) > d.stillness(m) {
		m.row, m.wait = 0, 0 // it has held still
	}
	if next := m.last.Add(m.wait); m.row > 0 && now.Before(next) {
		d.mends.at(id, next)
		return false
	}
	m.row++
	m.mends++
	if m.row >= d.cfg.Contended {
		d.report(id, object.Contended, "somebody changes it back each time it is mended; it is mended again, but ever more seldom")
	}
	m.last = now
	d.mends.at(id, time.Time{})
	m.wait = min(max(2*m.wait, d.cfg.MendAfter), d.cfg.MendAtMost)
	return true
}

// texts says what steps do, the attributes that they change included.
func texts(steps []plan.Step) []string {
	all := make([]string, len(steps))
	for i, s := range steps {
		all[i] = s.String()
	}
	return all
}

// outcome notes how each target of a reconciliation fares.
func (d *Driver) outcome(made *plan.Plan, r *run, drift bool, steps []plan.Step) fault.Errors {
	waits := make(map[object.ID]string)
	for _, w := range made.Waits {
		waits[w.ID] = w.Reason
	}
	conflicts := make(map[object.ID]plan.Conflict)
	for _, c := range made.Conflicts {
		conflicts[c.ID] = c
	}
	postponed := make(map[object.ID]bool)
	if drift {
		for _, s := range made.Steps {
			postponed[s.ID] = true
		}
		for _, s := range steps {
			delete(postponed, s.ID)
		}
	}
	var faults fault.Errors
	for _, id := range made.About {
		o := d.wish.find(id)
		if o == nil || o.claim == nil || postponed[id] {
			continue
		}
		held, isHeld := r.held[id]
		conflict, inTheWay := conflicts[id]
		switch {
		case r.failed[id] != nil:
			m := d.mends.open(id)
			m.wait = min(max(2*m.wait, d.cfg.MendAfter), d.cfg.MendAtMost)
			d.mends.at(id, time.Now().Add(m.wait))
			d.report(id, object.Degraded, reason(r.failed[id]))
		case inTheWay:
			d.report(id, object.Conflict, conflict.Reason)
			faults = append(faults, fault.New(fault.InUse, conflict.Want.Path(conflict.Attr), "%s", conflict.Reason))
		case isHeld:
			if m := d.mends.of[id]; m != nil && drift && m.row > 0 {
				m.row, m.mends = m.row-1, m.mends-1 // not mended, and nobody's fault
			}
			d.pend(id, held, true)
		case waits[id] != "":
			d.pend(id, waits[id], false)
		default:
			d.inSync(o)
		}
	}
	return faults
}

func reason(err error) string {
	if f, ok := errors.AsType[*fault.Error](err); ok && f.Err != nil {
		return f.Err.Error()
	}
	return err.Error()
}
