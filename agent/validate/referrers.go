package validate

import (
	"sync"

	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// referrers counts, for each leafref whose targets may be far away, how often it
// has each value. So the deletion of a target that nothing refers to, which is
// the usual one, need not visit the referrers.
//
// It is brought up to date when it is asked, by the Diff between the tree it was
// asked about last and this one.
type referrers struct {
	mu sync.Mutex // guards all below; held while a Diff is walked

	at     tree.Tree // that counts is true of
	counts map[*rule]map[string]int
	// leads tells the nodes that have such a leafref below them.
	leads map[*info]bool
	root  *info
}

func (x *referrers) reset(v *Validator) {
	x.root, x.at = v.root, tree.New(v.schema)
	x.counts, x.leads = map[*rule]map[string]int{}, map[*info]bool{}
	x.mark(v.root)
}

func (x *referrers) mark(i *info) bool {
	leads := i.leafrefs != nil && i.leafrefs.global
	for _, k := range i.kids {
		if k != nil && x.mark(k) {
			leads = true
		}
	}
	if leads {
		x.leads[i] = true
	}
	return leads
}

// any reports whether any leaf of r has one of the values in t.
func (x *referrers) any(t tree.Tree, r *rule, values map[string]struct{}) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.move(t)
	counts := x.counts[r]
	for v := range values {
		if counts[v] > 0 {
			return true
		}
	}
	return false
}

// follow brings the counts up to date while there is time, for a tree that is
// about to be in use.
func (x *referrers) follow(t tree.Tree) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.move(t)
}

// move makes the counts those of t.
func (x *referrers) move(t tree.Tree) {
	if x.at.Root() == t.Root() {
		return
	}
	for ch := range tree.Diff(x.at, t, nil) {
		if ch.Meta {
			continue
		}
		i := x.find(ch.Path)
		if i == nil || !x.leads[i] {
			continue
		}
		if schemaOf(ch).Kind == schema.List && ch.Old != nil && ch.New != nil {
			continue // the order
		}
		if ch.Old != nil {
			x.count(ch.Old, i, -1)
		}
		if ch.New != nil {
			x.count(ch.New, i, 1)
		}
	}
	x.at = t
}

func (x *referrers) find(p path.Path) *info {
	i := x.root
	for _, e := range p {
		def := i.def.Child(e.Module, e.Name)
		if i = i.kids[def.Index]; i == nil {
			return nil
		}
	}
	return i
}

func (x *referrers) count(n *tree.Node, i *info, by int) {
	switch i.def.Kind {
	case schema.Leaf:
		x.add(i.leafrefs, n.Value().Text, by)
	case schema.LeafList:
		for _, v := range n.Values() {
			x.add(i.leafrefs, v.Text, by)
		}
	case schema.List:
		if !n.IsEntry() {
			for e := range n.Entries() {
				x.count(e, i, by)
			}
			return
		}
		fallthrough
	default:
		for k := range n.Children() {
			if ki := i.kids[k.Schema().Index]; ki != nil && x.leads[ki] {
				x.count(k, ki, by)
			}
		}
	}
}

func (x *referrers) add(r *rule, value string, by int) {
	counts := x.counts[r]
	if counts == nil {
		counts = map[string]int{}
		x.counts[r] = counts
	}
	if counts[value] += by; counts[value] == 0 {
		delete(counts, value)
	}
}
