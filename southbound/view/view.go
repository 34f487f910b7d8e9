// Package view is the typed view of a small subtree: it fills the Go structs
// that ygot generates from tree nodes, and writes such structs back as nodes.
//
//	tree.Node ──Fill──▶ ygot struct      configuration, for a model to read
//	tree.Node ◀─Node─── ygot struct      state, as a model renders it
//
// ygot's own unmarshaller takes JSON and a second copy of the schema in memory;
// here the tree's schema drives reflection over the structs' path and module
// tags. What has been learnt of a struct type is kept, so that a fill costs what
// the subtree holds. Leaves that are absent stay nil, defaults in use included:
// a model that wants a default asks for FillWithDefaults.
package view

import (
	"fmt"
	"reflect"
	"sync"

	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// Fill sets the fields of dst, a pointer to a ygot struct, from n, a container
// or list entry. A child that the struct has no field for is an error: the
// generated code would be stale.
func Fill(n *tree.Node, dst any) error { return fill(n, reflect.ValueOf(dst), false) }

// FillWithDefaults is Fill with the default values of configuration that are in
// use (RFC 7950 §7.6.1).
func FillWithDefaults(n *tree.Node, dst any) error { return fill(n, reflect.ValueOf(dst), true) }

// shape is what is known of one struct type as the view of one schema node.
type shape struct {
	fields map[*schema.Node]int // data child → field
	order  []*schema.Node       // those that have a field, in schema order
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
	s := &shape{fields: map[*schema.Node]int{}}
	for i := range typ.NumField() {
		tag := typ.Field(i).Tag
		name, module := tag.Get("path"), tag.Get("module")
		child := def.Child(module, name)
		if child == nil {
			return nil, fmt.Errorf("view: %s has a field for %s:%s, which %s has not", typ, module, name, def.SchemaPath())
		}
		s.fields[child] = i
	}
	for _, child := range def.Data {
		if _, ok := s.fields[child]; ok {
			s.order = append(s.order, child)
		}
	}
	shapes.Store(key, s)
	return s, nil
}

func fill(n *tree.Node, ptr reflect.Value, defaults bool) error {
	dst := ptr.Elem()
	s, err := shapeOf(dst.Type(), n.Schema())
	if err != nil {
		return err
	}
	children := n.Children()
	if defaults {
		children = n.ChildrenWithDefaults()
	}
	for child := range children {
		if child.IsDefault() && !child.Schema().Config {
			continue
		}
		i, ok := s.fields[child.Schema()]
		if !ok {
			return fmt.Errorf("view: %s has no field for %s", dst.Type(), child.Schema().SchemaPath())
		}
		if err := setField(ptr, dst.Field(i), child, defaults); err != nil {
			return err
		}
	}
	return nil
}

func setField(parent, field reflect.Value, n *tree.Node, defaults bool) error {
	switch n.Schema().Kind {
	case schema.Container:
		field.Set(reflect.New(field.Type().Elem()))
		return fill(n, field, defaults)
	case schema.List:
		return setList(field, n, defaults)
	case schema.Leaf:
		v, err := goValue(parent, field.Type(), n.Schema(), n.Value())
		if err != nil {
			return err
		}
		field.Set(v)
	case schema.LeafList:
		values := n.Values()
		list := reflect.MakeSlice(field.Type(), 0, len(values))
		for _, value := range values {
			v, err := goValue(parent, field.Type().Elem(), n.Schema(), value)
			if err != nil {
				return err
			}
			list = reflect.Append(list, v)
		}
		field.Set(list)
	default:
		return errKind(n.Schema())
	}
	return nil
}

// setList makes a map of the entries or, where the list has no keys, a slice.
func setList(field reflect.Value, n *tree.Node, defaults bool) error {
	keyed := field.Kind() == reflect.Map
	if keyed {
		field.Set(reflect.MakeMapWithSize(field.Type(), n.Len()))
	}
	for entry := range n.Entries() {
		e := reflect.New(field.Type().Elem().Elem())
		if err := fill(entry, e, defaults); err != nil {
			return err
		}
		if !keyed {
			field.Set(reflect.Append(field, e))
			continue
		}
		key, err := mapKey(field.Type().Key(), e.Elem(), n.Schema())
		if err != nil {
			return err
		}
		field.SetMapIndex(key, e)
	}
	return nil
}

// mapKey is the key of an entry in its map: the key leaf's value, or a struct of
// them where there are several.
func mapKey(typ reflect.Type, entry reflect.Value, def *schema.Node) (reflect.Value, error) {
	s, err := shapeOf(entry.Type(), def)
	if err != nil {
		return reflect.Value{}, err
	}
	if len(def.Keys) == 1 {
		return reflect.Indirect(entry.Field(s.fields[def.Keys[0]])), nil
	}
	key := reflect.New(typ).Elem()
	for i := range typ.NumField() {
		for _, k := range def.Keys {
			if typ.Field(i).Tag.Get("path") == k.Name {
				key.Field(i).Set(reflect.Indirect(entry.Field(s.fields[k])))
			}
		}
	}
	return key, nil
}
