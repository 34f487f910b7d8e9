package view

import (
	"encoding/base64"
	"fmt"
	"reflect"
	"strconv"

	"github.com/openconfig/ygot/ygot"

	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// Node returns what src, a pointer to a ygot struct, holds, as the node at p: a
// container or list entry. Nil where it holds nothing.
func Node(s *schema.Schema, p path.Path, src any) (*tree.Node, error) {
	def, err := s.Find(p)
	if err != nil {
		return nil, err
	}
	w := writer{tree.New(s).Txn(), s.ModuleNames()}
	if err := w.write(p, def, reflect.ValueOf(src).Elem()); err != nil {
		return nil, err
	}
	return w.txn.Tree().Node(p), nil
}

// writer turns structs into edits of a tree.
type writer struct {
	txn   *tree.Txn
	names schema.Namespaces
}

func (w writer) write(p path.Path, def *schema.Node, src reflect.Value) error {
	s, err := shapeOf(src.Type(), def)
	if err != nil {
		return err
	}
	for _, child := range s.order {
		if child.IsKey() {
			continue // the path has it
		}
		field := src.Field(s.fields[child])
		if field.IsZero() {
			continue
		}
		if err := w.field(p, child, field); err != nil {
			return err
		}
	}
	return nil
}

func (w writer) field(p path.Path, def *schema.Node, field reflect.Value) error {
	switch def.Kind {
	case schema.Container:
		q := p.Child(def.Elem())
		if def.Presence {
			if err := w.txn.Ensure(q); err != nil {
				return err
			}
		}
		return w.write(q, def, field.Elem())
	case schema.List:
		for _, key := range field.MapKeys() {
			entry := field.MapIndex(key).Elem()
			keys, err := w.keys(entry, def)
			if err != nil {
				return err
			}
			q := p.Child(def.Elem(keys...))
			if err := w.txn.Ensure(q); err != nil {
				return err
			}
			if err := w.write(q, def, entry); err != nil {
				return err
			}
		}
		return nil
	case schema.Leaf:
		return w.leaf(p, def, field)
	case schema.LeafList:
		for i := range field.Len() {
			if err := w.leaf(p, def, field.Index(i)); err != nil {
				return err
			}
		}
		return nil
	default:
		return fmt.Errorf("view: %s is of a kind that structs do not carry", def.SchemaPath())
	}
}

func (w writer) leaf(p path.Path, def *schema.Node, field reflect.Value) error {
	text, err := leafText(field)
	if err != nil {
		return fmt.Errorf("view: %s: %w", def.SchemaPath(), err)
	}
	v, err := def.Parse(text, w.names)
	if err != nil {
		return fmt.Errorf("view: %s: %w", def.SchemaPath(), err)
	}
	return w.txn.Set(p.Child(def.Elem()), v)
}

// keys returns the canonical key values of an entry in key order.
func (w writer) keys(entry reflect.Value, def *schema.Node) ([]string, error) {
	s, err := shapeOf(entry.Type(), def)
	if err != nil {
		return nil, err
	}
	keys := make([]string, len(def.Keys))
	for i, k := range def.Keys {
		text, err := leafText(entry.Field(s.fields[k]))
		if err != nil {
			return nil, fmt.Errorf("view: key %s: %w", k.SchemaPath(), err)
		}
		v, err := k.Parse(text, w.names)
		if err != nil {
			return nil, fmt.Errorf("view: key %s: %w", k.SchemaPath(), err)
		}
		keys[i] = v.Text
	}
	return keys, nil
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
		if field.Type().Name() == "YANGEmpty" { // ygot generates the type into each package
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
