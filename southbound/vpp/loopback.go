package vpp

import (
	"context"

	"go.fd.io/govpp/api"
	"go.fd.io/govpp/binapi/ethernet_types"
	interfaces "go.fd.io/govpp/binapi/interface"

	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
	"github.com/outrigger-cnf/outrigger/southbound/vpp/conn"
)

// loopbacks are links of kind Loopback.
type loopbacks struct{ plainKind }

func (loopbacks) feature() conn.Feature {
	return conn.Feature{Name: "loopbacks", Messages: []api.Message{
		&interfaces.CreateLoopbackInstance{}, &interfaces.CreateLoopbackInstanceReply{},
		&interfaces.DeleteLoopback{}, &interfaces.DeleteLoopbackReply{},
	}}
}

// create gives the link a MAC address of its own: those that VPP gives are the
// same in each VPP.
func (loopbacks) create(ctx context.Context, b *Backend, l *object.Link, _ plan.Step) (uint32, error) {
	mac, err := randomMAC()
	if err != nil {
		return 0, err
	}
	var reply interfaces.CreateLoopbackInstanceReply
	err = b.tryNumbers(lowNumbers, l.Name, func(n uint32) error {
		reply = interfaces.CreateLoopbackInstanceReply{}
		return b.write(ctx, &interfaces.CreateLoopbackInstance{
			MacAddress: ethernet_types.MacAddress(mac), IsSpecified: true, UserInstance: n,
		}, &reply)
	})
	return uint32(reply.SwIfIndex), err
}

func (loopbacks) remove(ctx context.Context, b *Backend, l *link) error {
	return b.write(ctx, &interfaces.DeleteLoopback{SwIfIndex: l.at()}, &interfaces.DeleteLoopbackReply{})
}

func (loopbacks) leftover(l *link) bool { return lowNumbers.leftover(l.Name, "loop") }
