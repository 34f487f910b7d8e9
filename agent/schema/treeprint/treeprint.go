// Package treeprint prints a schema as a YANG tree diagram (RFC 8340).
//
// What is printed is what is served: groupings are expanded, nodes that other
// modules add stand in their place, and there are no if-feature conditions,
// since features are decided. Nodes that a module adds to the trees of others are
// also shown on their own, as its augments.
package treeprint

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// Print writes the tree diagrams of the modules named, or of all implemented
// modules that have something to show.
func Print(w io.Writer, s *schema.Schema, modules ...string) error {
	var chosen []*schema.Module
	for _, name := range modules {
		m := s.Module(name)
		if m == nil {
			return fmt.Errorf("no module %q is served", name)
		}
		chosen = append(chosen, m)
	}
	if len(modules) == 0 {
		for _, m := range s.Modules {
			if m.Implemented && contributes(s.Root, m) {
				chosen = append(chosen, m)
			}
		}
	}
	b := bufio.NewWriter(w)
	for i, m := range chosen {
		if i > 0 {
			b.WriteByte('\n')
		}
		p := printer{w: b, schema: s, mod: m}
		p.module()
	}
	return b.Flush()
}

// contributes reports whether any node below n is m's.
func contributes(n *schema.Node, m *schema.Module) bool {
	for _, c := range n.Children {
		if c.Module == m || contributes(c, m) {
			return true
		}
	}
	return false
}

// printer prints one module. Errors of w stick in it and come out of Flush.
type printer struct {
	w      *bufio.Writer
	schema *schema.Schema
	mod    *schema.Module
}

func (p *printer) module() {
	fmt.Fprintf(p.w, "module: %s\n", p.mod.Name)
	var data, rpcs, notifications []*schema.Node
	for _, n := range p.schema.Root.Children {
		switch {
		case n.Module != p.mod:
		case n.Kind == schema.RPC:
			rpcs = append(rpcs, n)
		case n.Kind == schema.Notification:
			notifications = append(notifications, n)
		default:
			data = append(data, n)
		}
	}
	p.nodes("  ", data)
	first := true
	p.augments(p.schema.Root, &first)
	for _, section := range []struct {
		title string
		nodes []*schema.Node
	}{{"rpcs", rpcs}, {"notifications", notifications}} {
		if len(section.nodes) > 0 {
			fmt.Fprintf(p.w, "\n  %s:\n", section.title)
			p.nodes("    ", section.nodes)
		}
	}
}

// augments prints what the module adds to the nodes of other modules, below n.
func (p *printer) augments(n *schema.Node, first *bool) {
	for _, c := range n.Children {
		if c.Module == p.mod {
			continue
		}
		var added []*schema.Node
		for _, gc := range c.Children {
			if gc.Module == p.mod {
				added = append(added, gc)
			}
		}
		if added = visible(added); len(added) > 0 {
			if *first {
				p.w.WriteByte('\n')
				*first = false
			}
			fmt.Fprintf(p.w, "  augment %s:\n", p.target(c))
			p.nodes("    ", added)
		}
		p.augments(c, first)
	}
}

// target is n's schema node identifier with the prefixes that the module knows.
func (p *printer) target(n *schema.Node) string {
	if n.Parent == nil {
		return ""
	}
	return p.target(n.Parent) + "/" + p.prefix(n.Module) + ":" + n.Name
}

// prefix is what the module calls m.
func (p *printer) prefix(m *schema.Module) string {
	if p.mod.Prefixes[m.Prefix] == m.Name {
		return m.Prefix
	}
	known := ""
	for prefix, module := range p.mod.Prefixes {
		if module == m.Name && (known == "" || prefix < known) {
			known = prefix
		}
	}
	if known == "" {
		return m.Prefix
	}
	return known
}

