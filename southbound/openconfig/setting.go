package openconfig

import (
	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/translate"
)

// forwardingObjects are the global switches. Only the default instance has any:
// the interfaces of others have their own.
func forwardingObjects(_ tree.Tree, at path.Path, n *tree.Node) ([]object.Claim, error) {
	if name := instanceName(at); name != defaultInstance {
		return nil, fault.New(fault.InvalidValue, at, "the network instance %s has no forwarding of its own: its interfaces have", name)
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
func (m *Model) settingState(r *translate.Rendering, w southbound.World, s *object.SettingState) {
	if s.Link == "" {
		r.Node(translate.Below(m.instance(""), extModule+":forwarding/state"), &forwardingState{
			Ipv4: on(w, object.Forwarding, object.IPv4, ""), Ipv6: on(w, object.Forwarding, object.IPv6, ""),
		})
		return
	}
	if link := w.Link(s.Link); link != nil && link.Kind != object.VRF {
		m.familyStates(r, w, link)
	}
}

// familyStates render the containers ipv4/state and ipv6/state of a link. IPv4
// is there on every link.
func (m *Model) familyStates(r *translate.Rendering, w southbound.World, link *object.LinkState) {
	sub := m.subinterface(link)
	r.Node(translate.Below(sub, family(object.IPv4)+"/state"), &ipv4State{
		Enabled: translate.Ptr(true), Mtu: mtu16(link.MTU), Forwarding: on(w, object.Forwarding, object.IPv4, link.Name),
	})
	v6 := &ipv6State{Enabled: on(w, object.ProtocolEnabled, object.IPv6, link.Name), Forwarding: on(w, object.Forwarding, object.IPv6, link.Name)}
	if mtu, known := w.Setting(object.ProtocolMTU, object.IPv6, link.Name); known {
		v6.Mtu = translate.Ptr(mtu)
	}
	r.Node(translate.Below(sub, family(object.IPv6)+"/state"), v6)
}

// on is a boolean setting; nil where the dataplane does not have it.
func on(w southbound.World, name object.SettingName, f object.Family, link string) *bool {
	value, known := w.Setting(name, f, link)
	if !known {
		return nil
	}
	return translate.Ptr(value != 0)
}
