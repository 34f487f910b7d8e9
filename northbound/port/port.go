// Package port puts gRPC and HTTP on one TCP port.
//
// Under TLS, ALPN (RFC 7301) tells them apart: a client that offers h2 and not
// http/1.1 speaks gRPC, every other one HTTP/1.1. In plaintext the HTTP/2
// connection preface (RFC 9113 §3.4) does. Each connection is handed, handshake
// done, to a grpc.Server or an http.Server of its own: grpc.Server.ServeHTTP,
// slower and without keepalive enforcement, is not used.
package port

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc/credentials"
)

// handshakeTimeout bounds how long a silent client holds a connection.
const handshakeTimeout = 10 * time.Second

// preface is what every HTTP/2 client sends first (RFC 9113 §3.4).
const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

// Port accepts connections and sorts them.
type Port struct {
	// TLS returns the configuration for the next connection; nil means
	// plaintext.
	TLS func() *tls.Config
	Log *slog.Logger
	// MaxConnections bounds the connections that are open at a time, known
	// clients' or not; 0 is no limit. One beyond is closed at once.
	MaxConnections int

	grpc, http *queue
	once       sync.Once
	open       atomic.Int64
}

func (p *Port) init(addr net.Addr) {
	p.once.Do(func() { p.grpc, p.http = newQueue(addr), newQueue(addr) })
}

// Split returns the two listeners that Serve feeds. Give them to
// grpc.Server.Serve (with Credentials) and http.Server.Serve.
func (p *Port) Split(addr net.Addr) (grpc, http net.Listener) {
	p.init(addr)
	return p.grpc, p.http
}

// Serve accepts from l until it is closed, and then closes both listeners.
func (p *Port) Serve(l net.Listener) error {
	p.init(l.Addr())
	defer p.grpc.Close()
	defer p.http.Close()
	for {
		conn, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			// Out of descriptors, or a connection that was reset before it
			// was accepted: neither ends the port.
			p.Log.Warn("accepting a connection failed", "error", err)
			time.Sleep(10 * time.Millisecond)
			continue
		}
		if p.MaxConnections > 0 && p.open.Load() >= int64(p.MaxConnections) {
			p.Log.Warn("too many connections", "remote", conn.RemoteAddr().String(), "limit", p.MaxConnections)
			conn.Close()
			continue
		}
		p.open.Add(1)
		go p.sort(&counted{Conn: conn, open: &p.open})
	}
}

// counted is a connection that counts as open until it is closed.
type counted struct {
	net.Conn
	open *atomic.Int64
	once sync.Once
}

func (c *counted) Close() error {
	c.once.Do(func() { c.open.Add(-1) })
	return c.Conn.Close()
}

func (p *Port) sort(conn net.Conn) {
	conn.SetDeadline(time.Now().Add(handshakeTimeout))
	to, conn, err := p.classify(conn)
	if err != nil {
		p.Log.Debug("connection refused", "remote", conn.RemoteAddr().String(), "error", err)
		conn.Close()
		return
	}
	conn.SetDeadline(time.Time{})
	to.put(conn)
}

func (p *Port) classify(conn net.Conn) (*queue, net.Conn, error) {
	if p.TLS == nil {
		return p.sniff(conn)
	}
	tlsConn := tls.Server(conn, &tls.Config{GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		config := p.TLS().Clone()
		config.NextProtos = []string{"http/1.1"}
		if slices.Contains(hello.SupportedProtos, "h2") && !slices.Contains(hello.SupportedProtos, "http/1.1") {
			config.NextProtos = []string{"h2"}
		}
		return config, nil
	}})
	if err := tlsConn.HandshakeContext(context.Background()); err != nil {
		return nil, conn, err
	}
	switch tlsConn.ConnectionState().NegotiatedProtocol {
	case "h2":
		return p.grpc, tlsConn, nil
	case "http/1.1":
		return p.http, tlsConn, nil
	default: // a client without ALPN: old gRPC libraries
		return p.sniff(tlsConn)
	}
}

// sniff looks at the first bytes: no HTTP/1.1 request begins like the preface.
func (p *Port) sniff(conn net.Conn) (*queue, net.Conn, error) {
	peeked := peekedConn{conn, bufio.NewReader(conn)}
	for n := 1; n <= len(preface); n++ {
		b, err := peeked.r.Peek(n)
		if err != nil {
			return nil, conn, err
		}
		if b[n-1] != preface[n-1] {
			return p.http, peeked, nil
		}
	}
	return p.grpc, peeked, nil
}

type peekedConn struct {
	net.Conn
	r *bufio.Reader
}

func (c peekedConn) Read(b []byte) (int, error) { return c.r.Read(b) }

// queue is the listener of one of the two servers.
type queue struct {
	addr  net.Addr
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newQueue(addr net.Addr) *queue {
	return &queue{addr: addr, conns: make(chan net.Conn), done: make(chan struct{})}
}

func (q *queue) put(conn net.Conn) {
	select {
	case q.conns <- conn:
	case <-q.done:
		conn.Close()
	}
}

func (q *queue) Accept() (net.Conn, error) {
	select {
	case conn := <-q.conns:
		return conn, nil
	case <-q.done:
		return nil, net.ErrClosed
	}
}

func (q *queue) Addr() net.Addr { return q.addr }

func (q *queue) Close() error {
	q.once.Do(func() { close(q.done) })
	return nil
}

// Credentials tells a grpc.Server who the peer is on a connection whose TLS
// handshake this package has done.
func Credentials() credentials.TransportCredentials { return finished{} }

type finished struct{}

func (finished) ServerHandshake(conn net.Conn) (net.Conn, credentials.AuthInfo, error) {
	inner := conn
	if p, ok := conn.(peekedConn); ok {
		inner = p.Conn
	}
	tlsConn, ok := inner.(*tls.Conn)
	if !ok {
		return conn, nil, nil
	}
	return conn, credentials.TLSInfo{
		State:          tlsConn.ConnectionState(),
		CommonAuthInfo: credentials.CommonAuthInfo{SecurityLevel: credentials.PrivacyAndIntegrity},
	}, nil
}

func (finished) ClientHandshake(context.Context, string, net.Conn) (net.Conn, credentials.AuthInfo, error) {
	return nil, nil, errors.New("port: credentials are for servers only")
}

func (finished) Info() credentials.ProtocolInfo {
	return credentials.ProtocolInfo{SecurityProtocol: "tls", SecurityVersion: "1.2"}
}
func (finished) Clone() credentials.TransportCredentials { return finished{} }
func (finished) OverrideServerName(string) error         { return nil }
