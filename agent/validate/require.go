package validate

import (
	"strings"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/agent/xpath"
)

// require checks mandatory, min-elements and max-elements of the children of n
// (RFC 7950 §7.6.5, §7.7.5, §7.7.6, §7.9.4).
func (c *checker) require(n *xpath.Node, i *info) {
	for _, r := range i.require {
		c.requirement(n, r)
	}
}

func (c *checker) requirement(n *xpath.Node, r *requirement) {
	inst := n.Instance()
	switch r.def.Kind {
	case schema.Choice:
		if !anyOf(inst, r.nodes) {
			if r.def.Mandatory && c.applies(n, r.def, r.whens) {
				c.report(fault.New(fault.DataMissing, n.Path(), "nothing is chosen; one of %s is needed", alternatives(r.def)).
					WithAppTag(fault.MissingChoice).WithInfo("missing-choice", r.def.Name))
			}
			return
		}
		for _, cs := range r.below {
			c.requirement(n, cs)
		}
		return
	case schema.Case:
		// The nodes of a case are required once one of them is there.
		if anyOf(inst, r.nodes) {
			for _, k := range r.below {
				c.requirement(n, k)
			}
		}
		return
	}
	if len(r.below) > 0 { // a case in shorthand: its only node is there, or not needed
		if anyOf(inst, r.nodes) {
			for _, k := range r.below {
				c.requirement(n, k)
			}
		}
		return
	}
	child := inst.Child(r.def)
	switch r.def.Kind {
	case schema.List, schema.LeafList:
		have := child.Len()
		if child == nil && r.def.Kind == schema.LeafList {
			have = inst.ChildOrDefault(r.def).Len()
		}
		low := r.def.Min > 0 && have < int(r.def.Min)
		if (low || r.def.Max > 0 && have > int(r.def.Max)) && c.applies(n, r.def, r.whens) {
			c.reportCount(n, r.def, have, low)
		}
	default:
		if child == nil && c.applies(n, r.def, r.whens) {
			c.report(fault.New(fault.DataMissing, n.Path().Child(r.def.Elem()), "the %s %s is mandatory", r.def.Kind, r.def.Name))
		}
	}
}

func (c *checker) reportCount(n *xpath.Node, def *schema.Node, have int, low bool) {
	what := "entries"
	if def.Kind == schema.LeafList {
		what = "values"
	}
	at := n.Path().Child(def.Elem())
	if low {
		c.report(fault.New(fault.OperationFailed, at, "%s has %d %s; at least %d are needed", def.Name, have, what, def.Min).
			WithAppTag(fault.TooFewElements))
		return
	}
	c.report(fault.New(fault.OperationFailed, at, "%s has %d %s; at most %d are allowed", def.Name, have, what, def.Max).
		WithAppTag(fault.TooManyElements))
}

func anyOf(parent *tree.Node, defs []*schema.Node) bool {
	for _, d := range defs {
		if parent.Child(d) != nil {
			return true
		}
	}
	return false
}

// alternatives names the cases of a choice.
func alternatives(choice *schema.Node) string {
	names := make([]string, len(choice.Children))
	for i, c := range choice.Children {
		names[i] = c.Name
	}
	return strings.Join(names, ", ")
}

// unique checks the unique statements of a list below parent (RFC 7950 §7.8.3).
// Entries that lack one of the leafs do not count.
func (c *checker) unique(r *rule, parent *xpath.Node) {
	list := parent.Instance().Child(r.info.def)
	for _, leafs := range r.info.def.Unique {
		seen := make(map[string]*tree.Node)
		for entry := range list.Entries() {
			if c.done() {
				return
			}
			key, ok := uniqueKey(entry, leafs)
			if !ok {
				continue
			}
			first, dup := seen[key]
			if !dup {
				seen[key] = entry
				continue
			}
			e := fault.New(fault.OperationFailed, parent.Path().Child(entry.Elem()),
				"has the same %s as %s; they must differ", leafNames(leafs), first.Elem().Name+keyText(first)).
				WithAppTag(fault.DataNotUnique)
			for _, same := range []*tree.Node{first, entry} {
				for _, l := range leafs {
					e.WithInfo("non-unique", leafPath(parent.Down(same), l).Path().String())
				}
			}
			c.report(e)
		}
	}
}

func keyText(entry *tree.Node) string { return "[" + strings.Join(entry.Keys(), ", ") + "]" }

func leafNames(leafs []*schema.Node) string {
	names := make([]string, len(leafs))
	for i, l := range leafs {
		names[i] = l.Name
	}
	return strings.Join(names, ", ")
}

// uniqueKey joins the values of leafs below an entry, defaults included.
func uniqueKey(entry *tree.Node, leafs []*schema.Node) (string, bool) {
	one := ""
	for k, l := range leafs {
		n := descend(entry, l)
		if n == nil {
			return "", false
		}
		if k == 0 {
			one = n.Value().Text
		} else {
			one += "\x00" + n.Value().Text
		}
	}
	return one, true
}

// descend returns the leaf def below an entry, through containers.
func descend(entry *tree.Node, def *schema.Node) *tree.Node {
	if def.DataParent == entry.Schema() {
		return entry.ChildOrDefault(def)
	}
	return descend(entry, def.DataParent).ChildOrDefault(def)
}

func leafPath(entry *xpath.Node, def *schema.Node) *xpath.Node {
	at := entry
	if def.DataParent != entry.Schema() {
		at = leafPath(entry, def.DataParent)
	}
	return at.Down(at.Instance().ChildOrDefault(def))
}
