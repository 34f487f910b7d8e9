package netconf

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
)

// subsystem is the SSH subsystem of RFC 6242 §3.
const subsystem = "netconf"

// killGrace is how long a client has to take a session's end before its whole
// connection is cut. A channel whose client stopped reading can be closed in no
// other way.
const killGrace = 2 * time.Second

// ciphers are those worth having, the fastest first. The client's order
// decides; AES-GCM is what Go's and most other clients name first.
func ciphers() []string {
	return []string{
		ssh.CipherAES128GCM, ssh.CipherAES256GCM, ssh.CipherChaCha20Poly1305,
		ssh.CipherAES128CTR, ssh.CipherAES192CTR, ssh.CipherAES256CTR,
	}
}

func generateKey(r io.Reader) (crypto.Signer, error) {
	_, key, err := ed25519.GenerateKey(r)
	return key, err
}

// errDenied is all that a client learns of a failed login.
var errDenied = errors.New("access denied")

func serverConfig(users Users, keys []ssh.Signer, l Limits, log *slog.Logger) *ssh.ServerConfig {
	verdict := func(ok bool) (*ssh.Permissions, error) {
		if !ok {
			return nil, errDenied
		}
		return &ssh.Permissions{}, nil
	}
	c := &ssh.ServerConfig{
		Config:        ssh.Config{Ciphers: ciphers()},
		ServerVersion: "SSH-2.0-Outrigger",
		MaxAuthTries:  l.AuthTries,
		PasswordCallback: func(m ssh.ConnMetadata, pw []byte) (*ssh.Permissions, error) {
			return verdict(users.Password(m.User(), string(pw)))
		},
		PublicKeyCallback: func(m ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
			return verdict(users.PublicKey(m.User(), key))
		},
		// Some clients only try keyboard-interactive where a person would type a
		// password.
		KeyboardInteractiveCallback: func(m ssh.ConnMetadata, ask ssh.KeyboardInteractiveChallenge) (*ssh.Permissions, error) {
			answers, err := ask("", "", []string{"Password: "}, []bool{false})
			if err != nil {
				return nil, err
			}
			return verdict(len(answers) == 1 && users.Password(m.User(), answers[0]))
		},
		AuthLogCallback: func(m ssh.ConnMetadata, method string, err error) {
			if err != nil && method != "none" {
				log.Info("NETCONF login refused", "user", m.User(), "remote", m.RemoteAddr().String(), "method", method)
			}
		},
	}
	for _, k := range keys {
		c.AddHostKey(k)
	}
	return c
}

// connection is one SSH connection: any number of sessions, one a channel.
type connection struct {
	srv  *Server
	net  net.Conn
	ssh  *ssh.ServerConn
	ctx  context.Context // ends with the connection
	wg   sync.WaitGroup  // one for each channel
	idle *time.Timer     // cuts a connection that has no channel

	mu       sync.Mutex // guards channels
	channels int
}

// serveConn serves one connection until it ends; it returns when all its
// sessions have ended too.
func (s *Server) serveConn(nc net.Conn) {
	log := s.log.With("remote", nc.RemoteAddr().String())
	if tcp, ok := nc.(*net.TCPConn); ok {
		// A peer that vanished holds locks; find out within a minute.
		if err := tcp.SetKeepAliveConfig(net.KeepAliveConfig{
			Enable: true, Idle: 15 * time.Second, Interval: 15 * time.Second, Count: 3,
		}); err != nil {
			log.Warn("setting TCP keepalive", "err", err)
		}
	}
	if err := nc.SetDeadline(time.Now().Add(s.limits.HandshakeTimeout)); err != nil {
		log.Debug("the connection is gone", "err", err)
		return
	}
	sc, channels, requests, err := ssh.NewServerConn(nc, s.ssh)
	if err != nil {
		log.Debug("SSH handshake failed", "err", err)
		return
	}
	if err := nc.SetDeadline(time.Time{}); err != nil {
		log.Debug("the connection is gone", "err", err)
		return
	}
	ctx, cancel := context.WithCancel(s.ctx)
	c := &connection{srv: s, net: nc, ssh: sc, ctx: ctx}
	c.idle = time.AfterFunc(s.limits.HelloTimeout, func() { nc.Close() })
	c.wg.Add(1)
	go func() { defer c.wg.Done(); answerGlobal(requests) }()
	for ch := range channels { // closed when the connection ends
		c.open(ch)
	}
	cancel()
	c.idle.Stop()
	nc.Close()
	c.wg.Wait()
}