// visible leaves out what has nothing to show, and puts keys first and actions
// and notifications last.
func visible(nodes []*schema.Node) []*schema.Node {
	var data, actions, notifications []*schema.Node
	for _, n := range nodes {
		switch n.Kind {
		case schema.Action:
			actions = append(actions, n)
		case schema.Notification:
			notifications = append(notifications, n)
		case schema.Input, schema.Output:
			if len(n.Children) > 0 {
				data = append(data, n)
			}
		default:
			data = append(data, n)
		}
	}
	// Keys come first wherever they are defined (RFC 7950 §7.8.5).
	slices.SortStableFunc(data, func(a, b *schema.Node) int {
		switch {
		case a.IsKey() && b.IsKey():
			return cmp.Compare(a.Index, b.Index)
		case a.IsKey():
			return -1
		case b.IsKey():
			return 1
		default:
			return 0
		}
	})
	return append(append(data, actions...), notifications...)
}

// nodes prints siblings and all below them.
func (p *printer) nodes(indent string, nodes []*schema.Node) {
	nodes = visible(nodes)
	width := 0
	for _, n := range nodes {
		if typeOf(n) != "" {
			width = max(width, len(p.name(n)))
		}
	}
	for i, n := range nodes {
		p.node(indent, n, width)
		below := indent + "|  "
		if i == len(nodes)-1 {
			below = indent + "   "
		}
		p.nodes(below, n.Children)
	}
}

// gap is what stands between the longest name with its option and the types.
const gap = 3

func (p *printer) node(indent string, n *schema.Node, width int) {
	p.w.WriteString(indent + status(n) + "--")
	if n.Kind == schema.Case {
		p.w.WriteString(":(" + p.name(n) + ")\n")
		return
	}
	name := p.label(n)
	p.w.WriteString(flags(n) + " " + name + option(n))
	if t := typeOf(n); t != "" {
		p.w.WriteString(strings.Repeat(" ", width+1+gap-len(name)-len(option(n))) + t)
	}
	if len(n.Keys) > 0 {
		names := make([]string, len(n.Keys))
		for i, k := range n.Keys {
			names[i] = k.Name
		}
		p.w.WriteString(" [" + strings.Join(names, " ") + "]")
	}
	p.w.WriteByte('\n')
}

// name is n's name, with a prefix where n is another module's.
func (p *printer) name(n *schema.Node) string {
	if n.Module == p.mod {
		return n.Name
	}
	return n.Module.Prefix + ":" + n.Name
}

// label is the name as it is printed.
func (p *printer) label(n *schema.Node) string {
	if n.Kind == schema.Choice {
		return "(" + p.name(n) + ")"
	}
	return p.name(n)
}

func status(n *schema.Node) string {
	switch n.Status {
	case schema.Deprecated:
		return "x"
	case schema.Obsolete:
		return "o"
	default:
		return "+"
	}
}

func flags(n *schema.Node) string {
	switch n.Kind {
	case schema.RPC, schema.Action:
		return "-x"
	case schema.Notification:
		return "-n"
	}
	for up := n; up != nil; up = up.Parent {
		switch up.Kind {
		case schema.Input:
			return "-w"
		case schema.Output, schema.Notification:
			return "ro"
		}
	}
	if n.Config {
		return "rw"
	}
	return "ro"
}

func option(n *schema.Node) string {
	switch n.Kind {
	case schema.Container:
		if n.Presence {
			return "!"
		}
	case schema.List, schema.LeafList:
		return "*"
	case schema.Leaf, schema.Choice, schema.AnyData, schema.AnyXML:
		if !n.Mandatory && !n.IsKey() {
			return "?"
		}
	}
	return ""
}

// typeOf is what is printed as the type; "" for nodes that have none.
func typeOf(n *schema.Node) string {
	switch {
	case n.Kind == schema.AnyData || n.Kind == schema.AnyXML:
		return n.Kind.String()
	case n.Type == nil:
		return ""
	case n.Type.Kind == schema.Leafref && n.Type.Typedef == "":
		return "-> " + n.Type.Path.Text
	default:
		return n.Type.Name
	}
}
