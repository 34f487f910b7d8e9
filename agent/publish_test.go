package agent_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/agenttest"
	"github.com/outrigger-cnf/outrigger/agent/path"
)

// state makes a StateChange of "/path=value" lines below at; none is a removal.
func (f fixture) state(at string, lines ...string) agent.StateChange {
	f.Helper()
	c := agent.StateChange{Path: f.path(at)}
	if len(lines) > 0 {
		c.Node = f.node(at, lines...)
	}
	return c
}

func TestOperational(t *testing.T) {
	const (
		eth0 = "/t:interfaces/interface[name='eth0']"
		eth1 = "/t:interfaces/interface[name='eth1']"
	)
	f := newFixture(t)
	a := agenttest.New(t, f.s)
	publish := func(changes ...agent.StateChange) { a.Publish(agent.Update{Changes: changes}) }
	want := func(lines ...string) {
		t.Helper()
		f.want("operational", a.Snapshot().Operational, lines...)
	}

	f.set(a, nil, agent.Running, "merge "+eth0+"/mtu=1")
	if s := a.Snapshot(); s.Operational.Root() != s.Running.Root() {
		t.Error("without state, operational is not running itself")
	}
	publish(f.state(eth0+"/state", eth0+"/state/oper=up"), f.state(eth1+"/state", eth1+"/state/oper=down"))
	want(eth0+"/name=eth0", eth0+"/mtu=1", eth0+"/state/oper=up", eth1+"/name=eth1", eth1+"/state/oper=down")
	f.want("running", a.Snapshot().Running, eth0+"/name=eth0", eth0+"/mtu=1")

	// Configuration comes to an entry of which there is state, and goes again.
	f.set(a, nil, agent.Running, "merge "+eth1+"/mtu=2", "delete "+eth0)
	want(eth0+"/name=eth0", eth0+"/state/oper=up", eth1+"/name=eth1", eth1+"/mtu=2", eth1+"/state/oper=down")
	f.set(a, nil, agent.Running, "delete /")
	want(eth0+"/name=eth0", eth0+"/state/oper=up", eth1+"/name=eth1", eth1+"/state/oper=down")
	f.set(a, nil, agent.Running, "merge "+eth1+"/mtu=3")

	// Removal of the state of an entry takes the entry along unless it is configured.
	publish(f.state(eth0+"/state"), f.state(eth1+"/state/oper"))
	want(eth1+"/name=eth1", eth1+"/mtu=3")
	publish(f.state(eth1, eth1+"/state/oper=up", eth1+"/state/octets=7"))
	want(eth1+"/name=eth1", eth1+"/mtu=3", eth1+"/state/oper=up", eth1+"/state/octets=7")
	publish(f.state(eth1))
	want(eth1+"/name=eth1", eth1+"/mtu=3")

	// What the schema does not have is reported, and does not harm the rest.
	publish(agent.StateChange{Path: path.Path{{Module: "t", Name: "nope"}}, Node: f.node("/t:system/state", "/t:system/state/uptime=1")},
		f.state("/t:system/state", "/t:system/state/uptime=1"))
	want("/t:system/state/uptime=1", eth1+"/name=eth1", eth1+"/mtu=3")
	if n := len(a.Events()); n != 1 {
		t.Errorf("%d events, want 1: %+v", n, a.Events())
	}

	// The order of a user-ordered list is followed.
	f.set(a, nil, agent.Running, "delete "+eth1, "create /t:rule[id='1']", "create /t:rule[id='2']")
	f.set(a, nil, agent.Running, "create /t:rule[id='3'] first", "merge /t:rule[id='1'] last")
	want("/t:system/state/uptime=1", "/t:rule[id='3']/id=3", "/t:rule[id='2']/id=2", "/t:rule[id='1']/id=1")
}

func TestOperationalShares(t *testing.T) {
	f := newFixture(t)
	a := agenttest.New(t, f.s)
	var edits []string
	for i := range 100 {
		edits = append(edits, fmt.Sprintf("merge /t:interfaces/interface[name='i%d']/mtu=%d", i, i+1))
	}
	f.set(a, nil, agent.Running, edits...)
	a.Publish(agent.Update{Changes: []agent.StateChange{f.state("/t:system/state", "/t:system/state/uptime=1")}})
	at := f.path("/t:interfaces/interface[name='i7']")
	s := f.set(a, nil, agent.Running, "merge /t:interfaces/interface[name='i8']/mtu=9000")
	if s.Operational.Node(at) != s.Running.Node(at) {
		t.Error("operational does not share what has no state")
	}
}

