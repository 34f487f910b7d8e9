package southbound

import (
	"maps"
	"slices"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
)

// Memory keeps baselines from one process to the next.
type Memory interface {
	// Load returns what was saved last, nothing if nothing was. An error means
	// that what was saved cannot be read.
	Load() (Baselines, error)
	// Save puts b in the place of what was saved before, durably and as a whole,
	// or leaves that as it is.
	Save(b Baselines) error
}

// Baselines is what a dataplane had before it was changed.
type Baselines struct {
	Incarnation string     // of the dataplane; in another one they mean nothing
	List        []Baseline // by ID
	Replaced    []Replaced // by name
}

// Baseline is what a link or a setting had before we first changed it. Attributes
// that are not claimed any more go back to it. Nothing in it changes once it is
// made.
type Baseline struct {
	Object object.Object // a *object.Link or a *object.Setting, of which only Attrs count
	Attrs  []object.Attr
	// Follows says that a setting of a link had the value of what it follows, and
	// goes back to what that has by then.
	Follows bool
	// Index is the dataplane's number of the link that it is of, so that it is not
	// taken for that of another link of the name; 0 for a global setting.
	Index uint32
}

// linkOf is the link that an object is, or is of; empty for a global setting.
func linkOf(o object.Object) string {
	switch o := o.(type) {
	case *object.Link:
		return o.Name
	case *object.Setting:
		return o.Link
	}
	return ""
}

// of reports whether b is of what is there: not of another link of that name, nor
// of one that has gone.
func (b Baseline) of(find func(name string) *object.LinkState) bool {
	name := linkOf(b.Object)
	if name == "" {
		return true
	}
	l := find(name)
	return l != nil && l.Index == b.Index
}

// with remembers the value of an attribute, unless one is remembered.
func (b Baseline) with(have object.Object, a object.Attr) Baseline {
	if slices.Contains(b.Attrs, a) {
		return b
	}
	if b.Object == nil {
		b.Object = have
	}
	b.Object = object.With(b.Object, have, a)
	b.Attrs = append(slices.Clip(b.Attrs), a)
	return b
}

// without forgets an attribute.
func (b Baseline) without(a object.Attr) Baseline {
	b.Attrs = slices.DeleteFunc(slices.Clone(b.Attrs), func(x object.Attr) bool { return x == a })
	return b
}

// covers reports whether all of other, a baseline of the same ID, is in b. Either
// may be missing.
func (b Baseline) covers(other Baseline) bool {
	if len(other.Attrs) > 0 && (b.Index != other.Index || b.Follows != other.Follows) {
		return false
	}
	for _, a := range other.Attrs {
		if !slices.Contains(b.Attrs, a) || !object.Same(b.Object, other.Object, a) {
			return false
		}
	}
	return true
}

func (b Baseline) same(other Baseline) bool {
	return len(b.Attrs) == len(other.Attrs) && b.covers(other)
}

// indexOf is the number of the link that an object is or is of; 0: of none.
func indexOf(o object.Object, find func(name string) *object.LinkState) uint32 {
	if l := find(linkOf(o)); l != nil {
		return l.Index
	}
	return 0
}

// based reports whether an object may have a baseline.
func based(id object.ID) bool {
	return id.Kind == object.KindLink || id.Kind == object.KindSetting
}

// overwritten reports whether a step stands for a setting's being overwritten by
// another step, for which it is written again.
func overwritten(s plan.Step) bool {
	return s.ID.Kind == object.KindSetting && s.Op == plan.Delete && s.Paired
}

// changes are the attributes that a step changes of an object that is there.
func changes(s plan.Step) []object.Attr {
	if overwritten(s) {
		return object.Attrs(s.Have)
	}
	return s.Attrs
}

// nothing reports whether an object has no value of an attribute that it could go
// back to: a bridge whose ports have left it has no hardware address.
func nothing(o object.Object, a object.Attr) bool {
	l, ok := o.(*object.Link)
	return ok && a == object.MACAttr && l.Kind == object.Bridge && l.MAC.IsZero()
}

// noted is an attribute whose baseline is new.
type noted struct {
	id   object.ID
	attr object.Attr
}

