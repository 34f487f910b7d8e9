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

// step is one step of a path, resolved.
type step struct {
	def   *schema.Node
	names bool    // one entry of a list, or one value of a leaf-list
	key   listKey // which one
	index int     // which one, from 1, in a list without keys
}

func (x *Txn) last() step {
	if len(x.steps) == 0 {
		return step{}
	}
	return x.steps[len(x.steps)-1]
}

// resolve finds the schema node of p and fills x.steps.
func (x *Txn) resolve(p path.Path) (*schema.Node, error) {
	x.steps = x.steps[:0]
	def := x.schema.Root
	if x.root.def != def {
		def = x.root.def // the input or output of an operation
	}
	for i, e := range p {
		c := def.Child(e.Module, e.Name)
		if c == nil {
			if def.Kind == schema.Container || def.Kind == schema.List {
				if _, err := x.schema.Find(p); err != nil {
					return nil, err
				}
			}
			return nil, fault.New(fault.UnknownElement, p[:i], "no node %q", e.Name).WithInfo("bad-element", e.Name)
		}
		s, err := newStep(c, e, p[:i+1])
		if err != nil {
			return nil, err
		}
		if i < len(p)-1 && c.Kind == schema.List && !s.names {
			return nil, fault.New(fault.MissingElement, p[:i+1], "the keys of the entry are missing")
		}
		x.steps = append(x.steps, s)
		def = c
	}
	return def, nil
}

func newStep(def *schema.Node, e path.Elem, at path.Path) (step, error) {
	s := step{def: def, names: len(e.Keys) > 0}
	if !s.names {
		return s, nil
	}
	switch {
	case def.Kind == schema.LeafList && len(e.Keys) == 1 && e.Keys[0].Name == ".":
		s.key = listKey(e.Keys[0].Value)
	case def.Kind == schema.LeafList:
		return s, fault.New(fault.BadElement, at, "a value of a leaf-list is named by [.='value']")
	case def.Kind != schema.List:
		return s, fault.New(fault.BadElement, at, "a %s has no keys", def.Kind)
	case layoutOf(def) == asGiven:
		if s.index = position([]string{e.Keys[0].Value}); s.index == 0 || len(e.Keys) > 1 {
			return s, fault.New(fault.BadElement, at, "an entry of a list without keys is named by its position, from [1]")
		}
	default:
		var ok bool
		if s.key, ok = keyOf(def, e); !ok {
			return s, fault.New(fault.BadElement, at, "an entry is named by all of its keys and nothing else: %s", keyNames(def))
		}
	}
	return s, nil
}

func keyNames(def *schema.Node) string {
	var names []byte
	for i, k := range def.Keys {
		if i > 0 {
			names = append(names, ", "...)
		}
		names = append(names, k.Name...)
	}
	return string(names)
}

// edit lets f replace what x.steps name: it gets the instance, or nil, and
// returns what shall be there, nil for nothing.
func (x *Txn) edit(p path.Path, f func(old *Node) (*Node, error)) error {
	root, err := x.update(x.root, p, 0, f)
	if err != nil {
		return err
	}
	if root == nil {
		root = &Node{def: x.root.def}
	}
	x.root = root
	return nil
}

// update is edit for n, the container or entry that the first depth steps name,
// or nil where it does not exist. It works from the bottom up, so that nothing
// is owned, created or changed before all that can fail has not failed.
func (x *Txn) update(n *Node, p path.Path, depth int, f func(old *Node) (*Node, error)) (*Node, error) {
	if depth == len(x.steps) {
		return f(n)
	}
	s := x.steps[depth]
	old := n.Child(s.def)
	var c *Node
	var err error
	if s.def.Kind == schema.List && s.names {
		c, err = x.updateEntry(old, p, depth, f)
	} else {
		c, err = x.update(old, p, depth+1, f)
	}
	if err != nil {
		return nil, err
	}
	if c != nil && !c.says() {
		c = nil
	}
	if c == old {
		return n, nil
	}
	if n == nil {
		if n, err = x.create(p, depth); err != nil {
			return nil, err
		}
	}
	n = n.own(x.token)
	n.setKid(s.def, c)
	return n, nil
}

// create makes the container or entry that the first depth steps name.
func (x *Txn) create(p path.Path, depth int) (*Node, error) {
	s := x.steps[depth-1]
	if s.def.Kind == schema.List {
		return x.newEntry(p[:depth], s)
	}
	c := newInner(s.def, x.token, 1)
	c.setObserved(x.observed && x.within(depth))
	return c, nil
}

// updateEntry is update for the list l, or nil, of which step depth names an entry.
func (x *Txn) updateEntry(l *Node, p path.Path, depth int, f func(old *Node) (*Node, error)) (*Node, error) {
	s := x.steps[depth]
	var old *Node
	if l != nil {
		if layoutOf(s.def) != asGiven {
			old = l.body.list.find(s.def, s.key)
		} else if s.index <= len(l.body.list.kept) {
			old = l.body.list.kept[s.index-1]
		}
	}
	if layoutOf(s.def) == asGiven && s.index > l.Len()+1 {
		return nil, fault.New(fault.DataMissing, p[:depth+1], "the list has %d entries", l.Len())
	}
	e, err := x.update(old, p, depth+1, f)
	if err != nil || e == old {
		return l, err
	}
	if l == nil {
		l = newList(s.def, x.token)
	}
	l = l.own(x.token)
	entries := l.body.list
	switch {
	case layoutOf(s.def) != asGiven && e != nil:
		entries.put(x.token, e)
	case layoutOf(s.def) != asGiven:
		entries.remove(x.token, s.def, s.key)
	case e == nil:
		entries.kept = slices.Delete(entries.kept, s.index-1, s.index)
	case old != nil:
		entries.kept[s.index-1] = e
	default:
		entries.kept = append(entries.kept, e)
	}
	return l, nil
}

// newEntry makes an entry that has its keys only. The key values of the step
// have to be canonical, or nobody would find the entry.
func (x *Txn) newEntry(p path.Path, s step) (*Node, error) {
	e := newInner(s.def, x.token, len(s.def.Keys)+2)
	e.setObserved(x.observed)
	for _, k := range s.def.Keys {
		text, _ := p.Last().Key(k.Name)
		v, err := k.Parse(text, x.schema.ModuleNames())
		if err != nil {
			return nil, located(err, p.Child(k.Elem()))
		}
		if v.Text != text {
			return nil, fault.New(fault.InvalidValue, p.Child(k.Elem()), "%q is not in canonical form, as %q is", text, v.Text)
		}
		e.body.kids = append(e.body.kids, newLeaf(k, v))
	}
	return e, nil
}

// located gives an error of the value parser its path.
func located(err error, p path.Path) error {
	for _, f := range fault.All(err) {
		f.Path = p
		return f
	}
	return err
}

// setKid makes c the child of schema node def, or removes that where c is nil.
// The caller owns n.
func (n *Node) setKid(def *schema.Node, c *Node) {
	kids := n.body.kids
	i, ok := findKid(kids, def.Index)
	switch {
	case ok && c != nil:
		kids[i] = c
		return
	case ok:
		kids = slices.Delete(kids, i, i+1)
	case c != nil:
		if inChoice(def) {
			kids = dropRivals(kids, def)
			i, _ = findKid(kids, def.Index)
		}
		kids = slices.Insert(kids, i, c)
	}
	n.body.kids = kids
}
