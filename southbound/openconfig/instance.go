package openconfig

import (
	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/gen/oc"
	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/translate"
)

type (
	instanceState  = oc.OpenconfigNetworkInstance_NetworkInstances_NetworkInstance_State
	instanceMember = oc.OpenconfigNetworkInstance_NetworkInstances_NetworkInstance_Interfaces_Interface
)

// The network instances are DEFAULT, which is always there, and VRFs. To the
// dataplane a VRF is a link that others have as their master; here it is shown as
// the network instance that it is, and not among the interfaces.
const defaultInstance = "DEFAULT"

// instanceName is the network instance that at leads into.
func instanceName(at path.Path) string {
	for _, e := range at {
		if name, keyed := e.Key("name"); keyed && e.Name == "network-instance" {
			return name
		}
	}
	return defaultInstance
}

// tableOf is the name of a network instance as objects have it.
func tableOf(instance string) string {
	if instance == defaultInstance {
		return ""
	}
	return instance
}

// instance is the path of the network instance of a table.
func (m *Model) instance(table string) path.Path {
	if table == "" {
		table = defaultInstance
	}
	return translate.Entry(translate.Below(m.instances, "network-instance"), "name", table)
}

// instanceObjects are the VRF that a network instance is; DEFAULT makes nothing.
// at is the container config.
func instanceObjects(_ tree.Tree, at path.Path, n *tree.Node) ([]object.Claim, error) {
	in, err := translate.Fill[instanceConfig](n)
	if err != nil {
		return nil, err
	}
	name, where := instanceName(at), translate.Below(at, "type")
	if name == defaultInstance {
		switch in.Type {
		case oc.OpenconfigNetworkInstanceTypes_NETWORK_INSTANCE_TYPE_UNSET, oc.OpenconfigNetworkInstanceTypes_NETWORK_INSTANCE_TYPE_DEFAULT_INSTANCE:
			return nil, nil
		}
		return nil, fault.New(fault.InvalidValue, where, "the network instance %s is of the type DEFAULT_INSTANCE", name)
	}
	if in.Type != oc.OpenconfigNetworkInstanceTypes_NETWORK_INSTANCE_TYPE_L3VRF {
		return nil, fault.New(fault.InvalidValue, where, "the network instance %s, which is not %s, is of the type L3VRF", name, defaultInstance)
	}
	c := object.NewClaim(&object.Link{Name: name, Kind: object.VRF}, at.Parent())
	c.Add(object.LinkKindAttr, where)
	return []object.Claim{c}, nil
}

// memberObjects say which network instance an interface routes by. That one
// interface is in two shows as two claims that contradict each other.
func memberObjects(_ tree.Tree, at path.Path, n *tree.Node) ([]object.Claim, error) {
	in, err := translate.Fill[instanceMember](n)
	if err != nil {
		return nil, err
	}
	config := translate.Below(at, "config")
	if in.Config == nil || in.Config.Interface == nil {
		return nil, fault.New(fault.DataMissing, translate.Below(config, "interface"), "the interface that is in the network instance is missing")
	}
	name := linkName(in.Config.Interface, in.Config.Subinterface)
	c := object.NewClaim(&object.Link{Name: name, Master: tableOf(instanceName(at))}, at)
	addReference(&c, object.Master, config, in.Config.Subinterface)
	return []object.Claim{c}, nil
}

// linkName is the link that a reference to an interface means.
func linkName(name *string, index *uint32) string {
	switch {
	case name == nil:
		return ""
	case index == nil:
		return *name
	}
	return translate.Subinterface(*name, *index)
}

// addReference says that the leafs below at that refer to an interface set an
// attribute.
func addReference(c *object.Claim, a object.Attr, at path.Path, index *uint32) {
	c.Add(a, translate.Below(at, "interface"))
	if index != nil {
		c.Add(a, translate.Below(at, "subinterface"))
	}
}

// reference is what linkName makes a link of: a subinterface, or an interface
// without one.
func reference(w southbound.World, link string) (name *string, index *uint32) {
	if link == "" {
		return nil, nil
	}
	if l := w.Link(link); l != nil {
		if parent, i := translate.SubinterfaceOf(l); i != 0 {
			return &parent, &i
		}
	}
	return &link, nil
}

// vrfState renders a VRF as the network instance that it is. What was a link of
// another kind and of that name is no interface any more, and the reverse.
func (m *Model) vrfState(r *translate.Rendering, old, s *object.LinkState, gone bool) {
	if old != nil && old.Kind != object.VRF {
		r.None(m.place(old))
	}
	state := translate.Below(m.instance(s.Name), "state")
	if gone {
		r.None(state)
		return
	}
	r.Node(state, &instanceState{Name: &s.Name, Type: oc.OpenconfigNetworkInstanceTypes_NETWORK_INSTANCE_TYPE_L3VRF})
}

// defaultState renders DEFAULT.
func (m *Model) defaultState(r *translate.Rendering) {
	r.Node(translate.Below(m.instance(""), "state"), &instanceState{
		Name: translate.Ptr(defaultInstance), Type: oc.OpenconfigNetworkInstanceTypes_NETWORK_INSTANCE_TYPE_DEFAULT_INSTANCE,
	})
}

// isVRF reports whether a link is one that is shown as a network instance: what
// is on it has no interface to be shown below.
func isVRF(w southbound.World, link string) bool {
	l := w.Link(link)
	return l != nil && l.Kind == object.VRF
}
