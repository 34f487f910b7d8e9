package netconf

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/outrigger-cnf/outrigger/agent"
)

// peer is who is at the other end of a session.
type peer struct {
	user, remote string
	conn         net.Conn // what to cut when the peer takes nothing any more; may be nil
}

// session is one NETCONF session.
//
//	transport ── in ──► message ── answer ──► reply ── send ──► transport
//
// One goroutine, run, does all of that. Others end it by end or drain.
type session struct {
	srv   *Server
	log   *slog.Logger
	rw    io.ReadWriteCloser
	peer  peer
	in    *messageReader
	agent *agent.Session
	login time.Time
	stats sessionStatistics

	ctx context.Context // ends with the session; its cause says why
	cut context.CancelCauseFunc

	// watchdog ends the session when what it is waiting for takes too long.
	watchdog *time.Timer
	listed   atomic.Bool // hellos have been exchanged: it is in netconf-state

	mu       sync.Mutex // guards what follows
	busy     bool       // a request is being answered
	draining bool       // the session ends after the request that it answers
}

// sessionStatistics are the common-counters of RFC 6022 §2.1.4.
type sessionStatistics struct {
	inRPCs, inBadRPCs, outErrors atomic.Uint32
}

// Reasons for which a session ends.
var (
	errIdle     = errors.New("idle for too long")
	errNoHello  = errors.New("no hello in time")
	errStalled  = errors.New("the client takes no data")
	errShutdown = errors.New("the server is shutting down")
	errClosed   = errors.New("closed by the client")
	errCut      = errors.New("the connection is gone")
)

// keepBuffer is the largest buffer that a session keeps for its next message.
const keepBuffer = 256 << 10

// runSession serves one session on rw until it ends, and returns an SSH exit
// status. The caller closes rw.
func (s *Server) runSession(ctx context.Context, rw io.ReadWriteCloser, p peer) uint32 {
	n := &session{
		srv:   s,
		rw:    rw,
		peer:  p,
		in:    newMessageReader(rw, s.limits.MessageSize),
		login: time.Now(),
	}
	n.watchdog = time.NewTimer(0) // replaced before it is used
	n.watchdog.Stop()
	n.ctx, n.cut = context.WithCancelCause(ctx)
	defer n.cut(nil)
	if !s.addSession(n) {
		s.log.Warn("too many NETCONF sessions", "user", p.user, "remote", p.remote, "limit", s.limits.Sessions)
		return 1
	}
	defer s.removeSession(n)
	var err error
	if n.agent, err = s.agent.Open(agent.SessionOptions{
		User: p.user, Protocol: "netconf", Remote: p.remote,
		Kill: func(reason string) { n.end(errors.New(reason)) },
	}); err != nil {
		s.log.Warn("a NETCONF session cannot begin", "user", p.user, "remote", p.remote, "err", err)
		return 1
	}
	n.log = s.log.With("session", n.agent.ID(), "user", p.user, "remote", p.remote)
	// Locks go, the candidate is discarded and an unconfirmed commit without
	// persist is rolled back when the agent's session closes.
	defer n.agent.Close()

	// Whatever ends the context unblocks the reads and writes: softly first, then
	// by cutting the connection.
	over := make(chan struct{})
	defer close(over)
	defer context.AfterFunc(n.ctx, func() { rw.Close() })()
	if p.conn != nil {
		defer context.AfterFunc(n.ctx, func() { n.cutConnection(over) })()
	}
	defer func() { n.watchdog.Stop() }()

	err = n.run()
	if cause := context.Cause(n.ctx); cause != nil {
		err = cause
	}
	if errors.Is(err, context.Canceled) {
		err = errCut
	}
	clean := errors.Is(err, errClosed) || errors.Is(err, io.EOF)
	if !clean {
		s.stats.droppedSessions.Add(1)
	}
	n.log.Info("NETCONF session ended", "reason", err)
	if clean {
		return 0
	}
	return 1
}

