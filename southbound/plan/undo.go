package plan

import "github.com/outrigger-cnf/outrigger/southbound/object"

// Undo returns the steps, in order, that take s back once it has been done.
func (s Step) Undo() []Step {
	switch {
	case s.fresh:
		return nil
	case s.Op == Create && s.Paired:
		return nil
	case s.Op == Create:
		return []Step{{Op: Delete, ID: s.ID, Have: s.Want}}
	case s.Op == Update:
		return []Step{{Op: Update, ID: s.ID, Have: s.Want, Want: s.Have, Attrs: s.Attrs}}
	case s.Op == Delete:
		return s.undelete()
	}
	return nil
}

// undelete makes an object again as it was. A link is made with the attributes of
// its kind and gets the others one by one; of a paired deletion only these, for
// undoing the other one has made the link.
func (s Step) undelete() []Step {
	l, ok := s.Have.(*object.Link)
	if !ok {
		return []Step{{Op: Create, ID: s.ID, Want: s.Have, Attrs: object.Attrs(s.Have)}}
	}
	var steps []Step
	if !s.Paired {
		made := Step{Op: Create, ID: s.ID, Want: l, Attrs: l.KindAttrs()}
		if l.Description != "" {
			made.Attrs = append(made.Attrs, object.Description)
		}
		steps = append(steps, made)
	}
	blank := &object.Link{Name: l.Name, Kind: l.Kind, Peer: l.Peer}
	if s.Paired && l.Description != "" {
		steps = append(steps, linkUpdate(blank, l, object.Description, true))
	}
	for _, a := range []object.Attr{object.MTU, object.MACAttr, object.Master, object.Lender, object.Up} {
		if !object.Same(blank, l, a) {
			steps = append(steps, linkUpdate(blank, l, a, true))
		}
	}
	return steps
}
