package gnmi

import (
	"slices"

	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// way is the way to an instance, step by step.
type way struct {
	path path.Path
	at   []*traits // of what each step leads to
}

func (w way) clone() way { return way{slices.Clone(w.path), slices.Clone(w.at)} }

// cursor is an instance and the way to it. It is the walker's: who keeps something of
// it clones that.
type cursor struct {
	way
	// last is the last step where the way does not have it, or nil: of what is sent as
	// one value there are many in one container, to which the way is the same.
	last *traits
	node *tree.Node
	// same is how many of the way's first steps are those that they were when it was set.
	same int
}

// to is the way with all steps. It holds until the walker goes on.
func (c *cursor) to() way {
	if c.last == nil {
		return c.way
	}
	return way{append(c.path, c.last.step), append(c.at, c.last)}
}

// walker goes through a tree, to instances of one target. It gives up as soon as a yield
// returns false.
type walker struct {
	index  *index
	cur    cursor
	turns  []tree.Turn // of the target; nil before the first
	around visitor     // or nil
	within bool        // an entry
}

// visitor is asked at each entry of a list that is below no other list whether to go
// into it, and told after that. It may have the walker give up.
type visitor interface {
	enter(entry *tree.Node) (into, goOn bool)
	leave(entry *tree.Node) (goOn bool)
}

// entry goes into an entry of a list: do what is to be done there.
func (w *walker) entry(e *tree.Node, t *traits, do func() bool) bool {
	outermost := w.around != nil && !w.within
	if outermost {
		if into, goOn := w.around.enter(e); !into || !goOn {
			return goOn
		}
		w.within = true
	}
	w.push(e.Elem(), t)
	ok := do()
	w.pop()
	if outermost {
		w.within = false
		ok = ok && w.around.leave(e)
	}
	return ok
}

// push makes one step, pop takes it back.
func (w *walker) push(e path.Elem, t *traits) {
	w.cur.path = append(w.cur.path, e)
	w.cur.at = append(w.cur.at, t)
}

func (w *walker) pop() {
	n := len(w.cur.path) - 1
	w.cur.path, w.cur.at = w.cur.path[:n], w.cur.at[:n]
	w.cur.same = min(w.cur.same, n)
}

// here are the traits of what the cursor is at.
func (w *walker) here() *traits {
	if n := len(w.cur.at); n > 0 {
		return w.cur.at[n-1]
	}
	return w.index.root
}

// start puts the walker at an instance that is known already.
func (w *walker) start(to way) {
	w.cur.way = to.clone()
	w.cur.same = 0
}

// instances yields what t names below root, which stands at step i of t: defaults
// in use too, and a list as its entries unless it has no keys.
func (w *walker) instances(root *tree.Node, t *target, i int, yield func(*cursor) bool) bool {
	if i == len(t.nodes) {
		w.cur.node = root
		return yield(&w.cur)
	}
	if w.turns == nil {
		for _, def := range t.nodes {
			w.turns = append(w.turns, tree.NewTurn(def))
		}
	}
	n := w.turns[i].ChildOrDefault(root)
	if n == nil {
		return true
	}
	return w.step(n, t, i, yield)
}

// step is instances for n, an instance of t.nodes[i] (for a list: the list).
func (w *walker) step(n *tree.Node, t *target, i int, yield func(*cursor) bool) bool {
	at := w.here().below[t.nodes[i].Index]
	if at.def.Kind != schema.List || len(at.def.Keys) == 0 {
		w.push(at.step, at)
		defer w.pop()
		return w.instances(n, t, i+1, yield)
	}
	entry := func(e *tree.Node) bool {
		return !matchEntry(t.keys[i], e) || w.entry(e, at, func() bool { return w.instances(e, t, i+1, yield) })
	}
	if keys := exactKeys(t.keys[i]); keys != nil {
		e := n.Entry(keys...)
		return e == nil || entry(e)
	}
	for e := range n.Entries() {
		if !entry(e) {
			return false
		}
	}
	return true
}

// single reports whether a node is sent as one value: leafs, leaf-lists, anydata,
// and lists without keys.
func single(def *schema.Node) bool {
	return def.Kind != schema.Container && (def.Kind != schema.List || len(def.Keys) == 0)
}

// leaves yields what is sent as one value, defaults in use included, as far as the
// filter lets it through.
type leaves struct {
	*walker
	filter *filter
	base   *traits // of the path that was asked for
	yield  func(*cursor) bool
}

// of yields those at and below n, which the walker is at and which has those traits.
func (l *leaves) of(n *tree.Node, t *traits) bool {
	switch {
	case t.single:
		if !l.filter.leaf(t, l.base) {
			return true
		}
		l.cur.node = n
		return l.yield(&l.cur)
	case t != l.base && !l.filter.enter(t, l.base):
		return true
	case t.def.Kind == schema.List && !n.IsEntry():
		for e := range n.Entries() {
			if !l.entry(e, t, func() bool { return l.in(e, t) }) {
				return false
			}
		}
		return true
	default:
		return l.in(n, t)
	}
}

// in yields those in a container or entry.
func (l *leaves) in(n *tree.Node, t *traits) bool {
	if !t.def.Config { // of state nothing is there by default
		for c := range n.Children() {
			if !l.child(c, t.below[c.Schema().Index]) {
				return false
			}
		}
		return true
	}
	for _, below := range t.below {
		if !below.single && !l.filter.enter(below, l.base) {
			continue
		}
		if c := n.ChildOrDefault(below.def); c != nil && !l.child(c, below) {
			return false
		}
	}
	return true
}

func (l *leaves) child(n *tree.Node, t *traits) bool {
	switch {
	case t.single && t.depth > 1: // replies may write the first step otherwise
		if !l.filter.leaf(t, l.base) {
			return true
		}
		l.cur.node, l.cur.last = n, t
		ok := l.yield(&l.cur)
		l.cur.last = nil
		return ok
	case t.def.Kind == schema.List && !t.single:
		return l.of(n, t)
	}
	l.push(t.step, t)
	ok := l.of(n, t)
	l.pop()
	return ok
}
