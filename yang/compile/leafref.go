package compile

import (
	"fmt"
	"strings"

	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// leafrefs binds leafref types to their targets (RFC 7950 §9.9).
type leafrefs struct {
	c      *compiler
	schema *schema.Schema
	leafs  map[*schema.Node]*node
}

// bind binds t, the type of n, and what a union holds.
func (r *leafrefs) bind(t *schema.Type, n *node) {
	for _, m := range t.Members {
		r.bind(m, n)
	}
	if t.Kind != schema.Leafref {
		return
	}
	target, err := r.follow(t.Path, n.out)
	if err != nil {
		r.c.errorf(n.typ.stmt, "leafref %q of %s: %w", t.Path.Text, n.out.SchemaPath(), err)
		return
	}
	if n.out.Config && !target.Config && t.RequireInstance {
		r.c.errorf(n.typ.stmt, "leafref %q of %s is configuration and refers to %s, which is not; it could have require-instance false",
			t.Path.Text, n.out.SchemaPath(), target.SchemaPath())
		return
	}
	t.Target = target
}

// follow walks a path from n. Predicates choose entries, not nodes, and are
// passed over.
func (r *leafrefs) follow(path schema.Expr, n *schema.Node) (*schema.Node, error) {
	steps, absolute, err := leafrefSteps(path.Text)
	if err != nil {
		return nil, err
	}
	at := n
	if absolute {
		at = r.schema.Root
	}
	for _, step := range steps {
		if step == ".." {
			if at.DataParent == nil {
				return nil, fmt.Errorf("it goes up beyond the top")
			}
			at = at.DataParent
			continue
		}
		if step == "." {
			continue
		}
		next := r.step(at, step, path.Lexical, n)
		if next == nil {
			return nil, r.missing(at, step, path.Lexical)
		}
		at = next
	}
	if at.Kind != schema.Leaf && at.Kind != schema.LeafList {
		return nil, fmt.Errorf("it leads to the %s %s, not to a leaf or leaf-list", at.Kind, at.Name)
	}
	return at, nil
}

// step finds a child by its name in a path. A name without a prefix is in the
// namespace of the leaf; modules are found that mean the one the path is
// written in.
func (r *leafrefs) step(at *schema.Node, step string, lexical *schema.Module, leaf *schema.Node) *schema.Node {
	prefix, name := splitPrefix(step)
	if prefix != "" {
		return operand(at, lexical.Prefixes[prefix], name)
	}
	if n := operand(at, leaf.Module.Name, name); n != nil {
		return n
	}
	return operand(at, lexical.Name, name)
}

// operand finds a data child, or at the root an RPC or notification, inside of
// which a path can lead.
func operand(at *schema.Node, module, name string) *schema.Node {
	if n := at.Child(module, name); n != nil && module != "" {
		return n
	}
	for _, ch := range at.Children {
		if ch.Name == name && ch.Module.Name == module && (ch.Kind == schema.Notification || ch.Kind == schema.RPC || ch.Kind == schema.Action) {
			return ch
		}
	}
	return nil
}

func (r *leafrefs) missing(at *schema.Node, step string, lexical *schema.Module) error {
	where := "at the top"
	if at != r.schema.Root {
		where = "in " + at.SchemaPath().String()
	}
	if prefix, _ := splitPrefix(step); prefix != "" {
		if m := r.schema.Module(lexical.Prefixes[prefix]); m != nil && !m.Implemented {
			return fmt.Errorf("no node %q %s: module %s must be implemented for this", step, where, m.Name)
		}
	}
	return fmt.Errorf("no node %q %s", step, where)
}

// leafrefSteps splits a path into its steps, predicates left out.
func leafrefSteps(text string) (steps []string, absolute bool, err error) {
	var plain strings.Builder
	depth := 0
	for i := 0; i < len(text); i++ {
		switch ch := text[i]; {
		case ch == '[':
			depth++
		case ch == ']':
			depth--
		case (ch == '\'' || ch == '"') && depth > 0:
			end := strings.IndexByte(text[i+1:], ch)
			if end < 0 {
				return nil, false, fmt.Errorf("the closing %c is missing", ch)
			}
			i += end + 1
		case depth == 0 && !strings.ContainsRune(" \t\r\n", rune(ch)):
			plain.WriteByte(ch)
		}
		if depth < 0 {
			break
		}
	}
	if depth != 0 {
		return nil, false, fmt.Errorf("its brackets do not match")
	}
	rest := plain.String()
	rest, absolute = strings.CutPrefix(rest, "/")
	steps = strings.Split(rest, "/")
	for _, s := range steps {
		if _, name := splitPrefix(s); s != ".." && s != "." && !isIdentifier(name) {
			return nil, false, fmt.Errorf("%q is no step of a path", s)
		}
	}
	return steps, absolute, nil
}

// refuseCycles reports leafrefs that lead back to themselves.
func (r *leafrefs) refuseCycles(nodes []*node) {
	const onPath, done = 1, 2
	state := map[*schema.Node]int{}
	var cyclic func(n *schema.Node) bool
	var through func(t *schema.Type) bool
	through = func(t *schema.Type) bool {
		found := t.Target != nil && cyclic(t.Target)
		for _, m := range t.Members {
			found = through(m) || found
		}
		return found
	}
	cyclic = func(n *schema.Node) bool {
		switch state[n] {
		case onPath:
			return true
		case done:
			return false
		}
		state[n] = onPath
		found := through(n.Type)
		state[n] = done
		return found
	}
	for _, n := range nodes {
		if n.typ != nil && cyclic(n.out) {
			r.c.errorf(n.typ.stmt, "leafref %s leads back to itself", n.out.SchemaPath())
		}
	}
}
