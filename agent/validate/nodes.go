package validate

import (
	"slices"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/agent/xpath"
)

// below checks all that is in n, an instance of i whose parent is at.
func (c *checker) below(at *xpath.Node, n *tree.Node, i *info) {
	if c.done() || !i.needs && !c.whole {
		return
	}
	switch i.def.Kind {
	case schema.List:
		if n.IsEntry() {
			c.node(c.nodes.Down(at, n), i)
			return
		}
		for e := range n.Entries() {
			if c.done() {
				return
			}
			c.node(c.nodes.Down(at, e), i)
		}
		if i.unique != nil { // of single entries that came, the readers see to it
			c.unique(i.unique, at)
		}
	case schema.LeafList:
		for k := range n.Values() {
			c.node(at.DownAt(n, k), i)
		}
	default:
		if !i.satisfied(at, n) {
			c.node(c.nodes.Down(at, n), i)
		}
	}
}

// satisfied reports whether n below parent is a leaf of which nothing is asked but
// to refer to another one, and it does. It may do so where this is false.
func (i *info) satisfied(parent *xpath.Node, n *tree.Node) bool {
	if i.leafrefs == nil || i.instance != nil || len(i.whens) > 0 || len(i.musts) > 0 {
		return false
	}
	text := n.Value().Text
	return slices.ContainsFunc(i.leafrefs.leafrefs, func(l leafref) bool { return l.x.Leads(parent, text) })
}

// node checks one instance: a container, an entry, a leaf or a value of a
// leaf-list, and what is in it. A default or a container without presence that
// is not explicit has no constraints where its when is false.
func (c *checker) node(n *xpath.Node, i *info) {
	if len(i.whens) > 0 {
		explicit := !n.Instance().IsDefault()
		for _, r := range i.whens {
			if ok, failed := c.holds(r, n); failed {
				return
			} else if !ok {
				if explicit {
					c.reportWhen(r, n)
				}
				return
			}
		}
	}
	for _, r := range i.musts {
		c.must(r, n)
	}
	switch i.def.Kind {
	case schema.Leaf, schema.LeafList:
		if i.leafrefs != nil {
			c.leafref(i.leafrefs, n)
		}
		if i.instance != nil {
			c.instance(n)
		}
	case schema.Container, schema.List:
		c.interior(n, i)
	}
}

// interior checks the children of a container, an entry or the root.
func (c *checker) interior(n *xpath.Node, i *info) {
	c.require(n, i)
	inst := n.Instance()
	if c.whole {
		c.sound(n, i)
	}
	for k := range inst.Children() {
		ki := i.kids[k.Schema().Index]
		if ki != nil && (ki.needs || c.whole && len(ki.kids) > 0) {
			c.below(n, k, ki)
		}
	}
	for _, ki := range i.implied {
		if inst.Child(ki.def) == nil {
			c.implied(n, ki)
		}
	}
}

// implied checks what exists of i below n without being explicit.
func (c *checker) implied(n *xpath.Node, i *info) {
	if !i.needsImplied {
		return
	}
	if d := n.Instance().ChildOrDefault(i.def); d != nil {
		c.below(n, d, i)
	}
}

// sound checks what a tree takes care of by itself: that entries have their keys,
// and that there is one case of each choice.
func (c *checker) sound(n *xpath.Node, i *info) {
	if i.def.Kind == schema.List {
		for _, k := range i.def.Keys {
			if n.Instance().Child(k) == nil {
				c.report(fault.New(fault.MissingElement, n.Path(), "the key %s is missing", k.Name).
					WithInfo("bad-element", k.Name))
			}
		}
	}
	if i.choices {
		c.exclusive(n, i.def.Children)
	}
}

// exclusive checks that no choice has nodes of two cases (RFC 7950 §7.9).
func (c *checker) exclusive(n *xpath.Node, children []*schema.Node) {
	for _, choice := range children {
		if choice.Kind != schema.Choice {
			continue
		}
		var inUse *schema.Node
		for _, cs := range choice.Children {
			if !present(n.Instance(), cs) {
				continue
			}
			if inUse != nil {
				c.report(fault.New(fault.BadElement, n.Path(), "the choice %s has nodes of two cases, %s and %s; one is right",
					choice.Name, inUse.Name, cs.Name).WithInfo("bad-element", cs.Name))
			}
			inUse = cs
			c.exclusive(n, cs.Children)
		}
	}
}

// present reports whether the parent has instances of a data node, or of any data
// node in a choice or case.
func present(parent *tree.Node, n *schema.Node) bool {
	if n.Kind != schema.Choice && n.Kind != schema.Case {
		return parent.Child(n) != nil
	}
	for _, k := range n.Children {
		if present(parent, k) {
			return true
		}
	}
	return false
}

// holds evaluates a when for the instance, or imagined instance, n of its node.
// Failed tells that it could not be evaluated, which has been reported.
func (c *checker) holds(r *rule, n *xpath.Node) (ok, failed bool) {
	ctx := n
	if r.ctx != r.info.def {
		ctx = n.Parent()
	}
	return c.holdsAt(r, ctx)
}

func (c *checker) holdsAt(r *rule, ctx *xpath.Node) (ok, failed bool) {
	ok, err := r.x.Bool(c.t, ctx)
	if err != nil {
		c.report(fault.Wrap(fault.OperationFailed, ctx.Path(), err, "when %q cannot be evaluated", r.when.Text))
		return false, true
	}
	return ok, false
}

// applies reports whether all whens of a data node below parent hold.
func (c *checker) applies(parent *xpath.Node, def *schema.Node, whens []*rule) bool {
	for _, r := range whens {
		ctx := parent
		if !r.choice && r.ctx == def {
			ctx = parent.Imagine(def)
		}
		if ok, failed := c.holdsAt(r, ctx); failed || !ok {
			return false
		}
	}
	return true
}

func (c *checker) reportWhen(r *rule, n *xpath.Node) {
	c.unwanted = append(c.unwanted, n.Path())
	c.report(fault.New(fault.UnknownElement, n.Path(), "%s is only there when %s", n.Schema().Name, r.when.Text).
		WithInfo("bad-element", n.Schema().Name))
}

func (c *checker) must(r *rule, n *xpath.Node) {
	ok, err := r.x.Bool(c.t, n)
	if err != nil {
		c.report(fault.Wrap(fault.OperationFailed, n.Path(), err, "must %q cannot be evaluated", r.must.Text))
		return
	}
	if ok {
		return
	}
	e := fault.New(fault.OperationFailed, n.Path(), "the condition %q is not met", r.must.Text).WithAppTag(fault.MustViolation)
	if r.must.ErrorMessage != "" {
		e.Message = r.must.ErrorMessage
	}
	if r.must.ErrorAppTag != "" {
		e.AppTag = r.must.ErrorAppTag
	}
	c.report(e)
}
