package view

import (
	"encoding/base64"
	"errors"
	"fmt"
	"reflect"
	"strconv"

	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// reading is a text that was read as a value of some type last.
type reading struct {
	text  string
	value schema.Value
}

// reading is the same for all leafs of a type, save where names are read as of the
// leaf's own module.
func (w *Writer) reading(t *schema.Type) *reading {
	t = t.Resolved()
	switch t.Kind {
	case schema.Identityref, schema.InstanceIdentifier, schema.Union:
		return &reading{}
	}
	r := w.readings[t]
	if r == nil {
		r = &reading{}
		w.readings[t] = r
	}
	return r
}

// value reads what a field, or an element of it, has for a leaf.
func (w *Writer) value(p *pen, field reflect.Value) (schema.Value, error) {
	text, err := w.lexical(p, field)
	if err == nil {
		if p.read.value.Type != nil && p.read.text == text {
			return p.read.value, nil
		}
		var v schema.Value
		if v, err = p.def.Parse(text, w.names); err == nil {
			*p.read = reading{text, v}
			return v, nil
		}
	}
	return schema.Value{}, fmt.Errorf("view: %s: %w", p.def.SchemaPath(), err)
}

// lexical is the lexical form of a leaf's Go value.
func (w *Writer) lexical(p *pen, field reflect.Value) (string, error) {
	for field.Kind() == reflect.Pointer || field.Kind() == reflect.Interface {
		if field.IsNil() {
			return "", errors.New("the value is missing")
		}
		field = field.Elem()
	}
	names := p.names
	if names == nil && field.Kind() == reflect.Int64 {
		names = enumOf(field.Type()) // a union's member
	}
	if names != nil {
		name, known := names.names[field.Int()]
		if !known {
			return "", fmt.Errorf("%d is no value of %s", field.Int(), field.Type())
		}
		return name, nil
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
		w.digits = strconv.AppendInt(w.digits[:0], field.Int(), 10)
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		w.digits = strconv.AppendUint(w.digits[:0], field.Uint(), 10)
	case reflect.Float64:
		w.digits = strconv.AppendFloat(w.digits[:0], field.Float(), 'f', -1, 64)
	case reflect.Slice:
		return base64.StdEncoding.EncodeToString(field.Bytes()), nil
	default:
		return "", fmt.Errorf("a value of kind %s is not known", field.Kind())
	}
	if string(w.digits) == p.read.text {
		return p.read.text, nil
	}
	return string(w.digits), nil
}

// isEmpty tells the type of leafs of type empty, which ygot generates into each
// package.
func isEmpty(typ reflect.Type) bool { return typ.Name() == "YANGEmpty" }
