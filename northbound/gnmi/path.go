package gnmi

import (
	"maps"
	"slices"
	"strings"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"google.golang.org/grpc/codes"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// Wildcards of the gNMI path conventions: one element (or one key value), and
// any number of elements.
const (
	wildOne = "*"
	wildAny = "..."
)

// binder binds the paths of one request.
type binder struct {
	index  *index
	limits *Limits
	prefix *gpb.Path
	// unknown is the code for a path that the schema does not have: NOT_FOUND in
	// a Set, UNIMPLEMENTED in Get and Subscribe.
	unknown codes.Code
	targets int // of all paths so far
}

// bind binds prefix and path together.
func (b *binder) bind(p *gpb.Path) (*selector, error) {
	s := &selector{index: b.index}
	origin := b.prefix.GetOrigin()
	if po := p.GetOrigin(); po != "" {
		if origin != "" {
			return nil, invalidf("origin stands both in the prefix (%q) and in the path (%q); only one of them may have it", origin, po)
		}
		origin, s.origin = po, po
	}
	if t := p.GetTarget(); t != "" {
		return nil, invalidf("target %q stands in a path; it may stand in the prefix only", t)
	}
	if len(p.GetElement())+len(b.prefix.GetElement()) > 0 { //nolint:staticcheck // refused, because ignoring it would mean the root
		return nil, invalidf("the path uses the field element, which gNMI 0.4.0 replaced by elem")
	}
	var err error
	if s.scope, err = scopeOf(b.index.schema, origin); err != nil {
		return nil, err
	}
	elems := slices.Concat(b.prefix.GetElem(), p.GetElem())
	s.elems, s.whole = elems, len(elems) == 0
	frontier := []target{{}}
	for i, e := range elems {
		if frontier, err = b.step(s, frontier, elems[:i], e); err != nil {
			return nil, err
		}
		if len(frontier) > b.limits.MaxBranches {
			return nil, failf(codes.ResourceExhausted, fault.TooBig, nil,
				"the wildcards of %s stand for more than %d nodes of the schema; be more specific", elemsText(elems), b.limits.MaxBranches)
		}
	}
	if b.targets += len(frontier); b.targets > b.limits.MaxTargets {
		return nil, failf(codes.ResourceExhausted, fault.TooBig, nil,
			"the paths of the request stand for more than %d nodes of the schema; ask for less at a time, or for what is above", b.limits.MaxTargets)
	}
	s.targets = b.settle(s, frontier)
	return s, nil
}

// settle turns the root of a partial origin into its top-level nodes, and drops
// what is covered twice.
func (b *binder) settle(s *selector, frontier []target) []target {
	var all []target
	for _, t := range frontier {
		if len(t.nodes) > 0 || s.scope.origin == originRFC7951 {
			all = append(all, t)
			continue
		}
		s.wild = true
		for _, n := range s.scope.roots() {
			all = append(all, t.with(n, nil, nil))
		}
	}
	if len(all) < 2 {
		return all
	}
	// Shorter ones first: only they can cover others.
	slices.SortStableFunc(all, func(x, y target) int { return len(x.nodes) - len(y.nodes) })
	var out []target
	for i := range all {
		if !slices.ContainsFunc(out, func(t target) bool { return t.covers(&all[i]) }) {
			out = append(out, all[i])
		}
	}
	return out
}

// step extends every target of the frontier by one element.
func (b *binder) step(s *selector, frontier []target, before []*gpb.PathElem, e *gpb.PathElem) ([]target, error) {
	name := e.GetName()
	switch name {
	case "":
		return nil, invalidf("element %d of %s has no name", len(before)+1, elemsText(append(before[:len(before):len(before)], e)))
	case wildAny:
		s.wild = true
		if len(e.GetKey()) > 0 {
			return nil, invalidf("the wildcard ... after %s has keys; it stands for elements of any name", elemsText(before))
		}
		return b.descend(s, frontier)
	case wildOne:
		s.wild = true
		return b.fanOut(s, frontier, before, e)
	}
	prefix, local, qualified := strings.Cut(name, ":")
	if !qualified {
		prefix, local = "", name
	} else {
		m := b.module(prefix)
		if m == nil {
			return nil, failf(b.unknown, fault.UnknownNamespace, nil, "element %q after %s: no module %q is served", name, elemsText(before), prefix)
		}
		prefix = m.Name
	}
	var out []target
	var firstErr error
	for _, t := range frontier {
		n := b.child(s, &t, prefix, local)
		if n == nil {
			continue
		}
		next, err := b.extend(s, t, n, before, e)
		if err != nil {
			if firstErr == nil {
				firstErr = err
			}
			continue
		}
		if len(t.nodes) == 0 && qualified {
			s.qualified = true
		}
		out = append(out, next)
	}
	switch {
	case out != nil:
		return out, nil
	case firstErr != nil:
		return nil, firstErr
	default:
		return nil, b.noChild(s, frontier, before, prefix, local)
	}
}

// module finds a module by its name or, where that is unique, its prefix.
func (b *binder) module(name string) *schema.Module {
	if m := b.index.schema.Module(name); m != nil {
		return m
	}
	var found *schema.Module
	for _, m := range b.index.schema.Modules {
		if m.Implemented && m.Prefix == name {
			if found != nil {
				return nil
			}
			found = m
		}
	}
	return found
}

func (b *binder) child(s *selector, t *target, module, name string) *schema.Node {
	if len(t.nodes) == 0 {
		return s.scope.root(module, name)
	}
	return t.node(b.index.schema).Child(module, name)
}

// children are the data nodes that any name matches.
func (b *binder) children(s *selector, t *target) []*schema.Node {
	if len(t.nodes) == 0 {
		return s.scope.roots()
	}
	return t.node(b.index.schema).Data
}

// fanOut is the wildcard for one element. Keys select the lists that have them.
func (b *binder) fanOut(s *selector, frontier []target, before []*gpb.PathElem, e *gpb.PathElem) ([]target, error) {
	var out []target
	for _, t := range frontier {
		for _, n := range b.children(s, &t) {
			if next, err := b.extend(s, t, n, before, e); err == nil {
				out = append(out, next)
			}
		}
	}
	if out == nil {
		return nil, failf(b.unknown, fault.UnknownElement, nil, "the wildcard * after %s matches nothing of the schema", elemsText(before))
	}
	return out, nil
}

// descend is the wildcard for any number of elements, none included.
func (b *binder) descend(s *selector, frontier []target) ([]target, error) {
	out := slices.Clone(frontier)
	for i := 0; i < len(out); i++ {
		for _, n := range b.children(s, &out[i]) {
			if n.Kind == schema.Container || n.Kind == schema.List && len(n.Keys) > 0 {
				out = append(out, out[i].with(n, nil, nil))
			}
		}
		if len(out) > b.limits.MaxBranches {
			return nil, failf(codes.ResourceExhausted, fault.TooBig, nil,
				"the wildcard ... stands for more than %d nodes of the schema; be more specific", b.limits.MaxBranches)
		}
	}
	return out, nil
}

// extend makes the step from t to its child n with the keys of e.
func (b *binder) extend(s *selector, t target, n *schema.Node, before []*gpb.PathElem, e *gpb.PathElem) (target, error) {
	if len(t.nodes) > 0 {
		if last := t.node(b.index.schema); last.Kind == schema.List && len(last.Keys) == 0 {
			return t, failf(codes.InvalidArgument, fault.BadElement, last.SchemaPath(),
				"the list has no keys, so nothing below it has a path; ask for the list")
		}
	}
	if n.Kind != schema.List {
		if len(e.GetKey()) > 0 {
			return t, failf(codes.InvalidArgument, fault.BadElement, n.SchemaPath(), "a %s has no keys", n.Kind)
		}
		return t.with(n, nil, nil), nil
	}
	keys, given, err := b.keys(n, e)
	if err != nil {
		return t, within("after "+elemsText(before), err)
	}
	for _, k := range keys {
		s.wild = s.wild || k.any
	}
	s.wild = s.wild || keys == nil
	return t.with(n, keys, given), nil
}

// keys reads the keys of an element of the list n. An omitted key is a wildcard.
// given is the element for replies, if the client wrote values that are not how replies
// write them otherwise.
func (b *binder) keys(n *schema.Node, e *gpb.PathElem) (keys []keyMatch, given *gpb.PathElem, err error) {
	if len(e.GetKey()) == 0 {
		return nil, nil, nil
	}
	keys = make([]keyMatch, len(n.Keys))
	for i := range keys {
		keys[i].any = true
	}
	exact, differs := 0, false
	for _, name := range slices.Sorted(maps.Keys(e.GetKey())) {
		value := e.GetKey()[name]
		local := name
		if i := strings.IndexByte(name, ':'); i >= 0 {
			local = name[i+1:]
		}
		i := slices.IndexFunc(n.Keys, func(k *schema.Node) bool { return k.Name == local })
		if i < 0 {
			return nil, nil, failf(codes.InvalidArgument, fault.BadElement, n.SchemaPath(), "%q is no key of the list; %s", name, keyNames(n))
		}
		if value == wildOne {
			continue
		}
		if !keys[i].any {
			return nil, nil, failf(codes.InvalidArgument, fault.BadElement, n.SchemaPath(), "the key %q stands twice", local)
		}
		v, err := parseKey(b.index.schema, n.Keys[i], value)
		if err != nil {
			return nil, nil, failf(codes.InvalidArgument, fault.InvalidValue, n.SchemaPath(), "key %s: %v", local, err)
		}
		keys[i] = keyMatch{value: v.Text}
		exact++
		differs = differs || b.index.keyText(b.index.traits[n.Keys[i]], v.Text) != value
	}
	if exact == 0 {
		return nil, nil, nil
	}
	if differs && exact == len(keys) {
		given = &gpb.PathElem{Name: b.index.traits[n].name, Key: e.GetKey()}
	}
	return keys, given, nil
}

func keyNames(n *schema.Node) string {
	if len(n.Keys) == 0 {
		return "it has none"
	}
	names := make([]string, len(n.Keys))
	for i, k := range n.Keys {
		names[i] = k.Name
	}
	return "it is keyed by " + strings.Join(names, ", ")
}

// noChild words the error for a name that none of the targets has.
func (b *binder) noChild(s *selector, frontier []target, before []*gpb.PathElem, module, name string) error {
	if module != "" {
		name = module + ":" + name
	}
	at, hint := path.Path(nil), ""
	if len(frontier) == 1 {
		t := &frontier[0]
		if len(t.nodes) == 0 {
			hint = s.scope.elsewhere(name)
		} else {
			at = t.node(b.index.schema).SchemaPath()
		}
		if hint == "" {
			hint = childNames(t.node(b.index.schema), b.children(s, t))
		}
	}
	err := fault.New(fault.UnknownElement, at, "no node %q is served after %s; %s", name, elemsText(before), hint)
	return faultStatus(b.unknown, []*fault.Error{err.WithInfo("bad-element", name)})
}

func childNames(n *schema.Node, children []*schema.Node) string {
	if len(children) == 0 {
		return "a " + n.Kind.String() + " has nothing below it"
	}
	const most = 12
	var names []string
	for i, c := range children {
		if i == most {
			names = append(names, "…")
			break
		}
		names = append(names, c.Name)
	}
	return "there are " + strings.Join(names, ", ")
}

// elemsText renders elements as gNMI path strings do.
func elemsText(elems []*gpb.PathElem) string {
	if len(elems) == 0 {
		return "/"
	}
	var b strings.Builder
	for _, e := range elems {
		b.WriteByte('/')
		b.WriteString(e.GetName())
		for _, k := range slices.Sorted(maps.Keys(e.GetKey())) {
			b.WriteString("[" + k + "=" + strings.NewReplacer(`\`, `\\`, `]`, `\]`).Replace(e.GetKey()[k]) + "]")
		}
	}
	return b.String()
}
