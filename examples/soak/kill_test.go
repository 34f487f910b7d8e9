package soak

import (
	"bufio"
	"flag"
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

var killsFlag = flag.Int("kills", 200, "SIGKILLs of TestKill")

// TestKill kills the agent at random moments while commits flow. What comes back
// is the last commit that was acknowledged or the one in flight; where none was
// in flight, nobody in the namespace notices that the agent was away.
func TestKill(t *testing.T) {
	s := newSoaking(t)
	s.furnish()
	begin := time.Now()
	flown, idle := 0, 0
	for n := range *killsFlag {
		if n%20 == 10 {
			idle++
			s.killIdle(n)
			continue
		}
		if s.killBusy(n) {
			flown++
		}
	}
	t.Logf("%d kills in %v: %d of them while idle; %d times the commit in flight had come about; %d commits acknowledged, %d refused; %d times objects came about late (at most %v)",
		*killsFlag, time.Since(begin).Round(time.Millisecond), idle, flown, s.good, s.refused, s.late, s.slowest)
}

// furnish makes a configuration to begin with.
func (s *soaking) furnish() {
	for n := 0; s.good < 30; n++ {
		s.step(n)
	}
}

// simple are the ways that end with one answer.
var simple = slices.DeleteFunc(slices.Clone(ways), func(w way) bool { return w.end != nil })

// killBusy kills the agent while commits flow, and reports whether the one in
// flight came about.
func (s *soaking) killBusy(n int) (flown bool) {
	s.t.Helper()
	killed := make(chan struct{})
	timer := time.AfterFunc(time.Duration(s.g.IntN(120_000))*time.Microsecond, func() {
		defer close(killed)
		s.m.kill(s.t)
	})
	defer timer.Stop()
	var last string
	flying := s.model
	for {
		tx, w := s.g.transaction(s.model), &simple[s.g.IntN(len(simple))]
		if len(tx.edits) == 0 {
			continue
		}
		next, failed := s.model.apply(tx.edits, w.gnmi)
		if failed == nil {
			_, failed = realize(next)
		}
		if failed == nil && tx.bad != "" {
			failed = fmt.Errorf("%s", tx.bad)
		}
		last = "the last commit, by " + w.name + ":\n"
		for _, e := range tx.edits {
			last += "\t" + e.String() + "\n"
		}
		err := w.send(s.p, tx.edits, n)
		switch {
		case err == nil && failed == nil:
			s.model = next
			s.good++
			continue
		case err == nil:
			s.t.Fatalf("%saccepted, but the model says: %v", last, failed)
		case refused(err) && failed != nil:
			s.refused++
			continue
		case refused(err):
			s.t.Fatalf("%srefused: %v\nthe model sees nothing wrong", last, err)
		case failed == nil:
			flying = next
		}
		last += "error: " + err.Error() + "\n"
		break
	}
	<-killed
	s.restart()
	told := func() string { return fmt.Sprintf("kill %d, %s", n, last) }
	// NETCONF tells what was set from what is default, which may be the whole
	// difference.
	got, err := s.p.netconf.config("running")
	s.check(err, told)
	if difference(s.model, got) != "" && difference(flying, got) == "" {
		s.model, flown = flying, true
	}
	s.same(told, nil)
	must, err := realize(s.model)
	s.check(err, told)
	s.realized(told, must)
	return flown
}

func (s *soaking) restart() {
	s.t.Helper()
	s.p.close()
	s.m.start(s.t)
	s.p = s.m.connect(s.t)
}

// killIdle kills the agent when all is quiet, and listens to the kernel until it
// is back at work.
func (s *soaking) killIdle(n int) {
	s.t.Helper()
	told := func() string { return fmt.Sprintf("kill %d, idle: ", n) }
	mon := newMonitor(s.t, s.m.ns)
	for s.quiet(mon); ; s.quiet(mon) {
		mon.mark(3000 + 2*n)
		if s.busyWith() == "" { // since before the mark
			break
		}
	}
	s.m.kill(s.t)
	s.restart()
	s.same(told, nil)
	must, err := realize(s.model)
	s.check(err, told)
	s.realized(told, must)
	if events := mon.mark(3001 + 2*n); len(events) > 0 {
		s.t.Errorf("%sthe kernel has told of\n%s\nthe agent's log:\n%s", told(), strings.Join(events, "\n"), s.m.agent.log.tail(10_000))
	}
	mon.end()
}

// linkwatch is for how long the kernel may keep to itself that a carrier has gone and
// come back: it tells of carriers once a second, and of that what is so by then.
const linkwatch = 1500 * time.Millisecond

// quiet waits until the kernel has nothing in hand any more that it would tell of:
// links that are about to have a carrier, duplicate address detection, which begins
// only then, and what it does not show before it tells.
func (s *soaking) quiet(mon *monitor) {
	s.t.Helper()
	for begin := time.Now(); time.Since(begin) < 2*patience; {
		select {
		case <-mon.more:
			continue
		case <-time.After(linkwatch):
		}
		if s.busyWith() == "" {
			return
		}
	}
	s.t.Fatalf("it is never quiet: %s", s.busyWith())
}

// busyWith is what the kernel has in hand; empty: nothing.
func (s *soaking) busyWith() string {
	s.t.Helper()
	busy, err := s.kernel.busy()
	if err != nil {
		s.t.Fatal(err)
	}
	return busy
}

// monitor is iproute2's, which tells what the kernel tells.
type monitor struct {
	t   *testing.T
	ns  *namespace
	cmd *exec.Cmd

	mu    sync.Mutex
	lines []string
	more  chan struct{}
}

func newMonitor(t *testing.T, ns *namespace) *monitor {
	m := &monitor{t: t, ns: ns, more: make(chan struct{}, 1)}
	m.cmd = exec.Command("ip", "-n", ns.name, "-o", "monitor", "link", "address", "route", "neigh")
	out, err := m.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := m.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		lines := bufio.NewScanner(out)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			m.mu.Lock()
			m.lines = append(m.lines, lines.Text())
			m.mu.Unlock()
			select {
			case m.more <- struct{}{}:
			default:
			}
		}
	}()
	return m
}

