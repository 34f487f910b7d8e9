// Package applied shows configuration that has been applied as state.
//
// OpenConfig has each configuration leaf twice: below config as intended, below
// state as applied. Where the dataplane can be asked, a model renders state from
// what it observed; where it cannot — a next hop's index, a protocol's name —
// the leaf of state is that of config as soon as the commit has been applied and
// is durable: both appear in one Snapshot. The Driver of this package does the
// latter for the containers that it is given, and nothing else.
package applied

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// Driver is an agent.Driver that realizes nothing and shows what was applied.
type Driver struct {
	schema *schema.Schema
	// states maps each config container to the state container beside it.
	states map[*schema.Node]*schema.Node
	// above are the schema nodes on the way to them.
	above map[*schema.Node]bool
	// whole are those of above that have no state below them but what is shown here.
	whole map[*schema.Node]bool
	root  path.Path

	// mu guards what follows. It is held while publishing, so that updates come
	// in the order of the commits.
	mu      sync.Mutex
	running tree.Tree // the configuration that was committed last
	shown   tree.Tree // the one whose state was published last
}

var (
	_ agent.Driver   = (*Driver)(nil)
	_ agent.Follower = (*Driver)(nil)
)

// New makes the Driver for the config containers below root that containers name
// by their paths without keys.
func New(s *schema.Schema, root path.Path, containers ...path.Path) (*Driver, error) {
	d := &Driver{schema: s, root: root, states: map[*schema.Node]*schema.Node{}, above: map[*schema.Node]bool{}, whole: map[*schema.Node]bool{}, running: tree.New(s), shown: tree.New(s)}
	for _, p := range containers {
		config, err := s.Find(p)
		if err != nil {
			return nil, fmt.Errorf("applied: %w", err)
		}
		state := config.DataParent.Child(config.Module.Name, "state")
		if config.Name != "config" || state == nil {
			return nil, fmt.Errorf("applied: %s is not a container config with a container state beside it", p)
		}
		d.states[config] = state
		for n := range config.Ancestors() {
			d.above[n] = true
		}
	}
	for n := range d.above {
		d.whole[n] = d.isWhole(n)
	}
	return d, nil
}

// isWhole reports whether all state at and below n is in the containers that are
// shown here.
func (d *Driver) isWhole(n *schema.Node) bool {
	if !n.Config {
		return false
	}
	for _, child := range n.Data {
		if config := n.Child(child.Module.Name, "config"); config != nil && d.states[config] == child {
			continue
		}
		if !d.isWhole(child) {
			return false
		}
	}
	return true
}

// Leaves are none: other drivers realize what this one shows.
func (d *Driver) Leaves() []path.Path { return nil }

// Check accepts everything.
func (d *Driver) Check(context.Context, tree.Tree, tree.Tree) error { return nil }

// Apply does nothing: the commit may yet fail in the store.
func (d *Driver) Apply(context.Context, tree.Tree, tree.Tree) error { return nil }

// Resync takes note of the configuration that the agent begins with. It cannot
// fail.
func (d *Driver) Resync(_ context.Context, desired tree.Tree) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.running = desired
	return nil
}

// Follow returns the state of what a commit has changed.
func (d *Driver) Follow(new tree.Tree) []agent.StateChange {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.running = new
	return d.news()
}

// Observe publishes what was not published yet. What comes later goes with the
// commits.
func (d *Driver) Observe(ctx context.Context, publish func(agent.Update)) error {
	d.mu.Lock()
	publish(agent.Update{Changes: d.news()}) // be it nothing: the first look is taken
	d.mu.Unlock()
	<-ctx.Done()
	return nil
}

// news are the difference between what was shown and what is running, which the
// caller shows. The caller has mu.
func (d *Driver) news() []agent.StateChange {
	changes := d.changes(d.shown, d.running)
	d.shown = d.running
	return changes
}

