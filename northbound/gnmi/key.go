package gnmi

import (
	"slices"
	"strings"

	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// parseKey reads a key value of a path. An identity may stand without its
// module, whatever module that is: gNMI clients commonly leave it out.
func parseKey(s *schema.Schema, leaf *schema.Node, text string) (schema.Value, error) {
	v, err := leaf.Parse(text, s.ModuleNames())
	if err == nil || strings.Contains(text, ":") {
		return v, err
	}
	if id := identity(s, leaf.Type, text); id != nil {
		if v, e := leaf.Parse(id.Module.Name+":"+id.Name, s.ModuleNames()); e == nil {
			return v, nil
		}
	}
	return v, err
}

// identity finds the only identity of that name that the type allows.
func identity(s *schema.Schema, t *schema.Type, name string) *schema.Identity {
	switch {
	case t == nil:
		return nil
	case t.Kind == schema.Leafref && t.Target != nil:
		return identity(s, t.Target.Type, name)
	case t.Kind == schema.Union:
		for _, m := range t.Members {
			if id := identity(s, m, name); id != nil {
				return id
			}
		}
		return nil
	case t.Kind != schema.Identityref:
		return nil
	}
	var found *schema.Identity
	for _, m := range s.Modules {
		if !m.Implemented {
			continue
		}
		for _, id := range m.Identities {
			if id.Name != name || !derived(id, t.Bases) {
				continue
			}
			if found != nil {
				return nil
			}
			found = id
		}
	}
	return found
}

func derived(id *schema.Identity, bases []*schema.Identity) bool {
	for _, b := range bases {
		if !id.DerivedFrom(b) {
			return false
		}
	}
	return true
}

// keyText is how replies write a canonical key value: an identity without its
// module where that is clear, as OpenConfig clients write it.
func (x *index) keyText(leaf *traits, canonical string) string {
	if !leaf.identity {
		return canonical
	}
	module, name, ok := strings.Cut(canonical, ":")
	if !ok || x.schema.Identity(module, name) == nil {
		return canonical
	}
	if x.identities[name] > 1 && identity(x.schema, leaf.def.Type, name) == nil {
		return canonical
	}
	return name
}

// mayBeIdentity reports whether values of the type can be identities.
func mayBeIdentity(t *schema.Type) bool {
	switch {
	case t == nil:
		return false
	case t.Kind == schema.Leafref && t.Target != nil:
		return mayBeIdentity(t.Target.Type)
	case t.Kind == schema.Union:
		return slices.ContainsFunc(t.Members, mayBeIdentity)
	}
	return t.Kind == schema.Identityref
}
