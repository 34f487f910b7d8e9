package tree

import (
	"iter"
	"slices"
	"strings"

	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// Node is one instance of a data node: a container, a list (holding its
// entries), a list entry, a leaf, a leaf-list (holding its values) or anydata.
// The root of a document, and the input or output of an operation, are like
// containers.
//
// A Node is immutable once its Txn is frozen, and shared: it knows neither its
// parent nor its path. All methods that look for something are safe on nil.
type Node struct {
	def  *schema.Node
	leaf *schema.Value // a leaf's value; the Text alone: anydata and anyxml
	body *body         // what a leaf does not have; nil where all of it is empty
}

// body is what a Node of many parts consists of.
type body struct {
	owner *token  // who may change this body in place
	kids  []*Node // container or entry: by schema index, no two of one schema node
	list  *list   // list, leaf-list
	rare  *rare   // what few Nodes have, shared and never changed; nil for none
}

// rare is what few Nodes have.
type rare struct {
	meta string // metadata
	// observed tells a container or entry that exists by state alone; see
	// defaults.go.
	observed bool
	// synthetic tells a default in use, which no tree holds.
	synthetic bool
}

// newLeaf makes a leaf or anydata.
func newLeaf(def *schema.Node, v schema.Value) *Node {
	n := &struct {
		Node
		value schema.Value
	}{value: v}
	n.def, n.leaf = def, &n.value
	return &n.Node
}

// inner is a Node with its body in one allocation; so are the children that most
// have, in steps of the allocator's sizes.
type (
	inner struct {
		Node
		body
	}
	inner1 struct {
		inner
		room [1]*Node
	}
	inner3 struct {
		inner
		room [3]*Node
	}
	inner5 struct {
		inner
		room [5]*Node
	}
	inner8 struct {
		inner
		room [8]*Node
	}
	inner12 struct {
		inner
		room [12]*Node
	}
	inner16 struct {
		inner
		room [16]*Node
	}
)

// newInner makes a Node with a body, and room for that many children.
func newInner(def *schema.Node, o *token, kids int) *Node {
	var n *inner
	switch {
	case kids == 0:
		n = &inner{}
	case kids == 1:
		m := &inner1{}
		n, m.kids = &m.inner, m.room[:0]
	case kids <= 3:
		m := &inner3{}
		n, m.kids = &m.inner, m.room[:0]
	case kids <= 5:
		m := &inner5{}
		n, m.kids = &m.inner, m.room[:0]
	case kids <= 8:
		m := &inner8{}
		n, m.kids = &m.inner, m.room[:0]
	case kids <= 12:
		m := &inner12{}
		n, m.kids = &m.inner, m.room[:0]
	case kids <= 16:
		m := &inner16{}
		n, m.kids = &m.inner, m.room[:0]
	default:
		n = &inner{}
		n.kids = make([]*Node, 0, kids)
	}
	n.Node.def, n.Node.body, n.owner = def, &n.body, o
	return &n.Node
}

// newList makes a list or leaf-list without anything in it.
func newList(def *schema.Node, o *token) *Node {
	n := &struct {
		inner
		room list
	}{}
	n.Node.def, n.Node.body, n.owner, n.inner.list = def, &n.inner.body, o, &n.room
	return &n.Node
}

// empty is the body of nodes without one, to read.
var empty body

func (n *Node) parts() *body {
	if n == nil || n.body == nil {
		return &empty
	}
	return n.body
}

// nothingRare is what most Nodes have.
var nothingRare rare

func (b *body) rarely() *rare {
	if b.rare == nil {
		return &nothingRare
	}
	return b.rare
}

// byState is what Nodes have that exist by state alone.
var byState = &rare{observed: true}

// setRare sets what is rare of n, which the caller owns.
func (n *Node) setRare(r rare) {
	switch r {
	case nothingRare:
		n.body.rare = nil
	case *byState:
		n.body.rare = byState
	default:
		own := r // not r itself, which would be on the heap in every case
		n.body.rare = &own
	}
}

func (n *Node) observed() bool { return n.parts().rarely().observed }

// setObserved marks n, which the caller owns, as one that exists by state alone,
// or takes the mark away.
func (n *Node) setObserved(observed bool) {
	r := *n.body.rarely()
	r.observed = observed
	n.setRare(r)
}

// own returns n, or a copy whose body may be changed where n is not the owner's.
func (n *Node) own(o *token) *Node {
	if n.body != nil && n.body.owner == o {
		return n
	}
	b := n.parts()
	var c *Node
	if b.list != nil {
		c = newList(n.def, o)
		*c.body.list = b.list.clone()
	} else {
		c = newInner(n.def, o, len(b.kids))
		c.body.kids = append(c.body.kids, b.kids...)
	}
	if c.leaf, c.body.rare = n.leaf, b.rare; n.IsDefault() {
		r := *b.rare
		r.synthetic = false
		c.setRare(r)
	}
	return c
}

// Schema returns the schema node that n is an instance of.
func (n *Node) Schema() *schema.Node { return n.def }

// Value returns a leaf's value.
func (n *Node) Value() schema.Value {
	if n.leaf == nil {
		return schema.Value{}
	}
	return *n.leaf
}

// Values returns a leaf-list's values in order. The caller must not change them.
func (n *Node) Values() []schema.Value {
	if l := n.parts().list; l != nil {
		return l.values
	}
	return nil
}

// Child returns the instance of def in a container or entry, or nil. The child
// of a list's schema node is the Node that holds the entries.
func (n *Node) Child(def *schema.Node) *Node {
	if def == nil {
		return nil
	}
	kids := n.parts().kids
	if i, ok := findKid(kids, def.Index); ok && kids[i].def == def {
		return kids[i]
	}
	return nil
}

// fewKids is the number of children up to which a scan beats a binary search.
const fewKids = 8

// findKid returns where the child of that schema index is, or would be.
func findKid(kids []*Node, index int) (int, bool) {
	if len(kids) <= fewKids {
		for i, k := range kids {
			if k.def.Index >= index {
				return i, k.def.Index == index
			}
		}
		return len(kids), false
	}
	return slices.BinarySearchFunc(kids, index, func(k *Node, index int) int { return k.def.Index - index })
}

// Children yields the children of a container or entry in schema order.
func (n *Node) Children() iter.Seq[*Node] { return slices.Values(n.parts().kids) }

// Len returns the number of a list's entries, a leaf-list's values or a
// container's children.
func (n *Node) Len() int {
	b := n.parts()
	if b.list == nil {
		return len(b.kids)
	}
	return b.list.len()
}

// Entry returns the list entry with those canonical key values, in key order, or
// nil. In a list without keys the one argument is the position, from 1.
func (n *Node) Entry(keys ...string) *Node {
	l := n.parts().list
	if l == nil || n.def.Kind != schema.List {
		return nil
	}
	return l.entry(n.def, keys)
}

// Entries yields a list's entries in their order.
func (n *Node) Entries() iter.Seq[*Node] {
	return func(yield func(*Node) bool) {
		if l := n.parts().list; l != nil && n.def.Kind == schema.List {
			l.walk(yield)
		}
	}
}

// EntriesFrom yields a list's entries that come after the one with those keys,
// all of them where after is empty. Where a user-ordered list has no such entry
// there is nothing that comes after it.
func (n *Node) EntriesFrom(after []string) iter.Seq[*Node] {
	if len(after) == 0 {
		return n.Entries()
	}
	return func(yield func(*Node) bool) {
		if l := n.parts().list; l != nil && n.def.Kind == schema.List {
			l.walkAfter(n.def, after, yield)
		}
	}
}

// IsEntry reports whether n is one entry of a list, and not the list.
func (n *Node) IsEntry() bool { return n.def.Kind == schema.List && n.parts().list == nil }

// Keys returns an entry's canonical key values in key order.
func (n *Node) Keys() []string {
	if !n.IsEntry() || len(n.def.Keys) == 0 {
		return nil
	}
	keys := make([]string, len(n.def.Keys))
	for i := range keys {
		keys[i] = n.body.kids[i].leaf.Text
	}
	return keys
}

// key returns what an entry with keys is found by in its list.
func (n *Node) key() listKey {
	kids := n.body.kids
	if len(n.def.Keys) == 1 {
		return listKey(kids[0].leaf.Text)
	}
	return joinKeys(n.Keys())
}

// joinKeys makes a listKey of key values in key order.
func joinKeys(keys []string) listKey {
	if len(keys) == 1 {
		return listKey(keys[0])
	}
	return listKey(strings.Join(keys, "\x00"))
}

// Opaque returns the content of anydata or anyxml as RFC 7951 JSON text.
func (n *Node) Opaque() []byte { return []byte(n.Value().Text) }

// Meta returns the metadata kept with n, or nil: the JSON object that RFC 7952
// §5.2 has as the value of "@" or of "@name".
func (n *Node) Meta() []byte {
	if m := n.parts().rarely().meta; m != "" {
		return []byte(m)
	}
	return nil
}

// WithMeta returns n with that metadata, none where it is empty.
func (n *Node) WithMeta(meta []byte) *Node {
	c := n.own(new(token))
	c.setMeta(string(meta))
	return c
}

// setMeta sets the metadata of n, which the caller owns.
func (n *Node) setMeta(meta string) {
	r := *n.body.rarely()
	r.meta = meta
	n.setRare(r)
}

// Elem returns n as a path step. An entry of a list without keys does not know
// its position; its step has none.
func (n *Node) Elem() path.Elem { return n.def.Elem(n.Keys()...) }

// IsDefault reports whether n is a default in use and not an explicit value.
func (n *Node) IsDefault() bool { return n.parts().rarely().synthetic }

// isInterior tells the kinds that have children: not lists, but their entries.
func isInterior(k schema.Kind) bool {
	switch k {
	case schema.Container, schema.RPC, schema.Action, schema.Input, schema.Output, schema.Notification:
		return true
	default:
		return false
	}
}

// says reports whether n may be in a tree: it is not an empty container without
// presence, or an empty list or leaf-list.
func (n *Node) says() bool {
	b := n.parts()
	switch n.def.Kind {
	case schema.Container:
		return n.def.Presence || len(b.kids) > 0
	case schema.List:
		return b.list == nil || b.list.len() > 0
	case schema.LeafList:
		return n.Len() > 0
	default:
		return true
	}
}
