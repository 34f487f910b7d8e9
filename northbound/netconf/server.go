package netconf

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// Users says who may log in. Both methods are called from many goroutines.
type Users interface {
	// Password reports whether pw is the user's password.
	Password(user, pw string) bool
	// PublicKey reports whether the user may log in with the private half of key.
	PublicKey(user string, key ssh.PublicKey) bool
}

// Config is what a Server is made of.
type Config struct {
	Agent  *agent.Agent
	Schema *schema.Schema
	Users  Users
	// HostKeys are the server's identities, at least one.
	HostKeys []ssh.Signer
	// YANG holds the modules that get-schema serves, as *.yang files in any
	// folder.
	YANG fs.FS
	Log  *slog.Logger // nil discards
	// Limits bound what clients can make the server hold; the zero value of a
	// field is its default.
	Limits Limits
}

// Limits bound what clients can make the server hold.
type Limits struct {
	Connections int // TCP connections at a time (default 128)
	Sessions    int // NETCONF sessions at a time (default 128)
	Channels    int // channels on one SSH connection (default 16)
	AuthTries   int // failed authentications on one connection (default 6)

	MessageSize int // octets in one message (default 64 MiB)
	Depth       int // nested elements in one message (default 128)

	HandshakeTimeout time.Duration // from accept to authenticated (default 30 s)
	HelloTimeout     time.Duration // from authenticated to the client's hello (default 30 s)
	IdleTimeout      time.Duration // between two requests (default 1 h, negative: none)
	WriteTimeout     time.Duration // for the client to take any part of a reply (default 1 min)
}

func (l Limits) withDefaults() Limits {
	def := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	wait := func(v *time.Duration, d time.Duration) {
		if *v == 0 {
			*v = d
		}
	}
	def(&l.Connections, 128)
	def(&l.Sessions, 128)
	def(&l.Channels, 16)
	def(&l.AuthTries, 6)
	def(&l.MessageSize, 64<<20)
	def(&l.Depth, 128)
	wait(&l.HandshakeTimeout, 30*time.Second)
	wait(&l.HelloTimeout, 30*time.Second)
	wait(&l.IdleTimeout, time.Hour)
	wait(&l.WriteTimeout, time.Minute)
	return l
}

// Server serves NETCONF on any number of listeners.
type Server struct {
	agent      *agent.Agent
	schema     *schema.Schema
	modules    *moduleSet
	log        *slog.Logger
	limits     Limits
	ssh        *ssh.ServerConfig
	operations map[name]operation
	// monitoring is the schema node of netconf-state, or nil.
	monitoring *schema.Node
	caps       []string // all but yang-library, whose content-id is read per session
	stats      statistics
	wholeSize  atomic.Int64 // of the last reply with a whole datastore
	started    time.Time

	// ctx ends when Shutdown loses patience; every request runs under it.
	ctx    context.Context
	cancel context.CancelFunc

	// mu guards what follows. It is never held over I/O or a call of the agent.
	mu        sync.Mutex
	closing   bool
	listeners map[net.Listener]struct{}
	conns     map[net.Conn]struct{}
	sessions  map[*session]struct{}
	published []string       // capabilities in netconf-state
	wg        sync.WaitGroup // one for each connection and session
}

// ErrServerClosed is what Serve returns after Shutdown.
var ErrServerClosed = errors.New("netconf: server closed")

