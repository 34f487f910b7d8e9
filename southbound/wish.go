package southbound

import (
	"cmp"
	"iter"
	"maps"
	"slices"

	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// wish is what is desired. Its indexes make the cost of a change that of what it
// touches.
type wish struct {
	claims  map[object.ID][]sourced // of all instances
	byPlace map[string][]object.ID  // instance → what it claims
	objects map[object.ID]*object.Claim
	byLink  map[string]map[object.ID]struct{} // link → what requires it
	// settings of links, by family and name: a global one may overwrite them.
	settings map[object.ID]struct{}
	// ends are those of paths that many claims have in common.
	ends map[string]path.Path
}

// sourced is a claim and the instance that made it.
type sourced struct {
	place string
	claim *object.Claim
}

func newWish() *wish {
	return &wish{
		claims:  make(map[object.ID][]sourced),
		byPlace: make(map[string][]object.ID),
		objects: make(map[object.ID]*object.Claim), byLink: make(map[string]map[object.ID]struct{}),
		settings: make(map[object.ID]struct{}), ends: make(map[string]path.Path),
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

// unit is a Unit with its place among all, which tells its instances from those
// of other units at the same path.
type unit struct {
	Unit
	number int
}

// instance is one instance of a unit.
type instance struct {
	unit *unit
	at   path.Path
}

// place tells an instance from all others: by its unit and the keys on its path.
func (i instance) place() string {
	text := []byte{byte(i.unit.number)}
	for _, e := range i.at {
		for _, k := range e.Keys {
			text = append(append(text, k.Value...), 0)
		}
	}
	return string(text)
}

// change is what a new configuration makes of the wish.
type change struct {
	places map[string][]claimed // instance → its claims now
	// merged holds what becomes of each object concerned; nil: not desired any
	// more.
	merged map[object.ID]*object.Claim
}

// claimed is a claim and the ID of its object.
type claimed struct {
	id    object.ID
	claim *object.Claim
}

// changes works out what differs between the current configuration and next. The
// error names contradictions and what the models refuse.
func (d *Driver) changes(next tree.Tree) (*change, error) {
	c := &change{places: make(map[string][]claimed), merged: make(map[object.ID]*object.Claim)}
	current := d.current
	if !d.applied {
		current = tree.New(next.Schema())
	}
	for diff := range tree.Diff(current, next, nil) {
		for i := range d.units {
			for _, inst := range instances(&d.units[i], diff) {
				if err := d.claim(c, inst, next); err != nil {
					return nil, err
				}
			}
		}
	}
	if err := c.merge(d.wish); err != nil {
		return nil, err
	}
	return c, nil
}

// merge joins the claims of each object concerned, those included that do not
// change.
func (c *change) merge(w *wish) error {
	several := make(map[object.ID][]*object.Claim) // by more than one instance, or none
	for place, now := range c.places {
		for _, id := range w.byPlace[place] {
			if _, known := c.merged[id]; !known {
				c.merged[id] = nil
			}
		}
		for _, e := range now {
			switch first := c.merged[e.id]; {
			case first == nil:
				c.merged[e.id] = e.claim
			case several[e.id] == nil:
				several[e.id] = []*object.Claim{first, e.claim}
			default:
				several[e.id] = append(several[e.id], e.claim)
			}
		}
	}
	for id, only := range c.merged {
		var all []object.Claim
		for _, s := range w.claims[id] {
			if _, again := c.places[s.place]; !again {
				all = append(all, *s.claim)
			}
		}
		fresh := several[id]
		switch {
		case len(fresh) > 0:
			sortByPath(fresh)
		case only != nil && len(all) > 0:
			fresh = []*object.Claim{only}
		case len(all) == 0:
			continue // claimed once, or not at all
		}
		for _, claim := range fresh {
			all = append(all, *claim)
		}
		merged, err := object.Merge(all)
		if err != nil {
			return err
		}
		c.merged[id] = &merged
	}
	return nil
}

// sortByPath makes the order in which claims are merged, and so which of two that
// contradict each other is named first, the same every time.
func sortByPath(claims []*object.Claim) {
	slices.SortFunc(claims, func(a, b *object.Claim) int { return cmp.Compare(a.At.String(), b.At.String()) })
}

// claim asks a unit what one of its instances makes of the dataplane.
func (d *Driver) claim(c *change, inst instance, next tree.Tree) error {
	place := inst.place()
	if _, done := c.places[place]; done {
		return nil
	}
	c.places[place] = nil
	n := next.Node(inst.at)
	if n == nil {
		return nil
	}
	claims, err := inst.unit.Objects(next, slices.Clone(inst.at), n)
	if err != nil {
		return err
	}
	all := make([]claimed, 0, len(claims))
	for _, claim := range claims {
		claim.Object = d.cfg.Backend.Normal(claim.Object)
		claim.Share(d.wish.end)
		all = append(all, claimed{claim.ID(), &claim})
		for _, implied := range claim.Implied() {
			all = append(all, claimed{implied.ID(), &implied})
		}
	}
	c.places[place] = all
	return nil
}

// instances returns the instances of a unit that a difference touches.
func instances(u *unit, diff tree.Change) []instance {
	if u.Except != nil && u.Except(diff.Path) {
		return nil
	}
	depth := min(len(diff.Path), len(u.Path))
	for i := range depth {
		if diff.Path[i].Name != u.Path[i].Name || diff.Path[i].Module != u.Path[i].Module {
			return nil
		}
	}
	if len(diff.Path) >= len(u.Path) {
		at := diff.Path[:len(u.Path):len(u.Path)]
		if len(at.Last().Keys) > 0 || !isList(diff) || len(diff.Path) > len(u.Path) {
			return []instance{{u, at}}
		}
	}
	// The difference is above: the instances are in what was or is there now.
	seen := make(map[string]bool) // of what was there
	var found []instance
	way := append(make(path.Path, 0, len(u.Path)), diff.Path...)
	below(diff.Old, way, u.Path[depth:], func(at path.Path) {
		if diff.New != nil {
			seen[at.String()] = true
		}
		found = append(found, instance{u, slices.Clone(at)})
	})
	below(diff.New, way, u.Path[depth:], func(at path.Path) {
		if len(seen) == 0 || !seen[at.String()] {
			found = append(found, instance{u, slices.Clone(at)})
		}
	})
	return found
}

// isList reports whether a difference is a whole list.
func isList(diff tree.Change) bool {
	n := diff.New
	if n == nil {
		n = diff.Old
	}
	return n != nil && len(n.Schema().Keys) > 0 && !n.IsEntry()
}

// below visits the instances of a path below n, which is at at: the visitor's for the
// moment only.
func below(n *tree.Node, at, rest path.Path, visit func(path.Path)) {
	switch {
	case n == nil:
	case len(n.Schema().Keys) > 0 && !n.IsEntry():
		for entry := range n.Entries() {
			below(entry, append(at[:len(at)-1], entry.Elem()), rest, visit)
		}
	case len(rest) == 0:
		visit(at)
	default:
		def := n.Schema().Child(rest[0].Module, rest[0].Name)
		if def != nil {
			below(n.Child(def), append(at, path.Elem{Module: rest[0].Module, Name: rest[0].Name}), rest[1:], visit)
		}
	}
}

// wished is what is desired of an object, nil if nothing is.
func (d *Driver) wished(id object.ID) *object.Claim { return d.wish.objects[id] }

// count is how many objects are desired.
func (w *wish) count() int { return len(w.objects) }

// all yields what is desired, in no order. It may change meanwhile.
func (w *wish) all() iter.Seq2[object.ID, *object.Claim] { return maps.All(w.objects) }

// take makes a change part of the wish.
func (w *wish) take(c *change) {
	for place, now := range c.places {
		for _, id := range w.byPlace[place] {
			left := slices.DeleteFunc(w.claims[id], func(s sourced) bool { return s.place == place })
			if w.claims[id] = left; len(left) == 0 {
				delete(w.claims, id)
			}
		}
		if len(now) == 0 {
			delete(w.byPlace, place)
			continue
		}
		ids := make([]object.ID, 0, len(now))
		for _, e := range now {
			w.claims[e.id] = append(w.claims[e.id], sourced{place, e.claim})
			if !slices.Contains(ids, e.id) {
				ids = append(ids, e.id)
			}
		}
		w.byPlace[place] = ids
	}
	for id, claim := range c.merged {
		w.set(id, claim)
	}
}

// set makes claim what is desired of an object; nil: nothing.
func (w *wish) set(id object.ID, claim *object.Claim) {
	if old := w.objects[id]; old != nil {
		for link := range object.Links(old.Object) {
			delete(w.byLink[link], id)
			if len(w.byLink[link]) == 0 {
				delete(w.byLink, link)
			}
		}
	}
	if claim == nil {
		delete(w.objects, id)
		delete(w.settings, id)
		return
	}
	w.objects[id] = claim
	for link := range object.Links(claim.Object) {
		if w.byLink[link] == nil {
			w.byLink[link] = make(map[object.ID]struct{})
		}
		w.byLink[link][id] = struct{}{}
	}
	if id.Kind == object.KindSetting {
		w.settings[id] = struct{}{}
	}
}
