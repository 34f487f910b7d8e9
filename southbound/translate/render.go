package translate

import (
	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/southbound/view"
)

// Renderer makes state of what was observed. The generated structs and the
// schema come from one source, so that what does not fit is a defect of the
// build: it shows as state that is missing.
type Renderer struct{ Schema *schema.Schema }

// Node is the state at p as src, a generated struct, has it.
func (r Renderer) Node(p path.Path, src any) agent.StateChange {
	n, err := view.Node(r.Schema, p, src)
	if err != nil {
		return agent.StateChange{Path: p}
	}
	return agent.StateChange{Path: p, Node: n}
}

// Leaf is the state of the leaf at p; an empty text is none.
func (r Renderer) Leaf(p path.Path, text string) agent.StateChange {
	none := agent.StateChange{Path: p}
	def, err := r.Schema.Find(p)
	if err != nil || text == "" {
		return none
	}
	v, err := def.Parse(text, r.Schema.ModuleNames())
	if err != nil {
		return none
	}
	x := tree.New(r.Schema).Txn()
	if err := x.Set(p, v); err != nil {
		return none
	}
	return agent.StateChange{Path: p, Node: x.Tree().Node(p)}
}

// Fill is the typed view of n, defaults in use included.
func Fill[T any](n *tree.Node) (*T, error) {
	dst := new(T)
	return dst, view.FillWithDefaults(n, dst)
}
