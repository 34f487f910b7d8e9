package translate

import (
	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/southbound/view"
)

// Rendering collects the state that is made of an observation.
//
// A dataplane may hold what the schema has no words for: a link whose name is no
// UTF-8, an MTU out of a leaf's range. Such a leaf, or the entry that it is the
// key of, is left out, and all else is shown.
type Rendering struct {
	Changes []agent.StateChange

	schema *schema.Schema
	writer *view.Writer
}

// NewRendering begins with nothing.
func NewRendering(s *schema.Schema) *Rendering {
	return &Rendering{schema: s, writer: view.NewWriter(s)}
}

// Node says that the state at p is now what src, a generated struct, holds.
func (r *Rendering) Node(p path.Path, src any) {
	if r.named(p) {
		n, _ := r.writer.Node(p, src) // what does not fit is left out
		r.Changes = append(r.Changes, agent.StateChange{Path: p, Node: n})
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
	r.Changes = append(r.Changes, change)
}

// None says that there is no state at p.
func (r *Rendering) None(p path.Path) {
	if r.named(p) {
		r.Changes = append(r.Changes, agent.StateChange{Path: p})
	}
}

// named reports whether the schema has names for the entries on the way to p.
func (r *Rendering) named(p path.Path) bool {
	n := r.schema.Root
	for _, e := range p {
		if n = n.Child(e.Module, e.Name); n == nil {
			return false
		}
		for i, k := range e.Keys {
			if i >= len(n.Keys) {
				return false
			}
			if v, err := n.Keys[i].Parse(k.Value, r.schema.ModuleNames()); err != nil || v.Text != k.Value {
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
