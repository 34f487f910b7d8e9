package bench

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	gpb "github.com/openconfig/gnmi/proto/gnmi"

	"github.com/outrigger-cnf/outrigger/southbound/vpp/vpptest"
)

// withVPP starts a VPP, an agent beside it, and waits until the two have met.
func withVPP(b *testing.B) (*namespace, *process, *vpptest.VPP) {
	b.Helper()
	program := os.Getenv("OUTRIGGER_VPP")
	if program == "" {
		b.Skip("no VPP: make bench VPP=/path/to/vpp")
	}
	vpp := vpptest.Start(b, program, vpptest.Busy)
	config := filepath.Join(b.TempDir(), "outrigger.yaml")
	text := fmt.Sprintf("dev: true\nbackend: vpp\nvpp: {api-socket: %s, stats-socket: %s}\n", vpp.Socket(), vpp.Stats())
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	n := newNamespace(b)
	p := n.start(b, exec.Command(build(b), "run", "--config", config))
	client, ctx := n.gnmi(b)
	stream, err := client.Subscribe(ctx)
	if err != nil {
		b.Fatal(err)
	}
	if err := stream.Send(subscribe("/outrigger-ext:realization/state/connected", gpb.SubscriptionMode_ON_CHANGE, 0)); err != nil {
		b.Fatal(err)
	}
	for {
		r, err := stream.Recv()
		if err != nil {
			b.Fatal(err)
		}
		if u := r.GetUpdate().GetUpdate(); len(u) > 0 && u[0].GetVal().GetBoolVal() {
			return n, p, vpp
		}
	}
}

// subscribe is a stream of one path.
func subscribe(p string, mode gpb.SubscriptionMode, interval time.Duration) *gpb.SubscribeRequest {
	return &gpb.SubscribeRequest{Request: &gpb.SubscribeRequest_Subscribe{Subscribe: &gpb.SubscriptionList{
		Mode: gpb.SubscriptionList_STREAM, Encoding: gpb.Encoding_PROTO,
		Subscription: []*gpb.Subscription{{Path: path(p), Mode: mode, SampleInterval: uint64(interval)}},
	}}}
}

// jsonUpdate is an Update with a value in RFC 7951 JSON.
func jsonUpdate(p, value string) *gpb.Update {
	return &gpb.Update{Path: path(p), Val: &gpb.TypedValue{Value: &gpb.TypedValue_JsonIetfVal{JsonIetfVal: []byte(value)}}}
}

// loopback is an interface of VPP that the agent makes.
func loopback(name string) string {
	return `{"name": "` + name + `", "config": {"name": "` + name + `", "type": "iana-if-type:softwareLoopback", "enabled": true}, ` +
		`"outrigger-ext:link": {"config": {"kind": "loopback"}}}`
}

// set wants a Set to succeed, and returns how long it took.
func set(b *testing.B, n *namespace, requests ...*gpb.SetRequest) time.Duration {
	b.Helper()
	client, ctx := n.gnmi(b)
	begin := time.Now()
	for _, r := range requests {
		if _, err := client.Set(ctx, r); err != nil {
			b.Fatal(err)
		}
	}
	return time.Since(begin)
}

// BenchmarkVPPSetAddress is BenchmarkSetAddress with VPP: one leaf, to VPP and
// acknowledged.
func BenchmarkVPPSetAddress(b *testing.B) {
	n, _, _ := withVPP(b)
	set(b, n, &gpb.SetRequest{Update: []*gpb.Update{jsonUpdate("/interfaces/interface[name=one]", loopback("one"))}})
	client, ctx := n.gnmi(b)
	var all []time.Duration
	for i := 0; b.Loop(); i++ {
		ip := fmt.Sprintf("10.%d.%d.1", i>>8&255, i&255)
		at := "/interfaces/interface[name=one]/subinterfaces/subinterface[index=0]/ipv4/addresses/address[ip=" + ip + "]"
		r := &gpb.SetRequest{Update: []*gpb.Update{jsonUpdate(at, `{"config": {"ip": "`+ip+`", "prefix-length": 24}}`)}}
		begin := time.Now()
		if _, err := client.Set(ctx, r); err != nil {
			b.Fatal(err)
		}
		all = append(all, time.Since(begin))
		if _, err := client.Set(ctx, &gpb.SetRequest{Delete: []*gpb.Path{path(at)}}); err != nil {
			b.Fatal(err)
		}
	}
	latencies(b, all)
}