// mark makes the kernel tell of something that is known and returns what it told
// before, since the last mark. It is repeated until the monitor listens.
func (m *monitor) mark(mtu int) []string {
	m.t.Helper()
	for begin := time.Now(); ; {
		m.ns.ip(m.t, fmt.Sprintf("link set dev p1 mtu 2999\nlink set dev p1 mtu %d", mtu))
		retry := time.After(200 * time.Millisecond)
		for waiting := true; waiting; {
			select {
			case <-m.more:
			case <-retry:
				waiting = false
			}
			if events, ok := m.upTo(fmt.Sprintf(" mtu %d ", mtu)); ok {
				return events
			}
		}
		if time.Since(begin) > patience {
			m.t.Fatalf("the monitor does not hear of MTU %d", mtu)
		}
	}
}

func (m *monitor) upTo(mark string) (events []string, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	i := slices.IndexFunc(m.lines, func(l string) bool { return strings.Contains(l, mark) })
	if i < 0 {
		return nil, false
	}
	for _, l := range m.lines[:i] {
		if !strings.Contains(l, " p1@") && !learned.MatchString(l) {
			events = append(events, l)
		}
	}
	m.lines = m.lines[i+1:]
	return events, true
}

// learned matches a neighbor that the kernel looks for by itself.
var learned = regexp.MustCompile(`(FAILED|INCOMPLETE|STALE|REACHABLE|DELAY|PROBE|NOARP) *$`)

func (m *monitor) end() {
	if err := m.cmd.Process.Kill(); err != nil {
		m.t.Error(err)
	}
	m.cmd.Wait()
}
