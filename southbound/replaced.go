package southbound

import (
	"maps"
	"slices"
	"strings"

	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
)

// Replaced is a link that a change has made under the name of one that was configured
// before: in its place, or when what that waited for had come. Where the agent is
// killed before the change is stored, the configuration of before finds it. What the
// link was given, and that configuration does not speak of, cannot be told from what
// it would have of itself; so it is made anew.
type Replaced struct {
	Link     *object.Link // of which only Attrs count
	Attrs    []object.Attr
	Settings []object.ID // on it, configured together with it
}

func (m Replaced) equal(o Replaced) bool {
	return slices.Equal(m.Attrs, o.Attrs) && slices.Equal(m.Settings, o.Settings) &&
		!slices.ContainsFunc(m.Attrs, func(a object.Attr) bool { return !object.Same(m.Link, o.Link, a) })
}

// foreseeReplaced returns the links that steps are about to make and of which more is
// configured than before.
func (p *planning) foreseeReplaced(steps []plan.Step) map[string]Replaced {
	var made map[string]Replaced
	settings := make(map[string][]object.ID)
	for _, s := range steps {
		if set, ok := s.Want.(*object.Setting); ok && s.Op == plan.Create && set.Link != "" {
			settings[set.Link] = append(settings[set.Link], s.ID)
		}
	}
	for _, s := range steps {
		if s.ID.Kind != object.KindLink || s.Op != plan.Create && !s.Fresh() {
			continue
		}
		now := p.wanted(s.ID)
		before := p.was(s.ID)
		if _, done := made[s.ID.Name]; done || now == nil || before == nil {
			continue
		}
		news := func(id object.ID) bool { return p.was(id) == nil }
		if !slices.ContainsFunc(now.From, func(f object.Source) bool { return !before.Has(f.Attr) }) &&
			!slices.ContainsFunc(settings[s.ID.Name], news) {
			continue
		}
		if made == nil {
			made = make(map[string]Replaced)
		}
		one := replacedOf(now)
		one.Settings = settings[s.ID.Name]
		slices.SortFunc(one.Settings, object.ID.Compare)
		made[s.ID.Name] = one
	}
	return made
}

// replacedOf is what a claim says of a link.
func replacedOf(c *object.Claim) Replaced {
	l := *c.Object.(*object.Link)
	m := Replaced{Link: &l}
	for _, a := range object.Attrs(&l) {
		if c.Has(a) && a != object.TypeAttr { // which is not made, but required
			m.Attrs = append(m.Attrs, a)
		}
	}
	return m
}

// anew reports whether a link, or its other end, is there as a change has made it
// that is not what is configured.
func (p *planning) anew(want *object.Claim) bool {
	l := want.Object.(*object.Link)
	for _, name := range []string{l.Name, l.Peer} {
		m, ok := p.d.replaced[name]
		if !ok {
			continue
		}
		c := p.wanted(object.LinkID(name))
		if c == nil {
			continue
		}
		now := replacedOf(c)
		now.Settings = m.Settings
		if !m.equal(now) || slices.ContainsFunc(m.Settings, func(id object.ID) bool { return p.wanted(id) == nil }) {
			return true
		}
	}
	return false
}

// setReplaced replaces what is noted of links that were made.
func (d *Driver) setReplaced(made map[string]Replaced) {
	if maps.EqualFunc(d.replaced, made, Replaced.equal) {
		return
	}
	if made == nil {
		made = make(map[string]Replaced)
	}
	d.replaced = made
	d.memory.replacedUnsaved = d.memory.Memory != nil
}

// listReplaced is what is noted, by name.
func (d *Driver) listReplaced() []Replaced {
	list := slices.Collect(maps.Values(d.replaced))
	slices.SortFunc(list, func(a, b Replaced) int { return strings.Compare(a.Link.Name, b.Link.Name) })
	return list
}
