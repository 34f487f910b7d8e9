package openconfig

import (
	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/gen/oc"
	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/translate"
)

type (
	unnumberedConfig         = oc.OpenconfigInterfaces_Interfaces_Interface_Subinterfaces_Subinterface_Ipv4_Unnumbered
	unnumberedState          = oc.OpenconfigInterfaces_Interfaces_Interface_Subinterfaces_Subinterface_Ipv4_Unnumbered_State
	unnumberedInterfaceState = oc.OpenconfigInterfaces_Interfaces_Interface_Subinterfaces_Subinterface_Ipv4_Unnumbered_InterfaceRef_State
)

// unnumberedClaim says whose addresses a link uses: another's, or where the
// configuration says that it is not unnumbered, nobody else's. at is the container
// unnumbered, which the configuration speaks of.
func unnumberedClaim(b *translate.OnLink, at path.Path, in *unnumberedConfig) {
	if in == nil || in.Config == nil || in.Config.Enabled == nil || !*in.Config.Enabled {
		b.Add(object.NewClaim(&object.Link{Name: b.Link}, translate.Below(at, "config/enabled"), object.Lender))
		return
	}
	where := translate.Below(at, "interface-ref/config")
	var name *string
	var index *uint32
	if in.InterfaceRef != nil && in.InterfaceRef.Config != nil {
		name, index = in.InterfaceRef.Config.Interface, in.InterfaceRef.Config.Subinterface
	}
	lender := linkName(name, index)
	switch {
	case lender == "":
		b.Fail(fault.New(fault.DataMissing, translate.Below(where, "interface"), "an unnumbered interface needs the interface that lends it its addresses"))
		return
	case lender == b.Link:
		b.Fail(fault.New(fault.InvalidValue, translate.Below(where, "interface"), "%s cannot lend its addresses to itself", lender))
		return
	}
	c := object.Claim{Object: &object.Link{Name: b.Link, Lender: lender}, At: at}
	addReference(&c, object.Lender, where, index)
	b.Add(c)
}

// unnumberedLeaves render whose addresses a link uses, where they are another's.
// at is the container unnumbered.
func unnumberedLeaves(r *translate.Rendering, w southbound.World, at path.Path, old, s *object.LinkState) {
	state, ref := translate.Below(at, "state"), translate.Below(at, "interface-ref/state")
	if s.Lender == "" {
		if old != nil && old.Lender != "" {
			r.None(state)
			r.None(ref)
		}
		return
	}
	r.Node(state, &unnumberedState{Enabled: translate.Ptr(true)})
	name, index := reference(w, s.Lender)
	r.Node(ref, &unnumberedInterfaceState{Interface: name, Subinterface: index})
}
