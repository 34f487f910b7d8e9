package tree

import (
	"slices"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// Where is a place in a user-ordered list or leaf-list (RFC 7950 §7.8.6).
type Where uint8

// The places.
const (
	Last Where = iota
	First
	Before
	After
)

// Position is where an entry or a value goes. Point names the one that it goes
// before or after: the key values in key order, or the value.
type Position struct {
	Where Where
	Point []string
}

// Move moves an entry of a user-ordered list, or a value of a user-ordered
// leaf-list, that exists.
func (x *Txn) Move(p path.Path, at Position) error {
	def, err := x.resolve(p)
	if err != nil {
		return err
	}
	s := x.last()
	switch {
	case !userOrdered(def) || def.Kind == schema.List && len(def.Keys) == 0:
		return fault.New(fault.BadAttribute, p, "its place cannot be chosen: it is not ordered-by user")
	case !s.names:
		return fault.New(fault.MissingElement, p, "the keys of what is to be moved are missing")
	case x.Node(p) == nil:
		return fault.New(fault.DataMissing, p, "what is to be moved does not exist")
	}
	around := at.Where == Before || at.Where == After
	point := joinKeys(at.Point)
	whole := x.Node(p.Parent().Child(def.Elem()))
	if around && !whole.has(point, len(at.Point)) {
		return fault.New(fault.BadAttribute, p, "the one that it shall stand before or after does not exist").
			WithAppTag(fault.MissingInstance)
	}
	x.steps[len(x.steps)-1].names = false // edit the list, not the entry
	return x.edit(p, func(l *Node) (*Node, error) {
		l = l.own(x.token)
		if def.Kind == schema.LeafList {
			l.body.list.values = moveValue(l.body.list.values, string(s.key), at.Where, string(point))
		} else {
			l.body.list.move(x.token, def, s.key, at.Where, point)
		}
		return l, nil
	})
}

// has reports whether a list or leaf-list has an entry of that key, made of n
// values, or that value.
func (n *Node) has(k listKey, values int) bool {
	if n.def.Kind == schema.LeafList {
		_, ok := hasValue(n.def, n.Values(), string(k))
		return ok && values == 1
	}
	return values == len(n.def.Keys) && n.body.list.find(n.def, k) != nil
}

// moveValue moves a value that is there to a place next to one that is there.
func moveValue(values []schema.Value, text string, w Where, point string) []schema.Value {
	if text == point && (w == Before || w == After) {
		return values
	}
	index := func(text string) int {
		return slices.IndexFunc(values, func(v schema.Value) bool { return v.Text == text })
	}
	i := index(text)
	v := values[i]
	values = slices.Delete(values, i, i+1)
	switch w {
	case First:
		i = 0
	case Before:
		i = index(point)
	case After:
		i = index(point) + 1
	default:
		i = len(values)
	}
	return slices.Insert(values, i, v)
}
