package translate

import (
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
}

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
	r.renderer.writers.Put(r.writer)
	r.writer = nil
	return r.changes
}

func (r *Rendering) changed(c agent.StateChange) {
	if r.changes == nil {
		r.changes = make([]agent.StateChange, 0, 4)
	}
	r.changes = append(r.changes, c)
}

// Node says that the state at p is now what src, a generated struct, holds.
func (r *Rendering) Node(p path.Path, src any) {
	if r.named(p) {
		n, _ := r.writer.Node(p, src) // what does not fit is left out
		r.changed(agent.StateChange{Path: p, Node: n})
	}
}

// Leaf says what the leaf at p is; an empty text is none.
func (r *Rendering) Leaf(p path.Path, text string) {
	if !r.named(p) {
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
	if r.named(p) {
		n, _ := r.writer.LeafList(p, texts)
		r.changed(agent.StateChange{Path: p, Node: n})
	}
}

// None says that there is no state at p.
func (r *Rendering) None(p path.Path) {
	if r.named(p) {
		r.changed(agent.StateChange{Path: p})
	}
}

// named reports whether the schema has names for the entries on the way to p.
func (r *Rendering) named(p path.Path) bool {
	n := r.renderer.Schema.Root
	for _, e := range p {
		if n = n.Child(e.Module, e.Name); n == nil {
			return false
		}
		for i, k := range e.Keys {
			if i >= len(n.Keys) {
				return false
			}
			if v, err := n.Keys[i].Parse(k.Value, r.renderer.Schema.ModuleNames()); err != nil || v.Text != k.Value {
				return false
			}
		}
	}
	return true
}

// Fill is the typed view of n, defaults in use included.
func Fill[T any](n *tree.Node) (*T, error) {
	dst := new(T)
	return dst, view.FillWithDefaults(n, dst)
}
