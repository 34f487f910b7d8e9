package validate

import (
	"fmt"
	"math"

	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/xpath"
)

// info is what validation knows of one configuration node of the schema.
type info struct {
	def    *schema.Node
	parent *info
	depth  int     // data ancestors; the root has 0
	kids   []*info // by schema index; nil for state

	whens    []*rule // of the node, and of the choices and cases around it
	musts    []*rule
	leafrefs *rule // leaf, leaf-list: the value has to exist elsewhere
	instance *rule // leaf, leaf-list: an instance-identifier that requires one
	unique   *rule // list

	// require are the children that have to be there, or not too many of.
	require []*requirement
	choices bool // there are choices among the children

	// needs tells that there is something to check in an instance or below it.
	needs bool
	// implied are the children that have something to check where they are not
	// explicit: containers without presence and defaults.
	implied      []*info
	needsImplied bool

	readers []reader // rules that read instances of this node
	// outer are the readers of this node, and of all that exists with it without
	// being explicit, whose common node is above this one.
	outer []reader
	// reach is the least depth of a common node in readers here and below.
	reach int
}

// requirement is a node with mandatory, min-elements or max-elements, or a choice
// or case that has such a node in it.
type requirement struct {
	def   *schema.Node
	data  *info // of a data node
	whens []*rule
	below []*requirement // choice: its cases; case: its nodes
	nodes []*schema.Node // choice, case: the data nodes in it
}

// ruleKind is a kind of rule.
type ruleKind uint8

const (
	mustRule ruleKind = iota
	whenRule
	leafrefRule
	instanceRule
	uniqueRule
)

// rule is one constraint of one schema node.
type rule struct {
	kind ruleKind
	info *info // of the node that has it

	must     schema.Must
	when     schema.When
	ctx      *schema.Node   // must, when: the context node's
	choice   bool           // whenRule: of a choice or case of info's node
	x        *xpath.Expr    // must, when
	leafrefs []leafref      // leafrefRule: the leafref, or those of a union
	others   []*schema.Type // leafrefRule: other members of the union
	common   *info          // leafrefRule: above all targets and referrers
	global   bool           // leafrefRule: counted in the index
}

// leafref is one leafref type of a leaf.
type leafref struct {
	t          *schema.Type
	x          *xpath.Expr
	predicates bool
}

// reader is a rule that reads a node.
type reader struct {
	rule   *rule
	common *info // see xpath.Read
	target bool  // a leafref that leads to the node
}

// builder makes the infos of a schema.
type builder struct {
	infos     map[*schema.Node]*info
	rules     []*rule
	instances []*rule
	errs      []error
}

// node makes the info of def and of everything below.
func (b *builder) node(def *schema.Node, parent *info) *info {
	i := &info{def: def, parent: parent, reach: math.MaxInt}
	if parent != nil {
		i.depth = parent.depth + 1
	}
	b.infos[def] = i
	i.kids = make([]*info, len(def.Data))
	for k, c := range def.Data {
		if c.Config {
			i.kids[k] = b.node(c, i)
		}
	}
	for n := def; n != nil; n = n.Parent {
		if n != def && n.Kind != schema.Choice && n.Kind != schema.Case {
			break
		}
		for _, w := range n.Whens {
			r := b.add(&rule{kind: whenRule, info: i, when: w, ctx: def})
			if n != def || w.OnParent {
				r.ctx = def.DataParent
			}
			i.whens = append(i.whens, r)
		}
	}
	for _, m := range def.Musts {
		i.musts = append(i.musts, b.add(&rule{kind: mustRule, info: i, must: m, ctx: def}))
	}
	if def.Type != nil {
		b.typed(i)
	}
	if len(def.Unique) > 0 {
		i.unique = b.add(&rule{kind: uniqueRule, info: i})
	}
	i.require = b.requirements(i, def.Children)
	for _, c := range def.Children {
		i.choices = i.choices || c.Kind == schema.Choice
	}
	i.needs = len(i.whens) > 0 || len(i.musts) > 0 || i.leafrefs != nil || i.instance != nil ||
		i.unique != nil || len(i.require) > 0
	i.needsImplied = len(i.musts) > 0 || len(i.require) > 0 || i.leafrefs != nil || i.instance != nil
	for _, k := range i.kids {
		if k == nil {
			continue
		}
		i.needs = i.needs || k.needs
		if k.needsImplied && (k.def.Kind == schema.Container && !k.def.Presence || len(k.def.Defaults) > 0) {
			i.implied = append(i.implied, k)
			i.needsImplied = true
		}
	}
	return i
}

