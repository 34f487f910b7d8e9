package gnmi_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"google.golang.org/protobuf/proto"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/northbound/gnmi"
)

// sampled shows an update without its count of duplicates: on a machine with much
// else to do, the next sample may be due before this one is sent.
func sampled(n *gpb.Notification) string {
	n = proto.CloneOf(n)
	for _, u := range n.Update {
		u.Duplicates = 0
	}
	return show(true, n)
}

// countUp has the driver's counter go up by one with each sample.
func (b *bench) countUp() {
	var n atomic.Int64 // several readings may be under way
	p, def, err := b.schema.Resolve(eth0 + "/state/counters/in-octets")
	if err != nil {
		b.t.Fatal(err)
	}
	b.driver.SampleWith(func(path.Path) agent.Update {
		v, err := def.Parse(fmt.Sprint(n.Add(1)), b.schema.ModuleNames())
		if err != nil {
			panic(err)
		}
		return agent.Update{Changes: []agent.StateChange{{Path: p, Node: tree.New(b.schema).Set(p, v).Node(p)}}}
	})
}

func TestSample(t *testing.T) {
	b := newBench(t, gnmi.Limits{MinSample: 20 * time.Millisecond, TargetSample: 50 * time.Millisecond})
	b.configure(eth0 + "/config/mtu = 1500")
	b.publish(eth0 + "/state/oper-status = UP")
	b.countUp()

	t.Run("counters are read for each sample", func(t *testing.T) {
		s := b.subscribe(list(stream, sample("/interfaces/interface[name=eth0]/state/counters", 40*time.Millisecond)))
		// The first sample may fall due right after the initial data.
		first := counter(t, s.sync()...)
		for range 3 {
			counter(t, s.update())
		}
		if now := counter(t, s.update()); now < first+3 {
			t.Errorf("the counter went from %d to %d only", first, now)
		}
		s.cancel()
	})
	t.Run("interval 0 is the shortest", func(t *testing.T) {
		s := b.subscribe(list(stream, sample("/interfaces/interface[name=eth0]/config/mtu", 0)))
		s.sync()
		began := time.Now()
		for range 5 {
			want(t, sampled(s.update()), `/interfaces/interface[name=eth0]/config/mtu uint_val:1500`)
		}
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("5 samples took %s", took)
		}
		s.cancel()
	})
	t.Run("deletions are told", func(t *testing.T) {
		b.configure("/openconfig-interfaces:interfaces/interface[name='eth5']/config/mtu = 70")
		s := b.subscribe(list(stream, sample("/interfaces/interface[name=eth5]/config/mtu", time.Hour)))
		s.sync()
		b.configure("-/openconfig-interfaces:interfaces/interface[name='eth5']")
		want(t, sampled(s.update()), `-/interfaces/interface[name=eth5]/config/mtu`)
		s.cancel()
	})
	t.Run("deletions of what is above counters are told", func(t *testing.T) {
		eth6 := "/openconfig-interfaces:interfaces/interface[name='eth6']/state"
		b.publish(eth6+"/counters/in-octets = 1", eth6+"/ifindex = 6")
		s := b.subscribe(list(stream, sample("/interfaces/interface[name=*]/state/counters", time.Hour)))
		s.sync()
		b.publish(eth6+"/counters/in-octets = 2", eth6+"/ifindex = 7") // no event
		b.publish("-" + eth6)
		want(t, sampled(s.update()), `-/interfaces/interface[name=eth6]/state/counters`)
		s.cancel()
	})
	t.Run("target defined", func(t *testing.T) {
		s := b.subscribe(list(stream, targetDefined("/interfaces/interface[name=eth0]")))
		last := counter(t, s.sync()...)
		s.update()
		if now := counter(t, s.update()); now <= last { // sampled, and nothing else
			t.Errorf("the counter went from %d to %d", last, now)
		}
		b.publish(eth0 + "/state/oper-status = DOWN")
		for {
			if got := sampled(s.update()); strings.Contains(got, "oper-status") {
				want(t, got, `/interfaces/interface[name=eth0]/state/oper-status string_val:"DOWN"`)
				break
			}
		}
		s.cancel()
	})
	t.Run("suppress_redundant", func(t *testing.T) {
		u := sample("/interfaces/interface[name=eth0]/config", 20*time.Millisecond)
		u.SuppressRedundant = true
		s := b.subscribe(list(stream, u))
		s.sync()
		b.configure(eth0 + "/config/mtu = 1400")
		want(t, sampled(s.update()), `/interfaces/interface[name=eth0]/config/mtu uint_val:1400`)
		b.configure("-" + eth0 + "/config/mtu")
		want(t, sampled(s.update()), `-/interfaces/interface[name=eth0]/config/mtu`)
		b.configure(eth0 + "/config/mtu = 1400") // equal to what was sent last, but it was deleted
		want(t, sampled(s.update()), `/interfaces/interface[name=eth0]/config/mtu uint_val:1400`)
		s.cancel()
	})
	t.Run("suppress_redundant with heartbeat", func(t *testing.T) {
		u := sample("/interfaces/interface[name=eth0]/config/mtu", 20*time.Millisecond)
		u.SuppressRedundant, u.HeartbeatInterval = true, uint64(100*time.Millisecond)
		s := b.subscribe(list(stream, u))
		s.sync()
		began := time.Now()
		for range 3 {
			want(t, sampled(s.update()), `/interfaces/interface[name=eth0]/config/mtu uint_val:1400`)
		}
		if took := time.Since(began); took < 150*time.Millisecond {
			t.Errorf("3 heartbeats came within %s", took)
		}
		s.cancel()
	})
	t.Run("on change with heartbeat", func(t *testing.T) {
		u := onChange("/interfaces/interface[name=eth0]/state")
		u.HeartbeatInterval = uint64(50 * time.Millisecond)
		s := b.subscribe(list(stream, u))
		s.sync()
		for range 2 { // no counters
			want(t, sampled(s.update()), `
				/interfaces/interface[name=eth0]/state/oper-status string_val:"DOWN"`)
		}
		s.cancel()
	})
	t.Run("updates_only", func(t *testing.T) {
		l := list(stream, sample("/interfaces/interface[name=eth0]/config/mtu", 20*time.Millisecond))
		l.UpdatesOnly = true
		s := b.subscribe(l)
		want(t, show(true, s.sync()...), "")
		want(t, sampled(s.update()), `/interfaces/interface[name=eth0]/config/mtu uint_val:1400`)
		s.cancel()
	})
}

