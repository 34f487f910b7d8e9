package view

import (
	"encoding/base64"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"github.com/openconfig/ygot/ygot"

	"github.com/outrigger-cnf/outrigger/agent/schema"
)

var enumType = reflect.TypeFor[ygot.GoEnum]()

// goValue makes the Go value of a leaf for a field (or slice element) of that
// type. parent is the struct that has the field: ygot hangs the union
// constructors on it.
func goValue(parent reflect.Value, typ reflect.Type, def *schema.Node, v schema.Value) (reflect.Value, error) {
	fail := func(err error) (reflect.Value, error) {
		return reflect.Value{}, fmt.Errorf("view: %s: %q does not fit %s: %w", def.SchemaPath(), v.Text, typ, err)
	}
	switch {
	case typ.Kind() == reflect.Pointer:
		inner, err := goValue(parent, typ.Elem(), def, v)
		if err != nil {
			return inner, err
		}
		p := reflect.New(typ.Elem())
		p.Elem().Set(inner)
		return p, nil
	case typ.Kind() == reflect.Interface && typ.NumMethod() == 0: // ygot knows no instance-identifier
		return reflect.ValueOf(v.Text), nil
	case typ.Kind() == reflect.Interface:
		member, err := unionMember(v)
		if err != nil {
			return fail(err)
		}
		return toUnion(parent, typ, member)
	case typ.Implements(enumType):
		return enumValue(typ, v)
	}
	out := reflect.New(typ).Elem()
	switch typ.Kind() {
	case reflect.String:
		out.SetString(v.Text)
	case reflect.Bool:
		out.SetBool(v.Type.Kind == schema.Empty || v.Text == "true")
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n, err := strconv.ParseInt(v.Text, 10, typ.Bits())
		if err != nil {
			return fail(err)
		}
		out.SetInt(n)
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		n, err := strconv.ParseUint(v.Text, 10, typ.Bits())
		if err != nil {
			return fail(err)
		}
		out.SetUint(n)
	case reflect.Float64:
		n, err := strconv.ParseFloat(v.Text, 64)
		if err != nil {
			return fail(err)
		}
		out.SetFloat(n)
	case reflect.Slice: // ygot.Binary
		b, err := base64.StdEncoding.DecodeString(v.Text)
		if err != nil {
			return fail(err)
		}
		out.SetBytes(b)
	default:
		return fail(fmt.Errorf("a field of kind %s is not known", typ.Kind()))
	}
	return out, nil
}

// enumValue finds the number that ygot gave to an enum or identity.
func enumValue(typ reflect.Type, v schema.Value) (reflect.Value, error) {
	module, name, qualified := strings.Cut(v.Text, ":")
	if v.Type.Kind != schema.Identityref || !qualified {
		module, name = "", v.Text
	}
	for number, d := range reflect.Zero(typ).Interface().(ygot.GoEnum).ΛMap()[typ.Name()] {
		if d.Name == name && (module == "" || d.DefiningModule == module) {
			out := reflect.New(typ).Elem()
			out.SetInt(number)
			return out, nil
		}
	}
	return reflect.Value{}, fmt.Errorf("view: %s has no value %q", typ, v.Text)
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
