package openconfig

import (
	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/translate"
)

// Subinterface 0 is the interface itself. Any other is a VLAN on it: a link whose
// name is made of both, which stands below its parent here and not among the
// interfaces. A VLAN that somebody else has named otherwise is an interface.

// isVLAN reports whether p leads to or into a subinterface other than 0:
// /interfaces/interface/subinterfaces/subinterface[index].
func isVLAN(p path.Path) bool {
	const at = 3
	if len(p) <= at {
		return false
	}
	index, keyed := p[at].Key("index")
	return keyed && p[at].Name == "subinterface" && index != "0"
}

// withoutVLANs is an interface with no subinterface but 0: what one leaf of it costs
// must not depend on how many VLANs there are.
func withoutVLANs(n *tree.Node) (*tree.Node, error) {
	b := tree.NewBuilder()
	var kids []*tree.Node
	for kid := range n.Children() {
		def := kid.Schema()
		if def.Name == "subinterfaces" && def.Module.Name == interfacesModule {
			listed := def.Child("", "subinterface")
			list, err := b.List(listed, entryZero(kid.Child(listed)))
			if err != nil {
				return nil, err
			}
			if kid, err = b.Container(def, []*tree.Node{list}); err != nil {
				return nil, err
			}
		}
		kids = append(kids, kid)
	}
	return b.Entry(n.Schema(), kids)
}

func entryZero(list *tree.Node) []*tree.Node {
	if list != nil {
		if zero := list.Entry("0"); zero != nil {
			return []*tree.Node{zero}
		}
	}
	return nil
}

// vlanObjects are the VLAN that a subinterface is, and what is on it; none for
// subinterface 0, which is the interface's matter. at is the subinterface.
func vlanObjects(t tree.Tree, at path.Path, n *tree.Node) ([]object.Claim, error) {
	if !isVLAN(at) {
		return nil, nil
	}
	sub, err := translate.Fill[subinterface](n)
	if err != nil {
		return nil, err
	}
	parent, _ := at[1].Key("name")
	index := *sub.Index
	if _, _, nested := translate.CutSubinterface(parent); nested {
		return nil, fault.New(fault.InvalidValue, at, "%s is named as a subinterface is, and those have no subinterfaces but 0", parent)
	}
	where := translate.Below(at, vlanModule+":vlan/match/single-tagged/config/vlan-id")
	if sub.Vlan == nil || sub.Vlan.Match == nil || sub.Vlan.Match.SingleTagged == nil ||
		sub.Vlan.Match.SingleTagged.Config == nil || sub.Vlan.Match.SingleTagged.Config.VlanId == nil {
		return nil, fault.New(fault.DataMissing, where, "subinterface %d of %s needs its VLAN", index, parent)
	}
	link := &object.Link{Name: translate.Subinterface(parent, index), Kind: object.VLAN, Parent: parent}
	c := object.Claim{Object: link, At: at}
	c.Add(object.LinkKindAttr, where)
	c.Add(object.Parent, where)
	claim(&c, &link.VLANID, sub.Vlan.Match.SingleTagged.Config.VlanId, object.VLANID, where.Parent(), "vlan-id")
	if cfg := sub.Config; cfg != nil {
		claim(&c, &link.Up, cfg.Enabled, object.Up, at, "config/enabled")
		claim(&c, &link.Description, cfg.Description, object.Description, at, "config/description")
	}
	if sub.Link != nil && sub.Link.Config != nil {
		claim(&c, &link.Master, sub.Link.Config.Master, object.Master, at, extModule+":link/config/master")
	}
	claims, err := subinterfaceObjects(t, link.Name, at, sub)
	return append([]object.Claim{c}, claims...), err
}

// entry is the path of one interface.
func (m *Model) entry(link string) path.Path {
	return translate.Entry(translate.Below(m.interfaces, "interface"), "name", link)
}

// place is where the state of a link stands: an interface, or a subinterface of
// one.
func (m *Model) place(l *object.LinkState) path.Path {
	parent, index := translate.SubinterfaceOf(l)
	if index == 0 {
		return m.entry(parent)
	}
	return m.entryBelow(parent, index)
}

// subinterface is where what is on a link stands.
func (m *Model) subinterface(l *object.LinkState) path.Path {
	return m.entryBelow(translate.SubinterfaceOf(l))
}

// under is subinterface of a link by its name. One that is not there, or not any more,
// counts as an interface: with a subinterface all that is on it has gone already.
func (m *Model) under(w southbound.World, link string) path.Path {
	if l := w.Link(link); l != nil {
		return m.subinterface(l)
	}
	return m.entryBelow(link, 0)
}

func (m *Model) entryBelow(link string, index uint32) path.Path {
	return translate.Entry(translate.Below(m.entry(link), "subinterfaces/subinterface"), "index", decimal(uint64(index)))
}

// vlanState renders a link that is a subinterface. p is where.
func (m *Model) vlanState(r *translate.Rendering, w southbound.World, p path.Path, index uint32, s *object.LinkState) {
	state := subinterfaceOf(s, index)
	state.Description = text(s.Description)
	read := s.LinkCounters()
	r.Node(translate.Below(p, "state"), state)
	r.Put(translate.Below(p, "state/counters"), m.vlanCounts.Node(&read))
	r.Node(translate.Below(p, vlanModule+":vlan/match/single-tagged/state"), &vlanState{VlanId: nonzero(s.VLANID)})
	r.Node(translate.Below(p, extModule+":link/state"), &subinterfaceLink{Master: text(bridgeOf(w, s))})
}

// subinterfaceOf is what a link and an index say of a subinterface.
func subinterfaceOf(s *object.LinkState, index uint32) *subinterfaceState {
	return &subinterfaceState{
		Index: &index, Name: &s.Name, Enabled: &s.Up, Ifindex: &s.Index, LastChange: nanoseconds(s.LastChange),
		AdminStatus: subinterfaceAdmin(adminStatus(s.Up)), OperStatus: subinterfaceOper(operStatuses[s.Oper]),
	}
}
