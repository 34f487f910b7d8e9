package tree

import (
	"slices"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
)

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
