package southbound

import (
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
}

// sourced is a claim and the instance that made it.
type sourced struct {
	place string
	claim object.Claim
}

func newWish() *wish {
	return &wish{
		claims:  make(map[object.ID][]sourced),
		byPlace: make(map[string][]object.ID),
		objects: make(map[object.ID]*object.Claim), byLink: make(map[string]map[object.ID]struct{}),
		settings: make(map[object.ID]struct{}),
	}
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

func (i instance) place() string { return string(rune('0'+i.unit.number)) + i.at.String() }

// change is what a new configuration makes of the wish.
type change struct {
	places map[string][]object.Claim // instance → its claims now
	// merged holds what becomes of each object concerned; nil: not desired any
	// more.
	merged map[object.ID]*object.Claim
}

// changes works out what differs between the current configuration and next. The
// error names contradictions and what the models refuse.
func (d *Driver) changes(next tree.Tree) (*change, error) {
	c := &change{places: make(map[string][]object.Claim), merged: make(map[object.ID]*object.Claim)}
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
	touched := make(map[object.ID]struct{})
	fresh := make(map[object.ID][]object.Claim)
	for place, claims := range c.places {
		for _, id := range d.wish.byPlace[place] {
			touched[id] = struct{}{}
		}
		for _, claim := range claims {
			id := claim.ID()
			touched[id] = struct{}{}
			fresh[id] = append(fresh[id], claim)
		}
	}
	for id := range touched {
		var all []object.Claim
		for _, s := range d.wish.claims[id] {
			if _, again := c.places[s.place]; !again {
				all = append(all, s.claim)
			}
		}
		all = append(all, sortedByPath(fresh[id])...)
		if len(all) == 0 {
			c.merged[id] = nil
			continue
		}
		merged, err := object.Merge(all)
		if err != nil {
			return nil, err
		}
		c.merged[id] = &merged
	}
	return c, nil
}

// sortedByPath makes the order in which claims are merged, and so which of two
// that contradict each other is named first, the same every time.
func sortedByPath(claims []object.Claim) []object.Claim {
	if len(claims) > 1 {
		slices.SortFunc(claims, func(a, b object.Claim) int { return compareText(a.At.String(), b.At.String()) })
	}
	return claims
}

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
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
	claims, err := inst.unit.Objects(next, inst.at, n)
	if err != nil {
		return err
	}
	var all []object.Claim
	for _, claim := range claims {
		claim.Object = d.cfg.Backend.Normal(claim.Object)
		all = append(append(all, claim), claim.Implied()...)
	}
	c.places[place] = all
	return nil
}

// instances returns the instances of a unit that a difference touches.
func instances(u *unit, diff tree.Change) []instance {
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
	seen := make(map[string]bool)
	var found []instance
	for _, n := range []*tree.Node{diff.Old, diff.New} {
		below(n, diff.Path, u.Path[depth:], func(at path.Path) {
			if text := at.String(); !seen[text] {
				seen[text] = true
				found = append(found, instance{u, at})
			}
		})
	}
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

// below visits the instances of a path below n, which is at at.
func below(n *tree.Node, at, rest path.Path, visit func(path.Path)) {
	switch {
	case n == nil:
	case len(n.Schema().Keys) > 0 && !n.IsEntry():
		for entry := range n.Entries() {
			below(entry, at.Parent().Child(entry.Elem()), rest, visit)
		}
	case len(rest) == 0:
		visit(at)
	default:
		def := n.Schema().Child(rest[0].Module, rest[0].Name)
		if def != nil {
			below(n.Child(def), at.Child(path.Elem{Module: rest[0].Module, Name: rest[0].Name}), rest[1:], visit)
		}
	}
}

// take makes a change part of the wish.
func (w *wish) take(c *change) {
	for place, claims := range c.places {
		for _, id := range w.byPlace[place] {
			w.claims[id] = slices.DeleteFunc(w.claims[id], func(s sourced) bool { return s.place == place })
			if len(w.claims[id]) == 0 {
				delete(w.claims, id)
			}
		}
		delete(w.byPlace, place)
		for _, claim := range claims {
			id := claim.ID()
			w.claims[id] = append(w.claims[id], sourced{place, claim})
			if !slices.Contains(w.byPlace[place], id) {
				w.byPlace[place] = append(w.byPlace[place], id)
			}
		}
	}
	for id, claim := range c.merged {
		w.set(id, claim)
	}
}

// set makes claim what is desired of an object; nil: nothing.
func (w *wish) set(id object.ID, claim *object.Claim) {
	if old := w.objects[id]; old != nil {
		for _, link := range object.Links(old.Object) {
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
	for _, link := range object.Links(claim.Object) {
		if w.byLink[link] == nil {
			w.byLink[link] = make(map[object.ID]struct{})
		}
		w.byLink[link][id] = struct{}{}
	}
	if id.Kind == object.KindSetting {
		w.settings[id] = struct{}{}
	}
}