func (b *builder) add(r *rule) *rule {
	b.rules = append(b.rules, r)
	return r
}

// typed adds the rules of a leaf's type.
func (b *builder) typed(i *info) {
	var refs []leafref
	var others []*schema.Type
	instance := false
	var visit func(t *schema.Type)
	visit = func(t *schema.Type) {
		switch {
		case t.Kind == schema.Union:
			for _, m := range t.Members {
				visit(m)
			}
		case t.Kind == schema.Leafref && t.RequireInstance && (t.Target == nil || t.Target.Config):
			refs = append(refs, leafref{t: t})
		case t.Kind == schema.Leafref:
			others = append(others, t) // any value of the target's type will do
		case t.Kind == schema.InstanceIdentifier && t.RequireInstance:
			instance = true
			others = append(others, t)
		default:
			others = append(others, t)
		}
	}
	visit(i.def.Type)
	if len(refs) > 0 {
		i.leafrefs = b.add(&rule{kind: leafrefRule, info: i, leafrefs: refs, others: others})
	}
	if instance {
		i.instance = b.add(&rule{kind: instanceRule, info: i})
		b.instances = append(b.instances, i.instance)
	}
}

// requirements finds what is required among the schema children of a data node,
// a choice or a case.
func (b *builder) requirements(parent *info, children []*schema.Node) []*requirement {
	var out []*requirement
	for _, c := range children {
		if !c.Config {
			continue
		}
		r := &requirement{def: c, data: b.infos[c]}
		switch c.Kind {
		case schema.Choice, schema.Case:
			r.below = b.requirements(parent, c.Children)
			r.nodes = dataNodes(c)
			for _, w := range c.Whens {
				r.whens = append(r.whens, b.add(&rule{kind: whenRule, info: parent, when: w, ctx: parent.def, choice: true}))
			}
			if len(r.below) == 0 && !c.Mandatory {
				continue
			}
		case schema.Leaf, schema.AnyData, schema.AnyXML:
			if !c.Mandatory {
				continue
			}
		case schema.List, schema.LeafList:
			if c.Min == 0 && c.Max == 0 {
				continue
			}
		default:
			continue
		}
		if r.data != nil {
			r.whens = r.data.whens
			// In shorthand (RFC 7950 §7.9.2) the node is a case of its own.
			if c.Parent != nil && c.Parent.Kind == schema.Choice {
				r = &requirement{def: c, below: []*requirement{r}, nodes: []*schema.Node{c}}
			}
		}
		out = append(out, r)
	}
	return out
}

// dataNodes returns the data nodes in a choice or case.
func dataNodes(n *schema.Node) []*schema.Node {
	var out []*schema.Node
	for _, c := range n.Children {
		if c.Kind == schema.Choice || c.Kind == schema.Case {
			out = append(out, dataNodes(c)...)
		} else {
			out = append(out, c)
		}
	}
	return out
}

// link compiles the expressions, and tells each node which rules read it.
func (b *builder) link() {
	for _, r := range b.rules {
		switch r.kind {
		case mustRule:
			b.compile(r, r.must.Expr)
		case whenRule:
			b.compile(r, r.when.Expr)
		case leafrefRule:
			b.linkLeafref(r)
		case uniqueRule:
			for _, leafs := range r.info.def.Unique {
				for _, l := range leafs {
					b.readsUnique(r, l)
				}
			}
		}
	}
}

