package gnmi_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	gpb "github.com/openconfig/gnmi/proto/gnmi"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/gen"
	"github.com/outrigger-cnf/outrigger/northbound/gnmi"
)

// populate configures n interfaces of four leafs.
func populate(b *bench, n int) {
	lines := make([]string, 0, 3*n)
	for i := range n {
		p := fmt.Sprintf("/openconfig-interfaces:interfaces/interface[name='eth%d']/config/", i)
		lines = append(lines, p+fmt.Sprintf("name = eth%d", i), p+"mtu = 1500", p+"description = an interface", p+"enabled = true")
	}
	b.configure(lines...)
}

// sizes are the numbers of interfaces with which one leaf has to cost the same.
var sizes = []int{1_000, 10_000, 100_000}

// BenchmarkSetLeaf is a Set of one leaf, from call to answer.
func BenchmarkSetLeaf(bm *testing.B) {
	for _, n := range sizes {
		bm.Run(fmt.Sprint(n, " interfaces"), func(bm *testing.B) {
			b := newBench(bm, gnmi.Limits{})
			populate(b, n)
			reqs := []*gpb.SetRequest{
				update(up("/interfaces/interface[name=eth0]/config/mtu", uintVal(1400))),
				update(up("/interfaces/interface[name=eth0]/config/mtu", uintVal(1500))),
			}
			for i := 0; bm.Loop(); i++ {
				if _, err := b.client.Set(context.Background(), reqs[i%2]); err != nil {
					bm.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkGetLeaf is a Get of one leaf, from call to answer.
func BenchmarkGetLeaf(bm *testing.B) {
	for _, n := range sizes {
		bm.Run(fmt.Sprint(n, " interfaces"), func(bm *testing.B) {
			b := newBench(bm, gnmi.Limits{})
			populate(b, n)
			req := get(all, inProto, "/interfaces/interface[name=eth7]/config/mtu")
			for bm.Loop() {
				if _, err := b.client.Get(context.Background(), req); err != nil {
					bm.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkGet is a Get of 10,000 interfaces, from call to answer.
func BenchmarkGet(bm *testing.B) {
	b := newBench(bm, gnmi.Limits{})
	populate(b, 10_000)
	for _, enc := range []gpb.Encoding{inJSON, inIETF, inProto} {
		bm.Run(enc.String(), func(bm *testing.B) {
			req := get(all, enc, "/interfaces")
			for bm.Loop() {
				if _, err := b.client.Get(context.Background(), req); err != nil {
					bm.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkOnce is a Subscribe with mode ONCE of 10,000 interfaces.
func BenchmarkOnce(bm *testing.B) {
	b := newBench(bm, gnmi.Limits{})
	populate(b, 10_000)
	for bm.Loop() {
		s := b.subscribe(list(once, onChange("/interfaces")))
		s.sync()
		s.cancel()
	}
}

// BenchmarkOnChange is the time from a published event until every client has it.
func BenchmarkOnChange(bm *testing.B) {
	for _, n := range sizes {
		bm.Run(fmt.Sprint("1 client ", n, " interfaces"), func(bm *testing.B) { onChangeLatency(bm, 1, n) })
	}
	bm.Run("100 clients 1000 interfaces", func(bm *testing.B) { onChangeLatency(bm, 100, 1_000) })
}

func onChangeLatency(bm *testing.B, clients, interfaces int) {
	b := newBench(bm, gnmi.Limits{})
	populate(b, interfaces)
	subs := make([]*sub, clients)
	got := make(chan struct{}, clients)
	for i := range subs {
		subs[i] = b.subscribe(list(stream, onChange("/interfaces/interface[name=*]/state")))
		subs[i].sync()
		go func() {
			for {
				if _, err := subs[i].stream.Recv(); err != nil {
					return
				}
				got <- struct{}{}
			}
		}()
	}
	p := b.path(eth0 + "/state/oper-status")
	changes := make([]agent.StateChange, 2)
	for i, v := range []string{"UP", "DOWN"} {
		_, val := b.assignment(p.String() + " = " + v)
		changes[i] = agent.StateChange{Path: p, Node: leaf(b, p, val)}
	}
	bm.ResetTimer()
	for i := 0; i < bm.N; i++ {
		b.driver.Emit(changes[i%2])
		for range clients {
			<-got
		}
	}
	bm.StopTimer()
	for _, s := range subs {
		s.cancel()
	}
}

// BenchmarkSampled is what a stream does for a sample of 1,000 interfaces of which
// every counter has counted.
func BenchmarkSampled(bm *testing.B) {
	const interfaces = 1000
	b := newBenchOn(bm, gen.Schema(), gnmi.Limits{})
	counters := b.path("/openconfig-interfaces:interfaces/interface[name='x']/state/counters")
	def, err := b.schema.Find(counters)
	if err != nil {
		bm.Fatal(err)
	}
	var leafs []*schema.Node
	for _, n := range def.Data {
		if n.Type.Kind == schema.Uint64 && len(leafs) < 12 {
			leafs = append(leafs, n)
		}
	}
	counts, err := tree.NewCounts(def, leafs)
	if err != nil {
		bm.Fatal(err)
	}
	trees := make([]tree.Tree, 2)
	values := make([]uint64, len(leafs))
	for i := range trees {
		x := tree.New(b.schema).Txn()
		for j := range interfaces {
			counters[1].Keys = []path.Key{{Name: "name", Value: fmt.Sprint("loop-", j)}}
			for k := range values {
				values[k] = uint64(i*1000 + j*100 + k)
			}
			if err := x.Replace(counters, counts.Node(values, 1<<len(leafs)-1)); err != nil {
				bm.Fatal(err)
			}
		}
		trees[i] = x.Tree()
	}
	for _, enc := range []gpb.Encoding{inProto, inIETF} {
		bm.Run(enc.String(), func(bm *testing.B) {
			l := list(stream, sample("/interfaces/interface[name=*]/state/counters", time.Second))
			l.Encoding = enc
			p, err := b.server.Sampler(l, func(m any) error {
				wire, err := gnmi.Codec().Marshal(m)
				wire.Free()
				return err
			})
			if err != nil {
				bm.Fatal(err)
			}
			bm.ReportAllocs()
			for i := 0; bm.Loop(); i++ {
				if err := p.Sample(trees[i%2], false); err != nil {
					bm.Fatal(err)
				}
			}
			bm.ReportMetric(float64(bm.Elapsed())/float64(bm.N*interfaces*len(leafs)), "ns/leaf")
		})
	}
	bm.Run("listed", func(bm *testing.B) {
		s := b.subscribe(list(stream, sample("/interfaces/interface[name=*]/state/counters", time.Hour)))
		s.sync()
		bm.ReportAllocs()
		for i := 0; bm.Loop(); i++ {
			if n := b.server.Listed(trees[i%2], trees[1-i%2]); n != 0 {
				bm.Fatal(n)
			}
		}
		s.cancel()
	})
}
