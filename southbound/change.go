package southbound

import (
	"cmp"
	"iter"
	"slices"

	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// unit is a Unit with its place among all, which tells its instances from those
// of other units at the same path.
type unit struct {
	Unit
	number int
}

// appendKey appends what tells an instance from all others: its unit and the keys on
// its path.
func (u *unit) appendKey(key []byte, at path.Path) []byte {
	key = append(key, byte(u.number))
	for _, e := range at {
		for _, k := range e.Keys {
			key = append(append(key, k.Value...), 0)
		}
	}
	return key
}

// change is what a new configuration makes of the wish. Of its records and places,
// next is what becomes of them. There is one at a time: a second one takes its
// place.
type change struct {
	places  []*place
	objects []*record // each once; those whose next is nil are not desired any more
	// several are the new claims of objects that have more than one.
	several map[*record][]*object.Claim
}

// ids are those of the objects concerned.
func (c *change) ids() []object.ID {
	ids := make([]object.ID, len(c.objects))
	for i, r := range c.objects {
		ids[i] = r.id
	}
	return ids
}

// changes works out what differs between the current configuration and next. The
// error names contradictions and what the models refuse.
func (d *Driver) changes(next tree.Tree) (*change, error) {
	d.drop()
	c := &change{several: make(map[*record][]*object.Claim)}
	d.change = c
	current := d.current
	if !d.applied {
		current = tree.New(next.Schema())
	}
	for diff := range tree.Diff(current, next, nil) {
		for i := range d.units {
			for at, n := range d.units[i].instances(diff, next) {
				if err := d.claim(c, &d.units[i], at, n, next); err != nil {
					return nil, err
				}
			}
		}
	}
	if err := c.merge(); err != nil {
		return nil, err
	}
	slices.SortFunc(c.objects, func(a, b *record) int { return a.id.Compare(b.id) })
	return c, nil
}

// drop forgets a change that was considered and has not come about, and with it
// what was planned for it.
func (d *Driver) drop() {
	c := d.change
	d.change, d.prepared = nil, nil
	if c == nil {
		return
	}
	for _, r := range c.objects {
		r.change, r.next = nil, nil
		d.wish.close(r)
	}
	for _, p := range c.places {
		p.change, p.next = nil, nil
		if len(p.claims) == 0 {
			delete(d.wish.places, p.key)
		}
	}
}

// concern notes that a change is about an object.
func (c *change) concern(r *record) {
	if r.change != c {
		r.change = c
		c.objects = append(c.objects, r)
	}
}

// add takes a new claim in.
func (c *change) add(p *place, r *record, claim *object.Claim) {
	c.concern(r)
	p.next = append(p.next, claimed{p, r, claim})
	switch {
	case r.next == nil:
		r.next = claim
	case c.several[r] == nil:
		c.several[r] = []*object.Claim{r.next, claim}
	default:
		c.several[r] = append(c.several[r], claim)
	}
}

// merge joins the claims of each object concerned, those included that do not
// change.
func (c *change) merge() error {
	for _, r := range c.objects {
		var all []object.Claim
		for _, s := range r.claims {
			if s.place.change != c {
				all = append(all, *s.claim)
			}
		}
		fresh := c.several[r]
		switch {
		case len(fresh) > 0:
			sortByPath(fresh)
		case r.next != nil && len(all) > 0:
			fresh = []*object.Claim{r.next}
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
		r.next = &merged
	}
	return nil
}

// sortByPath makes the order in which claims are merged, and so which of two that
// contradict each other is named first, the same every time.
func sortByPath(claims []*object.Claim) {
	slices.SortFunc(claims, func(a, b *object.Claim) int { return cmp.Compare(a.At.String(), b.At.String()) })
}

// claim asks a unit what one of its instances makes of the dataplane: n is what there
// is of it in next, nil if nothing.
func (d *Driver) claim(c *change, u *unit, at path.Path, n *tree.Node, next tree.Tree) error {
	var room [128]byte
	key := u.appendKey(room[:0], at)
	p := d.wish.places[string(key)]
	switch {
	case p == nil && n == nil:
		return nil
	case p == nil:
		p = &place{key: string(key)}
		d.wish.places[p.key] = p
	case p.change == c:
		return nil
	}
	p.change = c
	c.places = append(c.places, p)
	for _, old := range p.claims {
		c.concern(old.object)
	}
	if n == nil {
		return nil
	}
	claims, err := u.Objects(next, slices.Clone(at), n)
	if err != nil {
		return err
	}
	p.next = make([]claimed, 0, len(claims))
	for i := range claims {
		claim := &claims[i]
		claim.Object = d.cfg.Backend.Normal(claim.Object)
		claim.Share(d.wish.end)
		c.add(p, d.wish.open(claim.ID()), claim)
		for _, implied := range claim.Implied() {
			c.add(p, d.wish.open(implied.ID()), &implied)
		}
	}
	return nil
}

// instances yields the instances of a unit that a difference touches, and what there
// is of each in next, nil for what is gone. The paths are the visitor's for the
// moment only, and some may come twice.
func (u *unit) instances(diff tree.Change, next tree.Tree) iter.Seq2[path.Path, *tree.Node] {
	return func(yield func(path.Path, *tree.Node) bool) {
		if u.Except != nil && u.Except(diff.Path) {
			return
		}
		depth := min(len(diff.Path), len(u.Path))
		for i := range depth {
			if diff.Path[i].Name != u.Path[i].Name || diff.Path[i].Module != u.Path[i].Module {
				return
			}
		}
		switch {
		case len(diff.Path) > len(u.Path):
			at := diff.Path[:len(u.Path)]
			yield(at, next.Node(at))
			return
		case len(diff.Path) == len(u.Path) && !isList(diff):
			yield(diff.Path, diff.New)
			return
		}
		// The difference is above: the instances are in what is or was there.
		way := append(make(path.Path, 0, len(u.Path)), diff.Path...)
		gone := func(at path.Path, _ *tree.Node) bool { return yield(at, nil) }
		_ = below(diff.New, way, u.Path[depth:], yield) && below(diff.Old, way, u.Path[depth:], gone)
	}
}

// isList reports whether a difference is a whole list.
func isList(diff tree.Change) bool {
	n := diff.New
	if n == nil {
		n = diff.Old
	}
	return n != nil && len(n.Schema().Keys) > 0 && !n.IsEntry()
}

// below visits the instances of a path below n, which is at at, until the visitor
// has had enough, which it reports by false.
func below(n *tree.Node, at, rest path.Path, visit func(path.Path, *tree.Node) bool) bool {
	switch {
	case n == nil:
	case len(n.Schema().Keys) > 0 && !n.IsEntry():
		for entry := range n.Entries() {
			if !below(entry, append(at[:len(at)-1], entry.Elem()), rest, visit) {
				return false
			}
		}
	case len(rest) == 0:
		return visit(at, n)
	default:
		def := n.Schema().Child(rest[0].Module, rest[0].Name)
		if def != nil {
			return below(n.Child(def), append(at, path.Elem{Module: rest[0].Module, Name: rest[0].Name}), rest[1:], visit)
		}
	}
	return true
}
