package gnmi

import (
	"fmt"
	"slices"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"google.golang.org/grpc/codes"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// union carries out union_replace operations (gNMI union_replace §5.3.2): the
// values are joined, and the union replaces what is configured at each of the
// paths. Two values for one leaf are an error. That the models of two origins
// contradict each other is for the commit to find.
func (x *setter) union(ops []*gpb.Update) error {
	join := tree.New(x.index.schema).Txn()
	var places []path.Path
	for i, u := range ops {
		at, err := x.join(join, u)
		if err != nil {
			return within(fmt.Sprintf("union_replace %d", i+1), err)
		}
		places = append(places, at...)
		x.done(u.GetPath(), gpb.UpdateResult_UNION_REPLACE)
	}
	// What is below another place is replaced with it.
	slices.SortStableFunc(places, func(a, b path.Path) int { return len(a) - len(b) })
	union := join.Tree()
	for i, p := range places {
		if covered(places[:i], p) {
			continue
		}
		if n := union.Node(p); n != nil {
			x.edit(agent.Replace, p, n)
		} else {
			x.edit(agent.Remove, p, nil)
		}
	}
	return nil
}

// join merges one operation's value into the union and returns what it replaces.
func (x *setter) join(union *tree.Txn, u *gpb.Update) ([]path.Path, error) {
	at, def, sel, err := x.place(u.GetPath())
	if err != nil {
		return nil, err
	}
	if def.IsKey() {
		return nil, failf(codes.InvalidArgument, fault.InvalidValue, at, "a key alone cannot be replaced; name the entry")
	}
	n, err := x.value(agent.Replace, at, def, sel, u)
	if err != nil {
		return nil, err
	}
	if n != nil {
		if err := conflict(at, union.Node(at), n); err != nil {
			return nil, err
		}
		if err := union.Merge(at, n); err != nil {
			return nil, statusAs(codes.InvalidArgument, err)
		}
	}
	if !sel.whole || sel.scope.origin == originRFC7951 {
		return []path.Path{at}, nil
	}
	// The root of an origin is its top-level nodes, and what the value names.
	var places []path.Path
	for _, top := range x.index.schema.Root.Data {
		if top.Config && sel.scope.has(top) || n.Child(top) != nil {
			places = append(places, path.Path{top.Elem()})
		}
	}
	return places, nil
}

// conflict reports a leaf that has different values in a and b.
func conflict(p path.Path, a, b *tree.Node) error {
	if a == nil || b == nil || a == b {
		return nil
	}
	switch def := a.Schema(); {
	case def.Kind == schema.LeafList:
		return nil // their union is the union of the values
	case single(def):
		if sameValue(a, b) {
			return nil
		}
		return failf(codes.InvalidArgument, fault.InvalidValue, p, "two operations give it different values: %q and %q", a.Value().Text, b.Value().Text)
	case def.Kind == schema.List && !a.IsEntry():
		for e := range b.Entries() {
			if err := conflict(p.Parent().Child(e.Elem()), a.Entry(e.Keys()...), e); err != nil {
				return err
			}
		}
		return nil
	}
	for c := range b.Children() {
		if err := conflict(p.Child(c.Schema().Elem()), a.Child(c.Schema()), c); err != nil {
			return err
		}
	}
	return nil
}
