package tree

import (
	"slices"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// Txn is a batch of edits on one tree. Nodes that it made itself it changes in
// place, the base tree never. It is for one goroutine. A method that returns an
// error has changed nothing; all errors are *fault.Error with the path.
type Txn struct {
	schema *schema.Schema
	root   *Node
	token  *token // owns what this Txn made since it was frozen last
	steps  []step // of the path in hand
	// observed says that what it makes exists by state alone; see defaults.go.
	observed bool
}

// Txn begins a batch of edits on t.
func (t Tree) Txn() *Txn { return &Txn{schema: t.schema, root: t.root, token: new(token)} }

// Tree returns the tree as edited so far and freezes it: the Txn can go on, and
// will copy.
func (x *Txn) Tree() Tree {
	x.token = new(token)
	return Tree{schema: x.schema, root: x.root}
}

// Node returns what p names in the tree as edited so far, or nil. The Node may
// change with the next edit.
func (x *Txn) Node(p path.Path) *Node { return Tree{x.schema, x.root}.Node(p) }

// Set sets a leaf, or adds one value to a leaf-list that does not have it yet.
// Ancestors are created, and nodes of other cases of a choice deleted. A key leaf
// can be set to what it is.
func (x *Txn) Set(p path.Path, v schema.Value) error {
	def, err := x.resolve(p)
	if err != nil {
		return err
	}
	switch {
	case def.IsKey():
		if _, err := x.keyValue(p, v.Text); err != nil {
			return err
		}
		return x.Ensure(p.Parent())
	case def.Kind == schema.Leaf:
		return x.edit(p, func(old *Node) (*Node, error) {
			if old != nil && *old.leaf == v {
				return old, nil
			}
			return newLeaf(def, v), nil
		})
	case def.Kind == schema.LeafList:
		return x.edit(p, func(old *Node) (*Node, error) { return addValues(x.token, def, old, v), nil })
	default:
		return fault.New(fault.BadElement, p, "a %s has no value of its own; set the leafs below it", def.Kind)
	}
}

// keyValue checks that the key leaf at p would get the value it has.
func (x *Txn) keyValue(p path.Path, text string) (want string, err error) {
	leaf := p.Last()
	want, ok := p.Parent().Last().Key(leaf.Name)
	if !ok {
		return "", fault.New(fault.MissingElement, p.Parent(), "the entry's keys are missing in the path").
			WithInfo("bad-element", leaf.Name)
	}
	if text != want {
		return "", fault.New(fault.InvalidValue, p, "the key of the entry is %q and cannot be set to %q; make another entry", want, text)
	}
	return want, nil
}

// Ensure makes sure that a container with presence or a list entry exists, with
// its keys and its ancestors. A container without presence exists when something
// is in it: for one, and for a list without keys in the path, only p is checked.
func (x *Txn) Ensure(p path.Path) error {
	def, err := x.resolve(p)
	if err != nil {
		return err
	}
	if !isInterior(def.Kind) && def.Kind != schema.List {
		return fault.New(fault.BadElement, p, "a %s exists by having a value", def.Kind)
	}
	last := x.last()
	return x.edit(p, func(old *Node) (*Node, error) {
		switch {
		case old != nil:
			return old, nil
		case def.Kind == schema.List && last.names:
			return x.newEntry(p, last)
		case def.Kind == schema.Container && def.Presence:
			c := newInner(def, x.token, 0)
			c.setObserved(x.observed)
			return c, nil
		}
		return nil, nil
	})
}

// Create is Ensure for what must not exist yet: it is data-exists otherwise.
func (x *Txn) Create(p path.Path) error {
	if x.Node(p) != nil && len(p) > 0 {
		return fault.New(fault.DataExists, p, "it exists already; merge or replace it")
	}
	return x.Ensure(p)
}

// Delete removes the subtree at p, and what is empty then above it, and reports
// whether there was anything. At the root it removes everything. A step
// [.='value'] removes one value of a leaf-list. A key leaf goes with its entry
// only.
func (x *Txn) Delete(p path.Path) (bool, error) {
	def, err := x.resolve(p)
	if err != nil {
		return false, err
	}
	if def.IsKey() {
		return false, fault.New(fault.BadElement, p, "a key cannot be deleted; delete its entry")
	}
	if len(p) > 0 && x.Node(p) == nil {
		return false, nil
	}
	last := x.last()
	err = x.edit(p, func(old *Node) (*Node, error) {
		if def.Kind == schema.LeafList && last.names {
			return removeValue(x.token, old, string(last.key)), nil
		}
		return nil, nil
	})
	return err == nil, err
}

// Merge merges n, an instance of what p names, into the tree: leafs are set,
// values of leaf-lists and entries of lists added, except that n replaces a
// leaf-list of state or a list without keys, whose parts have no identity. n becomes part of the tree
// and must not be a part that an edit of this Txn made, wrapped into another Node.
func (x *Txn) Merge(p path.Path, n *Node) error {
	return x.graft(p, n, func(old *Node) *Node { return merge(x.token, old, x.mark(n)) })
}

// Replace puts n, an instance of what p names, in the place of what is there. A
// user-ordered entry stays where it stood. Like Merge it takes n over. An n that
// cannot be in a tree, as a container without anything in it, removes what is there.
func (x *Txn) Replace(p path.Path, n *Node) error {
	return x.graft(p, n, func(*Node) *Node { return x.mark(n) })
}

// mark marks n, which the path in hand leads to, where it exists by state alone.
func (x *Txn) mark(n *Node) *Node {
	if !x.observed {
		return n
	}
	return observe(n, x.within(len(x.steps)), x.token)
}

// within reports whether the first depth steps lead into an entry or a container
// with presence, or to one.
func (x *Txn) within(depth int) bool {
	return slices.ContainsFunc(x.steps[:depth], func(s step) bool { return begins(s.def) })
}

func (x *Txn) graft(p path.Path, n *Node, put func(old *Node) *Node) error {
	def, err := x.resolve(p)
	if err != nil {
		return err
	}
	last := x.last()
	switch {
	case n == nil || n.def != def:
		return fault.New(fault.OperationFailed, p, "the data is not an instance of this node")
	case def.IsKey():
		if _, err := x.keyValue(p, n.leaf.Text); err != nil {
			return err
		}
		return x.Ensure(p.Parent())
	case def.Kind == schema.List && n.IsEntry() != last.names:
		return fault.New(fault.OperationFailed, p, "the path and the data do not both name an entry, or the whole list")
	case def.Kind == schema.List && last.names && layoutOf(def) != asGiven && n.key() != last.key:
		return fault.New(fault.InvalidValue, p, "the keys of the data are not those of the path")
	case def.Kind == schema.LeafList && last.names:
		return fault.New(fault.BadElement, p, "name the leaf-list, not one of its values")
	}
	if n.body != nil && n.body.owner == x.token {
		x.token = new(token) // n stays where it is too, so it must not change in place
	}
	return x.edit(p, func(old *Node) (*Node, error) { return put(old), nil })
}

// SetMeta sets the metadata of what p names, which exists; see Node.Meta.
func (x *Txn) SetMeta(p path.Path, meta []byte) error {
	if _, err := x.resolve(p); err != nil {
		return err
	}
	return x.edit(p, func(old *Node) (*Node, error) {
		if old == nil {
			return nil, fault.New(fault.DataMissing, p, "there is nothing to keep metadata with")
		}
		return old.WithMeta(meta), nil
	})
}
