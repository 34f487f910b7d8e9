package vpp

import (
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
)

// changeLink tells what VPP can change in place: of the attributes of a kind only a
// bridge's ageing time.
func changeLink(_, _ *object.Link, a object.Attr) plan.Manner {
	switch a {
	case object.Up, object.MTU, object.MACAttr, object.Description, object.Master, object.Lender, object.AgeingTime, object.TypeAttr:
		return plan.InPlace
	}
	return plan.BreakBeforeMake
}

// defaultLink tells what VPP gives a new link, and what a new one is made with here.
// Of an interface that is not made here the MAC address and the MTU may be its
// device's.
func (b *Backend) defaultLink(have *object.Link, a object.Attr) (object.Object, bool) {
	d := *have
	switch a {
	case object.Description:
		d.Description = ""
	case object.Master:
		d.Master = ""
	case object.Lender:
		d.Lender = ""
	case object.MTU:
		if _, ours := linkKinds[have.Kind]; !ours {
			return nil, false
		}
		d.MTU = defaultMTU
	case object.MACAttr:
		if !hasOwnMAC(have) {
			return nil, false
		}
		d.MAC = b.firstMAC(have)
	case object.AgeingTime:
		d.AgeingTime = defaultAge
	case object.STP:
		d.STP = false
	case object.ForwardDelay:
		d.ForwardDelay = 0
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
	case object.MultiQueue:
		d.MultiQueue = false
	case object.HostLink:
		if have.Kind != object.Tap {
			return nil, false
		}
		d.HostLink = have.Name
	case object.MemifRoleAttr:
		d.MemifRole = object.MemifServer
	case object.MemifModeAttr:
		d.MemifMode = object.MemifEthernet
	case object.RingSize:
		d.RingSize = defaultRing
	case object.BufferSize:
		d.BufferSize = defaultBuffer
	default:
		return nil, false
	}
	return &d, true
}

// exclusiveLink is what no two links of one kind can have in common.
func exclusiveLink(l *object.Link) string {
	if k, ok := linkKinds[l.Kind]; ok {
		return k.exclusive(l)
	}
	return ""
}
