package tree

import (
	"cmp"
	"slices"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// EntryEdit is a change of one entry of a list with keys: Node takes the place of the
// entry with its keys or, where it is nil, the entry with those Keys goes.
type EntryEdit struct {
	Node *Node
	Keys []string
}

// EditEntries makes changes, in their order, of entries of the list at p; other
// entries stay. It is Replace and Delete for many that gets to the list once. Like
// Replace it takes the Nodes over.
func (x *Txn) EditEntries(p path.Path, edits []EntryEdit) error {
	def, err := x.resolve(p)
	if err != nil {
		return err
	}
	if def.Kind != schema.List || x.last().names || layoutOf(def) == asGiven {
		return fault.New(fault.OperationFailed, p, "it is not a list with keys")
	}
	for _, e := range edits {
		switch {
		case e.Node == nil && len(e.Keys) != len(def.Keys):
			return fault.New(fault.BadElement, p, "an entry is named by all of its keys and nothing else: %s", keyNames(def))
		case e.Node == nil:
		case e.Node.def != def || !e.Node.IsEntry():
			return fault.New(fault.OperationFailed, p, "the data is not an entry of this list")
		case e.Node.body.owner == x.token:
			x.token = new(token) // it stays where it is too, so it must not change in place
		}
	}
	return x.edit(p, func(l *Node) (*Node, error) {
		if layoutOf(def) == bySystem {
			return x.amendList(l, def, edits), nil
		}
		for _, e := range edits {
			l = x.editEntry(l, def, e)
		}
		return l, nil
	})
}

// amendList makes changes of the list l, or nil, that is in the order of its keys.
func (x *Txn) amendList(l *Node, def *schema.Node, edits []EntryEdit) *Node {
	changes := make([]amendment[listKey, *Node], len(edits))
	for i, e := range edits {
		if e.Node != nil {
			changes[i] = amendment[listKey, *Node]{e.Node.key(), x.mark(e.Node), false}
		} else {
			changes[i] = amendment[listKey, *Node]{joinKeys(e.Keys), nil, true}
		}
	}
	was := l
	if l == nil {
		was = newList(def, x.token)
	}
	old, n := was.body.list.system, was.body.list.n
	entries := old.amend(x.token, lastOfEach(changes), &n)
	if entries == old && n == was.body.list.n {
		return l
	}
	l = was.own(x.token)
	l.body.list.system, l.body.list.n = entries, n
	return l
}

// lastOfEach brings changes into the order of their keys, and of several of one key
// leaves the last.
func lastOfEach(changes []amendment[listKey, *Node]) []amendment[listKey, *Node] {
	slices.SortStableFunc(changes, func(a, b amendment[listKey, *Node]) int { return cmp.Compare(a.key, b.key) })
	last := changes[:0]
	for i, c := range changes {
		if i == len(changes)-1 || changes[i+1].key != c.key {
			last = append(last, c)
		}
	}
	return last
}

// editEntry makes one change of the list l, or nil, that the user orders.
func (x *Txn) editEntry(l *Node, def *schema.Node, e EntryEdit) *Node {
	switch {
	case l == nil && e.Node == nil:
		return nil
	case l == nil:
		l = newList(def, x.token)
	case e.Node == nil && l.body.list.find(def, joinKeys(e.Keys)) == nil:
		return l
	}
	l = l.own(x.token)
	if e.Node == nil {
		l.body.list.remove(x.token, def, joinKeys(e.Keys))
	} else {
		l.body.list.put(x.token, x.mark(e.Node))
	}
	return l
}
