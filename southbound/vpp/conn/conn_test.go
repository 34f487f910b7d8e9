package conn_test

import (
	"context"
	"errors"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.fd.io/govpp/api"
	interfaces "go.fd.io/govpp/binapi/interface"
	"go.fd.io/govpp/binapi/interface_types"
	"go.fd.io/govpp/binapi/memclnt"
	"go.fd.io/govpp/binapi/vpe"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/vpp/conn"
	"github.com/outrigger-cnf/outrigger/southbound/vpp/vpptest"
)

// patience is how long what must happen may take on a busy machine.
const patience = 20 * time.Second

// each runs a test against the fake, and against a real VPP where one is given.
func each(t *testing.T, f func(t *testing.T, vpp vpptest.Dataplane)) {
	t.Run("fake", func(t *testing.T) { f(t, vpptest.NewFake(t)) })
	if path := os.Getenv("OUTRIGGER_VPP"); path != "" {
		t.Run("real", func(t *testing.T) { f(t, vpptest.Start(t, path)) })
	}
}

func config(vpp vpptest.Dataplane) conn.Config {
	return conn.Config{
		Socket: vpp.Socket(), Stats: vpp.Stats(), Deadline: 300 * time.Millisecond, Interval: 50 * time.Millisecond,
		Features: []conn.Feature{
			{Name: "interfaces", Needed: true, Messages: []api.Message{&interfaces.SwInterfaceDump{}, &interfaces.SwInterfaceDetails{}}},
			{Name: "loopbacks", Messages: []api.Message{&interfaces.CreateLoopbackInstance{}, &interfaces.CreateLoopbackInstanceReply{}, &interfaces.DeleteLoopback{}, &interfaces.DeleteLoopbackReply{}}},
			{Name: "events", Messages: []api.Message{&interfaces.WantInterfaceEvents{}, &interfaces.WantInterfaceEventsReply{}, &interfaces.SwInterfaceEvent{}}},
		},
		Subscriptions: []conn.Subscription{{
			Request: &interfaces.WantInterfaceEvents{EnableDisable: 1, PID: uint32(os.Getpid())},
			Reply:   &interfaces.WantInterfaceEventsReply{}, Events: []api.Message{&interfaces.SwInterfaceEvent{}},
		}},
	}
}

func open(t testing.TB, cfg conn.Config) *conn.Conn {
	t.Helper()
	c := conn.New(cfg)
	t.Cleanup(func() { c.Close() })
	return c
}

func await(t testing.TB, c *conn.Conn) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := c.Await(ctx); err != nil {
		t.Fatal(err)
	}
}

// ear takes events one by one.
type ear struct {
	*conn.Listener
	queue []conn.Event
}

func listen(c *conn.Conn) *ear { return &ear{Listener: c.Listen()} }

// hear waits for an event of a kind and returns it; those before it are dropped.
func hear(t testing.TB, l *ear, kind conn.EventKind) conn.Event {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		for len(l.queue) == 0 {
			events, err := l.Next(ctx)
			if err != nil {
				t.Fatalf("waiting for event %d: %v", kind, err)
			}
			l.queue = events
		}
		e := l.queue[0]
		l.queue = l.queue[1:]
		if e.Kind == kind {
			return e
		}
	}
}

// loopback makes a loopback, and has it up, by somebody else's hand.
func loopback(t testing.TB, vpp vpptest.Dataplane) {
	t.Helper()
	other := vpptest.Dial(t, vpp.Socket())
	made := other.Do(t, &interfaces.CreateLoopback{}).(*interfaces.CreateLoopbackReply)
	other.Do(t, &interfaces.SwInterfaceSetFlags{SwIfIndex: made.SwIfIndex, Flags: interface_types.IF_STATUS_API_FLAG_ADMIN_UP})
}

func ping(c *conn.Conn) error {
	return c.Call(context.Background(), &memclnt.ControlPing{}, &memclnt.ControlPingReply{})
}

func TestCalls(t *testing.T) {
	each(t, func(t *testing.T, vpp vpptest.Dataplane) {
		c := open(t, config(vpp))
		await(t, c)
		i := c.Info()
		if !i.Connected || i.Epoch != 1 || i.Version == "" || i.Incarnation == "" || i.Restarts != 0 || len(i.Missing) != 0 || i.Problem != "" {
			t.Fatalf("connected: %+v", i)
		}
		var made interfaces.CreateLoopbackInstanceReply
		req := &interfaces.CreateLoopbackInstance{IsSpecified: true, UserInstance: 5}
		if err := c.Call(t.Context(), req, &made); err != nil {
			t.Fatal(err)
		}
		err := c.Call(t.Context(), req, &made)
		var refused *conn.RetvalError
		if !errors.As(err, &refused) || refused.Message != "create_loopback_instance" || refused.Code >= 0 {
			t.Fatalf("made twice: %v", err)
		}
		list, err := conn.Dump[interfaces.SwInterfaceDetails](t.Context(), c, &interfaces.SwInterfaceDump{SwIfIndex: ^interface_types.InterfaceIndex(0)})
		if err != nil || len(list) < 2 {
			t.Fatalf("dump: %d, %v", len(list), err)
		}
		// Many dumps, with details in the order of their requests.
		var at []int
		err = conn.DumpAll(t.Context(), c, 600, func(i int) api.Message {
			return &interfaces.SwInterfaceDump{SwIfIndex: list[1].SwIfIndex}
		}, func(i int, d *interfaces.SwInterfaceDetails) {
			if d.InterfaceName != list[1].InterfaceName {
				t.Errorf("dump %d: %s", i, d.InterfaceName)
			}
			at = append(at, i)
		})
		if err != nil || len(at) != 600 || at[599] != 599 {
			t.Fatalf("dumps: %d, %v", len(at), err)
		}
	})
}