// foresee notes what steps are about to change that must be noted, and what they are
// about to make in a place that was taken, and has that saved, so that whoever finds
// the change finds the way back, too. What has a baseline costs nothing. The error
// says that it could not be saved; noted it is all the same, until unforesee.
func (p *planning) foresee(steps []plan.Step) (news []noted, err error) {
	d := p.d
	p.before, p.replaced = d.replaced, p.foreseeReplaced(steps)
	if len(p.replaced) > 0 {
		all := maps.Clone(p.before)
		maps.Copy(all, p.replaced)
		d.setReplaced(all)
	}
	for _, s := range steps {
		if s.Op != plan.Delete && d.ledger.keeps(s.ID.Kind) {
			d.ledger.intend(d.entry(s, p.Link))
		}
		if !based(s.ID) || s.Op != plan.Update && !overwritten(s) || s.Fresh() {
			continue
		}
		news = append(news, p.foreseeLed(s)...)
		h := p.history(s.ID, s.Have)
		base := h.base
		for _, a := range changes(s) {
			if nothing(s.Have, a) || !h.of(a).notes(a) {
				continue
			}
			base = base.with(s.Have, a)
			if set, ok := s.Have.(*object.Setting); ok {
				base.Follows = p.follows(set)
			}
			news = append(news, noted{s.ID, a})
		}
		base.Index = indexOf(s.Have, p.Link)
		if len(base.Attrs) > 0 && !base.same(d.baseline[s.ID]) {
			d.setBaseline(s.ID, base)
		}
	}
	if err = d.flush(); err != nil {
		kept := func(n noted) bool { return d.memory.kept[n.id].covers(d.baseline[n.id]) }
		if !slices.ContainsFunc(news, func(n noted) bool { return !kept(n) }) && !d.memory.replacedUnsaved {
			return news, nil // it is only that something is needed no more
		}
	} else if err = d.ledger.flush(); len(d.ledger.intent) == 0 {
		err = nil
	}
	if err != nil {
		err = fault.Wrap(fault.ResourceDenied, nil, err,
			"what is there before the change could not be made durable, and the change was not made")
	}
	return news, err
}

// unforesee takes back what was noted for steps that have not come about.
func (p *planning) unforesee(news []noted) {
	d := p.d
	d.setReplaced(p.before)
	d.ledger.settle()
	for _, n := range news {
		d.setBaseline(n.id, d.baseline[n.id].without(n.attr))
	}
	d.save()
}

// forget drops what was noted of what a step has taken away, and of an attribute of a
// link that it has given back. Of settings trim decides, for they follow others.
func (d *Driver) forget(s plan.Step) {
	base, there := d.baseline[s.ID]
	switch {
	case !there, overwritten(s): // if its link has gone, nothing is left that it could be of
	case s.Op == plan.Delete:
		d.setBaseline(s.ID, Baseline{})
	case s.Op == plan.Update && s.ID.Kind == object.KindLink && !claims(d.wished(s.ID), s.Attr()):
		d.setBaseline(s.ID, base.without(s.Attr()))
	}
}

// trim forgets what objects had before where nobody speaks of it any more and it
// is so again, and saves what is left. state is what there is now.
func (d *Driver) trim(ids []object.ID, state func(object.ID) object.State) {
	d.trimOnce(ids, state)
	d.trimOnce(ids, state) // what follows may be forgotten once its leader is
	d.save()
}

func (d *Driver) trimOnce(ids []object.ID, state func(object.ID) object.State) {
	for _, id := range ids {
		base, ok := d.baseline[id]
		if !ok {
			continue
		}
		now, _ := have(state(id), nil)
		claim := d.wished(id)
		if claim == nil && !base.of(d.seen.Link) {
			d.setBaseline(id, Baseline{}) // its link has gone
			continue
		}
		for _, a := range base.Attrs {
			if !claims(claim, a) && now != nil && d.isBack(base, now, a) {
				d.setBaseline(id, d.baseline[id].without(a))
			}
		}
	}
}

// after is what there is of an object after a run that p has planned: as it was
// read before, where nothing has touched it.
func (p *planning) after(r *run) func(object.ID) object.State {
	return func(id object.ID) object.State {
		if r.touched[id.Name] || id.Kind != object.KindLink {
			return p.d.seen.state(id)
		}
		return p.state(id)
	}
}

// changedOnce are the objects that nobody speaks of and that have a baseline all
// the same: what changed them never became the configuration, or has gone from it
// unseen. Links of ours are not among them; a sweep sees to those.
func (d *Driver) changedOnce() []object.ID {
	var ids []object.ID
	for id, base := range d.baseline {
		if d.wished(id) == nil && base.of(d.seen.Link) && !owned(d.seen.state(id)) {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, object.ID.Compare)
	return ids
}
