package validate

import (
	"strings"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/xpath"
)

// targetKey names a set of values that a leafref may have: those of the targets
// below one node.
type targetKey struct {
	l      *leafref
	common *xpath.Node
}

// leafref checks that the value of n exists where its leafref leads
// (RFC 7950 §9.9.3). For a union it is enough that one member accepts it.
func (c *checker) leafref(r *rule, n *xpath.Node) {
	v, ok := n.Value()
	if !ok {
		return
	}
	for k := range r.leafrefs {
		l := &r.leafrefs[k]
		found, err := c.refers(r, l, n, v)
		if err != nil {
			c.report(fault.Wrap(fault.OperationFailed, n.Path(), err, "leafref %s cannot be followed", l.x))
			return
		}
		if found {
			return
		}
	}
	for _, t := range r.others {
		if _, err := t.Parse(v.Text, r.info.def, c.schema.ModuleNames()); err == nil {
			return
		}
	}
	if path := r.info.def.Type.Path.Text; n.Schema().IsKey() && strings.HasPrefix(path, "../") && !strings.HasPrefix(path, "../../") {
		c.report(fault.New(fault.DataMissing, n.Path(), "the key is %q: %s must be there with the same value", v.Text, path[len("../"):]).
			WithAppTag(fault.InstanceRequired))
		return
	}
	c.report(fault.New(fault.DataMissing, n.Path(), "there is no %s with the value %q", r.leafrefs[0].x, v.Text).
		WithAppTag(fault.InstanceRequired))
}

func (c *checker) refers(r *rule, l *leafref, n *xpath.Node, v schema.Value) (bool, error) {
	found, sure, err := l.x.Probe(c.t, n, v.Text)
	if err != nil || sure {
		return found, err
	}
	if l.predicates {
		set, err := c.values(l, n)
		_, found = set[v.Text]
		return found, err
	}
	// All referrers below one node have the same targets.
	common := n
	for common.Schema() != r.common.def {
		common = common.Parent()
	}
	key := targetKey{l, common}
	set, ok := c.targets[key]
	if !ok {
		if set, err = c.values(l, n); err != nil {
			return false, err
		}
		if c.targets == nil {
			c.targets = map[targetKey]map[string]struct{}{}
		}
		c.targets[key] = set
	}
	_, found = set[v.Text]
	return found, nil
}

// values returns all values that the leafref of n may have.
func (c *checker) values(l *leafref, n *xpath.Node) (map[string]struct{}, error) {
	v, err := l.x.Eval(c.t, n)
	if err != nil {
		return nil, err
	}
	set := make(map[string]struct{}, len(v.Nodes))
	for _, m := range v.Nodes {
		if value, ok := m.Value(); ok {
			set[value.Text] = struct{}{}
		}
	}
	return set, nil
}

// instance checks that what an instance-identifier names exists (RFC 7950 §9.13).
func (c *checker) instance(n *xpath.Node) {
	v, ok := n.Value()
	if !ok || v.Type == nil || v.Type.Kind != schema.InstanceIdentifier || !v.Type.RequireInstance {
		return
	}
	p, _, err := c.schema.Resolve(v.Text)
	if err == nil && xpath.Find(c.t, p) != nil {
		return
	}
	c.report(fault.New(fault.DataMissing, n.Path(), "there is no %s", v.Text).WithAppTag(fault.InstanceRequired))
}

// sharedSteps returns how many steps p and q have in common from the start.
func sharedSteps(p, q path.Path) int {
	n := 0
	for n < len(p) && n < len(q) && p[n].Equal(q[n]) {
		n++
	}
	return n
}
