package tree

import "github.com/outrigger-cnf/outrigger/agent/schema"

// Turn is a step from a container or an entry to one of its children, and where that was
// among them the last time: of many entries the most are alike.
type Turn struct {
	def *schema.Node
	at  int
}

// NewTurn returns the step to children that are instances of def.
func NewTurn(def *schema.Node) Turn { return Turn{def: def} }

// ChildOrDefault is n.ChildOrDefault.
func (t *Turn) ChildOrDefault(n *Node) *Node {
	if kids := n.parts().kids; len(kids) > 0 {
		if i, there := t.find(kids); there && kids[i].def == t.def {
			return kids[i]
		}
	}
	return n.ChildOrDefault(t.def)
}

// find returns where the child is, or would be.
func (t *Turn) find(kids []*Node) (at int, there bool) {
	if t.at < len(kids) && kids[t.at].def == t.def {
		return t.at, true
	}
	t.at, there = findKid(kids, t.def.Index)
	return t.at, there
}
