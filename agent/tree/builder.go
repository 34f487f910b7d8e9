package tree

import (
	"cmp"
	"slices"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// Builder makes Nodes from the bottom up, which is the fast way to a large tree:
// children first, then what holds them. What repeats is made once and shared: see
// share.go. A Builder is for one goroutine; what it made is immutable.
//
// Its errors are *fault.Error without a Path: the caller knows where it is.
type Builder struct {
	token *token
	sharing
}

// NewBuilder makes a Builder.
func NewBuilder() *Builder { return &Builder{token: new(token), sharing: sharing{shared: new(token)}} }

// Leaf makes a leaf.
func (b *Builder) Leaf(def *schema.Node, v schema.Value) *Node {
	slot := b.leafSlot(def, v)
	switch {
	case slot == nil:
		return newLeaf(def, v)
	case *slot == nil || (*slot).def != def || *(*slot).leaf != v:
		*slot = newLeaf(def, v)
	}
	return *slot
}

// Opaque makes anydata or anyxml of RFC 7951 JSON text.
func (b *Builder) Opaque(def *schema.Node, json []byte) *Node {
	return newLeaf(def, schema.Value{Text: string(json)})
}

// LeafList makes a leaf-list of values in their order; nil where there are none.
// The values stay the caller's. A value that configuration has twice is an error
// (RFC 7950 §7.7).
func (b *Builder) LeafList(def *schema.Node, values []schema.Value) (*Node, error) {
	if len(values) == 0 {
		return nil, nil
	}
	values = slices.Clone(values)
	if def.Config {
		unique := values
		if len(values) > 1 {
			unique = uniqueValues(values)
		}
		if len(unique) < len(values) {
			return nil, fault.New(fault.InvalidValue, nil, "a value stands in the leaf-list twice: %q", repeated(values))
		}
	}
	if sorted(def) {
		slices.SortFunc(values, compareValues)
	}
	n := newList(def, b.token)
	n.body.list.values = values
	return n, nil
}

func repeated(values []schema.Value) string {
	seen := make(map[string]bool, len(values))
	for _, v := range values {
		if seen[v.Text] {
			return v.Text
		}
		seen[v.Text] = true
	}
	return ""
}

// Container makes a container, or a root, input, output or notification, of its
// children in any order. Nil children are left out. It returns nil where that
// would be nothing: an empty container without presence. The slice stays the
// caller's.
func (b *Builder) Container(def *schema.Node, kids []*Node) (*Node, error) {
	n, err := b.parent(def, kids)
	if err != nil || def.Kind == schema.Container && def.Name != "" && !n.says() {
		return nil, err
	}
	return n, nil
}

// Entry makes a list entry of its children in any order, the key leafs among them.
func (b *Builder) Entry(def *schema.Node, kids []*Node) (*Node, error) {
	n, err := b.parent(def, kids)
	if err != nil {
		return nil, err
	}
	for i, k := range def.Keys {
		if i >= len(n.body.kids) || n.body.kids[i].def != k {
			return nil, fault.New(fault.MissingElement, nil, "the key %q is missing; an entry has all its keys: %s", k.Name, keyNames(def)).
				WithInfo("bad-element", k.Name)
		}
	}
	return n, nil
}

func (b *Builder) parent(def *schema.Node, kids []*Node) (*Node, error) {
	place, owner := b.place(def, kids), b.token
	if place != nil {
		if n := place.find(func(n *Node) bool { return n.def == def && slices.Equal(n.body.kids, kids) }); n != nil {
			return n, nil
		}
		owner = b.shared
	}
	count, ascending, choices, last := 0, true, false, -1
	for _, k := range kids {
		if k == nil {
			continue
		}
		count++
		ascending = ascending && k.def.Index > last
		last = k.def.Index
		choices = choices || inChoice(k.def)
	}
	n := newInner(def, owner, count)
	own := n.body.kids
	for _, k := range kids {
		if k != nil {
			own = append(own, k)
		}
	}
	if !ascending {
		slices.SortStableFunc(own, func(a, b *Node) int { return a.def.Index - b.def.Index })
		for i, k := range own[min(1, count):] {
			if k.def == own[i].def {
				return nil, fault.New(fault.BadElement, nil, "%q stands here twice", k.def.Name).WithInfo("bad-element", k.def.Name)
			}
		}
	}
	if choices {
		if err := checkChoices(own); err != nil {
			return nil, err
		}
	}
	n.body.kids = own
	if place != nil {
		place.put(n)
	}
	return n, nil
}

// checkChoices finds two children that exclude each other.
func checkChoices(kids []*Node) error {
	for i, a := range kids {
		if !inChoice(a.def) {
			continue
		}
		for _, b := range kids[:i] {
			if rivals(a.def, b.def) {
				return fault.New(fault.BadElement, nil, "%q and %q stand in different cases of a choice; only one case can exist",
					b.def.Name, a.def.Name).WithInfo("bad-element", a.def.Name)
			}
		}
	}
	return nil
}

// List makes a list of its entries; nil where there are none. They may come in
// any order, which is kept where the list is ordered by the user. Two of the same
// keys are an error. The slice is sorted in place.
func (b *Builder) List(def *schema.Node, entries []*Node) (*Node, error) {
	if len(entries) == 0 {
		return nil, nil
	}
	if len(entries) == 1 && layoutOf(def) == bySystem {
		return b.single(def, entries), nil
	}
	n := newList(def, b.token)
	l := n.body.list
	switch layoutOf(def) {
	case asGiven:
		l.kept = slices.Clone(entries)
		return n, nil
	case byUser:
		return n, b.user(l, entries)
	}
	keyed := make([]keyedEntry, len(entries))
	for i, e := range entries {
		keyed[i] = keyedEntry{e.key(), e}
	}
	byKey := func(a, b keyedEntry) int { return cmp.Compare(a.key, b.key) }
	if !slices.IsSortedFunc(keyed, byKey) {
		slices.SortFunc(keyed, byKey)
	}
	var s spine[listKey, *Node]
	for i, k := range keyed {
		if i > 0 && keyed[i-1].key == k.key {
			return nil, duplicate(k.entry)
		}
		s.add(b.token, k.key, k.entry)
	}
	l.system, l.n = s.root(), len(entries)
	return n, nil
}

// single makes a list of one entry.
func (b *Builder) single(def *schema.Node, entry []*Node) *Node {
	place, owner := b.place(def, entry), b.token
	if place != nil {
		is := func(n *Node) bool { return n.def == def && n.body.list != nil && n.body.list.system.value == entry[0] }
		if n := place.find(is); n != nil {
			return n
		}
		owner = b.shared
	}
	n := newList(def, owner)
	n.body.list.put(owner, entry[0])
	if place != nil {
		place.put(n)
	}
	return n
}

type keyedEntry struct {
	key   listKey
	entry *Node
}

// user fills a user-ordered list.
func (b *Builder) user(l *list, entries []*Node) error {
	var order spine[label, *Node]
	places := make([]keyedLabel, len(entries))
	at := firstLabel
	for i, e := range entries {
		order.add(b.token, at, e)
		places[i] = keyedLabel{e.key(), at, e}
		at += labelGap
	}
	slices.SortFunc(places, func(a, b keyedLabel) int { return cmp.Compare(a.key, b.key) })
	var labels spine[listKey, label]
	for i, p := range places {
		if i > 0 && places[i-1].key == p.key {
			return duplicate(p.entry)
		}
		labels.add(b.token, p.key, p.at)
	}
	l.labels, l.order, l.n = labels.root(), order.root(), len(entries)
	return nil
}

type keyedLabel struct {
	key   listKey
	at    label
	entry *Node
}

func duplicate(e *Node) error {
	return fault.New(fault.BadElement, nil, "two entries have the same keys: %s", path.Path{e.Elem()}.String()).
		WithInfo("bad-element", e.def.Name)
}
