package southbound

import (
	"slices"

	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// An attribute of a link, or a setting, that nobody speaks of any more is to be as if
// nobody ever had. What that is follows from who made the link, and from who spoke of
// the attribute first: whoever made the link, by making it, or the configuration
// later, of which there is then a note (a Baseline).
//
//	              what others made           a link that we made      a setting of that
//	noted         before it is changed,      before it is changed for the first time
//	              unless it is on its way    since the link was made
//	              back
//	goes back     as it was, by the note     as a new one has it      as it was
//	without that  it stays, save for what    as it was                as a new link has it
//	              only we can have said      or else it stays
//
// A global setting is what others made. A configuration that is one of several models
// is one: an attribute goes back when the last of them is silent. A note is of a link
// by its number: it means nothing for another one of the name, and waits for one that
// somebody takes away as long as that is configured.
//
// The note is on disk before the step, and goes when the attribute is back. So whoever
// begins takes what differs from the configuration, and is not noted, for what somebody
// has changed meanwhile; of what we made, for a change that was never stored.

// standing is who has to do with an attribute of what is there.
type standing struct {
	ours  bool // it is of a link that we made
	noted bool // what it had before is known
	was   bool // it was configured until now
	is    bool // it is configured from now on
}

// notes reports whether what an attribute has is to be noted before it changes: it is
// somebody else's, or the dataplane's own. What was configured is that on links that
// others made, unless it is on its way back.
func (s standing) notes(a object.Attr) bool {
	return !s.noted && (!s.was || !s.ours && s.home(a, true) == stays)
}

// released reports whether an attribute is to go back: nobody speaks of it any more.
func (s standing) released() bool {
	return !s.is && (s.was || s.noted)
}

// home is where an attribute goes back to.
type home uint8

const (
	stays   home = iota // where it is
	asItWas             // to the note
	asNew               // to what a new link has, as far as the dataplane tells; else it stays
)

// home says where an attribute goes back to. told says that the dataplane tells what a
// new one has; of settings it does not, but it resets them.
func (s standing) home(a object.Attr, told bool) home {
	switch {
	case !s.released():
		return stays
	case s.ours && told:
		return asNew
	case s.noted:
		return asItWas
	case s.ours, a == object.Description, a == object.Master: // that only we can have said
		return asNew
	}
	return stays
}

// history is what standing the attributes of what is there have.
type history struct {
	ours    bool
	base    Baseline
	was, is *object.Claim
}

func (p *planning) history(id object.ID, have object.Object) history {
	l := p.Link(linkOf(have))
	h := history{ours: l != nil && l.Owned, was: p.was(id), is: p.wanted(id)}
	if base := p.d.baseline[id]; base.of(p.Link) { // and not of another link of the name
		h.base = base
	}
	return h
}

func (h history) of(a object.Attr) standing {
	return standing{h.ours, slices.Contains(h.base.Attrs, a), claims(h.was, a), claims(h.is, a)}
}

// claims reports whether a claim, if there is one, is one of an attribute.
func claims(c *object.Claim, a object.Attr) bool { return c != nil && c.Has(a) }

// released is a claim that besides what is wanted of a link takes those attributes
// back that nobody speaks of any more. Nil: there are none.
func (p *planning) released(id object.ID, have object.Object) *object.Claim {
	h := p.history(id, have)
	if len(h.base.Attrs) == 0 && h.was == h.is {
		return nil
	}
	var back *object.Claim
	for _, a := range object.Attrs(have) {
		s := h.of(a)
		if !s.released() {
			continue
		}
		from, told := p.d.cfg.Backend.Default(have, a)
		switch s.home(a, told) {
		case stays:
			continue
		case asItWas:
			from = h.base.Object
		case asNew:
			if !told {
				continue
			}
		}
		if a == object.MTU && p.tooLarge(have, from) {
			continue
		}
		if back == nil {
			back = &object.Claim{Object: have}
			if h.is != nil {
				back = &object.Claim{Object: h.is.Object, At: h.is.At, From: slices.Clone(h.is.From)}
			}
		}
		back.Object = object.With(back.Object, from, a)
		back.Add(a, back.At)
	}
	return back
}
