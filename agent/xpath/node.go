package xpath

import (
	"strconv"
	"strings"

	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// Node is a node of the XPath data model (XPath 1.0 §5) and the way to it: the
// root, a container, a list entry, a leaf, one value of a leaf-list, anydata, or
// the text of a leaf. A list itself is none.
type Node struct {
	parent *Node
	def    *schema.Node
	// inst is the instance; for one value of a leaf-list the leaf-list. It is
	// nil in a node that is only imagined (Imagine).
	inst *tree.Node
	// index is the value's in a leaf-list, from 0, or the position of an entry
	// in a list without keys, from 1; -1 where it has no meaning.
	index int32
	text  bool // the text node below a leaf

	// same is the one of all equal Nodes that the evaluation in keeps.
	same *Node
	in   *evaluation
}

// Root returns the root of t.
func Root(t tree.Tree) *Node {
	return &Node{def: t.Schema().Root, inst: t.Root(), index: -1}
}

// Down returns the node for child, an instance below n: a container, an entry of
// a list that n has, a leaf or anydata.
func (n *Node) Down(child *tree.Node) *Node {
	return &Node{parent: n, def: child.Schema(), inst: child, index: -1}
}

// DownAt is Down for one value of a leaf-list, by its index from 0, and for an
// entry of a list without keys, by its position from 1.
func (n *Node) DownAt(child *tree.Node, index int) *Node {
	return &Node{parent: n, def: child.Schema(), inst: child, index: int32(index)}
}

// Nodes makes many Nodes in few allocations. The zero Nodes is ready.
type Nodes struct {
	free []Node
	made int // in all
}

// Down is n.Down(child).
func (ns *Nodes) Down(n *Node, child *tree.Node) *Node {
	if len(ns.free) == 0 {
		ns.free = make([]Node, min(ns.made+1, mostNodes))
	}
	c := &ns.free[0]
	ns.free = ns.free[1:]
	ns.made++
	c.parent, c.def, c.inst, c.index = n, child.Schema(), child, -1
	return c
}

// mostNodes are made at once.
const mostNodes = 128

// Imagine returns a node of def below n that does not exist: the context node of
// a when statement of a node that is not there (RFC 7950 §7.21.5). It has
// neither a value nor children.
func (n *Node) Imagine(def *schema.Node) *Node {
	return &Node{parent: n, def: def, index: -1}
}

// Find returns the node that p names, or nil. Defaults in use are found; whether
// their whens hold is not looked at.
func Find(t tree.Tree, p path.Path) *Node {
	n := Root(t)
	for _, e := range p {
		if n = n.Step(e); n == nil {
			return nil
		}
	}
	return n
}

// Step returns the child that e names, or nil.
func (n *Node) Step(e path.Elem) *Node {
	def := n.def.Child(e.Module, e.Name)
	if def == nil {
		return nil
	}
	c := n.inst.ChildOrDefault(def)
	if c == nil {
		return nil
	}
	switch def.Kind {
	case schema.List:
		keys := make([]string, len(e.Keys))
		for i, k := range e.Keys {
			keys[i] = k.Value
		}
		if len(keys) == 0 {
			return nil
		}
		if c = c.Entry(keys...); c == nil {
			return nil
		}
		if len(def.Keys) == 0 {
			i, _ := strconv.Atoi(keys[0])
			return n.DownAt(c, i)
		}
	case schema.LeafList:
		if len(e.Keys) == 1 {
			for i, v := range c.Values() {
				if v.Text == e.Keys[0].Value {
					return n.DownAt(c, i)
				}
			}
		}
		return nil
	}
	return n.Down(c)
}

// Parent returns the node above n, nil for the root.
func (n *Node) Parent() *Node { return n.parent }

// Schema returns the schema node of n.
func (n *Node) Schema() *schema.Node { return n.def }

// Instance returns the tree node that n stands for, the leaf-list for one of its
// values; nil where n is only imagined.
func (n *Node) Instance() *tree.Node { return n.inst }

// Value returns the value of a leaf or of a value of a leaf-list.
func (n *Node) Value() (schema.Value, bool) {
	if n.inst == nil {
		return schema.Value{}, false
	}
	switch n.def.Kind {
	case schema.Leaf:
		return n.inst.Value(), true
	case schema.LeafList:
		if vs := n.inst.Values(); int(n.index) < len(vs) && n.index >= 0 {
			return vs[n.index], true
		}
	}
	return schema.Value{}, false
}

// Path returns where n is.
func (n *Node) Path() path.Path {
	depth := 0
	for a := n; a != nil; a = a.parent {
		if a.parent != nil && !a.text {
			depth++
		}
	}
	p := make(path.Path, depth)
	for a := n; a != nil; a = a.parent {
		if a.parent != nil && !a.text {
			depth--
			p[depth] = a.elem()
		}
	}
	return p
}

func (n *Node) elem() path.Elem {
	switch {
	case n.def.Kind == schema.LeafList:
		if v, ok := n.Value(); ok {
			return n.def.Elem(v.Text)
		}
	case n.def.Kind == schema.List && n.inst != nil:
		if len(n.def.Keys) == 0 && n.index > 0 {
			return n.def.Elem(strconv.Itoa(int(n.index)))
		}
		return n.inst.Elem()
	}
	return n.def.Elem()
}

// stringValue is the string-value of XPath 1.0 §5.2: of an element the text of
// all its descendants.
func (n *Node) stringValue(e *evaluation) string {
	if v, ok := n.Value(); ok {
		return e.valueString(v)
	}
	if n.inst == nil {
		return ""
	}
	if n.def.Kind == schema.AnyData || n.def.Kind == schema.AnyXML {
		return string(n.inst.Opaque())
	}
	var b strings.Builder
	n.descend(e, nil, func(d *Node) bool {
		if v, ok := d.Value(); ok {
			b.WriteString(e.valueString(v))
		}
		return true
	})
	return b.String()
}

// valueString is the string of a value in x's eyes (RFC 7950 §9.10.3).
func (e *evaluation) valueString(v schema.Value) string {
	if v.Type != nil && v.Type.Kind == schema.Identityref {
		module, name := v.Identity()
		return e.x.names.prefix(module) + ":" + name
	}
	return v.Text
}

// children calls yield for the children that are instances of def, defaults in
// use included, and reports whether to go on.
func (n *Node) children(e *evaluation, def *schema.Node, yield func(*Node) bool) bool {
	switch def.Kind {
	case schema.List:
		position := 0
		for entry := range n.inst.Child(def).Entries() {
			if !e.spend(1) {
				return false
			}
			c := n.Down(entry)
			if position++; len(def.Keys) == 0 {
				c.index = int32(position)
			}
			if !yield(c) {
				return false
			}
		}
		return true
	case schema.LeafList:
		inst := e.childOf(n, def)
		for i := range inst.Values() {
			if !e.spend(1) || !yield(n.DownAt(inst, i)) {
				return false
			}
		}
		return true
	case schema.Container, schema.Leaf, schema.AnyData, schema.AnyXML:
		if c := e.childOf(n, def); c != nil {
			return e.spend(1) && yield(n.Down(c))
		}
	}
	return true
}

// hasChildren reports whether n's kind has data nodes below it.
func (n *Node) hasChildren() bool { return n.inst != nil && !n.text && len(n.def.Data) > 0 }

// descend calls yield for all element descendants in document order. Where
// within is not nil, only schema nodes that it holds are entered.
func (n *Node) descend(e *evaluation, within map[*schema.Node]bool, yield func(*Node) bool) bool {
	if !n.hasChildren() {
		return true
	}
	for _, def := range n.def.Data {
		if within != nil && !within[def] {
			continue
		}
		if !n.children(e, def, func(c *Node) bool {
			return yield(c) && c.descend(e, within, yield)
		}) {
			return false
		}
	}
	return true
}

// textNode returns the text node below a leaf that has text, or nil.
func (n *Node) textNode() *Node {
	if n.text {
		return nil
	}
	if v, ok := n.Value(); !ok || v.Text == "" {
		return nil
	}
	return &Node{parent: n, def: n.def, inst: n.inst, index: n.index, text: true}
}
