package southbound

import (
	"slices"

	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
)

// Some settings of links follow a leader: whenever that is written, they are
// overwritten. What they were before it was configured is then no more than that
// they followed; and what they were apart from it must be known once the leader's
// configuration goes.

// leader is the attribute that a setting of a link follows.
type leader struct {
	id   object.ID
	attr object.Attr
}

// leader returns what a setting follows, as the backend's rules have it: the global
// setting of the name, or the MTU of the link.
func (d *Driver) leader(s *object.Setting) (leader, bool) {
	if s.Link == "" {
		return leader{}, false
	}
	global := &object.Setting{Name: s.Name, Family: s.Family, Value: s.Value}
	link := &object.Link{Name: s.Link, MTU: 1500}
	for _, o := range []struct {
		object.Object
		attr object.Attr
	}{{global, object.ValueAttr}, {link, object.MTU}} {
		write := plan.Step{Op: plan.Update, ID: o.ID(), Have: o.Object, Want: o.Object, Attrs: []object.Attr{o.attr}}
		if d.cfg.Backend.Takes(write, s) {
			return leader{o.ID(), o.attr}, true
		}
	}
	return leader{}, false
}

// of is the leader's value in what there is, or is wanted, of its object.
func (l leader) of(o object.Object) uint32 {
	switch o := o.(type) {
	case *object.Setting:
		return o.Value
	case *object.Link:
		return o.MTU
	}
	return 0
}

// value is the leader's in what was observed.
func (l leader) value(s object.State) (value uint32, known bool) {
	o, _ := have(s, nil)
	if o == nil {
		return 0, false
	}
	return l.of(o), true
}

// bounds reports whether what follows can have no value above the leader's.
func (l leader) bounds() bool { return l.id.Kind == object.KindLink }

// led are the settings of links that a step overwrites.
func (d *Driver) led(s plan.Step) []*object.Setting {
	var all []*object.Setting
	switch o := s.Want.(type) {
	case *object.Setting:
		if o.Link != "" {
			return nil
		}
		for l := range d.seen.Links() {
			of := *o
			of.Link = l.Name
			if !d.cfg.Backend.Takes(s, &of) {
				return nil
			}
			all = append(all, &of)
		}
	case *object.Link:
		of := &object.Setting{Name: object.ProtocolMTU, Family: object.IPv6, Link: o.Name}
		if s.Op == plan.Update && s.Attr() == object.MTU && d.cfg.Backend.Takes(s, of) {
			all = append(all, of)
		}
	}
	return all
}

// follows reports whether a setting has the value of its leader, if it has one. Of
// both, what is seen may be older than the other: s is as just read, and so is what
// it is compared with.
func (p *planning) follows(s *object.Setting) bool {
	if p.d.tied(s) {
		return p.d.tiedFollows(s)
	}
	l, led := p.d.leader(s)
	if !led {
		return false
	}
	value, known := l.value(p.look(l.id))
	return known && value == s.Value
}

// look is what there is of a link or setting, read once for a planning.
func (p *planning) look(id object.ID) object.State {
	if _, known := p.fresh[id]; !known {
		o, _ := have(p.d.seen.state(id), nil)
		if o == nil {
			return nil
		}
		s, err := p.d.read(p.ctx, o)
		if err != nil {
			return p.d.seen.state(id)
		}
		if p.fresh == nil {
			p.fresh = make(map[object.ID]object.State)
		}
		p.fresh[id] = s
	}
	return p.fresh[id]
}

// becomes is the value of a leader when all is as planned.
func (p *planning) becomes(l leader) (value uint32, known bool) {
	t := p.target(l.id)
	switch {
	case t.Want != nil && t.Want.Has(l.attr):
		return l.of(t.Want.Object), true
	case t.Have != nil:
		return l.of(t.Have), true
	}
	return 0, false
}

// overwrites reports whether a leader is configured, and so that it changes what
// there was.
func (p *planning) overwrites(l leader) bool {
	c := p.wanted(l.id)
	if !claims(c, l.attr) {
		return false
	}
	now, known := l.value(p.state(l.id))
	return known && now != l.of(c.Object) || p.d.changed(l)
}

// changed reports whether a leader has been changed, and not yet gone back.
func (d *Driver) changed(l leader) bool {
	base, ok := d.baseline[l.id]
	return ok && base.of(d.seen.Link) && slices.Contains(base.Attrs, l.attr)
}

