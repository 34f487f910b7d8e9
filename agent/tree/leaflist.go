package tree

import (
	"cmp"
	"slices"

	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// sorted reports whether the values of a leaf-list stand in their own order: of
// configuration that is ordered by the system, which is a set.
func sorted(def *schema.Node) bool { return def.Config && !def.UserOrdered }

// compareValues orders the values of a sorted leaf-list.
func compareValues(a, b schema.Value) int { return cmp.Compare(a.Text, b.Text) }

// hasValue tells where the value of that text is, or would be put. State may
// hold a value twice (RFC 7950 §7.7): there it is never found.
func hasValue(def *schema.Node, values []schema.Value, text string) (int, bool) {
	switch {
	case sorted(def):
		return slices.BinarySearchFunc(values, text, func(v schema.Value, text string) int {
			return cmp.Compare(v.Text, text)
		})
	case def.Config:
		if i := slices.IndexFunc(values, func(v schema.Value) bool { return v.Text == text }); i >= 0 {
			return i, true
		}
	}
	return len(values), false
}

// many is the number of values from which a set of them pays.
const many = 16

// addValues returns the leaf-list old, or a new one, with more values.
func addValues(o *token, def *schema.Node, old *Node, more ...schema.Value) *Node {
	if len(more) > many && def.Config {
		return addMany(o, def, old, more)
	}
	n := old
	for _, v := range more {
		i, ok := hasValue(def, n.Values(), v.Text)
		if ok {
			continue
		}
		if n == nil {
			n = newList(def, o)
		}
		n = n.own(o)
		n.body.list.values = slices.Insert(n.body.list.values, i, v)
	}
	return n
}

// addMany is addValues without a search for each value.
func addMany(o *token, def *schema.Node, old *Node, more []schema.Value) *Node {
	values := uniqueValues(append(slices.Clip(old.Values()), more...))
	if len(values) == old.Len() {
		return old
	}
	if sorted(def) {
		slices.SortFunc(values, compareValues)
	}
	n := old
	if n == nil {
		n = newList(def, o)
	}
	n = n.own(o)
	n.body.list.values = values
	return n
}

// uniqueValues returns the values without repetitions, the first ones kept, in
// a slice of its own.
func uniqueValues(values []schema.Value) []schema.Value {
	seen := make(map[string]bool, len(values))
	out := make([]schema.Value, 0, len(values))
	for _, v := range values {
		if !seen[v.Text] {
			seen[v.Text] = true
			out = append(out, v)
		}
	}
	return out
}

// removeValue returns the leaf-list without the (first) value of that text.
func removeValue(o *token, n *Node, text string) *Node {
	i := slices.IndexFunc(n.Values(), func(v schema.Value) bool { return v.Text == text })
	if i < 0 {
		return n
	}
	n = n.own(o)
	n.body.list.values = slices.Delete(n.body.list.values, i, i+1)
	return n
}
