package schema

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/outrigger-cnf/outrigger/agent/fault"
)

// Namespaces resolves the prefixes of identity names and of instance-identifier
// steps to module names. The empty prefix asks for what a name without a prefix
// stands for; where there is nothing of the kind, ok is false and the leaf's
// own module is taken.
type Namespaces interface {
	Module(prefix string) (module string, ok bool)
}

// JSONKind is what a JSON document has at a value's place.
type JSONKind uint8

// The kinds of JSON value. JSONAny is for sources other than JSON: it fits every
// type.
const (
	JSONAny    JSONKind = iota
	JSONString          // "text"
	JSONNumber          // 5, -1.5
	JSONBool            // true, false
	JSONEmpty           // [null]
)

func (k JSONKind) String() string {
	switch k {
	case JSONString:
		return "a string"
	case JSONNumber:
		return "a number"
	case JSONBool:
		return "true or false"
	case JSONEmpty:
		return "[null]"
	}
	return "a value"
}

// JSONKind says how RFC 7951 §6 writes values of t, which is not a union.
func (t *Type) JSONKind() JSONKind {
	switch t.Kind {
	case Int8, Int16, Int32, Uint8, Uint16, Uint32:
		return JSONNumber
	case Boolean:
		return JSONBool
	case Empty:
		return JSONEmpty
	case Leafref:
		if t.Target != nil {
			return t.Target.Type.JSONKind()
		}
	case Union:
		return JSONAny
	}
	return JSONString
}

// Parse reads text as a value of the leaf or leaf-list n, in any lexical form
// that its type allows (RFC 7950 §9), and returns it in canonical form. The
// members of a union are tried in order. The error is a *fault.Error
// (InvalidValue) without a Path.
func (n *Node) Parse(text string, ns Namespaces) (Value, error) {
	return n.ParseJSON(JSONAny, text, ns)
}

// ParseJSON is Parse for a value out of RFC 7951 JSON: kind is what the document
// has, text the string's contents, the number or the literal (for JSONEmpty, the
// text is not looked at). A type that RFC 7951 §6 writes in another way does not
// match, which is what chooses among the members of a union (§6.10).
func (n *Node) ParseJSON(kind JSONKind, text string, ns Namespaces) (Value, error) {
	if n.Type == nil {
		return Value{}, fault.New(fault.InvalidValue, nil, "%s has no value: it is neither a leaf nor a leaf-list", n.Name)
	}
	p := parser{in: n, ns: ns, json: kind}
	return p.parse(n.Type, text)
}

// Parse reads text as a value of type t. The node in, a leaf or leaf-list of the
// schema, is where names are looked up from.
func (t *Type) Parse(text string, in *Node, ns Namespaces) (Value, error) {
	p := parser{in: in, ns: ns}
	return p.parse(t, text)
}

// ParseDefault is Parse for the argument of a default statement, where an
// integer with a leading zero is octal (RFC 7950 §9.2.1); in data it is decimal.
func (t *Type) ParseDefault(text string, in *Node, ns Namespaces) (Value, error) {
	p := parser{in: in, ns: ns, octal: true}
	return p.parse(t, text)
}

// parser is one reading of one value.
type parser struct {
	in    *Node
	ns    Namespaces
	json  JSONKind
	octal bool
	quiet bool // errors are thrown away: do not spend time on their text
}

// errQuiet is what a quiet parser fails with.
var errQuiet = fault.New(fault.InvalidValue, nil, "does not match")

func (p *parser) fail(format string, args ...any) (Value, error) {
	if p.quiet {
		return Value{}, errQuiet
	}
	return Value{}, fault.New(fault.InvalidValue, nil, format, args...)
}

// quote renders a value that is wrong, cut to a length that a message can bear.
func quote(s string) string {
	const limit = 80
	if len(s) <= limit {
		return strconv.Quote(s)
	}
	cut := limit
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return fmt.Sprintf("%s… (%d bytes)", strconv.Quote(s[:cut]), len(s))
}

