package tree

import (
	"iter"
	"strconv"

	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// Tree is a whole document of instance data. It is a value; the zero Tree is
// unusable, New makes an empty one.
type Tree struct {
	schema *schema.Schema
	root   *Node
}

// New returns the empty tree.
func New(s *schema.Schema) Tree { return Tree{schema: s, root: &Node{def: s.Root}} }

// FromRoot returns the tree with that root, an instance of the schema's root.
func FromRoot(s *schema.Schema, root *Node) Tree {
	if root == nil {
		return New(s)
	}
	return Tree{schema: s, root: root}
}

// Schema returns the schema that t follows.
func (t Tree) Schema() *schema.Schema { return t.schema }

// Root returns the root, which always exists.
func (t Tree) Root() *Node { return t.root }

// Node returns what p names, or nil where it does not exist. A list step with
// keys names an entry, without keys the Node that holds the entries. A value of a
// leaf-list is no Node: a step [.='value'] gives the leaf-list if it has that value.
func (t Tree) Node(p path.Path) *Node {
	n := t.root
	for _, e := range p {
		if n = n.step(e); n == nil {
			return nil
		}
	}
	return n
}

// step finds the child of a container or entry that e names.
func (n *Node) step(e path.Elem) *Node {
	if n.def.Kind == schema.List && !n.IsEntry() {
		return nil
	}
	c := n.Child(n.def.Child(e.Module, e.Name))
	if c == nil || len(e.Keys) == 0 {
		return c
	}
	switch c.def.Kind {
	case schema.List:
		l := c.body.list
		if layoutOf(c.def) == asGiven {
			return l.entry(c.def, []string{e.Keys[0].Value})
		}
		k, ok := keyOf(c.def, e)
		if !ok {
			return nil
		}
		return l.find(c.def, k)
	case schema.LeafList:
		for _, v := range c.Values() {
			if v.Text == e.Keys[0].Value {
				return c
			}
		}
	}
	return nil
}

// keyOf makes a listKey of a step that has all keys of def; they may stand in
// any order.
func keyOf(def *schema.Node, e path.Elem) (listKey, bool) {
	if len(e.Keys) != len(def.Keys) {
		return "", false
	}
	if len(e.Keys) == 1 {
		return listKey(e.Keys[0].Value), e.Keys[0].Name == def.Keys[0].Name
	}
	keys := make([]string, len(def.Keys))
	for i, k := range def.Keys {
		v, ok := e.Key(k.Name)
		if !ok {
			return "", false
		}
		keys[i] = v
	}
	return joinKeys(keys), true
}

// Get returns the value of the leaf that p names, explicit or a default in use,
// and whether there is one.
func (t Tree) Get(p path.Path) (schema.Value, bool) {
	n := t.root
	for _, e := range p {
		c := n.step(e)
		if c == nil && len(e.Keys) == 0 {
			c = n.ChildOrDefault(n.def.Child(e.Module, e.Name))
		}
		if n = c; n == nil {
			return schema.Value{}, false
		}
	}
	return n.Value(), n.def.Kind == schema.Leaf
}

// Under yields every explicit leaf, leaf-list and anydata at or below p in order,
// with its path. The path is the caller's to keep.
func (t Tree) Under(p path.Path) iter.Seq2[path.Path, *Node] {
	return func(yield func(path.Path, *Node) bool) {
		if n := t.Node(p); n != nil {
			under(p, n, yield)
		}
	}
}

func under(p path.Path, n *Node, yield func(path.Path, *Node) bool) bool {
	switch {
	case n.def.Kind == schema.List && !n.IsEntry():
		i := 0
		for e := range n.Entries() {
			i++
			if !under(p.Parent().Child(entryElem(e, i)), e, yield) {
				return false
			}
		}
	case isInterior(n.def.Kind) || n.def.Kind == schema.List:
		for _, c := range n.parts().kids {
			if !under(p.Child(c.def.Elem()), c, yield) {
				return false
			}
		}
	default:
		return yield(p, n)
	}
	return true
}

// entryElem is Elem, with the position in a list without keys.
func entryElem(e *Node, position int) path.Elem {
	if layoutOf(e.def) == asGiven {
		return e.def.Elem(strconv.Itoa(position))
	}
	return e.Elem()
}

// Set returns t with a leaf set to v, or with v added to a leaf-list, and with
// the ancestors that are needed. It is for paths that are known to be good, and
// returns t as it is for one that is not; see Txn.Set for errors and choices.
func (t Tree) Set(p path.Path, v schema.Value) Tree {
	x := t.Txn()
	if x.Set(p, v) != nil {
		return t
	}
	return x.Tree()
}

// Delete returns t without the subtree at p, and without what is empty then.
// Like Set it is for good paths only.
func (t Tree) Delete(p path.Path) Tree {
	x := t.Txn()
	if _, err := x.Delete(p); err != nil {
		return t
	}
	return x.Tree()
}