// New makes a Server and publishes what is constant of ietf-netconf-monitoring.
// It refuses a configuration without host key or users.
func New(cfg Config) (*Server, error) {
	if len(cfg.HostKeys) == 0 {
		return nil, errors.New("netconf: no SSH host key is configured")
	}
	if cfg.Users == nil {
		return nil, errors.New("netconf: no users are configured")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	modules, err := readModules(cfg.YANG)
	if err != nil {
		return nil, fmt.Errorf("netconf: reading the YANG modules: %w", err)
	}
	s := &Server{
		agent:     cfg.Agent,
		schema:    cfg.Schema,
		modules:   modules,
		log:       cfg.Log,
		limits:    cfg.Limits.withDefaults(),
		started:   time.Now(),
		listeners: map[net.Listener]struct{}{},
		conns:     map[net.Conn]struct{}{},
		sessions:  map[*session]struct{}{},
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.ssh = serverConfig(cfg.Users, cfg.HostKeys, s.limits, s.log)
	s.caps = capabilities(cfg.Schema)
	s.operations = operations()
	s.monitoring = monitoringRoot(cfg.Schema)
	s.publishConstant()
	return s, nil
}

// NewHostKey makes an Ed25519 host key, for a server that has none of its own.
func NewHostKey() (ssh.Signer, error) {
	key, err := generateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making an SSH host key: %w", err)
	}
	return ssh.NewSignerFromSigner(key)
}

// Serve accepts connections until l fails or Shutdown is called, when it
// returns ErrServerClosed.
func (s *Server) Serve(l net.Listener) error {
	s.mu.Lock()
	if s.closing {
		s.mu.Unlock()
		l.Close()
		return ErrServerClosed
	}
	s.listeners[l] = struct{}{}
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.listeners, l)
		s.mu.Unlock()
		l.Close()
	}()
	for pause := time.Duration(0); ; {
		conn, err := l.Accept()
		if err != nil {
			if s.isClosing() {
				return ErrServerClosed
			}
			// Out of file descriptors and the like: others will be closed.
			if te, ok := errors.AsType[net.Error](err); ok && te.Temporary() { //nolint:staticcheck // no other test tells EMFILE from a closed listener
				pause = min(max(2*pause, 5*time.Millisecond), time.Second)
				s.log.Warn("accepting a NETCONF connection", "err", err, "retry", pause)
				select {
				case <-time.After(pause):
					continue
				case <-s.ctx.Done():
					return ErrServerClosed
				}
			}
			return fmt.Errorf("netconf: accepting: %w", err)
		}
		pause = 0
		if !s.addConn(conn) {
			s.log.Warn("too many NETCONF connections", "remote", conn.RemoteAddr().String(), "limit", s.limits.Connections)
			conn.Close()
			continue
		}
		go func() {
			defer s.removeConn(conn)
			s.serveConn(conn)
		}()
	}
}

func (s *Server) isClosing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closing
}

func (s *Server) addConn(c net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing || len(s.conns) >= s.limits.Connections {
		return false
	}
	s.conns[c] = struct{}{}
	s.wg.Add(1)
	return true
}

func (s *Server) removeConn(c net.Conn) {
	c.Close()
	s.mu.Lock()
	delete(s.conns, c)
	s.mu.Unlock()
	s.wg.Done()
}

// addSession makes room for one more session, or reports that there is none.
func (s *Server) addSession(n *session) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing || len(s.sessions) >= s.limits.Sessions {
		return false
	}
	s.sessions[n] = struct{}{}
	s.wg.Add(1)
	return true
}

func (s *Server) removeSession(n *session) {
	s.mu.Lock()
	delete(s.sessions, n)
	s.mu.Unlock()
	s.wg.Done()
}

// Shutdown stops accepting, lets each session finish the request that it is
// answering, and closes it. When ctx ends first, requests are canceled,
// connections are cut, and the context's error is returned.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.closing = true
	for l := range s.listeners {
		l.Close()
	}
	var open []*session
	for n := range s.sessions {
		open = append(open, n)
	}
	// A connection without a session has nothing to finish.
	var bare []net.Conn
	busy := map[net.Conn]bool{}
	for _, n := range open {
		busy[n.peer.conn] = true
	}
	for c := range s.conns {
		if !busy[c] {
			bare = append(bare, c)
		}
	}
	s.mu.Unlock()
	for _, n := range open {
		n.drain()
	}
	for _, c := range bare {
		c.Close()
	}
	done := make(chan struct{})
	go func() { s.wg.Wait(); close(done) }()
	var err error
	select {
	case <-done:
	case <-ctx.Done():
		err = fmt.Errorf("netconf: shutdown: %w", context.Cause(ctx))
		s.cancel()
		s.mu.Lock()
		for c := range s.conns {
			c.Close()
		}
		s.mu.Unlock()
		<-done
	}
	s.cancel()
	s.withdraw()
	return err
}
