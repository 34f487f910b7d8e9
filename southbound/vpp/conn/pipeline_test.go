package conn_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"go.fd.io/govpp/api"
	"go.fd.io/govpp/binapi/fib_types"
	interfaces "go.fd.io/govpp/binapi/interface"
	"go.fd.io/govpp/binapi/interface_types"
	"go.fd.io/govpp/binapi/ip"
	"go.fd.io/govpp/binapi/ip_types"
	"go.fd.io/govpp/binapi/l2"
	"go.fd.io/govpp/binapi/memclnt"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/vpp/conn"
	"github.com/outrigger-cnf/outrigger/southbound/vpp/vpptest"
)

func TestPipeline(t *testing.T) {
	each(t, func(t *testing.T, vpp vpptest.Dataplane) {
		c := open(t, config(vpp))
		await(t, c)
		const n = 3000
		var made [n]interfaces.CreateLoopbackInstanceReply
		told, refused := 0, 0
		request := &interfaces.CreateLoopbackInstance{IsSpecified: true}
		err := c.Pipeline(t.Context(), n, func(i int) api.Message {
			request.UserInstance = uint32(i % 100) // the rest are there already
			return request
		}, func(i int) api.Message { return &made[i] }, func(i int, err error) bool {
			if i != told {
				t.Fatalf("%d told instead of %d", i, told)
			}
			told++
			var r *conn.RetvalError
			switch {
			case errors.As(err, &r) && i >= 100:
				refused++
			case err != nil || i >= 100:
				t.Fatalf("exchange %d: %v", i, err)
			}
			return true
		})
		if err != nil || told != n || refused != n-100 {
			t.Fatalf("%d told, %d refused, %v", told, refused, err)
		}
		seen := make(map[interface_types.InterfaceIndex]bool)
		for i := range 100 {
			if seen[made[i].SwIfIndex] {
				t.Fatalf("reply %d is another one's", i)
			}
			seen[made[i].SwIfIndex] = true
		}
	})
}

// Once done says so no more are begun, and those that were are told.
func TestPipelineStopped(t *testing.T) {
	each(t, func(t *testing.T, vpp vpptest.Dataplane) {
		c := open(t, config(vpp))
		await(t, c)
		begun, told := 0, 0
		err := c.Pipeline(t.Context(), 100_000, func(int) api.Message { begun++; return &memclnt.ControlPing{} },
			func(int) api.Message { return &memclnt.ControlPingReply{} },
			func(i int, err error) bool {
				if err != nil {
					t.Error(err)
				}
				told++
				return i != 10
			})
		if err != nil || begun != told || told < 11 || told > 5000 {
			t.Fatalf("%d begun, %d told, %v", begun, told, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		begun, told = 0, 0
		err = c.Pipeline(ctx, 100_000, func(int) api.Message { begun++; return &memclnt.ControlPing{} },
			func(int) api.Message { return &memclnt.ControlPingReply{} },
			func(i int, err error) bool {
				if err != nil {
					t.Error(err)
				}
				told++
				if i == 10 {
					cancel()
				}
				return true
			})
		if !errors.Is(err, context.Canceled) || begun != told || told > 5000 {
			t.Fatalf("%d begun, %d told, %v", begun, told, err)
		}
		if err := ping(c); err != nil {
			t.Fatal(err)
		}
	})
}

// A message that this VPP lacks fails alone.
func TestPipelineUnsupported(t *testing.T) {
	vpp := vpptest.NewAbsent(t)
	vpp.MissCRC("bridge_domain_add_del_v2")
	vpp.Restart(t)
	c := open(t, config(vpp))
	await(t, c)
	told := 0
	err := c.Pipeline(t.Context(), 100, func(i int) api.Message {
		if i%2 == 0 {
			return &l2.BridgeDomainAddDelV2{}
		}
		return &memclnt.ControlPing{}
	}, func(i int) api.Message {
		if i%2 == 0 {
			return &l2.BridgeDomainAddDelV2Reply{}
		}
		return &memclnt.ControlPingReply{}
	}, func(i int, err error) bool {
		if errors.Is(err, southbound.ErrUnsupported) != (i%2 == 0) {
			t.Errorf("%d: %v", i, err)
		}
		told++
		return true
	})
	if err != nil || told != 100 {
		t.Fatalf("%d, %v", told, err)
	}
}

// A VPP that dies or hangs in the midst leaves the outcome of some open and says
// so of each; what was not begun is not told.
func TestPipelineBroken(t *testing.T) {
	for name, disturb := range map[string]func(vpptest.Dataplane){"die": vpptest.Dataplane.Die, "hang": vpptest.Dataplane.Hang} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, vpp vpptest.Dataplane) {
				cfg := config(vpp)
				c := open(t, cfg)
				await(t, c)
				const n = 1_000_000
				begun, good, open := 0, 0, 0
				err := c.Pipeline(t.Context(), n, func(int) api.Message { begun++; return &memclnt.ControlPing{} },
					func(int) api.Message { return &memclnt.ControlPingReply{} },
					func(i int, err error) bool {
						switch {
						case err == nil:
							good++
						case errors.Is(err, southbound.ErrAway):
							open++
						default:
							t.Errorf("%d: %v", i, err)
						}
						if i == 2000 {
							disturb(vpp)
						}
						return true
					})
				if !errors.Is(err, southbound.ErrAway) || good < 2000 || open == 0 || good+open != begun || begun == n {
					t.Fatalf("%d begun, %d good, %d open: %v", begun, good, open, err)
				}
				if name == "die" {
					vpp.Restart(t)
				} else {
					vpp.Resume()
				}
				await(t, c)
				if err := ping(c); err != nil {
					t.Fatal(err)
				}
			})
		})
	}
}

