package netconf

import (
	"strings"

	"github.com/outrigger-cnf/outrigger/agent/codec/xmlcodec"
	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/agent/xpath"
)

// filter is the <filter> of get and get-config. The zero filter is none, which
// selects everything.
type filter struct {
	subtree *want
	// An XPath filter: what it selects is known once there is a tree.
	expr string
	ns   schema.Namespaces // nil for a subtree filter
}

// wants returns what f selects of t; nil is everything.
func (f *filter) wants(t tree.Tree) (*want, error) {
	if f.ns == nil {
		return f.subtree, nil
	}
	paths, err := xpath.Select(t, f.expr, f.ns)
	if err != nil {
		return nil, err
	}
	return wantPaths(t.Schema(), paths), nil
}

// filterParam reads <filter> (RFC 6241 §6, §8.9.5).
func filterParam(c *call, to *filter) parameter {
	return parameter{local: "filter", parse: func(r *xmlcodec.Reader, e *xmlcodec.Element) error {
		attr := func(local string) (string, bool) {
			if v, ok := e.Attr("", local); ok {
				return v, true
			}
			return e.Attr(baseNamespace, local) // as some clients have it
		}
		kind, ok := attr("type")
		switch {
		case !ok, kind == "subtree":
			f, err := readFragment(r)
			if err != nil {
				return err
			}
			to.subtree = compileSubtree(c.srv.schema, f)
			return nil
		case kind == "xpath":
			if to.expr, ok = attr("select"); !ok {
				return &fault.Error{Tag: fault.MissingAttribute, Layer: fault.Protocol,
					Message: "an XPath filter has its expression in the attribute select",
					Info:    []fault.Info{{Name: "bad-attribute", Value: "select"}, {Name: "bad-element", Value: "filter"}}}
			}
			// The prefixes are those in force at <filter>.
			to.ns = xpathPrefixes{scopeModules{c.srv.schema, r.Scope()}}
			return r.Skip()
		}
		return &fault.Error{Tag: fault.BadAttribute, Layer: fault.Protocol,
			Message: "the type of a filter is subtree or xpath, and not " + kind,
			Info:    []fault.Info{{Name: "bad-attribute", Value: "type"}, {Name: "bad-element", Value: "filter"}}}
	}}
}

// xpathPrefixes are the prefixes of an XPath filter. A name without one is in no
// namespace, whatever the default is (XPath 1.0 §2.3): it is looked for
// everywhere.
type xpathPrefixes struct{ scopeModules }

func (p xpathPrefixes) Module(prefix string) (string, bool) {
	if prefix == "" {
		return "", false
	}
	return p.scopeModules.Module(prefix)
}

// compileSubtree makes wants of a subtree filter. An empty filter wants nothing
// (RFC 6241 §6.4.2).
func compileSubtree(s *schema.Schema, f *fragment) *want {
	root := &want{}
	compiler{s}.siblings(f.children, s.Root, root)
	return root
}

type compiler struct{ schema *schema.Schema }

// siblings adds one sibling set of filter elements, below the data node def, to
// w. RFC 6241 §6.2: an element with content is a containment node, one with text
// a content match node, an empty one a selection node.
func (c compiler) siblings(set []*fragment, def *schema.Node, w *want) {
	matches := 0
	for _, f := range set {
		switch text := strings.TrimSpace(f.text); {
		case len(f.children) > 0:
			for _, d := range named(def, f) {
				inner := &want{}
				if isInterior(d) {
					c.siblings(f.children, d, inner)
				} else if d.Type == nil {
					inner.all = true // anydata is selected as a whole
				}
				w.group(d).add(inner)
			}
		case text != "":
			matches++
			w.match = append(w.match, c.contentMatch(f, def, text, w))
		default:
			for _, d := range named(def, f) {
				w.group(d).add(&want{all: true})
			}
		}
	}
	// Where content matches are all that there is, they select the parent with
	// everything in it (§6.2.5); the filter itself is no parent.
	if matches > 0 && matches == len(set) && def != c.schema.Root {
		w.all = true
	}
}

// contentMatch makes the condition of a content match node, whose own leaf is
// selected with its siblings.
func (c compiler) contentMatch(f *fragment, def *schema.Node, text string, w *want) match {
	var m match
	for _, d := range named(def, f) {
		if d.Type == nil {
			continue
		}
		v, err := d.Parse(text, scopeModules{c.schema, f.scope})
		if err != nil {
			continue // no data has such a value
		}
		m = append(m, alternative{d, v.Text})
		w.group(d).add(&want{values: []string{v.Text}})
	}
	return m
}

// named returns the data nodes below def that a filter element names. There is
// none where it has attributes: data has none that an attribute match expression
// (RFC 6241 §6.2.2) could ask for. There may be more than one where it is in no
// namespace, which is the wildcard of §6.2.1.
func named(def *schema.Node, f *fragment) []*schema.Node {
	if !f.matchable {
		return nil
	}
	var out []*schema.Node
	for _, d := range def.Data {
		if d.Name == f.local && (f.space == "" || d.Module.Namespace == f.space) {
			out = append(out, d)
		}
	}
	return out
}

// isInterior tells the kinds of data node that have children.
func isInterior(d *schema.Node) bool { return d.Kind == schema.Container || d.Kind == schema.List }

// add files w under g: by its keys where its conditions name them all.
func (g *group) add(w *want) {
	if g.def.Kind == schema.List && len(g.def.Keys) > 0 {
		keys := make([]string, 0, len(g.def.Keys))
		for _, k := range g.def.Keys {
			for _, m := range w.match {
				if len(m) == 1 && m[0].def == k {
					keys = append(keys, m[0].text)
					break
				}
			}
		}
		if len(keys) == len(g.def.Keys) {
			e := g.entry(keys)
			e.wants = append(e.wants, w)
			return
		}
	}
	g.others = append(g.others, w)
}
