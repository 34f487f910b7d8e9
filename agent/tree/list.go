package tree

import (
	"math"
	"slices"
	"strconv"

	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// list is what a list or leaf-list holds. Which fields are in use is a matter of
// the schema node: see the layouts.
type list struct {
	system *treap[listKey, *Node] // bySystem
	labels *treap[listKey, label] // byUser: where an entry stands in order
	order  *treap[label, *Node]   // byUser
	n      int                    // entries in system or order
	kept   []*Node                // asGiven
	values []schema.Value         // leaf-lists
}

// layout is how the entries of a list are kept.
type layout uint8

const (
	bySystem layout = iota // keyed, in key order
	byUser                 // keyed, in the order the user gives
	asGiven                // without keys: by position
)

func layoutOf(def *schema.Node) layout {
	switch {
	case len(def.Keys) == 0:
		return asGiven
	case userOrdered(def):
		return byUser
	default:
		return bySystem
	}
}

// userOrdered reports whether the user orders the entries or values of def.
// RFC 7950 §7.7.7: ordered-by is ignored for state.
func userOrdered(def *schema.Node) bool { return def.UserOrdered && def.Config }

// label is a place in the order of a user-ordered list. Only the order of labels
// has a meaning: there is room between two of them for an entry to move to.
type label uint64

// priority mixes the bits of the label and the seed.
func (l label) priority() uint64 {
	x := uint64(l) + listKey("").priority()
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

const (
	labelGap   = 1 << 32        // between neighbors when labels are dealt out
	firstLabel = label(1 << 62) // leaves room on both sides
)

func (l *list) clone() list {
	c := *l
	c.kept, c.values = slices.Clone(l.kept), slices.Clone(l.values)
	return c
}

func (l *list) len() int { return l.n + len(l.kept) + len(l.values) }

// entry finds an entry by its key values, or by its position.
func (l *list) entry(def *schema.Node, keys []string) *Node {
	if layoutOf(def) == asGiven {
		if i := position(keys); i > 0 && i <= len(l.kept) {
			return l.kept[i-1]
		}
		return nil
	}
	if len(keys) != len(def.Keys) {
		return nil
	}
	return l.find(def, joinKeys(keys))
}

// find is entry for a list that has keys.
func (l *list) find(def *schema.Node, k listKey) *Node {
	if layoutOf(def) == byUser {
		if at, ok := l.labels.get(k); ok {
			e, _ := l.order.get(at)
			return e
		}
		return nil
	}
	e, _ := l.system.get(k)
	return e
}

// position reads the key of an entry in a list without keys; 0 is none.
func position(keys []string) int {
	if len(keys) != 1 {
		return 0
	}
	i, err := strconv.Atoi(keys[0])
	if err != nil || i < 1 {
		return 0
	}
	return i
}

func (l *list) walk(yield func(*Node) bool) {
	for _, e := range l.kept {
		if !yield(e) {
			return
		}
	}
	l.system.walk(func(_ listKey, e *Node) bool { return yield(e) })
	l.order.walk(func(_ label, e *Node) bool { return yield(e) })
}

func (l *list) walkAfter(def *schema.Node, after []string, yield func(*Node) bool) {
	switch layoutOf(def) {
	case asGiven:
		for i := position(after); i < len(l.kept); i++ {
			if !yield(l.kept[i]) {
				return
			}
		}
	case byUser:
		if at, ok := l.labels.get(joinKeys(after)); ok {
			l.order.walkAfter(at, func(_ label, e *Node) bool { return yield(e) })
		}
	case bySystem:
		l.system.walkAfter(joinKeys(after), func(_ listKey, e *Node) bool { return yield(e) })
	}
}

// put adds an entry at the end, or in the place of the one with its key.
func (l *list) put(o *token, e *Node) {
	switch layoutOf(e.def) {
	case asGiven:
		l.kept = append(l.kept, e)
	case byUser:
		k := e.key()
		if at, ok := l.labels.get(k); ok {
			l.order = l.order.replace(o, at, e)
			return
		}
		at, ok := l.after()
		if !ok {
			l.relabel(o)
			at, _ = l.after()
		}
		l.stand(o, k, at, e)
	case bySystem:
		k := e.key()
		if _, ok := l.system.get(k); ok {
			l.system = l.system.replace(o, k, e)
			return
		}
		l.system = l.system.insert(o, &treap[listKey, *Node]{key: k, value: e, owner: o})
		l.n++
	}
}

// stand puts the entry of key k, which has no place, at a free label.
func (l *list) stand(o *token, k listKey, at label, e *Node) {
	l.labels = l.labels.put(o, k, at)
	l.order = l.order.insert(o, &treap[label, *Node]{key: at, value: e, owner: o})
	l.n++
}

// remove takes an entry of a list with keys away and reports whether it was
// there.
func (l *list) remove(o *token, def *schema.Node, k listKey) bool {
	if layoutOf(def) == byUser {
		at, ok := l.labels.get(k)
		if !ok {
			return false
		}
		l.labels, l.order = l.labels.remove(o, k), l.order.remove(o, at)
		l.n--
		return true
	}
	if _, ok := l.system.get(k); !ok {
		return false
	}
	l.system = l.system.remove(o, k)
	l.n--
	return true
}

// move gives the entry of key k of a user-ordered list another place. Both it
// and the point exist.
func (l *list) move(o *token, def *schema.Node, k listKey, w Where, point listKey) {
	if k == point && (w == Before || w == After) {
		return
	}
	e := l.find(def, k)
	l.remove(o, def, k)
	at, ok := l.place(w, point)
	if !ok {
		l.relabel(o)
		at, _ = l.place(w, point)
	}
	l.stand(o, k, at, e)
}

// place finds a free label, or reports that there is none left at that place.
func (l *list) place(w Where, point listKey) (label, bool) {
	switch w {
	case First:
		if l.order == nil {
			return firstLabel, true
		}
		first := l.order
		for first.left != nil {
			first = first.left
		}
		return between(0, first.key)
	case Before:
		at, _ := l.labels.get(point)
		return between(l.order.below(at), at)
	case After:
		at, _ := l.labels.get(point)
		if next := l.order.over(at); next != 0 {
			return between(at, next)
		}
	}
	return l.after()
}

// after returns a label behind all others.
func (l *list) after() (label, bool) {
	if l.order == nil {
		return firstLabel, true
	}
	last := l.order
	for last.right != nil {
		last = last.right
	}
	return last.key + labelGap, last.key < math.MaxUint64-labelGap
}

// between returns a label between two, where there is one. Zero stands for the
// place before all.
func between(a, b label) (label, bool) {
	mid := a + (b-a)/2
	if a == 0 && b > labelGap {
		mid = b - labelGap // in front: as dense as appending is
	}
	return mid, mid > a && mid < b
}

// below returns the nearest key below k, or the zero key.
func (t *treap[K, V]) below(k K) (found K) {
	for t != nil {
		if t.key < k {
			found, t = t.key, t.right
		} else {
			t = t.left
		}
	}
	return found
}

// over returns the nearest key above k, or the zero key.
func (t *treap[K, V]) over(k K) (found K) {
	for t != nil {
		if t.key > k {
			found, t = t.key, t.left
		} else {
			t = t.right
		}
	}
	return found
}

// relabel deals out all labels anew. It is needed after some thirty moves to
// the same spot, or after billions of them to the same end.
func (l *list) relabel(o *token) {
	var order spine[label, *Node]
	at := firstLabel
	labels := l.labels
	l.order.walk(func(_ label, e *Node) bool {
		order.add(o, at, e)
		labels = labels.replace(o, e.key(), at)
		at += labelGap
		return true
	})
	l.labels, l.order = labels, order.root()
}
