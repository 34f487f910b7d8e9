package southbound_test

import (
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/gen"
	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/ietf"
	"github.com/outrigger-cnf/outrigger/southbound/openconfig"
)

// BenchmarkWeight is the memory that an object costs the driver, beside its
// configuration: an interface that waits for its link, and a route that is there.
func BenchmarkWeight(b *testing.B) {
	s := gen.Schema()
	for _, object := range []struct {
		name   string
		number int
		leaves func(i int) map[string]string
	}{
		{"pending interface", 20000, func(i int) map[string]string {
			at := fmt.Sprintf("/openconfig-interfaces:interfaces/interface[name='eth%d']/config/", i)
			return map[string]string{at + "name": fmt.Sprintf("eth%d", i), at + "type": "iana-if-type:ethernetCsmacd", at + "mtu": "1500", at + "description": "to somewhere", at + "enabled": "true"}
		}},
		{"route", 10000, func(i int) map[string]string {
			prefix := fmt.Sprintf("10.%d.%d.0/24", i/250, i%250)
			at := "/openconfig-network-instance:network-instances/network-instance[name='DEFAULT']/protocols/protocol[identifier='openconfig-policy-types:STATIC'][name='STATIC']/static-routes/static[prefix='" + prefix + "']/"
			hop := at + "next-hops/next-hop[index='0']/config/"
			return map[string]string{at + "config/prefix": prefix, hop + "index": "0", hop + "next-hop": "192.0.2.2"}
		}},
	} {
		b.Run(object.name, func(b *testing.B) {
			leaves := make(map[string]string)
			for i := range object.number {
				for at, value := range object.leaves(i) {
					leaves[at] = value
				}
			}
			full := configuration(b, s, leaves)
			clear(leaves)
			for b.Loop() {
				before := heap()
				d := newDriver(b, s)
				if err := d.Apply(b.Context(), tree.New(s), full); err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(heap()-before)/float64(object.number), "B/object")
				if name := os.Getenv("OUTRIGGER_HEAP_PROFILE"); name != "" {
					profile(b, name)
				}
				runtime.KeepAlive(d)
			}
			runtime.KeepAlive(full)
		})
	}
}

func configuration(b *testing.B, s *schema.Schema, leaves map[string]string) tree.Tree {
	x := tree.New(s).Txn()
	for at, text := range leaves {
		p, def, err := s.Resolve(at)
		if err != nil {
			b.Fatal(err)
		}
		v, err := def.Parse(text, s.ModuleNames())
		if err != nil {
			b.Fatal(err)
		}
		if err := x.Set(p, v); err != nil {
			b.Fatal(err)
		}
	}
	return x.Tree()
}

func newDriver(b *testing.B, s *schema.Schema) *southbound.Driver {
	oc, err := openconfig.New(s)
	if err != nil {
		b.Fatal(err)
	}
	twin, err := ietf.New(s)
	if err != nil {
		b.Fatal(err)
	}
	d, err := southbound.New(southbound.Config{Backend: prompt{newRemote()}.Backend(b), Models: []southbound.Model{oc, twin}})
	if err != nil {
		b.Fatal(err)
	}
	var _ agent.Driver = d
	return d
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func profile(b *testing.B, name string) {
	f, err := os.Create(name)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	if err := pprof.WriteHeapProfile(f); err != nil {
		b.Fatal(err)
	}
}
