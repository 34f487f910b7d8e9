package agenttest

import (
	"testing"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// New starts an agent in memory with those drivers, one Driver if there are none
// given, and closes it with the test.
func New(t testing.TB, s *schema.Schema, drivers ...agent.Driver) *agent.Agent {
	t.Helper()
	if len(drivers) == 0 {
		drivers = []agent.Driver{NewDriver(s)}
	}
	return Start(t, agent.Config{Schema: s, Drivers: drivers})
}

// Start makes an agent, starts it, and closes it with the test.
func Start(t testing.TB, cfg agent.Config) *agent.Agent {
	t.Helper()
	a, err := agent.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Errorf("closing the agent: %v", err)
		}
	})
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return a
}
