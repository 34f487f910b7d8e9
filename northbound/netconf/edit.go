package netconf

import (
	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// editor turns <config> into edits (RFC 6241 §7.2).
//
// A region is an element that changes the operation, with everything below it
// that keeps it; the outermost region is <config> itself. Each region makes one
// edit, whose data is collected bottom-up, so that a plain merge of a large
// configuration is a single edit. A region inside another is cut out and becomes
// an edit of its own:
//
//   - inside merge it comes after the outer edit, which creates what it is in;
//   - inside replace and create, a create or delete comes before the outer edit,
//     for both speak of what the datastore holds; what is created stays a part
//     of the outer data too, and what is deleted or removed is left out of it.
//     There is nothing to merge with, so merge and replace are no change of
//     operation there;
//   - inside none there is no outer edit, only the demand that each instance on
//     the way exists.
//
// Within each of these, document order is kept. Where an entry of a user-ordered
// list has been cut out of a merge, the entries after it are cut out too, so that
// new ones end up in document order.
type editor struct {
	doc    *document
	schema *schema.Schema
	build  *tree.Builder
	region *region // the innermost
	// kids are the leafs and containers of all open frames, the outermost
	// frame's first.
	kids []*tree.Node
	// unkeyed says that an edit was made before the keys of an entry around it
	// were read; its path is completed at the entry's end.
	unkeyed bool
}

// region is one region being read. Its own edit comes between before and after.
type region struct {
	op            agent.Op
	before, after []*agent.Edit
}

// keeps reports whether what is cut out of the region still is part of its data.
func (r *region) keeps() bool { return r.op == agent.Replace || r.op == agent.Create }

// frame is one container or list entry being read; the outermost is the root.
type frame struct {
	parent *frame
	def    *schema.Node
	kids   int            // where its own begin in editor.kids
	lists  []openList     // its lists and leaf-lists so far
	cut    []*schema.Node // user-ordered lists of which an entry has been cut out
}

// openList collects the entries of a list, or the values of a leaf-list.
type openList struct {
	def     *schema.Node
	entries []*tree.Node
	values  []schema.Value
}

// parseConfig reads the children of the current element, <config>, into edits
// with op as the default operation.
func (c *call) parseConfig(d *document, op agent.Op) ([]agent.Edit, error) {
	r := &region{op: op}
	x := &editor{doc: d, schema: c.srv.schema, build: tree.NewBuilder(), region: r}
	f := &frame{def: x.schema.Root}
	if err := x.inside(f); err != nil {
		return nil, err
	}
	root, err := x.finish(f)
	if err != nil {
		return nil, err
	}
	all := r.before
	if op == agent.Replace || op == agent.Merge && root.Len() > 0 {
		all = append(all, &agent.Edit{Op: op, Node: root})
	}
	all = append(all, r.after...)
	edits := make([]agent.Edit, len(all))
	for i, e := range all {
		edits[i] = *e
	}
	return edits, nil
}

// inside reads the children of the current element into f.
func (x *editor) inside(f *frame) error {
	for {
		e, err := x.doc.child()
		if err != nil || e == nil {
			return err
		}
		if err := x.element(f, e); err != nil {
			return err
		}
	}
}

// element reads one data node, which is a child of f.
func (x *editor) element(f *frame, e *element) error {
	def, err := x.child(f, e)
	if err != nil {
		return err
	}
	var a editAttributes
	if len(e.attrs) > 0 {
		if a, err = x.attributes(f, def, e); err != nil {
			return err
		}
	}
	outer := x.region
	op := outer.op
	if a.operation {
		op = a.op
	}
	if outer.keeps() && (op == agent.Merge || op == agent.Replace) {
		op = outer.op
	}
	if op == agent.Delete || op == agent.Remove {
		return x.removal(f, def, e, op)
	}
	if op == outer.op && a.insert == nil && !a.unset && !f.hasCut(def) {
		return x.plain(f, def, e)
	}

	x.region = &region{op: op}
	v, err := x.read(f, def, e)
	inner := x.region
	x.region = outer
	if err != nil {
		return err
	}
	switch {
	case a.unset:
		return x.unset(f, def, v)
	case def.UserOrdered:
		f.cut = append(f.cut, def)
	}
	main := &agent.Edit{Op: op, Path: x.path(f).Child(v.elem), Node: v.node, Insert: a.insert}
	if !outer.keeps() {
		outer.after = append(append(append(outer.after, inner.before...), main), inner.after...)
		return nil
	}
	outer.before = append(outer.before, inner.before...)
	if op != outer.op {
		outer.before = append(outer.before, &agent.Edit{Op: op, Path: main.Path, Node: main.Node})
	}
	if a.insert != nil {
		main.Op = agent.Merge
		outer.after = append(outer.after, main)
	}
	outer.after = append(outer.after, inner.after...)
	x.keep(f, def, v)
	return nil
}

// hasCut reports whether an entry of the user-ordered list def has been cut out.
func (f *frame) hasCut(def *schema.Node) bool {
	for _, c := range f.cut {
		if c == def {
			return true
		}
	}
	return false
}

// plain reads a data node that belongs to the region's own data.
func (x *editor) plain(f *frame, def *schema.Node, e *element) error {
	var demand *agent.Edit
	if x.region.op == agent.None && !def.IsKey() && (def.Kind != schema.Container || def.Presence) {
		demand = &agent.Edit{Op: agent.None}
		x.region.after = append(x.region.after, demand)
	}
	v, err := x.read(f, def, e)
	if err != nil {
		return err
	}
	if demand != nil {
		demand.Path = x.path(f).Child(v.elem)
	}
	x.keep(f, def, v)
	return nil
}

// keep makes v part of the data of f.
func (x *editor) keep(f *frame, def *schema.Node, v instance) {
	switch def.Kind {
	case schema.List:
		l := f.list(def)
		l.entries = append(l.entries, v.node)
	case schema.LeafList:
		l := f.list(def)
		l.values = append(l.values, v.value)
	default:
		if v.node != nil {
			x.kids = append(x.kids, v.node)
		}
	}
}

// list returns the open list of def.
func (f *frame) list(def *schema.Node) *openList {
	for i := range f.lists {
		if f.lists[i].def == def {
			return &f.lists[i]
		}
	}
	f.lists = append(f.lists, openList{def: def})
	return &f.lists[len(f.lists)-1]
}

// finish makes the instance that f has collected; nil where it is a container
// that there is nothing in.
func (x *editor) finish(f *frame) (*tree.Node, error) {
	for _, l := range f.lists {
		var n *tree.Node
		var err error
		if l.def.Kind == schema.List {
			n, err = x.build.List(l.def, l.entries)
		} else {
			n, err = x.build.LeafList(l.def, l.values)
		}
		if err != nil {
			return nil, located(err, x.path(f).Child(l.def.Elem()))
		}
		if n != nil {
			x.kids = append(x.kids, n)
		}
	}
	kids := x.kids[f.kids:]
	x.kids = x.kids[:f.kids]
	var n *tree.Node
	var err error
	if f.def.Kind == schema.List {
		n, err = x.build.Entry(f.def, kids)
	} else {
		n, err = x.build.Container(f.def, kids)
	}
	if err != nil {
		x.kids = append(x.kids, kids...) // the path needs the keys
		return nil, located(err, x.path(f))
	}
	return n, nil
}

// path is the path of the instance that f reads, as far as its keys and those of
// the entries around it are known.
func (x *editor) path(f *frame) path.Path {
	depth := 0
	for g := f; g.parent != nil; g = g.parent {
		depth++
	}
	p := make(path.Path, depth, depth+1)
	end := len(x.kids)
	for g := f; g.parent != nil; g = g.parent {
		depth--
		p[depth] = x.entryElem(g.def, x.kids[g.kids:end])
		end = g.kids
	}
	return p
}

// entryElem is the step of a container, or of a list entry with these children.
func (x *editor) entryElem(def *schema.Node, kids []*tree.Node) path.Elem {
	if def.Kind != schema.List {
		return def.Elem()
	}
	keys := make([]string, 0, len(def.Keys))
	for _, k := range def.Keys {
		for _, n := range kids {
			if n.Schema() == k {
				keys = append(keys, n.Value().Text)
				break
			}
		}
	}
	if len(keys) < len(def.Keys) {
		x.unkeyed = true
		return def.Elem()
	}
	return def.Elem(keys...)
}
