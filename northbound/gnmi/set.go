package gnmi

import (
	"context"
	"fmt"
	"slices"
	"time"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	gpbext "github.com/openconfig/gnmi/proto/gnmi_ext"
	"google.golang.org/grpc/codes"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// Set implements gNMI: one transaction, deletes first, then replaces, then
// updates (specification §3.4).
func (s *Server) Set(ctx context.Context, req *gpb.SetRequest) (*gpb.SetResponse, error) {
	ext, err := readSetExtensions(req.GetExtension())
	if err != nil {
		return nil, err
	}
	done, err := s.masters.admit(ctx, ext.master)
	if err != nil {
		return nil, err
	}
	defer done()
	edits, results, err := s.edits(req)
	if err != nil {
		return nil, err
	}
	if len(edits) > 0 || ext.commit != nil {
		if err := s.commit(ctx, edits, ext.commit); err != nil {
			return nil, err
		}
	}
	return &gpb.SetResponse{Prefix: req.GetPrefix(), Response: results, Timestamp: time.Now().UnixNano()}, nil
}

// commit carries out the edits, and the action of the commit extension.
func (s *Server) commit(ctx context.Context, edits []agent.Edit, action *gpbext.Commit) error {
	session, err := s.agent.Open(agent.SessionOptions{User: user(ctx), Protocol: "gnmi", Remote: remote(ctx)})
	if err != nil {
		return statusOf(err)
	}
	defer session.Close()
	if action != nil {
		return s.confirmed(ctx, session, edits, action)
	}
	_, err = s.agent.Commit(ctx, agent.Request{Session: session, Target: agent.Running, Edits: edits})
	return s.waiting(err, "")
}

// edits translates the operations of a request, in the order in which they are
// carried out, which is also that of the results.
func (s *Server) edits(req *gpb.SetRequest) ([]agent.Edit, []*gpb.UpdateResult, error) {
	plain := len(req.GetDelete()) + len(req.GetReplace()) + len(req.GetUpdate())
	union := len(req.GetUnionReplace())
	switch {
	case plain > 0 && union > 0:
		return nil, nil, invalidf("union_replace stands for the whole of what it replaces; it cannot be mixed with delete, replace or update")
	case plain+union > s.limits.MaxPaths:
		return nil, nil, failf(codes.ResourceExhausted, fault.TooBig, nil, "the request has %d operations; the limit is %d", plain+union, s.limits.MaxPaths)
	}
	x := &setter{Server: s, bind: binder{index: s.index, limits: &s.limits, prefix: req.GetPrefix(), unknown: codes.NotFound}}
	if union > 0 {
		if err := x.union(req.GetUnionReplace()); err != nil {
			return nil, nil, err
		}
		return x.edits, x.results, nil
	}
	for i, p := range req.GetDelete() {
		if err := x.delete(p); err != nil {
			return nil, nil, within(fmt.Sprintf("delete %d", i+1), err)
		}
		x.done(p, gpb.UpdateResult_DELETE)
	}
	for i, u := range req.GetReplace() {
		if err := x.write(agent.Replace, u); err != nil {
			return nil, nil, within(fmt.Sprintf("replace %d", i+1), err)
		}
		x.done(u.GetPath(), gpb.UpdateResult_REPLACE)
	}
	for i, u := range req.GetUpdate() {
		if err := x.write(agent.Merge, u); err != nil {
			return nil, nil, within(fmt.Sprintf("update %d", i+1), err)
		}
		x.done(u.GetPath(), gpb.UpdateResult_UPDATE)
	}
	return x.edits, x.results, nil
}

// setter collects the edits of one request.
type setter struct {
	*Server
	bind    binder
	edits   []agent.Edit
	results []*gpb.UpdateResult
}

func (x *setter) edit(op agent.Op, p path.Path, n *tree.Node) {
	x.edits = append(x.edits, agent.Edit{Op: op, Path: p, Node: n})
}

func (x *setter) done(p *gpb.Path, op gpb.UpdateResult_Operation) {
	x.results = append(x.results, &gpb.UpdateResult{Path: p, Op: op})
}

// delete removes what a path names; wildcards are expanded on what is configured
// now. What is not there is no error.
func (x *setter) delete(p *gpb.Path) error {
	sel, err := x.bind.bind(p)
	if err != nil {
		return err
	}
	var refused *schema.Node
	config := 0
	for i := range sel.targets {
		t := &sel.targets[i]
		n := t.node(x.index.schema)
		if !n.Config || n.IsKey() {
			refused = n
			continue
		}
		config++
		if at, one := t.concrete(); one {
			x.edit(agent.Remove, at, nil)
			continue
		}
		w := walker{index: x.index}
		w.instances(x.agent.Snapshot().Running.Root(), t, 0, func(c *cursor) bool {
			if !c.node.IsDefault() {
				x.edit(agent.Remove, slices.Clone(c.path), nil)
			}
			return true
		})
	}
	switch {
	case refused == nil || config > 0 && sel.wild:
		return nil
	case refused.IsKey():
		return failf(codes.InvalidArgument, fault.InvalidValue, refused.SchemaPath(), "a key cannot be deleted by itself; delete the entry")
	default:
		return errReadOnly(refused)
	}
}

func errReadOnly(n *schema.Node) error {
	return failf(codes.InvalidArgument, fault.InvalidValue, n.SchemaPath(), "it is state (config false) and cannot be set")
}

// write replaces or updates what a path names.
func (x *setter) write(op agent.Op, u *gpb.Update) error {
	at, def, sel, err := x.place(u.GetPath())
	if err != nil {
		return err
	}
	n, err := x.value(op, at, def, sel, u)
	switch {
	case err != nil:
		return err
	case sel.whole && sel.scope.origin != originRFC7951:
		return x.writeOrigin(op, sel, n)
	case def.IsKey():
		return x.writeKey(at, def, n)
	case n == nil && (def.Kind == schema.LeafList || def.Kind == schema.List && len(at.Last().Keys) == 0):
		// An empty list: to merge it changes nothing.
		if op == agent.Replace {
			x.edit(agent.Remove, at, nil)
		}
		return nil
	}
	x.edit(op, at, n)
	return nil
}

// place binds a path that must name one node, or a list as a whole.
func (x *setter) place(p *gpb.Path) (path.Path, *schema.Node, *selector, error) {
	sel, err := x.bind.bind(p)
	if err != nil {
		return nil, nil, nil, err
	}
	if sel.whole {
		return nil, x.index.schema.Root, sel, nil
	}
	if len(sel.targets) != 1 || usesWildcard(x.bind.prefix) || usesWildcard(p) {
		return nil, nil, nil, invalidf("%s has wildcards, which only delete may have", elemsText(p.GetElem()))
	}
	t := &sel.targets[0]
	def := t.node(x.index.schema)
	at, one := t.concrete()
	if !one {
		return nil, nil, nil, failf(codes.InvalidArgument, fault.MissingElement, at,
			"%s leaves out keys, which only delete may do", elemsText(p.GetElem()))
	}
	if !def.Config {
		return nil, nil, nil, errReadOnly(def)
	}
	return at, def, sel, nil
}

// usesWildcard reports whether a path has a wildcard that is written out.
func usesWildcard(p *gpb.Path) bool {
	for _, e := range p.GetElem() {
		if e.GetName() == wildOne || e.GetName() == wildAny {
			return true
		}
		for _, v := range e.GetKey() {
			if v == wildOne {
				return true
			}
		}
	}
	return false
}

// value decodes the value of an operation; nil is a value that says nothing.
func (x *setter) value(op agent.Op, at path.Path, def *schema.Node, sel *selector, u *gpb.Update) (*tree.Node, error) {
	if u.GetValue() != nil { //nolint:staticcheck // refused, because ignoring it would mean no value
		return nil, invalidf("the update uses the field value, which gNMI 0.4.0 replaced by val")
	}
	if u.GetVal().GetValue() == nil {
		return nil, failf(codes.InvalidArgument, fault.MissingElement, at, "there is no value; to remove what is there use delete")
	}
	entry := def.Kind == schema.List && len(at.Last().Keys) > 0
	if op == agent.Replace && entry && emptyObject(u.GetVal()) {
		return nil, failf(codes.InvalidArgument, fault.MissingElement, at,
			"{} would leave an entry without its keys (gNMI specification §3.4.4); to remove it use delete")
	}
	v := u.GetVal()
	if sel.whole {
		v = qualifyRoot(v, sel.scope)
	}
	n, err := x.decode(v, at, def)
	if err != nil {
		return nil, err
	}
	if n == nil && sel.whole {
		n = tree.New(x.index.schema).Root()
	}
	return n, nil
}

// writeKey sets a key leaf to what it must be, which creates the entry.
func (x *setter) writeKey(at path.Path, def *schema.Node, n *tree.Node) error {
	entry := at.Parent()
	if want, _ := entry.Last().Key(def.Name); n.Value().Text != want {
		return failf(codes.InvalidArgument, fault.InvalidValue, at, "the key in the path is %q, the value %q; they must be equal", want, n.Value().Text)
	}
	x.edit(agent.Merge, entry, nil)
	return nil
}

// writeOrigin writes the root of an origin. A replace leaves what belongs to
// other origins alone (specification §2.7.3), except for what the value names.
func (x *setter) writeOrigin(op agent.Op, sel *selector, root *tree.Node) error {
	for c := range root.Children() {
		if sel.scope.origin != "" && !sel.scope.has(c.Schema()) {
			return failf(codes.InvalidArgument, fault.InvalidValue, c.Schema().SchemaPath(),
				"it does not belong to the origin %q of the path", sel.scope.origin)
		}
	}
	if op == agent.Merge {
		x.edit(op, nil, root)
		return nil
	}
	for _, def := range x.index.schema.Root.Data {
		c := root.Child(def)
		switch at := (path.Path{def.Elem()}); {
		case c != nil:
			x.edit(agent.Replace, at, c)
		case def.Config && sel.scope.has(def):
			x.edit(agent.Remove, at, nil)
		}
	}
	if meta := root.Meta(); meta != nil {
		x.edit(agent.Merge, nil, tree.New(x.index.schema).Root().WithMeta(meta))
	}
	return nil
}
