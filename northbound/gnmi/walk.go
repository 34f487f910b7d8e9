package gnmi

import (
	"slices"

	gpb "github.com/openconfig/gnmi/proto/gnmi"

	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// cursor is an instance and the way to it. Both slices are the walker's: who
// keeps them clones them.
type cursor struct {
	path  path.Path
	elems []*gpb.PathElem // the same steps as replies have them
	node  *tree.Node
}

// walker goes through a tree. It gives up as soon as a yield returns false.
type walker struct {
	index  *index
	cur    cursor
	around visitor // or nil
	within bool    // an entry
}

// visitor is asked at each entry of a list that is below no other list whether to go
// into it, and told after that. It may have the walker give up.
type visitor interface {
	enter(entry *tree.Node) (into, goOn bool)
	leave(entry *tree.Node) (goOn bool)
}

// entry goes into an entry of a list: do what is to be done there.
func (w *walker) entry(e *tree.Node, keys []string, do func() bool) bool {
	outermost := w.around != nil && !w.within
	if outermost {
		if into, goOn := w.around.enter(e); !into || !goOn {
			return goOn
		}
		w.within = true
	}
	w.push(e.Elem(), w.index.elem(e.Schema(), keys))
	ok := do()
	w.pop()
	if outermost {
		w.within = false
		ok = ok && w.around.leave(e)
	}
	return ok
}

// push makes one step, pop takes it back.
func (w *walker) push(e path.Elem, pe *gpb.PathElem) {
	w.cur.path = append(w.cur.path, e)
	w.cur.elems = append(w.cur.elems, pe)
}

func (w *walker) pop() {
	w.cur.path = w.cur.path[:len(w.cur.path)-1]
	w.cur.elems = w.cur.elems[:len(w.cur.elems)-1]
}

// start puts the walker at an instance that is known already.
func (w *walker) start(p path.Path, elems []*gpb.PathElem) {
	w.cur.path, w.cur.elems = slices.Clone(p), slices.Clone(elems)
}

// instances yields what t names below root, which stands at step i of t: defaults
// in use too, and a list as its entries unless it has no keys.
func (w *walker) instances(root *tree.Node, t *target, i int, yield func(cursor) bool) bool {
	if i == len(t.nodes) {
		w.cur.node = root
		return yield(w.cur)
	}
	n := root.ChildOrDefault(t.nodes[i])
	if n == nil {
		return true
	}
	return w.step(n, t, i, yield)
}

// step is instances for n, an instance of t.nodes[i] (for a list: the list).
func (w *walker) step(n *tree.Node, t *target, i int, yield func(cursor) bool) bool {
	def := t.nodes[i]
	if def.Kind != schema.List || len(def.Keys) == 0 {
		w.push(def.Elem(), w.index.traits[def].elem)
		defer w.pop()
		return w.instances(n, t, i+1, yield)
	}
	entry := func(e *tree.Node) bool {
		keys := e.Keys()
		if !matchKeys(t.keys[i], keys) {
			return true
		}
		return w.entry(e, keys, func() bool { return w.instances(e, t, i+1, yield) })
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

// exactKeys returns the values of a predicate without wildcards, or nil.
func exactKeys(match []keyMatch) []string {
	if match == nil {
		return nil
	}
	keys := make([]string, len(match))
	for i, m := range match {
		if m.any {
			return nil
		}
		keys[i] = m.value
	}
	return keys
}

func matchKeys(match []keyMatch, keys []string) bool {
	for i, m := range match {
		if !m.any && m.value != keys[i] {
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

// leaves yields what is sent as one value at and below the node at the cursor,
// defaults in use included, as far as the filter lets it through.
func (w *walker) leaves(n *tree.Node, f *filter, base *schema.Node, yield func(cursor) bool) bool {
	def := n.Schema()
	switch {
	case single(def):
		if !f.leaf(def, base) {
			return true
		}
		w.cur.node = n
		return yield(w.cur)
	case def != base && !f.enter(def, base):
		return true
	case def.Kind == schema.List && !n.IsEntry():
		for e := range n.Entries() {
			if !w.entry(e, e.Keys(), func() bool { return w.children(e, f, base, yield) }) {
				return false
			}
		}
		return true
	default:
		return w.children(n, f, base, yield)
	}
}

// children is leaves for the children of a container or entry.
func (w *walker) children(n *tree.Node, f *filter, base *schema.Node, yield func(cursor) bool) bool {
	if !n.Schema().Config { // of state nothing is there by default
		for c := range n.Children() {
			if !w.child(c, f, base, yield) {
				return false
			}
		}
		return true
	}
	for _, def := range n.Schema().Data {
		if !single(def) && !f.enter(def, base) {
			continue
		}
		if c := n.ChildOrDefault(def); c != nil && !w.child(c, f, base, yield) {
			return false
		}
	}
	return true
}

func (w *walker) child(n *tree.Node, f *filter, base *schema.Node, yield func(cursor) bool) bool {
	def := n.Schema()
	if def.Kind == schema.List && !single(def) {
		return w.leaves(n, f, base, yield)
	}
	w.push(def.Elem(), w.index.traits[def].elem)
	ok := w.leaves(n, f, base, yield)
	w.pop()
	return ok
}
