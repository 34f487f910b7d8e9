package translate

import (
	"net/netip"
	"slices"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// Prefix reads the destination of the route at p.
func Prefix(text string, p path.Path) (netip.Prefix, error) {
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		return prefix, fault.New(fault.InvalidValue, p, "%q is not a prefix", text)
	}
	if prefix != prefix.Masked() {
		return prefix, fault.New(fault.InvalidValue, p, "%s has host bits set: the prefix is %s", prefix, prefix.Masked())
	}
	return prefix, nil
}

// AddHop adds a next hop to the claim of a route. The node that describes it is below
// that of the route.
func AddHop(c *object.Claim, h object.NextHop, below path.Path) error {
	if err := mayHop(c.Object.(*object.Route), h, func() path.Path { return c.At.Join(below) }); err != nil {
		return err
	}
	r := c.Object.(*object.Route)
	r.NextHops = append(r.NextHops, h)
	c.AddBelow(object.NextHops, below)
	return nil
}

// mayHop says why a route cannot have one more next hop, which is described at p.
func mayHop(r *object.Route, h object.NextHop, p func() path.Path) error {
	via := h.Via
	switch {
	case !via.IsValid() && h.Link == "":
		return fault.New(fault.InvalidValue, p(), "a next hop needs an address, an interface, or both")
	case !via.IsValid():
	case via.Is4() != r.Prefix.Addr().Is4():
		return fault.New(fault.InvalidValue, p(), "the next hop %s and the prefix %s are of different address families", via, r.Prefix)
	case via.IsUnspecified() || via.IsMulticast() || via.IsLoopback():
		return fault.New(fault.InvalidValue, p(), "%s is not the address of a neighbor", via)
	case via.Is6() && via.IsLinkLocalUnicast() && h.Link == "":
		return fault.New(fault.InvalidValue, p(), "the link-local next hop %s needs its interface", via)
	}
	same := func(other object.NextHop) bool { return other.Via == h.Via && other.Link == h.Link }
	if slices.ContainsFunc(r.NextHops, same) {
		return fault.New(fault.InvalidValue, p(), "the next hop %s stands twice in the route to %s", h, r.Prefix)
	}
	return nil
}
