package compile

import (
	"strconv"
	"strings"

	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// typ prints the type of n, or a member of its union.
func (p *printer) typ(t *schema.Type, n *schema.Node) {
	switch t.Kind {
	case schema.Enumeration:
		if p.enums[t.Typedef] != nil {
			module, name := splitPrefix(t.Typedef)
			p.leaf("type", p.name(module, name))
			return
		}
		p.enumeration(t)
		return
	case schema.Boolean, schema.Empty:
		p.leaf("type", t.Kind.String())
		return
	}
	p.open("type", t.Kind.String())
	switch t.Kind {
	case schema.Decimal64:
		p.leaf("fraction-digits", decimal(uint64(t.FractionDigits)))
	case schema.Bits:
		for _, b := range t.Bits {
			p.open("bit", b.Name)
			p.leaf("position", decimal(uint64(b.Position)))
			p.close()
		}
	case schema.Identityref:
		for _, b := range t.Bases {
			p.leaf("base", p.name(b.Module.Name, b.Name))
		}
	case schema.Leafref:
		p.leaf("path", p.leafrefPath(t, n))
		if !t.RequireInstance {
			p.leaf("require-instance", "false")
		}
	case schema.InstanceIdentifier:
		if !t.RequireInstance {
			p.leaf("require-instance", "false")
		}
	case schema.Union:
		for _, m := range t.Members {
			p.typ(m, n)
		}
	}
	p.bounds(t)
	for _, pattern := range t.Patterns {
		if !pattern.Invert {
			p.leaf("pattern", pattern.Text)
			continue
		}
		p.open("pattern", pattern.Text)
		p.leaf("modifier", "invert-match")
		p.close()
	}
	p.close()
}

func (p *printer) enumeration(t *schema.Type) {
	p.open("type", "enumeration")
	for _, e := range t.Enums {
		p.open("enum", e.Name)
		p.leaf("value", strconv.Itoa(int(e.Value)))
		p.close()
	}
	p.close()
}

func (p *printer) bounds(t *schema.Type) {
	if len(t.Ranges) > 0 {
		parts := make([]string, len(t.Ranges))
		for i, r := range t.Ranges {
			parts[i] = interval(bound(r.Lo, t), bound(r.Hi, t))
		}
		p.leaf("range", strings.Join(parts, " | "))
	}
	if len(t.Lengths) > 0 {
		parts := make([]string, len(t.Lengths))
		for i, l := range t.Lengths {
			parts[i] = interval(decimal(l.Lo), decimal(l.Hi))
		}
		p.leaf("length", strings.Join(parts, " | "))
	}
}

func interval(lo, hi string) string {
	if lo == hi {
		return lo
	}
	return lo + ".." + hi
}

func decimal(v uint64) string { return strconv.FormatUint(v, 10) }

// bound prints a boundary of a range.
func bound(v uint64, t *schema.Type) string {
	switch {
	case t.Kind == schema.Decimal64:
		digits := strconv.FormatInt(int64(v), 10)
		sign := ""
		if digits[0] == '-' {
			sign, digits = "-", digits[1:]
		}
		places := int(t.FractionDigits)
		if len(digits) <= places {
			digits = strings.Repeat("0", places-len(digits)+1) + digits
		}
		return sign + digits[:len(digits)-places] + "." + digits[len(digits)-places:]
	case isSigned(t.Kind):
		return strconv.FormatInt(int64(v), 10)
	default:
		return decimal(v)
	}
}

// leafrefPath is a leafref's path with this module's prefixes. A path whose names
// lack prefixes, written in another module, is made anew from its target.
func (p *printer) leafrefPath(t *schema.Type, n *schema.Node) string {
	_, absolute, err := leafrefSteps(t.Path.Text)
	if err == nil && (!absolute || t.Path.Lexical == n.Module) {
		path, ok := mapPrefixes(t.Path.Text, func(prefix string, _ bool) (string, bool) {
			module, known := t.Path.Lexical.Prefixes[prefix]
			return p.prefix(module), known
		})
		if ok {
			return path
		}
	}
	var b strings.Builder
	for _, e := range t.Target.SchemaPath() {
		b.WriteString("/" + p.prefix(e.Module) + ":" + e.Name)
	}
	return b.String()
}
