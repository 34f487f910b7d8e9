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
	path  path.Path
	elems []*gpb.PathElem // of path
	def   *schema.Node
	// node has the new value; nil for a deletion, whose subtree is old.
	node, old *tree.Node
	// key identifies path among events.
	key string

	values [encodingSlots]atomic.Pointer[gpb.TypedValue]
}

func (e *event) deleted() bool { return e.node == nil }

// value encodes the new value, once per encoding however many streams ask.
func (e *event) value(enc gpb.Encoding) (*gpb.TypedValue, error) {
	slot := &e.values[enc]
	if v := slot.Load(); v != nil {
		return v, nil
	}
	v, err := encodeValue(e.node, enc)
	if err == nil {
		slot.Store(v)
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

// newBatch lists what happened between two snapshots, up to limit events.
func newBatch(x *index, old, new *agent.Snapshot, limit int) *batch {
	b := &batch{from: old, to: new}
	for e := range x.events(old.Operational, new.Operational) {
		if len(b.events) == limit {
			b.events, b.big = nil, true
			break
		}
		b.events = append(b.events, e)
	}
	return b
}

// events yields what happened between two trees. Counters are left out: they are
// no events.
func (x *index) events(old, new tree.Tree) iter.Seq[*event] {
	return func(yield func(*event) bool) {
		d := differ{walker: walker{index: x}, old: old, new: new, yield: yield}
		for c := range tree.Diff(old, new, nil) {
			if !d.change(c) {
				return
			}
		}
	}
}

// differ turns the changes between two trees into events.
type differ struct {
	walker
	old, new tree.Tree
	yield    func(*event) bool
	done     map[string]bool // by key: what once has seen
}

// change reports whether to go on.
func (d *differ) change(c tree.Change) bool {
	n := c.New
	if n == nil {
		n = c.Old
	}
	def := n.Schema()
	if c.Meta || !d.index.traits[def].event {
		return true
	}
	if p, list := d.keyless(c.Path); list != nil {
		// Part of a list without keys, which is one value.
		return d.keylessChanged(p, list)
	}
	if inChoice(def) && !d.choiceChanged(c.Path.Parent(), def) {
		return false
	}
	d.start(c.Path, d.index.elems(c.Path))
	switch {
	case single(def):
		if c.New != nil {
			return d.changed(c.New)
		}
		return d.gone(c.Path, c.Old)
	case c.Old != nil && c.New != nil:
		return true // only the order of a list, which gNMI does not show
	case c.New != nil:
		return d.created(c.New, d.implicit(c.Path.Parent(), def))
	case def.Kind == schema.List && !c.Old.IsEntry():
		return d.entriesGone(c.Old)
	default:
		return d.gone(c.Path, c.Old)
	}
}

// emit yields an event for the node at the cursor.
func (d *differ) emit(node, old *tree.Node) bool {
	n := node
	if n == nil {
		n = old
	}
	e := &event{path: slices.Clone(d.cur.path), elems: slices.Clone(d.cur.elems), def: n.Schema(), node: node, old: old}
	e.key = pathKey(e.path)
	return d.yield(e)
}

// changed emits a value that is new, unless it is the default that was in use
// before, or, the other way round, was set to that.
func (d *differ) changed(n *tree.Node) bool {
	if was := d.before(d.cur.path); was != nil && sameValue(was, n) {
		return true
	}
	return d.emit(n, nil)
}

// before is the old instance of p, a default in use included.
func (d *differ) before(p path.Path) *tree.Node { return lookup(d.old, p) }

// created emits all that came with a subtree. implicit tells that the containers
// around were there before without being in the tree, and with them the defaults
// in use below: those are not new.
func (d *differ) created(n *tree.Node, implicit bool) bool {
	f := &filter{index: d.index}
	return d.leaves(n, f, n.Schema(), func(c cursor) bool {
		if !d.index.traits[c.node.Schema()].event {
			return true
		}
		if implicit {
			return d.changed(c.node)
		}
		return d.emit(c.node, nil)
	})
}

// implicit reports whether an instance of def at parent was implied before it
// was in the tree: a container without presence in a parent that existed.
func (d *differ) implicit(parent path.Path, def *schema.Node) bool {
	return def.Kind == schema.Container && !def.Presence && lookup(d.old, parent) != nil
}

// gone emits a deletion, or what took the place of what was deleted: a default
// that came into use is an update (specification §3.5.2.3).
func (d *differ) gone(p path.Path, old *tree.Node) bool {
	n := lookup(d.new, p)
	if n != nil && single(n.Schema()) {
		if sameValue(old, n) {
			return true
		}
		return d.emit(n, nil)
	}
	if !d.emit(nil, old) {
		return false
	}
	// An empty container without presence goes on to exist implicitly.
	return n == nil || d.created(n, false)
}

// entriesGone emits the deletion of each entry of a list that is gone altogether.
func (d *differ) entriesGone(list *tree.Node) bool {
	p := d.cur.path[: len(d.cur.path)-1 : len(d.cur.path)-1]
	elems := d.cur.elems[: len(d.cur.elems)-1 : len(d.cur.elems)-1]
	for e := range list.Entries() {
		d.cur.path = append(p, e.Elem())
		d.cur.elems = append(elems, d.index.elem(list.Schema(), e.Keys()))
		if !d.emit(nil, e) {
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
	d.start(p, d.index.elems(p))
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
		if !inChoice(n) || !single(n) || !d.index.traits[n].event {
			continue
		}
		was, is := before.ChildOrDefault(n), after.ChildOrDefault(n)
		explicit := was != nil && !was.IsDefault() || is != nil && !is.IsDefault()
		if explicit || (was == nil) == (is == nil) {
			continue // Diff has it, or nothing changed
		}
		p := parent.Child(n.Elem())
		d.start(p, d.index.elems(p))
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

// elems renders a path as replies have it.
func (x *index) elems(p path.Path) []*gpb.PathElem {
	out := make([]*gpb.PathElem, len(p))
	n := x.schema.Root
	for i, e := range p {
		n = n.Child(e.Module, e.Name)
		if len(e.Keys) == 0 || len(n.Keys) == 0 {
			out[i] = x.traits[n].elem
			continue
		}
		keys := make([]string, len(e.Keys))
		for j, k := range e.Keys {
			keys[j] = k.Value
		}
		out[i] = x.elem(n, keys)
	}
	return out
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
