package main

import (
	"bytes"
	"strings"
)

// format writes one module or submodule in the project's one layout: two
// spaces a level, a blank line around what has a body at the top level, and
// one way to quote each kind of argument, so that deriving a module again
// changes nothing but what its origin changed.
func format(module *statement) []byte {
	var b bytes.Buffer
	writeOpening(&b, module, 0)
	b.WriteString(" {\n")
	subs := module.Subs
	for i, s := range subs {
		if i > 0 && (hasBody(s) || hasBody(subs[i-1])) && !sameSection(subs[i-1], s) {
			b.WriteByte('\n')
		}
		write(&b, s, 1)
	}
	b.WriteString("}\n")
	return b.Bytes()
}

// sameSection keeps imports and includes together, which have bodies too.
func sameSection(a, b *statement) bool {
	return a.Keyword == b.Keyword && (a.Keyword == "import" || a.Keyword == "include" || a.Keyword == "revision")
}

func hasBody(s *statement) bool { return len(s.Subs) > 0 }

func write(b *bytes.Buffer, s *statement, depth int) {
	writeOpening(b, s, depth)
	if !hasBody(s) {
		b.WriteString(";\n")
		return
	}
	b.WriteString(" {\n")
	for _, sub := range s.Subs {
		write(b, sub, depth+1)
	}
	indent(b, depth)
	b.WriteString("}\n")
}

func writeOpening(b *bytes.Buffer, s *statement, depth int) {
	indent(b, depth)
	b.WriteString(s.Keyword)
	if s.HasArg {
		b.WriteByte(' ')
		b.WriteString(quote(s.Keyword, s.Arg))
	}
}

func indent(b *bytes.Buffer, depth int) {
	for range depth {
		b.WriteString("  ")
	}
}

// expressions are the keywords whose argument is XPath or a schema node
// identifier, in which white space between tokens has no meaning.
var expressions = map[string]bool{
	"must": true, "when": true, "path": true, "augment": true, "deviation": true, "refine": true,
	"unique": true, "key": true, "range": true, "length": true, "if-feature": true,
}

// bare are the keywords whose argument stands without quotes where it can:
// names, numbers and fixed words.
var bare = map[string]bool{
	"module": true, "submodule": true, "belongs-to": true, "import": true, "include": true,
	"prefix": true, "yang-version": true, "revision": true, "revision-date": true,
	"container": true, "list": true, "leaf": true, "leaf-list": true, "choice": true, "case": true,
	"anydata": true, "anyxml": true, "rpc": true, "action": true, "notification": true,
	"grouping": true, "uses": true, "typedef": true, "type": true, "identity": true, "base": true,
	"feature": true, "extension": true, "argument": true, "yin-element": true, "enum": true,
	"value": true, "bit": true, "position": true, "config": true, "mandatory": true, "status": true,
	"ordered-by": true, "min-elements": true, "max-elements": true, "fraction-digits": true,
	"require-instance": true, "modifier": true, "deviate": true, "key": true, "if-feature": true,
	"augment": true, "deviation": true, "refine": true,
}

// quote gives the argument as it stands in the file (RFC 7950 §6.1.3).
func quote(keyword, arg string) string {
	if expressions[keyword] {
		arg = squeeze(arg)
	}
	switch {
	case bare[keyword] && isBare(arg):
		return arg
	case keyword == "pattern" && !strings.Contains(arg, "'"):
		return "'" + arg + "'"
	case !strings.ContainsAny(arg, "\"\\\n\t"):
		return `"` + arg + `"`
	case !strings.Contains(arg, "'") && !strings.Contains(arg, "\n"):
		return "'" + arg + "'"
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`).Replace(arg) + `"`
}

// isBare reports whether arg may stand without quotes.
func isBare(arg string) bool {
	return arg != "" && !strings.ContainsAny(arg, " \t\r\n\"';{}+") &&
		!strings.Contains(arg, "//") && !strings.Contains(arg, "/*") && !strings.Contains(arg, "*/")
}

// squeeze makes each run of white space with a line break outside a literal one
// space, and trims the ends.
func squeeze(expr string) string {
	if !strings.ContainsAny(expr, "\n\t") {
		return strings.TrimSpace(expr)
	}
	var b strings.Builder
	var literal rune
	space := false
	for _, r := range strings.TrimSpace(expr) {
		if literal == 0 && strings.ContainsRune(" \t\r\n", r) {
			space = true
			continue
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		switch {
		case literal == r:
			literal = 0
		case literal == 0 && (r == '\'' || r == '"'):
			literal = r
		}
		b.WriteRune(r)
	}
	return b.String()
}
