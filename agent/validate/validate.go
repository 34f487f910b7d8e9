// Package validate checks a configuration against the constraints of its schema
// (RFC 7950 §8): mandatory nodes, min-elements and max-elements, unique, leafref
// and instance-identifier targets, must and when. Types need no check: a value
// in a tree has been parsed. State (config false) is not validated.
//
//	Validator ── info   per schema node: its rules, and what reads it
//	   ├── Check        what the difference of two trees can affect
//	   ├── Settle       takes away what a when that turned false no longer allows
//	   └── All          everything
//
// # What a Check costs
//
// Check goes through the Diff of the two trees. A created subtree is checked as a
// whole, with its parent. For each node that came, went or changed, the rules
// that read it are looked up, and evaluated for the context nodes that the change
// can affect: those below the nearest node that is above both (xpath.Read). So a
// rule within a list entry costs the same however long the list is. These cost
// more:
//
//   - A must or when that reaches other entries by an absolute path, or over the
//     list: a change of what it reads evaluates it for all its context nodes.
//   - unique: a change of one of its leafs scans that list once per Check.
//   - leafref: the target is looked up in the list's index where the path leads
//     there, otherwise in a set of all target values, made once per Check. When a
//     target value disappears, its referrers are found by an index of how often
//     each leafref has each value, which follows from tree to tree by Diff; only
//     a value that is still referred to makes Check visit the referring leafs.
//     The index holds on to the last tree it has seen.
//   - instance-identifier with require-instance: any deletion visits all leafs of
//     that type.
package validate

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/agent/xpath"
)

// maxErrors is how many errors one validation reports.
const maxErrors = 100

// Validator checks trees of one schema. It may be used concurrently.
type Validator struct {
	schema *schema.Schema
	root   *info
	// instances are the rules of instance-identifiers, which may point anywhere.
	instances []*rule
	index     referrers
}

// New compiles the constraints of a schema. It fails where an expression of the
// schema is wrong, naming the node.
func New(s *schema.Schema) (*Validator, error) {
	b := builder{infos: map[*schema.Node]*info{}}
	root := b.node(s.Root, nil)
	b.link()
	root.gather()
	if len(b.errs) > 0 {
		return nil, fmt.Errorf("schema constraints: %w", errors.Join(b.errs...))
	}
	v := &Validator{schema: s, root: root, instances: b.instances}
	v.index.reset(v)
	return v, nil
}

// Check reports what is wrong in new, given that old is valid. The error is
// fault.Errors: all that is found, up to a limit, each with the path of the
// instance; or ctx's error.
func (v *Validator) Check(ctx context.Context, old, new tree.Tree) error {
	c := v.checker(ctx, new)
	c.differences(old)
	c.runTasks()
	return c.result()
}

// All reports everything that is wrong in t.
func (v *Validator) All(t tree.Tree) error {
	c := v.checker(context.Background(), t)
	c.whole = true
	c.interior(c.stack[0], v.root)
	v.index.follow(t)
	return c.result()
}

// checker is one validation of one tree.
type checker struct {
	*Validator
	ctx   context.Context
	t     tree.Tree
	whole bool // everything is visited: also what the tree itself takes care of
	// settling is for whens only, which are scheduled and left to Settle.
	settling bool

	nodes    xpath.Nodes   // those that are visited
	stack    []*xpath.Node // the way to the change in hand, from the root
	infos    []*info       // their infos
	required *xpath.Node   // the last node that require was called for

	tasks   map[taskKey]*task
	order   []*task
	deleted bool // something may have been

	targets map[targetKey]map[string]struct{}

	errs     fault.Errors
	unwanted []path.Path // of the nodes under a when that is false
	reported map[string]struct{}
	stopped  error
	steps    int
}

func (v *Validator) checker(ctx context.Context, t tree.Tree) *checker {
	return &checker{
		Validator: v, ctx: ctx, t: t,
		stack: []*xpath.Node{xpath.Root(t)},
		infos: []*info{v.root},
	}
}

// done reports whether the validation has to end: enough errors, or canceled.
func (c *checker) done() bool {
	if c.steps++; c.steps&1023 == 0 && c.stopped == nil {
		c.stopped = c.ctx.Err()
	}
	return c.stopped != nil || len(c.errs) >= maxErrors
}

func (c *checker) result() error {
	if c.stopped != nil {
		return c.stopped
	}
	// What is wrong within a node that must not be there says nothing.
	if len(c.unwanted) > 0 {
		c.errs = slices.DeleteFunc(c.errs, func(e *fault.Error) bool {
			return slices.ContainsFunc(c.unwanted, func(p path.Path) bool {
				return len(e.Path) > len(p) && e.Path.HasPrefix(p)
			})
		})
	}
	if len(c.errs) == 0 {
		return nil
	}
	return c.errs
}

// report keeps an error, once: a node that is new may also depend on a change.
func (c *checker) report(e *fault.Error) {
	if len(c.errs) >= maxErrors {
		return
	}
	key := string(e.Tag) + e.Error()
	if _, dup := c.reported[key]; dup {
		return
	}
	if c.reported == nil {
		c.reported = map[string]struct{}{}
	}
	c.reported[key] = struct{}{}
	c.errs = append(c.errs, e)
}
