package xmlcodec

import (
	"bytes"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// namespaces resolves the prefixes of values where the Reader is.
type namespaces struct {
	r      *Reader
	schema *schema.Schema
}

func (n namespaces) Module(prefix string) (string, bool) {
	uri, ok := n.r.Namespace(prefix)
	if !ok || uri == "" {
		return "", false
	}
	m := n.schema.ModuleByNamespace(uri)
	if m == nil {
		return "", false
	}
	return m.Name, true
}

// scoped tells types whose values have prefixes in them.
type scoped uint8

const (
	unscoped scoped = iota
	identity        // an identityref, and nothing else
	mixed           // an instance-identifier, or a union with one or with an identityref
)

func scopedBy(t *schema.Type) scoped {
	switch t.Kind {
	case schema.Identityref:
		return identity
	case schema.InstanceIdentifier:
		return mixed
	case schema.Leafref:
		if t.Target != nil && t.Target.Type != nil {
			return scopedBy(t.Target.Type)
		}
	case schema.Union:
		for _, m := range t.Members {
			if scopedBy(m) != unscoped {
				return mixed
			}
		}
	}
	return unscoped
}

// leaf reads the text of the current element, up to its end, as a value of def.
// The prefixes in it are those in scope in the element.
func (d *decoder) leaf(m *member) (*tree.Node, error) {
	var scope []binding // still there when the element has ended
	var space string
	if m.scoped != unscoped {
		scope = d.r.bindings
		space, _ = d.r.Namespace("")
	}
	text, err := d.r.content()
	if err != nil {
		return nil, err
	}
	if m.scoped == unscoped {
		return d.leaves.Leaf(m.def, schema.JSONAny, text, d.names)
	}
	outside := d.r.bindings
	d.r.bindings = scope
	defer func() { d.r.bindings = outside }()
	if m.scoped == identity {
		if qualified, ok := d.qualify(text, space); ok {
			return d.leaves.Leaf(m.def, schema.JSONAny, qualified, d.names)
		}
	}
	v, err := m.def.Parse(string(text), valueScope{namespaces{d.r, d.schema}, space})
	if err != nil {
		return nil, err
	}
	return d.builder.Leaf(m.def, v), nil
}

// valueScope is namespaces with the default namespace of an element that ended.
type valueScope struct {
	namespaces
	space string
}

func (s valueScope) Module(prefix string) (string, bool) {
	if prefix != "" {
		return s.namespaces.Module(prefix)
	}
	m := s.schema.ModuleByNamespace(s.space)
	if m == nil {
		return "", false
	}
	return m.Name, true
}

// qualify turns prefix:name into module:name, in a buffer that the next call uses
// again.
func (d *decoder) qualify(text []byte, space string) ([]byte, bool) {
	prefix, name, ok := bytes.Cut(text, []byte(":"))
	uri := space
	if ok {
		if uri, ok = d.r.Namespace(string(prefix)); !ok {
			return nil, false
		}
	} else {
		name = text
	}
	m := d.schema.ModuleByNamespace(uri)
	if m == nil {
		return nil, false
	}
	d.scratch = append(append(append(d.scratch[:0], m.Name...), ':'), name...)
	return d.scratch, true
}

// opaque reads the content of anydata or anyxml.
func (d *decoder) opaque(def *schema.Node) (*tree.Node, error) {
	json, err := d.appendContent(nil, nil)
	if err != nil {
		return nil, err
	}
	if def.Kind == schema.AnyData && json[0] != '{' {
		if string(json) != `""` {
			return nil, fault.New(fault.BadElement, nil, "anydata holds elements, and not text").WithInfo("bad-element", def.Name)
		}
		json = []byte("{}")
	}
	return d.builder.Opaque(def, json), nil
}
