package vpp_test

import (
	"errors"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.fd.io/govpp/binapi/ethernet_types"
	interfaces "go.fd.io/govpp/binapi/interface"
	"go.fd.io/govpp/binapi/interface_types"
	"go.fd.io/govpp/binapi/ip_neighbor"
	"go.fd.io/govpp/binapi/ip_types"
	"go.fd.io/govpp/binapi/vlib"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/vpp"
	"github.com/outrigger-cnf/outrigger/southbound/vpp/vpptest"
)

func counters(t *testing.T, b *vpp.Backend, link string) map[string]*object.LinkCounters {
	t.Helper()
	list, err := b.Counters(t.Context(), link, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.IsSortedFunc(list, func(a, b object.LinkCounters) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("not in the order of the names")
	}
	got := make(map[string]*object.LinkCounters)
	for _, l := range list {
		if got[l.Name] != nil {
			t.Errorf("%s twice", l.Name)
		}
		got[l.Name] = &l
	}
	return got
}

func TestCounters(t *testing.T) {
	onEach(t, func(t *testing.T, d vpptest.Dataplane) {
		b := open(t, d)
		for _, name := range []string{"first", "second"} {
			l := &object.Link{Name: name, Kind: object.Loopback}
			must(t, b, create(l))
		}
		start := time.Now()
		got := counters(t, b, "")
		if len(got) != 2 || got["first"].Index == got["second"].Index || got["first"].Counters.Time.Before(start) {
			t.Fatalf("%v", got)
		}
		if one := counters(t, b, "second"); len(one) != 1 || one["second"].Index != got["second"].Index {
			t.Fatalf("one: %v", one)
		}
		if none := counters(t, b, "third"); len(none) != 0 {
			t.Fatalf("none: %v", none)
		}
		// An interface that gets the number of another one has counters of its own.
		must(t, b, remove(&object.Link{Name: "second", Kind: object.Loopback}), create(&object.Link{Name: "third", Kind: object.Loopback}))
		if got := counters(t, b, ""); len(got) != 2 || got["third"] == nil || got["second"] != nil {
			t.Fatalf("%v", got)
		}
	})
}

// Each counter has its place, and all threads count.
func TestCountersPlaces(t *testing.T) {
	f := vpptest.NewFake(t)
	b := open(t, f)
	other := vpptest.Dial(t, f.Socket())
	var index uint32
	for range 20 {
		index = uint32(other.Do(t, &interfaces.CreateLoopback{}).(*interfaces.CreateLoopbackReply).SwIfIndex)
	}
	for i, name := range []string{"/if/rx", "/if/tx", "/if/rx-multicast", "/if/drops", "/if/rx-no-buf", "/if/rx-miss", "/if/rx-error", "/if/tx-error", "/if/punt"} {
		f.Count(name, index, 101<<(4*i), 1001<<(4*i))
	}
	f.Count("/if/rx", index-1, 7, 7)
	got := counters(t, b, "")
	c := got["loop19"].Counters
	c.Time = time.Time{}
	want := object.Counters{
		InPackets: 101, InOctets: 1001, OutPackets: 101 << 4, OutOctets: 1001 << 4, InMulticast: 101 << 8,
		InDiscards: 101<<12 + 101<<16 + 101<<20, InErrors: 101 << 24, OutErrors: 101 << 28, InNoHandler: 101 << 32,
		Absent: object.CountOutDiscards | object.CountInCRCErrors | object.CountCarrierChanges,
	}
	if c != want {
		t.Errorf("%+v instead of %+v", c, want)
	}
	if c := got["loop18"].Counters; c.InPackets != 7 || c.Absent != want.Absent|object.CountInMulticast || c.OutPackets != 0 || len(got) != 20 {
		t.Errorf("%d links, the one before: %+v", len(got), c)
	}
	// Another one of that number begins anew.
	other.Do(t, &interfaces.DeleteLoopback{SwIfIndex: interface_types.InterfaceIndex(index)})
	if again := other.Do(t, &interfaces.CreateLoopback{}).(*interfaces.CreateLoopbackReply); uint32(again.SwIfIndex) != index {
		t.Fatalf("%d instead of %d", again.SwIfIndex, index)
	}
	if c := counters(t, b, "")["loop19"].Counters; c.InPackets != 0 || c.Absent != want.Absent|object.CountInMulticast {
		t.Errorf("an interface that is new: %+v", c)
	}
}

// Packets and octets that VPP sends are counted.
func TestCountersCount(t *testing.T) {
	onVPP(t, countersCount)
}

// onVPP runs a test on the VPP that OUTRIGGER_VPP names, for it is of no use on the
// fake.
func onVPP(t *testing.T, f func(t *testing.T, d vpptest.Dataplane)) {
	if path := os.Getenv("OUTRIGGER_VPP"); path != "" {
		t.Run("vpp", func(t *testing.T) { f(t, vpptest.Start(t, path)) })
	}
}

func countersCount(t *testing.T, d vpptest.Dataplane) {
	b := open(t, d)
	other := vpptest.Dial(t, d.Socket())
	made := other.Do(t, &interfaces.CreateLoopback{}).(*interfaces.CreateLoopbackReply)
	other.Do(t, &interfaces.SwInterfaceSetFlags{SwIfIndex: made.SwIfIndex, Flags: upFlags(true)})
	prefix, _ := ip_types.ParseAddressWithPrefix("192.0.2.1/24")
	other.Do(t, &interfaces.SwInterfaceAddDelAddress{IsAdd: true, SwIfIndex: made.SwIfIndex, Prefix: prefix})
	n := ip_neighbor.IPNeighbor{SwIfIndex: made.SwIfIndex, Flags: ip_neighbor.IP_API_NEIGHBOR_FLAG_STATIC, MacAddress: ethernet_types.MacAddress{2, 0, 0, 0, 0, 1}}
	n.IPAddress, _ = ip_types.ParseAddress("192.0.2.9")
	other.Do(t, &ip_neighbor.IPNeighborAddDel{IsAdd: true, Neighbor: n})
	before := counters(t, b, "loop0")["loop0"].Counters
	other.Do(t, &vlib.CliInband{Cmd: "ping 192.0.2.9 repeat 3 interval 0.01"})
	after := counters(t, b, "loop0")["loop0"].Counters
	packets, octets := after.OutPackets-before.OutPackets, after.OutOctets-before.OutOctets
	if packets < 3 || octets < 64*packets || octets > 150*packets { // a loopback sends them to us, who send them on
		t.Fatalf("before %+v, after %+v", before, after)
	}
}

// Numbers of a VPP that is not there (any more) are never told.
func TestCountersStale(t *testing.T) {
	onEach(t, func(t *testing.T, d vpptest.Dataplane) {
		b := open(t, d)
		must(t, b, create(&object.Link{Name: "old", Kind: object.Loopback}))
		if got := counters(t, b, ""); len(got) != 1 {
			t.Fatalf("%v", got)
		}
		w, err := b.Watch(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer w.Close()
		d.Die()
		for { // until the end is noticed
			if _, err := w.Next(t.Context()); errors.Is(err, southbound.ErrAway) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
		}
		if list, err := b.Counters(t.Context(), "", nil); !errors.Is(err, southbound.ErrAway) {
			t.Fatalf("killed: %v, %v", list, err)
		}
		d.Restart(t)
		if err := b.Await(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := counters(t, b, ""); len(got) != 0 {
			t.Fatalf("after a restart: %v", got)
		}
	})
}

// The counters of another process are not taken for those of this VPP.
func TestCountersOfAnother(t *testing.T) {
	onVPP(t, countersOfAnother)
}

func countersOfAnother(t *testing.T, there vpptest.Dataplane) {
	here := vpptest.NewFake(t)
	b, err := vpp.New(vpp.Config{Socket: there.Socket(), Stats: here.Stats()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	if err := b.Await(t.Context()); err != nil {
		t.Fatal(err)
	}
	if list, err := b.Counters(t.Context(), "", nil); err == nil || errors.Is(err, southbound.ErrAway) || !strings.Contains(err.Error(), here.Stats()) {
		t.Fatalf("%v, %v", list, err)
	}
}

// BenchmarkCounters samples 1,000 interfaces. It tells the time of this process
// on the processor.
func BenchmarkCounters(b *testing.B) {
	backend, _ := benchOn(b, 1000)
	var list []object.LinkCounters
	start := used(b)
	for b.Loop() {
		var err error
		list, err = backend.Counters(b.Context(), "", list[:0])
		if err != nil || len(list) != 1000 {
			b.Fatalf("%d, %v", len(list), err)
		}
	}
	b.ReportMetric(float64((used(b)-start).Microseconds())/float64(b.N), "cpu-µs/op")
}

// used is the time that this process has had of the processor.
func used(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// A VPP whose counters cannot be had has all the rest, and state says what is wrong.
func TestNoCounters(t *testing.T) {
	f := vpptest.NewFake(t)
	b, err := vpp.New(vpp.Config{Socket: f.Socket(), Stats: "/nowhere/stats.sock"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	if err := b.Await(t.Context()); err != nil {
		t.Fatal(err)
	}
	w, err := b.Watch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	if missing := b.Dataplane().Missing; len(missing) != 1 || !strings.Contains(missing[0], "counters: ") || !strings.Contains(missing[0], "/nowhere/stats.sock") {
		t.Errorf("missing: %q", missing)
	}
	must(t, b, create(&object.Link{Name: "l", Kind: object.Loopback}))
	if _, err := b.Counters(t.Context(), "", nil); err == nil {
		t.Error("counters from nowhere")
	}
}