func (p *parser) parse(t *Type, text string) (Value, error) {
	if p.json != JSONAny && t.Kind != Union && t.Kind != Leafref {
		if want := t.JSONKind(); want != p.json {
			return p.fail("%s is %s in JSON, not %s", t.describe(), want, p.json)
		}
		if p.json == JSONEmpty {
			return Value{Type: t}, nil
		}
	}
	switch t.Kind {
	case Int8, Int16, Int32, Int64, Uint8, Uint16, Uint32, Uint64:
		return p.integer(t, text)
	case Decimal64:
		return p.decimal64(t, text)
	case String:
		return p.str(t, text)
	case Boolean:
		if text != "true" && text != "false" {
			return p.fail("%s is neither true nor false", quote(text))
		}
		return Value{t, text}, nil
	case Enumeration:
		return p.enum(t, text)
	case Bits:
		return p.bits(t, text)
	case Binary:
		return p.binary(t, text)
	case Empty:
		if text != "" {
			return p.fail("%s is given to a leaf of type empty, which has no value", quote(text))
		}
		return Value{Type: t}, nil
	case Identityref:
		return p.identityref(t, text)
	case InstanceIdentifier:
		return p.instance(t, text)
	case Leafref:
		if t.Target == nil || t.Target.Type == nil {
			return p.fail("the leafref %s leads to no leaf", quote(t.Path.Text))
		}
		return p.parse(t.Target.Type, text)
	case Union:
		return p.union(t, text)
	}
	return p.fail("unknown type %d", t.Kind)
}

// union takes the first member that matches (RFC 7950 §9.12).
func (p *parser) union(t *Type, text string) (Value, error) {
	q := *p
	q.quiet = true
	for _, m := range t.Members {
		if v, err := q.parse(m, text); err == nil {
			return v, nil
		}
	}
	if p.quiet {
		return Value{}, errQuiet
	}
	return p.fail("%s fits no member of the union: %s", quote(text), strings.Join(p.reasons(nil, t, text), "; "))
}

// reasons appends why text fits no member of the union t, nor of unions in it.
func (p *parser) reasons(reasons []string, t *Type, text string) []string {
	for _, m := range t.Members {
		if m.Kind == Union {
			reasons = p.reasons(reasons, m, text)
		} else if _, err := p.parse(m, text); err != nil {
			reasons = append(reasons, err.Error())
		}
	}
	return reasons
}

// str checks length in characters and the patterns (RFC 7950 §9.4).
func (p *parser) str(t *Type, text string) (Value, error) {
	chars, ok := characters(text)
	if !ok {
		return p.fail("%s holds a character that YANG does not allow in a string (RFC 7950 §14)", quote(text))
	}
	if err := p.length(t, uint64(chars), "characters", text); err != nil {
		return Value{}, err
	}
	if len(t.Patterns) == 0 {
		return Value{t, canonicalString(t, text)}, nil
	}
	for i, m := range p.matchers(t) {
		if m.err != nil {
			return p.fail("the pattern %s cannot be used: %v", quote(t.Patterns[i].Text), m.err)
		}
		if m.re.MatchString(text) == t.Patterns[i].Invert {
			return p.mismatch(t, &t.Patterns[i], text)
		}
	}
	form, ok := canonical(t, text)
	if !ok {
		return p.fail("%s is not of type %s", quote(text), t.Typedef)
	}
	return Value{t, form}, nil
}

// readable is the length of a pattern that tells a person more than the name of
// the type that has it.
const readable = 80

func (p *parser) mismatch(t *Type, pt *Pattern, text string) (Value, error) {
	if p.quiet {
		return Value{}, errQuiet
	}
	message := fmt.Sprintf("%s does not match the pattern %s", quote(text), pt.Text)
	switch {
	case pt.Invert:
		message = fmt.Sprintf("%s matches the pattern %s, which it must not", quote(text), pt.Text)
	case t.Typedef != "" && len(pt.Text) > readable:
		message = fmt.Sprintf("%s is not of type %s", quote(text), t.Typedef)
	}
	if pt.ErrorMessage != "" {
		message = pt.ErrorMessage
	}
	return Value{}, &fault.Error{Tag: fault.InvalidValue, AppTag: pt.ErrorAppTag, Message: message}
}

