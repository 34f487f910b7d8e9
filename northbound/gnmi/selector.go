package gnmi

import (
	gpb "github.com/openconfig/gnmi/proto/gnmi"

	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// selector is a path of a request, prefix included, bound to the schema.
type selector struct {
	index   *index
	scope   scope
	elems   []*gpb.PathElem // as the client wrote them, for messages
	origin  string          // to be put into reply paths: the origin, if it stood in the path
	targets []target        // none is below another of them; empty for the root of an origin without data
	// wild tells that the path may stand for any number of nodes, whole that it
	// has no elements: it names all of its origin.
	wild, whole bool
	// qualified tells that the client named the module in the first element.
	qualified bool
}

// commonPath is the deepest path that everything a selector names is below.
func (sel *selector) commonPath() path.Path {
	var common path.Path
	for i := range sel.targets {
		p := sel.targets[i].root()
		if i == 0 {
			common = p
			continue
		}
		n := 0
		for n < len(common) && n < len(p) && common[n].Equal(p[n]) {
			n++
		}
		common = common[:n]
	}
	return common
}

// target is one way through the schema that a path allows.
type target struct {
	nodes []*schema.Node // from the top-level node to the one that is named; none for the root
	// keys holds for each node the key values demanded, in key order: nil for
	// none. A value is compared in canonical form.
	keys [][]keyMatch
	// given holds for each node the element as the client wrote it, where that
	// is how replies should write it; nil otherwise.
	given []*gpb.PathElem
}

// keyMatch is the demand on one key.
type keyMatch struct {
	any   bool
	value string
}

// node is the schema node that t names; for the root that of the schema.
func (t *target) node(s *schema.Schema) *schema.Node {
	if len(t.nodes) == 0 {
		return s.Root
	}
	return t.nodes[len(t.nodes)-1]
}

// with returns t extended by a step.
func (t target) with(n *schema.Node, keys []keyMatch, given *gpb.PathElem) target {
	i := len(t.nodes)
	return target{
		nodes: append(t.nodes[:i:i], n),
		keys:  append(t.keys[:i:i], keys),
		given: append(t.given[:i:i], given),
	}
}

// covers reports whether all that u names is t or below it.
func (t *target) covers(u *target) bool {
	if len(t.nodes) > len(u.nodes) {
		return false
	}
	for i, n := range t.nodes {
		if u.nodes[i] != n {
			return false
		}
		for j, k := range t.keys[i] {
			if !k.any && (u.keys[i] == nil || u.keys[i][j] != k) {
				return false
			}
		}
	}
	return true
}

// concrete returns the one path that t names, and whether it is one: all keys
// are given, except that the last step may be a list as a whole.
func (t *target) concrete() (path.Path, bool) {
	p := make(path.Path, 0, len(t.nodes))
	for i, n := range t.nodes {
		e := n.Elem()
		if n.Kind == schema.List {
			if t.keys[i] == nil {
				return append(p, e), i == len(t.nodes)-1
			}
			values := make([]string, len(t.keys[i]))
			for j, k := range t.keys[i] {
				if k.any {
					return p, false
				}
				values[j] = k.value
			}
			e = n.Elem(values...)
		}
		p = append(p, e)
	}
	return p, true
}

// root returns the path of the deepest node that all instances of t are below.
func (t *target) root() path.Path {
	p, _ := t.concrete()
	return p
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

func matchEntry(match []keyMatch, e *tree.Node) bool {
	for i, m := range match {
		if !m.any && m.value != e.Child(e.Schema().Keys[i]).Value().Text {
			return false
		}
	}
	return true
}
