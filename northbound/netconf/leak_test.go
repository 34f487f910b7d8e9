package netconf

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
)

// TestNoLeaks opens and ends sessions in every way there is, and counts what is
// left.
func TestNoLeaks(t *testing.T) {
	f := newFixture(t)
	addr := f.listen()
	f.open().ok("<close-session/>")
	f.eventually("the first session is gone", func() bool { return len(f.agent.Sessions()) == 0 })
	before := runtime.NumGoroutine()
	for i := range 8 {
		c := f.dial(addr)
		a, _ := f.session(c)
		b, bs := f.session(c)
		switch i % 8 {
		case 0:
			a.ok("<close-session/>")
		case 1:
			a.raw("\n#0\n")
		case 2:
			b.ok("<kill-session><session-id>" + a.id + "</session-id></kill-session>")
		case 3:
			bs.Close()
		case 4:
			a.send("<rpc")
			a.read()
		case 5:
			io.WriteString(a.conn, "\n#500\nabc") // cut in a message
		case 6:
			a.ok(lock("candidate"))
			a.ok(edit("candidate", interfaces(eth(i, ""))))
		case 7:
			if _, err := c.NewSession(); err != nil {
				t.Fatal(err)
			}
		}
		c.Close()
	}
	f.eventually("all sessions are gone", func() bool { return len(f.agent.Sessions()) == 0 })
	f.eventually("all connections are gone", func() bool {
		f.srv.mu.Lock()
		defer f.srv.mu.Unlock()
		return len(f.srv.conns) == 0 && len(f.srv.sessions) == 0
	})
	f.eventually(fmt.Sprintf("there are %d goroutines again", before), func() bool { return runtime.NumGoroutine() <= before })
	if n := f.agent.Snapshot().Candidate.Root().Len(); n != 0 {
		t.Errorf("the candidate has %d nodes", n)
	}
	got := f.open().rpc(`<get><filter><netconf-state xmlns="` + monitoringNamespace + `"><sessions/></netconf-state></filter></get>`)
	if n := strings.Count(got, "<session>"); n != 1 {
		t.Errorf("netconf-state lists %d sessions: %s", n, got)
	}
}
