package netconf

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// yangNamespace is that of the error-info elements of RFC 7950 §15.
const yangNamespace = "urn:ietf:params:xml:ns:yang:1"

// infoNamespaces has the error-info elements that are not in the base namespace
// of RFC 6241 Appendix A.
var infoNamespaces = map[string]string{
	"non-unique":     yangNamespace,
	"missing-choice": yangNamespace,
}

// layerOf gives the error-type: what the error says, or what RFC 6241 Appendix A
// says for its tag.
func layerOf(e *fault.Error) fault.Layer {
	switch {
	case e.Layer != "":
		return e.Layer
	case e.Tag == fault.MalformedMessage:
		return fault.RPC
	case e.Tag == fault.LockDenied:
		return fault.Protocol
	case e.Tag == fault.OperationNotSupported && len(e.Path) == 0:
		return fault.Protocol
	}
	return fault.Application
}

// appendError writes one rpc-error (RFC 6241 §4.3). Declare is a namespace
// declaration for its start tag, or empty.
func appendError(dst []byte, s *schema.Schema, e *fault.Error, declare string) []byte {
	dst = append(dst, "<rpc-error"+declare+"><error-type>"...)
	dst = append(dst, layerOf(e)...)
	dst = append(dst, "</error-type><error-tag>"...)
	dst = append(dst, e.Tag...)
	dst = append(dst, "</error-tag><error-severity>error</error-severity>"...)
	if e.AppTag != "" {
		dst = append(dst, "<error-app-tag>"...)
		dst = appendText(dst, e.AppTag)
		dst = append(dst, "</error-app-tag>"...)
	}
	if len(e.Path) > 0 {
		text, declared := errorPath(s, e.Path)
		dst = append(dst, "<error-path"...)
		dst = declared.append(dst)
		dst = append(dst, '>')
		dst = appendText(dst, text)
		dst = append(dst, "</error-path>"...)
	}
	message := e.Message
	if e.Err != nil {
		message += ": " + e.Err.Error()
	}
	if message != "" {
		dst = append(dst, `<error-message xml:lang="en">`...)
		dst = appendText(dst, message)
		dst = append(dst, "</error-message>"...)
	}
	if len(e.Info) > 0 {
		dst = append(dst, "<error-info>"...)
		for _, i := range e.Info {
			dst = appendInfo(dst, s, i)
		}
		dst = append(dst, "</error-info>"...)
	}
	return append(dst, "</rpc-error>"...)
}

func appendInfo(dst []byte, s *schema.Schema, i fault.Info) []byte {
	text := i.Value
	var declared prefixes
	if i.Name == "non-unique" {
		// RFC 7950 §15.1: an instance-identifier, whose prefixes must be declared.
		if p, _, err := s.Resolve(i.Value); err == nil {
			text, declared = errorPath(s, p)
		}
	}
	dst = append(dst, '<')
	dst = append(dst, i.Name...)
	if ns := infoNamespaces[i.Name]; ns != "" {
		dst = append(dst, ` xmlns="`...)
		dst = append(dst, ns...)
		dst = append(dst, '"')
	}
	dst = declared.append(dst)
	dst = append(dst, '>')
	dst = appendText(dst, text)
	dst = append(dst, "</"...)
	dst = append(dst, i.Name...)
	return append(dst, '>')
}

// prefixes collects the namespace declarations that a text needs.
type prefixes struct {
	schema *schema.Schema
	list   []prefixOf
}

type prefixOf struct{ module, prefix, namespace string }

// of returns a prefix for a module: its own one, numbered where another module
// has taken it.
func (ps *prefixes) of(module string) string {
	for _, p := range ps.list {
		if p.module == module {
			return p.prefix
		}
	}
	prefix, namespace := module, ""
	if m := ps.schema.Module(module); m != nil {
		prefix, namespace = m.Prefix, m.Namespace
	}
	for n, base := 1, prefix; ; n++ {
		taken := false
		for _, p := range ps.list {
			taken = taken || p.prefix == prefix
		}
		if !taken {
			break
		}
		prefix = base + strconv.Itoa(n)
	}
	ps.list = append(ps.list, prefixOf{module, prefix, namespace})
	return prefix
}

func (ps *prefixes) append(dst []byte) []byte {
	for _, p := range ps.list {
		dst = append(dst, " xmlns:"...)
		dst = append(dst, p.prefix...)
		dst = append(dst, `="`...)
		dst = appendAttr(dst, p.namespace)
		dst = append(dst, '"')
	}
	return dst
}

