package netconf

import (
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	juniper "github.com/Juniper/go-netconf/netconf"
	scrapli "github.com/scrapli/scrapligo/driver/netconf"
	"github.com/scrapli/scrapligo/driver/opoptions"
	"github.com/scrapli/scrapligo/driver/options"
	"github.com/scrapli/scrapligo/transport"
	"golang.org/x/crypto/ssh"
)

// TestJuniper drives the server with github.com/Juniper/go-netconf.
func TestJuniper(t *testing.T) {
	f := newFixture(t)
	addr := f.listen()
	cfg := juniper.SSHConfigPassword("admin", "secret")
	cfg.HostKeyCallback = ssh.FixedHostKey(f.key.PublicKey())
	s, err := juniper.DialSSH(addr, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if s.SessionID == 0 || len(s.ServerCapabilities) < 10 {
		t.Fatalf("session %d with capabilities %q", s.SessionID, s.ServerCapabilities)
	}
	exec := func(m juniper.RPCMethod) *juniper.RPCReply {
		t.Helper()
		r, err := s.Exec(m)
		if err != nil {
			t.Fatalf("%s: %v", m.MarshalMethod(), err)
		}
		return r
	}
	exec(juniper.MethodLock("running"))
	// A value that would cut the reply short, did nobody take care.
	text := "<description>line\n##\n#5\nend</description>"
	exec(juniper.MethodEditConfig("running", interfaces(eth(0, text))))
	if r := exec(juniper.MethodGetConfig("running")); !strings.Contains(r.Data, "<name>eth0</name>") || !strings.Contains(r.Data, "end</description>") {
		t.Errorf("get-config: %s", r.Data)
	}
	if r := exec(juniper.MethodGet("subtree", interfaces("<interface><name>eth0</name></interface>"))); !strings.Contains(r.Data, "<name>eth0</name>") {
		t.Errorf("get: %s", r.Data)
	}
	exec(juniper.MethodUnlock("running"))
	if r, err := s.Exec(juniper.MethodEditConfig("running", interfaces(eth(1, "<mtu>1</mtu>")))); err == nil {
		t.Errorf("a bad edit: %+v", r)
	}
	exec(juniper.RawMethod("<close-session/>"))
}

// TestScrapligo drives the server with github.com/scrapli/scrapligo.
func TestScrapligo(t *testing.T) {
	for _, version := range []string{scrapli.V1Dot0, scrapli.V1Dot1} {
		t.Run(version, func(t *testing.T) {
			f := newFixture(t)
			host, port, err := net.SplitHostPort(f.listen())
			if err != nil {
				t.Fatal(err)
			}
			n, err := strconv.Atoi(port)
			if err != nil {
				t.Fatal(err)
			}
			d, err := scrapli.NewDriver(host,
				options.WithAuthNoStrictKey(), options.WithAuthUsername("admin"), options.WithAuthPassword("secret"),
				options.WithPort(n), options.WithTransportType(transport.StandardTransport),
				options.WithNetconfPreferredVersion(version), options.WithTimeoutOps(patience), options.WithReadDelay(time.Millisecond))
			if err != nil {
				t.Fatal(err)
			}
			if err := d.Open(); err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			if !d.ServerHasCapability(capabilityURN + "candidate:1.0") {
				t.Errorf("the capabilities are %q", d.ServerCapabilities())
			}
			if r, err := d.Lock("candidate"); err != nil || r.Failed != nil {
				t.Fatalf("lock: %v, %v", err, r.Failed)
			}
			if r, err := d.EditConfig("candidate", "<config>"+interfaces(eth(0, "<mtu>9000</mtu><description>a\n##\nb</description>"))+"</config>"); err != nil || r.Failed != nil {
				t.Fatalf("edit-config: %v, %v", err, r.Failed)
			}
			if r, err := d.Validate("candidate"); err != nil || r.Failed != nil {
				t.Fatalf("validate: %v, %v", err, r.Failed)
			}
			if r, err := d.Commit(); err != nil || r.Failed != nil {
				t.Fatalf("commit: %v, %v", err, r.Failed)
			}
			r, err := d.GetConfig("running")
			if err != nil || r.Failed != nil || !strings.Contains(r.Result, "<mtu>9000</mtu>") || !strings.Contains(r.Result, "b</description>") {
				t.Fatalf("get-config: %v, %v, %s", err, r.Failed, r.Result)
			}
			r, err = d.GetConfig("running", opoptions.WithFilter(interfaces("<interface><name>none</name></interface>")))
			if err != nil || r.Failed != nil || strings.Contains(r.Result, "eth0") {
				t.Fatalf("filtered: %v, %v, %s", err, r.Failed, r.Result)
			}
			if r, err := d.EditConfig("candidate", "<config>"+interfaces(eth(1, "<mtu>1</mtu>"))+"</config>"); err != nil || r.Failed == nil {
				t.Fatalf("a bad edit: %v, %v", err, r)
			}
			if r, err := d.Unlock("candidate"); err != nil || r.Failed != nil {
				t.Fatalf("unlock: %v, %v", err, r.Failed)
			}
		})
	}
}