// changes of state between two configurations. The cost is that of the
// difference.
func (d *Driver) changes(old, new tree.Tree) []agent.StateChange {
	var out []agent.StateChange
	seen := map[string]bool{}
	for c := range tree.Diff(old, new, d.root) {
		if p, config := d.around(c.Path); config != nil {
			if key := p.String(); !seen[key] {
				seen[key] = true
				out = append(out, d.change(p, config, new.Node(p)))
			}
			continue
		}
		// A subtree came or went, with config containers in it.
		if c.Old == nil && c.New != nil {
			if n := d.beside(c.New); n != nil {
				out = append(out, agent.StateChange{Path: c.Path, Node: n, Merge: true})
			}
			continue
		}
		if c.New == nil && d.whole[c.Old.Schema()] {
			out = append(out, agent.StateChange{Path: c.Path})
			continue
		}
		for _, n := range []*tree.Node{c.Old, c.New} {
			d.within(slices.Clone(c.Path), n, func(p path.Path, config *schema.Node) {
				out = append(out, d.change(p, config, new.Node(p)))
			})
		}
	}
	return out
}

// around finds the config container that p leads into, if it does.
func (d *Driver) around(p path.Path) (path.Path, *schema.Node) {
	n := d.schema.Root
	for i, e := range p {
		if n = n.Child(e.Module, e.Name); n == nil {
			break
		}
		if _, ok := d.states[n]; ok {
			return p[:i+1], n
		}
	}
	return nil, nil
}

// beside makes the state that goes with a subtree of configuration, all of which
// is new: an instance of the same node that has the state containers beside its
// config containers, and nothing else. It is nil where there are none.
func (d *Driver) beside(n *tree.Node) *tree.Node {
	def := n.Schema()
	if !d.above[def] {
		return nil
	}
	b := tree.NewBuilder()
	var kids []*tree.Node
	if def.Kind == schema.List && !n.IsEntry() {
		for e := range n.Entries() {
			kids = append(kids, d.beside(e))
		}
		made, err := b.List(def, slices.DeleteFunc(kids, func(n *tree.Node) bool { return n == nil }))
		if err != nil {
			return nil // keys that the configuration has twice, which it does not
		}
		return made
	}
	some := false
	for child := range n.Children() {
		at := child.Schema()
		switch {
		case at.IsKey():
			kids = append(kids, child)
			continue
		case d.states[at] != nil:
			child = d.shows(at, child)
		default:
			child = d.beside(child)
		}
		if child != nil {
			kids, some = append(kids, child), true
		}
	}
	if !some {
		return nil
	}
	make := b.Container
	if n.IsEntry() {
		make = b.Entry
	}
	made, err := make(def, kids)
	if err != nil {
		return nil // nodes of two cases, which configuration does not have
	}
	return made
}

// within finds the config containers in a subtree. p is the caller's no more.
func (d *Driver) within(p path.Path, n *tree.Node, note func(path.Path, *schema.Node)) {
	if n == nil || !d.above[n.Schema()] {
		return
	}
	if n.Schema().Kind == schema.List && !n.IsEntry() {
		for e := range n.Entries() {
			d.within(append(p[:len(p)-1], e.Elem()), e, note)
		}
		return
	}
	for child := range n.Children() {
		q := append(p, child.Elem())
		if _, ok := d.states[child.Schema()]; ok {
			note(slices.Clone(q), child.Schema())
			continue
		}
		d.within(q, child, note)
	}
}

// change makes the state of one config container at p; n is nil where it is
// gone.
func (d *Driver) change(p path.Path, config *schema.Node, n *tree.Node) agent.StateChange {
	at := p.Parent().Child(d.states[config].Elem())
	if n == nil {
		return agent.StateChange{Path: at}
	}
	return agent.StateChange{Path: at, Node: d.shows(config, n)}
}

// shows makes the state of a config container; nil where that shows nothing.
func (d *Driver) shows(config *schema.Node, n *tree.Node) *tree.Node {
	state := d.states[config]
	b := tree.NewBuilder()
	var leafs []*tree.Node
	for leaf := range n.ChildrenWithDefaults() {
		from := leaf.Schema()
		to := state.Child(from.Module.Name, from.Name)
		if to == nil || from.Kind != schema.Leaf {
			continue
		}
		v, err := to.Parse(leaf.Value().Text, d.schema.ModuleNames())
		if err != nil {
			continue // state that is narrower than configuration shows nothing
		}
		leafs = append(leafs, b.Leaf(to, v))
	}
	shown, err := b.Container(state, leafs)
	if err != nil {
		return nil // leafs of two cases, which config does not have
	}
	return shown
}
