package xmlcodec

import (
	"bytes"

	"github.com/outrigger-cnf/outrigger/agent/fault"
)

// Element returns the current element: the innermost that is open. It is valid
// until that ends; its Attrs are the caller's to keep.
func (r *Reader) Element() *Element {
	if len(r.stack) == 0 {
		return nil
	}
	return &r.stack[len(r.stack)-1].Element
}

// TextBytes returns the character data of the last Text token. It is valid until
// the next token is read.
func (r *Reader) TextBytes() []byte { return r.text }

// Root reads up to the start of the root element.
func (r *Reader) Root() (*Element, error) {
	if _, err := r.Next(); err != nil {
		return nil, err
	}
	return r.Element(), nil
}

// Child reads up to the start of the current element's next child, or up to the
// element's end, where it returns nil and the parent is the current element. Text
// other than white space in between is an error (bad-element).
func (r *Reader) Child() (*Element, error) {
	for {
		switch t, err := r.Next(); {
		case err != nil:
			return nil, err
		case t == Start:
			return r.Element(), nil
		case t != Text:
			return nil, nil
		case len(bytes.TrimSpace(r.text)) > 0:
			return nil, r.mixed()
		}
	}
}

func (r *Reader) mixed() error {
	return fault.New(fault.BadElement, nil, "there is text in <%s>, which has elements only", r.Element().Local).
		WithInfo("bad-element", r.Element().Local)
}

// Text reads the rest of the current element, which has to be text only, and
// returns that, up to the element's end.
func (r *Reader) Text() (string, error) {
	b, err := r.content()
	return string(b), err
}

// content is Text without a copy; it is valid until the next token is read.
func (r *Reader) content() ([]byte, error) {
	var text []byte
	for {
		t, err := r.Next()
		switch {
		case err != nil:
			return nil, err
		case t == Text:
			text = r.text
		case t == Start:
			return nil, fault.New(fault.UnknownElement, nil, "there is an element <%s> where only text belongs", r.Element().Local).
				WithInfo("bad-element", r.Element().Local)
		default:
			return text, nil
		}
	}
}

// Skip reads to the end of the current element, whatever is in it.
func (r *Reader) Skip() error {
	for depth := len(r.stack); len(r.stack) >= depth; {
		if _, err := r.Next(); err != nil {
			return err
		}
	}
	return nil
}

// End checks that nothing but comments and white space is left behind the root.
func (r *Reader) End() error {
	t, err := r.Next()
	if err == nil && t != EOF {
		err = r.syntax("<%s> is not at its end", r.Element().Local)
	}
	return err
}

// Namespace resolves a prefix as it is declared where the Reader is; the empty
// one is the default namespace, which is there even where it is none.
func (r *Reader) Namespace(prefix string) (uri string, ok bool) {
	if prefix == "" {
		if len(r.stack) > 0 {
			uri = r.stack[len(r.stack)-1].space
		}
		return uri, true
	}
	return r.lookup(prefix)
}

// Scope is the namespaces in scope at one place of a document, by prefix; the
// default namespace has the empty one.
type Scope map[string]string

// Scope returns the namespaces that are declared where the Reader is.
func (r *Reader) Scope() Scope {
	s := make(Scope, len(r.bindings)+1)
	for _, b := range r.bindings {
		s[b.prefix] = b.uri
	}
	s[""], _ = r.Namespace("")
	return s
}

// Namespace resolves a prefix like Reader.Namespace.
func (s Scope) Namespace(prefix string) (uri string, ok bool) {
	uri, ok = s[prefix]
	return uri, ok || prefix == ""
}
