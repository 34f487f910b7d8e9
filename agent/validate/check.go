package validate

import (
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/agent/xpath"
)

// taskKey names a rule to be evaluated for all its context nodes below one node.
type taskKey struct {
	rule   *rule
	common *xpath.Node
}

type task struct {
	taskKey
	info *info // of common
	// values are those that targets of a leafref no longer have: only referrers
	// with one of them are looked at. Nil is all referrers.
	values map[string]struct{}
	all    bool
}

// differences checks what differs between old and the tree, and schedules the
// rules that depend on it.
func (c *checker) differences(old tree.Tree) {
	var at path.Path // of the top of the stack
	for ch := range tree.Diff(old, c.t, nil) {
		if c.done() {
			return
		}
		def := schemaOf(ch)
		if ch.Meta || !def.Config || def.DataParent == nil {
			continue
		}
		parent := ch.Path.Parent()
		if !c.locate(at, parent) {
			at = nil
			continue
		}
		at = parent
		c.change(ch, def)
	}
	if c.deleted {
		for _, r := range c.instances {
			c.scheduleAt(reader{rule: r, common: c.root}, c.stack[0], nil)
		}
	}
}

func schemaOf(ch tree.Change) *schema.Node {
	if ch.New != nil {
		return ch.New.Schema()
	}
	return ch.Old.Schema()
}

// locate makes the stack lead to p; it leads to at now. What both have in common
// stays, so that the same node is the same pointer from change to change. The
// parent of a change is in both trees; false says that p is not in this one.
func (c *checker) locate(at, p path.Path) bool {
	keep := min(sharedSteps(at, p), len(c.stack)-1)
	c.stack, c.infos = c.stack[:keep+1], c.infos[:keep+1]
	for _, e := range p[keep:] {
		n := c.stack[len(c.stack)-1].Step(e)
		if n == nil {
			return false
		}
		c.stack = append(c.stack, n)
		c.infos = append(c.infos, c.infos[len(c.infos)-1].kids[n.Schema().Index])
	}
	return true
}

func (c *checker) change(ch tree.Change, def *schema.Node) {
	parent, pi := c.stack[len(c.stack)-1], c.infos[len(c.infos)-1]
	i := pi.kids[def.Index]
	created, deleted := ch.Old == nil, ch.New == nil
	// A default in another case, and a value of a leaf-list, may be gone also.
	c.deleted = c.deleted || deleted || def.Parent != def.DataParent || def.Kind == schema.LeafList
	if !c.settling {
		c.changed(ch, parent, i)
	}
	switch def.Kind {
	case schema.Container, schema.List:
		if created || deleted {
			c.interiorReaders(ch, i)
			return
		}
		c.dependents(i, nil, ch.Old) // the order
	case schema.Leaf:
		if !created && !deleted {
			c.dependents(i, parent.Down(ch.New), ch.Old)
			return
		}
		c.dependents(i, nil, ch.Old)
	default:
		c.dependents(i, nil, ch.Old)
	}
}

// changed checks what is in the changed node, and what its parent requires.
func (c *checker) changed(ch tree.Change, parent *xpath.Node, i *info) {
	created, deleted := ch.Old == nil, ch.New == nil
	leaf := i.def.Kind == schema.Leaf
	switch {
	case created, i.def.Kind == schema.LeafList && !deleted:
		c.below(parent, ch.New, i)
	case deleted:
		// What is still there without being explicit.
		if i.def.Kind != schema.List {
			c.implied(parent, i)
		}
	case leaf:
		n := parent.Down(ch.New)
		if i.leafrefs != nil {
			c.leafref(i.leafrefs, n)
		}
		if i.instance != nil {
			c.instance(n)
		}
	}
	if !created && !deleted && leaf {
		return
	}
	if parent != c.required {
		c.require(parent, i.parent)
		c.required = parent
	}
	if i.def.Parent != i.def.DataParent {
		// Another case may be the one whose defaults are in use now.
		for _, ki := range i.parent.implied {
			if ki != i && ki.def.Parent != ki.def.DataParent && parent.Instance().Child(ki.def) == nil {
				c.implied(parent, ki)
			}
		}
	}
}

// dependents schedules the readers of a node that is not a subtree. Self is the
// changed leaf, if rules of its own may depend on its value.
func (c *checker) dependents(i *info, self *xpath.Node, old *tree.Node) {
	for _, r := range i.readers {
		switch {
		case r.common.depth >= i.depth && (self == nil || r.common != i):
			continue
		case r.common == i:
			c.scheduleAt(r, self, nil)
		case r.target:
			if old != nil {
				c.schedule(r, old)
			}
		default:
			c.schedule(r, nil)
		}
	}
}

// interiorReaders schedules the readers of a subtree that came or went: of its
// top and what is there with it without being explicit, and of all that is
// explicit in it. Nodes that came satisfy leafrefs and break none.
func (c *checker) interiorReaders(ch tree.Change, i *info) {
	top := i.depth
	if i.reach >= top {
		return
	}
	if ch.Old != nil {
		c.subtree(ch.Old, i, top, true, true)
		return
	}
	c.subtree(ch.New, i, top, false, true)
}

