package netconf

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// listen serves f on a loopback port and returns its address.
func (f *fixture) listen() string {
	f.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		f.t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- f.srv.Serve(l) }()
	f.t.Cleanup(func() {
		f.shutdown()
		if err := <-done; !errors.Is(err, ErrServerClosed) {
			f.t.Errorf("Serve returned %v", err)
		}
	})
	return l.Addr().String()
}

func (f *fixture) sshConfig() *ssh.ClientConfig {
	return &ssh.ClientConfig{
		User: "admin", Auth: []ssh.AuthMethod{ssh.Password("secret")},
		HostKeyCallback: ssh.FixedHostKey(f.key.PublicKey()), Timeout: patience,
	}
}

// dial opens an SSH connection.
func (f *fixture) dial(addr string) *ssh.Client {
	f.t.Helper()
	c, err := ssh.Dial("tcp", addr, f.sshConfig())
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { c.Close() })
	return c
}

// channelPipe makes a transport of an SSH session.
type channelPipe struct {
	io.Reader
	io.WriteCloser
	s *ssh.Session
}

func (c channelPipe) Close() error { return c.s.Close() }

// session opens the subsystem on a new channel.
func (f *fixture) session(c *ssh.Client) (*wire, *ssh.Session) {
	f.t.Helper()
	s, err := c.NewSession()
	if err != nil {
		f.t.Fatal(err)
	}
	in, err := s.StdoutPipe()
	if err != nil {
		f.t.Fatal(err)
	}
	out, err := s.StdinPipe()
	if err != nil {
		f.t.Fatal(err)
	}
	if err := s.RequestSubsystem(subsystem); err != nil {
		f.t.Fatal(err)
	}
	w := &wire{t: f.t, conn: channelPipe{in, out, s}, in: newMessageReader(in, 64<<20)}
	w.hello(base11)
	return w, s
}

func TestSSH(t *testing.T) {
	f := newFixture(t)
	addr := f.listen()
	t.Run("several channels on one connection", func(t *testing.T) {
		c := f.dial(addr)
		a, _ := f.session(c)
		b, _ := f.session(c)
		if a.id == b.id {
			t.Fatalf("both sessions are %s", a.id)
		}
		a.ok(lock("running"))
		b.fails(lock("running"), tag("lock-denied"), "<session-id>"+a.id+"</session-id>")
		b.ok("<close-session/>")
		b.ends()
		a.ok(unlock("running"))
	})
	t.Run("a lock dies with the connection", func(t *testing.T) {
		c := f.dial(addr)
		a, _ := f.session(c)
		a.ok(lock("running"))
		c.Close()
		b := f.open()
		f.eventually("the lock is free", func() bool { return b.rpc(lock("running")) == "<ok/>" })
		b.ok(unlock("running"))
	})
	t.Run("keepalives", func(t *testing.T) {
		c := f.dial(addr)
		for _, name := range []string{"KEEP_ALIVE", "keepalive@openssh.com", "keepalive"} {
			if ok, _, err := c.SendRequest(name, true, nil); err != nil || !ok {
				t.Errorf("%s: %v, %v", name, ok, err)
			}
		}
		if ok, _, err := c.SendRequest("tcpip-forward", true, ssh.Marshal(struct {
			Addr string
			Port uint32
		}{"0.0.0.0", 0})); err != nil || ok {
			t.Errorf("a forwarding: %v, %v; want it refused", ok, err)
		}
		if _, _, err := c.OpenChannel("direct-tcpip", nil); err == nil {
			t.Error("a direct-tcpip channel was opened")
		}
	})
	t.Run("pty and environment before the subsystem", func(t *testing.T) {
		c := f.dial(addr)
		s, err := c.NewSession()
		if err != nil {
			t.Fatal(err)
		}
		if err := s.RequestPty("vt100", 24, 80, ssh.TerminalModes{}); err != nil {
			t.Errorf("pty-req: %v", err)
		}
		if err := s.Setenv("LANG", "C"); err != nil {
			t.Errorf("env: %v", err)
		}
		if err := s.RequestSubsystem("sftp"); err == nil {
			t.Error("the subsystem sftp was started")
		}
		in, _ := s.StdoutPipe()
		out, _ := s.StdinPipe()
		if err := s.RequestSubsystem(subsystem); err != nil {
			t.Fatal(err)
		}
		if err := s.RequestSubsystem(subsystem); err == nil {
			t.Error("a second subsystem was started on the channel")
		}
		w := &wire{t: t, conn: channelPipe{in, out, s}, in: newMessageReader(in, 1<<20)}
		w.hello(base11)
		w.is(getConfig("running", ""), data(""))
	})
	t.Run("shell", func(t *testing.T) {
		s, err := f.dial(addr).NewSession()
		if err != nil {
			t.Fatal(err)
		}
		var stderr bytes.Buffer
		s.Stderr = &stderr
		if err := s.Shell(); err != nil {
			t.Fatal(err)
		}
		err = s.Wait()
		if e, ok := errors.AsType[*ssh.ExitError](err); !ok || e.ExitStatus() != 1 {
			t.Errorf("the exit status: %v", err)
		}
		if !strings.Contains(stderr.String(), "ssh -s") {
			t.Errorf("it says %q", stderr.String())
		}
	})
	t.Run("half closed", func(t *testing.T) {
		w, _ := f.session(f.dial(addr))
		w.send(`<rpc xmlns="` + baseNamespace + `" message-id="1"><discard-changes/></rpc>`)
		w.conn.(channelPipe).WriteCloser.Close()
		if got := w.read(); !strings.Contains(got, "<ok/>") {
			t.Errorf("got %s", got)
		}
		w.ends()
	})
}

