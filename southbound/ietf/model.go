// Package ietf translates between the IETF modules that the product implements
// and the objects of the dataplane.
//
//	ietf-interfaces, ietf-ip      Link, Address, Neighbor, Setting   interface, address
//	ietf-routing, static routes   Route                              route
//	ietf-routing, ribs            Route, state only, on demand       rib
//
// It is the twin of package openconfig: both see the state of every object, and
// a configuration that says one thing here and another there is refused when the
// claims are merged. The modules are those of RFC 8343, RFC 8344 and RFC 8349,
// where state stands beside configuration (RFC 8342), so that an interface's
// state is rendered leaf by leaf.
package ietf

import (
	"fmt"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/translate"
)

// ipModule is the module whose nodes stand below an interface.
const ipModule = "ietf-ip"

// Model is the southbound.Model of the IETF modules.
type Model struct {
	render translate.Renderer

	interfaces path.Path // /ietf-interfaces:interfaces/interface
	routing    path.Path // /ietf-routing:routing

	linkCounts *translate.Counts
	since      *schema.Node // statistics/discontinuity-time of an interface
}

var _ interface {
	southbound.Model
	southbound.CounterModel
	southbound.TableModel
} = (*Model)(nil)

// New makes the Model. The schema must have the modules it is about.
func New(s *schema.Schema) (*Model, error) {
	m := &Model{render: translate.Renderer{Schema: s}}
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
	statistics := translate.Below(m.interfaces, "statistics")
	var err error
	if m.linkCounts, err = translate.NewCounts(s, statistics, linkCounts); err != nil {
		return nil, fmt.Errorf("ietf: %w", err)
	}
	if m.since, err = s.Find(translate.Below(statistics, "discontinuity-time")); err != nil {
		return nil, fmt.Errorf("ietf: %w", err)
	}
	return m, nil
}

// Leaves are all of the configuration of the modules.
func (m *Model) Leaves() []path.Path { return []path.Path{m.interfaces.Parent(), m.routing} }

// Units are an interface, a control plane protocol as such, and a static route.
func (m *Model) Units() []southbound.Unit {
	protocol := translate.Below(m.routing, "control-plane-protocols/control-plane-protocol")
	static := translate.Below(protocol, "static-routes")
	return []southbound.Unit{
		{Path: m.interfaces, Objects: interfaceObjects},
		{Path: translate.Below(protocol, "type"), Objects: protocolObjects},
		{Path: translate.Below(static, "ietf-ipv4-unicast-routing:ipv4/route"), Objects: ipv4RouteObjects},
		{Path: translate.Below(static, "ietf-ipv6-unicast-routing:ipv6/route"), Objects: ipv6RouteObjects},
	}
}

// State renders observed objects. Routes are rendered by Tables.
func (m *Model) State(w southbound.World, changes ...southbound.Transition) []agent.StateChange {
	r := m.render.Begin()
	for _, c := range changes {
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
		if s.Kind == object.VRF { // a table, and no interface
			if was, ok := old.(*object.LinkState); ok && was.Kind != object.VRF {
				r.None(m.interfaceEntry(s.Name))
			}
			break
		}
		m.linkState(r, w, s, new == nil)
		if status := w.Status(s.ID()); status != nil && new == nil {
			m.absentState(r, w, status, false)
		}
	case *object.AddressState:
		if !isVRF(w, s.Link) {
			m.addressState(r, s, new == nil)
		}
	case *object.NeighborState:
		if !isVRF(w, s.Neighbor.Link) {
			m.neighborState(r, s, new == nil)
		}
	case *object.Status:
		m.absentState(r, w, s, new == nil)
	case *object.SettingState:
		if link := w.Link(s.Link); link != nil && link.Kind != object.VRF {
			m.familyLeaves(r, w, link)
		}
	}
}

// isVRF reports whether a link is a table, what is on which is not shown.
func isVRF(w southbound.World, link string) bool {
	l := w.Link(link)
	return l != nil && l.Kind == object.VRF
}

// interfaceEntry is the path of one interface.
func (m *Model) interfaceEntry(name string) path.Path {
	return translate.Entry(m.interfaces, "name", name)
}
