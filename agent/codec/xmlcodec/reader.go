package xmlcodec

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/outrigger-cnf/outrigger/agent/fault"
)

// The two namespaces whose prefixes need no declaration (Namespaces in XML 1.0 §3).
const (
	xmlNamespace   = "http://www.w3.org/XML/1998/namespace"
	xmlnsNamespace = "http://www.w3.org/2000/xmlns/"
)

// Token is what Next found.
type Token uint8

// The tokens.
const (
	Start Token = iota + 1 // of an element, which is the current one from now on
	End                    // of the current element; its parent is the current one from now on
	Text                   // character data, white space included
	EOF                    // behind the root element
)

// Attr is an attribute, or a namespace declaration.
type Attr struct {
	Name         string // as written, with its prefix
	Space, Local string // namespace and local name; no prefix is no namespace
	Value        string
	Declaration  bool // xmlns or xmlns:prefix
}

// Element is a start tag.
type Element struct {
	Prefix, Space, Local string
	Attrs                []Attr // as they stand
}

// Attr returns the value of an attribute and whether it is there.
func (e *Element) Attr(space, local string) (string, bool) {
	for i := range e.Attrs {
		if a := &e.Attrs[i]; a.Local == local && a.Space == space && !a.Declaration {
			return a.Value, true
		}
	}
	return "", false
}

// hasAttributes reports whether e has attributes that are no declarations.
func (e *Element) hasAttributes() bool {
	for i := range e.Attrs {
		if !e.Attrs[i].Declaration {
			return true
		}
	}
	return false
}

// Reader reads one XML document from memory, token by token or element by
// element. After an error it is of no more use. All errors are *fault.Error:
// malformed-message with the line for what is not well-formed, too-big for
// nesting that is too deep.
type Reader struct {
	data     []byte // of the document; never changed
	pos      int
	maxDepth int

	stack    []frame   // the open elements
	bindings []binding // the prefixes in scope, the latest last
	strings  map[string]string
	text     []byte // of the last Text
	buf      []byte

	begun, closed bool // the first Next is over; the root has ended
	selfClosed    bool // the current element's start tag was its end tag too
}

// frame is one open element.
type frame struct {
	Element
	tag      []byte // its name as written
	bindings int    // how many bindings there were before it
	space    string // the default namespace in it
}

type binding struct{ prefix, uri string }

// NewReader makes a Reader of a document. No element may have maxDepth elements
// around it; zero stands for 256.
func NewReader(data []byte, maxDepth int) *Reader {
	if maxDepth <= 0 {
		maxDepth = 256
	}
	return &Reader{data: data, maxDepth: maxDepth, strings: make(map[string]string)}
}

// syntax says what is not well-formed, and in which line.
func (r *Reader) syntax(format string, args ...any) error {
	line := 1 + bytes.Count(r.data[:min(r.pos, len(r.data))], []byte("\n"))
	return fault.New(fault.MalformedMessage, nil, "XML line %d: %s", line, fmt.Sprintf(format, args...))
}

// maxStrings bounds how many names and namespaces are kept to be shared.
const maxStrings = 1 << 14

// intern makes a string of b that is shared by all that are equal.
func (r *Reader) intern(b []byte) string {
	if s, ok := r.strings[string(b)]; ok {
		return s
	}
	s := string(b)
	if len(r.strings) < maxStrings {
		r.strings[s] = s
	}
	return s
}

// Next reads on. Comments and processing instructions are no tokens, and do not
// part text.
func (r *Reader) Next() (Token, error) {
	switch {
	case r.selfClosed:
		r.selfClosed = false
		r.pop()
		return End, nil
	case !r.begun:
		if err := r.begin(); err != nil {
			return 0, err
		}
	}
	if len(r.stack) == 0 {
		if err := r.between(); err != nil {
			return 0, err
		}
		if r.pos == len(r.data) {
			if !r.closed {
				return 0, r.syntax("there is no element")
			}
			return EOF, nil
		}
		if r.closed {
			return 0, r.syntax("there is more than one root element")
		}
		return Start, r.startTag()
	}
	if r.pos >= len(r.data) {
		return 0, r.syntax("the end of <%s> is missing", r.stack[len(r.stack)-1].tag)
	}
	if r.data[r.pos] != '<' || r.pos+1 < len(r.data) && (r.data[r.pos+1] == '!' || r.data[r.pos+1] == '?') {
		text, err := r.chars()
		if err != nil {
			return 0, err
		}
		if r.text = text; len(text) > 0 {
			return Text, nil
		}
		return r.Next() // a comment alone
	}
	if r.pos+1 < len(r.data) && r.data[r.pos+1] == '/' {
		return End, r.endTag()
	}
	return Start, r.startTag()
}

// begin reads what comes first: a byte order mark and the XML declaration.
func (r *Reader) begin() error {
	r.begun = true
	if !utf8.Valid(r.data) {
		return r.syntax("the document is not in UTF-8")
	}
	r.skip("\ufeff")
	if !bytes.HasPrefix(r.data[r.pos:], []byte("<?xml")) || len(r.data) < r.pos+6 || !isSpace(r.data[r.pos+5]) {
		return nil
	}
	r.pos += len("<?xml")
	seen := 0 // version, encoding and standalone have to come in this order
	for order, name := range []string{"version", "encoding", "standalone"} {
		start := r.pos
		if !r.space() || !r.skip(name) {
			r.pos = start
			continue
		}
		r.space()
		if !r.skip("=") {
			return r.syntax("= is expected in the XML declaration")
		}
		r.space()
		value, err := r.attrValue()
		if err != nil {
			return err
		}
		switch {
		case order == 0 && value != "1.0":
			return r.syntax("XML version %q; 1.0 is understood", value)
		case order == 1 && !bytes.EqualFold([]byte(value), []byte("utf-8")):
			return r.syntax("encoding %q; UTF-8 is understood", value)
		case order == 2 && value != "yes" && value != "no":
			return r.syntax("standalone is yes or no")
		}
		seen |= 1 << order
	}
	r.space()
	if seen&1 == 0 || !r.skip("?>") {
		return r.syntax(`the XML declaration is <?xml version="1.0" encoding="UTF-8"?>`)
	}
	return nil
}

