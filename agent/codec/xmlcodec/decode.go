package xmlcodec

import (
	"slices"

	"github.com/outrigger-cnf/outrigger/agent/codec/internal/leaves"
	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// Action is what becomes of an element with attributes.
type Action uint8

// The actions.
const (
	Keep    Action = iota // it stays where it is
	Cut                   // it becomes a Piece of its own, as do those after it in a user-ordered list
	CutName               // the same, but only which one it is is read: keys, or the value of a leaf-list
)

// Piece is an element that was cut out of the data, as NETCONF does with those
// that have an operation or a place of their own.
type Piece struct {
	// Path names the element: an entry by its keys, a value of a leaf-list by
	// [.='value'].
	Path path.Path
	Def  *schema.Node
	// Node is the data, without the pieces cut out of it: the entry, the
	// container, or a leaf-list of the one value. It is nil for CutName, and
	// where an empty container without presence is all there is.
	Node  *tree.Node
	Attrs []Attr
	Scope Scope // of the element
}

// DecodeOptions say how data is read.
type DecodeOptions struct {
	Schema *schema.Schema
	// Path names the element around the data, for errors and Pieces; nil is the root.
	Path path.Path
	// Hook is asked about every element of the data that has attributes, except
	// declarations and those of the xml namespace. Without it an attribute is an
	// error (unknown-attribute).
	Hook func(def *schema.Node, e *Element) (Action, error)
	// Config refuses state (config false).
	Config bool
}

// DecodeChildren reads the data inside the current element, up to its end: an
// instance of def (a container, an entry, an input, or the schema's root). The
// Node is nil where there is nothing in a container without presence. Pieces come
// in the order of the document, an outer one before those inside it.
func DecodeChildren(r *Reader, def *schema.Node, o DecodeOptions) (*tree.Node, []Piece, error) {
	b := tree.NewBuilder()
	d := &decoder{
		r: r, schema: o.Schema, hook: o.Hook, config: o.Config, names: o.Schema.ModuleNames(),
		builder: b, leaves: leaves.New(b), classes: make(map[*schema.Node]*class),
	}
	n, _, err := d.inner(d.class(def))
	if err != nil {
		for _, f := range fault.All(err) {
			f.Path = o.Path.Join(f.Path)
		}
		return nil, nil, err
	}
	for i := range d.pieces {
		p := &d.pieces[i]
		slices.Reverse(p.Path)
		p.Path = o.Path.Join(p.Path)
	}
	return n, d.pieces, nil
}

// decoder makes Nodes of elements, from the bottom up. Functions that make one
// return errors whose path begins below the element that the function is for, and
// pieces have paths that end there, in reverse: who called adds the step.
type decoder struct {
	r       *Reader
	schema  *schema.Schema
	hook    func(def *schema.Node, e *Element) (Action, error)
	config  bool
	names   schema.Namespaces
	builder *tree.Builder
	leaves  *leaves.Maker
	classes map[*schema.Node]*class
	kids    []*tree.Node // of all open elements
	values  []schema.Value
	pieces  []Piece
	scratch []byte
}

// class is what there is to know about the elements in instances of one node.
type class struct {
	def     *schema.Node
	members []*member
	next    int // the member that is likely to come next
}

// member is one kind of child element. Names are shared by the Reader, so that
// to compare them is to compare pointers.
type member struct {
	space, local string
	def          *schema.Node
	class        *class // of what is in it; nil for leafs
	scoped       scoped
}

func (d *decoder) class(def *schema.Node) *class {
	c := d.classes[def]
	if c == nil {
		c = &class{def: def}
		d.classes[def] = c
	}
	return c
}

// member finds the schema node of a child element.
func (d *decoder) member(c *class, e *Element) (*member, error) {
	for i := range c.members {
		at := c.next + i
		if at >= len(c.members) {
			at -= len(c.members)
		}
		if m := c.members[at]; m.local == e.Local && m.space == e.Space {
			if c.next = at + 1; c.next == len(c.members) {
				c.next = 0
			}
			return m, nil
		}
	}
	mod := d.schema.ModuleByNamespace(e.Space)
	if mod == nil || !mod.Implemented && c.def.Child(mod.Name, e.Local) == nil {
		return nil, unknownNamespace(c.def, e)
	}
	def := c.def.Child(mod.Name, e.Local)
	if def == nil {
		return nil, unknownElement(c.def, e)
	}
	if d.config && !def.Config {
		return nil, stateGiven(def)
	}
	m := &member{space: e.Space, local: e.Local, def: def}
	if def.Type != nil {
		m.scoped = scopedBy(def.Type)
	} else {
		m.class = d.class(def)
	}
	c.members = append(c.members, m)
	c.next = 0
	return m, nil
}

// inner reads the children of the current element up to its end and makes the
// instance of c.def. The path step is the instance's; in case of an error, as far
// as it is known.
func (d *decoder) inner(c *class) (n *tree.Node, step path.Elem, err error) {
	mark := len(d.kids)
	defer func() { d.kids = d.kids[:mark] }()
	var cut []*schema.Node // user-ordered, with a Piece among the children so far
	for {
		e, err := d.r.Child()
		if err != nil {
			return nil, d.step(c.def, mark), err
		}
		if e == nil {
			break
		}
		m, err := d.member(c, e)
		if err == nil {
			err = d.element(m, e, &cut)
		}
		if err != nil {
			return nil, d.step(c.def, mark), err
		}
	}
	step = d.step(c.def, mark)
	kids, err := d.group(d.kids[mark:])
	switch {
	case err != nil:
	case c.def.Kind == schema.List:
		n, err = d.builder.Entry(c.def, kids)
	default:
		n, err = d.builder.Container(c.def, kids)
	}
	return n, step, err
}

// step names the instance of def whose kids begin at mark, with its keys if all
// of them are there.
func (d *decoder) step(def *schema.Node, mark int) path.Elem {
	if def.Kind != schema.List || len(def.Keys) == 0 {
		return path.Elem{Name: def.Name, Module: moduleName(def)}
	}
	keys := make([]string, len(def.Keys))
	for i, k := range def.Keys {
		at := slices.IndexFunc(d.kids[mark:], func(n *tree.Node) bool { return n.Schema() == k })
		if at < 0 {
			return def.Elem()
		}
		keys[i] = d.kids[mark+at].Value().Text
	}
	return def.Elem(keys...)
}

// moduleName is empty for the root.
func moduleName(def *schema.Node) string {
	if def.Module == nil {
		return ""
	}
	return def.Module.Name
}

// element reads one child element up to its end, and puts it among the kids or
// the pieces. What follows a Piece in a list that is ordered by the user is a
// Piece too, so that the order of the document is not lost.
func (d *decoder) element(m *member, e *Element, cut *[]*schema.Node) error {
	action, mark := Keep, len(d.pieces)
	var attrs []Attr
	var scope Scope
	if len(e.Attrs) > 0 && e.hasAttributes() {
		var err error
		if action, err = d.attributes(m.def, e); err != nil {
			return d.in(m.def.Elem(), err)
		}
		if action != Keep {
			attrs, scope = e.Attrs, d.r.Scope()
		}
	}
	if m.def.UserOrdered {
		switch follows := slices.Contains(*cut, m.def); {
		case follows && action == Keep:
			action = Cut
		case !follows && action != Keep:
			*cut = append(*cut, m.def)
		}
	}
	n, elem, err := d.content(m, action)
	if err != nil {
		return d.in(elem, err)
	}
	if action == Keep {
		if n != nil {
			d.kids = append(d.kids, n)
		}
	} else {
		if m.def.Kind == schema.LeafList {
			elem = m.def.Elem(n.Value().Text)
			if n, err = d.builder.LeafList(m.def, []schema.Value{n.Value()}); err != nil {
				return d.in(elem, err)
			}
		}
		if action == CutName {
			n = nil
		}
		d.pieces = slices.Insert(d.pieces, mark, Piece{Def: m.def, Node: n, Attrs: attrs, Scope: scope})
	}
	for i := range d.pieces[mark:] {
		p := &d.pieces[mark+i]
		p.Path = append(p.Path, elem)
	}
	return nil
}

// content reads the current element up to its end. It returns the instance (for
// a leaf-list, like a leaf) and the path step that names it.
func (d *decoder) content(m *member, a Action) (n *tree.Node, step path.Elem, err error) {
	switch def := m.def; {
	case a == CutName && def.Kind == schema.List:
		return d.keysOnly(m.class)
	case a == CutName && def.Kind != schema.LeafList:
		return nil, def.Elem(), d.r.Skip()
	case m.class != nil && def.Kind != schema.AnyData && def.Kind != schema.AnyXML:
		return d.inner(m.class)
	case m.class != nil:
		n, err = d.opaque(def)
	default:
		n, err = d.leaf(m)
	}
	return n, m.def.Elem(), err
}

// keysOnly reads an entry of which only the keys matter.
func (d *decoder) keysOnly(c *class) (n *tree.Node, step path.Elem, err error) {
	mark := len(d.kids)
	defer func() { d.kids = d.kids[:mark] }()
	for {
		e, err := d.r.Child()
		if err != nil {
			return nil, d.step(c.def, mark), err
		}
		if e == nil {
			step = d.step(c.def, mark)
			n, err = d.builder.Entry(c.def, d.kids[mark:])
			return n, step, err
		}
		m, err := d.member(c, e)
		switch {
		case err != nil:
		case !m.def.IsKey():
			err = d.r.Skip()
		default:
			var key *tree.Node
			if key, err = d.leaf(m); err == nil {
				d.kids = append(d.kids, key)
			} else {
				err = d.in(m.def.Elem(), err)
			}
		}
		if err != nil {
			return nil, d.step(c.def, mark), err
		}
	}
}

// attributes asks the hook.
func (d *decoder) attributes(def *schema.Node, e *Element) (Action, error) {
	for i := range e.Attrs {
		a := &e.Attrs[i]
		if a.Declaration || a.Space == xmlNamespace {
			continue
		}
		if d.hook != nil {
			return d.hook(def, e)
		}
		return Keep, fault.New(fault.UnknownAttribute, nil, "the attribute %s has no meaning here", a.Name).
			WithInfo("bad-attribute", a.Name).WithInfo("bad-element", e.Local)
	}
	return Keep, nil
}

// group puts the entries of each list together, and the values of each leaf-list,
// wherever they stand. It works in place.
func (d *decoder) group(kids []*tree.Node) ([]*tree.Node, error) {
	order := func(a, b *tree.Node) int { return a.Schema().Index - b.Schema().Index }
	if !slices.IsSortedFunc(kids, order) {
		slices.SortStableFunc(kids, order)
	}
	out := kids[:0]
	for i := 0; i < len(kids); {
		def := kids[i].Schema()
		end := i + 1
		if def.Kind == schema.List || def.Kind == schema.LeafList {
			for end < len(kids) && kids[end].Schema() == def {
				end++
			}
		}
		n := kids[i]
		var err error
		switch def.Kind {
		case schema.List:
			n, err = d.builder.List(def, kids[i:end])
		case schema.LeafList:
			d.values = d.values[:0]
			for _, v := range kids[i:end] {
				d.values = append(d.values, v.Value())
			}
			n, err = d.builder.LeafList(def, d.values)
		}
		if err != nil {
			return nil, d.in(def.Elem(), err)
		}
		out = append(out, n)
		i = end
	}
	return out, nil
}

// in puts a step before the path of an error.
func (d *decoder) in(e path.Elem, err error) error {
	for _, f := range fault.All(err) {
		if f.Tag != fault.MalformedMessage && f.Tag != fault.TooBig {
			f.Path = append(path.Path{e}, f.Path...)
		}
		return f
	}
	return err
}
