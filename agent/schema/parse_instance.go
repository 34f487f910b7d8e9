package schema

import "github.com/outrigger-cnf/outrigger/agent/path"

// ParseInstance reads an instance-identifier (RFC 7950 §9.13) whose prefixes ns
// resolves, and returns the path and the node it names. A step without a prefix
// belongs to the module of the step before it (RFC 7951 §6.11). Keys are put in
// order and made canonical.
func (s *Schema) ParseInstance(text string, ns Namespaces) (path.Path, *Node, error) {
	r := resolver{schema: s, ns: ns, text: text, rest: text}
	n, err := r.run()
	if err != nil {
		return nil, nil, err
	}
	return r.path, n, nil
}

// instance checks that the identifier names what the schema has, and writes it
// in the form of RFC 7951 §6.11. Whether the instance exists is for validation.
func (p *parser) instance(t *Type, text string) (Value, error) {
	s := p.schema()
	if s == nil {
		return p.fail("instance-identifier %s cannot be looked up outside a schema", quote(text))
	}
	ns := p.ns
	if ns == nil {
		ns = s.ModuleNames()
	}
	at, n, err := s.ParseInstance(text, ns)
	if err != nil {
		if p.quiet {
			return Value{}, errQuiet
		}
		return p.fail("%s names no data node: %v", quote(text), err)
	}
	if len(at) == 0 || n.Kind == List && len(at.Last().Keys) == 0 {
		return p.fail("%s names no single instance; keys are needed", quote(text))
	}
	return Value{t, at.String()}, nil
}
