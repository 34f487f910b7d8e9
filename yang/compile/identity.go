package compile

import (
	"github.com/openconfig/goyang/pkg/yang"

	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// identity is an identity statement.
type identity struct {
	stmt *yang.Statement
	unit *unit
	out  *schema.Identity
}

func (c *compiler) declareIdentities(u *unit) {
	for s := range each(u.stmt, "identity") {
		if u.mod.identities[s.Argument] != nil {
			c.errorf(s, "identity %s is defined twice", s.Argument)
			continue
		}
		u.mod.identities[s.Argument] = &identity{
			stmt: s, unit: u, out: &schema.Identity{Module: u.mod.out, Name: s.Argument},
		}
	}
}

// bindIdentities binds each identity to its bases. One that its if-feature
// switches off is not listed, so that no value can have it.
func (c *compiler) bindIdentities() {
	for _, m := range c.modules {
		for _, name := range sortedKeys(m.identities) {
			id := m.identities[name]
			for base := range each(id.stmt, "base") {
				if b := c.identity(id.unit, base); b != nil {
					id.out.Bases = append(id.out.Bases, b.out)
				}
			}
			if c.featuresAllow(id.unit, id.stmt) {
				m.out.Identities = append(m.out.Identities, id.out)
			}
		}
	}
	c.refuseIdentityCycles()
}

// identity returns the identity that the argument of a base statement names.
func (c *compiler) identity(u *unit, at *yang.Statement) *identity {
	prefix, local := splitPrefix(at.Argument)
	m := c.prefixed(u, at, prefix)
	if m == nil {
		return nil
	}
	id := m.identities[local]
	if id == nil {
		c.errorf(at, "no identity %q in module %s", local, m.out.Name)
	}
	return id
}

func (c *compiler) refuseIdentityCycles() {
	const onPath, done = 1, 2
	state := map[*schema.Identity]int{}
	var cyclic func(i *schema.Identity) bool
	cyclic = func(i *schema.Identity) bool {
		switch state[i] {
		case onPath:
			return true
		case done:
			return false
		}
		state[i] = onPath
		found := false
		for _, b := range i.Bases {
			found = cyclic(b) || found
		}
		state[i] = done
		return found
	}
	for _, m := range c.modules {
		for _, name := range sortedKeys(m.identities) {
			if id := m.identities[name]; cyclic(id.out) {
				c.errorf(id.stmt, "identity %s is derived from itself", name)
			}
		}
	}
}
