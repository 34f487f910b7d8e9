package soak

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"math/rand/v2"

	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"golang.org/x/crypto/ssh"
)

// TestClientsVanish opens sessions of each kind and drops them in the middle of
// what they were about. The agent has as many files open and as many sessions as
// before, and serves.
func TestClientsVanish(t *testing.T) {
	m := newMachine(t)
	m.start(t)
	p := m.connect(t)
	defer p.close()
	if err := p.gnmi.set(described("before")); err != nil {
		t.Fatal(err)
	}
	open, err := m.files()
	if err != nil {
		t.Fatal(err)
	}
	const times = 200
	for _, kind := range []struct {
		name   string
		vanish func() error
	}{
		{name: "TCP to gNMI, nothing said", vanish: func() error { return m.say(gnmiAddress, nil) }},
		{name: "half a TLS handshake", vanish: func() error { return m.say(gnmiAddress, clientHello[:40]) }},
		{name: "garbage to gNMI", vanish: func() error { return m.say(gnmiAddress, garbage()) }},
		{name: "TLS and garbage to gNMI", vanish: func() error { return m.tls(garbage()) }},
		{name: "TLS and half an HTTP/2 preface", vanish: func() error { return m.tls([]byte("PRI * HTTP/2.0\r\n")) }},
		{name: "TCP to NETCONF, nothing said", vanish: func() error { return m.say(netconfAddress, nil) }},
		{name: "garbage to NETCONF", vanish: func() error { return m.say(netconfAddress, garbage()) }},
		{name: "SSH without a channel", vanish: func() error { return m.ssh(nil) }},
		{name: "SSH without a hello", vanish: func() error { return m.ssh([]byte{}) }},
		{name: "SSH and garbage", vanish: func() error { return m.ssh(garbage()) }},
		{name: "a NETCONF session in the midst of a message", vanish: m.halfMessage},
		{name: "a subscription", vanish: m.subscription},
	} {
		begin := time.Now()
		if err := many(times, kind.vanish); err != nil {
			t.Errorf("%s: %v", kind.name, err)
		}
		var now, sessions int
		err := eventually(func() bool {
			now, _ = m.files()
			sessions, _ = p.netconf.sessions()
			return now <= open && sessions == 1
		})
		if err != nil {
			t.Errorf("after %d of %s: %d files open, %d before; %d sessions: %v", times, kind.name, now, open, sessions, err)
		}
		if _, err := p.gnmi.config(); err != nil {
			t.Fatalf("after %s: %v", kind.name, err)
		}
		t.Logf("%d of %s in %v", times, kind.name, time.Since(begin).Round(time.Millisecond))
	}
	if err := p.netconf.edit("running", toXML(described("after"))); err != nil {
		t.Error(err)
	}
	fresh := m.connect(t)
	defer fresh.close()
	if got, err := fresh.netconf.config("running"); err != nil || got[description] != "after" {
		t.Errorf("a new session sees %q (%v)", got[description], err)
	}
}

// many runs f times, a few at once.
func many(times int, f func() error) error {
	const atOnce = 10
	errs := make(chan error)
	for range atOnce {
		go func() {
			var failed error
			for range times / atOnce {
				if err := f(); err != nil {
					failed = err
				}
			}
			errs <- failed
		}()
	}
	var failed error
	for range atOnce {
		if err := <-errs; err != nil {
			failed = err
		}
	}
	return failed
}

// files counts the agent's open files.
func (m *machine) files() (int, error) {
	all, err := os.ReadDir(filepath.Join("/proc", fmt.Sprint(m.pid()), "fd"))
	return len(all), err
}

// sessions counts what ietf-netconf-monitoring lists.
func (c *netconfClient) sessions() (int, error) {
	reply, err := c.call(`<get><filter type="subtree"><netconf-state xmlns="urn:ietf:params:xml:ns:yang:ietf-netconf-monitoring"><sessions/></netconf-state></filter></get>`)
	if err != nil {
		return 0, err
	}
	return strings.Count(string(reply), "<session>"), nil
}

// say sends text and hangs up.
func (m *machine) say(address string, text []byte) error {
	conn, err := m.ns.dial(context.Background(), address)
	if err != nil {
		return err
	}
	_, _ = conn.Write(text) // the agent may have hung up by then
	return conn.Close()
}

// clientHello begins like a record of TLS.
var clientHello = append([]byte{22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3}, make([]byte, 100)...)

// garbage is another one each time, the same in every run.
func garbage() []byte {
	rng := rand.New(rand.NewPCG(uint64(rubbish.Add(1)), 0))
	b := make([]byte, 1+rng.IntN(600))
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return b
}

var rubbish atomic.Uint32

func (m *machine) tls(text []byte) error {
	raw, err := m.ns.dial(context.Background(), gnmiAddress)
	if err != nil {
		return err
	}
	defer raw.Close()
	conn := tls.Client(raw, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}})
	if err := conn.Handshake(); err != nil {
		return err
	}
	_, _ = conn.Write(text)
	return nil
}

// ssh logs in and, unless text is nil, asks for NETCONF and says text.
func (m *machine) ssh(text []byte) error {
	raw, err := m.ns.dial(context.Background(), netconfAddress)
	if err != nil {
		return err
	}
	defer raw.Close()
	inner, chans, reqs, err := ssh.NewClientConn(raw, netconfAddress, sshConfig())
	if err != nil {
		return err
	}
	client := ssh.NewClient(inner, chans, reqs)
	if text == nil {
		return nil
	}
	s, err := client.NewSession()
	if err != nil {
		return err
	}
	in, err := s.StdinPipe()
	if err != nil {
		return err
	}
	if err := s.RequestSubsystem("netconf"); err != nil {
		return err
	}
	_, _ = in.Write(text)
	return nil
}

func (m *machine) halfMessage() error {
	c, err := m.ns.openNETCONF()
	if err != nil {
		return err
	}
	_, err = io.WriteString(c.in, "\n#4096\n<rpc message-id=\"1\" xmlns=\"urn:ietf:params:xml:ns:netconf:base:1.0\"><get>")
	return firstError(err, c.conn.Close())
}

func (m *machine) subscription() error {
	c, err := m.ns.openGNMI()
	if err != nil {
		return err
	}
	defer c.close()
	_, err = c.onChange(&gpb.Path{Elem: []*gpb.PathElem{{Name: "interfaces"}}})
	return err
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
