package tree

import (
	"hash/maphash"

	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// sharing remembers what a Builder has made lately, by hash: leafs, and small
// subtrees of those, as the one next hop of many routes. Since Nodes are immutable
// and know no parent, one can stand in many places; Diff and the collector of
// garbage then see one where there would be thousands. Only an entry without keys
// must be a Node of its own: it is told from its neighbors by nothing else.
//
// A subtree is remembered if all of its children are, and they are few: so none
// is large, and a Builder that is kept does not keep what it made.
type sharing struct {
	leafs                []*Node // nil for a small tree
	nodes                []pair  // nil for a small tree
	leafsMade, nodesMade int     // before there were caches
	shared               *token  // owns what is remembered in nodes
}

// pair is a place for two Nodes, the one that was used last first: so neither two
// that repeat nor those that do not drive one away.
type pair [2]*Node

// find returns the Node that is wanted, or nil.
func (p *pair) find(want func(*Node) bool) *Node {
	for i, n := range p {
		if n != nil && want(n) {
			p[0], p[i] = n, p[0]
			return n
		}
	}
	return nil
}

func (p *pair) put(n *Node) { p[0], p[1] = n, p[0] }

// A cache has room for cacheSize Nodes, a power of two, and is larger than a small tree: it
// is made when cacheFrom Nodes have been.
const (
	cacheSize = 1024
	cacheFrom = 256
)

const (
	mostKids = 4  // of a Node that is remembered
	longest  = 64 // octets of a leaf in it
)

// leafSlot is where a leaf of that value is remembered; nil if it is not.
func (s *sharing) leafSlot(def *schema.Node, v schema.Value) **Node {
	if v.Type == nil || len(v.Text) > 32 || v.Type.Kind == schema.String {
		return nil
	}
	if s.leafs == nil {
		if s.leafsMade++; s.leafsMade <= cacheFrom {
			return nil
		}
		s.leafs = make([]*Node, cacheSize)
	}
	h := listKey(v.Text).priority() + uint64(def.Index)*0x9e3779b97f4a7c15
	return &s.leafs[(h^h>>32)&(cacheSize-1)]
}

// place is where a container, an entry or a list of those children or entries is
// remembered; nil if it is not.
func (s *sharing) place(def *schema.Node, kids []*Node) *pair {
	if len(kids) == 0 || len(kids) > mostKids || def.Kind == schema.List && len(def.Keys) == 0 {
		return nil
	}
	if s.nodes == nil {
		if s.nodesMade++; s.nodesMade <= cacheFrom {
			return nil
		}
		s.nodes = make([]pair, cacheSize/2)
	}
	id := struct {
		def  *schema.Node
		kids [mostKids]*Node
	}{def: def}
	for i, k := range kids {
		if k == nil || !s.remembered(k) {
			return nil
		}
		id.kids[i] = k
	}
	return &s.nodes[maphash.Comparable(seed, id)&(cacheSize/2-1)]
}

// remembered reports whether n is a leaf, or remembered.
func (s *sharing) remembered(n *Node) bool {
	if n.body != nil {
		return n.body.owner == s.shared
	}
	return n.leaf != nil && len(n.leaf.Text) <= longest
}
