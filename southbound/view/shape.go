package view

import (
	"fmt"
	"reflect"
	"sync"

	"github.com/openconfig/ygot/ygot"

	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// shape is what is known of one struct type as the view of one schema node: what
// the tags of its fields say, looked up once, for all that is below it, too.
type shape struct {
	typ     reflect.Type
	def     *schema.Node
	fields  []*field // in schema order
	byIndex []*field // by the Index of their schema nodes, nil where there is no field
	inUse   []*field // those that a default may be in use of, or of what is in them
}

// field is a data node as a field of a struct.
type field struct {
	def    *schema.Node
	number int    // among the fields of the struct
	names  *enum  // leaf, leaf-list: of a type that is an enum to Go
	inner  *shape // container, list
	keys   []int  // list that is a map: the fields of an entry that make up its key there
}

type shapeKey struct {
	typ reflect.Type
	def *schema.Node
}

// shapes holds a *shape by shapeKey. It only grows with the generated types.
var shapes sync.Map

func shapeOf(typ reflect.Type, def *schema.Node) (*shape, error) {
	key := shapeKey{typ, def}
	if s, ok := shapes.Load(key); ok {
		return s.(*shape), nil
	}
	s := &shape{typ: typ, def: def, byIndex: make([]*field, len(def.Data))}
	for i := range typ.NumField() {
		of := typ.Field(i)
		child := def.Child(of.Tag.Get("module"), of.Tag.Get("path"))
		if child == nil {
			return nil, fmt.Errorf("view: %s has a field for %s:%s, which %s has not", typ, of.Tag.Get("module"), of.Tag.Get("path"), def.SchemaPath())
		}
		f, err := newField(child, i, of.Type)
		if err != nil {
			return nil, err
		}
		s.byIndex[child.Index] = f
	}
	for _, f := range s.byIndex {
		if f == nil {
			continue
		}
		s.fields = append(s.fields, f)
		if f.mayDefault() {
			s.inUse = append(s.inUse, f)
		}
	}
	shapes.Store(key, s)
	return s, nil
}

func newField(def *schema.Node, number int, typ reflect.Type) (*field, error) {
	f := &field{def: def, number: number}
	var err error
	switch def.Kind {
	case schema.Container:
		f.inner, err = shapeOf(typ.Elem(), def)
	case schema.List:
		if f.inner, err = shapeOf(typ.Elem().Elem(), def); err == nil && typ.Kind() == reflect.Map {
			f.keys = f.keysOf(typ.Key())
		}
	case schema.LeafList:
		f.names = enumOf(typ.Elem())
	case schema.Leaf:
		f.names = enumOf(typ)
	}
	return f, err
}

// keysOf are the key leafs in the order that the key of a map has them: the one
// that there is, or those of the fields of a struct.
func (f *field) keysOf(typ reflect.Type) (numbers []int) {
	for i := range f.def.Keys {
		k := f.def.Keys[i]
		if len(f.def.Keys) > 1 {
			k = f.def.Child("", typ.Field(i).Tag.Get("path"))
		}
		numbers = append(numbers, f.inner.byIndex[k.Index].number)
	}
	return numbers
}

// mayDefault reports whether there is something to fill in where the configuration
// has no instance.
func (f *field) mayDefault() bool {
	switch {
	case !f.def.Config:
		return false
	case f.def.Kind == schema.Container:
		return !f.def.Presence && len(f.inner.inUse) > 0
	}
	return len(f.def.Defaults) > 0
}

// enum are the values of a Go type that stands for an enumeration or for
// identities.
type enum struct {
	names   map[int64]string // as a leaf has them
	numbers map[string]int64
}

var (
	enumType = reflect.TypeFor[ygot.GoEnum]()
	enums    sync.Map // of *enum by reflect.Type
)

// enumOf returns nil for a type that is none.
func enumOf(typ reflect.Type) *enum {
	if !typ.Implements(enumType) || typ.Kind() != reflect.Int64 {
		return nil
	}
	if e, known := enums.Load(typ); known {
		return e.(*enum)
	}
	e := &enum{names: map[int64]string{}, numbers: map[string]int64{}}
	for number, d := range reflect.Zero(typ).Interface().(ygot.GoEnum).ΛMap()[typ.Name()] {
		name := d.Name
		if d.DefiningModule != "" {
			name = d.DefiningModule + ":" + name
		}
		e.names[number], e.numbers[name] = name, number
	}
	enums.Store(typ, e)
	return e
}