// TestSampleShares holds that many streams with one interval share the readings.
func TestSampleShares(t *testing.T) {
	b := newBench(t, gnmi.Limits{MinSample: 20 * time.Millisecond})
	b.configure(eth0 + "/config/mtu = 1500")
	b.countUp()
	const streams, rounds = 20, 4
	var subs []*sub
	for range streams {
		s := b.subscribe(list(stream, sample("/interfaces/interface[name=eth0]/state/counters", 200*time.Millisecond)))
		s.sync()
		subs = append(subs, s)
	}
	_, _, before := b.driver.Calls()
	for range rounds {
		for _, s := range subs {
			s.update()
		}
	}
	_, _, after := b.driver.Calls()
	if n := after - before; n > 3*rounds {
		t.Errorf("%d rounds of %d streams took %d samples of the driver", rounds, streams, n)
	}
	for _, s := range subs {
		s.cancel()
	}
}

// counter finds the counter of TestSample.
func counter(t *testing.T, ns ...*gpb.Notification) uint64 {
	t.Helper()
	for _, n := range ns {
		for _, u := range n.Update {
			if e := u.Path.Elem; e[len(e)-1].Name == "in-octets" {
				return u.Val.GetUintVal()
			}
		}
	}
	t.Fatalf("no counter in %v", ns)
	return 0
}

// TestSlowSubscriber holds that a client that does not read delays nobody, and
// that it gets the last values, with a count of those between.
func TestSlowSubscriber(t *testing.T) {
	for _, queue := range []int{8192, 4} { // coalesced, and lagging
		t.Run(fmt.Sprint("queue of ", queue), func(t *testing.T) {
			b := newBench(t, gnmi.Limits{MaxQueue: queue, MaxResponse: 4096})
			pad := strings.Repeat("x", 60_000)
			b.configure(eth0 + "/config/mtu = 1500")
			slow := b.subscribe(list(stream, onChange("/interfaces/interface[name=eth0]/config")))
			slow.sync()
			fast := b.subscribe(list(stream, onChange("/interfaces/interface[name=eth0]/config/mtu")))
			fast.sync()
			const changes = 400
			for i := range changes {
				// Large values fill the slow stream's flow control window.
				b.configure(fmt.Sprintf(eth0+"/config/mtu = %d", 1000+i), fmt.Sprintf(eth0+"/config/description = %d%s", i, pad))
				for show(false, fast.update()) != fmt.Sprintf("/interfaces/interface[name=eth0]/config/mtu uint_val:%d\n", 1000+i) {
				}
			}
			mtu, duplicates, updates := uint64(0), 0, 0
			for mtu != 1000+changes-1 {
				for _, u := range slow.update().Update {
					if e := u.Path.Elem; e[len(e)-1].Name == "mtu" {
						mtu = u.Val.GetUintVal()
						duplicates += int(u.Duplicates)
						updates++
					}
				}
			}
			if updates == changes {
				t.Error("nothing was coalesced")
			}
			if got := updates + duplicates; got != changes {
				t.Errorf("%d updates and %d duplicates make %d, want %d", updates, duplicates, got, changes)
			}
		})
	}
}