// readsUnique notes that a unique statement reads a leaf, and what else decides
// whether a default is in use on the way to it: the other cases of a choice.
func (b *builder) readsUnique(r *rule, leaf *schema.Node) {
	list := r.info.def
	b.reads(r, leaf, list.DataParent, false)
	for n := leaf; n != list; n = n.Parent {
		if n.Kind == schema.Choice {
			for _, d := range dataNodes(n) {
				b.reads(r, d, list.DataParent, false)
			}
		}
	}
}

func (b *builder) compile(r *rule, e schema.Expr) {
	x, err := xpath.Compile(e, r.ctx)
	if err != nil {
		b.errs = append(b.errs, fmt.Errorf("%s: %w", r.info.def.SchemaPath(), err))
		return
	}
	r.x = x
	for _, read := range x.Reads() {
		b.reads(r, read.Node, read.Common, false)
	}
}

// linkLeafref notes that a leafref reads its target, and the leafs that its
// predicates compare with. The lists and containers on the way need no note: a
// target goes with them.
func (b *builder) linkLeafref(r *rule) {
	for k := range r.leafrefs {
		l := &r.leafrefs[k]
		x, err := xpath.Compile(l.t.Path, r.info.def)
		if err != nil {
			b.errs = append(b.errs, fmt.Errorf("%s: leafref: %w", r.info.def.SchemaPath(), err))
			continue
		}
		l.x, l.predicates = x, x.HasPredicates()
		leads := false
		for _, read := range x.Reads() {
			n := read.Node
			switch {
			case n == l.t.Target:
				leads = true
				b.reads(r, n, read.Common, true)
				r.common = higher(r.common, b.infos[read.Common])
			case n.Kind != schema.Leaf && n.Kind != schema.LeafList:
			case n.IsKey() && leadsTo(n.DataParent, l.t.Target):
			default:
				b.reads(r, n, read.Common, false)
			}
		}
		if !leads {
			b.errs = append(b.errs, fmt.Errorf("%s: the leafref %s does not lead to its target", r.info.def.SchemaPath(), x))
		}
	}
	r.global = r.common != nil && len(b.errs) == 0
	for i := r.common; i != nil; i = i.parent {
		if i.def.Kind == schema.List {
			r.global = false
		}
	}
}

func higher(a, b *info) *info {
	if a == nil || b != nil && b.depth < a.depth {
		return b
	}
	return a
}

func leadsTo(list, target *schema.Node) bool {
	for a := target; a != nil; a = a.DataParent {
		if a == list {
			return true
		}
	}
	return false
}

func (b *builder) reads(r *rule, node, common *schema.Node, target bool) {
	i, c := b.infos[node], b.infos[common]
	if i == nil || c == nil { // state, which configuration cannot depend on
		return
	}
	i.readers = append(i.readers, reader{rule: r, common: c, target: target})
	i.reach = min(i.reach, c.depth)
}

// gather fills in outer and reach, bottom-up.
func (i *info) gather() {
	seen := map[reader]bool{}
	add := func(rs []reader) {
		for _, r := range rs {
			if r.common.depth < i.depth && !seen[r] {
				seen[r] = true
				i.outer = append(i.outer, r)
			}
		}
	}
	add(i.readers)
	for _, k := range i.kids {
		if k == nil {
			continue
		}
		k.gather()
		i.reach = min(i.reach, k.reach)
		switch k.def.Kind {
		case schema.Container:
			if !k.def.Presence {
				add(k.outer)
			}
		case schema.Leaf, schema.LeafList:
			if len(k.def.Defaults) > 0 {
				add(k.outer)
				continue
			}
			// Explicit targets are looked at one by one, for their values.
			for _, r := range k.outer {
				if !r.target {
					add([]reader{r})
				}
			}
		default:
			if k.def.Kind != schema.List {
				add(k.outer)
			}
		}
	}
}
