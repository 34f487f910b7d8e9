package view

import (
	"errors"
	"reflect"

	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// Node returns what src, a pointer to a ygot struct, holds, as the node at p: a
// container, or a list entry whose keys src has. Nil where it holds nothing.
//
// What was observed need not fit the schema: an interface's alias may be any
// bytes. A leaf whose value does not fit is left out, and with it the entry that
// it is the key of; the rest is returned, and the error says what is missing.
func Node(s *schema.Schema, p path.Path, src any) (*tree.Node, error) {
	return NewWriter(s).Node(p, src)
}

// Writer is for making many nodes. A leaf of the value that was the last one at its
// place in the schema is made once; a tree.Builder then sees what else is alike. It is
// not for more than one goroutine.
type Writer struct {
	schema   *schema.Schema
	names    schema.Namespaces
	build    *tree.Builder
	pens     map[shapeKey]*pen
	readings map[*schema.Type]*reading
	kids     []*tree.Node // of all that is being made, those of the innermost last
	digits   []byte       // of a number that is being written
	errs     []error      // of the Node that is being made
}

// pen makes the instances of one schema node.
type pen struct {
	def   *schema.Node
	shape *shape     // container, list
	below []*pen     // of the shape's fields
	names *enum      // leaf, leaf-list
	read  *reading   // leaf, leaf-list
	last  *tree.Node // leaf: the one that it made last
}

// NewWriter makes a Writer.
func NewWriter(s *schema.Schema) *Writer {
	return &Writer{
		schema: s, names: s.ModuleNames(), build: tree.NewBuilder(),
		pens: map[shapeKey]*pen{}, readings: map[*schema.Type]*reading{},
	}
}

// Node is the function Node.
func (w *Writer) Node(p path.Path, src any) (*tree.Node, error) {
	def, err := w.schema.Find(p)
	if err != nil {
		return nil, err
	}
	return w.NodeOf(def, src)
}

// NodeOf is Node for who knows what is at the path.
func (w *Writer) NodeOf(def *schema.Node, src any) (*tree.Node, error) {
	v := reflect.ValueOf(src).Elem()
	p := w.pens[shapeKey{v.Type(), def}]
	if p == nil {
		s, err := shapeOf(v.Type(), def)
		if err != nil {
			return nil, err
		}
		p = w.newPen(s)
		w.pens[shapeKey{v.Type(), def}] = p
	}
	w.errs = nil
	n := w.inner(p, v)
	if cap(w.kids) > manyKids {
		w.kids = nil
	}
	return n, errors.Join(w.errs...)
}

// manyKids is how much room a Writer keeps: what was a large table may be so once.
const manyKids = 1024

func (w *Writer) newPen(s *shape) *pen {
	p := &pen{def: s.def, shape: s}
	for _, f := range s.fields {
		if f.inner != nil {
			p.below = append(p.below, w.newPen(f.inner))
		} else {
			p.below = append(p.below, w.leafPen(f.def, f.names))
		}
	}
	return p
}

func (w *Writer) leafPen(def *schema.Node, names *enum) *pen {
	return &pen{def: def, names: names, read: w.reading(def.Type)}
}

// Leaf makes the leaf at p.
func (w *Writer) Leaf(p path.Path, text string) (*tree.Node, error) {
	def, err := w.schema.Find(p)
	if err != nil {
		return nil, err
	}
	v, err := def.Parse(text, w.names)
	if err != nil {
		return nil, err
	}
	return w.build.Leaf(def, v), nil
}

// LeafList makes the leaf-list at p, nil of no values.
func (w *Writer) LeafList(p path.Path, texts []string) (*tree.Node, error) {
	def, err := w.schema.Find(p)
	if err != nil {
		return nil, err
	}
	w.errs = nil
	return w.leafList(w.leafPen(def, nil), reflect.ValueOf(texts)), errors.Join(w.errs...)
}

// keep notes an error; the node goes with it.
func (w *Writer) keep(n *tree.Node, err error) *tree.Node {
	if err == nil {
		return n
	}
	w.errs = append(w.errs, err)
	return nil
}

// inner makes a container or list entry.
func (w *Writer) inner(p *pen, src reflect.Value) *tree.Node {
	outer := len(w.kids)
	for i, f := range p.shape.fields {
		if field := src.Field(f.number); !field.IsZero() {
			if n := w.field(p.below[i], field); n != nil {
				w.kids = append(w.kids, n)
			}
		}
	}
	kids := w.kids[outer:]
	w.kids = w.kids[:outer]
	if p.def.Kind == schema.List {
		return w.keep(w.build.Entry(p.def, kids))
	}
	return w.keep(w.build.Container(p.def, kids))
}

func (w *Writer) field(p *pen, field reflect.Value) *tree.Node {
	switch p.def.Kind {
	case schema.Container:
		return w.inner(p, field.Elem())
	case schema.List:
		return w.list(p, field)
	case schema.Leaf:
		return w.leaf(p, field)
	case schema.LeafList:
		return w.leafList(p, field)
	default:
		return w.keep(nil, errKind(p.def))
	}
}

func (w *Writer) leaf(p *pen, field reflect.Value) *tree.Node {
	v, err := w.value(p, field)
	if err != nil {
		return w.keep(nil, err)
	}
	if p.last == nil || p.last.Value() != v {
		p.last = w.build.Leaf(p.def, v)
	}
	return p.last
}

func (w *Writer) leafList(p *pen, field reflect.Value) *tree.Node {
	values := make([]schema.Value, 0, field.Len())
	for i := range field.Len() {
		v, err := w.value(p, field.Index(i))
		if err != nil {
			w.keep(nil, err)
			continue
		}
		values = append(values, v)
	}
	return w.keep(w.build.LeafList(p.def, values))
}

// list makes a list of a map of entries or, without keys, of a slice.
func (w *Writer) list(p *pen, field reflect.Value) *tree.Node {
	outer := len(w.kids)
	add := func(entry reflect.Value) {
		if n := w.inner(p, entry.Elem()); n != nil {
			w.kids = append(w.kids, n)
		}
	}
	if field.Kind() == reflect.Map {
		for it := field.MapRange(); it.Next(); {
			add(it.Value())
		}
	} else {
		for i := range field.Len() {
			add(field.Index(i))
		}
	}
	entries := w.kids[outer:]
	w.kids = w.kids[:outer]
	return w.keep(w.build.List(p.def, entries))
}
