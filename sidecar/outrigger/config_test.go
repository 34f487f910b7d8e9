package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func writeConfig(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestParseConfig(t *testing.T) {
	file := writeConfig(t, `
listen: ":1111"
netconf-listen: ":2222"
state-dir: /from/file
log-format: json
users: [{name: operator, ssh-keys: []}]
tls: {certificate: c, key: k, client-ca: ca}
limits: {sessions: 3, connections: 7, idle-timeout: 2m}
backend: vpp
vpp: {api-socket: /a, while-away: pending}
`)
	c, err := parseConfig([]string{"--config", file, "--listen", ":3333"})
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != ":3333" || c.NETCONFListen != ":2222" || c.StateDir != "/from/file" || c.LogFormat != "json" {
		t.Errorf("the command line does not win over the file, or the file over the defaults: %+v", c)
	}
	if c.Limits.Sessions != 3 || c.Limits.Connections != 7 || c.Limits.IdleTimeout != 2*time.Minute || c.Limits.MessageBytes != defaultLimits.MessageBytes {
		t.Errorf("limits: %+v", c.Limits)
	}
	if want := (VPP{APISocket: "/a", StatsSocket: "/run/vpp/stats.sock", WhileAway: "pending"}); c.Backend != "vpp" || c.VPP != want {
		t.Errorf("backend %s, vpp: %+v", c.Backend, c.VPP)
	}

	for _, args := range [][]string{{"--dev"}, {"--dev", "--config", writeConfig(t, "")}, {"--config", writeConfig(t, "dev: true")}} {
		c, err := parseConfig(args)
		if err != nil {
			t.Fatal(err)
		}
		if c.Listen != devListen || c.NETCONFListen != devNETCONFListen || c.StateDir != "" {
			t.Errorf("%v: %+v", args, c)
		}
	}
}

func TestParseConfigRefuses(t *testing.T) {
	users := "users: [{name: operator}]\n"
	for _, c := range []struct {
		args  []string
		file  string
		want  string
		usage bool
	}{
		{[]string{"--frobnicate"}, "", "frobnicate", true},
		{[]string{"--dev", "extra"}, "", `"extra"`, true},
		{[]string{"--insecure"}, users, "--insecure goes with --dev", true},
		{[]string{"--dev", "--listen", "0.0.0.0:9339"}, "", "loopback only", true},
		{[]string{"--dev", "--netconf-listen", ":830"}, "", "loopback only", true},
		{[]string{"--dev", "--listen", "127.0.0.1"}, "", "missing port", true},
		{[]string{"--dev", "--backend", "p4"}, "", `"p4"`, true},
		{[]string{"--dev"}, "vpp: {while-away: wait}", `"wait"`, true},
		{[]string{"--dev", "--log-level", "loud"}, "", `"loud"`, true},
		{[]string{"--dev", "--log-format", "xml"}, "", `"xml"`, true},
		{nil, "state-dir: /x\n", "nobody who could log in", false},
		{nil, "lisen: :1\n", `line 1: there is no setting "lisen"`, false},
		{nil, "listen: [1\n", "--config", false},
		{nil, "listen: [1]\n", "line 1: one value is expected here, not several", false},
		{nil, "dev: maybe\n", "line 1: `maybe` is neither true nor false", false},
		{nil, "dev: true\nroute-protocol: 300\n", "line 2: `300` is no number from 0 to 255", false},
		{nil, "dev: true\nroute-protocol: 2\n", "route-protocol: 2 is that of the kernel", false},
		{nil, "dev: true\nroute-protocol: 12\n", "route-protocol: 12 is that of BIRD", false},
		{nil, "limits: {idle-timeout: soon}\n", "line 1: `soon` is no duration; 90s", false},
		{nil, "limits: {sessions: many}\n", "line 1: `many` is no number", false},
		{nil, "limits: {sessions: -1}\n", "limits: sessions is less than 0", false},
		{nil, "users: operator\n", "line 1: a list is expected here `operator`", false},
		{nil, "vpp: /run/vpp\n", "line 1: settings are expected below this one, not one value `/run/vpp`", false},
		{[]string{"--config", "/nonexistent/outrigger.yaml"}, "", "no such file", false},
	} {
		args := c.args
		if c.file != "" {
			args = append(args, "--config", writeConfig(t, c.file))
		}
		_, err := parseConfig(args)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v %q: %v, want an error with %q", c.args, c.file, err, c.want)
			continue
		}
		if usage := errors.As(err, new(usageError)); usage != c.usage {
			t.Errorf("%v: usage error: %v, want %v (%v)", c.args, usage, c.usage, err)
		}
	}
	if _, err := parseConfig([]string{"--help"}); !errors.As(err, new(helpText)) {
		t.Errorf("--help: %v", err)
	}
}

func TestLimitsDefaults(t *testing.T) {
	if got := (Limits{}).withDefaults(); got != defaultLimits {
		t.Errorf("%+v, want %+v", got, defaultLimits)
	}
	if got := (Limits{IdleTimeout: -1}).withDefaults().IdleTimeout; got >= 0 {
		t.Errorf("idle-timeout: %v; a negative one is none", got)
	}
}
