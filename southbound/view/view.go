// Package view is the typed view of a small subtree: it fills the Go structs
// that ygot generates from tree nodes, and writes such structs back as nodes.
//
//	tree.Node ──Fill──▶ ygot struct      configuration, for a model to read
//	tree.Node ◀─Node─── ygot struct      state, as a model renders it
//
// ygot's own unmarshaller takes JSON and a second copy of the schema in memory;
// here the structs' path and module tags are looked up in the tree's schema, once
// for each type (shape), and both ways go by what was found: a fill costs what the
// subtree holds. Leaves that are absent stay nil, defaults in use included: a model
// that wants a default asks for FillWithDefaults.
package view

import (
	"fmt"
	"hash/maphash"
	"reflect"
	"sync"

	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// Fill sets the fields of dst, a pointer to a ygot struct, from n, a container
// or list entry of a Tree. A child that the struct has no field for is an error: the
// generated code would be stale. What dst comes to point to is for reading: other
// structs may share it.
func Fill(n *tree.Node, dst any) error { return fill(n, dst, false) }

// FillWithDefaults is Fill with the default values of configuration that are in
// use (RFC 7950 §7.6.1). A container that is not there, and that no default is in
// use in, stays nil.
func FillWithDefaults(n *tree.Node, dst any) error { return fill(n, dst, true) }

func fill(n *tree.Node, dst any, defaults bool) error {
	ptr := reflect.ValueOf(dst)
	s, err := shapeOf(ptr.Type().Elem(), n.Schema())
	if err != nil {
		return err
	}
	r := readers.Get().(*reader)
	defer readers.Put(r)
	r.defaults = defaults
	return r.fill(s, ptr, n)
}

var readers = sync.Pool{New: func() any { return &reader{seed: maphash.MakeSeed()} }}

// reader fills structs. One Node is often in many places, and a Node never changes:
// so the reader remembers what it made of some lately.
type reader struct {
	defaults bool
	seed     maphash.Seed
	made     [manyMade]made // by a hash of the node
}

type made struct {
	node     *tree.Node
	shape    *shape
	defaults bool
	ptr      reflect.Value // to the struct
}

// manyMade is how many structs are remembered at most.
const manyMade = 64

// view returns a pointer to a struct that is filled from n.
func (r *reader) view(s *shape, n *tree.Node) (reflect.Value, error) {
	slot := &r.made[maphash.Comparable(r.seed, n)%manyMade]
	if slot.node == n && slot.shape == s && slot.defaults == r.defaults {
		return slot.ptr, nil
	}
	ptr := reflect.New(s.typ)
	if err := r.fill(s, ptr, n); err != nil {
		return reflect.Value{}, err
	}
	*slot = made{n, s, r.defaults, ptr}
	return ptr, nil
}

// fill sets the fields of the struct that ptr points to.
func (r *reader) fill(s *shape, ptr reflect.Value, n *tree.Node) error {
	for child := range n.Children() {
		f := s.byIndex[child.Schema().Index]
		if f == nil {
			return fmt.Errorf("view: %s has no field for %s", s.typ, child.Schema().SchemaPath())
		}
		if err := r.field(f, ptr, child); err != nil {
			return err
		}
	}
	if !r.defaults {
		return nil
	}
	for _, f := range s.inUse {
		if child := n.ChildOrDefault(f.def); child != nil && child.IsDefault() {
			if err := r.field(f, ptr, child); err != nil {
				return err
			}
		}
	}
	return nil
}

// field sets one field of the struct that parent points to.
func (r *reader) field(f *field, parent reflect.Value, n *tree.Node) error {
	dst := parent.Elem().Field(f.number)
	switch f.def.Kind {
	case schema.Container:
		ptr, err := r.view(f.inner, n)
		if err != nil {
			return err
		}
		dst.Set(ptr)
		return nil
	case schema.List:
		return r.list(f, dst, n)
	case schema.Leaf:
		return f.set(parent, dst, n.Value())
	case schema.LeafList:
		values := n.Values()
		dst.Set(reflect.MakeSlice(dst.Type(), len(values), len(values)))
		for i, v := range values {
			if err := f.set(parent, dst.Index(i), v); err != nil {
				return err
			}
		}
		return nil
	default:
		return errKind(f.def)
	}
}

// list makes a map of the entries or, where the list has no keys, a slice.
func (r *reader) list(f *field, dst reflect.Value, n *tree.Node) error {
	if dst.Kind() == reflect.Map {
		dst.Set(reflect.MakeMapWithSize(dst.Type(), n.Len()))
	}
	for entry := range n.Entries() {
		e, err := r.view(f.inner, entry)
		if err != nil {
			return err
		}
		if dst.Kind() == reflect.Map {
			dst.SetMapIndex(f.key(dst.Type().Key(), e.Elem()), e)
		} else {
			dst.Set(reflect.Append(dst, e))
		}
	}
	return nil
}

// key is the key of an entry in its map: the key leaf's value, or a struct of them
// where there are several.
func (f *field) key(typ reflect.Type, entry reflect.Value) reflect.Value {
	if len(f.keys) == 1 {
		return reflect.Indirect(entry.Field(f.keys[0]))
	}
	key := reflect.New(typ).Elem()
	for i, number := range f.keys {
		key.Field(i).Set(reflect.Indirect(entry.Field(number)))
	}
	return key
}

func errKind(def *schema.Node) error {
	return fmt.Errorf("view: %s is of a kind that structs do not carry", def.SchemaPath())
}