// cutConnection cuts the connection of a session that has to end, unless that is
// over soon. A client that takes no data cannot be told, and has had its time.
func (n *session) cutConnection(over <-chan struct{}) {
	if !errors.Is(context.Cause(n.ctx), errStalled) {
		select {
		case <-over:
			return
		case <-n.srv.ctx.Done():
		case <-time.After(killGrace):
		}
	}
	n.peer.conn.Close()
}

// end ends the session now, whatever it is doing. It never blocks.
func (n *session) end(cause error) { n.cut(cause) }

// drain ends the session once the request that it is answering is answered.
func (n *session) drain() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.draining = true
	if !n.busy {
		n.end(errShutdown)
	}
}

// setBusy notes that a request is being answered, or is answered. It returns
// false where the session must end instead.
func (n *session) setBusy(busy bool) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.busy = busy
	return !n.draining
}

// run exchanges hellos and answers requests until the session ends.
func (n *session) run() error {
	if err := n.greet(); err != nil {
		return err
	}
	n.srv.stats.inSessions.Add(1)
	n.listed.Store(true)
	n.srv.publishSession(n)
	defer n.srv.withdrawSession(n)
	defer n.listed.Store(false)
	n.log.Info("NETCONF session begins", "chunked", n.in.chunked)

	var message, reply []byte
	for {
		n.arm(n.srv.limits.IdleTimeout, errIdle)
		var err error
		message, err = n.in.next(message[:0])
		n.watchdog.Stop()
		if err != nil {
			return n.refuse(err)
		}
		if !n.setBusy(true) {
			return errShutdown
		}
		reply = append(reply[:0], make([]byte, headRoom)...)
		var last bool
		reply, last = n.answer(reply, message)
		if cap(message) > keepBuffer {
			message = nil
		}
		if err := n.send(reply); err != nil {
			return err
		}
		if cap(reply) > keepBuffer {
			reply = nil
		}
		switch goOn := n.setBusy(false); {
		case last:
			return errClosed
		case !goOn:
			return errShutdown
		}
	}
}

// arm makes the watchdog end the session after d; never, if d is negative.
func (n *session) arm(d time.Duration, cause error) {
	n.watchdog.Stop()
	if d >= 0 {
		n.watchdog = time.AfterFunc(d, func() { n.end(cause) })
	}
}

// refuse answers what is no message with malformed-message, which RFC 6241
// Appendix A keeps for base:1.1, and gives the error that ends the session.
func (n *session) refuse(err error) error {
	framing, bad := errors.AsType[*framingError](err)
	tooBig := errors.Is(err, errTooBig)
	if !bad && !tooBig {
		return err
	}
	n.countBad()
	w := newReply(make([]byte, headRoom), n.srv.schema)
	if bad {
		w.error(malformed(n.in.chunked, framing.Error()+"; the session ends"))
	} else {
		w.error(tooBigError(n.srv.limits.MessageSize))
	}
	n.stats.outErrors.Add(1)
	n.srv.stats.outErrors.Add(1)
	if serr := n.send(w.close()); serr != nil {
		return serr
	}
	return err
}

func (n *session) countBad() {
	n.stats.inBadRPCs.Add(1)
	n.srv.stats.inBadRPCs.Add(1)
}

// send frames the message that follows headRoom octets in buf and writes it.
// A client that takes nothing for WriteTimeout loses its connection.
func (n *session) send(buf []byte) error {
	const step = 256 << 10
	out := seal(neutralize(buf), n.in.chunked)
	n.arm(n.srv.limits.WriteTimeout, errStalled)
	defer n.watchdog.Stop()
	for len(out) > 0 {
		k := min(step, len(out))
		if _, err := n.rw.Write(out[:k]); err != nil {
			return fmt.Errorf("writing a reply: %w", err)
		}
		out = out[k:]
		n.watchdog.Reset(n.srv.limits.WriteTimeout)
	}
	return nil
}