// What was asked of a VPP that hung is done before the next connection is of use,
// or not at all.
func TestDrained(t *testing.T) {
	each(t, func(t *testing.T, vpp vpptest.Dataplane) {
		c := open(t, config(vpp))
		await(t, c)
		makeTable(t, c)
		count := func() int {
			list, err := conn.Dump[ip.IPRouteV2Details](t.Context(), c, &ip.IPRouteV2Dump{Table: ip.IPTable{TableID: vrf}})
			if err != nil {
				t.Fatal(err)
			}
			return len(list)
		}
		before := count()
		vpp.Hang()
		begun, reply := 0, &ip.IPRouteAddDelV2Reply{}
		err := c.Pipeline(t.Context(), 5000, func(i int) api.Message { begun++; return addRoute(i) }, func(int) api.Message { return reply },
			func(i int, err error) bool { return true })
		if !errors.Is(err, southbound.ErrAway) || begun == 5000 {
			t.Fatalf("hung after %d: %v", begun, err)
		}
		vpp.Resume()
		await(t, c)
		first := count()
		for range 200 {
			if err := ping(c); err != nil {
				t.Fatal(err)
			}
		}
		if last := count(); first != last || first-before > begun || first == before || c.Epoch() != 2 {
			t.Fatalf("%d at first, %d asked for, %d at once, %d in the end; epoch %d", before, begun, first, last, c.Epoch())
		}
	})
}

const vrf = 77

func makeTable(t testing.TB, c *conn.Conn) {
	t.Helper()
	if err := c.Call(t.Context(), &ip.IPTableAddDelV2{IsAdd: true, Table: ip.IPTable{TableID: vrf, Name: "bench"}}, &ip.IPTableAddDelV2Reply{}); err != nil {
		t.Fatal(err)
	}
}

func addRoute(i int) *ip.IPRouteAddDelV2 {
	return &ip.IPRouteAddDelV2{IsAdd: true, Route: ip.IPRouteV2{
		TableID: vrf, NPaths: 1, Paths: []fib_types.FibPath{{SwIfIndex: ^uint32(0), Weight: 1, Type: fib_types.FIB_API_PATH_TYPE_DROP}},
		Prefix: ip_types.Prefix{Len: 32, Address: ip_types.Address{
			Un: ip_types.AddressUnionIP4(ip_types.IP4Address{10 + byte(i>>24), byte(i >> 16), byte(i >> 8), byte(i)}),
		}},
	}}
}

// BenchmarkPipeline adds routes.
func BenchmarkPipeline(b *testing.B) {
	var vpp vpptest.Dataplane
	if path := os.Getenv("OUTRIGGER_VPP"); path != "" {
		vpp = vpptest.Start(b, path)
	} else {
		vpp = vpptest.NewFake(b)
	}
	cfg := config(vpp)
	cfg.Deadline = 3 * time.Second
	c := open(b, cfg)
	await(b, c)
	makeTable(b, c)
	reply := &ip.IPRouteAddDelV2Reply{}
	b.ResetTimer()
	err := c.Pipeline(b.Context(), b.N, func(i int) api.Message { return addRoute(i) }, func(int) api.Message { return reply }, func(i int, err error) bool {
		if err != nil {
			b.Errorf("route %d: %v", i, err)
		}
		return err == nil
	})
	if err != nil {
		b.Fatal(err)
	}
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "routes/s")
}
