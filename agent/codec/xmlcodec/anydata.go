package xmlcodec

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/outrigger-cnf/outrigger/agent/codec/jsoncodec"
	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// A tree keeps anydata and anyxml as JSON. Without a schema for the content the
// way between the two is this: an element is a member of its parent's object,
// qualified by the module of its namespace at the top and where that differs from
// the parent's;
// elements of one name are an array; text is a string. Attributes are lost, and
// mixed content has no place. So JSON that came from XML goes back to the same
// XML, but an array of one element that came from JSON is that element afterwards.

// opaque writes anydata or anyxml.
func (w *writer) opaque(n *tree.Node, outer *schema.Module) {
	def := n.Schema()
	w.dst = AppendOpen(w.dst, def, outer)
	open := len(w.dst)
	d := json.NewDecoder(bytes.NewReader(n.Opaque()))
	d.UseNumber()
	if err := w.json(d, def.Module.Schema(), def.Module, nil); err != nil {
		// A Builder does not check what it is given: no content is better than half.
		w.dst = w.dst[:open]
	}
	if len(w.dst) == open {
		w.dst = append(w.dst[:open-1], "/>"...)
		return
	}
	w.dst = AppendClose(w.dst, def)
}

// json writes the next JSON value. In an array, which is one element for each of
// its values, each is the element that tag opens and closes.
func (w *writer) json(d *json.Decoder, s *schema.Schema, outer *schema.Module, tag func(open bool)) error {
	t, err := d.Token()
	if err != nil {
		return err
	}
	if t == json.Delim('[') {
		for d.More() {
			if err := w.element(d, s, outer, tag); err != nil {
				return err
			}
		}
		_, err := d.Token()
		return err
	}
	if tag != nil {
		tag(true)
		defer tag(false)
	}
	return w.content(d, t, s, outer)
}

// element is json for one value of an array.
func (w *writer) element(d *json.Decoder, s *schema.Schema, outer *schema.Module, tag func(open bool)) error {
	t, err := d.Token()
	if err != nil {
		return err
	}
	if tag != nil {
		tag(true)
		defer tag(false)
	}
	if t != json.Delim('[') {
		return w.content(d, t, s, outer)
	}
	for d.More() { // an array in an array: its values, one after the other
		if err := w.element(d, s, outer, nil); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}

// content writes a scalar or the members of an object, whose first token was read.
func (w *writer) content(d *json.Decoder, t json.Token, s *schema.Schema, outer *schema.Module) error {
	switch t := t.(type) {
	case nil:
	case string:
		w.dst = AppendText(w.dst, t)
	case json.Delim: // {
		for d.More() {
			name, err := d.Token()
			if err != nil {
				return err
			}
			if err := w.member(d, fmt.Sprint(name), s, outer); err != nil {
				return err
			}
		}
		_, err := d.Token()
		return err
	default:
		w.dst = AppendText(w.dst, fmt.Sprint(t))
	}
	return nil
}

// member writes one member of an object. Metadata, and names that XML does not
// have, are left out.
func (w *writer) member(d *json.Decoder, name string, s *schema.Schema, outer *schema.Module) error {
	m, attr := outer, ""
	local := name
	if module, rest, ok := strings.Cut(name, ":"); ok {
		local = rest
		if other := s.Module(module); other != nil && other != outer {
			m = other
			attr = ` xmlns="` + string(AppendText(nil, m.Namespace)) + `"`
		}
	}
	if !isNCName(local) {
		var skip json.RawMessage
		return d.Decode(&skip)
	}
	return w.json(d, s, m, func(open bool) {
		if open {
			w.dst = append(w.dst, "<"+local+attr+">"...)
		} else {
			w.dst = append(w.dst, "</"+local+">"...)
		}
	})
}

// appendContent reads the current element up to its end as JSON.
func (d *decoder) appendContent(dst []byte, outer *schema.Module) ([]byte, error) {
	type field struct {
		name   string
		values [][]byte
	}
	var fields []field
	index := map[string]int{} // in fields, by name
	var text []byte
	for {
		t, err := d.r.Next()
		if err != nil {
			return nil, err
		}
		switch t {
		case Text:
			text = append(text, d.r.TextBytes()...)
			continue
		case Start:
			e := d.r.Element()
			name, module := e.Local, outer
			if m := d.schema.ModuleByNamespace(e.Space); m != nil && m != outer {
				name, module = m.Name+":"+name, m
			}
			value, err := d.appendContent(nil, module)
			if err != nil {
				return nil, err
			}
			i, ok := index[name]
			if !ok {
				i = len(fields)
				index[name] = i
				fields = append(fields, field{name: name})
			}
			fields[i].values = append(fields[i].values, value)
			continue
		}
		break
	}
	if len(fields) == 0 {
		return jsoncodec.AppendString(dst, string(text)), nil
	}
	if len(bytes.TrimSpace(text)) > 0 {
		return nil, fault.New(fault.BadElement, nil, "text and elements beside each other cannot be kept")
	}
	dst = append(dst, '{')
	for i, f := range fields {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(jsoncodec.AppendString(dst, f.name), ':')
		if len(f.values) > 1 {
			dst = append(append(append(dst, '['), bytes.Join(f.values, []byte(","))...), ']')
		} else {
			dst = append(dst, f.values[0]...)
		}
	}
	return append(dst, '}'), nil
}