// eventually polls a condition that has no event to wait for.
func (f *fixture) eventually(what string, ok func() bool) {
	f.t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline.C:
			f.t.Fatalf("it never came true that %s", what)
		}
	}
}

func TestLogin(t *testing.T) {
	f := newFixture(t)
	addr := f.listen()
	other, err := NewHostKey()
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		user string
		auth ssh.AuthMethod
		ok   bool
	}{
		{"password", "admin", ssh.Password("secret"), true},
		{"keyboard-interactive", "admin", ssh.KeyboardInteractive(func(_, _ string, q []string, _ []bool) ([]string, error) {
			return []string{"secret"}[:len(q)], nil
		}), true},
		{"key", "admin", ssh.PublicKeys(f.key), true},
		{"wrong password", "admin", ssh.Password("Secret"), false},
		{"wrong user", "root", ssh.Password("secret"), false},
		{"another's key", "root", ssh.PublicKeys(f.key), false},
		{"wrong key", "admin", ssh.PublicKeys(other), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg := f.sshConfig()
			cfg.User, cfg.Auth = tt.user, []ssh.AuthMethod{tt.auth}
			c, err := ssh.Dial("tcp", addr, cfg)
			if (err == nil) != tt.ok {
				t.Fatalf("%v; want success: %v", err, tt.ok)
			}
			if err == nil {
				c.Close()
			}
		})
	}
	t.Run("no end of tries", func(t *testing.T) {
		cfg := f.sshConfig()
		tries := 0
		cfg.Auth = []ssh.AuthMethod{ssh.RetryableAuthMethod(ssh.PasswordCallback(func() (string, error) {
			tries++
			return "wrong", nil
		}), 100)}
		if _, err := ssh.Dial("tcp", addr, cfg); err == nil {
			t.Fatal("it got in")
		}
		if tries > f.srv.limits.AuthTries+1 {
			t.Errorf("it had %d tries", tries)
		}
	})
}

