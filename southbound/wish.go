package southbound

import (
	"iter"
	"slices"

	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// wish is what is desired. Its indexes make the cost of a change that of what it
// touches.
type wish struct {
	*records
	number   int               // of objects that are desired
	places   map[string]*place // instances that claim something
	byLink   sets              // what requires a link
	settings set               // a global one may overwrite those of links
	// ends are those of paths that many claims have in common.
	ends map[string]path.Path
}

// place is an instance of a unit.
type place struct {
	key    string
	claims []claimed
	// change is the one that is being considered, if that concerns the instance, and
	// next what it claims then.
	change *change
	next   []claimed
}

// claimed is a claim, whose object it is about, and the instance that makes it.
type claimed struct {
	place  *place
	object *record
	claim  *object.Claim
}

func newWish(all *records) *wish {
	return &wish{
		records: all, places: make(map[string]*place), byLink: make(sets),
		settings: make(set), ends: make(map[string]path.Path),
	}
}

// manyEnds is how many ends of paths may be common to many claims. More means that
// they have keys, and are common to none.
const manyEnds = 4096

// end returns a path that is equal to p, and the same for all that are.
func (w *wish) end(p path.Path) path.Path {
	text := make([]byte, 0, 128)
	for _, e := range p {
		text = append(append(append(append(text, e.Module...), ':'), e.Name...), '/')
		for _, k := range e.Keys {
			text = append(append(append(append(text, k.Name...), '='), k.Value...), 0)
		}
	}
	end, known := w.ends[string(text)]
	if !known {
		end = slices.Clone(p)
		if len(w.ends) < manyEnds {
			w.ends[string(text)] = end
		}
	}
	return end
}

// wished is what is desired of an object, nil if nothing is.
func (d *Driver) wished(id object.ID) *object.Claim {
	if r := d.wish.find(id); r != nil {
		return r.claim
	}
	return nil
}

// all yields what is desired, in no order. It may change meanwhile.
func (w *wish) all() iter.Seq2[object.ID, *object.Claim] {
	return func(yield func(object.ID, *object.Claim) bool) {
		for id, r := range w.of {
			if r.claim != nil && !yield(id, r.claim) {
				return
			}
		}
	}
}

// take makes a change part of the wish.
func (w *wish) take(c *change) {
	for _, p := range c.places {
		for _, old := range p.claims {
			r := old.object
			r.claims = slices.DeleteFunc(r.claims, func(s *claimed) bool { return s.place == p })
		}
		p.claims, p.next, p.change = p.next, nil, nil
		if len(p.claims) == 0 {
			delete(w.places, p.key)
		}
		for i := range p.claims {
			r := p.claims[i].object
			r.claims = append(r.claims, &p.claims[i])
		}
	}
	for _, r := range c.objects {
		next := r.next
		r.change, r.next = nil, nil
		w.set(r, next)
		w.close(r)
	}
}

// set makes claim what is desired of an object; nil: nothing.
func (w *wish) set(r *record, claim *object.Claim) {
	if r.claim != nil {
		w.number--
		delete(w.settings, r)
		for link := range object.Links(r.claim.Object) {
			w.byLink.remove(link, r)
		}
	}
	if r.claim = claim; claim == nil {
		return
	}
	w.number++
	if r.id.Kind == object.KindSetting {
		w.settings[r] = struct{}{}
	}
	for link := range object.Links(claim.Object) {
		w.byLink.add(link, r)
	}
}
