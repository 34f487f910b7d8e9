package compile

import (
	"cmp"
	"slices"
	"strings"

	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// finish makes the schema of the trees: first all nodes, then what refers from
// one to another.
func (c *compiler) finish() *schema.Schema {
	root := &schema.Node{Kind: schema.Container, Config: true}
	f := finisher{c: c}
	for _, n := range c.roots {
		f.add(root, n, inherited{config: true})
	}
	for _, m := range c.modules {
		slices.Sort(m.out.DeviatedBy)
		slices.SortFunc(m.out.Submodules, func(a, b schema.Submodule) int { return cmp.Compare(a.Name, b.Name) })
	}
	f.unique(&node{out: root, children: c.roots})
	if c.errs.err() != nil {
		return nil
	}
	modules := make([]*schema.Module, len(c.modules))
	for i, m := range c.modules {
		modules[i] = m.out
	}
	s := schema.New(root, modules)
	f.bindAll(s)
	return s
}

// finisher makes schema nodes of nodes.
type finisher struct {
	c     *compiler
	nodes []*node // all that are left, parents first
}

// inherited is what a node has from its ancestors.
type inherited struct {
	config bool
	// operation says that the node is below an RPC, action or notification,
	// where config means nothing (RFC 7950 §7.21.1).
	operation bool
	input     bool // below the input of an RPC or action
	status    schema.Status
	whens     []schema.When // of the choices and cases around it
}

// add makes a schema node of n, and of all below, unless it is switched off.
func (f *finisher) add(parent *schema.Node, n *node, in inherited) {
	if n.off {
		return
	}
	if n.kind == schema.Case && n.implicit && !slices.ContainsFunc(n.children, func(ch *node) bool { return !ch.off }) {
		return
	}
	in.operation = in.operation || n.kind >= schema.RPC
	in.input = in.input || n.kind == schema.Input
	f.inherit(n, &in)
	out := &schema.Node{
		Kind:        n.kind,
		Name:        n.name,
		Module:      n.mod.out,
		Config:      in.config,
		Mandatory:   n.mandatory,
		Presence:    n.presence,
		Status:      in.status,
		UserOrdered: n.userOrdered && (in.config || in.input), // RFC 7950 §7.7.7
		Min:         n.min,
		Max:         n.max,
		Units:       n.units,
		Musts:       n.musts,
		Whens:       append(in.whens[:len(in.whens):len(in.whens)], n.whens...),
	}
	if n.max != 0 && n.min > n.max {
		f.c.errorf(n.at, "%s %s: min-elements %d is more than max-elements %d", n.kind, n.name, n.min, n.max)
	}
	n.out = out
	parent.Children = append(parent.Children, out)
	f.nodes = append(f.nodes, n)
	in.whens = nil
	if n.kind == schema.Choice || n.kind == schema.Case {
		in.whens = out.Whens
	}
	for _, ch := range n.children {
		f.add(out, ch, in)
	}
	if n.kind == schema.List {
		f.keys(n)
	}
	if n.kind == schema.Choice {
		f.defaultCase(n)
	} else if n.kind != schema.Case {
		f.unique(n)
	}
}

// inherit settles config and status.
func (f *finisher) inherit(n *node, in *inherited) {
	switch {
	case in.operation:
		in.config = false
	case n.config == nil:
	case *n.config && !in.config:
		f.c.errorf(n.at, "%s %s is config true below a node that is config false", n.kind, n.name)
	default:
		in.config = *n.config
	}
	if n.status != nil {
		in.status = *n.status
	}
}

// keys binds the key leafs of a list (RFC 7950 §7.8.2).
func (f *finisher) keys(n *node) {
	if n.key == nil {
		if n.out.Config {
			f.c.errorf(n.at, "list %s is configuration and has no key", n.name)
		}
		return
	}
	for _, word := range strings.Fields(n.key.Argument) {
		_, name := splitPrefix(word)
		i := slices.IndexFunc(n.out.Children, func(ch *schema.Node) bool { return ch.Name == name && ch.Module == n.out.Module })
		switch {
		case i < 0:
			f.c.errorf(n.key, "key %q is no leaf of list %s", word, n.name)
			continue
		case n.out.Children[i].Kind != schema.Leaf:
			f.c.errorf(n.key, "key %q of list %s is a %s; a key is a leaf", word, n.name, n.out.Children[i].Kind)
			continue
		}
		key := n.out.Children[i]
		switch {
		case slices.Contains(n.out.Keys, key):
			f.c.errorf(n.key, "key %q stands twice", word)
			continue
		case key.Config != n.out.Config:
			f.c.errorf(n.key, "key %q is not config %t, as list %s is", word, n.out.Config, n.name)
		case len(key.Whens) > 0:
			f.c.errorf(n.key, "key %q has a when; a key is always there", word)
		}
		n.out.Keys = append(n.out.Keys, key)
	}
	if len(n.out.Keys) == 0 {
		f.c.errorf(n.key, "list %s has an empty key", n.name)
	}
}

// defaultCase binds the default of a choice (RFC 7950 §7.9.3). One that a feature
// takes away is none; one that a deviation takes away has to be deviated too.
func (f *finisher) defaultCase(n *node) {
	for _, d := range n.defaults {
		_, name := splitPrefix(d.stmt.Argument)
		if n.child(nil, name) == nil {
			f.c.errorf(d.stmt, "choice %s has no case %q%s", n.name, name, there(n.children))
			continue
		}
		if n.mandatory {
			f.c.errorf(d.stmt, "choice %s is mandatory and has a default; it can be one of them", n.name)
		}
		for _, ch := range n.out.Children {
			if ch.Name == name {
				n.out.DefaultCase = ch
			}
		}
	}
}

// unique reports nodes of one name that have one parent, or that would meet in
// one data node out of several cases (RFC 7950 §6.2.1, §7.9.2).
func (f *finisher) unique(n *node) {
	type id struct {
		parent *node // nil for a data node, whatever cases it is in
		mod    *module
		name   string
	}
	seen := map[id]*node{}
	claim := func(key id, ch *node) {
		if other := seen[key]; other != nil {
			f.c.errorf(ch.at, "%s %q is defined already at %s", ch.kind, ch.name, other.at.Location())
		}
		seen[key] = ch
	}
	var visit func(ch *node)
	visit = func(ch *node) {
		if ch.out == nil {
			return
		}
		claim(id{cmp.Or(ch.parent, n), ch.mod, ch.name}, ch)
		if ch.kind != schema.Choice && ch.kind != schema.Case {
			claim(id{nil, ch.mod, ch.name}, ch)
			return
		}
		for _, below := range ch.children {
			visit(below)
		}
	}
	for _, ch := range n.children {
		visit(ch)
	}
}
