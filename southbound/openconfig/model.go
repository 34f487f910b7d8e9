// Package openconfig translates between the OpenConfig modules that the product
// implements, outrigger-ext included, and the objects of the dataplane.
//
//	interfaces/interface        Link, Address, Neighbor, Setting   interface, address, setting
//	network-instance DEFAULT    Route, Setting                     route, instance
//
// Each file holds one kind of object, both ways: configuration → claims, and
// observed state → state leaves. The typed structs of gen/oc are the view of one
// unit at a time (package view); the datastore stays a tree.
//
// A default value that is in use claims its attribute like an explicit one: an
// interface that is configured at all is enabled unless its configuration says
// otherwise.
package openconfig

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

// Modules whose nodes stand below those of another.
const (
	interfacesModule = "openconfig-interfaces"
	instanceModule   = "openconfig-network-instance"
	ipModule         = "openconfig-if-ip"
	ethernetModule   = "openconfig-if-ethernet"
	extModule        = "outrigger-ext"
)

// Model is the southbound.Model of OpenConfig.
type Model struct {
	schema *schema.Schema

	interfaces path.Path // /interfaces
	instances  path.Path // /network-instances
	statuses   path.Path // /outrigger-ext:realisation/objects
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
		{"/openconfig-interfaces:interfaces", &m.interfaces},
		{"/openconfig-network-instance:network-instances", &m.instances},
		{"/outrigger-ext:realisation/objects", &m.statuses},
	} {
		p, _, err := s.Resolve(root.text)
		if err != nil {
			return nil, fmt.Errorf("openconfig: %w", err)
		}
		*root.to = p
	}
	return m, nil
}

// Leaves are all of the configuration of the modules.
func (m *Model) Leaves() []path.Path { return []path.Path{m.interfaces, m.instances} }

// Units are an interface, a network instance as such, and a static route.
func (m *Model) Units() []southbound.Unit {
	instance := below(m.instances, "network-instance")
	return []southbound.Unit{
		{Path: below(m.interfaces, "interface"), Objects: m.interfaceObjects},
		{Path: below(instance, "config"), Objects: instanceObjects},
		{Path: below(instance, extModule+":forwarding"), Objects: forwardingObjects},
		{Path: below(instance, "protocols/protocol/config"), Objects: protocolObjects},
		{Path: below(instance, "protocols/protocol/static-routes/static"), Objects: m.routeObjects},
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
		return m.settingState(w, s)
	case *object.RouteState:
		before, _ := old.(*object.RouteState)
		after, _ := new.(*object.RouteState)
		return m.routeState(w, before, after)
	case *object.Status:
		return m.statusState(s, new == nil)
	}
	return nil
}

// rendered is the state at p as src, a struct of gen/oc, has it. The structs and
// the schema are generated from one source, so that a struct which does not fit
// is a defect of the build; it shows as missing state, and in the tests.
func (m *Model) rendered(p path.Path, src any) agent.StateChange {
	n, err := view.Node(m.schema, p, src)
	if err != nil {
		return agent.StateChange{Path: p}
	}
	return agent.StateChange{Path: p, Node: n}
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
