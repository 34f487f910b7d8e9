package vpp

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"go.fd.io/govpp/api"
	interfaces "go.fd.io/govpp/binapi/interface"
	"go.fd.io/govpp/binapi/interface_types"

	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
	"github.com/outrigger-cnf/outrigger/southbound/vpp/conn"
)

// vlans are links of kind VLAN: subinterfaces that take the frames with one tag, of
// one number. VPP names a subinterface by its parent and a number, and takes a
// change of its name for one of the parent's.
type vlans struct{}

func (vlans) feature() conn.Feature {
	return conn.Feature{Name: "subinterfaces", Messages: []api.Message{
		&interfaces.CreateSubif{}, &interfaces.CreateSubifReply{},
		&interfaces.DeleteSubif{}, &interfaces.DeleteSubifReply{},
	}}
}

const vlanFlags = interface_types.SUB_IF_API_FLAG_ONE_TAG | interface_types.SUB_IF_API_FLAG_EXACT_MATCH

// isVLAN reports whether a subinterface is a VLAN: its flags say what frames it takes.
func isVLAN(d *interfaces.SwInterfaceDetails) bool {
	return d.SubIfFlags == vlanFlags
}

// subNumber is the number of a subinterface of a parent by its name.
func subNumber(name, parent string) (uint32, bool) {
	digits, ok := strings.CutPrefix(name, parent+".")
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, 10, 32)
	return uint32(n), err == nil && strconv.FormatUint(n, 10) == digits
}

func (vlans) check(_ *object.Claim, l *object.Link) error {
	switch n, ok := subNumber(l.Name, l.Parent); {
	case l.Parent == "":
		return wrong(object.Parent, "a VLAN needs a parent link")
	case !ok || n == 0 || n == noIndex:
		return wrong("", "VPP names a VLAN of %s %s.N, N from 1: %q is not possible", l.Parent, l.Parent, l.Name)
	case l.VLANID == 0 || l.VLANID > 4094:
		return wrong(object.VLANID, "a VLAN has a number from 1 to 4094, not %d", l.VLANID)
	}
	return nil
}

func (vlans) create(ctx context.Context, b *Backend, l *object.Link, _ plan.Step) (uint32, error) {
	parent, err := b.index(ctx, l.Parent)
	if err != nil {
		return 0, err
	}
	n, ok := subNumber(l.Name, l.Parent)
	if !ok {
		return 0, fmt.Errorf("%q is no name of a VLAN of %s", l.Name, l.Parent)
	}
	var reply interfaces.CreateSubifReply
	err = b.write(ctx, &interfaces.CreateSubif{
		SwIfIndex: interface_types.InterfaceIndex(parent), SubID: n, SubIfFlags: vlanFlags,
		OuterVlanID: l.VLANID, InnerVlanID: reservedInner,
	}, &reply)
	return uint32(reply.SwIfIndex), err
}

func (vlans) remove(ctx context.Context, b *Backend, l *link) error {
	return b.write(ctx, &interfaces.DeleteSubif{SwIfIndex: l.at()}, &interfaces.DeleteSubifReply{})
}

// fill tells the parent.
func (vlans) fill(ctx context.Context, b *Backend, links map[uint32]*link) error {
	for _, l := range links {
		l.VLANID, l.ParentIndex = l.sub.SubOuterVlanID, l.sup
		var err error
		if l.Parent, err = b.nameAt(ctx, l.sup); err != nil {
			return err
		}
		if n, ok := subNumber(l.Name, l.Parent); !ok || n != l.sub.SubID {
			// The cache has not seen that the parent has another name now.
			l.Parent = strings.TrimSuffix(l.Name, "."+strconv.FormatUint(uint64(l.sub.SubID), 10))
		}
	}
	return nil
}

func (vlans) leftover(l *link) bool { return l.sub.SubInnerVlanID == reservedInner }

func (vlans) exclusive(l *object.Link) string {
	return fmt.Sprintf("vlan %d of %s", l.VLANID, l.Parent)
}
