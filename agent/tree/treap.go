package tree

import (
	"cmp"
	"hash/maphash"
	"slices"
)

// seed makes the shape of treaps unpredictable, so that no client can choose
// keys that degenerate a list. All trees that are ever compared share it.
var seed = maphash.MakeSeed()

// ordered is what a treap can be keyed by. The priority is a hash of the key.
type ordered interface {
	cmp.Ordered
	priority() uint64
}

// listKey is the key of a list entry: its key values in canonical form, joined
// by NUL, which no YANG string can hold.
type listKey string

func (k listKey) priority() uint64 { return maphash.String(seed, string(k)) }

// token is who owns a node: a Txn may change nodes that carry its token in place.
// Nodes whose owner is nil belong to nobody; no function is called with nil for
// the owner. A token has a size, so that each has its own address.
type token struct{ _ byte }

// treap is a persistent ordered map: a binary search tree by key that is a heap
// by the keys' priorities. Its shape is a function of the set of keys alone, so
// that two treaps with a common history, or with equal keys, can be walked in
// lock-step. nil is the empty map.
//
// A treap is changed in place where its owner is the caller's, and copied where
// it is not; so functions that change one return the new root.
type treap[K ordered, V any] struct {
	key         K
	left, right *treap[K, V]
	value       V
	owner       *token
}

// above reports whether a goes nearer to the root than b; it is a total order.
func above[K ordered](a, b K) bool {
	pa, pb := a.priority(), b.priority()
	return pa > pb || pa == pb && a < b
}

func (t *treap[K, V]) get(k K) (v V, ok bool) {
	for t != nil {
		switch {
		case k < t.key:
			t = t.left
		case k > t.key:
			t = t.right
		default:
			return t.value, true
		}
	}
	return v, false
}

// own returns t, or a copy where t is not the owner's.
func (t *treap[K, V]) own(o *token) *treap[K, V] {
	if t.owner == o {
		return t
	}
	c := *t
	c.owner = o
	return &c
}

// put sets the value of k.
func (t *treap[K, V]) put(o *token, k K, v V) *treap[K, V] {
	if _, ok := t.get(k); ok {
		return t.replace(o, k, v)
	}
	return t.insert(o, &treap[K, V]{key: k, value: v, owner: o})
}

// replace sets the value of k, which t holds.
func (t *treap[K, V]) replace(o *token, k K, v V) *treap[K, V] {
	t = t.own(o)
	switch {
	case k < t.key:
		t.left = t.left.replace(o, k, v)
	case k > t.key:
		t.right = t.right.replace(o, k, v)
	default:
		t.value = v
	}
	return t
}

// insert adds n, whose key t does not hold.
func (t *treap[K, V]) insert(o *token, n *treap[K, V]) *treap[K, V] {
	if t == nil {
		return n
	}
	if above(n.key, t.key) {
		n.left, n.right = t.split(o, n.key)
		return n
	}
	t = t.own(o)
	if n.key < t.key {
		t.left = t.left.insert(o, n)
	} else {
		t.right = t.right.insert(o, n)
	}
	return t
}

// split parts t into what is below k and what is above. t does not hold k.
func (t *treap[K, V]) split(o *token, k K) (below, over *treap[K, V]) {
	if t == nil {
		return nil, nil
	}
	t = t.own(o)
	if k < t.key {
		below, t.left = t.left.split(o, k)
		return below, t
	}
	t.right, over = t.right.split(o, k)
	return t, over
}

// remove takes k away, which t holds.
func (t *treap[K, V]) remove(o *token, k K) *treap[K, V] {
	switch {
	case k < t.key:
		t = t.own(o)
		t.left = t.left.remove(o, k)
	case k > t.key:
		t = t.own(o)
		t.right = t.right.remove(o, k)
	default:
		return join(o, t.left, t.right)
	}
	return t
}

// join is the inverse of split: all keys of a are below those of b.
func join[K ordered, V any](o *token, a, b *treap[K, V]) *treap[K, V] {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	case above(a.key, b.key):
		a = a.own(o)
		a.right = join(o, a.right, b)
		return a
	default:
		b = b.own(o)
		b.left = join(o, a, b.left)
		return b
	}
}

// amendment is that a key has a value, or is gone.
type amendment[K ordered, V any] struct {
	key   K
	value V
	gone  bool
}

// amend makes changes, which are in ascending order of their keys, and adds to n how
// many keys there are more. The cost is O(m log(n/m)) for m changes of n keys.
func (t *treap[K, V]) amend(o *token, changes []amendment[K, V], n *int) *treap[K, V] {
	if len(changes) == 0 {
		return t
	}
	if t == nil && len(changes) == 1 && !changes[0].gone { // as it mostly is at the lower end
		*n++
		return &treap[K, V]{key: changes[0].key, value: changes[0].value, owner: o}
	}
	if t == nil {
		var fresh spine[K, V]
		for _, c := range changes {
			if !c.gone {
				fresh.add(o, c.key, c.value)
				*n++
			}
		}
		return fresh.root()
	}
	at, here := searchAmendment(changes, t.key)
	after := at
	if here {
		after++
	}
	left, right := t.left.amend(o, changes[:at], n), t.right.amend(o, changes[after:], n)
	switch {
	case here && changes[at].gone:
		*n--
		return join(o, left, right)
	case !here && left == t.left && right == t.right:
		return t
	}
	stays := left.under(t, t.left) && right.under(t, t.right)
	t = t.own(o)
	if here {
		t.value = changes[at].value
	}
	if stays {
		t.left, t.right = left, right
		return t
	}
	t.left, t.right = nil, nil
	return join(o, join(o, left, t), right)
}

