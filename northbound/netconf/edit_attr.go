package netconf

import (
	"strings"

	"github.com/outrigger-cnf/outrigger/agent"
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

func (x *editor) attributes(f *frame, def *schema.Node, e *element) (editAttributes, error) {
	var a editAttributes
	var where, key, value *string
	bad := func(tag fault.Tag, name, format string, args ...any) error {
		return fault.New(tag, x.path(f).Child(def.Elem()), format, args...).
			WithInfo("bad-attribute", name).WithInfo("bad-element", e.local)
	}
	for i := range e.attrs {
		at := &e.attrs[i]
		switch {
		case at.declaration, at.space == xmlNamespace:
		// Without a prefix the attribute is in no namespace; it can mean nothing
		// else, and clients have it so.
		case at.local == "operation" && (at.space == baseNamespace || at.space == ""):
			op, ok := editOperation(at.value)
			if !ok {
				return a, bad(fault.BadAttribute, at.local, "%q is no operation: there are merge, replace, create, delete and remove", at.value)
			}
			a.operation, a.op = true, op
		case at.local == "insert" && at.space == yangAttributes:
			where = &at.value
		case at.local == "key" && at.space == yangAttributes:
			key = &at.value
		case at.local == "value" && at.space == yangAttributes:
			value = &at.value
		case at.local == "default" && at.space == defaultAttributes:
			switch at.value {
			case "true", "1":
				a.unset = true
			case "false", "0":
			default:
				return a, bad(fault.BadAttribute, at.local, "%q is neither true nor false", at.value)
			}
		default:
			return a, bad(fault.UnknownAttribute, at.local, "the attribute %s has no meaning here", at.name)
		}
	}
	if def.IsKey() && (a.operation && a.op != agent.Merge && a.op != x.region.op || where != nil || a.unset) {
		return a, bad(fault.BadAttribute, "operation", "a key is what its entry is; put the attribute on the entry")
	}
	if where == nil {
		if key != nil || value != nil {
			return a, bad(fault.MissingAttribute, "insert", "key and value belong to an insert attribute")
		}
		return a, nil
	}
	if !def.UserOrdered {
		return a, bad(fault.BadAttribute, "insert", "its place cannot be chosen: it is not ordered-by user")
	}
	switch *where {
	case "first":
		a.insert = &tree.Position{Where: tree.First}
		return a, nil
	case "last":
		a.insert = &tree.Position{Where: tree.Last}
		return a, nil
	case "before":
		a.insert = &tree.Position{Where: tree.Before}
	case "after":
		a.insert = &tree.Position{Where: tree.After}
	default:
		return a, bad(fault.BadAttribute, "insert", "%q is no place: there are first, last, before and after", *where)
	}
	ns := x.doc.modules(x.schema)
	if def.Kind == schema.LeafList {
		if value == nil {
			return a, bad(fault.MissingAttribute, "value", "before and after need the attribute value")
		}
		v, err := def.Parse(*value, ns)
		if err != nil {
			return a, bad(fault.BadAttribute, "value", "%v", err)
		}
		a.insert.Point = []string{v.Text}
		return a, nil
	}
	if key == nil {
		return a, bad(fault.MissingAttribute, "key", "before and after need the attribute key")
	}
	point, ok := keyPredicates(def, *key, ns)
	if !ok {
		return a, bad(fault.BadAttribute, "key", "%s does not name an entry: it takes a predicate such as [name='value'] for each key", *key)
	}
	a.insert.Point = point
	return a, nil
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

// keyPredicates reads the predicates of an instance-identifier (RFC 7950 §14,
// key-predicate), names with or without prefix, into key values in key order.
func keyPredicates(def *schema.Node, text string, ns schema.Namespaces) ([]string, bool) {
	keys := make([]string, len(def.Keys))
	seen := make([]bool, len(def.Keys))
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		rest, ok := strings.CutPrefix(text, "[")
		if !ok {
			return nil, false
		}
		name, rest, ok := strings.Cut(rest, "=")
		rest = strings.TrimSpace(rest)
		if !ok || rest == "" || rest[0] != '\'' && rest[0] != '"' {
			return nil, false
		}
		value, rest, ok := strings.Cut(rest[1:], rest[:1])
		rest = strings.TrimSpace(rest)
		if !ok || rest == "" || rest[0] != ']' {
			return nil, false
		}
		text = rest[1:]
		name = strings.TrimSpace(name)
		if prefix, local, qualified := strings.Cut(name, ":"); qualified {
			if m, known := ns.Module(prefix); !known || m != def.Module.Name {
				return nil, false
			}
			name = local
		}
		at := -1
		for i, k := range def.Keys {
			if k.Name == name {
				at = i
			}
		}
		if at < 0 || seen[at] {
			return nil, false
		}
		v, err := def.Keys[at].Parse(value, ns)
		if err != nil {
			return nil, false
		}
		keys[at], seen[at] = v.Text, true
	}
	for _, s := range seen {
		if !s {
			return nil, false
		}
	}
	return keys, true
}
