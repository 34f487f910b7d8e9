package bench

import (
	"encoding/binary"
	"fmt"
	"net"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/mdlayher/netlink"
	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"golang.org/x/sys/unix"
)

// BenchmarkIdle starts the program with --dev. ready-ms is the median time from
// exec to ready, rss-MB the largest resident memory of an agent that has just
// become so, which is when it has most of it.
func BenchmarkIdle(b *testing.B) {
	program := build(b)
	var ready, rss []float64
	for b.Loop() {
		n := newNamespace(b)
		p := n.start(b, exec.Command(program, "run", "--dev"))
		ready = append(ready, float64(p.ready)/float64(time.Millisecond))
		rss = append(rss, p.megabytes("VmRSS"))
		p.stop()
	}
	slices.Sort(ready)
	b.ReportMetric(ready[len(ready)/2], "ready-ms")
	b.ReportMetric(slices.Max(rss), "rss-MB")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkSetAddress gives net1 an address by a gNMI Set. The answer says that
// the kernel has it. It is taken away again by another Set, which is not counted.
func BenchmarkSetAddress(b *testing.B) {
	n := newNamespace(b)
	n.start(b, exec.Command(build(b), "run", "--dev"))
	client, ctx := n.gnmi(b)
	set := func(r *gpb.SetRequest) time.Duration {
		begin := time.Now()
		if _, err := client.Set(ctx, r); err != nil {
			b.Fatal(err)
		}
		return time.Since(begin)
	}
	json := func(p, value string) *gpb.Update {
		return &gpb.Update{Path: path(p), Val: &gpb.TypedValue{Value: &gpb.TypedValue_JsonIetfVal{JsonIetfVal: []byte(value)}}}
	}
	set(&gpb.SetRequest{Update: []*gpb.Update{json("/interfaces/interface[name=net1]",
		`{"config": {"name": "net1", "type": "iana-if-type:ethernetCsmacd", "enabled": true}, "subinterfaces": {"subinterface": [{"index": 0, "config": {"index": 0}}]}}`)}})
	var all []time.Duration
	for i := 0; b.Loop(); i++ {
		ip := fmt.Sprintf("10.%d.%d.1", i>>8&255, i&255)
		at := "/interfaces/interface[name=net1]/subinterfaces/subinterface[index=0]/ipv4/addresses/address[ip=" + ip + "]"
		all = append(all, set(&gpb.SetRequest{Update: []*gpb.Update{json(at, `{"config": {"ip": "`+ip+`", "prefix-length": 24}}`)}}))
		if i == 0 {
			n.hasAddress(b, "net1", ip)
		}
		set(&gpb.SetRequest{Delete: []*gpb.Path{path(at)}})
	}
	latencies(b, all)
}

// hasAddress makes sure that the Sets that are measured do what they say.
func (n *namespace) hasAddress(b *testing.B, link, ip string) {
	b.Helper()
	err := n.inside(func() error {
		l, err := net.InterfaceByName(link)
		if err != nil {
			return err
		}
		addrs, err := l.Addrs()
		if err == nil && !slices.ContainsFunc(addrs, func(a net.Addr) bool { return a.String() == ip+"/24" }) {
			err = fmt.Errorf("%s has %v, and not %s", link, addrs, ip)
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
}

// BenchmarkLinkEvent sets the link peer up and down behind the agent's back, and
// waits for its admin-status at a gNMI client that has subscribed to it on
// change. The time runs from the kernel's acknowledgment.
func BenchmarkLinkEvent(b *testing.B) {
	n := newNamespace(b)
	n.start(b, exec.Command(build(b), "run", "--dev"))
	client, ctx := n.gnmi(b)
	stream, err := client.Subscribe(ctx)
	if err != nil {
		b.Fatal(err)
	}
	err = stream.Send(&gpb.SubscribeRequest{Request: &gpb.SubscribeRequest_Subscribe{Subscribe: &gpb.SubscriptionList{
		Mode: gpb.SubscriptionList_STREAM, Encoding: gpb.Encoding_PROTO,
		Subscription: []*gpb.Subscription{{Path: path("/interfaces/interface[name=peer]/state/admin-status"), Mode: gpb.SubscriptionMode_ON_CHANGE}},
	}}})
	if err != nil {
		b.Fatal(err)
	}
	// next returns the next value, or empty for sync_response.
	next := func() string {
		r, err := stream.Recv()
		if err != nil {
			b.Fatal(err)
		}
		if r.GetSyncResponse() {
			return ""
		}
		return r.GetUpdate().GetUpdate()[0].GetVal().GetStringVal()
	}
	// The first value may come before sync_response, or after it: the agent serves
	// before it has looked at every link.
	for first, synced := "", false; first == "" || !synced; {
		if got := next(); got == "" {
			synced = true
		} else {
			first = got
		}
	}

	conn, err := netlink.Dial(unix.NETLINK_ROUTE, &netlink.Config{NetNS: int(n.file.Fd())})
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	index := 0
	err = n.inside(func() error {
		l, err := net.InterfaceByName("peer")
		if err == nil {
			index = l.Index
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	// The link is up.
	states := []struct {
		flags uint32
		text  string
	}{{0, "DOWN"}, {unix.IFF_UP, "UP"}}
	var all []time.Duration
	for i := 0; b.Loop(); i++ {
		to := states[i%2]
		m := netlink.Message{
			Header: netlink.Header{Type: unix.RTM_NEWLINK, Flags: netlink.Request | netlink.Acknowledge},
			Data:   ifInfo(index, to.flags, unix.IFF_UP),
		}
		if _, err := conn.Execute(m); err != nil {
			b.Fatal(err)
		}
		begin := time.Now()
		got := next()
		all = append(all, time.Since(begin))
		if got != to.text {
			b.Fatalf("%s, and the client is told %q", to.text, got)
		}
	}
	latencies(b, all)
}

// ifInfo is struct ifinfomsg of linux/rtnetlink.h.
func ifInfo(index int, flags, change uint32) []byte {
	m := make([]byte, unix.SizeofIfInfomsg)
	binary.NativeEndian.PutUint32(m[4:], uint32(index))
	binary.NativeEndian.PutUint32(m[8:], flags)
	binary.NativeEndian.PutUint32(m[12:], change)
	return m
}
