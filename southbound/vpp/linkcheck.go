package vpp

import (
	"errors"
	"fmt"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// Limits of VPP's messages and of IP.
const (
	maxLinkName = 63 // octets: 64 with a final NUL
	minMTU      = 68 // RFC 791 §3.2
	maxMTU      = 65535
	maxAge      = 255 // minutes
)

// wrong says which attribute cannot be so.
func wrong(a object.Attr, format string, args ...any) error {
	return &southbound.AttrError{Attr: a, Reason: fmt.Sprintf(format, args...)}
}

// unsupported is wrong of what VPP has not at all.
func unsupported(a object.Attr, format string, args ...any) error {
	return fmt.Errorf("%w: %w", wrong(a, format, args...), southbound.ErrUnsupported)
}

// checkLink says what of a link VPP can never hold.
func checkLink(c *object.Claim, l *object.Link) error {
	if err := checkLinkName(l.Name); err != nil {
		return err
	}
	created := c.Has(object.LinkKindAttr) && l.Kind != object.Existing
	if created && l.Kind == object.VRF {
		return checkVRF(c, l)
	}
	if created {
		k, ok := linkKinds[l.Kind]
		if !ok {
			return unsupported(object.LinkKindAttr, "VPP has no links of kind %s", l.Kind)
		}
		if err := k.check(c, l); err != nil {
			return err
		}
	}
	switch {
	case c.Has(object.MTU) && (l.MTU < minMTU || l.MTU > maxMTU):
		return wrong(object.MTU, "%d: %d to %d octets are possible", l.MTU, minMTU, maxMTU)
	case c.Has(object.MACAttr) && l.MAC.IsZero():
		return wrong(object.MACAttr, "00:00:00:00:00:00 is no address of a link")
	case c.Has(object.MACAttr) && l.MAC[0]&1 != 0:
		return wrong(object.MACAttr, "%s is the address of a group; the first octet of a link's address is even", l.MAC)
	case c.Has(object.MACAttr) && created && l.Kind == object.VLAN:
		return wrong(object.MACAttr, "a subinterface of VPP has the address of its parent")
	case c.Has(object.MACAttr) && created && l.Kind == object.Memif && c.Has(object.MemifModeAttr) && l.MemifMode == object.MemifIP:
		return wrong(object.MACAttr, "a memif that passes IP has no MAC address")
	case c.Has(object.Lender) && l.Lender == l.Name:
		return wrong(object.Lender, "a link cannot lend addresses to itself")
	case c.Has(object.Master) && l.Master == l.Name:
		return wrong(object.Master, "a link cannot be its own master")
	}
	return checkDescription(c, l, created)
}

func checkLinkName(name string) error {
	if len(name) == 0 || len(name) > maxLinkName {
		return wrong("", "%q cannot be the name of a link: 1 to %d characters are needed", name, maxLinkName)
	}
	for _, octet := range []byte(name) {
		if octet <= ' ' || octet > '~' {
			return wrong("", "%q cannot be the name of a link: only visible ASCII characters are possible", name)
		}
	}
	return nil
}

// checkDescription finds out whether a description fits into a tag, behind the mark
// if the link is made here.
func checkDescription(c *object.Claim, l *object.Link, created bool) error {
	if !c.Has(object.Description) {
		return nil
	}
	room := maxTag
	if created {
		room -= len(markOf(l, c.Has).String())
	} else if _, _, ours := cutMark(l.Description); ours {
		return wrong(object.Description, "it must not begin with %q, which marks links that an agent has created", mark)
	}
	if len(l.Description) > room {
		return wrong(object.Description, "it has %d octets, VPP has room for %d", len(l.Description), room)
	}
	for _, octet := range []byte(l.Description) {
		if octet == 0 {
			return wrong(object.Description, "it must not have a NUL in it")
		}
	}
	return nil
}

// checkVRF refuses what belongs to interfaces: a VRF of VPP is two tables.
func checkVRF(c *object.Claim, l *object.Link) error {
	for _, a := range []object.Attr{object.MTU, object.MACAttr, object.Description, object.Master, object.Lender} {
		if c.Has(a) {
			return wrong(a, "a VRF of VPP has none, for it is no interface")
		}
	}
	if c.Has(object.Up) && !l.Up {
		return wrong(object.Up, "a VRF of VPP is always up, for it is no interface")
	}
	if room := maxTag - len(mark+markEnd); len(l.Name) > room {
		return wrong("", "the name of a VRF of VPP has at most %d characters", room)
	}
	return nil
}

// check is about what VPP's bridge domains do not have.
func (bridges) check(c *object.Claim, l *object.Link) error {
	switch {
	case len(l.Name) > maxTag-len(mark+markEnd):
		return wrong("", "the name of a bridge of VPP has at most %d characters", maxTag-len(mark+markEnd))
	case c.Has(object.STP) && l.STP:
		return unsupported(object.STP, "VPP has no spanning tree")
	case c.Has(object.ForwardDelay) && l.ForwardDelay != 0:
		return unsupported(object.ForwardDelay, "VPP's bridges forward at once; leave it out")
	case c.Has(object.VLANFilter) && l.VLANFilter:
		return unsupported(object.VLANFilter, "VPP's bridges do not tell VLANs apart; let the VLANs' subinterfaces be the ports")
	case c.Has(object.AgeingTime) && (l.AgeingTime%60 != 0 || l.AgeingTime > maxAge*60):
		return wrong(object.AgeingTime, "%d s: VPP counts minutes, %d at most; %d s is possible", l.AgeingTime, maxAge, nearestAge(l.AgeingTime))
	}
	return nil
}

func nearestAge(seconds uint32) uint32 {
	return min(max((seconds/60+(seconds%60+30)/60), 1), maxAge) * 60
}

// isGone reports whether an error says that what was asked for is not there.
func isGone(err error) bool { return errors.Is(err, southbound.ErrGone) }

// missing makes nothing of the error of a listing that VPP has not got: what it
// would list cannot be there.
func missing(err error) error {
	if errors.Is(err, southbound.ErrUnsupported) {
		return nil
	}
	return err
}