// errorPath renders p as an XML instance-identifier (RFC 7950 §9.13), in which
// every name has a prefix.
func errorPath(s *schema.Schema, p path.Path) (string, prefixes) {
	ps := prefixes{schema: s}
	var b strings.Builder
	def := s.Root
	for _, e := range p {
		if def != nil {
			def = def.Child(e.Module, e.Name)
		}
		module := e.Module
		if module == "" && def != nil {
			module = def.Module.Name
		}
		q := ""
		if module != "" {
			q = ps.of(module) + ":"
		}
		b.WriteString("/" + q + e.Name)
		for _, k := range e.Keys {
			switch k.Name {
			case "":
				b.WriteString("[" + k.Value + "]")
				continue
			case ".":
				b.WriteString("[.=")
			default:
				b.WriteString("[" + q + k.Name + "=")
			}
			value := k.Value
			if keyKind(def, k.Name) == schema.Identityref {
				if m, name, ok := strings.Cut(value, ":"); ok {
					value = ps.of(m) + ":" + name
				}
			}
			b.WriteString(quoteLiteral(value) + "]")
		}
	}
	return b.String(), ps
}

// keyKind returns the kind of a key leaf's type, or of a leaf-list's for ".".
func keyKind(def *schema.Node, name string) schema.TypeKind {
	if def == nil {
		return 0
	}
	t := def.Type
	if name != "." {
		key := def.Child(def.Module.Name, name)
		if key == nil {
			return 0
		}
		t = key.Type
	}
	for t != nil && t.Kind == schema.Leafref && t.Target != nil {
		t = t.Target.Type
	}
	if t == nil {
		return 0
	}
	return t.Kind
}

// quoteLiteral makes an XPath literal; a value that holds both kinds of quotes
// has none, and gets the nearest thing.
func quoteLiteral(v string) string {
	if strings.Contains(v, "'") {
		return `"` + strings.ReplaceAll(v, `"`, `&quot;`) + `"`
	}
	return "'" + v + "'"
}

// appendText writes v as character data.
func appendText(dst []byte, v string) []byte { return appendEscaped(dst, v, false) }

// appendAttr writes v as the value of an attribute in double quotes, so that a
// parser's normalisation gives v back.
func appendAttr(dst []byte, v string) []byte { return appendEscaped(dst, v, true) }

func appendEscaped(dst []byte, v string, attr bool) []byte {
	from := 0
	for i := 0; i < len(v); i++ {
		var e string
		switch c := v[i]; {
		case c == '&':
			e = "&amp;"
		case c == '<':
			e = "&lt;"
		case c == '>':
			e = "&gt;"
		case c == '\r':
			e = "&#13;"
		case c == '"' && attr:
			e = "&quot;"
		case c == '\n' && attr:
			e = "&#10;"
		case c == '\t' && attr:
			e = "&#9;"
		case c < ' ' && c != '\n' && c != '\t':
			e = "\uFFFD" // XML 1.0 has no way to write it
		default:
			continue
		}
		dst = append(dst, v[from:i]...)
		dst = append(dst, e...)
		from = i + 1
	}
	return append(dst, v[from:]...)
}

// The errors of the layers below the operations (RFC 6241 Appendix A).

// malformed is malformed-message, which base:1.0 peers do not know.
func malformed(base11 bool, what string) *fault.Error {
	tag := fault.MalformedMessage
	if !base11 {
		tag = fault.OperationFailed
	}
	return &fault.Error{Tag: tag, Layer: fault.RPC, Message: what}
}

func tooBigError(limit int) *fault.Error {
	return &fault.Error{Tag: fault.TooBig, Layer: fault.Transport,
		Message: fmt.Sprintf("the message is larger than the %d octets that this server accepts; the session ends", limit)}
}

func missingElement(name, what string) *fault.Error {
	e := &fault.Error{Tag: fault.MissingElement, Layer: fault.Protocol, Message: what}
	return e.WithInfo("bad-element", name)
}

func unknownElement(name, what string) *fault.Error {
	e := &fault.Error{Tag: fault.UnknownElement, Layer: fault.Protocol, Message: what}
	return e.WithInfo("bad-element", name)
}

func badElement(name, what string) *fault.Error {
	e := &fault.Error{Tag: fault.BadElement, Layer: fault.Protocol, Message: what}
	return e.WithInfo("bad-element", name)
}

func invalidValue(name, what string) *fault.Error {
	e := &fault.Error{Tag: fault.InvalidValue, Layer: fault.Protocol, Message: what}
	if name != "" {
		return e.WithInfo("bad-element", name)
	}
	return e
}

func notSupported(what string) *fault.Error {
	return &fault.Error{Tag: fault.OperationNotSupported, Layer: fault.Protocol, Message: what}
}
