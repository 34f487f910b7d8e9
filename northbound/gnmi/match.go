package gnmi

import (
	"slices"

	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// matcher finds the subscriptions, of one stream or of all, that an event concerns.
// It is used by one goroutine.
type matcher struct {
	index *index
	subs  []*subscription
	// What has been asked for, by schema node.
	memo      map[*schema.Node]candidates
	interests map[*schema.Node]interest
}

// candidates are the targets that may concern instances of a schema node, in the
// order of the subscriptions.
type candidates struct {
	above []candidate // at the node or above it
	below []candidate // below it
}

type candidate struct {
	sub *subscription
	t   *target
}

func newMatcher(x *index, subs []*subscription) *matcher {
	return &matcher{index: x, subs: subs, memo: make(map[*schema.Node]candidates), interests: make(map[*schema.Node]interest)}
}

func (m *matcher) candidates(n *schema.Node) candidates {
	if c, ok := m.memo[n]; ok {
		return c
	}
	depth := m.index.traits[n].depth
	chain := make([]*schema.Node, depth)
	for a := n; depth > 0; a = a.DataParent {
		depth--
		chain[depth] = a
	}
	var c candidates
	for _, u := range m.subs {
		for i := range u.sel.targets {
			t := &u.sel.targets[i]
			switch common := min(len(chain), len(t.nodes)); {
			case !sameNodes(chain[:common], t.nodes[:common]):
			case common == len(t.nodes):
				c.above = append(c.above, candidate{u, t})
			default:
				c.below = append(c.below, candidate{u, t})
			}
		}
	}
	m.memo[n] = c
	return c
}

// asked reports whether what happens to instances of a node, or below them, may
// concern anybody.
func (m *matcher) asked(n *schema.Node) bool { return m.interest(n).asked }

// changed is asked for instances that have come or gone, or else what is in them has
// changed, as both tells. The entries of a list are in it.
func (m *matcher) changed(n *schema.Node, both bool) bool {
	i := m.interest(n)
	if both {
		return i.within
	}
	return i.asked
}

// interest tells how far instances of a schema node concern anybody.
type interest struct {
	asked  bool // they, or something below them
	within bool // what is in them, too, and not only that they are there
}

func (m *matcher) interest(n *schema.Node) interest {
	if i, ok := m.interests[n]; ok {
		return i
	}
	i := interest{asked: m.index.traits[n].event}
	if i.asked {
		c := m.candidates(n)
		if inChoice(n) {
			c = m.candidates(n.DataParent) // a default of another case may come into use, or go
		}
		i.asked = len(c.above)+len(c.below) > 0
	}
	i.within = i.asked && (n.Kind != schema.Container || slices.ContainsFunc(n.Data, m.asked))
	m.interests[n] = i
	return i
}

func sameNodes(a, b []*schema.Node) bool {
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// leaf returns the first target that wants the value of a leaf at p, or nil; want
// says which subscriptions are asked.
func (m *matcher) leaf(p path.Path, def *schema.Node, f *filter, want func(*subscription) bool) (*subscription, *target) {
	for _, c := range m.candidates(def).above {
		if want(c.sub) && c.t.matches(p) && f.leaf(m.index.traits[def], m.index.traits[c.t.node(m.index.schema)]) {
			return c.sub, c.t
		}
	}
	return nil, nil
}
