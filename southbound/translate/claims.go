package translate

import (
	"net/netip"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// OnLink collects the claims of what is on one link, and the first error.
type OnLink struct {
	Link   string
	Claims []object.Claim
	Err    error
}

// Add takes a claim.
func (o *OnLink) Add(c object.Claim) { o.Claims = append(o.Claims, c) }

// Fail takes an error.
func (o *OnLink) Fail(err error) {
	if o.Err == nil {
		o.Err = err
	}
}

// Flag claims a setting that the boolean leaf at p sets; nil claims nothing.
func (o *OnLink) Flag(name object.SettingName, f object.Family, on *bool, p path.Path) {
	if on == nil {
		return
	}
	s := &object.Setting{Name: name, Family: f, Link: o.Link}
	if *on {
		s.Value = 1
	}
	o.Add(object.NewClaim(s, p, object.ValueAttr))
}

// Number claims a setting that the numeric leaf at p sets; nil claims nothing.
func (o *OnLink) Number(name object.SettingName, f object.Family, value *uint32, p path.Path) {
	if value != nil {
		s := &object.Setting{Name: name, Family: f, Link: o.Link, Value: *value}
		o.Add(object.NewClaim(s, p, object.ValueAttr))
	}
}

// IPv4MTU claims the link's MTU, for no dataplane has one of IPv4 alone.
func (o *OnLink) IPv4MTU(mtu *uint16, p path.Path) {
	if mtu != nil {
		o.Add(object.NewClaim(&object.Link{Name: o.Link, MTU: uint32(*mtu)}, p, object.MTU))
	}
}

// Address claims the address of the list entry at p, whose prefix length is the
// leaf at where.
func (o *OnLink) Address(p path.Path, text string, where path.Path, length *uint8) {
	ip, err := parseIP(text, p)
	if err != nil {
		o.Fail(err)
		return
	}
	if length == nil {
		o.Fail(fault.New(fault.DataMissing, where, "an address needs its prefix length"))
		return
	}
	c := object.NewClaim(&object.Address{Link: o.Link, IP: ip, PrefixLength: *length}, p)
	c.Add(object.PrefixLength, where)
	o.Add(c)
}

// Neighbor claims the static neighbor of the list entry at p, whose link-layer
// address is the leaf at where.
func (o *OnLink) Neighbor(p path.Path, text string, where path.Path, mac *string) {
	ip, err := parseIP(text, p)
	if err != nil {
		o.Fail(err)
		return
	}
	if mac == nil {
		o.Fail(fault.New(fault.DataMissing, where, "a static neighbor needs its link-layer address"))
		return
	}
	address, err := object.ParseMAC(*mac)
	if err != nil {
		o.Fail(fault.Wrap(fault.InvalidValue, where, err, "not an Ethernet address"))
		return
	}
	c := object.NewClaim(&object.Neighbor{Link: o.Link, IP: ip, MAC: address}, p)
	c.Add(object.LinkLayer, where)
	o.Add(c)
}

// LinkMAC reads the hardware address of a link that the leaf at p has: one of a
// single station.
func LinkMAC(text string, p path.Path) (object.MACAddr, error) {
	mac, err := object.ParseMAC(text)
	if err != nil {
		return mac, fault.Wrap(fault.InvalidValue, p, err, "not an Ethernet address")
	}
	if mac.IsZero() || mac[0]&1 != 0 {
		return mac, fault.New(fault.InvalidValue, p, "%s cannot be a link's own address: it must be neither zero nor a group's, which have an odd first octet", mac)
	}
	return mac, nil
}

func parseIP(text string, at path.Path) (netip.Addr, error) {
	ip, err := netip.ParseAddr(text)
	if err != nil || ip.Zone() != "" {
		return ip, fault.New(fault.InvalidValue, at, "%q is not an IP address without a zone", text)
	}
	return ip, nil
}

// IP reads an address that the leaf at p has.
func IP(text string, p path.Path) (netip.Addr, error) { return parseIP(text, p) }
