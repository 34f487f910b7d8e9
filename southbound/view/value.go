package view

import (
	"encoding/base64"
	"fmt"
	"reflect"
	"strconv"
	"sync"

	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// set makes dst, the field or an element of it, what a leaf's value is to Go. parent
// points to the struct that has the field: ygot hangs the union constructors on it.
func (f *field) set(parent, dst reflect.Value, v schema.Value) error {
	err := f.put(parent, dst, v)
	if err != nil {
		return fmt.Errorf("view: %s: %q does not fit %s: %w", f.def.SchemaPath(), v.Text, dst.Type(), err)
	}
	return nil
}

func (f *field) put(parent, dst reflect.Value, v schema.Value) error {
	switch kind := dst.Kind(); kind {
	case reflect.Pointer:
		p := reflect.New(dst.Type().Elem())
		dst.Set(p)
		return f.put(parent, p.Elem(), v)
	case reflect.Interface:
		if dst.NumMethod() == 0 { // ygot knows no instance-identifier
			dst.Set(reflect.ValueOf(v.Text))
			return nil
		}
		return setUnion(parent, dst, v)
	case reflect.String:
		dst.SetString(v.Text)
	case reflect.Bool:
		dst.SetBool(v.Type.Kind == schema.Empty || v.Text == "true")
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		if f.names != nil {
			return f.names.set(dst, v.Text)
		}
		n, err := strconv.ParseInt(v.Text, 10, dst.Type().Bits())
		dst.SetInt(n)
		return err
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		n, err := strconv.ParseUint(v.Text, 10, dst.Type().Bits())
		dst.SetUint(n)
		return err
	case reflect.Float64:
		n, err := strconv.ParseFloat(v.Text, 64)
		dst.SetFloat(n)
		return err
	case reflect.Slice: // ygot.Binary
		b, err := base64.StdEncoding.DecodeString(v.Text)
		dst.SetBytes(b)
		return err
	default:
		return fmt.Errorf("a field of kind %s is not known", kind)
	}
	return nil
}

// set makes dst the number that ygot gave to a name.
func (e *enum) set(dst reflect.Value, name string) error {
	number, known := e.numbers[name]
	if !known {
		return fmt.Errorf("it is no value of %s", dst.Type())
	}
	dst.SetInt(number)
	return nil
}

func setUnion(parent, dst reflect.Value, v schema.Value) error {
	member, err := unionMember(v)
	if err != nil {
		return err
	}
	made, err := toUnion(parent, dst.Type(), member)
	if err == nil {
		dst.Set(made)
	}
	return err
}

// unionMember makes the plain Go value of a union's member. Enums and identities
// come as their canonical text, since the structs do not say which enumerated
// types a union has.
func unionMember(v schema.Value) (any, error) {
	text := v.Text
	switch v.Type.Kind {
	case schema.Int8:
		n, err := strconv.ParseInt(text, 10, 8)
		return int8(n), err
	case schema.Int16:
		n, err := strconv.ParseInt(text, 10, 16)
		return int16(n), err
	case schema.Int32:
		n, err := strconv.ParseInt(text, 10, 32)
		return int32(n), err
	case schema.Int64:
		return strconv.ParseInt(text, 10, 64)
	case schema.Uint8:
		n, err := strconv.ParseUint(text, 10, 8)
		return uint8(n), err
	case schema.Uint16:
		n, err := strconv.ParseUint(text, 10, 16)
		return uint16(n), err
	case schema.Uint32:
		n, err := strconv.ParseUint(text, 10, 32)
		return uint32(n), err
	case schema.Uint64:
		return strconv.ParseUint(text, 10, 64)
	case schema.Decimal64:
		return strconv.ParseFloat(text, 64)
	case schema.Boolean:
		return text == "true", nil
	case schema.Binary:
		return base64.StdEncoding.DecodeString(text)
	default:
		return text, nil
	}
}

// unions holds, by unionKey, what type To_…_Union makes of a type.
var unions sync.Map

type unionKey struct{ union, member reflect.Type }

// toUnion calls the struct's To_…_Union method for a union type. To find and call a
// method by its name takes long; and what it makes of a type is always a type of its
// own with the same value, so it is called once for each.
func toUnion(parent reflect.Value, typ reflect.Type, member any) (reflect.Value, error) {
	value := reflect.ValueOf(member)
	key := unionKey{typ, value.Type()}
	if made, known := unions.Load(key); known {
		return value.Convert(made.(reflect.Type)), nil
	}
	m := parent.MethodByName("To_" + typ.Name())
	if !m.IsValid() {
		return reflect.Value{}, fmt.Errorf("view: %s has no method To_%s", parent.Type(), typ.Name())
	}
	out := m.Call([]reflect.Value{value})
	if err, _ := out[1].Interface().(error); err != nil {
		return reflect.Value{}, fmt.Errorf("view: %w", err)
	}
	if made := out[0].Elem(); made.IsValid() && made.Kind() == value.Kind() && made.Kind() != reflect.Slice {
		unions.Store(key, made.Type())
	}
	return out[0], nil
}
