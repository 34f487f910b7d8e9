// Package ietf translates between the IETF modules that the product implements
// and the objects of the dataplane.
//
//	ietf-interfaces, ietf-ip      Link, Address, Neighbor, Setting   interface, address
//	ietf-routing, static routes   Route                              route
//
// It is the twin of package openconfig: both see the state of every object, and
// a configuration that says one thing here and another there is refused when the
// claims are merged. The modules are those of RFC 8343, RFC 8344 and RFC 8349,
// where state stands beside configuration (RFC 8342), so that an interface's
// state is rendered leaf by leaf.
package ietf

import (
	"fmt"
	"strings"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/view"
)

// ipModule is the module whose nodes stand below an interface.
const ipModule = "ietf-ip"

// Model is the southbound.Model of the IETF modules.
type Model struct {
	schema *schema.Schema

	interfaces path.Path // /ietf-interfaces:interfaces/interface
	routing    path.Path // /ietf-routing:routing
}

var _ interface {
	southbound.Model
	southbound.CounterModel
} = (*Model)(nil)

// New makes the Model. The schema must have the modules it is about.
func New(s *schema.Schema) (*Model, error) {
	m := &Model{schema: s}
	for _, root := range []struct {
		text string
		to   *path.Path
	}{
		{"/ietf-interfaces:interfaces/interface", &m.interfaces},
		{"/ietf-routing:routing", &m.routing},
	} {
		p, _, err := s.Resolve(root.text)
		if err != nil {
			return nil, fmt.Errorf("ietf: %w", err)
		}
		*root.to = p
	}
	return m, nil
}

// Leaves are all of the configuration of the modules.
func (m *Model) Leaves() []path.Path { return []path.Path{m.interfaces.Parent(), m.routing} }

// Units are an interface, a control plane protocol as such, and a static route.
func (m *Model) Units() []southbound.Unit {
	protocol := below(m.routing, "control-plane-protocols/control-plane-protocol")
	static := below(protocol, "static-routes")
	return []southbound.Unit{
		{Path: m.interfaces, Objects: interfaceObjects},
		{Path: below(protocol, "type"), Objects: protocolObjects},
		{Path: below(m.routing, "ribs/rib"), Objects: ribObjects},
		{Path: below(static, "ietf-ipv4-unicast-routing:ipv4/route"), Objects: ipv4RouteObjects},
		{Path: below(static, "ietf-ipv6-unicast-routing:ipv6/route"), Objects: ipv6RouteObjects},
	}
}

// State renders one observed object.
func (m *Model) State(w southbound.World, old, new object.State) []agent.StateChange {
	seen := new
	if seen == nil {
		seen = old
	}
	switch s := seen.(type) {
	case *object.LinkState:
		return m.linkState(w, s, new == nil)
	case *object.AddressState:
		return m.addressState(s, new == nil)
	case *object.NeighborState:
		return m.neighborState(s, new == nil)
	case *object.SettingState:
		if link := w.Link(s.Link); link != nil {
			return m.familyLeaves(w, link)
		}
	}
	return nil
}

// rendered is the state at p as src, a struct of gen/ietf, has it; see the same
// function of package openconfig.
func (m *Model) rendered(p path.Path, src any) agent.StateChange {
	n, err := view.Node(m.schema, p, src)
	if err != nil {
		return agent.StateChange{Path: p}
	}
	return agent.StateChange{Path: p, Node: n}
}

// leaf is the state of one leaf at p; an empty text is none.
func (m *Model) leaf(p path.Path, text string) agent.StateChange {
	none := agent.StateChange{Path: p}
	def, err := m.schema.Find(p)
	if err != nil || text == "" {
		return none
	}
	v, err := def.Parse(text, m.schema.ModuleNames())
	if err != nil {
		return none
	}
	x := tree.New(m.schema).Txn()
	if err := x.Set(p, v); err != nil {
		return none
	}
	return agent.StateChange{Path: p, Node: x.Tree().Node(p)}
}

// interfaceEntry is the path of one interface.
func (m *Model) interfaceEntry(name string) path.Path {
	return entry(m.interfaces, path.Key{Name: "name", Value: name})
}

// below returns p with the steps of a relative path. A step is in the module of
// the one before unless it names another.
func below(p path.Path, steps string) path.Path {
	module := p.Last().Module
	for name := range strings.SplitSeq(steps, "/") {
		if m, local, ok := strings.Cut(name, ":"); ok {
			module, name = m, local
		}
		p = p.Child(path.Elem{Module: module, Name: name})
	}
	return p
}

// entry returns the path of an entry of the list that p names.
func entry(p path.Path, keys ...path.Key) path.Path {
	last := p.Last()
	last.Keys = keys
	return p.Parent().Child(last)
}

// fill is the typed view of n, defaults in use included.
func fill[T any](n *tree.Node) (*T, error) {
	dst := new(T)
	return dst, view.FillWithDefaults(n, dst)
}

func ptr[T any](v T) *T { return &v }
