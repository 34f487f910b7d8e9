package view

import (
	"encoding/base64"
	"errors"
	"fmt"
	"reflect"
	"strconv"

	"github.com/openconfig/ygot/ygot"

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

// Writer is for making many nodes. It is not for more than one goroutine.
type Writer struct {
	schema *schema.Schema
	names  schema.Namespaces
	build  *tree.Builder
	errs   []error // of the Node that is being made
}

// NewWriter makes a Writer.
func NewWriter(s *schema.Schema) *Writer {
	return &Writer{schema: s, names: s.ModuleNames(), build: tree.NewBuilder()}
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
	w.errs = nil
	n := w.inner(def, reflect.ValueOf(src).Elem())
	return n, errors.Join(w.errs...)
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
	return w.field(def, reflect.ValueOf(texts)), errors.Join(w.errs...)
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
func (w *Writer) inner(def *schema.Node, src reflect.Value) *tree.Node {
	s, err := shapeOf(src.Type(), def)
	if err != nil {
		return w.keep(nil, err)
	}
	kids := make([]*tree.Node, 0, len(s.fields))
	for _, f := range s.fields {
		if field := src.Field(f.number); !field.IsZero() {
			kids = append(kids, w.field(f.def, field))
		}
	}
	if def.Kind == schema.List {
		return w.keep(w.build.Entry(def, kids))
	}
	return w.keep(w.build.Container(def, kids))
}

func (w *Writer) field(def *schema.Node, field reflect.Value) *tree.Node {
	switch def.Kind {
	case schema.Container:
		return w.inner(def, field.Elem())
	case schema.List:
		return w.list(def, field)
	case schema.Leaf:
		v, err := w.value(def, field)
		if err != nil {
			return w.keep(nil, err)
		}
		return w.build.Leaf(def, v)
	case schema.LeafList:
		values := make([]schema.Value, 0, field.Len())
		for i := range field.Len() {
			v, err := w.value(def, field.Index(i))
			if err != nil {
				w.keep(nil, err)
				continue
			}
			values = append(values, v)
		}
		return w.keep(w.build.LeafList(def, values))
	default:
		return w.keep(nil, errKind(def))
	}
}

// list makes a list of a map of entries or, without keys, of a slice.
func (w *Writer) list(def *schema.Node, field reflect.Value) *tree.Node {
	entries := make([]*tree.Node, 0, field.Len())
	add := func(entry reflect.Value) {
		if n := w.inner(def, entry.Elem()); n != nil {
			entries = append(entries, n)
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
	return w.keep(w.build.List(def, entries))
}

func (w *Writer) value(def *schema.Node, field reflect.Value) (schema.Value, error) {
	text, err := leafText(field)
	if err != nil {
		return schema.Value{}, fmt.Errorf("view: %s: %w", def.SchemaPath(), err)
	}
	v, err := def.Parse(text, w.names)
	if err != nil {
		return schema.Value{}, fmt.Errorf("view: %s: %w", def.SchemaPath(), err)
	}
	return v, nil
}

// leafText is the lexical form of a leaf's Go value.
func leafText(field reflect.Value) (string, error) {
	for field.Kind() == reflect.Pointer || field.Kind() == reflect.Interface {
		if field.IsNil() {
			return "", fmt.Errorf("the value is missing")
		}
		field = field.Elem()
	}
	if e, ok := field.Interface().(ygot.GoEnum); ok {
		d, ok := e.ΛMap()[field.Type().Name()][field.Int()]
		if !ok {
			return "", fmt.Errorf("%d is no value of %s", field.Int(), field.Type())
		}
		if d.DefiningModule != "" {
			return d.DefiningModule + ":" + d.Name, nil
		}
		return d.Name, nil
	}
	switch field.Kind() {
	case reflect.String:
		return field.String(), nil
	case reflect.Bool:
		if isEmpty(field.Type()) {
			return "", nil
		}
		return strconv.FormatBool(field.Bool()), nil
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.FormatInt(field.Int(), 10), nil
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return strconv.FormatUint(field.Uint(), 10), nil
	case reflect.Float64:
		return strconv.FormatFloat(field.Float(), 'f', -1, 64), nil
	case reflect.Slice:
		return base64.StdEncoding.EncodeToString(field.Bytes()), nil
	}
	return "", fmt.Errorf("a value of kind %s is not known", field.Kind())
}

// isEmpty tells the type of leafs of type empty, which ygot generates into each
// package.
func isEmpty(typ reflect.Type) bool { return typ.Name() == "YANGEmpty" }
