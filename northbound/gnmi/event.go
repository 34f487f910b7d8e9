package gnmi

import (
	"iter"
	"slices"
	"strings"
	"sync/atomic"

	gpb "github.com/openconfig/gnmi/proto/gnmi"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// event is one thing that happened to the operational datastore: what is sent as
// one value has a new value (which may be a default that came into use), or a
// subtree is gone. Events are shared by all streams and never change.
type event struct {
	way
	def *schema.Node
	// node has the new value; nil for a deletion, whose subtree is old.
	node, old *tree.Node
	// key identifies path among events.
	key string

	values [encodingSlots]atomic.Pointer[[]byte] // in wire form
}

func (e *event) deleted() bool { return e.node == nil }

// value encodes the new value, once per encoding however many streams ask.
func (e *event) value(enc gpb.Encoding) ([]byte, error) {
	slot := &e.values[enc]
	if v := slot.Load(); v != nil {
		return *v, nil
	}
	v, err := appendValue(nil, e.node, enc)
	if err == nil {
		slot.Store(&v)
	}
	return v, err
}

// batch is what happened between two snapshots.
type batch struct {
	from, to *agent.Snapshot
	events   []*event
	// big tells that there was too much to list; events is then empty.
	big bool
}

// newBatch lists what happened between two snapshots and concerns somebody of m, up
// to limit events.
func newBatch(m *matcher, old, new *agent.Snapshot, limit int) *batch {
	b := &batch{from: old, to: new}
	if new.Revision == old.Revision+1 && len(new.Only) > 0 && !slices.ContainsFunc(new.Only, m.asked) {
		return b
	}
	for e := range m.events(old.Operational, new.Operational) {
		if len(b.events) == limit {
			b.events, b.big = nil, true
			break
		}
		b.events = append(b.events, e)
	}
	return b
}

// events yields what happened between two trees where somebody looks. Counters are
// left out: they are no events.
func (m *matcher) events(old, new tree.Tree) iter.Seq[*event] {
	return func(yield func(*event) bool) {
		d := differ{walker: walker{index: m.index}, asked: m.asked, old: old, new: new, yield: yield}
		for c := range tree.DiffOf(old, new, m.changed) {
			if !d.change(c) {
				return
			}
		}
	}
}

// differ turns the changes between two trees into events.
type differ struct {
	walker
	asked    func(*schema.Node) bool // whether to look at a node and what is below it
	old, new tree.Tree
	yield    func(*event) bool
	done     map[string]bool // by key: what once has seen
}

// change reports whether to go on.
func (d *differ) change(c tree.Change) bool {
	def := either(c.Old, c.New).Schema()
	if c.Meta {
		return true
	}
	if p, list := d.keyless(c.Path); list != nil {
		// Part of a list without keys, which is one value.
		return d.keylessChanged(p, list)
	}
	if inChoice(def) && !d.choiceChanged(c.Path.Parent(), def) {
		return false
	}
	d.start(d.index.way(c.Path))
	return d.subtree(c.Old, c.New)
}

// subtree tells of a change at the cursor: of a leaf, or of a subtree that came
// or went.
func (d *differ) subtree(old, new *tree.Node) bool {
	def := either(old, new).Schema()
	switch {
	case old != nil && new != nil && !single(def):
		return true // only the order of a list, which gNMI does not show
	case def.Kind == schema.List && !single(def) && old != nil && !old.IsEntry():
		return d.entriesGone(old)
	case !single(def) && (def.Kind == schema.List || def.Presence):
		// Nothing takes its place, and nothing was in its place.
	case old == nil:
		old = lookup(d.old, d.cur.path)
	case new == nil:
		new = lookup(d.new, d.cur.path)
	}
	return d.compare(old, new)
}

func either(a, b *tree.Node) *tree.Node {
	if a != nil {
		return a
	}
	return b
}

// compare tells how two instances at the cursor differ. Either may be nil. Where
// both are there, and are no leafs, one of them is a container that is not in its
// tree and exists only to have defaults in it (RFC 7950 §7.5.1): what differs in
// them is compared one by one, because a default that came into use is an update
// and no deletion (specification §3.5.2.3), and one that was in use is no news.
func (d *differ) compare(old, new *tree.Node) bool {
	switch {
	case old == nil && new == nil:
		return true
	case new == nil:
		return d.emit(nil, old)
	case old == nil:
		return d.created(new)
	case single(new.Schema()):
		return sameValue(old, new) || d.emit(new, nil)
	}
	for _, def := range new.Schema().Data {
		if !d.asked(def) {
			continue
		}
		was, is := old.ChildOrDefault(def), new.ChildOrDefault(def)
		if was == nil && is == nil {
			continue
		}
		t := d.here().below[def.Index]
		d.push(t.step, t)
		var ok bool
		if def.Kind == schema.List && !single(def) && is == nil {
			ok = d.entriesGone(was)
		} else {
			ok = d.compare(was, is)
		}
		d.pop()
		if !ok {
			return false
		}
	}
	return true
}

// emit yields an event for the node at the cursor.
func (d *differ) emit(node, old *tree.Node) bool {
	e := &event{way: d.cur.to().clone(), def: either(old, node).Schema(), node: node, old: old}
	e.key = pathKey(e.path)
	return d.yield(e)
}

// created emits all that came with a subtree, defaults included.
func (d *differ) created(n *tree.Node) bool {
	t := d.here()
	if t.def.Kind == schema.List && !n.IsEntry() && !single(t.def) {
		// The steps of the entries stand in place of that of the list.
		d.pop()
		defer d.push(t.step, t)
	}
	l := leaves{&d.walker, &filter{index: d.index, only: func(t *traits) bool { return d.asked(t.def) }}, t, func(c *cursor) bool { return d.emit(c.node, nil) }}
	return l.of(n, t)
}

// entriesGone emits the deletion of each entry of a list that is gone altogether;
// the cursor is at the list.
func (d *differ) entriesGone(list *tree.Node) bool {
	t := d.here()
	d.pop()
	defer d.push(t.step, t)
	for e := range list.Entries() {
		d.push(e.Elem(), t)
		ok := d.emit(nil, e)
		d.pop()
		if !ok {
			return false
		}
	}
	return true
}

// keyless returns the topmost list without keys that p goes through, and its
// path.
func (d *differ) keyless(p path.Path) (path.Path, *schema.Node) {
	n := d.index.schema.Root
	for i, e := range p {
		if n = n.Child(e.Module, e.Name); n == nil {
			return nil, nil
		}
		if n.Kind == schema.List && len(n.Keys) == 0 {
			return append(p[:i:i], n.Elem()), n
		}
	}
	return nil, nil
}

// keylessChanged emits the list as a whole, once for all changes in it.
func (d *differ) keylessChanged(p path.Path, def *schema.Node) bool {
	if d.once(p) {
		return true
	}
	d.start(d.index.way(p))
	switch n := d.new.Node(p); {
	case n != nil:
		return d.emit(n, nil)
	default:
		return d.emit(nil, d.old.Node(p))
	}
}

// once reports whether p has been dealt with, and remembers it.
func (d *differ) once(p path.Path) bool {
	key := pathKey(p)
	if d.done[key] {
		return true
	}
	if d.done == nil {
		d.done = make(map[string]bool)
	}
	d.done[key] = true
	return false
}

func inChoice(def *schema.Node) bool { return def.Parent != def.DataParent }

// choiceChanged emits the defaults in the cases of a choice that a change of one
// of its nodes has put into use, or out of use.
func (d *differ) choiceChanged(parent path.Path, def *schema.Node) bool {
	if d.once(parent) {
		return true
	}
	before, after := lookup(d.old, parent), lookup(d.new, parent)
	if before == nil || after == nil {
		return true // all of it comes or goes
	}
	for _, n := range def.DataParent.Data {
		if !inChoice(n) || !single(n) || !d.asked(n) {
			continue
		}
		was, is := before.ChildOrDefault(n), after.ChildOrDefault(n)
		explicit := was != nil && !was.IsDefault() || is != nil && !is.IsDefault()
		if explicit || (was == nil) == (is == nil) {
			continue // Diff has it, or nothing changed
		}
		p := parent.Child(n.Elem())
		d.start(d.index.way(p))
		if !d.emit(is, was) {
			return false
		}
	}
	return true
}

// sameValue reports whether two instances of what is sent as one value are equal.
func sameValue(a, b *tree.Node) bool {
	switch a.Schema().Kind {
	case schema.Leaf:
		return a.Value() == b.Value()
	case schema.LeafList:
		return slices.Equal(a.Values(), b.Values())
	default:
		return tree.Equal(a, b)
	}
}

// lookup finds an instance, a default in use or an implicit container included.
func lookup(t tree.Tree, p path.Path) *tree.Node {
	n, def := t.Root(), t.Schema().Root
	for _, e := range p {
		def = def.Child(e.Module, e.Name)
		if n = n.ChildOrDefault(def); n == nil {
			return nil
		}
		if def.Kind == schema.List && len(e.Keys) > 0 {
			keys := make([]string, len(e.Keys))
			for i, k := range e.Keys {
				keys[i] = k.Value
			}
			if n = n.Entry(keys...); n == nil {
				return nil
			}
		}
	}
	return n
}

// way is the way that p names.
func (x *index) way(p path.Path) way {
	at := make([]*traits, len(p))
	t := x.root
	for i, e := range p {
		t = t.below[t.def.Child(e.Module, e.Name).Index]
		at[i] = t
	}
	return way{p, at}
}

// pathKey identifies a path among others. No part of a path holds the separators.
func pathKey(p path.Path) string {
	var b strings.Builder
	for _, e := range p {
		writeKey(&b, e)
	}
	return b.String()
}

func writeKey(b *strings.Builder, e path.Elem) {
	b.WriteByte(0)
	b.WriteString(e.Module)
	b.WriteByte(':')
	b.WriteString(e.Name)
	for _, k := range e.Keys {
		b.WriteByte(1)
		b.WriteString(k.Value)
	}
}