func TestAbsentSocket(t *testing.T) {
	vpp := vpptest.NewAbsent(t)
	c := open(t, config(vpp))
	err := ping(c)
	if !errors.Is(err, southbound.ErrAway) {
		t.Fatalf("without VPP: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	err = c.Await(ctx)
	if !errors.Is(err, southbound.ErrAway) || !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), vpp.Socket()) {
		t.Fatalf("waiting for nothing: %v", err)
	}
	l := listen(c)
	vpp.Restart(t)
	hear(t, l, conn.Connected)
	if err := ping(c); err != nil {
		t.Fatal(err)
	}
}

func TestHang(t *testing.T) {
	each(t, func(t *testing.T, vpp vpptest.Dataplane) {
		c := open(t, config(vpp))
		await(t, c)
		before := c.Info()
		l := listen(c)
		vpp.Hang()
		start := time.Now()
		err := ping(c)
		if !errors.Is(err, southbound.ErrAway) || time.Since(start) > patience {
			t.Fatalf("hung: %v after %v", err, time.Since(start))
		}
		hear(t, l, conn.Lost)
		start = time.Now()
		if err := ping(c); !errors.Is(err, southbound.ErrAway) || time.Since(start) > 100*time.Millisecond {
			t.Fatalf("while it hangs: %v after %v", err, time.Since(start))
		}
		vpp.Resume()
		hear(t, l, conn.Connected)
		after := c.Info()
		if after.Incarnation != before.Incarnation || after.Restarts != 0 || after.Epoch != before.Epoch+1 {
			t.Fatalf("before %+v, after %+v", before, after)
		}
		// Notifications are asked for again.
		loopback(t, vpp)
		if e := hear(t, l, conn.Notified); e.Epoch != after.Epoch {
			t.Fatalf("%+v", e)
		}
	})
}

// With the deadline that is the default, a VPP may hang for less than 3 s and
// nothing comes of it; one that hangs for longer is away until it goes on.
func TestHangByDefault(t *testing.T) {
	t.Parallel()
	vpp := vpptest.NewFake(t)
	cfg := config(vpp)
	cfg.Deadline, cfg.Interval = 0, 0
	c := open(t, cfg)
	l := listen(c)
	hear(t, l, conn.Connected)
	vpp.Hang()
	time.AfterFunc(time.Second, vpp.Resume)
	if err := ping(c); err != nil || c.Epoch() != 1 {
		t.Fatalf("a short hang: %v, epoch %d", err, c.Epoch())
	}
	vpp.Hang()
	start := time.Now()
	hear(t, l, conn.Lost)
	if after := time.Since(start); after < 3*time.Second || after > patience {
		t.Fatalf("noticed after %s", after)
	}
	vpp.Resume()
	hear(t, l, conn.Connected)
	loopback(t, vpp)
	hear(t, l, conn.Notified)
}

// A VPP that hangs is noticed though nothing is asked of it.
func TestHangIdle(t *testing.T) {
	each(t, func(t *testing.T, vpp vpptest.Dataplane) {
		c := open(t, config(vpp))
		await(t, c)
		l := listen(c)
		vpp.Hang()
		hear(t, l, conn.Lost)
		vpp.Resume()
		hear(t, l, conn.Connected)
	})
}

func TestKill(t *testing.T) {
	each(t, func(t *testing.T, vpp vpptest.Dataplane) {
		c := open(t, config(vpp))
		await(t, c)
		before := c.Info()
		l := listen(c)
		vpp.Die()
		hear(t, l, conn.Lost)
		if err := ping(c); !errors.Is(err, southbound.ErrAway) {
			t.Fatalf("killed: %v", err)
		}
		vpp.Restart(t) // the fake has other message numbers in each life
		hear(t, l, conn.Connected)
		after := c.Info()
		if after.Incarnation == before.Incarnation || after.Restarts != 1 {
			t.Fatalf("before %+v, after %+v", before, after)
		}
		loopback(t, vpp)
		hear(t, l, conn.Notified)
		if err := ping(c); err != nil {
			t.Fatal(err)
		}
	})
}

// Another process that connects to the same VPP finds the same incarnation.
func TestIncarnation(t *testing.T) {
	each(t, func(t *testing.T, vpp vpptest.Dataplane) {
		a, b := open(t, config(vpp)), open(t, config(vpp))
		await(t, a)
		await(t, b)
		if x, y := a.Info().Incarnation, b.Info().Incarnation; x != y {
			t.Fatalf("%s and %s", x, y)
		}
	})
}

