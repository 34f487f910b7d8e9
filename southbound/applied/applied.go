// Package applied shows configuration that has been applied as state.
//
// OpenConfig has each configuration leaf twice: below config as intended, below
// state as applied. Where the dataplane can be asked, a model renders state from
// what it observed; where it cannot — a next hop's index, a protocol's name —
// the leaf of state is that of config as soon as the commit has been applied and
// is durable: both appear in one Snapshot. The Follower of this package does the
// latter for the containers that it is given, and nothing else.
package applied

import (
	"fmt"

	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// Follower puts state containers beside config containers. It is for one goroutine.
type Follower struct {
	schema *schema.Schema
	root   path.Path
	// pairs are the config containers, each with what is beside it.
	pairs map[*schema.Node]*pair
	// above are the schema nodes on the way to them.
	above map[*schema.Node]bool

	running tree.Tree // the configuration that was followed last
	shown   tree.Tree // what became of it, below root
}

// pair is a config container's state container, and its leafs by those of config.
type pair struct {
	state *schema.Node
	leafs map[*schema.Node]*schema.Node
}

// New makes the Follower for the config containers below root that containers name
// by their paths without keys.
func New(s *schema.Schema, root path.Path, containers ...path.Path) (*Follower, error) {
	f := &Follower{schema: s, root: root, pairs: map[*schema.Node]*pair{}, above: map[*schema.Node]bool{}, running: tree.New(s), shown: tree.New(s)}
	for _, p := range containers {
		config, err := s.Find(p)
		if err != nil {
			return nil, fmt.Errorf("applied: %w", err)
		}
		state := config.DataParent.Child(config.Module.Name, "state")
		if config.Name != "config" || state == nil {
			return nil, fmt.Errorf("applied: %s is not a container config with a container state beside it", p)
		}
		both := &pair{state, map[*schema.Node]*schema.Node{}}
		for _, leaf := range config.Data {
			if to := state.Child(leaf.Module.Name, leaf.Name); to != nil && leaf.Kind == schema.Leaf {
				both.leafs[leaf] = to
			}
		}
		f.pairs[config] = both
		for n := range config.Ancestors() {
			f.above[n] = true
		}
	}
	return f, nil
}

// Follow returns running with the state of what is configured. The cost is that of
// the difference to the running of the call before.
func (f *Follower) Follow(running tree.Tree) tree.Tree {
	x, w := f.shown.Txn(), writer{f, tree.NewBuilder(), map[*schema.Node]made{}}
	var last path.Path
	for c := range tree.Diff(f.running, running, f.root) {
		p, both := f.around(c.Path)
		switch {
		case c.Meta:
			_ = x.SetMeta(c.Path, c.New.Meta()) // it is there, as in running
		case both == nil:
			put(x, c.Path, w.beside(c.New))
		case last == nil || !p.Equal(last):
			config := running.Node(p)
			put(x, p, config)
			put(x, p.Parent().Child(both.state.Elem()), w.shows(both, config))
			last = p
		}
	}
	f.running, f.shown = running, x.Tree()
	shown := running.Txn()
	put(shown, f.root, f.shown.Node(f.root))
	return shown.Tree()
}

// put makes n, or nothing, of what there is at p. That cannot fail where p is of a
// tree of the same schema, and n an instance of what it names.
func put(x *tree.Txn, p path.Path, n *tree.Node) {
	if n == nil {
		_, _ = x.Delete(p)
		return
	}
	_ = x.Replace(p, n)
}

// around finds the config container that p leads into, if it does.
func (f *Follower) around(p path.Path) (path.Path, *pair) {
	n := f.schema.Root
	for i, e := range p {
		if n = n.Child(e.Module, e.Name); n == nil {
			break
		}
		if both := f.pairs[n]; both != nil {
			return p[:i+1], both
		}
	}
	return nil, nil
}

// writer makes Nodes for one call of Follow.
type writer struct {
	*Follower
	b    *tree.Builder
	last map[*schema.Node]made
}

// made is what was made of a subtree: of many entries that share it, which a large
// document that repeats itself has, it is made once.
type made struct{ of, with *tree.Node }

// beside returns a subtree of configuration, or nil, with the state containers
// beside its config containers; n itself where it has none.
func (w *writer) beside(n *tree.Node) *tree.Node {
	if n == nil || !w.above[n.Schema()] {
		return n
	}
	last := w.last[n.Schema()]
	if last.of != n {
		last = made{n, w.make(n)}
		w.last[n.Schema()] = last
	}
	return last.with
}

// make is beside for what is above config containers.
func (w *writer) make(n *tree.Node) *tree.Node {
	def, with, err := n.Schema(), n, error(nil)
	if def.Kind == schema.List && !n.IsEntry() {
		entries, some := make([]*tree.Node, 0, n.Len()), false
		for e := range n.Entries() {
			its := w.beside(e)
			entries, some = append(entries, its), some || its != e
		}
		if some {
			with, err = w.b.List(def, entries)
		}
	} else {
		var few [8]*tree.Node
		kids, some := few[:0], false
		for child := range n.Children() {
			its := w.beside(child)
			kids, some = append(kids, its), some || its != child
			if both := w.pairs[child.Schema()]; both != nil {
				kids, some = append(kids, w.shows(both, child)), true
			}
		}
		switch {
		case !some:
		case n.IsEntry():
			with, err = w.b.Entry(def, kids)
		default:
			with, err = w.b.Container(def, kids)
		}
	}
	if err != nil {
		return n // keys that stand here twice, or nodes of two cases: configuration has neither
	}
	if meta := n.Meta(); meta != nil && with != n {
		return with.WithMeta(meta)
	}
	return with
}

// shows makes the state of a config container, or of none; nil where that shows
// nothing.
func (w *writer) shows(both *pair, config *tree.Node) *tree.Node {
	if config == nil {
		return nil
	}
	var few [8]*tree.Node
	leafs := few[:0]
	for leaf := range config.ChildrenWithDefaults() {
		to := both.leafs[leaf.Schema()]
		if to == nil {
			continue
		}
		v := leaf.Value()
		if to.Type != leaf.Schema().Type {
			var err error
			if v, err = to.Parse(v.Text, w.schema.ModuleNames()); err != nil {
				continue // state that is narrower than configuration shows nothing
			}
		}
		leafs = append(leafs, w.b.Leaf(to, v))
	}
	shown, err := w.b.Container(both.state, leafs)
	if err != nil {
		return nil // leafs of two cases, which config does not have
	}
	return shown
}
