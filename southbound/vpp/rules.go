package vpp

import (
	"fmt"

	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
)

// Check says what of an object VPP can never hold.
func (b *Backend) Check(c *object.Claim) error {
	switch o := c.Object.(type) {
	case *object.Link:
		return checkLink(c, o)
	case *object.Setting:
		return checkSetting(o)
	case *object.Address:
		return checkAddress(o)
	case *object.Neighbor:
		return checkNeighbor(o)
	case *object.Route:
		return checkRoute(o)
	}
	return nil
}

func checkAddress(a *object.Address) error {
	switch {
	case a.IP.IsUnspecified() || a.IP.IsMulticast():
		return wrong("", "%s is no address of a link", a.IP)
	case a.IP.Is6() && a.IP.IsLinkLocalUnicast():
		return unsupported("", "VPP gives each link one link-local address, and does not take it back: leave it to VPP")
	case a.PrefixLength == 0:
		return wrong(object.PrefixLength, "0: 1 to %d are possible in VPP", a.IP.BitLen())
	}
	return nil
}

func checkNeighbor(n *object.Neighbor) error {
	switch {
	case n.IP.IsUnspecified() || n.IP.IsMulticast():
		return wrong("", "%s is no address of a neighbor", n.IP)
	case n.MAC.IsZero() || n.MAC[0]&1 != 0:
		return wrong(object.LinkLayer, "%s is no address of one link", n.MAC)
	}
	return nil
}

// Change tells what VPP can change in place. A network can be on a link in one
// length only.
func (b *Backend) Change(have, want object.Object, a object.Attr) plan.Manner {
	switch have := have.(type) {
	case *object.Link:
		return changeLink(have, want.(*object.Link), a)
	case *object.Address:
		return plan.BreakBeforeMake
	}
	return plan.InPlace
}

// NeedsUp is so of subinterfaces alone, which VPP switches on only on a parent that
// is on: it keeps addresses, static neighbors and routes on links that are down, and
// takes new ones.
func (b *Backend) NeedsUp(o object.Object) bool {
	l, ok := o.(*object.Link)
	return ok && l.Kind == object.VLAN
}

// Takes tells what must give way to a step. A link that goes to another VRF has no
// addresses on the way, nor has one whose IPv6 is switched off, and a link that
// borrows addresses has none of its own. A link's MTU is that of its protocols where
// they have none of their own, so that theirs is written again. IPv6 that is on for an
// address goes off with it, and on again where it is to be on.
func (b *Backend) Takes(s plan.Step, o object.Object) bool {
	if set, ok := s.Want.(*object.Setting); ok {
		a, address := o.(*object.Address)
		return set.Name == object.ProtocolEnabled && set.Value == 0 && address && a.IP.Is6() && a.Link == set.Link
	}
	if a, ok := s.Have.(*object.Address); ok && s.Op == plan.Delete {
		set, ok := o.(*object.Setting)
		return ok && a.IP.Is6() && set.Name == object.ProtocolEnabled && set.Family == object.IPv6 && set.Value == 1 && set.Link == a.Link
	}
	want, ok := s.Want.(*object.Link)
	if !ok {
		return false
	}
	switch s.Attr() {
	case object.Master:
		a, address := o.(*object.Address)
		return address && a.Link == want.Name
	case object.Lender:
		a, address := o.(*object.Address)
		return address && a.Link == want.Name && want.Lender != ""
	case object.MTU:
		set, ok := o.(*object.Setting)
		return ok && set.Name == object.ProtocolMTU && set.Link == want.Name
	}
	return false
}

// Exclusive is what two objects cannot have in common. All networks of a family are
// taken for one: those of links must not overlap, so that each goes before another
// one comes.
func (b *Backend) Exclusive(o object.Object) string {
	switch o := o.(type) {
	case *object.Link:
		return exclusiveLink(o)
	case *object.Address:
		return fmt.Sprintf("%s networks", object.FamilyOf(o.IP))
	}
	return ""
}

// ReadFirst is so of all kinds: reading is cheap, and much is told by no event.
func (b *Backend) ReadFirst(object.Kind) bool { return true }

// Unmarked is so of what VPP has no place for a mark on.
func (b *Backend) Unmarked(k object.Kind) bool {
	return k == object.KindAddress || k == object.KindNeighbor
}

// Normal takes the weight from a next hop that is alone.
func (b *Backend) Normal(o object.Object) object.Object {
	r, ok := o.(*object.Route)
	if !ok || len(r.NextHops) != 1 || r.NextHops[0].Weight <= 1 {
		return o
	}
	n := *r
	n.NextHops = []object.NextHop{{Via: r.NextHops[0].Via, Link: r.NextHops[0].Link}}
	return &n
}

// Default tells what VPP gives what nothing is said of.
func (b *Backend) Default(have object.Object, a object.Attr) (object.Object, bool) {
	if l, ok := have.(*object.Link); ok {
		return b.defaultLink(l, a)
	}
	return nil, false
}
