package agent_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/outrigger-cnf/outrigger/agent"
)

// synctestRun runs a test whose clock stands still unless all wait.
func synctestRun(t *testing.T, test func(*testing.T, fixture)) {
	f := newFixture(t)
	synctest.Test(t, func(t *testing.T) { test(t, fixture{t, f.s}) })
}

// wait lets the clock of a synctest run until ok, for an hour at most.
func wait(t testing.TB, a *agent.Agent, what string, ok func() bool) {
	t.Helper()
	for range 3600 {
		synctest.Wait()
		if ok() {
			return
		}
		<-time.After(time.Second)
	}
	t.Fatalf("%s: it did not happen; events: %+v", what, a.Events())
}
