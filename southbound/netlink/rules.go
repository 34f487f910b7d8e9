package netlink

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
)

// Limits of linux/if.h and linux/if_link.h, without the final NUL.
const (
	maxLinkName = 15
	maxAlias    = 255
)

// minMTU6 is the least MTU over which IPv6 runs (RFC 8200 §5); below it the
// kernel takes IPv6 off the link.
const minMTU6 = 1280

// Check says what of an object Linux can never hold.
func (b *Backend) Check(c *object.Claim) error {
	switch o := c.Object.(type) {
	case *object.Link:
		return checkLink(c, o, b.cfg.Protocol)
	case *object.Route:
		return checkRoute(o)
	case *object.Setting:
		_, err := settingFile(o)
		return err
	}
	return nil
}

func checkLink(c *object.Claim, l *object.Link, protocol uint8) error {
	wrong := func(a object.Attr, format string, args ...any) error {
		return &southbound.AttrError{Attr: a, Reason: fmt.Sprintf(format, args...)}
	}
	if len(l.Name) == 0 || len(l.Name) > maxLinkName || strings.ContainsAny(l.Name, "/: \t\n") || l.Name == "." || l.Name == ".." {
		return wrong("", "%q cannot be the name of a link: 1 to %d characters without space, slash and colon are needed", l.Name, maxLinkName)
	}
	if c.Has(object.LinkKindAttr) {
		switch l.Kind {
		case object.Veth:
			if l.Peer == "" || l.Peer == l.Name {
				return wrong(object.Peer, "a veth needs the name of its other end")
			}
		case object.Macvlan:
			if l.Parent == "" {
				return wrong(object.Parent, "a macvlan needs a parent link")
			}
		case object.VXLAN:
			if l.VNI == 0 || l.VNI > 1<<24-1 {
				return wrong(object.VNI, "a VXLAN needs an identifier from 1 to 16777215")
			}
		case object.VLAN:
			if l.Parent == "" {
				return wrong(object.Parent, "a VLAN needs a parent link")
			}
			if l.VLANID == 0 || l.VLANID > maxVLAN {
				return wrong(object.VLANID, "a VLAN needs an identifier from 1 to %d", maxVLAN)
			}
		case object.GRE, object.IPIP:
			if err := checkTunnel(l); err != nil {
				return err
			}
		case object.Tap:
			if l.HostLink != "" {
				return wrong(object.HostLink, "a tap of the kernel has no other end to name: that needs --backend vpp")
			}
		case object.Memif, object.AFPacket:
			return wrong(object.LinkKindAttr, "the kernel has no %s: that needs --backend vpp", l.Kind)
		case object.VRF:
			return wrong(object.LinkKindAttr, "a VRF needs --backend vpp: in the kernel, the agent routes in the network instance DEFAULT only")
		case object.Bridge, object.Loopback:
		default:
			return wrong(object.LinkKindAttr, "links of kind %s cannot be created", l.Kind)
		}
	}
	if c.Has(object.Lender) && l.Lender != "" {
		return wrong(object.Lender, "the kernel has no unnumbered interfaces: configure the address of %s on %s too, with the whole length as its prefix length", l.Lender, l.Name)
	}
	if c.Has(object.Description) {
		room := maxAlias
		if c.Has(object.LinkKindAttr) {
			room -= len(mark(protocol))
		} else if by, _ := cutMark(l.Description); by != 0 {
			return wrong(object.Description, "it must not begin with %q, which marks links that an agent has created", mark(by))
		}
		if len(l.Description) > room {
			return wrong(object.Description, "it has %d octets, the kernel has room for %d", len(l.Description), room)
		}
	}
	return nil
}

func checkRoute(r *object.Route) error {
	if r.Table != "" {
		return &southbound.AttrError{Reason: fmt.Sprintf("network instance %q: routes can only be in the default one", r.Table)}
	}
	for _, h := range r.NextHops {
		if h.Weight > 256 {
			return &southbound.AttrError{Attr: object.NextHops, Reason: fmt.Sprintf("weight %d: 1 to 256 are possible", h.Weight)}
		}
		if !h.Via.IsValid() && h.Link == "" {
			return &southbound.AttrError{Attr: object.NextHops, Reason: "a next hop needs an address, a link, or both"}
		}
	}
	if len(r.NextHops) == 0 && r.Type == object.Unicast {
		return &southbound.AttrError{Attr: object.NextHops, Reason: "a route needs a next hop, unless it is a blackhole"}
	}
	return nil
}

// Change tells what the kernel can change in place.
func (b *Backend) Change(have, want object.Object, a object.Attr) plan.Manner {
	switch a {
	case object.LinkKindAttr, object.Peer, object.Parent, object.VNI, object.VLANID, object.Port,
		object.MultiQueue, object.Owner, object.Group:
		return plan.BreakBeforeMake
	case object.Local:
		x, y := have.(*object.Link), want.(*object.Link)
		if y.Kind == object.VXLAN || !x.Local.IsValid() || x.Local.Is4() != y.Local.Is4() {
			return plan.BreakBeforeMake
		}
	case object.Key: // with and without one, the MTU differs
		if (have.(*object.Link).Key == 0) != (want.(*object.Link).Key == 0) {
			return plan.BreakBeforeMake
		}
	case object.Remote:
		x, y := have.(*object.Link).Remote, want.(*object.Link).Remote
		if !x.IsValid() || !y.IsValid() || x.IsMulticast() != y.IsMulticast() || x.Is4() != y.Is4() {
			return plan.BreakBeforeMake
		}
	case object.Mode:
		x, y := have.(*object.Link).MacvlanMode, want.(*object.Link).MacvlanMode
		if x == object.MacvlanPassthru || y == object.MacvlanPassthru {
			return plan.BreakBeforeMake
		}
	case object.PrefixLength:
		if want.(*object.Address).IP.Is4() {
			return plan.MakeBeforeBreak
		}
		return plan.BreakBeforeMake
	case object.RouteType:
		if want.(*object.Route).Prefix.Addr().Is6() {
			return plan.BreakBeforeMake
		}
	}
	return plan.InPlace
}

