package gnmi

import (
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// matcher finds the subscriptions, of one stream or of all, that an event concerns.
// It is used by one goroutine.
type matcher struct {
	index *index
	subs  []*subscription
	// memo holds the candidates of each schema node that has been asked for.
	memo map[*schema.Node]candidates
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
	return &matcher{index: x, subs: subs, memo: make(map[*schema.Node]candidates)}
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
func (m *matcher) asked(n *schema.Node) bool {
	if !m.index.traits[n].event {
		return false
	}
	if inChoice(n) {
		n = n.DataParent // a default of another case may come into use, or go
	}
	c := m.candidates(n)
	return len(c.above)+len(c.below) > 0
}

func sameNodes(a, b []*schema.Node) bool {
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// matches reports whether the keys that p has are those that t demands, as far
// as both go.
func (t *target) matches(p path.Path) bool {
	for i := range min(len(p), len(t.nodes)) {
		for j, k := range t.keys[i] {
			if !k.any && j < len(p[i].Keys) && p[i].Keys[j].Value != k.value {
				return false
			}
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