// releasedSetting is a claim of what a setting goes back to that nobody configures;
// nil: it stays as it is, or is reset to what a new link has.
func (p *planning) releasedSetting(id object.ID, now object.Setting) (back *object.Claim, reset bool) {
	h := p.history(id, &now)
	s := h.of(object.ValueAttr)
	to, known := now, false
	switch s.home(object.ValueAttr, false) {
	case asItWas:
		to.Value, known = p.asNoted(&now, h.base)
	case asNew:
		if !p.d.tied(&now) {
			return nil, true
		}
		to.Value, known = p.tiedBack(&now, Baseline{Follows: true}), true
	case stays:
		if !s.was {
			to.Value, known = p.apart(&now)
		}
	}
	if !known {
		return nil, false
	}
	c := object.NewClaim(&to, nil, object.ValueAttr)
	return &c, true
}

// asNoted is the value that a setting goes back to by its note: that of what it
// follows, where it did, and as long as that is configured.
func (p *planning) asNoted(now *object.Setting, base Baseline) (value uint32, known bool) {
	if p.d.tied(now) {
		return p.tiedBack(now, base), true
	}
	value = base.Object.(*object.Setting).Value
	l, led := p.d.leader(now)
	if !led {
		return value, true
	}
	lead, known := p.becomes(l)
	if base.Follows || p.overwrites(l) || l.bounds() && lead < value {
		value = lead
	}
	return value, known
}

// apart is the value that a setting is to keep that somebody has set apart from what
// it follows, which may go back.
func (p *planning) apart(now *object.Setting) (value uint32, known bool) {
	l, led := p.d.leader(now)
	if !led || p.follows(now) || claims(p.wanted(l.id), l.attr) {
		return 0, false
	}
	if lead, known := p.becomes(l); known && l.bounds() && lead < now.Value {
		return lead, true
	}
	return now.Value, true
}

// astray are the settings that nobody configures and that do not follow their
// leader, a global setting or the MTU of the link given: they are to have a value
// of their own once that has gone back.
func (p *planning) astray(link string) []plan.Target {
	var targets []plan.Target
	look := func(settings set) {
		for id := range settings.ids() {
			s, ok := p.state(id).(*object.SettingState)
			if !ok || p.wanted(id) != nil {
				continue
			}
			if l, led := p.d.leader(&s.Setting); !led || l.bounds() != (link != "") {
				continue
			}
			if t := p.target(id); t.Want != nil {
				targets = append(targets, t)
			}
		}
	}
	if link != "" {
		look(p.d.seen.settings[link])
		return targets
	}
	for _, settings := range p.d.seen.settings {
		look(settings)
	}
	return targets
}

// foreseeLed notes what a step overwrites of settings that nobody configures: what
// was set apart from its leader. Of a leader that goes back, the plan sees to it.
func (p *planning) foreseeLed(s plan.Step) []noted {
	if s.Op != plan.Update || s.Fresh() || !claims(p.wanted(s.ID), s.Attrs[0]) {
		return nil
	}
	var news []noted
	was := leader{s.ID, s.Attrs[0]}.of(s.Have)
	for _, of := range p.d.led(s) {
		now, ok := p.state(of.ID()).(*object.SettingState)
		if !ok || p.wanted(of.ID()) != nil || now.Value == was {
			continue
		}
		if now, ok = p.look(of.ID()).(*object.SettingState); !ok || now.Value == was {
			continue
		}
		if !p.history(of.ID(), of).of(object.ValueAttr).notes(object.ValueAttr) {
			continue
		}
		base := Baseline{}.with(&now.Setting, object.ValueAttr)
		base.Index = indexOf(of, p.Link)
		p.d.setBaseline(of.ID(), base)
		news = append(news, noted{of.ID(), object.ValueAttr})
	}
	return news
}

// isBack reports whether an object that nobody configures is, in an attribute, as
// it was before.
func (d *Driver) isBack(base Baseline, now object.Object, a object.Attr) bool {
	s, ok := now.(*object.Setting)
	if !ok {
		return object.Same(now, base.Object, a)
	}
	if base.Follows && d.tied(s) {
		return d.tiedIsBack(s)
	}
	l, led := d.leader(s)
	if !led {
		return object.Same(now, base.Object, a)
	}
	lead, known := l.value(d.seen.state(l.id))
	if !known {
		return false
	}
	if base.Follows {
		return s.Value == lead
	}
	value := base.Object.(*object.Setting).Value
	if l.bounds() {
		value = min(value, lead)
	}
	return s.Value == value && !d.changed(l)
}
