package schema

// ModuleNames resolves prefixes as RFC 7951 has them: a prefix is the name of a
// module, and a name without one belongs to the leaf's own module.
func (s *Schema) ModuleNames() Namespaces { return moduleNames{s} }

type moduleNames struct{ s *Schema }

func (m moduleNames) Module(prefix string) (string, bool) {
	if prefix == "" || m.s.Module(prefix) == nil {
		return "", false
	}
	return prefix, true
}

// Namespaces resolves the prefixes that m's own statements use: its imports and
// itself. A name without one belongs to m (RFC 7950 §6.4.1).
func (m *Module) Namespaces() Namespaces { return modulePrefixes{m} }

type modulePrefixes struct{ m *Module }

func (p modulePrefixes) Module(prefix string) (string, bool) {
	if prefix == "" || prefix == p.m.Prefix {
		return p.m.Name, true
	}
	name, ok := p.m.Prefixes[prefix]
	return name, ok
}
