package netconf

import (
	"strings"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/codec/xmlcodec"
	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// The namespaces of the attributes that say what an element of <config> does.
// operation is in the base namespace (RFC 6241 §7.2).
const (
	yangAttributes    = yangNamespace                                // insert, key, value: RFC 7950 §7.8.6
	defaultAttributes = "urn:ietf:params:xml:ns:netconf:default:1.0" // default: RFC 6243 §6
	xmlNamespace      = "http://www.w3.org/XML/1998/namespace"       // xml:lang and the like mean nothing here
)

// editAttributes are the attributes of an element of <config>.
type editAttributes struct {
	operation bool // there is one: op
	op        agent.Op
	insert    *tree.Position
	unset     bool // default="true"
}

// isOperation tells the attribute operation. Without a prefix it is in no
// namespace; it can mean nothing else, and many clients have it so.
func isOperation(a *xmlcodec.Attr) bool {
	return a.Local == "operation" && (a.Space == baseNamespace || a.Space == "")
}

func operationAttribute(attrs []xmlcodec.Attr) (string, bool) {
	for i := range attrs {
		if isOperation(&attrs[i]) {
			return attrs[i].Value, true
		}
	}
	return "", false
}

func editOperation(word string) (agent.Op, bool) {
	switch word {
	case "merge":
		return agent.Merge, true
	case "replace":
		return agent.Replace, true
	case "create":
		return agent.Create, true
	case "delete":
		return agent.Delete, true
	case "remove":
		return agent.Remove, true
	}
	return 0, false
}

// bad is an error about an attribute of a piece.
func bad(piece *xmlcodec.Piece, tag fault.Tag, attr, format string, args ...any) error {
	return fault.New(tag, piece.Path, format, args...).WithInfo("bad-attribute", attr).WithInfo("bad-element", piece.Def.Name)
}

// attributes reads the attributes of a piece.
func (p *editPlan) attributes(piece *xmlcodec.Piece) (editAttributes, error) {
	var a editAttributes
	var where, key, value *string
	for i := range piece.Attrs {
		at := &piece.Attrs[i]
		switch {
		case at.Declaration, at.Space == xmlNamespace:
		case isOperation(at):
			a.op, a.operation = editOperation(at.Value)
		case at.Local == "insert" && at.Space == yangAttributes:
			where = &at.Value
		case at.Local == "key" && at.Space == yangAttributes:
			key = &at.Value
		case at.Local == "value" && at.Space == yangAttributes:
			value = &at.Value
		case at.Local == "default" && at.Space == defaultAttributes:
			switch at.Value {
			case "true", "1":
				a.unset = true
			case "false", "0":
			default:
				return a, bad(piece, fault.BadAttribute, at.Local, "%q is neither true nor false", at.Value)
			}
		default:
			return a, bad(piece, fault.UnknownAttribute, at.Local, "the attribute %s has no meaning here", at.Name)
		}
	}
	if a.unset && !isDefault(piece) {
		// RFC 6243 §4.5.2: the value must be that of the schema, and is unset.
		return a, bad(piece, fault.InvalidValue, "default", "the attribute says that the value is the default, and it is not")
	}
	var err error
	switch {
	case where != nil:
		a.insert, err = p.position(piece, *where, key, value)
	case key != nil || value != nil:
		err = bad(piece, fault.MissingAttribute, "insert", "key and value belong to an insert attribute")
	}
	return a, err
}

// isDefault reports whether a piece is a leaf with its default value.
func isDefault(piece *xmlcodec.Piece) bool {
	def := piece.Def
	return def.Kind == schema.Leaf && piece.Node != nil && len(def.Defaults) == 1 && def.Defaults[0] == piece.Node.Value()
}

// position reads the insert attribute and those that belong to it.
func (p *editPlan) position(piece *xmlcodec.Piece, where string, key, value *string) (*tree.Position, error) {
	def := piece.Def
	if !def.UserOrdered {
		return nil, bad(piece, fault.BadAttribute, "insert", "its place cannot be chosen: it is not ordered-by user")
	}
	at := &tree.Position{}
	switch where {
	case "first":
		at.Where = tree.First
		return at, nil
	case "last":
		at.Where = tree.Last
		return at, nil
	case "before":
		at.Where = tree.Before
	case "after":
		at.Where = tree.After
	default:
		return nil, bad(piece, fault.BadAttribute, "insert", "%q is no place: there are first, last, before and after", where)
	}
	ns := scopeModules{p.schema, piece.Scope}
	if def.Kind == schema.LeafList {
		if value == nil {
			return nil, bad(piece, fault.MissingAttribute, "value", "%s needs the attribute value", where)
		}
		v, err := def.Parse(*value, ns)
		if err != nil {
			return nil, bad(piece, fault.BadAttribute, "value", "%v", err)
		}
		at.Point = []string{v.Text}
		return at, nil
	}
	if key == nil {
		return nil, bad(piece, fault.MissingAttribute, "key", "%s needs the attribute key", where)
	}
	var ok bool
	if at.Point, ok = keyPredicates(def, *key, ns); !ok {
		return nil, bad(piece, fault.BadAttribute, "key", "%s does not name an entry: it takes a predicate such as [name='value'] for each key", *key)
	}
	return at, nil
}

// keyPredicates reads the predicates of an instance-identifier (RFC 7950 §14,
// key-predicate), names with or without prefix, into key values in key order.
func keyPredicates(def *schema.Node, text string, ns schema.Namespaces) ([]string, bool) {
	keys := make([]string, len(def.Keys))
	seen := 0
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		name, value, rest, ok := keyPredicate(text)
		if !ok {
			return nil, false
		}
		text = rest
		if prefix, local, qualified := strings.Cut(name, ":"); qualified {
			if m, known := ns.Module(prefix); !known || m != def.Module.Name {
				return nil, false
			}
			name = local
		}
		ok = false
		for i, k := range def.Keys {
			if k.Name != name || seen&(1<<i) != 0 {
				continue
			}
			v, err := k.Parse(value, ns)
			if err != nil {
				return nil, false
			}
			keys[i], ok = v.Text, true
			seen |= 1 << i
		}
		if !ok {
			return nil, false
		}
	}
	return keys, seen == 1<<len(def.Keys)-1
}

// keyPredicate takes one [name = "value"] off the front of text.
func keyPredicate(text string) (name, value, rest string, ok bool) {
	rest, ok = strings.CutPrefix(text, "[")
	if !ok {
		return "", "", "", false
	}
	name, rest, ok = strings.Cut(rest, "=")
	rest = strings.TrimSpace(rest)
	if !ok || rest == "" || rest[0] != '\'' && rest[0] != '"' {
		return "", "", "", false
	}
	value, rest, ok = strings.Cut(rest[1:], rest[:1])
	rest, closed := strings.CutPrefix(strings.TrimSpace(rest), "]")
	return strings.TrimSpace(name), value, rest, ok && closed
}
