// Package path holds the protocol-neutral path of a data node.
//
// A Path is what a gNMI path, an XPath instance-identifier and a RESTCONF
// resource identifier have in common: a sequence of node names, each qualified
// by the module that defines its namespace, with the key predicates of the list
// entries that it crosses. A Path names one node, one list (an element without
// keys) or one list entry (with all keys); patterns with wildcards belong to
// the protocols that have them.
//
// The package knows no schema: whether a path exists is for agent/schema.
package path

import (
	"slices"
	"strings"
)

// Key is one key predicate. Name is the key leaf's local name, "." for the
// value of a leaf-list entry (RFC 7950 §9.13), or empty for the position of an
// entry in a list without keys, counted from 1. Value is in canonical form.
type Key struct{ Name, Value string }

// Elem is one step of a path. Keys stand in the order of the list's key
// statement.
type Elem struct {
	Module string // name of the module whose namespace the node is in
	Name   string
	Keys   []Key
}

// Path is an absolute path; the empty path is the root. Paths are values:
// no function here changes one that it was given.
type Path []Elem

// Equal reports whether e and f are the same step.
func (e Elem) Equal(f Elem) bool {
	return e.Name == f.Name && e.Module == f.Module && slices.Equal(e.Keys, f.Keys)
}

// Key returns the value of the named key and whether e has it.
func (e Elem) Key(name string) (string, bool) {
	for _, k := range e.Keys {
		if k.Name == name {
			return k.Value, true
		}
	}
	return "", false
}

// Child returns p with e appended. It never shares p's spare capacity.
func (p Path) Child(e Elem) Path {
	q := make(Path, len(p)+1) // and not one octet more: there are many paths
	copy(q, p)
	q[len(p)] = e
	return q
}

// Join returns p followed by q.
func (p Path) Join(q Path) Path {
	joined := make(Path, len(p)+len(q))
	copy(joined[copy(joined, p):], q)
	return joined
}

// Parent returns p without its last step; the root is its own parent.
func (p Path) Parent() Path {
	if len(p) == 0 {
		return p
	}
	return p[: len(p)-1 : len(p)-1]
}

// Last returns the last step, or the zero Elem for the root.
func (p Path) Last() Elem {
	if len(p) == 0 {
		return Elem{}
	}
	return p[len(p)-1]
}

// Equal reports whether p and q name the same node.
func (p Path) Equal(q Path) bool { return slices.EqualFunc(p, q, Elem.Equal) }

// HasPrefix reports whether q is p or one of p's ancestors.
func (p Path) HasPrefix(q Path) bool { return len(p) >= len(q) && p[:len(q)].Equal(q) }

// String renders p as an RFC 7951 §6.11 instance-identifier: a module name
// stands where it differs from that of the step before.
func (p Path) String() string {
	if len(p) == 0 {
		return "/"
	}
	var b strings.Builder
	module := ""
	for _, e := range p {
		b.WriteByte('/')
		if e.Module != module && e.Module != "" {
			b.WriteString(e.Module)
			b.WriteByte(':')
			module = e.Module
		}
		b.WriteString(e.Name)
		for _, k := range e.Keys {
			b.WriteByte('[')
			if k.Name == "" {
				b.WriteString(k.Value)
			} else {
				b.WriteString(k.Name)
				b.WriteByte('=')
				writeQuoted(&b, k.Value)
			}
			b.WriteByte(']')
		}
	}
	return b.String()
}

// writeQuoted prefers single quotes, then double quotes, both of which RFC 7950
// §14 allows. A value that holds both has no instance-identifier; it is written
// in double quotes with a backslash before each of its own, which Parse reads.
func writeQuoted(b *strings.Builder, s string) {
	switch {
	case !strings.Contains(s, "'"):
		b.WriteString("'" + s + "'")
	case !strings.Contains(s, `"`):
		b.WriteString(`"` + s + `"`)
	default:
		b.WriteString(`"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`)
	}
}
