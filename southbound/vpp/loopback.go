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

func (loopbacks) create(ctx context.Context, b *Backend, l *object.Link, _ plan.Step) (uint32, error) {
	var reply interfaces.CreateLoopbackInstanceReply
	err := b.tryNumbers(lowNumbers, l.Name, func(n uint32) error {
		reply = interfaces.CreateLoopbackInstanceReply{}
		return b.write(ctx, &interfaces.CreateLoopbackInstance{
			MacAddress: ethernet_types.MacAddress(b.ownMAC(l.Name)), IsSpecified: true, UserInstance: n,
		}, &reply)
	})
	return uint32(reply.SwIfIndex), err
}

func (loopbacks) remove(ctx context.Context, b *Backend, l *link) error {
	return b.write(ctx, &interfaces.DeleteLoopback{SwIfIndex: l.at()}, &interfaces.DeleteLoopbackReply{})
}

func (loopbacks) leftover(l *link) bool { return lowNumbers.leftover(l.Name, "loop") }
