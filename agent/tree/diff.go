package tree

import (
	"iter"
	"slices"
	"strconv"

	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// Change is one difference between two trees:
//
//   - a subtree that was created (Old is nil) or deleted (New is nil): the
//     topmost node of it, a list or leaf-list as a whole where none was or is left;
//   - a leaf, leaf-list or anydata whose value changed;
//   - a user-ordered list whose order changed: Old and New are the lists. It
//     follows the changes of the entries. Taking the deleted away and putting the
//     created behind the rest, in the order of their changes, would not have
//     given the new order;
//   - a default that has come into use or is not any more, or a container that has
//     such, where an entry of a tree that holds state is now configured, or no
//     longer: Old or New is nil, the other is what ChildOrDefault returns;
//   - with Meta set, metadata of Old and New that changed, and nothing else.
type Change struct {
	Path     path.Path // the receiver's to keep
	Old, New *Node
	Meta     bool
}

// Diff yields what differs at and below p, in order. Its cost is what differs,
// not what there is: subtrees that the trees share are not looked at.
func Diff(old, new Tree, p path.Path) iter.Seq[Change] {
	return DiffNodes(p, old.Node(p), new.Node(p))
}

// DiffOf is Diff of whole trees without the data nodes that are not asked for: what is
// below those is not looked at. A node is asked for twice: for instances of which both
// trees have one, and for those that have come or gone.
func DiffOf(old, new Tree, asked func(n *schema.Node, both bool) bool) iter.Seq[Change] {
	return func(yield func(Change) bool) {
		d := differ{path: make(path.Path, 0, usualDepth), asked: asked, yield: yield, token: fresh()}
		d.node(old.Root(), new.Root())
	}
}

// DiffNodes is Diff for two instances, or nil, of what p names.
func DiffNodes(p path.Path, old, new *Node) iter.Seq[Change] {
	return func(yield func(Change) bool) {
		d := differ{path: append(make(path.Path, 0, len(p)+usualDepth), p...), entries: make([]*Node, len(p), len(p)+usualDepth), yield: yield, token: fresh()}
		d.node(old, new)
	}
}

// usualDepth is how deep below where they begin most differences are.
const usualDepth = 4

// fresh is new(token), where new is a parameter.
func fresh() *token { return &token{} }

// Equal reports whether a and b, instances of one schema node or nil, say the
// same.
func Equal(a, b *Node) bool {
	d := differ{pathless: true, yield: func(Change) bool { return false }, token: fresh()}
	return d.node(a, b)
}

// differ walks two trees in lock-step.
type differ struct {
	path path.Path
	// entries are, step by step, those whose keys the path lacks as yet, or nil: only a
	// change asks for them.
	entries  []*Node
	pathless bool                                 // nobody asks for paths: whether there is a change is all
	asked    func(n *schema.Node, both bool) bool // nil: all are
	yield    func(Change) bool
	token    *token // owns what is made while walking
}

func (d *differ) change(old, new *Node) bool {
	return d.yield(Change{Path: d.here(), Old: old, New: new})
}

// here returns the path, for somebody to keep.
func (d *differ) here() path.Path {
	for i, e := range d.entries {
		if e != nil {
			d.path[i], d.entries[i] = e.Elem(), nil
		}
	}
	return slices.Clone(d.path)
}

// push makes one step, to an entry if it is not nil, and pop takes it back.
func (d *differ) push(e path.Elem, entry *Node) {
	d.path, d.entries = append(d.path, e), append(d.entries, entry)
}

func (d *differ) pop() (path.Elem, *Node) {
	last := len(d.path) - 1
	e, entry := d.path[last], d.entries[last]
	d.path, d.entries = d.path[:last], d.entries[:last]
	return e, entry
}

// step is node with one more step on the path.
func (d *differ) step(e path.Elem, entry, old, new *Node) bool {
	if d.pathless {
		return d.node(old, new)
	}
	d.push(e, entry)
	ok := d.node(old, new)
	d.pop()
	return ok
}

// node yields what differs, and reports whether to go on.
func (d *differ) node(old, new *Node) bool {
	if old == new {
		return true
	}
	if old == nil || new == nil {
		return d.change(old, new)
	}
	switch {
	case isInterior(old.def.Kind) || old.IsEntry():
		if !d.kids(old.parts().kids, new.parts().kids) {
			return false
		}
		if old.observed() != new.observed() && !d.defaults(old, new) {
			return false
		}
	case old.def.Kind == schema.List:
		if old.body.list != new.body.list && !d.list(old, new) {
			return false
		}
	case old.def.Kind == schema.LeafList:
		if !slices.Equal(old.Values(), new.Values()) && !d.change(old, new) {
			return false
		}
	default:
		if !sameValue(old, new) && !d.change(old, new) {
			return false
		}
	}
	if old.parts().rarely().meta == new.parts().rarely().meta {
		return true
	}
	return d.yield(Change{Path: d.here(), Old: old, New: new, Meta: true})
}

func (d *differ) kids(old, new []*Node) bool {
	for len(old) > 0 || len(new) > 0 {
		var a, b *Node
		switch {
		case len(new) == 0 || len(old) > 0 && old[0].def.Index < new[0].def.Index:
			a, old = old[0], old[1:]
		case len(old) == 0 || new[0].def.Index < old[0].def.Index:
			b, new = new[0], new[1:]
		default:
			a, b, old, new = old[0], new[0], old[1:], new[1:]
		}
		if a == b {
			continue
		}
		def := either(a, b).def
		if d.asked != nil && !d.asked(def, a != nil && b != nil) {
			continue
		}
		if !d.step(def.Elem(), nil, a, b) {
			return false
		}
	}
	return true
}

// defaults yields those that are in use in one of two instances only, of which one
// is observed and the other configured.
func (d *differ) defaults(old, new *Node) bool {
	for _, def := range old.def.Data {
		if old.Child(def) != nil || new.Child(def) != nil || d.asked != nil && !d.asked(def, false) {
			continue
		}
		a, b := old.ChildOrDefault(def), new.ChildOrDefault(def)
		if (a != nil || b != nil) && !d.step(def.Elem(), nil, a, b) {
			return false
		}
	}
	return true
}

func either(a, b *Node) *Node {
	if a != nil {
		return a
	}
	return b
}

// list yields the differences of two lists. The path ends with the list's step;
// those of the entries stand in its place meanwhile.
func (d *differ) list(old, new *Node) bool {
	step, entry := old.def.Elem(), (*Node)(nil)
	if len(d.path) > 0 {
		step, entry = d.pop()
	}
	a, b := old.body.list, new.body.list
	ok := true
	changed := false // the order
	switch layoutOf(old.def) {
	case asGiven:
		ok = d.kept(old.def, a.kept, b.kept)
	case bySystem:
		ok = diff(d.token, a.system, b.system, sameNode, func(_ listKey, a, b *treap[listKey, *Node]) bool {
			return d.entry(valueOf(a), valueOf(b))
		})
	case byUser:
		ok, changed = d.ordered(old.def, a, b)
	}
	d.push(step, entry)
	return ok && (!changed || d.change(old, new))
}

func sameNode(a, b *Node) bool { return a == b }

// sameValue reports whether two leafs have one value.
func sameValue(a, b *Node) bool { return a.leaf == b.leaf || *a.leaf == *b.leaf }

func valueOf[K ordered](t *treap[K, *Node]) *Node {
	if t == nil {
		return nil
	}
	return t.value
}

func (d *differ) entry(old, new *Node) bool {
	if old == new {
		return true
	}
	e := either(old, new)
	return d.step(e.def.Elem(), e, old, new)
}

// kept compares the entries of lists without keys position by position. What is
// deleted comes last one first, so that the positions hold when each change is
// carried out after the other.
func (d *differ) kept(def *schema.Node, old, new []*Node) bool {
	both := min(len(old), len(new))
	elem := func(i int) path.Elem { return def.Elem(strconv.Itoa(i + 1)) }
	for i := range both {
		if old[i] != new[i] && !d.step(elem(i), nil, old[i], new[i]) {
			return false
		}
	}
	for i := len(old) - 1; i >= both; i-- {
		if !d.step(elem(i), nil, old[i], nil) {
			return false
		}
	}
	for i := both; i < len(new); i++ {
		if !d.step(elem(i), nil, nil, new[i]) {
			return false
		}
	}
	return true
}

// ordered compares user-ordered lists: by their order, since an entry that has
// not been moved has kept its label. It reports whether to go on, and whether the
// order changed.
func (d *differ) ordered(def *schema.Node, a, b *list) (ok, changed bool) {
	var gone, come []*Node // taken from a place, put into one
	ok = diff(d.token, a.order, b.order, sameNode, func(_ label, x, y *treap[label, *Node]) bool {
		switch {
		case x == nil:
			come = append(come, y.value)
		case y == nil:
			gone = append(gone, x.value)
		case x.value.key() == y.value.key():
			return d.entry(x.value, y.value)
		default:
			gone, come = append(gone, x.value), append(come, y.value)
		}
		return true
	})
	moved, created := false, 0
	for _, e := range gone {
		if b.find(def, e.key()) != nil {
			moved = true
		} else if ok = ok && d.entry(e, nil); !ok {
			return false, false
		}
	}
	for _, e := range come {
		was := a.find(def, e.key())
		if was == nil {
			created++
		}
		if ok = ok && d.entry(was, e); !ok {
			return false, false
		}
	}
	if moved {
		return ok, !sameOrder(a, b, def)
	}
	return ok, !atEnd(a, b, def, created)
}

// atEnd reports whether the last n entries of b are those that a does not have.
func atEnd(a, b *list, def *schema.Node, n int) bool {
	ok := true
	b.order.walkBack(func(_ label, e *Node) bool {
		if n > 0 {
			n--
			ok = a.find(def, e.key()) == nil
		} else {
			return false
		}
		return ok
	})
	return ok
}

// sameOrder reports whether b's order is a's, with what is only in a taken away
// and what is only in b put behind.
func sameOrder(a, b *list, def *schema.Node) bool {
	var want []listKey
	a.walk(func(e *Node) bool {
		if k := e.key(); b.find(def, k) != nil {
			want = append(want, k)
		}
		return true
	})
	i, same := 0, true
	b.walk(func(e *Node) bool {
		k := e.key()
		if i < len(want) {
			same = k == want[i]
		}
		i++
		return same
	})
	return same
}
