package main

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing/fstest"

	"github.com/openconfig/goyang/pkg/yang"

	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/yang/compile"
	"github.com/outrigger-cnf/outrigger/yang/internal/product"
)

// deviations writes outrigger-deviations. It compiles the modules without
// deviations, and with every module implemented, because a leafref of a node that
// is to go may lead into a module that is not.
func deviations(dir string, want *product.Implemented, features map[string][]string) ([]byte, error) {
	fsys := fstest.MapFS{}
	var all []string
	modules, err := readModules(dir)
	if err != nil {
		return nil, err
	}
	for name, text := range modules {
		fsys[name+".yang"] = &fstest.MapFile{Data: text}
		if !strings.Contains(string(text), "\nsubmodule ") {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	s, err := compile.Compile(compile.FS(fsys), compile.Options{Implement: all, Features: features})
	if err != nil {
		return nil, err
	}
	d := &deviator{schema: s, want: want, imports: map[string]string{}}
	d.prune()
	for _, further := range want.Deviations {
		d.further(further)
	}
	if len(d.wrong) > 0 {
		return nil, fmt.Errorf("implemented.yaml:\n%s", strings.Join(d.wrong, "\n"))
	}
	return d.text(), nil
}

// readModules reads all modules but the one that is to be written.
func readModules(dir string) (map[string][]byte, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	modules := map[string][]byte{}
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), ".yang")
		if !ok || name == product.Deviating {
			continue
		}
		if modules[name], err = os.ReadFile(dir + "/" + e.Name()); err != nil {
			return nil, err
		}
	}
	return modules, nil
}

// deviator gathers deviations, and what is wrong with implemented.yaml.
type deviator struct {
	schema     *schema.Schema
	want       *product.Implemented
	statements []*statement
	imports    map[string]string // prefix → module
	wrong      []string
}

// prune deviates the topmost nodes that are not kept, in schema order.
func (d *deviator) prune() {
	for _, name := range d.want.ModuleNames() {
		if name == product.Deviating {
			continue
		}
		m := d.schema.Module(name)
		keep := d.want.Modules[name]
		missing := maps.Clone(keep.Children)
		for _, n := range d.schema.Root.Children {
			if n.Module != m {
				continue
			}
			delete(missing, n.Name)
			if sub, ok := keep.Children[n.Name]; ok {
				d.pruneBelow(n, sub)
			} else if !keep.All {
				d.notSupported(n)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(missing)) {
			d.wrong = append(d.wrong, fmt.Sprintf("module %s has no node %s", m.Name, name))
		}
	}
}

func (d *deviator) pruneBelow(n *schema.Node, keep product.Subtree) {
	if keep.All {
		return
	}
	missing := maps.Clone(keep.Children)
	for _, child := range n.Children {
		if _, implemented := d.want.Modules[child.Module.Name]; !implemented {
			continue
		}
		name := child.Name
		if child.Module != n.Module {
			name = child.Module.Name + ":" + name
		}
		delete(missing, name)
		sub, kept := keep.Children[name]
		switch {
		case kept:
			d.pruneBelow(child, sub)
		case !child.IsKey():
			d.notSupported(child)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(missing)) {
		d.wrong = append(d.wrong, fmt.Sprintf("%s has no node %s", d.identifier(n), name))
	}
}

func (d *deviator) notSupported(n *schema.Node) {
	d.add(d.identifier(n), []*statement{{Keyword: "deviate", HasArg: true, Arg: "not-supported"}})
}

func (d *deviator) add(target string, subs []*statement) {
	d.statements = append(d.statements, &statement{Keyword: "deviation", HasArg: true, Arg: target, Subs: subs})
}

// identifier is n's absolute schema node identifier (RFC 7950 §6.5); the prefixes
// are imported.
func (d *deviator) identifier(n *schema.Node) string {
	if n.Parent == nil {
		return ""
	}
	return d.identifier(n.Parent) + "/" + d.prefix(n.Module) + ":" + n.Name
}

// prefix imports m under its own prefix, or under its name where two modules have
// one prefix.
func (d *deviator) prefix(m *schema.Module) string {
	p := m.Prefix
	if other, taken := d.imports[p]; taken && other != m.Name {
		p = m.Name
	}
	d.imports[p] = m.Name
	return p
}

var prefixed = regexp.MustCompile(`([A-Za-z_][\w.-]*):[A-Za-z_]`)

// further adds a deviation that implemented.yaml spells out.
func (d *deviator) further(dev product.Deviation) {
	target, in := d.schema.Root, ""
	for step := range strings.SplitSeq(strings.TrimPrefix(dev.Target, "/"), "/") {
		if m, name, ok := strings.Cut(step, ":"); ok {
			in, step = m, name
		}
		i := slices.IndexFunc(target.Children, func(n *schema.Node) bool {
			return n.Name == step && n.Module.Name == in
		})
		if i < 0 {
			d.wrong = append(d.wrong, fmt.Sprintf("deviation of %s: no node %s:%s", dev.Target, in, step))
			return
		}
		target = target.Children[i]
	}
	parsed, err := yang.Parse(dev.Deviate, "implemented.yaml")
	if err != nil {
		d.wrong = append(d.wrong, fmt.Sprintf("deviation of %s: %v", dev.Target, err))
		return
	}
	for _, match := range prefixed.FindAllStringSubmatch(dev.Deviate, -1) {
		i := slices.IndexFunc(d.schema.Modules, func(m *schema.Module) bool { return m.Prefix == match[1] })
		if i < 0 {
			d.wrong = append(d.wrong, fmt.Sprintf("deviation of %s: no module has prefix %s", dev.Target, match[1]))
			return
		}
		d.prefix(d.schema.Modules[i])
	}
	var subs []*statement
	for _, p := range parsed {
		subs = append(subs, (&module{}).strip(p))
	}
	d.add(d.identifier(target), subs)
}

const deviationsHeader = `// Generated by yang/derive from implemented.yaml; not to be edited.
`

func (d *deviator) text() []byte {
	one := func(keyword, arg string, subs ...*statement) *statement {
		return &statement{Keyword: keyword, HasArg: true, Arg: arg, Subs: subs}
	}
	m := one("module", product.Deviating,
		one("yang-version", "1.1"),
		one("namespace", "https://outrigger.dev/yang/deviations"),
		one("prefix", "ogd"))
	for _, p := range slices.SortedFunc(maps.Keys(d.imports), func(a, b string) int {
		return strings.Compare(d.imports[a], d.imports[b])
	}) {
		m.Subs = append(m.Subs, one("import", d.imports[p], one("prefix", p)))
	}
	m.Subs = append(m.Subs, one("revision", d.want.Revision))
	m.Subs = append(m.Subs, d.statements...)
	return append([]byte(deviationsHeader), format(m)...)
}
