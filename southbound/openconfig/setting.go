package openconfig

import (
	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/translate"
)

// forwardingObjects are the global switches of a network instance.
func forwardingObjects(_ tree.Tree, at path.Path, n *tree.Node) ([]object.Claim, error) {
	if err := onlyDefault(at); err != nil {
		return nil, err
	}
	in, err := translate.Fill[forwardingConfig](n)
	if err != nil || in.Config == nil {
		return nil, err
	}
	var b translate.OnLink
	b.Flag(object.Forwarding, object.IPv4, in.Config.Ipv4, translate.Below(at, "config/ipv4"))
	b.Flag(object.Forwarding, object.IPv6, in.Config.Ipv6, translate.Below(at, "config/ipv6"))
	return b.Claims, nil
}

// settingState renders all switches of the link that one has changed of, for
// they share a container.
func (m *Model) settingState(w southbound.World, s *object.SettingState) []agent.StateChange {
	if s.Link == "" {
		p := translate.Entry(translate.Below(m.instances, "network-instance"), "name", defaultInstance)
		return []agent.StateChange{m.Node(translate.Below(p, extModule+":forwarding/state"), &forwardingState{
			Ipv4: on(w, object.Forwarding, object.IPv4, ""), Ipv6: on(w, object.Forwarding, object.IPv6, ""),
		})}
	}
	link := w.Link(s.Link)
	if link == nil {
		return nil
	}
	return m.familyStates(w, link)
}

// familyStates render the containers ipv4/state and ipv6/state of a link.
func (m *Model) familyStates(w southbound.World, link *object.LinkState) []agent.StateChange {
	sub := m.subinterface(link.Name)
	v4 := &ipv4State{Enabled: translate.Ptr(true), Mtu: mtu16(link.MTU), Forwarding: on(w, object.Forwarding, object.IPv4, link.Name)}
	v6 := &ipv6State{Enabled: on(w, object.ProtocolEnabled, object.IPv6, link.Name), Forwarding: on(w, object.Forwarding, object.IPv6, link.Name)}
	if mtu, known := w.Setting(object.ProtocolMTU, object.IPv6, link.Name); known {
		v6.Mtu = translate.Ptr(mtu)
	}
	return []agent.StateChange{
		m.Node(translate.Below(sub, family(object.IPv4)+"/state"), v4),
		m.Node(translate.Below(sub, family(object.IPv6)+"/state"), v6),
	}
}

// on is a boolean setting; nil where the dataplane does not have it.
func on(w southbound.World, name object.SettingName, f object.Family, link string) *bool {
	value, known := w.Setting(name, f, link)
	if !known {
		return nil
	}
	return translate.Ptr(value != 0)
}
