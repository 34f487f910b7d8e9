package schema

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// maxLoadDepth bounds the depth of the tree that Load accepts; YANG in use stays
// below 40.
const maxLoadDepth = 512

// Load reads a schema from its compact form. It refuses, with an error, whatever
// Marshal does not write: another version, damage, or a structure that would not
// be a schema.
func Load(compact []byte) (*Schema, error) {
	switch {
	case len(compact) < compactHeader || string(compact[:len(compactMagic)]) != compactMagic:
		return nil, errors.New("load schema: this is not the compact form of a schema")
	case compact[len(compactMagic)] != compactVersion:
		return nil, fmt.Errorf("load schema: it is of version %d, and %d is known: generate it again", compact[len(compactMagic)], compactVersion)
	}
	payload := compact[compactHeader:]
	if binary.BigEndian.Uint32(compact[len(compactMagic)+1:]) != checksum(payload) {
		return nil, errors.New("load schema: the checksum does not match: generate it again")
	}
	l := loader{rest: payload}
	s := l.schema()
	if l.err != nil {
		return nil, fmt.Errorf("load schema: %w, %d octets before the end: generate it again", l.err, len(l.rest))
	}
	return s, nil
}

// loader reads the payload. Its first error sticks, and from then on it reads
// zeros, so that loops end.
type loader struct {
	rest []byte
	err  error

	strings    []string
	modules    []*Module
	identities []*Identity
	types      []Type
	nodes      []Node
	used       int     // nodes read so far
	children   []*Node // not yet given to a node
}

func (l *loader) fail(format string, args ...any) {
	if l.err == nil {
		l.err = fmt.Errorf(format, args...)
	}
	l.rest = nil
}

func (l *loader) uint64() uint64 {
	v, n := binary.Uvarint(l.rest)
	if n <= 0 {
		l.fail("a number is cut off or too long")
		return 0
	}
	l.rest = l.rest[n:]
	return v
}

// below reads a number that is less than limit.
func (l *loader) below(limit int, what string) int {
	v := l.uint64()
	if v >= uint64(limit) {
		l.fail("%s %d is not below %d", what, v, limit)
		return 0
	}
	return int(v)
}

// count reads the length of a list. Each element takes an octet at least, so
// that no list is longer than the rest.
func (l *loader) count() int { return l.below(len(l.rest)+1, "length") }

func (l *loader) uint32() uint32 { return uint32(l.below(math.MaxUint32+1, "number")) }

func (l *loader) bool() bool { return l.below(2, "boolean") == 1 }

func (l *loader) string() string {
	i := l.below(len(l.strings), "string")
	if l.err != nil {
		return ""
	}
	return l.strings[i]
}

func (l *loader) module() *Module {
	i := l.below(len(l.modules), "module")
	if l.err != nil {
		return nil
	}
	return l.modules[i]
}

// list reads a list by its elements; an empty one is nil.
func list[T any](l *loader, element func() T) []T {
	n := l.count()
	if n == 0 || l.err != nil {
		return nil
	}
	out := make([]T, n)
	for i := range out {
		if out[i] = element(); l.err != nil {
			return nil
		}
	}
	return out
}

func (l *loader) schema() *Schema {
	l.readStrings()
	l.readModules()
	l.readIdentities()
	l.nodes = make([]Node, l.count())
	if len(l.nodes) == 0 {
		l.fail("there is no root")
		return nil
	}
	l.children = make([]*Node, len(l.nodes)-1)
	l.readTypes()
	root := l.node(0)
	switch {
	case l.err != nil:
		return nil
	case l.used != len(l.nodes):
		l.fail("%d nodes are announced, and %d are there", len(l.nodes), l.used)
	case len(l.rest) > 0:
		l.fail("there is more than a schema")
	case root.Kind != Container || root.Module != nil || root.Name != "":
		l.fail("the root is no container, or has a name or module")
	}
	l.check()
	if l.err != nil {
		return nil
	}
	return New(root, l.modules)
}

func (l *loader) readStrings() {
	lengths := list(l, func() int { return l.count() })
	total := 0
	for _, n := range lengths {
		total += n
		if total > len(l.rest) {
			l.fail("the strings are cut off")
			return
		}
	}
	if l.err != nil {
		return
	}
	// One copy, of which all strings are parts.
	text := string(l.rest[:total])
	l.rest = l.rest[total:]
	l.strings = make([]string, len(lengths))
	for i, n := range lengths {
		l.strings[i], text = text[:n], text[n:]
	}
}

func (l *loader) readModules() {
	l.modules = list(l, func() *Module {
		m := &Module{
			Name: l.string(), Namespace: l.string(), Prefix: l.string(),
			Revision: l.string(), YANGVersion: l.string(),
			Implemented: l.bool(),
			Features:    list(l, l.string),
			Submodules:  list(l, func() Submodule { return Submodule{Name: l.string(), Revision: l.string()} }),
			DeviatedBy:  list(l, l.string),
		}
		n := l.count()
		m.Prefixes = make(map[string]string, n)
		for range n {
			prefix := l.string()
			m.Prefixes[prefix] = l.string()
		}
		return m
	})
}