// TestLagging holds that a stream that has lost track ends with what is so.
func TestLagging(t *testing.T) {
	b := newBench(t, gnmi.Limits{MaxQueue: 2})
	s := b.subscribe(list(stream, onChange("/interfaces")))
	s.sync()
	view := map[string]string{}
	var lines []string
	for i := range 30 {
		lines = append(lines, fmt.Sprintf("/openconfig-interfaces:interfaces/interface[name='e%d']/config/mtu = %d", i, 100+i))
	}
	b.configure(lines...) // more events than the queue holds
	b.configure("-/openconfig-interfaces:interfaces/interface[name='e3']", "/openconfig-interfaces:interfaces/interface[name='e4']/config/mtu = 77")
	b.configure("/openconfig-interfaces:interfaces/interface[name='last']/config/mtu = 5000")
	for view["/interfaces/interface[name=last]/config/mtu"] == "" {
		apply(view, s.update())
	}
	o := b.subscribe(list(once, onChange("/interfaces")))
	expected := map[string]string{}
	for _, n := range o.sync() {
		apply(expected, n)
	}
	for k, v := range expected {
		if view[k] != v {
			t.Errorf("%s is %s, want %s", k, view[k], v)
		}
	}
	for k := range view {
		if _, ok := expected[k]; !ok {
			t.Errorf("%s is not there any more", k)
		}
	}
}

// apply keeps a client's view up to date.
func apply(view map[string]string, n *gpb.Notification) {
	for _, d := range n.Delete {
		for k := range view {
			if strings.HasPrefix(k, pathText(n.Prefix, d)) {
				delete(view, k)
			}
		}
	}
	for _, u := range n.Update {
		view[pathText(n.Prefix, u.Path)] = prototextLine(u.Val)
	}
}

// TestManyStreams opens and closes streams while things change.
func TestManyStreams(t *testing.T) {
	b := newBench(t, gnmi.Limits{MinSample: 10 * time.Millisecond})
	b.configure(eth0 + "/config/mtu = 1500")
	b.countUp()
	ctx, cancel := context.WithCancel(context.Background())
	changing := make(chan struct{})
	go func() {
		defer close(changing)
		for i := 0; ctx.Err() == nil; i++ {
			b.driver.Emit(agent.StateChange{Path: b.path(eth0 + "/state/oper-status")})
			b.configure(fmt.Sprintf(eth0+"/config/mtu = %d", 100+i%1000))
		}
	}()
	for range 20 {
		s := b.subscribe(list(stream, onChange("/interfaces"), sample("/interfaces/interface/state/counters", 0), targetDefined("/zoo")))
		s.sync()
		for range 5 {
			s.update()
		}
		s.cancel()
	}
	cancel()
	<-changing
}

// What stands still is sent with each sample all the same, beside what does not and
// what is too large to be kept, and what goes is not sent any more.
func TestSampleRepeats(t *testing.T) {
	b := newBench(t, gnmi.Limits{MinSample: 20 * time.Millisecond})
	other := strings.Replace(eth0, "eth0", "eth1", 1)
	b.configure(eth0+"/config/mtu = 1500", other+"/config/mtu = 1400")
	s := b.subscribe(list(stream, sample("/interfaces/interface[name=*]/config/*", 40*time.Millisecond)))
	s.sync()
	until := func(expected string) {
		t.Helper()
		deadline := time.Now().Add(5 * time.Second)
		for normal(sampled(s.update())) != normal(expected) {
			if time.Now().After(deadline) {
				t.Fatalf("what does not come is\n%.1000s", expected)
			}
		}
		for range 2 {
			want(t, sampled(s.update()), expected)
		}
	}
	mtu := func(name string, mtu int) string {
		return fmt.Sprintf("/interfaces/interface[name=%s]/config/mtu uint_val:%d\n", name, mtu)
	}
	now := func() string {
		s := b.subscribe(list(once, onChange("/interfaces/interface[name=*]/config/*")))
		return show(true, s.sync()...)
	}
	if at := now(); !strings.Contains(at, mtu("eth0", 1500)) || !strings.Contains(at, mtu("eth1", 1400)) {
		t.Fatal(at)
	}
	until(now())
	b.configure(eth0 + "/config/mtu = 1501")
	until(now())
	b.configure(eth0 + "/config/description = " + strings.Repeat("long ", 4000))
	until(now())
	b.configure(other + "/config/mtu = 1401")
	until(now())
	b.configure("-" + other)
	until(now())
	b.configure("-"+eth0+"/config/description", other+"/config/mtu = 1401")
	until(now())
}

// Of a TARGET_DEFINED subscription the counters are sampled, and nothing else is sent
// beside them.
func TestTargetDefinedRepeats(t *testing.T) {
	b := newBench(t, gnmi.Limits{TargetSample: 40 * time.Millisecond})
	b.configure(eth0 + "/config/mtu = 1500")
	b.publish(eth0+"/state/counters/in-octets = 5", eth0+"/state/oper-status = UP")
	s := b.subscribe(list(stream, targetDefined("/interfaces")))
	s.sync()
	for range 4 {
		want(t, sampled(s.update()), `/interfaces/interface[name=eth0]/state/counters/in-octets uint_val:5`)
	}
	b.configure(eth0 + "/config/mtu = 1501")
	changes := 0
	for range 4 {
		got := sampled(s.update())
		if strings.Contains(got, "1501") {
			changes++
		} else {
			want(t, got, `/interfaces/interface[name=eth0]/state/counters/in-octets uint_val:5`)
		}
	}
	if changes != 1 {
		t.Errorf("the change was told %d times", changes)
	}
}