// answerGlobal answers keepalives, whatever they are called, and refuses the
// rest (forwardings).
func answerGlobal(requests <-chan *ssh.Request) {
	for r := range requests {
		respond(r, isKeepalive(r.Type))
	}
}

// respond answers a request that wants an answer and has none yet. Where that
// fails the connection is gone, which its reader finds out.
func respond(r *ssh.Request, ok bool) {
	if r.WantReply {
		_ = r.Reply(ok, nil)
		r.WantReply = false
	}
}

// reject refuses a channel; what holds for respond holds here.
func reject(n ssh.NewChannel, reason ssh.RejectionReason, message string) {
	_ = n.Reject(reason, message)
}

func isKeepalive(name string) bool {
	name = strings.ToLower(name)
	return strings.HasPrefix(name, "keepalive") || strings.HasPrefix(name, "keep_alive") || strings.HasPrefix(name, "keep-alive")
}

func (c *connection) open(n ssh.NewChannel) {
	if n.ChannelType() != "session" {
		reject(n, ssh.UnknownChannelType, "only sessions are served here")
		return
	}
	if !c.addChannel() {
		reject(n, ssh.ResourceShortage, fmt.Sprintf("this connection already has %d channels", c.srv.limits.Channels))
		return
	}
	ch, requests, err := n.Accept()
	if err != nil {
		c.removeChannel()
		return
	}
	c.wg.Add(1)
	go func() {
		defer c.wg.Done()
		defer c.removeChannel()
		c.serveChannel(ch, requests)
	}()
}

func (c *connection) addChannel() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.channels >= c.srv.limits.Channels {
		return false
	}
	c.channels++
	c.idle.Stop()
	return true
}

func (c *connection) removeChannel() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.channels--; c.channels > 0 || c.ctx.Err() != nil {
		return
	}
	if c.srv.isClosing() {
		c.net.Close()
	}
	c.idle.Reset(c.srv.limits.HelloTimeout)
}

// serveChannel answers the requests of a channel; the first one for the
// subsystem starts the session.
func (c *connection) serveChannel(ch ssh.Channel, requests <-chan *ssh.Request) {
	// A channel must become a session in time.
	unused := time.AfterFunc(c.srv.limits.HelloTimeout, func() { ch.Close() })
	defer unused.Stop()
	confirm := time.AfterFunc(time.Hour, func() { c.net.Close() })
	confirm.Stop()
	defer confirm.Stop()
	var started chan struct{} // closed at the session's end
	for r := range requests { // closed when the channel ends
		ok := false
		switch r.Type {
		case "pty-req", "env", "window-change", "signal":
			// Harmless: the channel stays as transparent as it is.
			ok = true
		case "subsystem":
			var name struct{ Name string }
			if ssh.Unmarshal(r.Payload, &name) == nil && name.Name == subsystem && started == nil && unused.Stop() {
				ok = true
				started = make(chan struct{})
				respond(r, true)
				go func() {
					defer close(started)
					c.session(ch)
					// The client answers the end of a channel by its own. One that does
					// not, and reads no more, loses its connection.
					confirm.Reset(c.srv.limits.WriteTimeout)
				}()
			}
		case "shell", "exec":
			if started == nil && unused.Stop() {
				ok = true
				respond(r, true)
				io.WriteString(ch.Stderr(), "This is a NETCONF server without a shell: ask for its subsystem, as in ssh -s HOST netconf.\r\n")
				finish(ch, 1)
			}
		default:
			ok = isKeepalive(r.Type)
		}
		respond(r, ok)
	}
	if started != nil {
		<-started
	}
}

// session runs a NETCONF session on the channel and closes it.
func (c *connection) session(ch ssh.Channel) {
	ctx, cancel := context.WithCancel(c.ctx)
	defer cancel()
	status := c.srv.runSession(ctx, ch, peer{
		user:   c.ssh.User(),
		remote: c.net.RemoteAddr().String(),
		conn:   c.net,
	})
	finish(ch, status)
}

// finish tells the client the exit status and closes the channel, in the order
// that OpenSSH's client needs to end by itself.
func finish(ch ssh.Channel, status uint32) {
	// An error means that there is nobody to tell.
	_, _ = ch.SendRequest("exit-status", false, ssh.Marshal(struct{ Status uint32 }{status}))
	_ = ch.CloseWrite()
	ch.Close()
}
