package netconf

// document reads the XML of one message, element by element.
//
// TEMPORARY backing by encoding/xml until the codec's reader exists.

import (
	"bytes"
	"encoding/xml"
	"io"
	"strings"

	"github.com/outrigger-cnf/outrigger/agent/schema"
)

type syntaxError struct{ err error }

func (e *syntaxError) Error() string { return e.err.Error() }

type attribute struct {
	name         string // as written, with its prefix
	space, local string
	value        string
	declaration  bool
}

type element struct {
	space, local, prefix string
	attrs                []attribute
	scope                map[string]string
}

func (e *element) attr(space, local string) (string, bool) {
	for _, a := range e.attrs {
		if a.local == local && a.space == space && !a.declaration {
			return a.value, true
		}
	}
	return "", false
}

type fragment struct {
	*element
	children []*fragment
	text     string
}

func (f *fragment) namespace(prefix string) (string, bool) {
	ns, ok := f.scope[prefix]
	return ns, ok
}

type document struct {
	dec   *xml.Decoder
	stack []*element
}

func newDocument(msg []byte, l Limits) *document {
	return &document{dec: xml.NewDecoder(bytes.NewReader(msg))}
}

func (d *document) start(t xml.StartElement) *element {
	scope := map[string]string{"": ""}
	if len(d.stack) > 0 {
		scope = d.stack[len(d.stack)-1].scope
	}
	e := &element{}
	ns := map[string]string{}
	for k, v := range scope {
		ns[k] = v
	}
	for _, a := range t.Attr {
		if a.Name.Space == "xmlns" {
			ns[a.Name.Local] = a.Value
		} else if a.Name.Space == "" && a.Name.Local == "xmlns" {
			ns[""] = a.Value
		}
	}
	for _, a := range t.Attr {
		n := a.Name.Local
		if a.Name.Space != "" {
			n = a.Name.Space + ":" + n
		}
		sp := ""
		if a.Name.Space != "" {
			sp = ns[a.Name.Space]
		}
		e.attrs = append(e.attrs, attribute{n, sp, a.Name.Local, a.Value, n == "xmlns" || a.Name.Space == "xmlns"})
	}
	e.prefix, e.local, e.scope, e.space = t.Name.Space, t.Name.Local, ns, ns[t.Name.Space]
	d.stack = append(d.stack, e)
	return e
}

func (d *document) root() (*element, error) {
	for {
		t, err := d.dec.RawToken()
		if err != nil {
			return nil, &syntaxError{err}
		}
		if s, ok := t.(xml.StartElement); ok {
			return d.start(s), nil
		}
	}
}

func (d *document) child() (*element, error) {
	for {
		t, err := d.dec.RawToken()
		if err != nil {
			return nil, &syntaxError{err}
		}
		switch t := t.(type) {
		case xml.StartElement:
			return d.start(t), nil
		case xml.EndElement:
			d.stack = d.stack[:len(d.stack)-1]
			return nil, nil
		case xml.CharData:
			if strings.TrimSpace(string(t)) != "" {
				return nil, badElement(d.stack[len(d.stack)-1].local, "text where elements belong")
			}
		}
	}
}

func (d *document) text() (string, error) {
	var b strings.Builder
	for {
		t, err := d.dec.RawToken()
		if err != nil {
			return "", &syntaxError{err}
		}
		switch t := t.(type) {
		case xml.StartElement:
			return "", unknownElement(t.Name.Local, "an element where text belongs")
		case xml.EndElement:
			d.stack = d.stack[:len(d.stack)-1]
			return b.String(), nil
		case xml.CharData:
			b.Write(t)
		}
	}
}

func (d *document) fragment(e *element) (*fragment, error) {
	f := &fragment{element: e}
	for {
		t, err := d.dec.RawToken()
		if err != nil {
			return nil, &syntaxError{err}
		}
		switch t := t.(type) {
		case xml.StartElement:
			c, err := d.fragment(d.start(t))
			if err != nil {
				return nil, err
			}
			f.children = append(f.children, c)
		case xml.EndElement:
			d.stack = d.stack[:len(d.stack)-1]
			return f, nil
		case xml.CharData:
			f.text += string(t)
		}
	}
}

func (d *document) end() error {
	for {
		t, err := d.dec.RawToken()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return &syntaxError{err}
		}
		if _, ok := t.(xml.StartElement); ok {
			return &syntaxError{io.ErrUnexpectedEOF}
		}
	}
}

func (d *document) namespace(e *element, prefix string) (string, bool) {
	ns, ok := e.scope[prefix]
	return ns, ok
}

func (d *document) skip() error {
	_, err := d.fragment(d.stack[len(d.stack)-1])
	return err
}

func (d *document) cur() *element { return d.stack[len(d.stack)-1] }

func (d *document) modules(s *schema.Schema) schema.Namespaces {
	return prefixModules{s, &fragment{element: d.cur()}}
}

func (d *document) value(s *schema.Schema, def *schema.Node) (schema.Value, error) {
	ns := d.modules(s)
	t, err := d.text()
	if err != nil {
		return schema.Value{}, err
	}
	return parseTrimmed(def, t, ns)
}

func (d *document) opaque(e *element, def *schema.Node) ([]byte, error) {
	_, err := d.fragment(e)
	return []byte("{}"), err
}