// BenchmarkVPPRoutes configures 10,000 static routes in one Set. The answer says
// that VPP has them. They go by another Set, which is not counted, and neither is
// what the agent renders when it has answered.
func BenchmarkVPPRoutes(b *testing.B) {
	const many = 10_000
	n, p, _ := withVPP(b)
	set(b, n, &gpb.SetRequest{Update: []*gpb.Update{jsonUpdate("/interfaces/interface[name=out]",
		strings.TrimSuffix(loopback("out"), "}")+`, "subinterfaces": {"subinterface": [{"index": 0, "config": {"index": 0}, "openconfig-if-ip:ipv4": `+
			`{"addresses": {"address": [{"ip": "192.0.2.1", "config": {"ip": "192.0.2.1", "prefix-length": 24}}]}}}]}}`)}})
	create, remove := manyRoutes(many)
	client, ctx := n.gnmi(b)
	var total time.Duration
	for b.Loop() {
		p.rest()
		begin := time.Now()
		if _, err := client.Set(ctx, create); err != nil {
			b.Fatal(err)
		}
		total += time.Since(begin)
		if _, err := client.Set(ctx, remove); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(many*float64(b.N)/total.Seconds(), "routes/s")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkVPPCounters subscribes to the counters of 1,000 interfaces, all of which
// count between two samples, and tells what CPU time of the agent one sample takes:
// reading, rendering and sending.
func BenchmarkVPPCounters(b *testing.B) {
	n, p, vpp := withVPP(b)
	var interfaces strings.Builder
	interfaces.WriteString(`{"interface": [`)
	for i := range 1000 {
		if i > 0 {
			interfaces.WriteByte(',')
		}
		interfaces.WriteString(loopback("loop-" + strconv.Itoa(i)))
	}
	interfaces.WriteString(`]}`)
	set(b, n, &gpb.SetRequest{Update: []*gpb.Update{jsonUpdate("/interfaces", interfaces.String())}})
	client, ctx := n.gnmi(b)
	stream, err := client.Subscribe(ctx)
	if err != nil {
		b.Fatal(err)
	}
	const interval = 200 * time.Millisecond
	vpptest.Traffic(b, vpp.Socket(), interval/4)
	if err := stream.Send(subscribe("/interfaces/interface[name=*]/state/counters", gpb.SubscriptionMode_SAMPLE, interval)); err != nil {
		b.Fatal(err)
	}
	// next waits for a sample of the first interface, and returns what it counts.
	next := func() uint64 {
		for {
			r, err := stream.Recv()
			if err != nil {
				b.Fatal(err)
			}
			for _, u := range r.GetUpdate().GetUpdate() {
				elems := append(r.GetUpdate().GetPrefix().GetElem(), u.GetPath().GetElem()...)
				if elems[len(elems)-1].GetName() == "in-octets" && strings.Contains(fmt.Sprint(elems), `"loop-0"`) {
					return u.GetVal().GetUintVal()
				}
			}
		}
	}
	var octets uint64
	for range 3 {
		octets = next()
	}
	before, samples, still := p.cpu(), 0, 0
	for b.Loop() {
		now := next()
		if now == octets {
			still++ // VPP had no time for traffic
		}
		octets = now
		samples++
	}
	if still*10 > samples {
		b.Fatalf("the interfaces did not count between %d of %d samples", still, samples)
	}
	b.ReportMetric(float64(p.cpu()-before)/float64(time.Millisecond)/float64(samples), "cpu-ms/sample")
	b.ReportMetric(0, "ns/op")
}

// rest waits until a process has done what it had to do: until it has used no CPU
// for as long as a hundredth of a second can be told.
func (p *process) rest() {
	tick := time.NewTicker(300 * time.Millisecond)
	defer tick.Stop()
	for before := time.Duration(-1); ; {
		now := p.cpu()
		if now == before {
			return
		}
		before = now
		<-tick.C
	}
}

// cpu is the CPU time that a process has used, to a hundredth of a second.
func (p *process) cpu() time.Duration {
	p.b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		p.b.Fatal(err)
	}
	// The name, in parentheses, may have anything in it (proc(5)): utime and stime
	// are the twelfth and thirteenth field after it.
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	var ticks int64
	for _, f := range fields[11:13] {
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			p.b.Fatal(err)
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond // USER_HZ is 100
}