// subtree schedules readers, of common nodes above the depth top, of n and what
// is in it. Outer tells that the readers of all that is implied in n have to be
// scheduled; in a container without presence they have been with its parent's.
func (c *checker) subtree(n *tree.Node, i *info, top int, old, outer bool) {
	if i.reach >= top || c.done() {
		return
	}
	if i.def.Kind == schema.List && !n.IsEntry() {
		for e := range n.Entries() {
			c.subtree(e, i, top, old, true)
		}
		return
	}
	if outer {
		for _, r := range i.outer {
			if r.common.depth < top && (old || !r.target) {
				c.schedule(r, nil)
			}
		}
	}
	for k := range n.Children() {
		ki := i.kids[k.Schema().Index]
		if ki == nil || ki.reach >= top {
			continue
		}
		switch ki.def.Kind {
		case schema.Container:
			c.subtree(k, ki, top, old, ki.def.Presence)
		case schema.List:
			c.subtree(k, ki, top, old, true)
		default:
			if !old {
				continue
			}
			for _, r := range ki.readers {
				if r.target && r.common.depth < top {
					c.schedule(r, k)
				}
			}
		}
	}
}

// schedule notes that a rule has to be evaluated below the node on the stack that
// is the reader's common one. Old, where it is not nil, is a leaf or leaf-list
// that leafrefs lead to and that is no longer what it was.
func (c *checker) schedule(r reader, old *tree.Node) {
	if r.common.depth >= len(c.stack) {
		return
	}
	c.scheduleAt(r, c.stack[r.common.depth], old)
}

func (c *checker) scheduleAt(r reader, common *xpath.Node, old *tree.Node) {
	if c.settling && (r.rule.kind != whenRule || r.rule.choice) {
		return
	}
	key := taskKey{r.rule, common}
	t := c.tasks[key]
	if t == nil {
		if c.tasks == nil {
			c.tasks = map[taskKey]*task{}
		}
		t = &task{taskKey: key, info: r.common}
		c.tasks[key] = t
		c.order = append(c.order, t)
	}
	if old == nil {
		t.all = true
		return
	}
	if t.values == nil {
		t.values = map[string]struct{}{}
	}
	if old.Schema().Kind == schema.Leaf {
		t.values[old.Value().Text] = struct{}{}
		return
	}
	for _, v := range old.Values() {
		t.values[v.Text] = struct{}{}
	}
}

// runTasks evaluates what was scheduled.
func (c *checker) runTasks() {
	for k := 0; k < len(c.order) && !c.done(); k++ {
		c.run(c.order[k])
	}
}

func (c *checker) run(t *task) {
	r := t.rule
	switch r.kind {
	case mustRule:
		c.each(t, r.info, true, func(n *xpath.Node) { c.must(r, n) })
	case whenRule:
		c.runWhen(t)
	case uniqueRule:
		c.each(t, r.info.parent, true, func(n *xpath.Node) { c.unique(r, n) })
	case leafrefRule:
		if !t.all && r.global && !c.index.any(c.t, r, t.values) {
			return
		}
		c.each(t, r.info, len(r.info.def.Defaults) > 0, func(n *xpath.Node) {
			if v, ok := n.Value(); ok && !t.all {
				if _, gone := t.values[v.Text]; !gone {
					return
				}
			}
			c.leafref(r, n)
		})
	case instanceRule:
		c.each(t, r.info, false, c.instance)
	}
}

// runWhen evaluates a when for all parents of its node: what is explicit has to
// go, and where it turned true, mandatory nodes and defaults come into force.
func (c *checker) runWhen(t *task) {
	r := t.rule
	switch {
	case r.choice:
		c.each(t, r.info, true, func(n *xpath.Node) { c.require(n, r.info) })
		return
	case t.info == r.info: // it depends on the node itself
		c.when(r, t.common)
		return
	}
	c.each(t, r.info.parent, true, func(parent *xpath.Node) {
		c.require(parent, r.info.parent)
		if parent.Instance().Child(r.info.def) == nil {
			c.implied(parent, r.info)
			return
		}
		c.descend(parent, []*info{r.info}, false, func(n *xpath.Node) { c.when(r, n) })
	})
}

func (c *checker) when(r *rule, n *xpath.Node) {
	if ok, failed := c.holds(r, n); !ok && !failed && !n.Instance().IsDefault() {
		c.reportWhen(r, n)
	}
}

// each calls f for all instances of i below the task's common node; with
// defaults, for what exists without being explicit also.
func (c *checker) each(t *task, i *info, defaults bool, f func(*xpath.Node)) {
	way := make([]*info, max(0, i.depth-t.info.depth))
	for k := len(way) - 1; k >= 0; k-- {
		way[k], i = i, i.parent
	}
	c.descend(t.common, way, defaults, f)
}

func (c *checker) descend(n *xpath.Node, way []*info, defaults bool, f func(*xpath.Node)) {
	if c.done() {
		return
	}
	if len(way) == 0 {
		f(n)
		return
	}
	i := way[0]
	inst := n.Instance().Child(i.def)
	if inst == nil && defaults {
		inst = n.Instance().ChildOrDefault(i.def)
		if inst != nil && len(i.whens) > 0 && !c.applies(n, i.def, i.whens) {
			return
		}
	}
	if inst == nil {
		return
	}
	switch i.def.Kind {
	case schema.List:
		for e := range inst.Entries() {
			c.descend(c.nodes.Down(n, e), way[1:], defaults, f)
		}
	case schema.LeafList:
		for k := range inst.Values() {
			c.descend(n.DownAt(inst, k), way[1:], defaults, f)
		}
	default:
		c.descend(c.nodes.Down(n, inst), way[1:], defaults, f)
	}
}
