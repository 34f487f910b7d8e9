package jsoncodec

import (
	"slices"
	"strings"

	"github.com/outrigger-cnf/outrigger/agent/codec"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// Qualify says which names have their module in front.
type Qualify uint8

// The ways to qualify names.
const (
	AllTop      Qualify = iota // at the top, and where the module changes (RFC 7951 §4)
	WhenChanged                // where the module is not that of the node around it
	None
)

// Options say what is written, and how. ReportAllTagged marks defaults in use with
// the annotation of RFC 8040 §4.8.9.
type Options struct {
	Defaults codec.Defaults
	Content  codec.Content
	Filter   func(*schema.Node) bool // see codec.View
	Enter    func(*schema.Node) bool // see codec.View
	Qualify  Qualify
	// Internal is gNMI's encoding JSON: numbers are numbers whatever their size,
	// type empty is true, and no name has a module.
	Internal bool
	// Meta writes the metadata that is kept with nodes.
	Meta bool
}

// taggedDefault is the annotation of a default in use.
const taggedDefault = `{"ietf-netconf-with-defaults:default":true}`

// Append appends n: an object for a container, an entry or a root, an array for a
// list or a leaf-list, a value for a leaf.
func Append(dst []byte, n *tree.Node, o Options) []byte {
	w := newWriter(dst, o)
	switch def := n.Schema(); {
	case def.Kind == schema.List && !n.IsEntry():
		if !w.entries(n) {
			w.dst = append(w.dst, "[]"...)
		}
	case isObject(def):
		outer := def.Module
		if w.o.Qualify == AllTop {
			outer = nil
		}
		if !w.object(n, outer) {
			w.dst = append(w.dst, "{}"...)
		}
	default:
		w.value(n)
	}
	return w.dst
}

func isObject(def *schema.Node) bool {
	switch def.Kind {
	case schema.Leaf, schema.LeafList, schema.AnyData, schema.AnyXML:
		return false
	}
	return true
}

// AppendMember appends "name":value for n as a member of an object in the module
// outer, nil for none, with a comma if the object has members already. Where n
// shows nothing, nothing is appended.
func AppendMember(dst []byte, n *tree.Node, outer *schema.Module, o Options) []byte {
	w := newWriter(dst, o)
	w.member(n, outer)
	return w.dst
}

// writer appends to dst. What turns out to have nothing in it is cut off again.
type writer struct {
	dst  []byte
	o    Options
	view codec.View
}

func newWriter(dst []byte, o Options) writer {
	if o.Internal {
		o.Qualify = None
	}
	return writer{dst, o, codec.View{Defaults: o.Defaults, Content: o.Content, Filter: o.Filter, Enter: o.Enter}}
}

// object writes a container or an entry into the module outer, and reports
// whether it is worth its place; where it is not, nothing is written.
func (w *writer) object(n *tree.Node, outer *schema.Module) bool {
	start := len(w.dst)
	w.dst = append(w.dst, '{')
	some := false
	if w.o.Meta {
		if m := n.Meta(); m != nil && n.Schema().Kind != schema.Leaf {
			w.dst = append(append(w.dst, `"@":`...), m...)
			some = n.Schema().Name == ""
		}
	}
	w.view.Children(n, func(c *tree.Node) bool {
		before := len(w.dst)
		w.member(c, outer)
		some = some || len(w.dst) > before && !c.Schema().IsKey()
		return true
	})
	if !some && !w.view.Bare(n) {
		w.dst = w.dst[:start]
		return false
	}
	w.dst = append(w.dst, '}')
	return true
}

// name writes a comma if need be, and "name":.
func (w *writer) name(prefix string, def *schema.Node, outer *schema.Module) {
	if last := len(w.dst) - 1; last >= 0 && w.dst[last] != '{' {
		w.dst = append(w.dst, ',')
	}
	w.dst = append(append(w.dst, '"'), prefix...)
	if def.Module != outer && w.o.Qualify != None {
		w.dst = append(append(w.dst, def.Module.Name...), ':')
	}
	w.dst = append(append(w.dst, def.Name...), '"', ':')
}

func (w *writer) member(n *tree.Node, outer *schema.Module) {
	def := n.Schema()
	start := len(w.dst)
	w.name("", def, outer)
	worth := true
	switch {
	case def.Kind == schema.List && !n.IsEntry():
		worth = w.entries(n)
	case isObject(def):
		worth = w.object(n, def.Module)
	default:
		w.value(n)
	}
	if !worth {
		w.dst = w.dst[:start]
		return
	}
	switch {
	case n.IsDefault() && w.o.Defaults == codec.ReportAllTagged && !isObject(def):
		w.name("@", def, outer)
		if def.Kind == schema.LeafList {
			w.dst = append(append(w.dst, '['), strings.Repeat(","+taggedDefault, n.Len())[1:]...)
			w.dst = append(w.dst, ']')
		} else {
			w.dst = append(w.dst, taggedDefault...)
		}
	case w.o.Meta && (!isObject(def) || def.Kind == schema.List && !n.IsEntry()):
		if m := n.Meta(); m != nil {
			w.name("@", def, outer)
			w.dst = append(w.dst, m...)
		}
	}
}

// entries writes the array of a list's entries, and reports whether there is one
// that is worth its place.
func (w *writer) entries(n *tree.Node) bool {
	start := len(w.dst)
	w.dst = append(w.dst, '[')
	left := n.Len()
	for e := range n.Entries() {
		before := len(w.dst)
		if before > start+1 {
			w.dst = append(w.dst, ',')
		}
		if !w.object(e, n.Schema().Module) {
			w.dst = w.dst[:before]
		}
		left--
		w.reserve(left, len(w.dst)-before)
	}
	if len(w.dst) == start+1 {
		w.dst = w.dst[:start]
		return false
	}
	w.dst = append(w.dst, ']')
	return true
}

// reserve makes room for n entries of about that size, where there is none for the
// next: append would copy a large list a dozen times. It does not grow the buffer
// by more than four times, as the entry may have been an unusual one.
func (w *writer) reserve(n, size int) {
	if cap(w.dst)-len(w.dst) < size {
		w.dst = slices.Grow(w.dst, min(n*(size+1), 3*len(w.dst)))
	}
}

// value writes a leaf, a leaf-list or anydata.
func (w *writer) value(n *tree.Node) {
	switch n.Schema().Kind {
	case schema.Leaf:
		w.dst = AppendValue(w.dst, n.Value(), w.o.Internal)
	case schema.LeafList:
		w.dst = append(w.dst, '[')
		for i, v := range n.Values() {
			if i > 0 {
				w.dst = append(w.dst, ',')
			}
			w.dst = AppendValue(w.dst, v, w.o.Internal)
		}
		w.dst = append(w.dst, ']')
	default:
		w.dst = append(w.dst, n.Opaque()...)
	}
}

// AppendValue appends one value as RFC 7951 §6 has it, or as gNMI's JSON where
// internal is set.
func AppendValue(dst []byte, v schema.Value, internal bool) []byte {
	if v.Type == nil {
		return AppendString(dst, v.Text)
	}
	switch v.Type.Kind {
	case schema.Int8, schema.Int16, schema.Int32, schema.Uint8, schema.Uint16, schema.Uint32, schema.Boolean:
		return append(dst, v.Text...)
	case schema.Int64, schema.Uint64, schema.Decimal64:
		if internal {
			return append(dst, v.Text...)
		}
		return append(append(append(dst, '"'), v.Text...), '"')
	case schema.Empty:
		if internal {
			return append(dst, "true"...)
		}
		return append(dst, "[null]"...)
	case schema.Identityref:
		if internal {
			_, name, _ := strings.Cut(v.Text, ":")
			return AppendString(dst, name)
		}
	}
	return AppendString(dst, v.Text)
}

const hex = "0123456789abcdef"

// AppendString appends s as a JSON string. Only what has to be escaped is.
func AppendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := range len(s) {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, s[start:i]...)
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
		start = i + 1
	}
	return append(append(dst, s[start:]...), '"')
}
