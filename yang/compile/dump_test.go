package compile_test

import (
	"fmt"
	"strings"

	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// dump prints all that is in a schema, for goldens: modules, then the nodes, each
// with everything that is not zero.
func dump(s *schema.Schema) string {
	var b strings.Builder
	for _, m := range s.Modules {
		fmt.Fprintf(&b, "module %s@%s yang %s", m.Name, m.Revision, m.YANGVersion)
		if m.Implemented {
			b.WriteString(" implemented")
		}
		if len(m.Features) > 0 {
			fmt.Fprintf(&b, " features %v", m.Features)
		}
		for _, sub := range m.Submodules {
			fmt.Fprintf(&b, " submodule %s@%s", sub.Name, sub.Revision)
		}
		if len(m.DeviatedBy) > 0 {
			fmt.Fprintf(&b, " deviated by %v", m.DeviatedBy)
		}
		b.WriteByte('\n')
		for _, i := range m.Identities {
			fmt.Fprintf(&b, "  identity %s", i.Name)
			for _, base := range i.Bases {
				fmt.Fprintf(&b, " < %s:%s", base.Module.Name, base.Name)
			}
			b.WriteByte('\n')
		}
	}
	for _, n := range s.Root.Children {
		dumpNode(&b, "", n)
	}
	return b.String()
}

func dumpNode(b *strings.Builder, indent string, n *schema.Node) {
	fmt.Fprintf(b, "%s%s %s:%s", indent, n.Kind, n.Module.Name, n.Name)
	word := func(set bool, text string) {
		if set {
			b.WriteString(" " + text)
		}
	}
	word(n.Config, "rw")
	word(n.Mandatory, "mandatory")
	word(n.Presence, "presence")
	word(n.Status == schema.Deprecated, "deprecated")
	word(n.Status == schema.Obsolete, "obsolete")
	word(n.UserOrdered, "user-ordered")
	word(n.Min > 0, fmt.Sprintf("min %d", n.Min))
	word(n.Max > 0, fmt.Sprintf("max %d", n.Max))
	word(n.IsKey(), "key")
	if n.DefaultCase != nil {
		word(true, "default "+n.DefaultCase.Name)
	}
	for _, u := range n.Unique {
		b.WriteString(" unique")
		for _, leaf := range u {
			b.WriteString(" " + leaf.SchemaPath().String())
		}
	}
	if n.Type != nil {
		b.WriteString(" " + dumpType(n.Type))
	}
	for _, v := range n.Defaults {
		fmt.Fprintf(b, " = %s %q", v.Type.Kind, v.Text)
	}
	word(n.Units != "", "units "+n.Units)
	for _, m := range n.Musts {
		fmt.Fprintf(b, " must %s %q", m.Lexical.Name, m.Text)
		word(m.ErrorMessage != "", "message "+m.ErrorMessage)
		word(m.ErrorAppTag != "", "tag "+m.ErrorAppTag)
	}
	for _, w := range n.Whens {
		fmt.Fprintf(b, " when %s %q", w.Lexical.Name, w.Text)
		word(w.OnParent, "on parent")
	}
	b.WriteByte('\n')
	for _, c := range n.Children {
		dumpNode(b, indent+"  ", c)
	}
}

func dumpType(t *schema.Type) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s(%s", t.Kind, t.Name)
	if t.Typedef != "" {
		b.WriteString(" of " + t.Typedef)
	}
	for _, r := range t.Ranges {
		if t.Kind >= schema.Uint8 && t.Kind <= schema.Uint64 {
			fmt.Fprintf(&b, " %d..%d", r.Lo, r.Hi)
		} else {
			fmt.Fprintf(&b, " %d..%d", int64(r.Lo), int64(r.Hi))
		}
	}
	for _, l := range t.Lengths {
		fmt.Fprintf(&b, " length %d..%d", l.Lo, l.Hi)
	}
	for _, p := range t.Patterns {
		b.WriteString(" pattern " + p.Text)
		if p.Invert {
			b.WriteString(" inverted")
		}
		if p.ErrorMessage+p.ErrorAppTag != "" {
			fmt.Fprintf(&b, " message %q tag %q", p.ErrorMessage, p.ErrorAppTag)
		}
	}
	if t.FractionDigits > 0 {
		fmt.Fprintf(&b, " digits %d", t.FractionDigits)
	}
	for _, e := range t.Enums {
		fmt.Fprintf(&b, " %s=%d", e.Name, e.Value)
	}
	for _, bit := range t.Bits {
		fmt.Fprintf(&b, " %s@%d", bit.Name, bit.Position)
	}
	for _, i := range t.Bases {
		fmt.Fprintf(&b, " base %s:%s", i.Module.Name, i.Name)
	}
	if t.Target != nil {
		fmt.Fprintf(&b, " %s → %s", t.Path.Text, t.Target.SchemaPath())
	}
	if t.RequireInstance {
		b.WriteString(" required")
	}
	for _, m := range t.Members {
		b.WriteString(" | " + dumpType(m))
	}
	b.WriteString(")")
	return b.String()
}
