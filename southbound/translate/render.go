package translate

import (
	"slices"
	"sync"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/southbound/view"
)

// Renderer makes Renderings. It may be used from several goroutines.
type Renderer struct {
	Schema  *schema.Schema
	writers sync.Pool // of *view.Writer, which remember what they have made often
	fit     sync.Map  // key leaf → the text that fitted it last
}

// Rendering collects the state that is made of an observation.
//
// A dataplane may hold what the schema has no words for: a link whose name is no
// UTF-8, an MTU out of a leaf's range. Such a leaf, or the entry that it is the
// key of, is left out, and all else is shown.
type Rendering struct {
	renderer *Renderer
	writer   *view.Writer
	changes  []agent.StateChange
	lists    []entries // whose changes come after those in changes
}

// entries are changes of entries of one list that is state.
type entries struct {
	list  path.Path
	def   *schema.Node
	edits []tree.EntryEdit
}

// manyLists is of how many lists changes are collected.
const manyLists = 16

// Begin makes a Rendering with nothing in it.
func (r *Renderer) Begin() *Rendering {
	w, ok := r.writers.Get().(*view.Writer)
	if !ok {
		w = view.NewWriter(r.Schema)
	}
	return &Rendering{renderer: r, writer: w}
}

// End returns what was collected. The Rendering is no more.
func (r *Rendering) End() []agent.StateChange {
	r.flush()
	r.renderer.writers.Put(r.writer)
	r.writer = nil
	return r.changes
}

// flush makes one change of those of each list.
func (r *Rendering) flush() {
	for _, l := range r.lists {
		r.changes = append(r.changes, agent.StateChange{Path: l.list, Entries: l.edits})
	}
	r.lists = nil
}

// changed notes a change, which comes after those of entries until then.
func (r *Rendering) changed(c agent.StateChange) {
	r.flush()
	if r.changes == nil {
		r.changes = make([]agent.StateChange, 0, 4)
	}
	r.changes = append(r.changes, c)
}

// Node says that the state at p is now what src, a generated struct, holds.
func (r *Rendering) Node(p path.Path, src any) {
	if def := r.named(p); def != nil {
		n, _ := r.writer.NodeOf(def, src) // what does not fit is left out
		r.changed(agent.StateChange{Path: p, Node: n})
	}
}

// Put says that the state at p is now n, an instance of what is there; nil: there is none.
func (r *Rendering) Put(p path.Path, n *tree.Node) {
	if r.named(p) != nil {
		r.changed(agent.StateChange{Path: p, Node: n})
	}
}

// Entry says that the entry of the list of state at p that has the keys of src, a
// generated struct, is now what src holds.
func (r *Rendering) Entry(p path.Path, src any) {
	if l := r.list(p); l != nil {
		if n, _ := r.writer.NodeOf(l.def, src); n != nil {
			l.edits = append(l.edits, tree.EntryEdit{Node: n})
		}
	}
}

// NoEntry says that there is no entry with those keys, in canonical form, in the list
// of state at p.
func (r *Rendering) NoEntry(p path.Path, keys ...string) {
	if l := r.list(p); l != nil {
		l.edits = append(l.edits, tree.EntryEdit{Keys: keys})
	}
}

// list is where changes of entries of the list at p are collected, nil if the schema
// has no name for it.
func (r *Rendering) list(p path.Path) *entries {
	i := slices.IndexFunc(r.lists, func(l entries) bool { return len(l.list) == len(p) && &l.list[0] == &p[0] })
	if i < 0 {
		i = slices.IndexFunc(r.lists, func(l entries) bool { return l.list.Equal(p) })
	}
	if i >= 0 {
		return &r.lists[i]
	}
	def := r.named(p)
	if def == nil {
		return nil
	}
	if len(r.lists) == manyLists {
		r.flush()
	}
	r.lists = append(r.lists, entries{list: p, def: def})
	return &r.lists[len(r.lists)-1]
}

// Leaf says what the leaf at p is; an empty text is none.
func (r *Rendering) Leaf(p path.Path, text string) {
	if r.named(p) == nil {
		return
	}
	change := agent.StateChange{Path: p}
	if text != "" {
		change.Node, _ = r.writer.Leaf(p, text)
	}
	r.changed(change)
}

// Leaves says what the values of the leaf-list at p are, in their order.
func (r *Rendering) Leaves(p path.Path, texts []string) {
	if r.named(p) != nil {
		n, _ := r.writer.LeafList(p, texts)
		r.changed(agent.StateChange{Path: p, Node: n})
	}
}

// None says that there is no state at p.
func (r *Rendering) None(p path.Path) {
	if r.named(p) != nil {
		r.changed(agent.StateChange{Path: p})
	}
}

// named returns the schema node of p, nil if the schema has no name for it or for an
// entry on the way.
func (r *Rendering) named(p path.Path) *schema.Node {
	n := r.renderer.Schema.Root
	for i, e := range p {
		if n = n.Child(e.Module, e.Name); n == nil {
			return nil
		}
		for j, k := range e.Keys {
			if j >= len(n.Keys) || !r.fits(n.Keys[j], k.Value, i < len(p)-1) {
				return nil
			}
		}
	}
	return n
}

// fits reports whether a text is a key as the schema has it. Of those on the way to
// something, the ones that fitted last are remembered: much is below the same.
func (r *Rendering) fits(key *schema.Node, text string, onTheWay bool) bool {
	if onTheWay && r.renderer.fitted(key, text) {
		return true
	}
	v, err := key.Parse(text, r.renderer.Schema.ModuleNames())
	if err != nil || v.Text != text {
		return false
	}
	if onTheWay {
		r.renderer.fit.Store(key, text)
	}
	return true
}

func (r *Renderer) fitted(key *schema.Node, text string) bool {
	last, known := r.fit.Load(key)
	return known && last == text
}

// Fill is the typed view of n, defaults in use included.
func Fill[T any](n *tree.Node) (*T, error) {
	dst := new(T)
	return dst, view.FillWithDefaults(n, dst)
}