// between reads white space, comments and processing instructions outside the
// root element.
func (r *Reader) between() error {
	for {
		r.space()
		switch {
		case r.pos == len(r.data):
			return nil
		case r.data[r.pos] != '<':
			return r.syntax("text outside the root element")
		case r.pos+1 < len(r.data) && (r.data[r.pos+1] == '!' || r.data[r.pos+1] == '?'):
			if err := r.markup(); err != nil {
				return err
			}
		default:
			return nil
		}
	}
}

// startTag reads a start tag and opens its element.
func (r *Reader) startTag() error {
	if len(r.stack) >= r.maxDepth {
		return fault.New(fault.TooBig, nil, "elements are nested deeper than %d", r.maxDepth)
	}
	r.pos++ // <
	begin := r.pos
	prefix, local, err := r.qName()
	if err != nil {
		return err
	}
	f := frame{tag: r.data[begin:r.pos], bindings: len(r.bindings)}
	if len(r.stack) > 0 {
		f.space = r.stack[len(r.stack)-1].space
	}
	if !r.at('>') {
		if err := r.attributes(&f); err != nil {
			return err
		}
	} else {
		r.pos++
	}
	f.Local, f.Space = r.intern(local), f.space
	if len(prefix) > 0 {
		f.Prefix = r.intern(prefix)
		uri, ok := r.lookup(f.Prefix)
		if !ok || f.Prefix == "xmlns" {
			return r.syntax("the prefix %s is not declared", prefix)
		}
		f.Space = uri
	}
	r.stack = append(r.stack, f)
	return nil
}

// attributes reads the rest of a start tag behind the name.
func (r *Reader) attributes(f *frame) error {
	for {
		spaced := r.space()
		switch {
		case r.skip(">"):
			return r.qualify(f)
		case r.skip("/>"):
			r.selfClosed = true
			return r.qualify(f)
		case !spaced:
			return r.syntax("a space or > is expected in <%s>", f.tag)
		}
		begin := r.pos
		prefix, local, err := r.qName()
		if err != nil {
			return err
		}
		a := Attr{Name: r.intern(r.data[begin:r.pos]), Local: r.intern(local)}
		r.space()
		if !r.skip("=") {
			return r.syntax("the attribute %s has no value", a.Name)
		}
		r.space()
		if a.Value, err = r.attrValue(); err != nil {
			return err
		}
		switch {
		case a.Name == "xmlns":
			a.Declaration, a.Space = true, xmlnsNamespace
			if a.Value == xmlNamespace || a.Value == xmlnsNamespace {
				return r.syntax("%s cannot be the default namespace", a.Value)
			}
			f.space = a.Value
		case string(prefix) == "xmlns":
			a.Declaration, a.Space = true, xmlnsNamespace
			if err := r.declare(a.Local, a.Value); err != nil {
				return err
			}
		}
		for i := range f.Attrs {
			if f.Attrs[i].Name == a.Name {
				return r.syntax("the attribute %s stands twice", a.Name)
			}
		}
		f.Attrs = append(f.Attrs, a)
	}
}

// declare binds a prefix.
func (r *Reader) declare(prefix, uri string) error {
	if prefix == "xml" && uri == xmlNamespace {
		return nil
	}
	if uri == "" || prefix == "xml" || prefix == "xmlns" || uri == xmlNamespace || uri == xmlnsNamespace {
		return r.syntax("the prefix %s cannot be declared to be %q", prefix, uri)
	}
	r.bindings = append(r.bindings, binding{prefix, uri})
	return nil
}

// qualify finds the namespaces of the attributes, when all are declared.
func (r *Reader) qualify(f *frame) error {
	for i := range f.Attrs {
		a := &f.Attrs[i]
		if len(a.Name) == len(a.Local) || a.Declaration {
			continue
		}
		prefix := a.Name[:len(a.Name)-len(a.Local)-1]
		uri, ok := r.lookup(prefix)
		if !ok {
			return r.syntax("the prefix %s is not declared", prefix)
		}
		a.Space = uri
		for j := range f.Attrs[:i] {
			if b := &f.Attrs[j]; b.Local == a.Local && b.Space == a.Space {
				return r.syntax("the attributes %s and %s are the same", b.Name, a.Name)
			}
		}
	}
	return nil
}

// lookup finds the namespace of a prefix that is not empty.
func (r *Reader) lookup(prefix string) (string, bool) {
	for i := len(r.bindings) - 1; i >= 0; i-- {
		if r.bindings[i].prefix == prefix {
			return r.bindings[i].uri, true
		}
	}
	if prefix == "xml" {
		return xmlNamespace, true
	}
	return "", false
}

func (r *Reader) endTag() error {
	f := &r.stack[len(r.stack)-1]
	r.pos += len("</")
	if !r.skip(string(f.tag)) {
		return r.syntax("</%s> is expected", f.tag)
	}
	r.space()
	if !r.skip(">") {
		return r.syntax("</%s> is expected", f.tag)
	}
	r.pop()
	return nil
}

func (r *Reader) pop() {
	f := &r.stack[len(r.stack)-1]
	r.bindings = r.bindings[:f.bindings]
	r.stack = r.stack[:len(r.stack)-1]
	r.closed = len(r.stack) == 0
}
