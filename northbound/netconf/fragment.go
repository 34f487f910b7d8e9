package netconf

import (
	"github.com/outrigger-cnf/outrigger/agent/codec/xmlcodec"
	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// fragment is a small piece of XML held in memory: a subtree filter.
type fragment struct {
	space, local string
	matchable    bool // it has no attributes but declarations
	children     []*fragment
	text         string
	scope        xmlcodec.Scope // of an element with text
}

// readFragment reads the current element, up to its end.
func readFragment(r *xmlcodec.Reader) (*fragment, error) {
	e := r.Element()
	f := &fragment{space: e.Space, local: e.Local, matchable: true}
	for i := range e.Attrs {
		f.matchable = f.matchable && e.Attrs[i].Declaration
	}
	for {
		t, err := r.Next()
		if err != nil {
			return nil, err
		}
		switch t {
		case xmlcodec.Text:
			f.text += string(r.TextBytes())
			if f.scope == nil {
				f.scope = r.Scope()
			}
		case xmlcodec.Start:
			child, err := readFragment(r)
			if err != nil {
				return nil, err
			}
			f.children = append(f.children, child)
		default:
			return f, nil
		}
	}
}

// scopeModules resolves prefixes as they are declared at one place of a document.
type scopeModules struct {
	schema *schema.Schema
	scope  xmlcodec.Scope
}

func (p scopeModules) Module(prefix string) (string, bool) {
	ns, ok := p.scope.Namespace(prefix)
	if !ok {
		return "", false
	}
	m := p.schema.ModuleByNamespace(ns)
	if m == nil {
		return "", false
	}
	return m.Name, true
}
