package jsoncodec

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// leaf reads the next JSON value as a value of def. For a leaf-list, the result
// holds it like a leaf.
func (d *decoder) leaf(def *schema.Node) (*tree.Node, error) {
	kind, text, err := d.scalar()
	if err != nil {
		return nil, err
	}
	if kind == schema.JSONNumber {
		if text, err = d.plain(text); err != nil {
			return nil, err
		}
	}
	n, err := d.leaves.Leaf(def, kind, text, d.names)
	if err == nil || !d.o.Lenient {
		return n, err
	}
	if v, ok := lenient(def, kind, string(text), d.names); ok {
		return d.builder.Leaf(def, v), nil
	}
	return nil, err
}

// scalar reads a string, a number, true, false or [null].
func (d *decoder) scalar() (schema.JSONKind, []byte, error) {
	switch c := d.s.peek(); {
	case c == '"':
		text, err := d.s.str()
		return schema.JSONString, text, err
	case c == '-' || c >= '0' && c <= '9':
		text, err := d.s.number()
		return schema.JSONNumber, text, err
	case c == '[':
		at := d.s.pos
		raw, err := d.s.skip(0)
		if err != nil {
			return 0, nil, err
		}
		if strings.Join(strings.Fields(string(raw)), "") != "[null]" {
			d.s.pos = at
			return 0, nil, fault.New(fault.InvalidValue, nil, "an array is not the value of a leaf")
		}
		return schema.JSONEmpty, nil, nil
	case c == '{':
		return 0, nil, fault.New(fault.InvalidValue, nil, "an object is not the value of a leaf")
	case c == 'n':
		if _, err := d.s.literal(); err != nil {
			return 0, nil, err
		}
		return 0, nil, fault.New(fault.InvalidValue, nil, "null is not a value; leave the member out, or write [null] for type empty")
	}
	text, err := d.s.literal()
	return schema.JSONBool, text, err
}

// plain writes a number with an exponent, or with a fraction of zeros, without:
// 1.5e3 and 1500.0 are 1500 (RFC 8259 §6). The result is valid until the next call.
func (d *decoder) plain(number []byte) ([]byte, error) {
	if bytes.IndexByte(number, '.') < 0 && bytes.IndexAny(number, "eE") < 0 {
		return number, nil
	}
	mantissa, exponent := number, 0
	if i := bytes.IndexAny(number, "eE"); i >= 0 {
		var err error
		if exponent, err = strconv.Atoi(string(number[i+1:])); err != nil || exponent < -64 || exponent > 64 {
			return nil, fault.New(fault.InvalidValue, nil, "%s is not a number of any YANG type", number)
		}
		mantissa = number[:i]
	}
	sign := ""
	if mantissa[0] == '-' {
		sign, mantissa = "-", mantissa[1:]
	}
	whole, fraction, _ := bytes.Cut(mantissa, []byte("."))
	digits := append(slices.Clone(whole), fraction...)
	point := len(whole) + exponent
	if point <= 0 {
		digits = append(bytes.Repeat([]byte("0"), 1-point), digits...)
		point = 1
	}
	if point > len(digits) {
		digits = append(digits, bytes.Repeat([]byte("0"), point-len(digits))...)
	}
	whole, fraction = bytes.TrimLeft(digits[:point], "0"), bytes.TrimRight(digits[point:], "0")
	if len(whole) == 0 {
		whole = []byte("0")
	}
	d.scratch = append(append(d.scratch[:0], sign...), whole...)
	if len(fraction) > 0 {
		d.scratch = append(append(d.scratch, '.'), fraction...)
	}
	return d.scratch, nil
}

// lenient reads a value that RFC 7951 writes in another way: a number as a string
// or the reverse, type empty as true, an identity without its module.
func lenient(def *schema.Node, kind schema.JSONKind, text string, names schema.Namespaces) (schema.Value, bool) {
	as := func(kind schema.JSONKind, text string, kinds ...schema.TypeKind) (schema.Value, bool) {
		v, err := def.ParseJSON(kind, text, names)
		return v, err == nil && slices.Contains(kinds, v.Type.Kind)
	}
	switch kind {
	case schema.JSONNumber:
		return as(schema.JSONString, text, schema.Int64, schema.Uint64, schema.Decimal64)
	case schema.JSONBool:
		if text == "true" {
			return as(schema.JSONEmpty, "", schema.Empty)
		}
	case schema.JSONString:
		if v, ok := as(schema.JSONNumber, text, schema.Int8, schema.Int16, schema.Int32,
			schema.Uint8, schema.Uint16, schema.Uint32); ok {
			return v, true
		}
		if strings.Contains(text, ":") {
			return schema.Value{}, false
		}
		for _, m := range identityModules(def.Type, text, nil) {
			if v, ok := as(schema.JSONString, m+":"+text, schema.Identityref); ok {
				return v, true
			}
		}
	}
	return schema.Value{}, false
}

// identityModules lists the modules that have an identity of that name, where t
// has to do with identities.
func identityModules(t *schema.Type, name string, found []string) []string {
	switch t.Kind {
	case schema.Leafref:
		if t.Target != nil && t.Target.Type != nil {
			return identityModules(t.Target.Type, name, found)
		}
	case schema.Union:
		for _, m := range t.Members {
			found = identityModules(m, name, found)
		}
	case schema.Identityref:
		if len(t.Bases) == 0 {
			break
		}
		for _, m := range t.Bases[0].Module.Schema().Modules {
			if m.Implemented && m.Schema().Identity(m.Name, name) != nil && !slices.Contains(found, m.Name) {
				found = append(found, m.Name)
			}
		}
	}
	return found
}
