package compile

import (
	"slices"
	"strings"

	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// Resolved prints a compiled module as YANG text that says the same of data, in
// the plainest way: groupings are expanded, refines, augments in uses and
// deviations applied, features decided, typedefs put in their place. Nodes that
// the module adds to the trees of others become its augments.
//
// It is for tools that read YANG but not all of it, such as code generators:
// RPCs, actions and notifications are left out, and with them must, when and
// unique, for which such tools have no use: what a deviation adds of these may
// speak of modules that import this one. Typedefs of enumerations stay, since
// generators name Go types after them. An unknown module gives "".
func Resolved(s *schema.Schema, module string) string {
	m := s.Module(module)
	if m == nil {
		return ""
	}
	p := printer{schema: s, mod: m, prefixes: map[string]string{}, enums: enumTypedefs(s)}
	p.prefixes[m.Name] = m.Prefix

	// The body comes first: it finds out what has to be imported.
	p.depth = 1
	p.identities()
	p.typedefs()
	for _, n := range s.Root.Children {
		if n.Module == m {
			p.node(n)
		}
	}
	p.augments(s.Root)
	body := p.b.String()

	p.b.Reset()
	p.depth = 0
	p.open("module", m.Name)
	p.leaf("yang-version", "1.1")
	p.leaf("namespace", m.Namespace)
	p.leaf("prefix", m.Prefix)
	for _, name := range sortedKeys(p.prefixes) {
		if name != m.Name {
			p.open("import", name)
			p.leaf("prefix", p.prefixes[name])
			p.close()
		}
	}
	if m.Revision != "" {
		p.leaf("revision", m.Revision)
	}
	p.flush(" {\n")
	p.b.WriteString(body)
	p.close()
	return p.b.String()
}

// printer writes one module.
type printer struct {
	b        strings.Builder
	depth    int
	opened   string // the last line, while it may still become one without braces
	schema   *schema.Schema
	mod      *schema.Module
	prefixes map[string]string // module name → prefix, of what is imported
	enums    map[string]*schema.Type
}

func (p *printer) line(parts ...string) {
	p.flush(" {\n")
	for range p.depth {
		p.b.WriteString("  ")
	}
	for _, part := range parts {
		p.b.WriteString(part)
	}
	p.b.WriteByte('\n')
}

// open starts a statement; what is printed until close is within it.
func (p *printer) open(keyword, arg string) {
	p.flush(" {\n")
	p.opened = strings.Repeat("  ", p.depth) + keyword + " " + quoteArg(arg)
	p.depth++
}

func (p *printer) close() {
	p.depth--
	if p.opened != "" {
		p.flush(";\n")
		return
	}
	p.line("}")
}

// flush writes the statement that was opened last with what follows it.
func (p *printer) flush(end string) {
	if p.opened != "" {
		p.b.WriteString(p.opened)
		p.b.WriteString(end)
		p.opened = ""
	}
}

func (p *printer) leaf(keyword, arg string) { p.line(keyword, " ", quoteArg(arg), ";") }

// quoteArg quotes an argument: in single quotes, within which all is literal,
// or else in double quotes.
func quoteArg(arg string) string {
	if isIdentifier(arg) {
		return arg
	}
	if !strings.Contains(arg, "'") {
		return "'" + arg + "'"
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`).Replace(arg) + `"`
}

// prefix returns the prefix for a module's names, and has it imported.
func (p *printer) prefix(module string) string {
	if prefix, ok := p.prefixes[module]; ok {
		return prefix
	}
	prefix := module
	if m := p.schema.Module(module); m != nil {
		prefix = m.Prefix
	}
	for p.taken(prefix) {
		prefix += "_"
	}
	p.prefixes[module] = prefix
	return prefix
}

func (p *printer) taken(prefix string) bool {
	for _, other := range p.prefixes {
		if other == prefix {
			return true
		}
	}
	return false
}

// name qualifies a name where its module is not the one that is printed.
func (p *printer) name(module, name string) string {
	if module == p.mod.Name {
		return name
	}
	return p.prefix(module) + ":" + name
}

func (p *printer) identities() {
	for _, i := range p.mod.Identities {
		if len(i.Bases) == 0 {
			p.leaf("identity", i.Name)
			continue
		}
		p.open("identity", i.Name)
		for _, b := range i.Bases {
			p.leaf("base", p.name(b.Module.Name, b.Name))
		}
		p.close()
	}
}

// enumTypedefs gathers the typedefs of enumerations by module:name. One whose
// name has different meanings, because a leaf or a feature takes enums away or
// because it stands within some node, is left out.
func enumTypedefs(s *schema.Schema) map[string]*schema.Type {
	found, differ := map[string]*schema.Type{}, map[string]bool{}
	var look func(t *schema.Type)
	look = func(t *schema.Type) {
		for _, m := range t.Members {
			look(m)
		}
		if t.Kind != schema.Enumeration || t.Typedef == "" {
			return
		}
		if other := found[t.Typedef]; other != nil && !slices.Equal(other.Enums, t.Enums) {
			differ[t.Typedef] = true
		}
		found[t.Typedef] = t
	}
	var walk func(n *schema.Node)
	walk = func(n *schema.Node) {
		if n.Type != nil {
			look(n.Type)
		}
		for _, c := range n.Children {
			walk(c)
		}
	}
	walk(s.Root)
	for name := range differ {
		delete(found, name)
	}
	return found
}

func (p *printer) typedefs() {
	for _, qualified := range sortedKeys(p.enums) {
		if module, name := splitPrefix(qualified); module == p.mod.Name {
			p.open("typedef", name)
			p.enumeration(p.enums[qualified])
			p.close()
		}
	}
}

// augments prints, for each node below n of another module that has children of
// this one, an augment with those children.
func (p *printer) augments(n *schema.Node) {
	if n.Kind >= schema.RPC {
		return
	}
	if n != p.schema.Root && n.Module != p.mod && slices.ContainsFunc(n.Children, p.ours) {
		p.open("augment", p.schemaNodeID(n))
		for _, c := range n.Children {
			if p.ours(c) {
				p.node(c)
			}
		}
		p.close()
	}
	for _, c := range n.Children {
		p.augments(c)
	}
}

func (p *printer) ours(n *schema.Node) bool { return n.Module == p.mod && n.Kind < schema.RPC }

// schemaNodeID is n's absolute schema node identifier, choices and cases among
// its steps.
func (p *printer) schemaNodeID(n *schema.Node) string {
	if n == p.schema.Root {
		return ""
	}
	return p.schemaNodeID(n.Parent) + "/" + p.prefix(n.Module.Name) + ":" + n.Name
}

// node prints a node and what this module has below it.
func (p *printer) node(n *schema.Node) {
	if n.Kind >= schema.RPC {
		return
	}
	p.open(n.Kind.String(), n.Name)
	p.properties(n)
	for _, c := range n.Children {
		if c.Module == p.mod {
			p.node(c)
		}
	}
	p.close()
}

func (p *printer) properties(n *schema.Node) {
	if len(n.Keys) > 0 {
		names := make([]string, len(n.Keys))
		for i, k := range n.Keys {
			names[i] = k.Name
		}
		p.leaf("key", strings.Join(names, " "))
	}
	if n.Type != nil {
		p.typ(n.Type, n)
		if n.Units != "" {
			p.leaf("units", n.Units)
		}
	}
	for _, v := range n.Defaults {
		p.leaf("default", p.value(v))
	}
	if n.DefaultCase != nil {
		p.leaf("default", n.DefaultCase.Name)
	}
	if n.Presence {
		p.leaf("presence", "it has a meaning of its own")
	}
	if !n.Config && n.Parent.Config && n.Kind != schema.Case {
		p.leaf("config", "false")
	}
	if n.Mandatory {
		p.leaf("mandatory", "true")
	}
	if n.Min > 0 {
		p.leaf("min-elements", decimal(uint64(n.Min)))
	}
	if n.Max > 0 {
		p.leaf("max-elements", decimal(uint64(n.Max)))
	}
	if n.UserOrdered {
		p.leaf("ordered-by", "user")
	}
	switch n.Status {
	case schema.Deprecated:
		p.leaf("status", "deprecated")
	case schema.Obsolete:
		p.leaf("status", "obsolete")
	}
}

// value prints a default value: names of identities with prefixes.
func (p *printer) value(v schema.Value) string {
	if v.Type.Kind == schema.Identityref {
		if module, name := splitPrefix(v.Text); module != "" {
			return p.name(module, name)
		}
	}
	return v.Text
}
