package conformance

import (
	"slices"
	"testing"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// goesHome has attributes spoken of at once and later, changed by what is stored and
// by what is not, and given back: of links that somebody else has made, of links that
// we make, and of settings of both. Whatever happened, each is at last as nobody has
// ever spoken of it, and nothing is remembered.
func goesHome(t *testing.T, w World, s Sample) {
	switch o := s.Claim.Object.(type) {
	case *object.Setting:
		for _, c := range s.Changes {
			goHome(t, w, s.Needs, s.Claim, c)
			if made := w.Samples()[0].Claim; o.Link != "" {
				goHome(t, w, []object.Claim{made}, ofLink(s.Claim, made), ofLink(c, made))
				goHome(t, w, []object.Claim{made}, ofLink(c, made), ofLink(s.Claim, made))
			}
		}
	case *object.Link:
		if !s.Claim.Has(object.LinkKindAttr) {
			for _, c := range s.Changes {
				goHome(t, w, s.Needs, s.Claim, c)
			}
			return
		}
		backend := w.Backend(t)
		needs := append(slices.Clone(s.Needs), s.Claim)
		for _, c := range []struct {
			attr object.Attr
			x, y object.Link
		}{
			{object.Description, object.Link{Description: "for a while"}, object.Link{Description: "never"}},
			{object.MTU, object.Link{MTU: 1400}, object.Link{MTU: 1300}},
		} {
			c.x.Name, c.y.Name = o.Name, o.Name
			x := Link(c.x, c.attr)
			all, err := object.Merge([]object.Claim{s.Claim, x})
			if _, told := backend.Default(o, c.attr); told && err == nil && backend.Check(&all) == nil {
				goHome(t, w, needs, x, Link(c.y, c.attr))
			}
		}
	}
}

// ofLink is a claim of a setting, of another link.
func ofLink(c, link object.Claim) object.Claim {
	o := *c.Object.(*object.Setting)
	o.Link = link.Object.(*object.Link).Name
	c.Object = &o
	return c
}

// goHome goes through the stories of one object: with needs alone nobody speaks of it,
// x and y claim it.
func goHome(t *testing.T, w World, needs []object.Claim, x, y object.Claim) {
	t.Helper()
	m := &Memory{}
	b := NewBench(t, w, southbound.Config{Memory: m})
	with := func(c object.Claim) []object.Claim {
		all := append(slices.Clone(needs), c)
		if last := len(needs) - 1; last >= 0 && needs[last].ID() == c.ID() {
			both, err := object.Merge(all[last:])
			if err != nil {
				t.Fatal(err)
			}
			all = append(all[:last], both)
		}
		return all
	}
	apply := func(claims []object.Claim) { t.Helper(); b.MustApply(claims...) }
	// killed begins another process, that has the configuration given: what was applied
	// last was never stored.
	killed := func(claims []object.Claim) {
		t.Helper()
		b.Stop()
		b = NewBench(t, w, southbound.Config{Memory: m}, claims...)
		b.MustHave(claims...)
	}
	read := func() object.Object {
		switch s := b.Read(x.Object).(type) {
		case *object.LinkState:
			return &s.Link
		case *object.SettingState:
			return &s.Setting
		}
		t.Fatalf("%s is not there", x.ID())
		return nil
	}
	apply(needs)
	was := read()
	for _, story := range []struct {
		name string
		tell func()
	}{
		{"spoken of at once", func() { apply(with(x)) }},
		{"spoken of at once, changed", func() { apply(with(x)); apply(with(y)) }},
		{"spoken of at once, a change never stored", func() { apply(with(x)); apply(with(y)); killed(with(x)) }},
		{"spoken of at once, its end never stored", func() { apply(with(x)); apply(needs); killed(with(x)) }},
		{"spoken of later", func() { apply(needs); apply(with(x)) }},
		{"spoken of later, changed", func() { apply(needs); apply(with(x)); apply(with(y)) }},
		{"spoken of later, never stored", func() { apply(needs); apply(with(x)); killed(needs) }},
		{"spoken of later, a change never stored", func() { apply(needs); apply(with(x)); apply(with(y)); killed(with(x)) }},
		{"spoken of later, its end never stored", func() { apply(needs); apply(with(x)); apply(needs); killed(with(x)) }},
		{"spoken of later, restarted", func() { apply(needs); apply(with(x)); killed(with(x)) }},
		{"spoken of twice", func() { apply(needs); apply(with(x)); apply(needs); apply(with(y)) }},
	} {
		apply(nil)
		story.tell()
		apply(needs)
		now := read()
		for _, from := range x.From {
			if !object.Same(now, was, from.Attr) {
				t.Errorf("%s, %s: its %s is %s, and was %s", x.ID(), story.name, from.Attr, object.Text(now, from.Attr), object.Text(was, from.Attr))
			}
		}
		for _, left := range m.held.List {
			if left.Object.ID() == x.ID() {
				t.Errorf("%s, %s: %v is still remembered", x.ID(), story.name, left.Attrs)
			}
		}
	}
	apply(nil)
	b.Stop()
}