// revise replaces the values of those keys of changes, which are in ascending order, that
// t holds by what f makes of them, one after the other in that order. The cost is
// O(m log(n/m)) for m changes of n keys.
func revise[K ordered, V, C any](o *token, t *treap[K, V], changes []amendment[K, C], f func(old V, change C) V, same func(a, b V) bool) *treap[K, V] {
	if t == nil || len(changes) == 0 {
		return t
	}
	at, here := searchAmendment(changes, t.key)
	left, value, after := revise(o, t.left, changes[:at], f, same), t.value, at
	if here {
		value, after = f(value, changes[at].value), at+1
	}
	right := revise(o, t.right, changes[after:], f, same)
	if left == t.left && right == t.right && same(value, t.value) {
		return t
	}
	t = t.own(o)
	t.left, t.right, t.value = left, right, value
	return t
}

// searchAmendment finds where the change of a key is, or would be.
func searchAmendment[K ordered, V any](changes []amendment[K, V], k K) (int, bool) {
	return slices.BinarySearchFunc(changes, k, func(c amendment[K, V], k K) int { return cmp.Compare(c.key, k) })
}

// under reports whether t can stand where was, a child of top, does.
func (t *treap[K, V]) under(top, was *treap[K, V]) bool {
	return t == nil || t == was || above(top.key, t.key)
}

// walk yields all in order until yield refuses, and reports whether it did not.
func (t *treap[K, V]) walk(yield func(K, V) bool) bool {
	return t == nil ||
		t.left.walk(yield) && yield(t.key, t.value) && t.right.walk(yield)
}

// walkAfter is walk for the keys above k.
func (t *treap[K, V]) walkAfter(k K, yield func(K, V) bool) bool {
	for t != nil && t.key <= k {
		t = t.right
	}
	return t == nil ||
		t.left.walkAfter(k, yield) && yield(t.key, t.value) && t.right.walk(yield)
}

// walkBack is walk from the last to the first.
func (t *treap[K, V]) walkBack(yield func(K, V) bool) bool {
	return t == nil ||
		t.right.walkBack(yield) && yield(t.key, t.value) && t.left.walkBack(yield)
}

// spine builds a treap of keys that come in ascending order, in linear time.
type spine[K ordered, V any] struct {
	nodes      []*treap[K, V] // from the root along the right edge
	priorities []uint64       // of nodes
}

func (s *spine[K, V]) add(o *token, k K, v V) {
	n, p := &treap[K, V]{key: k, value: v, owner: o}, k.priority()
	i := len(s.nodes)
	// Equal priorities: the lower key is above, and it is there already.
	for i > 0 && s.priorities[i-1] < p {
		i--
	}
	if i < len(s.nodes) {
		n.left = s.nodes[i]
	}
	if i > 0 {
		s.nodes[i-1].right = n
	}
	s.nodes = append(s.nodes[:i], n)
	s.priorities = append(s.priorities[:i], p)
}

func (s *spine[K, V]) root() *treap[K, V] {
	if len(s.nodes) == 0 {
		return nil
	}
	return s.nodes[0]
}

// diff yields every key at which a and b differ: same tells equal values. What
// the two share by pointer is not looked at. The cost is O(d log n) for d keys
// that only one of them holds, plus the paths to values that differ. What has to
// be split is copied for o, a fresh token.
func diff[K ordered, V any](o *token, a, b *treap[K, V], same func(a, b V) bool, yield func(k K, a, b *treap[K, V]) bool) bool {
	switch {
	case a == b:
		return true
	case a == nil:
		return diff(o, a, b.left, same, yield) && yield(b.key, nil, b) && diff(o, a, b.right, same, yield)
	case b == nil:
		return diff(o, a.left, b, same, yield) && yield(a.key, a, nil) && diff(o, a.right, b, same, yield)
	case a.key == b.key:
		return diff(o, a.left, b.left, same, yield) &&
			(same(a.value, b.value) || yield(a.key, a, b)) &&
			diff(o, a.right, b.right, same, yield)
	case above(a.key, b.key):
		// a's root would be b's root too if b held its key.
		below, over := b.split(o, a.key)
		return diff(o, a.left, below, same, yield) && yield(a.key, a, nil) && diff(o, a.right, over, same, yield)
	default:
		below, over := a.split(o, b.key)
		return diff(o, below, b.left, same, yield) && yield(b.key, nil, b) && diff(o, over, b.right, same, yield)
	}
}