// matchers returns t's compiled patterns. They are kept with the schema.
func (p *parser) matchers(t *Type) []matcher {
	var s *Schema
	if p.in != nil && p.in.Module != nil {
		s = p.in.Module.schema
	}
	if s == nil {
		return compileAll(t.Patterns)
	}
	if ms, ok := s.matchers.Load(t); ok {
		return ms.([]matcher)
	}
	ms, _ := s.matchers.LoadOrStore(t, compileAll(t.Patterns))
	return ms.([]matcher)
}

// length checks n against t's length restriction.
func (p *parser) length(t *Type, n uint64, unit, text string) error {
	if len(t.Lengths) == 0 {
		return nil
	}
	for _, l := range t.Lengths {
		if l.Lo <= n && n <= l.Hi {
			return nil
		}
	}
	if p.quiet {
		return errQuiet
	}
	return fault.New(fault.InvalidValue, nil, "%s has %d %s, not %s", quote(text), n, unit, t.lengths())
}

// characters counts the characters of s; ok is false where s is not UTF-8 or
// holds what RFC 7950 §14 (yang-char) leaves out: controls and noncharacters.
func characters(s string) (n int, ok bool) {
	for i := 0; i < len(s); n++ {
		c := s[i]
		if c < utf8.RuneSelf {
			if c < 0x20 && c != '\t' && c != '\n' && c != '\r' {
				return 0, false
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 || r&0xFFFE == 0xFFFE || r >= 0xFDD0 && r <= 0xFDEF {
			return 0, false
		}
		i += size
	}
	return n, true
}

func (p *parser) enum(t *Type, text string) (Value, error) {
	for i := range t.Enums {
		if t.Enums[i].Name == text {
			return Value{t, t.Enums[i].Name}, nil
		}
	}
	if p.quiet {
		return Value{}, errQuiet
	}
	return p.fail("%s is not one of %s", quote(text), t.choices())
}

// bits reads names in any order and writes them by position (RFC 7950 §9.7.2).
func (p *parser) bits(t *Type, text string) (Value, error) {
	words := strings.FieldsFunc(text, isSpace)
	set := make([]bool, len(t.Bits))
	for _, w := range words {
		found := false
		for i := range t.Bits {
			if t.Bits[i].Name != w {
				continue
			}
			if set[i] {
				return p.fail("the bit %s is given twice", w)
			}
			set[i], found = true, true
		}
		if !found {
			if p.quiet {
				return Value{}, errQuiet
			}
			return p.fail("%s is not one of the bits %s", quote(w), t.choices())
		}
	}
	var b strings.Builder
	for i, on := range set {
		if on {
			if b.Len() > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(t.Bits[i].Name)
		}
	}
	return Value{t, b.String()}, nil
}

func isSpace(r rune) bool { return r == ' ' || r == '\t' || r == '\n' || r == '\r' }

// binary reads base64 (RFC 7950 §9.8), which XML documents break into lines.
func (p *parser) binary(t *Type, text string) (Value, error) {
	if strings.ContainsAny(text, " \t\r\n") {
		text = strings.Join(strings.FieldsFunc(text, isSpace), "")
	}
	data, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		return p.fail("%s is not base64: %v", quote(text), err)
	}
	if err := p.length(t, uint64(len(data)), "octets", text); err != nil {
		return Value{}, err
	}
	return Value{t, text}, nil
}

// Resolved returns the type that values of t have where that does not depend on
// the value: it follows leafrefs, but no union.
func (t *Type) Resolved() *Type {
	for t.Kind == Leafref && t.Target != nil && t.Target.Type != nil {
		t = t.Target.Type
	}
	return t
}
