package schema

import "strings"

// identityref reads [prefix:]name and writes module:name (RFC 7950 §9.10,
// RFC 7951 §6.8).
func (p *parser) identityref(t *Type, text string) (Value, error) {
	prefix, name, qualified := strings.Cut(text, ":")
	if !qualified {
		prefix, name = "", text
	}
	s := p.schema()
	if s == nil {
		return p.fail("identity %s cannot be looked up outside a schema", quote(text))
	}
	module, ok := p.module(prefix)
	if !ok {
		return p.fail("the prefix %s of the identity %s is not declared", quote(prefix), quote(text))
	}
	id := s.Identity(module, name)
	if id == nil {
		if p.quiet {
			return Value{}, errQuiet
		}
		return p.fail("there is no identity %s in %s; right would be %s", quote(name), module, t.identities(s, name))
	}
	for _, base := range t.Bases {
		if !id.DerivedFrom(base) {
			if p.quiet {
				return Value{}, errQuiet
			}
			return p.fail("the identity %s is not derived from %s:%s; right would be %s",
				quote(text), base.Module.Name, base.Name, t.identities(s, name))
		}
	}
	if !id.Module.Implemented {
		return p.fail("the identity %s is in %s, which is not implemented", quote(text), module)
	}
	if len(text) == len(module)+1+len(name) && strings.HasPrefix(text, module) {
		return Value{t, text}, nil
	}
	return Value{t, module + ":" + name}, nil
}

// schema is the schema that the leaf is part of; nil for a leaf on its own.
func (p *parser) schema() *Schema {
	if p.in == nil || p.in.Module == nil {
		return nil
	}
	return p.in.Module.schema
}

// module resolves a prefix. A name without one belongs to the leaf's module
// unless ns says otherwise.
func (p *parser) module(prefix string) (string, bool) {
	if p.ns != nil {
		if m, ok := p.ns.Module(prefix); ok {
			return m, true
		}
	}
	if prefix == "" && p.in != nil && p.in.Module != nil {
		return p.in.Module.Name, true
	}
	return "", false
}

// identities lists what an identityref may be: the one that is meant where there is
// one of that name, in another module or with other capitals; else the first of many.
func (t *Type) identities(s *Schema, name string) string {
	const most = 8
	var names []string
	total := 0
	for _, m := range s.Modules {
		if !m.Implemented {
			continue
		}
	identities:
		for _, id := range m.Identities {
			for _, base := range t.Bases {
				if !id.DerivedFrom(base) {
					continue identities
				}
			}
			if strings.EqualFold(id.Name, name) {
				return m.Name + ":" + id.Name
			}
			if total++; total <= most {
				names = append(names, m.Name+":"+id.Name)
			}
		}
	}
	switch {
	case total == 0:
		return "nothing: no identity is derived from its base"
	case total > most:
		names = append(names, "…")
	}
	return strings.Join(names, ", ")
}
