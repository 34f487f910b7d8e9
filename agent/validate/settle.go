package validate

import (
	"context"

	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/agent/xpath"
)

// maxRounds bounds how often a deletion may turn another when false.
const maxRounds = 100

// Settle returns new without the nodes whose when was true in old and is not any
// more (RFC 7950 §8.2). What the edit itself has brought or changed stays: Check
// refuses it.
func (v *Validator) Settle(old, new tree.Tree) (tree.Tree, error) {
	before := old
	for range maxRounds {
		gone, err := v.unwanted(old, before, new)
		if err != nil || len(gone) == 0 {
			return new, err
		}
		x := new.Txn()
		for _, p := range gone {
			if _, err := x.Delete(p); err != nil {
				return new, err
			}
		}
		before, new = new, x.Tree()
	}
	return new, nil
}

// unwanted returns the paths of what has to go because of the difference between
// before and new.
func (v *Validator) unwanted(old, before, new tree.Tree) ([]path.Path, error) {
	c := v.checker(context.Background(), new)
	c.settling = true
	c.differences(before)
	var gone []path.Path
	for _, t := range c.order {
		c.each(t, t.rule.info, false, func(n *xpath.Node) {
			if ok, failed := c.holds(t.rule, n); ok || failed {
				return
			}
			p := n.Path()
			if n.Schema().Kind == schema.LeafList {
				p = p.Parent().Child(n.Schema().Elem())
			}
			if was := old.Node(p); was != nil && tree.Equal(was, new.Node(p)) {
				gone = append(gone, p)
			}
		})
	}
	return gone, c.result()
}
