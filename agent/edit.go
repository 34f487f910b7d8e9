package agent

import (
	"slices"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// edited is the target of r after its edits. The faults are those of edits that
// could not be made; there is at most one unless r continues on error.
func edited(snap *Snapshot, r Request) (tree.Tree, fault.Errors) {
	if r.From != 0 {
		return snap.Tree(r.From), nil
	}
	x := snap.Tree(r.Target).Txn()
	var faults fault.Errors
	for _, e := range r.Edits {
		err := e.apply(x)
		if err == nil {
			continue
		}
		faults = append(faults, fault.All(err)...)
		if !r.ContinueOnError {
			break
		}
	}
	return x.Tree(), faults
}

// apply makes one edit, or returns an error and changes nothing.
func (e Edit) apply(x *tree.Txn) error {
	if e.Insert != nil {
		if err := e.checkInsert(x); err != nil {
			return err
		}
	}
	if err := e.operate(x); err != nil {
		return err
	}
	if e.Insert != nil {
		return x.Move(e.insertPath(), *e.Insert)
	}
	return nil
}

// operate is RFC 6241 §7.2's operation attribute.
func (e Edit) operate(x *tree.Txn) error {
	switch e.Op {
	case Merge:
		return e.merge(x)
	case Replace:
		return e.replace(x)
	case Create:
		if p := e.existing(x); p != nil {
			return fault.New(fault.DataExists, p, "it exists already; merge or replace it")
		}
		return e.merge(x)
	case Delete:
		found, err := x.Delete(e.Path)
		if err == nil && !found && len(e.Path) > 0 {
			err = fault.New(fault.DataMissing, e.Path, "there is nothing to delete; remove does not mind")
		}
		return err
	case Remove:
		_, err := x.Delete(e.Path)
		return err
	case None:
		return demand(x, e.Path)
	default:
		return fault.New(fault.OperationNotSupported, e.Path, "there is no edit operation %d", e.Op)
	}
}

func (e Edit) merge(x *tree.Txn) error {
	if p, v, ok, err := e.listedValue(x); ok || err != nil {
		if err != nil {
			return err
		}
		return x.Set(p, v)
	}
	if e.Node == nil {
		return x.Ensure(e.Path)
	}
	return x.Merge(e.Path, e.Node)
}

func (e Edit) replace(x *tree.Txn) error {
	if _, _, ok, err := e.listedValue(x); ok || err != nil {
		return e.merge(x) // a value that is there is equal to its replacement
	}
	if e.Node != nil {
		return x.Replace(e.Path, e.Node)
	}
	if err := x.Ensure(e.Path); err != nil { // before anything goes: it may be refused
		return err
	}
	n := x.Node(e.Path)
	if n == nil {
		return nil
	}
	// Children go one by one, so that an entry keeps its keys and its place.
	var kids []path.Path
	for c := range n.Children() {
		if !c.Schema().IsKey() {
			kids = append(kids, e.Path.Child(c.Schema().Elem()))
		}
	}
	for _, p := range kids {
		if _, err := x.Delete(p); err != nil {
			return err
		}
	}
	return x.Ensure(e.Path)
}

// listedValue reports whether e speaks of one value of a leaf-list,
// /a/b[.='value'], and which.
func (e Edit) listedValue(x *tree.Txn) (path.Path, schema.Value, bool, error) {
	last := e.Path.Last()
	if len(last.Keys) != 1 || last.Keys[0].Name != "." {
		return nil, schema.Value{}, false, nil
	}
	s := x.Tree().Schema()
	def, err := s.Find(e.Path)
	if err != nil || def.Kind != schema.LeafList {
		return nil, schema.Value{}, false, err
	}
	v, err := def.Parse(last.Keys[0].Value, s.ModuleNames())
	if err != nil {
		for _, f := range fault.All(err) {
			f.Path = e.Path
			return nil, schema.Value{}, false, f
		}
	}
	return e.Path, v, true, nil
}

// existing is the path of what Create finds in its way, or nil. A value that was
// set to its default explicitly exists; a default in use does not.
func (e Edit) existing(x *tree.Txn) path.Path {
	n := x.Node(e.Path)
	if n == nil || len(e.Path) == 0 && n.Len() == 0 {
		return nil
	}
	last := e.Path.Last()
	if len(last.Keys) > 0 || e.Node == nil {
		return e.Path
	}
	switch n.Schema().Kind { // a list as a whole: of its entries, none may exist
	case schema.List:
		for c := range e.Node.Entries() {
			if n.Entry(c.Keys()...) != nil {
				return e.Path.Parent().Child(c.Elem())
			}
		}
		return nil
	case schema.LeafList:
		for _, v := range e.Node.Values() {
			if hasValue(n, v.Text) {
				return valuePath(e.Path, v.Text)
			}
		}
		return nil
	}
	return e.Path
}

// demand refuses with data-missing when p does not exist. A container without
// presence exists where its parent does (RFC 7950 §7.5.1), and so does a list.
func demand(x *tree.Txn, p path.Path) error {
	if x.Node(p) != nil {
		return nil
	}
	s := x.Tree().Schema()
	for q := p; len(q) > 0; q = q.Parent() {
		def, err := s.Find(q)
		if err != nil {
			return err
		}
		implied := def.Kind == schema.Container && !def.Presence || def.Kind == schema.List && len(q.Last().Keys) == 0
		if x.Node(q) != nil {
			return nil
		}
		if !implied {
			return fault.New(fault.DataMissing, q, "it does not exist, and the operation none does not create it")
		}
	}
	return nil
}

// insertPath is the path of the entry or value that Insert places.
func (e Edit) insertPath() path.Path {
	if e.Node != nil && e.Node.Schema().Kind == schema.LeafList && e.Node.Len() == 1 && len(e.Path.Last().Keys) == 0 {
		return valuePath(e.Path, e.Node.Values()[0].Text)
	}
	return e.Path
}

// checkInsert refuses what Move would refuse, before the edit is made.
func (e Edit) checkInsert(x *tree.Txn) error {
	p := e.insertPath()
	def, err := x.Tree().Schema().Find(p)
	if err != nil {
		return err
	}
	switch {
	case def.Kind != schema.List && def.Kind != schema.LeafList || !def.UserOrdered || !def.Config:
		return fault.New(fault.BadAttribute, p, "its place cannot be chosen: it is not ordered-by user").
			WithInfo("bad-attribute", "insert")
	case e.Op == Delete || e.Op == Remove || e.Op == None:
		return fault.New(fault.BadAttribute, p, "insert goes with create, merge and replace, not with %s", e.Op).
			WithInfo("bad-attribute", "insert")
	case len(p.Last().Keys) == 0:
		return fault.New(fault.BadAttribute, p, "insert places one entry, but the edit is of the whole list").
			WithInfo("bad-attribute", "insert")
	case e.Insert.Where != tree.Before && e.Insert.Where != tree.After:
		return nil
	}
	whole := x.Node(p.Parent().Child(def.Elem()))
	switch {
	case whole == nil:
	case def.Kind == schema.List && whole.Entry(e.Insert.Point...) != nil:
		return nil
	case def.Kind == schema.LeafList && len(e.Insert.Point) == 1 && hasValue(whole, e.Insert.Point[0]):
		return nil
	}
	return fault.New(fault.BadAttribute, p, "the entry %q that it shall stand before or after does not exist", e.Insert.Point).
		WithAppTag(fault.MissingInstance).WithInfo("bad-attribute", map[bool]string{true: "key", false: "value"}[def.Kind == schema.List])
}

func valuePath(leafList path.Path, text string) path.Path {
	e := leafList.Last()
	e.Keys = []path.Key{{Name: ".", Value: text}}
	return leafList.Parent().Child(e)
}

func hasValue(leafList *tree.Node, text string) bool {
	return slices.ContainsFunc(leafList.Values(), func(v schema.Value) bool { return v.Text == text })
}
