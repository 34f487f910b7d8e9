package netconf

import (
	"slices"
	"strconv"
	"strings"

	"github.com/outrigger-cnf/outrigger/agent/codec"
	"github.com/outrigger-cnf/outrigger/agent/codec/xmlcodec"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// want says what is selected of one instance of a data node. Subtree filters and
// XPath results both become a tree of wants, which select then walks beside the
// data: list entries that are named by their keys are looked up, never searched.
//
//	want (root)
//	 └── group (interfaces) ── want
//	                            └── group (interface)
//	                                 ├── byKey "eth0" ── want …
//	                                 └── others       ── want …
type want struct {
	// all selects everything below; groups are then of no interest.
	all bool
	// match are conditions on children, which must all hold, or nothing is
	// selected (RFC 6241 §6.2.5).
	match []match
	// groups are the selected children, in schema order.
	groups []*group
	// values are what is selected of a leaf or leaf-list, canonical, without all.
	values []string
}

// group is what is wanted of the instances of one data node.
type group struct {
	def    *schema.Node
	byKey  map[string]*keyed // list entries named by all their keys
	order  []*keyed          // byKey, in the order of the filter
	others []*want
}

type keyed struct {
	keys  []string
	wants []*want
}

// match is a content match: one of its alternatives must hold. There is more
// than one where a namespace wildcard fits several schema nodes, and none where
// it fits no schema node.
type match []alternative

type alternative struct {
	def  *schema.Node
	text string // canonical
}

// group returns w's group for def, making it if need be.
func (w *want) group(def *schema.Node) *group {
	i, found := slices.BinarySearchFunc(w.groups, def.Index, func(g *group, index int) int { return g.def.Index - index })
	if !found {
		w.groups = slices.Insert(w.groups, i, &group{def: def})
	}
	return w.groups[i]
}

// entry returns the wants of the list entry with these keys, making room for
// them if need be.
func (g *group) entry(keys []string) *keyed {
	if g.byKey == nil {
		g.byKey = map[string]*keyed{}
	}
	id := joinKeys(keys)
	k := g.byKey[id]
	if k == nil {
		k = &keyed{keys: keys}
		g.byKey[id] = k
		g.order = append(g.order, k)
	}
	return k
}

func joinKeys(keys []string) string {
	if len(keys) == 1 {
		return keys[0]
	}
	return strings.Join(keys, "\x00")
}

// holds reports whether all of w's conditions hold for n.
func (w *want) holds(n *tree.Node, defaults bool) bool {
	for _, m := range w.match {
		if !slices.ContainsFunc(m, func(a alternative) bool { return a.holds(n, defaults) }) {
			return false
		}
	}
	return true
}

func (a alternative) holds(n *tree.Node, defaults bool) bool {
	c := n.Child(a.def)
	if c == nil && defaults {
		c = n.ChildOrDefault(a.def)
	}
	if c == nil {
		return false
	}
	if a.def.Kind == schema.LeafList {
		return slices.ContainsFunc(c.Values(), func(v schema.Value) bool { return v.Text == a.text })
	}
	return c.Value().Text == a.text
}

// selector writes what wants select of a tree.
type selector struct {
	buf  []byte
	opts xmlcodec.Options
}

// appendSelected appends what w selects below the root of t.
func appendSelected(dst []byte, t tree.Tree, w *want, opts xmlcodec.Options) []byte {
	s := selector{buf: dst, opts: opts}
	s.inside(t.Root(), []*want{w}, nil)
	return s.buf
}

// defaults reports whether defaults in use are part of what is read.
func (s *selector) defaults() bool {
	return s.opts.Defaults == codec.ReportAll || s.opts.Defaults == codec.ReportAllTagged
}

func (s *selector) child(n *tree.Node, def *schema.Node) *tree.Node {
	if s.defaults() {
		return n.ChildOrDefault(def)
	}
	return n.Child(def)
}

// holding returns the wants whose conditions hold for n.
func (s *selector) holding(n *tree.Node, ws []*want) []*want {
	for i, w := range ws {
		if !w.holds(n, s.defaults()) {
			kept := slices.Clone(ws[:i])
			for _, w := range ws[i+1:] {
				if w.holds(n, s.defaults()) {
					kept = append(kept, w)
				}
			}
			return kept
		}
	}
	return ws
}

// inside writes the selected children of a container, list entry or root, and
// reports whether n itself is selected: all of it, or some of its children.
// Outer is the module of the element that they are written into.
func (s *selector) inside(n *tree.Node, ws []*want, outer *schema.Module) bool {
	ws = s.holding(n, ws)
	if len(ws) == 0 {
		return false
	}
	if slices.ContainsFunc(ws, func(w *want) bool { return w.all }) {
		s.buf = xmlcodec.AppendChildren(s.buf, n, outer, s.opts)
		return true
	}
	groups := merge(ws)
	keysFrom := len(s.buf)
	asked := false // a key was asked for
	if n.IsEntry() {
		// RFC 6241 §6.2.5: keys go with whatever is selected of an entry.
		for _, k := range n.Schema().Keys {
			s.buf = xmlcodec.AppendNode(s.buf, n.Child(k), outer, s.opts)
		}
	}
	keysTo := len(s.buf)
	for _, g := range groups {
		if n.IsEntry() && g.def.IsKey() {
			asked = asked || g.takes(n.Child(g.def))
			continue
		}
		c := s.child(n, g.def)
		if c == nil {
			continue
		}
		switch g.def.Kind {
		case schema.Container:
			s.element(c, g.others, outer)
		case schema.List:
			s.entries(c, g, outer)
		default:
			s.leaf(c, g, outer)
		}
	}
	if len(s.buf) == keysTo && !asked {
		s.buf = s.buf[:keysFrom]
		return false
	}
	return true
}

// element writes a container or list entry with what is selected of it, or
// nothing where that is nothing.
func (s *selector) element(n *tree.Node, ws []*want, outer *schema.Module) {
	start := len(s.buf)
	s.buf = xmlcodec.AppendOpen(s.buf, n.Schema(), outer)
	before := len(s.buf)
	selected := s.inside(n, ws, n.Schema().Module)
	// A container may be selected and have nothing to show: trim hides all of it.
	if !selected || len(s.buf) == before && !n.Schema().Presence {
		s.buf = s.buf[:start]
		return
	}
	s.buf = xmlcodec.AppendClose(s.buf, n.Schema())
}

// entries writes the selected entries of a list.
func (s *selector) entries(list *tree.Node, g *group, outer *schema.Module) {
	byIndex := len(g.others) == 0 && (len(g.order) < 2 || !g.def.UserOrdered)
	if byIndex {
		for _, k := range g.order {
			if e := list.Entry(k.keys...); e != nil {
				s.element(e, k.wants, outer)
			}
		}
		return
	}
	position := 0
	for e := range list.Entries() {
		position++
		ws := g.others
		if len(g.byKey) > 0 {
			id := joinKeys(e.Keys())
			if len(g.def.Keys) == 0 {
				id = strconv.Itoa(position)
			}
			if k := g.byKey[id]; k != nil {
				ws = append(slices.Clip(ws), k.wants...)
			}
		}
		s.element(e, ws, outer)
	}
}

// leaf writes a leaf, the wanted values of a leaf-list, or anydata.
func (s *selector) leaf(n *tree.Node, g *group, outer *schema.Module) {
	if !g.takes(n) {
		return
	}
	if g.def.Kind != schema.LeafList || slices.ContainsFunc(g.others, func(w *want) bool { return w.all }) {
		s.buf = xmlcodec.AppendNode(s.buf, n, outer, s.opts)
		return
	}
	for i, v := range n.Values() {
		if slices.ContainsFunc(g.others, func(w *want) bool { return slices.Contains(w.values, v.Text) }) {
			s.buf = xmlcodec.AppendValue(s.buf, n, i, outer, s.opts)
		}
	}
}

// takes reports whether g selects the leaf, or a value of the leaf-list.
func (g *group) takes(n *tree.Node) bool {
	return slices.ContainsFunc(g.others, func(w *want) bool {
		switch {
		case w.all:
			return true
		case g.def.Kind == schema.LeafList:
			return slices.ContainsFunc(n.Values(), func(v schema.Value) bool { return slices.Contains(w.values, v.Text) })
		}
		return slices.Contains(w.values, n.Value().Text)
	})
}

// merge returns the groups of all the wants together, in schema order.
func merge(ws []*want) []*group {
	if len(ws) == 1 {
		return ws[0].groups
	}
	var all want
	for _, w := range ws {
		for _, g := range w.groups {
			m := all.group(g.def)
			m.others = append(m.others, g.others...)
			for _, k := range g.order {
				e := m.entry(k.keys)
				e.wants = append(e.wants, k.wants...)
			}
		}
	}
	return all.groups
}

// reaches reports whether w can select anything below the top-level node def.
func (w *want) reaches(def *schema.Node) bool {
	return w == nil || w.all || slices.ContainsFunc(w.groups, func(g *group) bool { return g.def == def })
}
