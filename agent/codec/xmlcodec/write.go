package xmlcodec

import (
	"strings"

	"github.com/outrigger-cnf/outrigger/agent/codec"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// Options say what is written. ReportAllTagged marks defaults in use with the
// attribute of RFC 6243 §6.
type Options struct {
	Defaults codec.Defaults
	Content  codec.Content
	Filter   func(*schema.Node) bool // see codec.View
	Enter    func(*schema.Node) bool // see codec.View
}

// taggedDefault is the attribute that marks a default in use.
const taggedDefault = ` xmlns:wd="urn:ietf:params:xml:ns:netconf:default:1.0" wd:default="true"`

// AppendChildren appends the children of a container, list entry or root. Outer
// is the module in whose namespace the element around them is; nil is none.
func AppendChildren(dst []byte, n *tree.Node, outer *schema.Module, o Options) []byte {
	w := writer{dst: dst, view: codec.View(o)}
	w.children(n, outer)
	return w.dst
}

// AppendNode appends n: a leaf, a container, an entry, or all of a list's entries
// or a leaf-list's values.
func AppendNode(dst []byte, n *tree.Node, outer *schema.Module, o Options) []byte {
	w := writer{dst: dst, view: codec.View(o)}
	w.node(n, outer)
	return w.dst
}

// AppendValue appends the element of the i-th value of a leaf-list.
func AppendValue(dst []byte, n *tree.Node, i int, outer *schema.Module, _ Options) []byte {
	w := writer{dst: dst}
	w.leaf(n, n.Values()[i], outer)
	return w.dst
}

// AppendOpen appends a start tag for def, with its namespace where that is not
// the one of outer.
func AppendOpen(dst []byte, def *schema.Node, outer *schema.Module) []byte {
	return append(appendTag(dst, def, outer), '>')
}

// AppendClose appends the end tag for def.
func AppendClose(dst []byte, def *schema.Node) []byte {
	dst = append(dst, "</"...)
	dst = append(dst, def.Name...)
	return append(dst, '>')
}

// appendTag appends a start tag without its end.
func appendTag(dst []byte, def *schema.Node, outer *schema.Module) []byte {
	dst = append(dst, '<')
	dst = append(dst, def.Name...)
	if def.Module != outer {
		dst = append(dst, ` xmlns="`...)
		dst = AppendText(dst, def.Module.Namespace)
		dst = append(dst, '"')
	}
	return dst
}

// AppendText appends text as character data, which may also stand in an attribute
// in double quotes. A number sign behind a line feed is written as a reference:
// some clients look for the end of a chunked message (RFC 6242) in the data.
func AppendText(dst []byte, text string) []byte {
	start := 0
	for i := range len(text) {
		var escape string
		switch text[i] {
		case '&':
			escape = "&amp;"
		case '<':
			escape = "&lt;"
		case '>':
			escape = "&gt;"
		case '"':
			escape = "&quot;"
		case '\r':
			escape = "&#13;"
		case '#':
			if i == 0 || text[i-1] != '\n' {
				continue
			}
			escape = "&#35;"
		default:
			continue
		}
		dst = append(dst, text[start:i]...)
		dst = append(dst, escape...)
		start = i + 1
	}
	return append(dst, text[start:]...)
}

// writer appends to dst.
type writer struct {
	dst  []byte
	view codec.View
}

// children writes what n has, and reports whether n is worth an element: whether
// there was more than keys, or n is shown without.
func (w *writer) children(n *tree.Node, outer *schema.Module) bool {
	some := false
	w.view.Children(n, func(c *tree.Node) bool {
		before := len(w.dst)
		w.node(c, outer)
		some = some || len(w.dst) > before && !c.Schema().IsKey()
		return true
	})
	return some || w.view.Bare(n)
}

func (w *writer) node(n *tree.Node, outer *schema.Module) {
	switch def := n.Schema(); {
	case def.Kind == schema.Leaf:
		w.leaf(n, n.Value(), outer)
	case def.Kind == schema.LeafList:
		for _, v := range n.Values() {
			w.leaf(n, v, outer)
		}
	case def.Kind == schema.AnyData || def.Kind == schema.AnyXML:
		w.opaque(n, outer)
	case def.Kind == schema.List && !n.IsEntry():
		for e := range n.Entries() {
			w.inner(e, outer)
		}
	default:
		w.inner(n, outer)
	}
}

// inner writes a container or an entry.
func (w *writer) inner(n *tree.Node, outer *schema.Module) {
	def := n.Schema()
	start := len(w.dst)
	w.dst = AppendOpen(w.dst, def, outer)
	open := len(w.dst)
	switch worth := w.children(n, def.Module); {
	case !worth:
		w.dst = w.dst[:start]
	case len(w.dst) == open:
		w.dst = append(w.dst[:open-1], "/>"...)
	default:
		w.dst = AppendClose(w.dst, def)
	}
}

// leaf writes the element of one value.
func (w *writer) leaf(n *tree.Node, v schema.Value, outer *schema.Module) {
	def := n.Schema()
	w.dst = appendTag(w.dst, def, outer)
	if n.IsDefault() && w.view.Defaults == codec.ReportAllTagged {
		w.dst = append(w.dst, taggedDefault...)
	}
	text := v.Text
	if v.Type != nil {
		switch v.Type.Kind {
		case schema.Identityref:
			if w.identity(def, text) {
				return
			}
		case schema.InstanceIdentifier:
			var p prefixes
			text = p.instance(def, text)
			w.dst = p.declare(w.dst)
		}
	}
	if text == "" {
		w.dst = append(w.dst, "/>"...)
		return
	}
	w.dst = append(w.dst, '>')
	w.dst = AppendText(w.dst, text)
	w.dst = AppendClose(w.dst, def)
}

// identity writes the rest of the element of an identityref, which is written
// often: without the detour by prefixes.
func (w *writer) identity(def *schema.Node, text string) bool {
	module, name, ok := strings.Cut(text, ":")
	m := def.Module.Schema().Module(module)
	if !ok || m == nil || m.Prefix == "" {
		return false
	}
	w.dst = append(append(append(w.dst, " xmlns:"...), m.Prefix...), '=', '"')
	w.dst = append(AppendText(w.dst, m.Namespace), '"', '>')
	w.dst = append(append(w.dst, m.Prefix...), ':')
	w.dst = AppendClose(AppendText(w.dst, name), def)
	return true
}

// prefixes are the ones that a value is written with.
type prefixes []prefix

type prefix struct {
	name   string
	module *schema.Module
}

// of returns the prefix for a module: the module's own one, or its name where
// another module has that prefix too.
func (p *prefixes) of(m *schema.Module) string {
	name := m.Prefix
	for _, used := range *p {
		if used.module == m {
			return used.name
		}
		if used.name == name {
			name = m.Name
		}
	}
	if name == "" {
		name = m.Name
	}
	*p = append(*p, prefix{name, m})
	return name
}

func (p *prefixes) declare(dst []byte) []byte {
	for _, used := range *p {
		dst = append(dst, " xmlns:"...)
		dst = append(dst, used.name...)
		dst = append(dst, `="`...)
		dst = AppendText(dst, used.module.Namespace)
		dst = append(dst, '"')
	}
	return dst
}

// qualified turns module:name into prefix:name.
func (p *prefixes) qualified(def *schema.Node, text string) string {
	name, local, ok := strings.Cut(text, ":")
	m := def.Module.Schema().Module(name)
	if !ok || m == nil {
		return text
	}
	return p.of(m) + ":" + local
}

// instance turns the form of RFC 7951 §6.11 into that of RFC 7950 §9.13, where
// every name has a prefix.
func (p *prefixes) instance(def *schema.Node, text string) string {
	s := def.Module.Schema()
	at, _, err := s.ParseInstance(text, s.ModuleNames())
	if err != nil {
		return text
	}
	var b strings.Builder
	n := s.Root
	for _, e := range at {
		n = n.Child(e.Module, e.Name)
		b.WriteString("/" + p.of(n.Module) + ":" + n.Name)
		for i, k := range e.Keys {
			p.predicate(&b, n, i, k)
		}
	}
	return b.String()
}

func (p *prefixes) predicate(b *strings.Builder, n *schema.Node, i int, k path.Key) {
	value, key := k.Value, n
	switch k.Name {
	case "":
		b.WriteString("[" + value + "]")
		return
	case ".":
		b.WriteString("[.=")
	default:
		key = n.Keys[i]
		b.WriteString("[" + p.of(key.Module) + ":" + key.Name + "=")
	}
	if v, err := key.Parse(value, n.Module.Schema().ModuleNames()); err == nil && v.Type.Kind == schema.Identityref {
		value = p.qualified(key, v.Text)
	}
	quote := "'"
	if strings.Contains(value, quote) {
		quote = `"`
		value = strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value)
	}
	b.WriteString(quote + value + quote + "]")
}
