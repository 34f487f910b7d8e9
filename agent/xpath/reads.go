package xpath

import (
	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// Read is a schema node that an expression depends on: when an instance of it
// comes, goes or changes, the result may change.
//
// The context nodes for which it may are those below the instance of Common that
// is above the changed instance. Common is an ancestor of both, or one of them;
// the root for absolute paths.
type Read struct {
	Node, Common *schema.Node
}

// Reads returns what x depends on, each pair once. A node that is read for its
// existence only is there as well as one whose value counts; of a container
// whose text counts, so are all nodes below it.
func (x *Expr) Reads() []Read { return x.reads }

// place is a schema node that an expression may reach, and the highest node that
// was passed on the way.
type place struct {
	def, via *schema.Node
}

// maxPlaces bounds the analysis of expressions like //*[..//*]//*.
const maxPlaces = 2_000_000

// analysis follows an expression through the schema.
type analysis struct {
	x       *Expr
	root    *schema.Node
	current []place
	seen    map[place]struct{}
	reads   []Read
	depth   int
	places  int     // how many were looked at
	pruned  []*step // those whose within was filled
}

// analyse returns what x reads, and fills in what its evaluation may leave out.
// Ok is false where that is too much work.
func analyse(x *Expr) (reads []Read, ok bool) {
	root := x.ctx
	for root.DataParent != nil {
		root = root.DataParent
	}
	a := &analysis{x: x, root: root, seen: map[place]struct{}{}}
	a.current = []place{{x.ctx, x.ctx}}
	a.value(x.root, a.current)
	if a.exhausted() {
		for _, s := range a.pruned {
			s.within = nil
		}
		return nil, false
	}
	return a.reads, true
}

func (a *analysis) exhausted() bool { return a.places > maxPlaces }

// read records that instances of p count. A default in a case is in use
// depending on the nodes of the other cases (RFC 7950 §7.9.3), so those count
// too.
func (a *analysis) read(p place) {
	if !a.add(p) {
		return
	}
	a.whens(p)
	top := (*schema.Node)(nil)
	for n := p.def.Parent; n != nil && n != p.def.DataParent; n = n.Parent {
		if n.Kind == schema.Choice {
			top = n
		}
	}
	if top != nil && len(top.Children) > 0 {
		for _, d := range p.def.DataParent.Data {
			if below(d, top) {
				a.add(place{d, p.via})
			}
		}
	}
}

func below(d, top *schema.Node) bool {
	for n := d.Parent; n != nil && n != d.DataParent; n = n.Parent {
		if n == top {
			return true
		}
	}
	return false
}

func (a *analysis) add(p place) bool {
	if _, dup := a.seen[p]; dup {
		return false
	}
	a.places++
	a.seen[p] = struct{}{}
	a.reads = append(a.reads, Read{p.def, p.via})
	return true
}

// value analyses an expression whose value counts, text and all.
func (a *analysis) value(x expr, at []place) {
	for _, p := range x.analyse(a, at) {
		a.read(p)
		a.text(p)
	}
}

// text records everything below p.
func (a *analysis) text(p place) {
	for _, c := range p.def.Data {
		q := place{c, p.via}
		if _, dup := a.seen[q]; dup && len(c.Data) == 0 {
			continue
		}
		a.read(q)
		if a.places++; a.exhausted() {
			return
		}
		a.text(q)
	}
}

func (x *binaryExpr) analyse(a *analysis, at []place) []place {
	for _, side := range []expr{x.left, x.right} {
		if x.op == tokAnd || x.op == tokOr {
			side.analyse(a, at)
		} else {
			a.value(side, at)
		}
	}
	return nil
}

func (x *negateExpr) analyse(a *analysis, at []place) []place {
	a.value(x.x, at)
	return nil
}

func (x *unionExpr) analyse(a *analysis, at []place) []place {
	var out []place
	for _, p := range x.parts {
		out = append(out, p.analyse(a, at)...)
	}
	return unique(out)
}

func (x *callExpr) analyse(a *analysis, at []place) []place {
	if x.f.name == "current" {
		return a.current
	}
	if len(x.args) == 0 && x.f.max == 1 && !x.f.existence { // of the context node
		for _, p := range at {
			a.read(p)
			a.text(p)
		}
	}
	var sets []place
	for i, arg := range x.args {
		if x.f.name == "deref" {
			sets = arg.analyse(a, at)
		} else if x.f.existence && i == 0 {
			arg.analyse(a, at)
		} else {
			a.value(arg, at)
		}
	}
	if x.f.name != "deref" {
		return nil
	}
	return a.deref(sets)
}

// deref finds where leafrefs lead to. An instance-identifier may lead anywhere:
// then the whole tree counts.
func (a *analysis) deref(from []place) []place {
	var out []place
	if a.depth++; a.depth > maxDerefs {
		return nil
	}
	defer func() { a.depth-- }()
	for _, p := range from {
		a.read(p)
		if p.def.Type == nil {
			continue
		}
		for _, t := range leafrefs(p.def.Type, nil) {
			path, err := a.x.leafref(t, p.def)
			if err != nil {
				continue
			}
			outer := a.current
			a.current = []place{p}
			out = append(out, path.root.analyse(a, []place{p})...)
			a.current = outer
		}
		if hasInstanceIdentifier(p.def.Type) {
			everything := place{a.root, a.root}
			a.text(everything)
			out = append(out, a.descendants(everything, func(*schema.Node) bool { return true })...)
		}
	}
	return unique(out)
}

func hasInstanceIdentifier(t *schema.Type) bool {
	if t.Kind == schema.InstanceIdentifier {
		return true
	}
	for _, m := range t.Members {
		if hasInstanceIdentifier(m) {
			return true
		}
	}
	return false
}

func (x *pathExpr) analyse(a *analysis, at []place) []place {
	switch {
	case x.start != nil:
		at = x.start.analyse(a, at)
		for _, f := range x.filters {
			f.analyse(a, at)
		}
	case x.absolute:
		at = []place{{a.root, a.root}}
	}
	for i := range x.steps {
		s := &x.steps[i]
		at = unique(a.along(s, at))
		for _, p := range at {
			a.read(p)
		}
		for _, pred := range s.preds {
			pred.analyse(a, at)
		}
	}
	return at
}

// along applies a step to places.
func (a *analysis) along(s *step, at []place) []place {
	var out []place
	match := func(d *schema.Node) bool {
		switch s.test {
		case namedNode:
			return s.name.matches(d)
		case noNode:
			return false
		}
		return true
	}
	keep := func(p place) {
		if match(p.def) {
			out = append(out, p)
		}
	}
	if s.axis == axisDescendant || s.axis == axisDescendantOrSelf {
		a.pruned = append(a.pruned, s)
	}
	for _, p := range at {
		if a.exhausted() {
			return nil
		}
		switch s.axis {
		case axisChild:
			if s.test == namedNode {
				s.name.defs(p.def, func(d *schema.Node) bool { out = append(out, place{d, p.via}); return true })
				continue
			}
			if s.test == textNode {
				out = append(out, p)
				continue
			}
			for _, d := range p.def.Data {
				keep(place{d, p.via})
			}
			out = append(out, p) // its text node
		case axisSelf:
			keep(p)
		case axisParent:
			if q, ok := p.up(); ok {
				keep(q)
			}
		case axisAncestor, axisAncestorOrSelf:
			if s.axis == axisAncestorOrSelf {
				keep(p)
			}
			for q, ok := p.up(); ok; q, ok = q.up() {
				keep(q)
			}
		case axisDescendant, axisDescendantOrSelf:
			if s.axis == axisDescendantOrSelf {
				keep(p)
			}
			out = append(out, a.descendants(p, match)...)
			a.prune(s, p.def)
		case axisFollowingSibling, axisPrecedingSibling:
			if q, ok := p.up(); ok {
				for _, d := range q.def.Data {
					keep(place{d, q.via})
				}
			}
		case axisFollowing, axisPreceding:
			return append(out, a.descendants(place{a.root, a.root}, match)...)
		}
	}
	return out
}

func (p place) up() (place, bool) {
	q := place{p.def.DataParent, p.via}
	if p.def == p.via {
		q.via = q.def
	}
	return q, q.def != nil
}

func (a *analysis) descendants(p place, match func(*schema.Node) bool) []place {
	var out []place
	for _, d := range p.def.Data {
		if a.places++; a.exhausted() {
			return nil
		}
		if q := (place{d, p.via}); match(d) {
			out = append(out, q)
		}
		out = append(out, a.descendants(place{d, p.via}, match)...)
	}
	return out
}

// prune notes which schema nodes below def lead to one that s looks for, so that
// an evaluation enters no others.
func (a *analysis) prune(s *step, def *schema.Node) bool {
	if s.test != namedNode {
		return true
	}
	if s.within == nil {
		s.within = map[*schema.Node]bool{}
	}
	leads := false
	for _, d := range def.Data {
		a.places++
		if a.prune(s, d) || s.name.matches(d) {
			s.within[d] = true
			leads = true
		}
	}
	return leads
}

func unique(ps []place) []place {
	if len(ps) < 2 {
		return ps
	}
	seen := make(map[place]struct{}, len(ps))
	out := ps[:0:0]
	for _, p := range ps {
		if _, dup := seen[p]; !dup {
			seen[p] = struct{}{}
			out = append(out, p)
		}
	}
	return out
}
