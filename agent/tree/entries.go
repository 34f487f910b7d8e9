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

// EditWithin puts Nodes into entries of the list at p that are in the order of their
// keys, and there in the place of what within leads to, through containers: of each edit
// the Node into the entry with its Keys, the last one where there are several. An entry
// that is not there stays so, and other entries as they are. Like Replace it takes the
// Nodes over.
//
// It returns what the first step of within leads to now, in the entries that are there,
// as edits in the order of their keys.
func (x *Txn) EditWithin(p, within path.Path, edits []EntryEdit) ([]EntryEdit, error) {
	def, err := x.resolve(p)
	if err != nil {
		return nil, err
	}
	if def.Kind != schema.List || x.last().names || layoutOf(def) != bySystem || len(within) == 0 {
		return nil, fault.New(fault.OperationFailed, p, "it is not a list in the order of its keys")
	}
	way, last := make([]Turn, len(within)), def
	for i, e := range within {
		if last = last.Child(e.Module, e.Name); last == nil || last.Kind != schema.Container || inChoice(last) {
			return nil, fault.New(fault.BadElement, append(p[:len(p):len(p)], within[:i+1]...), "it is no container of an entry, or in a choice")
		}
		way[i].def = last
	}
	changes := make([]amendment[listKey, *EntryEdit], len(edits))
	for i, e := range edits {
		switch {
		case e.Node == nil || e.Node.def != last || !e.Node.says():
			return nil, fault.New(fault.OperationFailed, p, "the data is not an instance of what is within an entry, with something in it")
		case len(e.Keys) != len(def.Keys):
			return nil, fault.New(fault.BadElement, p, "an entry is named by all of its keys and nothing else: %s", keyNames(def))
		case e.Node.body != nil && e.Node.body.owner == x.token:
			x.token = new(token) // it stays where it is too, so it must not change in place
		}
		changes[i] = amendment[listKey, *EntryEdit]{key: joinKeys(e.Keys), value: &edits[i]}
	}
	changes = lastOfEach(changes)
	done := make([]EntryEdit, 0, len(changes))
	put := func(entry *Node, e *EntryEdit) *Node {
		n := e.Node
		if x.observed {
			n = observe(n, true, x.token)
		}
		entry, first := x.lead(entry, way, n)
		done = append(done, EntryEdit{first, e.Keys})
		return entry
	}
	err = x.edit(p, func(l *Node) (*Node, error) {
		if l == nil {
			return nil, nil
		}
		entries := revise(x.token, l.body.list.system, changes, put, sameNode)
		if entries != l.body.list.system {
			l = l.own(x.token)
			l.body.list.system = entries
		}
		return l, nil
	})
	return done, err
}

// lead puts a node in the place of what way leads to from n, a container or an entry,
// and returns n and what its first step leads to then.
func (x *Txn) lead(n *Node, way []Turn, put *Node) (_, first *Node) {
	kids := n.parts().kids
	i, there := way[0].find(kids)
	var old *Node
	if there {
		old = kids[i]
	}
	first = put
	if len(way) > 1 {
		if first = old; first == nil {
			first = newInner(way[0].def, x.token, 1)
			first.setObserved(x.observed)
		}
		first, _ = x.lead(first, way[1:], put)
	}
	if first == old {
		return n, first
	}
	n = n.own(x.token)
	if there {
		n.body.kids[i] = first
	} else {
		n.setKid(way[0].def, first)
	}
	return n, first
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

// lastOfEach brings changes into the order of their keys, which they may be in already,
// and of several of one key leaves the last.
func lastOfEach[V any](changes []amendment[listKey, V]) []amendment[listKey, V] {
	byKey := func(a, b amendment[listKey, V]) int { return cmp.Compare(a.key, b.key) }
	if !slices.IsSortedFunc(changes, byKey) {
		slices.SortStableFunc(changes, byKey)
	}
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
