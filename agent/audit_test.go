package agent_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/agenttest"
)

// TestLogOfCommits: the log says who has changed what, and who could not; what
// concerns nobody else it leaves out at level info.
func TestLogOfCommits(t *testing.T) {
	f := newFixture(t)
	var log bytes.Buffer
	drop := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}
	a, err := agent.New(agent.Config{Schema: f.s, Drivers: []agent.Driver{agenttest.NewDriver(f.s)},
		Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{ReplaceAttr: drop}))})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	s, err := a.Open(agent.SessionOptions{User: "ann", Protocol: "gnmi", Remote: "192.0.2.7:1"})
	if err != nil {
		t.Fatal(err)
	}
	const who = ` datastore=running protocol=gnmi user=ann remote=192.0.2.7:1 session=1`
	commit := func(c *agent.Confirm) {
		t.Helper()
		if _, err := a.Commit(t.Context(), agent.Request{Session: s, Target: agent.Running, From: agent.Candidate, Confirm: c}); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct {
		what string
		do   func()
		want string // "": the log stays as it is
	}{
		{"a commit", func() { f.set(a, s, agent.Running, "merge /t:system/mtu=1", "merge /t:system/hostname=a") },
			`level=INFO msg=committed` + who + ` commit=1 changes=`},
		{"the same once more", func() { f.set(a, s, agent.Running, "merge /t:system/mtu=1") }, ""},
		{"what is refused", func() { f.try(a, s, agent.Running, "delete /t:system/debug") },
			`level=INFO msg="commit refused"` + who + ` err=`},
		{"a candidate", func() { f.set(a, s, agent.Candidate, "merge /t:system/mtu=2") }, ""},
		{"a candidate's refusal", func() { f.try(a, s, agent.Candidate, "delete /t:system/debug") }, ""},
		{"a confirmed commit", func() { commit(&agent.Confirm{Timeout: time.Hour}) },
			`level=INFO msg=committed` + who + ` commit=2 changes=1 to-confirm-within=1h0m0s`},
		{"its extension", func() { commit(&agent.Confirm{Timeout: 2 * time.Hour}) },
			`level=INFO msg="the time to confirm begins anew"` + who + ` to-confirm-within=2h0m0s`},
		{"its confirmation", func() { commit(nil) }, `level=INFO msg=committed` + who + ` confirms=true`},
		{"startup", func() {
			if _, err := a.Commit(t.Context(), agent.Request{Session: s, Target: agent.Startup, From: agent.Running, Comment: "why"}); err != nil {
				t.Fatal(err)
			}
		}, `level=INFO msg=committed datastore=startup protocol=gnmi user=ann remote=192.0.2.7:1 session=1 comment=why commit=3`},
	} {
		log.Reset()
		step.do()
		got := log.String()
		if step.want == "" && got != "" || !strings.HasPrefix(got, step.want) || strings.Count(got, "\n") > 1 {
			t.Errorf("%s: the log is\n%swant\n%s", step.what, got, step.want)
		}
	}
}
