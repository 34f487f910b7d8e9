package netconf

import (
	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/codec/xmlcodec"
	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// parseConfig reads the children of the current element, <config>, into edits
// with op as the default operation (RFC 6241 §7.2).
//
// Elements that have an operation or a place of their own are cut out of the
// configuration and become edits of their own, so that a plain merge of a large
// one is a single edit. What is cut out of
//
//   - merge comes after it, in document order: it makes what the piece stands in;
//   - replace and create comes after it too, as a merge, for there is nothing
//     left that it could be merged with or replace. Whether something exists is
//     asked before it, though: create and delete speak of what the datastore
//     holds;
//   - none stands alone, after the demand that each instance on the way exists.
func (c *call) parseConfig(r *xmlcodec.Reader, op agent.Op) ([]agent.Edit, error) {
	s := c.srv.schema
	root, pieces, err := xmlcodec.DecodeChildren(r, s.Root, xmlcodec.DecodeOptions{Schema: s, Hook: cutting, Config: true})
	if err != nil {
		return nil, err
	}
	plan := editPlan{schema: s}
	switch op {
	case agent.Replace:
		if root == nil {
			root = tree.New(s).Root()
		}
		plan.edits = append(plan.edits, agent.Edit{Op: op, Node: root})
	case agent.None:
		plan.demand(root, nil)
	default:
		if root != nil && root.Len() > 0 {
			plan.edits = append(plan.edits, agent.Edit{Op: op, Node: root})
		}
	}
	plan.around = []region{{op: op}}
	for i := range pieces {
		if err := plan.piece(&pieces[i]); err != nil {
			return nil, err
		}
	}
	return append(plan.checks, plan.edits...), nil
}

// cutting says what becomes of an element of <config> that has attributes. What
// they mean, and whether they are right, is looked at in its turn.
func cutting(def *schema.Node, e *xmlcodec.Element) (xmlcodec.Action, error) {
	word, ok := operationAttribute(e.Attrs)
	op := agent.Merge
	if ok {
		if op, ok = editOperation(word); !ok {
			return 0, fault.New(fault.BadAttribute, nil, "%q is no operation: there are merge, replace, create, delete and remove", word).
				WithInfo("bad-attribute", "operation").WithInfo("bad-element", e.Local)
		}
	}
	switch {
	case def.IsKey() && op == agent.Merge:
		return xmlcodec.Keep, nil
	case def.IsKey():
		return 0, fault.New(fault.BadAttribute, nil, "a key is what its entry is; put the operation on the entry").
			WithInfo("bad-attribute", "operation").WithInfo("bad-element", e.Local)
	case op == agent.Delete || op == agent.Remove:
		return xmlcodec.CutName, nil
	}
	return xmlcodec.Cut, nil
}

// editPlan orders edits.
type editPlan struct {
	schema *schema.Schema
	// checks are edits whose only purpose is to fail where they must; what they
	// do is undone, or done again, by edits, which come after them.
	checks, edits []agent.Edit
	around        []region // the pieces around the current one, outermost first
}

// region is an element with an operation of its own, or <config> itself.
type region struct {
	op   agent.Op
	path path.Path
}

// piece adds the edits of one piece.
func (p *editPlan) piece(piece *xmlcodec.Piece) error {
	a, err := p.attributes(piece)
	if err != nil {
		return err
	}
	for len(p.around) > 1 && !piece.Path.HasPrefix(p.around[len(p.around)-1].path) {
		p.around = p.around[:len(p.around)-1]
	}
	outer := p.around[len(p.around)-1].op
	op := outer
	if a.operation {
		op = a.op
	}
	e := agent.Edit{Op: op, Path: piece.Path, Node: piece.Node, Insert: a.insert}
	if piece.Def.Kind == schema.LeafList {
		e.Node = nil // the path has the value
	}
	whole := outer == agent.Replace || outer == agent.Create
	switch {
	case a.unset:
		e = agent.Edit{Op: agent.Remove, Path: piece.Path}
	case whole && (op == agent.Create && outer != op || op == agent.Delete):
		check := e
		check.Insert = nil
		p.checks = append(p.checks, check)
	}
	p.around = append(p.around, region{op, piece.Path})
	switch {
	case op == agent.None: // cut out only for its place
		return bad(piece, fault.BadAttribute, "insert", "insert goes with create, merge and replace, not with none")
	case !whole, a.unset:
		p.edits = append(p.edits, e)
	case op != agent.Delete && op != agent.Remove:
		p.around[len(p.around)-1].op = outer
		e.Op = agent.Merge
		if piece.Def.Kind == schema.Container && e.Node == nil && !piece.Def.Presence {
			return nil
		}
		p.edits = append(p.edits, e)
	}
	return nil
}

// demand adds the demand that everything in n exists.
func (p *editPlan) demand(n *tree.Node, at path.Path) {
	if n == nil {
		return
	}
	for c := range n.Children() {
		def := c.Schema()
		switch {
		case def.IsKey():
		case def.Kind == schema.List:
			for e := range c.Entries() {
				p.exists(at.Child(e.Elem()))
				p.demand(e, at.Child(e.Elem()))
			}
		case def.Kind == schema.LeafList:
			for _, v := range c.Values() {
				p.exists(at.Child(def.Elem(v.Text)))
			}
		default:
			p.exists(at.Child(def.Elem()))
			p.demand(c, at.Child(def.Elem()))
		}
	}
}

func (p *editPlan) exists(at path.Path) {
	p.edits = append(p.edits, agent.Edit{Op: agent.None, Path: at})
}