func TestLimits(t *testing.T) {
	t.Run("connections", func(t *testing.T) {
		f := newFixture(t, func(c *Config) { c.Limits.Connections = 2 })
		addr := f.listen()
		f.dial(addr)
		f.dial(addr)
		if _, err := ssh.Dial("tcp", addr, f.sshConfig()); err == nil {
			t.Fatal("there is a third connection")
		}
	})
	t.Run("channels", func(t *testing.T) {
		f := newFixture(t, func(c *Config) { c.Limits.Channels = 1 })
		c := f.dial(f.listen())
		_, s := f.session(c)
		if _, err := c.NewSession(); err == nil {
			t.Fatal("there is a second channel")
		}
		s.Close()
		f.eventually("a channel can be opened again", func() bool {
			s, err := c.NewSession()
			if err == nil {
				s.Close()
			}
			return err == nil
		})
	})
	t.Run("sessions", func(t *testing.T) {
		f := newFixture(t, func(c *Config) { c.Limits.Sessions = 1 })
		addr := f.listen()
		w, _ := f.session(f.dial(addr))
		s, err := f.dial(addr).NewSession()
		if err != nil {
			t.Fatal(err)
		}
		out, _ := s.StdoutPipe()
		if err := s.RequestSubsystem(subsystem); err != nil {
			t.Fatal(err)
		}
		if b, _ := io.ReadAll(out); len(b) > 0 {
			t.Errorf("the second session says %q", b)
		}
		w.ok("<close-session/>")
	})
	t.Run("handshake", func(t *testing.T) {
		f := newFixture(t, func(c *Config) { c.Limits.HandshakeTimeout = 50 * time.Millisecond })
		c, err := net.Dial("tcp", f.listen())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		waitEOF(t, c)
	})
	t.Run("hello", func(t *testing.T) {
		f := newFixture(t, func(c *Config) { c.Limits.HelloTimeout = 50 * time.Millisecond })
		w := f.connect()
		w.read()
		w.ends()
	})
	t.Run("a connection without a channel", func(t *testing.T) {
		f := newFixture(t, func(c *Config) { c.Limits.HelloTimeout = 50 * time.Millisecond })
		_ = f.dial(f.listen()).Wait()
	})
	t.Run("a channel without a subsystem", func(t *testing.T) {
		f := newFixture(t, func(c *Config) { c.Limits.HelloTimeout = 50 * time.Millisecond })
		s, err := f.dial(f.listen()).NewSession()
		if err != nil {
			t.Fatal(err)
		}
		out, _ := s.StdoutPipe()
		if b, _ := io.ReadAll(out); len(b) > 0 {
			t.Errorf("it says %q", b)
		}
	})
	t.Run("idle", func(t *testing.T) {
		f := newFixture(t, func(c *Config) { c.Limits.IdleTimeout = 100 * time.Millisecond })
		w := f.open()
		w.ok("<discard-changes/>")
		w.ends()
	})
	t.Run("no idle timeout", func(t *testing.T) {
		f := newFixture(t, func(c *Config) { c.Limits.IdleTimeout = -1 })
		f.open().ok("<discard-changes/>")
	})
	t.Run("a client that takes nothing", func(t *testing.T) {
		f := newFixture(t, func(c *Config) { c.Limits.WriteTimeout = 100 * time.Millisecond })
		addr := f.listen()
		var config strings.Builder
		for i := range 60000 {
			config.WriteString(eth(i, "<description>"+strings.Repeat("x", 60)+"</description>"))
		}
		f.open().ok(edit("running", interfaces(config.String())))
		c := f.dial(addr)
		w, _ := f.session(c)
		w.send(`<rpc xmlns="` + baseNamespace + `" message-id="1">` + getConfig("running", "") + `</rpc>`)
		_ = c.Wait() // the server cuts the connection
	})
}

func waitEOF(t *testing.T, c net.Conn) {
	t.Helper()
	if err := c.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	_, err := io.Copy(io.Discard, c)
	if ne, ok := errors.AsType[net.Error](err); ok && ne.Timeout() {
		t.Fatal("the connection stays open")
	}
}

func TestShutdown(t *testing.T) {
	t.Run("a request is finished", func(t *testing.T) {
		f := newFixture(t)
		addr := f.listen()
		busy, _ := f.session(f.dial(addr))
		idle, _ := f.session(f.dial(addr))
		entered, open := f.driver.Block()
		busy.send(`<rpc xmlns="` + baseNamespace + `" message-id="1">` + edit("running", interfaces(eth(0, ""))) + `</rpc>`)
		<-entered
		done := make(chan error, 1)
		go func() { done <- f.srv.Shutdown(context.Background()) }()
		idle.ends()
		open()
		if got := busy.read(); !strings.Contains(got, "<ok/>") {
			t.Errorf("got %s", got)
		}
		busy.ends()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if _, err := net.Dial("tcp", addr); err == nil {
			t.Error("it still listens")
		}
	})
	t.Run("the deadline", func(t *testing.T) {
		f := newFixture(t)
		w, _ := f.session(f.dial(f.listen()))
		entered, open := f.driver.Block()
		w.send(`<rpc xmlns="` + baseNamespace + `" message-id="1">` + edit("running", interfaces(eth(0, ""))) + `</rpc>`)
		<-entered
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() { done <- f.srv.Shutdown(ctx) }()
		cancel()
		w.ends()
		open() // the driver cannot be interrupted; the session ends after it
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("Shutdown: %v", err)
		}
	})
}