func TestMissingCRC(t *testing.T) {
	vpp := vpptest.NewAbsent(t)
	vpp.MissCRC("create_loopback_instance", "sw_interface_event")
	vpp.Restart(t)
	c := open(t, config(vpp))
	await(t, c)
	err := c.Call(t.Context(), &interfaces.CreateLoopbackInstance{}, &interfaces.CreateLoopbackInstanceReply{})
	if !errors.Is(err, southbound.ErrUnsupported) || !strings.Contains(err.Error(), "create_loopback_instance") || !strings.Contains(err.Error(), "loopbacks") {
		t.Fatalf("a message in another version: %v", err)
	}
	// The rest of the feature is off with it.
	if err := c.Call(t.Context(), &interfaces.DeleteLoopback{}, &interfaces.DeleteLoopbackReply{}); !errors.Is(err, southbound.ErrUnsupported) {
		t.Fatalf("a message of a feature that is off: %v", err)
	}
	if _, err := conn.Dump[interfaces.SwInterfaceDetails](t.Context(), c, &interfaces.SwInterfaceDump{}); err != nil {
		t.Fatalf("what is not concerned: %v", err)
	}
	i := c.Info()
	if len(i.Missing) != 2 || c.Has("loopbacks") || c.Has("events") || !c.Has("interfaces") {
		t.Fatalf("missing: %q", i.Missing)
	}
	for _, m := range i.Missing {
		if !strings.Contains(m, "00000bad") {
			t.Errorf("what is there is not said: %s", m)
		}
	}

	// Without what all needs, there is no connection, and it is said why.
	l := listen(c)
	vpp.Die()
	vpp.MissCRC("sw_interface_dump")
	vpp.Restart(t)
	hear(t, l, conn.Lost)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for !strings.Contains(c.Info().Problem, "sw_interface_dump") {
		if ctx.Err() != nil || c.Info().Connected {
			t.Fatalf("useless: %+v", c.Info())
		}
		wait, stop := context.WithTimeout(ctx, 5*time.Millisecond)
		_ = c.Await(wait)
		stop()
	}
	vpp.Die()
	vpp.MissCRC()
	vpp.Restart(t)
	hear(t, l, conn.Connected)
	if i := c.Info(); len(i.Missing) != 0 || !c.Has("loopbacks") || i.Restarts < 1 {
		t.Fatalf("at last: %+v", i)
	}
}

// What is answered too late is nobody's answer any more.
func TestLateReply(t *testing.T) {
	vpp := vpptest.NewFake(t)
	c := open(t, config(vpp))
	await(t, c)
	l := listen(c)
	hear(t, l, conn.Connected)
	release := vpp.Late("show_version")
	err := c.Call(t.Context(), &vpe.ShowVersion{}, &vpe.ShowVersionReply{})
	if !errors.Is(err, southbound.ErrAway) || !strings.Contains(err.Error(), "show_version") {
		t.Fatalf("no answer: %v", err)
	}
	hear(t, l, conn.Connected)
	release()
	for range 20 {
		if err := ping(c); err != nil {
			t.Fatal(err)
		}
	}
	if e := c.Epoch(); e != 2 {
		t.Fatalf("epoch %d", e)
	}
}

// A dump that is given up leaves the connection as it is.
func TestDumpGivenUp(t *testing.T) {
	each(t, func(t *testing.T, vpp vpptest.Dataplane) {
		c := open(t, config(vpp))
		await(t, c)
		ctx, cancel := context.WithCancel(t.Context())
		err := conn.DumpAll(ctx, c, 2000, func(int) api.Message { return &interfaces.SwInterfaceDump{} },
			func(i int, _ *interfaces.SwInterfaceDetails) { cancel() })
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("given up: %v", err)
		}
		if err := ping(c); err != nil || c.Epoch() != 1 {
			t.Fatalf("%v, epoch %d", err, c.Epoch())
		}
	})
}

func TestClosed(t *testing.T) {
	before := runtime.NumGoroutine()
	vpp := vpptest.NewFake(t)
	around := runtime.NumGoroutine()
	for round := range 20 {
		c := conn.New(config(vpp))
		l := listen(c)
		if round%2 == 0 { // the others are closed on the way
			await(t, c)
		}
		c.Close()
		for {
			if _, err := l.Next(t.Context()); err != nil {
				break
			}
		}
		if err := ping(c); !errors.Is(err, southbound.ErrAway) {
			t.Fatalf("closed: %v", err)
		}
		if err := c.Await(t.Context()); !errors.Is(err, southbound.ErrAway) {
			t.Fatalf("closed: %v", err)
		}
		c.Close()
	}
	absent := conn.New(config(vpptest.NewAbsent(t)))
	absent.Close()
	vpp.Die()
	settle(t, before, around)
}

// settle waits until there are no more goroutines than before.
func settle(t *testing.T, before, around int) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for runtime.NumGoroutine() > before {
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d goroutines, %d before, %d with the fake alone:\n%s", runtime.NumGoroutine(), before, around, stacks[:runtime.Stack(stacks, true)])
		}
		runtime.Gosched()
	}
}
