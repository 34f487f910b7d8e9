package bench

import (
	"context"
	"fmt"
	"io"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"google.golang.org/grpc"

	"github.com/outrigger-cnf/outrigger/northbound/auth"
	"github.com/outrigger-cnf/outrigger/northbound/gnmi"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// many is a dataplane with many links; of one in every so many the counters count.
type many struct {
	nothing
	every  int
	links  []*object.LinkState
	asked  atomic.Uint64
	enough uint64 // how often, until stop
	stop   func()
}

func newMany(n, every int) *many {
	m := &many{every: every}
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

func (m *many) Counters(_ context.Context, _ string, read []object.LinkCounters) ([]object.LinkCounters, error) {
	asked := m.asked.Add(1)
	if m.stop != nil && asked >= m.enough {
		m.stop()
	}
	for i, l := range m.links {
		now := object.LinkCounters{Name: l.Name, Index: l.Index, Counters: object.Counters{Time: time.Now()}}
		if i%m.every == 0 {
			now.InOctets, now.InPackets = asked*1000+uint64(i), asked+uint64(i)
		}
		read = append(read, now)
	}
	return read, nil
}

// samples is the stream of a client that samples until it has enough.
type samples struct {
	grpc.ServerStream
	ctx   context.Context
	stop  context.CancelFunc
	first *gpb.SubscribeRequest
	size  int
}

func (s *samples) Context() context.Context { return s.ctx }

func (s *samples) Recv() (*gpb.SubscribeRequest, error) {
	if r := s.first; r != nil {
		s.first = nil
		return r, nil
	}
	<-s.ctx.Done()
	return nil, io.EOF
}

func (s *samples) Send(r *gpb.SubscribeResponse) error { return s.SendMsg(r) }

func (s *samples) SendMsg(m any) error {
	text, err := gnmi.Codec().Marshal(m)
	s.size += text.Len()
	text.Free()
	return err
}

// BenchmarkSample reads the counters of 1,000 interfaces, renders them, and makes
// messages of them, with nothing below and nobody to send to.
func BenchmarkSample(b *testing.B) {
	b.Run("one counts", func(b *testing.B) { sample(b, 1000) })
	b.Run("one in 8 counts", func(b *testing.B) { sample(b, 8) })
	b.Run("all count", func(b *testing.B) { sample(b, 1) })
}

func sample(b *testing.B, every int) {
	backend := newMany(1000, every)
	a := agentOn(b, backend)
	const interval = 100 * time.Millisecond
	server := gnmi.New(gnmi.Config{Agent: a, Schema: a.Schema(), Limits: gnmi.Limits{MinSample: interval}})
	p := &samples{first: subscribe("/interfaces/interface[name=*]/state/counters", gpb.SubscriptionMode_SAMPLE, interval)}
	p.ctx, p.stop = context.WithCancel(auth.NewContext(b.Context(), auth.Identity{User: "admin"}))
	var before, after syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &before); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.ResetTimer()
	backend.enough, backend.stop = backend.asked.Load()+uint64(b.N), p.stop
	if err := server.Subscribe(p); err != nil && p.ctx.Err() == nil {
		b.Fatal(err)
	}
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &after); err != nil {
		b.Fatal(err)
	}
	used := after.Utime.Nano() + after.Stime.Nano() - before.Utime.Nano() - before.Stime.Nano()
	b.ReportMetric(float64(used)/float64(time.Millisecond)/float64(b.N), "cpu-ms/sample")
	b.ReportMetric(float64(p.size)/float64(b.N+1), "octets/sample")
	b.ReportMetric(0, "ns/op") // it waits most of the time
}
