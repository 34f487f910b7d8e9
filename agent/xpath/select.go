package xpath

import (
	"strings"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// Select evaluates an XPath filter (RFC 6241 §8.9) with the root of t as its
// context node and returns what it selects in document order. A prefix that ns
// does not know is an error. A name without a prefix that ns gives no module for
// is looked for in all modules.
func Select(t tree.Tree, text string, ns schema.Namespaces) ([]path.Path, error) {
	nodes, err := SelectNodes(t, text, ns)
	if err != nil {
		return nil, err
	}
	paths := make([]path.Path, len(nodes))
	for i, n := range nodes {
		paths[i] = n.Path()
	}
	return paths, nil
}

// SelectNodes is Select for callers that go on with the nodes.
func SelectNodes(t tree.Tree, text string, ns schema.Namespaces) ([]*Node, error) {
	if strings.TrimSpace(text) == "" {
		return nil, fault.New(fault.InvalidValue, nil, "the XPath expression is empty")
	}
	n := &names{ns: ns}
	if module, ok := n.module(""); ok && t.Schema().Module(module) != nil {
		n.unprefixed, n.local = []string{module}, module
	}
	x, err := compile(text, n, t.Schema().Root)
	if err != nil {
		return nil, err
	}
	if !x.root.nodeSet() {
		return nil, fault.New(fault.InvalidValue, nil, "XPath %.200q selects no nodes: its result is not a node-set", text)
	}
	if x.descends {
		analyse(x) // for what the evaluation may leave out
	}
	v, err := x.Eval(t, Root(t))
	if err != nil {
		return nil, err
	}
	found := v.Ordered()
	if v.e != nil && v.e.err != nil {
		return nil, v.e.err
	}
	out := make([]*Node, 0, len(found))
	for _, m := range found {
		if m.text {
			m = m.parent
		}
		out = append(out, m)
	}
	return out, nil
}
