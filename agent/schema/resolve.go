package schema

import (
	"strings"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/path"
)

// Resolve reads an instance-identifier in the form of RFC 7951 §6.11 and
// returns the path and the node it names. Modules that the text leaves out are
// filled in, keys are put in the order of the list's key statement, and their
// values made canonical. A list step may leave its keys out; then it names the
// list. "/" is the root.
func (s *Schema) Resolve(text string) (path.Path, *Node, error) {
	r := resolver{schema: s, text: text, rest: text}
	n, err := r.run()
	if err != nil {
		return nil, nil, err
	}
	return r.path, n, nil
}

// resolver walks down the schema while it reads the text.
type resolver struct {
	schema *Schema
	ns     Namespaces // what the prefixes mean; nil where they are module names
	text   string     // the whole
	rest   string     // what is still to be read
	path   path.Path
}

func (r *resolver) run() (*Node, error) {
	n := r.schema.Root
	if r.rest == "/" {
		return n, nil
	}
	if r.rest == "" {
		return nil, r.malformed("a path starts with /")
	}
	for r.rest != "" {
		if !r.skip('/') {
			return nil, r.malformed("a step starts with /")
		}
		module, name, err := r.name()
		if err != nil {
			return nil, err
		}
		c := n.Child(module, name)
		if c == nil {
			return nil, r.schema.unknown(n, r.path, module, name)
		}
		keys, err := r.predicates()
		if err != nil {
			return nil, err
		}
		elem, err := r.elem(c, keys)
		if err != nil {
			return nil, err
		}
		r.path = append(r.path, elem)
		n = c
	}
	return n, nil
}

func (r *resolver) malformed(right string) error {
	return fault.New(fault.InvalidValue, nil, "path %q, at %q: %s", r.text, r.rest, right)
}

func (r *resolver) skip(c byte) bool {
	if r.rest != "" && r.rest[0] == c {
		r.rest = r.rest[1:]
		return true
	}
	return false
}

func (r *resolver) space() { r.rest = strings.TrimLeft(r.rest, " \t\r\n") }

// name reads [module:]name.
func (r *resolver) name() (module, name string, err error) {
	end := strings.IndexAny(r.rest, "/[]=' \t\r\n\"")
	if end < 0 {
		end = len(r.rest)
	}
	name = r.rest[:end]
	if i := strings.IndexByte(name, ':'); i >= 0 {
		module, name = name[:i], name[i+1:]
		if module == "" {
			return "", "", r.malformed("a module name stands before the colon")
		}
	}
	if name == "" {
		return "", "", r.malformed("a node name is expected")
	}
	if r.ns != nil && module != "" {
		m, ok := r.ns.Module(module)
		if !ok {
			return "", "", r.malformed("the prefix is not declared")
		}
		module = m
	}
	r.rest = r.rest[end:]
	return module, name, nil
}

// predicates reads any number of [name='value'], [.='value'] and [position].
func (r *resolver) predicates() ([]path.Key, error) {
	var keys []path.Key
	for r.skip('[') {
		r.space()
		var k path.Key
		switch {
		case r.rest != "" && r.rest[0] >= '0' && r.rest[0] <= '9':
			digits := strings.TrimLeft(r.rest, "0123456789")
			k.Value, r.rest = r.rest[:len(r.rest)-len(digits)], digits
		default:
			if r.skip('.') {
				k.Name = "."
			} else {
				_, name, err := r.name()
				if err != nil {
					return nil, err
				}
				k.Name = name
			}
			r.space()
			if !r.skip('=') {
				return nil, r.malformed("= is expected")
			}
			r.space()
			value, err := r.quoted()
			if err != nil {
				return nil, err
			}
			k.Value = value
		}
		r.space()
		if !r.skip(']') {
			return nil, r.malformed("] is expected")
		}
		keys = append(keys, k)
	}
	return keys, nil
}

// quoted reads a string in single quotes, or in double quotes, where a backslash
// escapes a quote and itself: that is how path.Path writes what has both quotes.
func (r *resolver) quoted() (string, error) {
	if r.rest == "" || r.rest[0] != '\'' && r.rest[0] != '"' {
		return "", r.malformed("a quoted value is expected")
	}
	quote := r.rest[0]
	var b strings.Builder
	for i := 1; i < len(r.rest); i++ {
		c := r.rest[i]
		switch {
		case c == quote:
			r.rest = r.rest[i+1:]
			return b.String(), nil
		case c == '\\' && quote == '"' && i+1 < len(r.rest) && (r.rest[i+1] == '"' || r.rest[i+1] == '\\'):
			i++
			b.WriteByte(r.rest[i])
		default:
			b.WriteByte(c)
		}
	}
	return "", r.malformed("the closing quote is missing")
}

// elem makes the step for n of the keys that were read.
func (r *resolver) elem(n *Node, given []path.Key) (path.Elem, error) {
	at := r.path.Child(n.Elem())
	if len(given) == 0 {
		return n.Elem(), nil
	}
	bad := func(format string, args ...any) (path.Elem, error) {
		return path.Elem{}, fault.New(fault.BadElement, at, format, args...)
	}
	switch {
	case n.Kind == LeafList:
		if len(given) != 1 || given[0].Name != "." {
			return bad("an entry of a leaf-list is named by [.='value']")
		}
		v, err := r.canonical(n, given[0].Value, at)
		if err != nil {
			return path.Elem{}, err
		}
		return n.Elem(v), nil
	case n.Kind == List && len(n.Keys) == 0:
		if len(given) != 1 || given[0].Name != "" {
			return bad("the list has no keys; an entry is named by its position, [1] for the first")
		}
		return n.Elem(given[0].Value), nil
	case n.Kind != List:
		return bad("a %s has no keys", n.Kind)
	}
	values := make([]string, len(n.Keys))
	seen := make([]bool, len(n.Keys))
	for _, g := range given {
		i := n.keyIndex(g.Name)
		if i < 0 {
			return bad("%q is not a key; the list is keyed by %s", g.Name, n.keyNames())
		}
		if seen[i] {
			return bad("key %q stands twice", g.Name)
		}
		v, err := r.canonical(n.Keys[i], g.Value, at)
		if err != nil {
			return path.Elem{}, err
		}
		values[i], seen[i] = v, true
	}
	for i, k := range n.Keys {
		if !seen[i] {
			return bad("key %q is missing; the list is keyed by %s", k.Name, n.keyNames())
		}
	}
	return n.Elem(values...), nil
}

// canonical makes a key value canonical.
func (r *resolver) canonical(n *Node, text string, at path.Path) (string, error) {
	ns := r.ns
	if ns == nil {
		ns = r.schema.ModuleNames()
	}
	v, err := n.Parse(text, ns)
	if err != nil {
		return "", fault.Wrap(fault.InvalidValue, at, err, "key %s", n.Name)
	}
	return v.Text, nil
}

func (n *Node) keyIndex(name string) int {
	for i, k := range n.Keys {
		if k.Name == name {
			return i
		}
	}
	return -1
}

func (n *Node) keyNames() string {
	names := make([]string, len(n.Keys))
	for i, k := range n.Keys {
		names[i] = k.Name
	}
	return strings.Join(names, " ")
}
