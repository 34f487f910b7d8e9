package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/store"
	"github.com/outrigger-cnf/outrigger/agent/validate"
	"github.com/outrigger-cnf/outrigger/gen"
	"github.com/outrigger-cnf/outrigger/northbound/auth"
	"github.com/outrigger-cnf/outrigger/northbound/gnmi"
	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/ietf"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/openconfig"
)

// many is a dataplane with many links; of one in eight the counters count.
type many struct {
	nothing
	links []*object.LinkState
	asked uint64
}

func newMany(n int) *many {
	m := &many{}
	for i := range n {
		m.links = append(m.links, &object.LinkState{
			Link:  object.Link{Name: fmt.Sprintf("loop-%d", i), Kind: object.Ethernet, Up: true, MTU: 1500},
			Index: uint32(i + 1), Oper: object.OperUp,
		})
	}
	return m
}

func (m *many) Dump(context.Context) ([]object.State, error) {
	all := make([]object.State, 0, len(m.links))
	for _, l := range m.links {
		all = append(all, l)
	}
	return all, nil
}

func (m *many) Counters(context.Context, string) ([]*object.LinkState, error) {
	m.asked++
	read := make([]*object.LinkState, 0, len(m.links))
	for i, l := range m.links {
		now := *l
		if i%8 == 0 {
			now.Counters.InOctets, now.Counters.InPackets = m.asked*1000, m.asked
		}
		read = append(read, &now)
	}
	return read, nil
}

// polls is the stream of a client that polls as often as the benchmark goes round.
type polls struct {
	grpc.ServerStream
	b     *testing.B
	ctx   context.Context
	first *gpb.SubscribeRequest
	read  func() // the counters, which a poll would not do as soon again
	size  int
}

func (p *polls) Context() context.Context { return p.ctx }

func (p *polls) Recv() (*gpb.SubscribeRequest, error) {
	if r := p.first; r != nil {
		p.first = nil
		return r, nil
	}
	if !p.b.Loop() {
		return nil, io.EOF
	}
	p.read()
	return &gpb.SubscribeRequest{Request: &gpb.SubscribeRequest_Poll{Poll: &gpb.Poll{}}}, nil
}

func (p *polls) Send(r *gpb.SubscribeResponse) error { return p.SendMsg(r) }

func (p *polls) SendMsg(m any) error {
	text, err := proto.Marshal(m.(proto.Message))
	p.size += len(text)
	return err
}

// BenchmarkSample reads the counters of 1,000 interfaces, renders them, and makes
// messages of them, with nothing below and nobody to send to.
func BenchmarkSample(b *testing.B) {
	s := gen.Schema()
	validator, err := validate.New(s)
	if err != nil {
		b.Fatal(err)
	}
	oc, err := openconfig.New(s)
	if err != nil {
		b.Fatal(err)
	}
	twin, err := ietf.New(s)
	if err != nil {
		b.Fatal(err)
	}
	d, err := southbound.New(southbound.Config{Backend: newMany(1000), Models: []southbound.Model{oc, twin}})
	if err != nil {
		b.Fatal(err)
	}
	a, err := agent.New(agent.Config{Schema: s, Store: store.NewEphemeral(s), Drivers: []agent.Driver{d}, Validator: validator})
	if err != nil {
		b.Fatal(err)
	}
	if err := a.Start(b.Context()); err != nil {
		b.Fatal(err)
	}
	defer a.Close()
	server := gnmi.New(gnmi.Config{Agent: a, Schema: s})
	p := &polls{b: b, ctx: auth.NewContext(b.Context(), auth.Identity{User: "admin"})}
	interfaces, _, err := s.Resolve("/openconfig-interfaces:interfaces")
	if err != nil {
		b.Fatal(err)
	}
	p.read = func() {
		if _, err := a.Refresh(b.Context(), interfaces, 0); err != nil {
			b.Error(err)
		}
	}
	p.first = &gpb.SubscribeRequest{Request: &gpb.SubscribeRequest_Subscribe{Subscribe: &gpb.SubscriptionList{
		Mode: gpb.SubscriptionList_POLL, Encoding: gpb.Encoding_PROTO,
		Subscription: []*gpb.Subscription{{Path: path("/interfaces/interface[name=*]/state/counters")}},
	}}}
	b.ReportAllocs()
	if err := server.Subscribe(p); err != nil && !errors.Is(err, io.EOF) {
		b.Fatal(err)
	}
	b.ReportMetric(float64(p.size)/float64(b.N+1), "octets/sample")
}