func (l *loader) readIdentities() {
	l.identities = list(l, func() *Identity {
		i := &Identity{Module: l.module(), Name: l.string()}
		if l.bool() && l.err == nil {
			i.Module.Identities = append(i.Module.Identities, i)
		}
		return i
	})
	for _, i := range l.identities {
		i.Bases = list(l, l.identity)
	}
}

func (l *loader) identity() *Identity {
	i := l.below(len(l.identities), "identity")
	if l.err != nil {
		return nil
	}
	return l.identities[i]
}

func (l *loader) expr() Expr { return Expr{Text: l.string(), Lexical: l.module()} }

func (l *loader) nodeRef() *Node {
	i := l.below(len(l.nodes), "node")
	if l.err != nil {
		return nil
	}
	return &l.nodes[i]
}

func (l *loader) readTypes() {
	n := l.count()
	l.types = make([]Type, 0, n)
	for range n {
		t := l.typ()
		if l.err != nil {
			return
		}
		l.types = append(l.types, t)
	}
}

// typeRef reads a reference to a type that stands before.
func (l *loader) typeRef() *Type {
	i := l.below(len(l.types), "type")
	if l.err != nil {
		return nil
	}
	return &l.types[i]
}

func (l *loader) typ() Type {
	t := Type{
		Kind:    TypeKind(l.below(int(Union)+1, "kind of type")),
		Name:    l.string(),
		Typedef: l.string(),
		Ranges:  list(l, func() Range { return Range{Lo: l.uint64(), Hi: l.uint64()} }),
		Lengths: list(l, func() Length { return Length{Lo: l.uint64(), Hi: l.uint64()} }),
		Patterns: list(l, func() Pattern {
			return Pattern{Text: l.string(), Invert: l.bool(), ErrorMessage: l.string(), ErrorAppTag: l.string()}
		}),
	}
	switch t.Kind {
	case 0:
		l.fail("a type has no kind")
	case Decimal64:
		t.FractionDigits = uint8(l.below(19, "number of fraction digits"))
		if t.FractionDigits == 0 {
			l.fail("a decimal64 has no fraction digits")
		}
	case Enumeration:
		t.Enums = list(l, func() Enum { return Enum{Name: l.string(), Value: int32(l.uint32())} })
	case Bits:
		t.Bits = list(l, func() Bit { return Bit{Name: l.string(), Position: l.uint32()} })
	case Identityref:
		t.Bases = list(l, l.identity)
	case Leafref:
		t.Path = l.expr()
		t.Target = l.nodeRef()
		t.RequireInstance = l.bool()
	case InstanceIdentifier:
		t.RequireInstance = l.bool()
	case Union:
		t.Members = list(l, l.typeRef)
	}
	return t
}

// node reads a node and all below.
func (l *loader) node(depth int) *Node {
	if l.used == len(l.nodes) || depth > maxLoadDepth {
		l.fail("there are more nodes than announced, or they are nested too deeply")
		return nil
	}
	n := &l.nodes[l.used]
	l.used++
	n.Kind = Kind(l.below(int(Notification)+1, "kind of node"))
	n.Name = l.string()
	if i := l.below(len(l.modules)+1, "module"); i > 0 && l.err == nil {
		n.Module = l.modules[i-1]
	}
	flags := l.uint64()
	n.Config = flags&flagConfig != 0
	n.Mandatory = flags&flagMandatory != 0
	n.Presence = flags&flagPresence != 0
	n.UserOrdered = flags&flagUserOrdered != 0
	n.Status = Status(l.below(int(Obsolete)+1, "status"))
	if flags&flagList != 0 {
		n.Keys = list(l, l.nodeRef)
		n.Unique = list(l, func() []*Node { return list(l, l.nodeRef) })
		n.Min, n.Max = l.uint32(), l.uint32()
	}
	if flags&flagDefault != 0 {
		n.DefaultCase = l.nodeRef()
	}
	if flags&flagType != 0 {
		n.Type = l.typeRef()
		n.Defaults = list(l, func() Value { return Value{Type: l.typeRef(), Text: l.string()} })
		n.Units = l.string()
	}
	if flags&flagMusts != 0 {
		n.Musts = list(l, func() Must {
			return Must{Expr: l.expr(), ErrorMessage: l.string(), ErrorAppTag: l.string()}
		})
	}
	if flags&flagWhens != 0 {
		n.Whens = list(l, func() When { return When{Expr: l.expr(), OnParent: l.bool()} })
	}
	count := l.below(len(l.children)+1, "number of children")
	if l.err != nil || count == 0 {
		return n
	}
	n.Children, l.children = l.children[:count:count], l.children[count:]
	for i := range n.Children {
		if n.Children[i] = l.node(depth + 1); l.err != nil {
			return nil
		}
		n.Children[i].Parent = n
	}
	return n
}