// Default tells what the kernel gives a new link. The MTU of a macvlan, VLAN or
// tunnel is made of that of the link below, and so is not known here; a MAC address
// is drawn by lot.
func (b *Backend) Default(have object.Object, a object.Attr) (object.Object, bool) {
	l, ok := have.(*object.Link)
	if !ok {
		return nil, false
	}
	d := *l
	switch a {
	case object.Description:
		d.Description = ""
	case object.Master:
		d.Master = ""
	case object.STP:
		d.STP = false
	case object.AgeingTime:
		d.AgeingTime = 300
	case object.ForwardDelay:
		d.ForwardDelay = 15
	case object.VLANFilter:
		d.VLANFilter = false
	case object.TTL:
		d.TTL = 0
	case object.Key:
		d.Key = 0
	case object.Learning:
		d.Learning = true
	case object.Port:
		d.Port = vxlanPort
	case object.Local:
		d.Local = netip.Addr{}
	case object.Remote:
		d.Remote = netip.Addr{}
	case object.Mode:
		d.MacvlanMode = object.MacvlanVEPA
	case object.MultiQueue:
		d.MultiQueue = false
	case object.Owner:
		d.Owner = 0
	case object.Group:
		d.Group = 0
	case object.Parent:
		if l.Kind != object.VXLAN { // others need one
			return nil, false
		}
		d.Parent = ""
	case object.MTU:
		switch l.Kind {
		case object.Bridge, object.Veth, object.Tap, object.Loopback:
			d.MTU = 1500
		default:
			return nil, false
		}
	default:
		return nil, false
	}
	return &d, true
}

// NeedsUp is so of routes that lead somewhere.
func (b *Backend) NeedsUp(o object.Object) bool {
	r, ok := o.(*object.Route)
	return ok && r.Type == object.Unicast
}

// Takes tells what goes with a step: a link that goes down loses its routes,
// its IPv6 addresses and its neighbors; one whose MTU falls below IPv6's loses
// all of IPv6, and one whose IPv6 is switched off likewise; one that loses its
// last IPv4 address loses its IPv4 routes and neighbors, and one that gets another
// MAC address its neighbors. A global forwarding
// setting overwrites that of each link, and a link's MTU its IPv6 MTU.
func (b *Backend) Takes(s plan.Step, o object.Object) bool {
	if set, ok := s.Want.(*object.Setting); ok {
		switch set.Name {
		case object.Forwarding:
			below, ok := o.(*object.Setting)
			return ok && set.Link == "" && below.Link != "" && below.Name == object.Forwarding && below.Family == set.Family
		case object.ProtocolEnabled:
			return set.Value == 0 && isIPv6(o)
		}
		return false
	}
	if a, ok := s.Have.(*object.Address); ok && s.Op == plan.Delete {
		return a.IP.Is4() && isIPv4(o) // the link is then out of IPv4
	}
	want, ok := s.Want.(*object.Link)
	if !ok {
		return false
	}
	switch s.Attr() {
	case object.Up:
		if want.Up {
			return false
		}
		switch o := o.(type) {
		case *object.Address:
			return o.IP.Is6()
		case *object.Route:
			return o.Type == object.Unicast
		case *object.Neighbor:
			return true
		}
	case object.MACAttr:
		_, neighbor := o.(*object.Neighbor)
		return neighbor
	case object.MTU:
		if set, ok := o.(*object.Setting); ok {
			return set.Name == object.ProtocolMTU && set.Family == object.IPv6 && set.Link == want.Name
		}
		return want.MTU < minMTU6 && s.Have.(*object.Link).MTU >= minMTU6 && isIPv6(o)
	}
	return false
}

// isIPv4 reports whether o is an IPv4 neighbor, or a route that leads somewhere.
func isIPv4(o object.Object) bool {
	switch o := o.(type) {
	case *object.Route:
		return o.Prefix.Addr().Is4() && o.Type == object.Unicast
	case *object.Neighbor:
		return o.IP.Is4()
	}
	return false
}

func isIPv6(o object.Object) bool {
	switch o := o.(type) {
	case *object.Address:
		return o.IP.Is6()
	case *object.Route:
		return o.Prefix.Addr().Is6()
	case *object.Neighbor:
		return o.IP.Is6()
	}
	return false
}

// Exclusive is an address, which on two links of one network would be found a
// duplicate, and what tells VLANs of one parent, and tunnels, apart.
func (b *Backend) Exclusive(o object.Object) string {
	switch o := o.(type) {
	case *object.Address:
		return "address " + o.IP.String()
	case *object.Link:
		switch o.Kind {
		case object.VLAN:
			return fmt.Sprintf("vlan %d of %s", o.VLANID, o.Parent)
		case object.GRE, object.IPIP:
			return fmt.Sprintf("%s from %s to %s key %d", o.Kind, o.Local, o.Remote, o.Key)
		case object.VXLAN:
			port := o.Port
			if port == 0 {
				port = vxlanPort
			}
			return fmt.Sprintf("vxlan %d port %d", o.VNI, port)
		}
	}
	return ""
}

// ReadFirst is so of all but routes, which cannot be read one by one cheaply.
func (b *Backend) ReadFirst(k object.Kind) bool { return k != object.KindRoute }
