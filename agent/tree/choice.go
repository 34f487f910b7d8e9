package tree

import "github.com/outrigger-cnf/outrigger/agent/schema"

// inChoice reports whether def stands in a case of some choice.
func inChoice(def *schema.Node) bool { return def.Parent != def.DataParent }

// rivals reports whether instances of a and b cannot exist together: they stand
// in different cases of one choice (RFC 7950 §7.9).
func rivals(a, b *schema.Node) bool {
	if !inChoice(a) || !inChoice(b) {
		return false
	}
	for ca := a; ca.Parent != a.DataParent; ca = ca.Parent {
		if ca.Parent.Kind != schema.Choice {
			continue
		}
		// ca is a's case of the choice ca.Parent.
		for cb := b; cb.Parent != b.DataParent; cb = cb.Parent {
			if cb.Parent == ca.Parent {
				return cb != ca
			}
		}
	}
	return false
}

// dropRivals removes the children that def excludes.
func dropRivals(kids []*Node, def *schema.Node) []*Node {
	if !inChoice(def) {
		return kids
	}
	left := kids[:0]
	for _, k := range kids {
		if !rivals(def, k.def) {
			left = append(left, k)
		}
	}
	clear(kids[len(left):])
	return left
}

// within reports whether def stands below the choice or case a, with no data
// node between.
func within(def, a *schema.Node) bool {
	for c := def.Parent; c != def.DataParent; c = c.Parent {
		if c == a {
			return true
		}
	}
	return false
}

// hasWithin reports whether one of the children stands below the choice or case a.
func hasWithin(kids []*Node, a *schema.Node) bool {
	for _, k := range kids {
		if within(k.def, a) {
			return true
		}
	}
	return false
}

// caseInUse reports whether the defaults of the nodes in the case c are in use
// (RFC 7950 §7.6.1): a node of the case exists, or c is the default case and no
// node of the choice exists.
func caseInUse(kids []*Node, c *schema.Node) bool {
	if hasWithin(kids, c) {
		return true
	}
	choice := c.Parent
	if choice.DefaultCase != c || hasWithin(kids, choice) {
		return false
	}
	return choice.Parent.Kind != schema.Case || caseInUse(kids, choice.Parent)
}
