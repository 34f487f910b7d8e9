// Package openconfig translates between the OpenConfig modules that the product
// implements, outrigger-ext included, and the objects of the dataplane.
//
//	interfaces/interface        Link, Address, Neighbor, Setting   interface, subinterface, link, address, setting, counters
//	network-instance            Link (VRF), Route, Setting         instance, route (as configured), aft (as it is), setting
//	realization                 Status, Dataplane                  status, dataplane
//
// Each file holds one kind of object, both ways: configuration → claims, and
// observed state → state leaves. The typed structs of gen/oc are the view of one
// unit at a time (package view); the datastore stays a tree.
//
// A default value that is in use claims its attribute like an explicit one: an
// interface that is configured at all is enabled unless its configuration says
// otherwise. Only IPv6 must be spoken of to be enabled. Subinterface 0 stands for
// the interface itself: where either is not enabled, the link is not. Any other is
// a VLAN, and a link of its own.
package openconfig

import (
	"fmt"
	"sync"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/translate"
)

// Modules whose nodes stand below those of another.
const (
	interfacesModule = "openconfig-interfaces"
	instanceModule   = "openconfig-network-instance"
	ipModule         = "openconfig-if-ip"
	ethernetModule   = "openconfig-if-ethernet"
	tunnelModule     = "openconfig-if-tunnel"
	vlanModule       = "openconfig-vlan"
	extModule        = "outrigger-ext"
)

// Model is the southbound.Model of OpenConfig.
type Model struct {
	render translate.Renderer

	interfaces path.Path // /interfaces
	instances  path.Path // /network-instances
	realized   path.Path // /outrigger-ext:realization

	linkCounts, vlanCounts *translate.Counts

	mu    sync.Mutex             // guards what follows
	afts  map[string]*afts       // by table
	below map[string]*belowRoute // by the index of a next hop
}

var _ interface {
	southbound.Model
	southbound.CounterModel
	southbound.DataplaneModel
} = (*Model)(nil)

// New makes the Model. The schema must have the modules it is about.
func New(s *schema.Schema) (*Model, error) {
	m := &Model{render: translate.Renderer{Schema: s}}
	for _, root := range []struct {
		text string
		to   *path.Path
	}{
		{"/openconfig-interfaces:interfaces", &m.interfaces},
		{"/openconfig-network-instance:network-instances", &m.instances},
		{"/outrigger-ext:realization", &m.realized},
	} {
		p, _, err := s.Resolve(root.text)
		if err != nil {
			return nil, fmt.Errorf("openconfig: %w", err)
		}
		*root.to = p
	}
	for _, c := range []struct {
		of    string
		shows map[string]object.CounterSet
		to    **translate.Counts
	}{
		{"interface", linkCounts, &m.linkCounts},
		{"interface/subinterfaces/subinterface", vlanCounts, &m.vlanCounts},
	} {
		counts, err := translate.NewCounts(s, translate.Below(m.interfaces, c.of+"/state/counters"), c.shows)
		if err != nil {
			return nil, fmt.Errorf("openconfig: %w", err)
		}
		*c.to = counts
	}
	return m, nil
}

// Leaves are all of the configuration of the modules.
func (m *Model) Leaves() []path.Path { return []path.Path{m.interfaces, m.instances} }

// Units are an interface, a subinterface that is a VLAN, a network instance as such,
// a member of it, and a static route.
func (m *Model) Units() []southbound.Unit {
	instance := translate.Below(m.instances, "network-instance")
	return []southbound.Unit{
		{Path: translate.Below(m.interfaces, "interface"), Objects: m.interfaceObjects, Except: isVLAN},
		{Path: translate.Below(m.interfaces, "interface/subinterfaces/subinterface"), Objects: vlanObjects},
		{Path: translate.Below(instance, "config"), Objects: instanceObjects},
		{Path: translate.Below(instance, "interfaces/interface"), Objects: memberObjects},
		{Path: translate.Below(instance, extModule+":forwarding"), Objects: forwardingObjects},
		{Path: translate.Below(instance, "protocols/protocol/config"), Objects: protocolObjects},
		{Path: translate.Below(instance, "protocols/protocol/static-routes/static"), Objects: m.routeObjects},
	}
}

// State renders observed objects.
func (m *Model) State(w southbound.World, changes ...southbound.Transition) []agent.StateChange {
	r := m.render.Begin()
	var routes *forwarding
	for _, c := range changes {
		if route, was := routeOf(c); route != nil {
			if routes == nil {
				routes = &forwarding{model: m, render: r, world: w}
			}
			routes.change(was, route)
			continue
		}
		m.state(r, w, c.Old, c.New)
	}
	return r.End()
}

func (m *Model) state(r *translate.Rendering, w southbound.World, old, new object.State) {
	seen := new
	if seen == nil {
		seen = old
	}
	switch s := seen.(type) {
	case *object.LinkState:
		before, _ := old.(*object.LinkState)
		if s.Kind == object.VRF {
			m.vrfState(r, before, s, new == nil)
			break
		}
		m.linkState(r, w, before, s, new == nil)
		if status := w.Status(s.ID()); status != nil && new == nil {
			m.absentState(r, w, status, false)
		}
	case *object.AddressState:
		if !isVRF(w, s.Link) {
			m.addressState(r, w, s, new == nil)
		}
	case *object.NeighborState:
		if !isVRF(w, s.Neighbor.Link) {
			m.neighborState(r, w, s, new == nil)
		}
	case *object.SettingState:
		m.settingState(r, w, s)
	case *object.Status:
		m.statusState(r, s, new == nil)
		m.absentState(r, w, s, new == nil)
	}
}