func TestNext(t *testing.T) {
	f := newFixture(t)
	a := agenttest.New(t, f.s)
	before := a.Snapshot()
	var wg sync.WaitGroup
	const publishers = 50
	for i := range publishers {
		c := f.state(fmt.Sprintf("/t:interfaces/interface[name='i%d']/state", i), fmt.Sprintf("/t:interfaces/interface[name='i%d']/state/octets=%d", i, i))
		wg.Go(func() {
			a.Publish(agent.Update{Changes: []agent.StateChange{c}})
			if a.Snapshot().Operational.Node(c.Path) == nil {
				t.Error("Publish returned before its update was visible")
			}
		})
	}
	<-before.Next()
	wg.Wait()
	after := a.Snapshot()
	if n := after.Operational.Node(f.path("/t:interfaces/interface")).Len(); n != publishers {
		t.Errorf("%d entries, want %d", n, publishers)
	}
	if after.Revision <= before.Revision || after.Revision > before.Revision+publishers {
		t.Errorf("revision went from %d to %d", before.Revision, after.Revision)
	}
	select {
	case <-after.Next():
		t.Error("the newest snapshot has been superseded")
	default:
	}
}

func TestRefreshShares(t *testing.T) {
	synctestRun(t, func(t *testing.T, f fixture) {
		d := agenttest.NewDriver(f.s)
		a := agenttest.New(t, f.s, d)
		synctest.Wait()
		octets := 0
		d.SampleWith(func(path.Path) agent.Update {
			octets++
			time.Sleep(100 * time.Millisecond) // of the test's own clock
			return agent.Update{Changes: []agent.StateChange{f.state("/t:system/state", fmt.Sprintf("/t:system/state/uptime=%d", octets))}}
		})
		uptime := func(at string, maxAge time.Duration) string {
			s, err := a.Refresh(t.Context(), f.path(at), maxAge)
			if err != nil {
				t.Error(err)
			}
			v, _ := s.Operational.Get(f.path("/t:system/state/uptime"))
			return v.Text
		}
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() { uptime("/t:system/state", 0) })
		}
		wg.Wait()
		if _, _, n := d.Calls(); n != 1 {
			t.Errorf("%d readings for 100 that came together, want 1", n)
		}
		if got := uptime("/t:system/state/uptime", time.Second); got != "1" {
			t.Errorf("a reading of 100 ms ago did not do for a second: %s", got)
		}
		if got := uptime("/", time.Second); got != "2" {
			t.Errorf("a reading of a part did for the whole: %s", got)
		}
		time.Sleep(time.Second)
		if got := uptime("/t:system/state", time.Second); got != "3" {
			t.Errorf("a reading that was too old did: %s", got)
		}
		// One that is under way, but had begun before the call, does not do for
		// those who want it fresh; they share the next.
		go uptime("/t:system/state", 0)
		time.Sleep(50 * time.Millisecond)
		for range 10 {
			wg.Go(func() {
				if got := uptime("/t:system/state", 0); got != "5" {
					t.Errorf("got the reading that began before: %s", got)
				}
			})
		}
		wg.Wait()
	})
}

func TestObserveAgain(t *testing.T) {
	synctestRun(t, func(t *testing.T, f fixture) {
		d := agenttest.NewDriver(f.s)
		a := agenttest.New(t, f.s, d)
		d.Emit(f.state("/t:system/state", "/t:system/state/uptime=1"))
		d.Lose(errors.New("netlink went away"))
		wait(t, a, "observed", func() bool { return len(a.Events()) == 1 })
		d.Emit(f.state("/t:system/state", "/t:system/state/uptime=2"))
		wait(t, a, "observed again", func() bool {
			v, _ := a.Snapshot().Operational.Get(f.path("/t:system/state/uptime"))
			return v.Text == "2"
		})
	})
}

func TestReadersNeverWait(t *testing.T) {
	f := newFixture(t)
	d := agenttest.NewDriver(f.s)
	a := agenttest.New(t, f.s, d)
	entered, open := d.Block()
	done := make(chan error, 1)
	go func() {
		_, err := f.try(a, nil, agent.Running, "merge /t:system/mtu=1")
		done <- err
	}()
	<-entered // a commit stands in the driver
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				f.want("running", a.Snapshot().Running)
			}
		})
	}
	wg.Wait()
	a.Publish(agent.Update{Changes: []agent.StateChange{f.state("/t:system/state", "/t:system/state/uptime=1")}})
	f.want("operational", a.Snapshot().Operational, "/t:system/state/uptime=1")
	open()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	f.want("operational", a.Snapshot().Operational, "/t:system/mtu=1", "/t:system/state/uptime=1")
}
