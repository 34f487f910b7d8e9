package compile

import (
	"strings"

	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// bindAll settles what refers from one node to others: types, unique statements
// and defaults.
func (f *finisher) bindAll(s *schema.Schema) {
	leafs := map[*schema.Node]*node{}
	for _, n := range f.nodes {
		if n.typ != nil {
			f.bindType(n)
			leafs[n.out] = n
		}
	}
	if f.c.errs.err() != nil {
		return // without types there is no use in looking at targets
	}
	r := leafrefs{c: f.c, schema: s, leafs: leafs}
	for _, n := range f.nodes {
		if n.typ != nil {
			r.bind(n.out.Type, n)
		}
	}
	r.refuseCycles(f.nodes)
	if f.c.errs.err() != nil {
		return // defaults are read by the types of the targets
	}
	for _, n := range f.nodes {
		switch n.kind {
		case schema.Leaf, schema.LeafList:
			f.defaults(n)
		case schema.List:
			f.uniques(n)
		}
	}
}

// bindType gives a leaf or leaf-list its type, its own copy where that holds
// leafrefs.
func (f *finisher) bindType(n *node) {
	d := f.c.resolveType(n.typ.stmt, n.typ.scope, 0)
	if d == nil {
		return
	}
	n.out.Type = d.typ
	if d.byPlace {
		n.out.Type = copyLeafrefs(d.typ)
	}
	if n.out.Units == "" {
		n.out.Units = d.units
	}
}

func copyLeafrefs(t *schema.Type) *schema.Type {
	copied := *t
	if len(t.Members) > 0 {
		copied.Members = make([]*schema.Type, len(t.Members))
		for i, m := range t.Members {
			copied.Members[i] = copyLeafrefs(m)
		}
	}
	return &copied
}

// defaults settles the default values of a leaf or leaf-list (RFC 7950 §7.6.1,
// §7.7.2): its own, or else its type's where it need not be there.
func (f *finisher) defaults(n *node) {
	own := n.defaults
	if n.out.IsKey() {
		return // "any default values in the key leafs or their types are ignored"
	}
	switch {
	case len(own) > 0 && n.out.Mandatory:
		f.c.errorf(own[0].stmt, "%s %s is mandatory and has a default; it can be one of them", n.kind, n.name)
		return
	case len(own) > 0 && n.kind == schema.LeafList && n.out.Min > 0:
		f.c.errorf(own[0].stmt, "leaf-list %s has min-elements and a default; it can have one of them", n.name)
		return
	case len(own) > 0 || n.out.Mandatory || n.out.Min > 0:
	case n.kind == schema.LeafList && n.scope.unit.mod.out.YANGVersion == "1":
		// In YANG 1 a leaf-list has no defaults, not even its type's.
	default:
		d := f.c.resolveType(n.typ.stmt, n.typ.scope, 0)
		if d.def != nil {
			own = []arg{*d.def}
		}
	}
	for _, d := range own {
		v, err := n.out.Type.ParseDefault(d.stmt.Argument, n.out, unitNames{d.scope.unit})
		if err != nil {
			f.c.errorf(d.stmt, "default of %s %s: %w", n.kind, n.name, err)
			continue
		}
		n.out.Defaults = append(n.out.Defaults, v)
	}
}

// unitNames reads the prefixes of values as a file declares them.
type unitNames struct{ unit *unit }

var _ schema.Namespaces = unitNames{}

func (u unitNames) Module(prefix string) (string, bool) {
	if prefix == "" {
		return u.unit.mod.out.Name, true
	}
	m := u.unit.prefixes[prefix]
	if m == nil {
		return "", false
	}
	return m.out.Name, true
}

// uniques binds the leafs of a list's unique statements (RFC 7950 §7.8.3).
func (f *finisher) uniques(n *node) {
	for _, u := range n.uniques {
		var leafs []*schema.Node
		for _, word := range strings.Fields(u.stmt.Argument) {
			leaf := n.out
			for step := range strings.SplitSeq(word, "/") {
				prefix, name := splitPrefix(step)
				module := n.out.Module.Name
				if m := u.scope.unit.prefixes[prefix]; m != nil && m != u.scope.unit.mod {
					module = m.out.Name
				}
				if leaf = schemaChild(leaf, module, name); leaf == nil {
					break
				}
			}
			if leaf == nil || leaf.Kind != schema.Leaf {
				f.c.errorf(u.stmt, "unique %q: %q is no leaf below list %s", u.stmt.Argument, word, n.name)
				continue
			}
			leafs = append(leafs, leaf)
		}
		n.out.Unique = append(n.out.Unique, leafs)
	}
}

// schemaChild finds a step of a schema node identifier: choices and cases are
// steps like others.
func schemaChild(n *schema.Node, module, name string) *schema.Node {
	for _, ch := range n.Children {
		if ch.Name == name && ch.Module.Name == module {
			return ch
		}
	}
	return nil
}
