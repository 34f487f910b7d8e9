package xpath

import (
	"slices"
	"strings"

	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// names says what the prefixes of an expression mean.
type names struct {
	ns schema.Namespaces
	// unprefixed holds the modules that a name without a prefix is looked for
	// in, in that order. Nil is every module.
	unprefixed []string
	local      string            // the module that an identity without a prefix is in
	prefixes   map[string]string // module → the prefix it is shown with
}

// newNames is for an expression in a module.
func newNames(lexical *schema.Module, ctx *schema.Node) *names {
	n := &names{prefixes: map[string]string{}}
	if ctx != nil && ctx.Module != nil {
		n.unprefixed = append(n.unprefixed, ctx.Module.Name)
	}
	if lexical == nil {
		return n
	}
	n.ns, n.local = lexical.Namespaces(), lexical.Name
	if !slices.Contains(n.unprefixed, lexical.Name) {
		n.unprefixed = append(n.unprefixed, lexical.Name)
	}
	for prefix, module := range lexical.Prefixes {
		if old, ok := n.prefixes[module]; !ok || prefix < old {
			n.prefixes[module] = prefix
		}
	}
	if lexical.Prefix != "" {
		n.prefixes[lexical.Name] = lexical.Prefix
	}
	return n
}

// module resolves a prefix that is not empty.
func (n *names) module(prefix string) (string, bool) {
	if n.ns == nil {
		return "", false
	}
	return n.ns.Module(prefix)
}

// prefix is what names of a module are shown with.
func (n *names) prefix(module string) string {
	if p, ok := n.prefixes[module]; ok {
		return p
	}
	return module
}

// canonical turns prefix:name of an identity into module:name.
func (n *names) canonical(identity string) (string, bool) {
	prefix, name, ok := strings.Cut(identity, ":")
	if !ok {
		return n.local + ":" + identity, n.local != ""
	}
	module, ok := n.module(prefix)
	return module + ":" + name, ok
}

// nameTest is a NameTest of XPath 1.0 §2.3.
type nameTest struct {
	modules []string // the first that has the name counts; nil is any
	local   string   // "*" is any
}

// defs yields the children of def that t selects.
func (t *nameTest) defs(def *schema.Node, yield func(*schema.Node) bool) {
	if t.local != "*" && len(t.modules) > 0 {
		for _, m := range t.modules {
			if c := def.Child(m, t.local); c != nil {
				yield(c)
				return
			}
		}
		return
	}
	for _, c := range def.Data {
		if t.local != "*" && c.Name != t.local {
			continue
		}
		if t.local == "*" && len(t.modules) > 0 && c.Module.Name != t.modules[0] {
			continue
		}
		if !yield(c) {
			return
		}
	}
}

// only returns the one child that t selects, nil where there are none or more.
func (t *nameTest) only(def *schema.Node) *schema.Node {
	var found *schema.Node
	several := false
	t.defs(def, func(d *schema.Node) bool {
		several = found != nil
		found = d
		return !several
	})
	if several {
		return nil
	}
	return found
}

// matches is for axes other than child.
func (t *nameTest) matches(def *schema.Node) bool {
	if def.Name == "" { // the root
		return false
	}
	if t.local != "*" && t.local != def.Name {
		return false
	}
	switch {
	case len(t.modules) == 0:
		return true
	case t.local == "*":
		return t.modules[0] == def.Module.Name
	}
	return slices.Contains(t.modules, def.Module.Name)
}
