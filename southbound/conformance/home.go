package conformance

import (
	"errors"
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
// x and y claim it. What is never stored is cut short by a kill at each of its steps.
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
	b.MustApply(needs...)
	was := read()
	type configs = [][]object.Claim
	for _, story := range []struct {
		name   string
		stored configs
		never  configs // at most one, after those that were stored
	}{
		{"spoken of at once", configs{with(x)}, nil},
		{"spoken of at once, changed", configs{with(x), with(y)}, nil},
		{"spoken of at once, a change never stored", configs{with(x)}, configs{with(y)}},
		{"spoken of at once, its end never stored", configs{with(x)}, configs{needs}},
		{"spoken of later", configs{needs, with(x)}, nil},
		{"spoken of later, changed", configs{needs, with(x), with(y)}, nil},
		{"spoken of later, never stored", configs{needs}, configs{with(x)}},
		{"spoken of later, a change never stored", configs{needs, with(x)}, configs{with(y)}},
		{"spoken of later, its end never stored", configs{needs, with(x)}, configs{needs}},
		{"spoken of twice", configs{needs, with(x), needs, with(y)}, nil},
	} {
		for after, whole := 0, false; !whole; after++ {
			b.MustApply()
			for _, claims := range story.stored {
				b.MustApply(claims...)
			}
			whole = true
			for _, claims := range story.never {
				whole = b.Killed(m, after, claims...)
			}
			stored := story.stored[len(story.stored)-1]
			b.Stop()
			b = NewBench(t, w, southbound.Config{Memory: m}, stored...)
			b.MustHave(stored...)
			b.MustApply(needs...)
			now := read()
			for _, from := range x.From {
				if !object.Same(now, was, from.Attr) {
					t.Errorf("%s, %s (%d steps): its %s is %s, and was %s", x.ID(), story.name, after, from.Attr, object.Text(now, from.Attr), object.Text(was, from.Attr))
				}
			}
			for _, left := range m.held.List {
				if left.Object.ID() == x.ID() {
					t.Errorf("%s, %s (%d steps): %v is still remembered", x.ID(), story.name, after, left.Attrs)
				}
			}
		}
	}
	b.MustApply()
	b.Stop()
}

// Killed configures claims and is killed on the way, after so many steps, or when there
// are no more, but before anything could be forgotten. It reports whether there were no
// more.
func (b *Bench) Killed(m *Memory, after int, claims ...object.Claim) (whole bool) {
	b.t.Helper()
	b.Backend.Interrupt(0, false, func() { m.Fill(true) })
	b.Backend.FailFrom(after)
	err := b.Apply(claims...)
	b.Backend.Heal()
	b.Stop()
	m.Fill(false)
	if err != nil && !errors.Is(err, ErrInjected) {
		b.t.Fatal(err)
	}
	return err == nil
}
