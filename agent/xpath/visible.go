package xpath

import (
	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// A default, or a container without presence, is not in the accessible tree
// where a when on it, or on the choice or case around it, is false (RFC 7950
// §6.4.1, §7.6.1). What is explicit is there, and has to be gone before a
// validation ends.

// maxWhens bounds whens that look at defaults which depend on whens in turn.
const maxWhens = 8

// childOf is n's child by def, explicit or a default in use.
func (e *evaluation) childOf(n *Node, def *schema.Node) *tree.Node {
	c := n.inst.ChildOrDefault(def)
	if c != nil && c.IsDefault() && conditional(def) && !e.visible(n, def) {
		return nil
	}
	return c
}

// conditional reports whether def has a when, or stands in a choice that does.
func conditional(def *schema.Node) bool {
	for n := def; n != nil && n != def.DataParent; n = n.Parent {
		if len(n.Whens) > 0 {
			return true
		}
	}
	return false
}

// visible evaluates the whens of def for an instance below n.
func (e *evaluation) visible(n *Node, def *schema.Node) bool {
	if e.depth++; e.depth > maxWhens {
		e.err = fault.New(fault.ResourceDenied, nil, "XPath %.80q: whens of defaults depend on each other", e.x.text)
		return false
	}
	defer func() { e.depth-- }()
	for s := def; s != nil && s != def.DataParent; s = s.Parent {
		for k := range s.Whens {
			w := &s.Whens[k]
			x, onParent, err := e.x.when(def, s, w)
			if err != nil {
				e.err = err
				return false
			}
			at := n
			if !onParent {
				at = n.Imagine(def)
			}
			inner := evaluation{x: x, tree: e.tree, current: at, visits: e.visits, depth: e.depth}
			holds := x.root.eval(&context{evaluation: &inner, node: at, position: 1, size: 1}).Bool()
			e.visits = inner.visits
			if e.err = inner.err; e.err != nil || !holds {
				return false
			}
		}
	}
	return true
}

// when compiles a when of s, which is def or a choice or case around it, once.
func (x *Expr) when(def, s *schema.Node, w *schema.When) (when *Expr, onParent bool, err error) {
	onParent = s != def || w.OnParent
	if c, ok := x.others.Load(w); ok {
		return c.(*Expr), onParent, nil
	}
	ctx := def
	if onParent {
		ctx = def.DataParent
	}
	when, err = compile(w.Text, newNames(w.Lexical, ctx), ctx)
	if err != nil {
		return nil, onParent, err
	}
	kept, _ := x.others.LoadOrStore(w, when)
	return kept.(*Expr), onParent, nil
}

// whens records what decides whether a default at p is visible.
func (a *analysis) whens(p place) {
	def := p.def
	if len(def.Defaults) == 0 && (def.Kind != schema.Container || def.Presence) || !conditional(def) {
		return
	}
	if a.depth++; a.depth > maxWhens {
		return
	}
	defer func() { a.depth-- }()
	for s := def; s != nil && s != def.DataParent; s = s.Parent {
		for k := range s.Whens {
			x, onParent, err := a.x.when(def, s, &s.Whens[k])
			if err != nil {
				continue
			}
			at := p
			if onParent {
				at, _ = p.up()
			}
			outer := a.current
			a.current = []place{at}
			a.value(x.root, a.current)
			a.current = outer
		}
	}
}
