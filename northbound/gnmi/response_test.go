package gnmi_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding"
	grpcproto "google.golang.org/grpc/encoding/proto"
	"google.golang.org/protobuf/proto"

	"github.com/outrigger-cnf/outrigger/northbound/gnmi"
)

// direct is a call without gRPC, with one request: what is sent goes through a codec.
type direct struct {
	grpc.ServerStream
	ctx   context.Context
	first *gpb.SubscribeRequest
	codec encoding.CodecV2
	got   []*gpb.SubscribeResponse
}

func (d *direct) Context() context.Context { return d.ctx }

func (d *direct) Recv() (*gpb.SubscribeRequest, error) {
	r := d.first
	if d.first = nil; r == nil {
		return nil, io.EOF
	}
	return r, nil
}

func (d *direct) Send(r *gpb.SubscribeResponse) error { return d.SendMsg(r) }

func (d *direct) SendMsg(m any) error {
	if _, ok := m.(proto.Message); !ok {
		return fmt.Errorf("%T is no message", m)
	}
	wire, err := d.codec.Marshal(m)
	if err != nil {
		return err
	}
	defer wire.Free()
	r := &gpb.SubscribeResponse{}
	d.got = append(d.got, r)
	return d.codec.Unmarshal(wire, r)
}

// Whoever reads what is sent reads the same, whether it knows Codec or not.
func TestResponses(t *testing.T) {
	b := newBench(t, gnmi.Limits{MaxResponse: 4096})
	var lines []string
	for i := range 100 {
		lines = append(lines, fmt.Sprintf("/openconfig-interfaces:interfaces/interface[name='eth%d']/config/mtu = %d", i, 1000+i))
	}
	lines = append(lines, eth0+"/config/description = "+strings.Repeat("long ", 4000)) // alone more than is sent at a time
	b.configure(lines...)
	list := list(once, onChange("/interface[name=*]/config"))
	list.Prefix = gp("/interfaces")
	list.Prefix.Target = "here"
	s := b.subscribe(list)
	expected := show(true, s.sync()...)
	for _, codec := range []encoding.CodecV2{gnmi.Codec(), encoding.GetCodecV2(grpcproto.Name)} {
		d := &direct{ctx: b.ctx(), codec: codec, first: &gpb.SubscribeRequest{Request: &gpb.SubscribeRequest_Subscribe{Subscribe: list}}}
		if err := b.server.Subscribe(d); err != nil {
			t.Fatal(err)
		}
		last := len(d.got) - 1
		if !d.got[last].GetSyncResponse() {
			t.Errorf("the last message is %v", d.got[last])
		}
		var ns []*gpb.Notification
		for _, r := range d.got[:last] {
			n := r.GetUpdate()
			if size := proto.Size(r); size > 4096 && len(n.GetUpdate()) > 1 {
				t.Errorf("%d updates of together %d octets", len(n.Update), size)
			}
			ns = append(ns, n)
		}
		if len(ns) < 4 {
			t.Errorf("%d notifications only", len(ns))
		}
		want(t, show(true, ns...), expected)
	}
}
