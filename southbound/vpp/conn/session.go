package conn

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"go.fd.io/govpp/api"
	"go.fd.io/govpp/binapi/memclnt"

	"github.com/outrigger-cnf/outrigger/southbound"
)

// session is one connection to VPP.
type session struct {
	c      *Conn
	sock   net.Conn
	client uint32 // VPP's number for us
	table  *table
	events map[uint16]func() api.Message
	epoch  uint64

	counters memory

	wmu  sync.Mutex // guards what follows
	wbuf []byte
	rest []byte // of a frame of which a part was sent

	mu      sync.Mutex // guards what follows, and the inboxes of exchanges
	active  []*exchange
	err     error
	heard   atomic.Int64  // when VPP last said something, in Unix nanoseconds
	dead    chan struct{} // closed: nothing more is asked of it
	drained chan struct{} // closed: nothing that was asked of it will yet be done
	once    sync.Once     // of drained
}

// exchange is one request or a row of them that are answered under contexts from
// first on.
type exchange struct {
	first, n uint32
	wake     chan struct{} // enough has come
	in       inbox
	enough   int
}

// inbox has what came and was not taken yet.
type inbox struct {
	data []byte
	ends []int
}

func (b *inbox) add(data []byte) {
	b.data = append(b.data, data...)
	b.ends = append(b.ends, len(b.data))
}

func (b *inbox) reset() { b.data, b.ends = b.data[:0], b.ends[:0] }

// each hands out number, context and the whole of each message.
func (b *inbox) each(f func(id uint16, context uint32, data []byte) error) error {
	start := 0
	for _, end := range b.ends {
		data := b.data[start:end]
		start = end
		if err := f(binary.BigEndian.Uint16(data), binary.BigEndian.Uint32(data[replyContext:]), data); err != nil {
			return err
		}
	}
	return nil
}

func newSession(c *Conn, sock net.Conn) *session {
	s := &session{c: c, sock: sock, dead: make(chan struct{}), drained: make(chan struct{})}
	s.heard.Store(time.Now().UnixNano())
	return s
}

// ear reads from the socket, and notes when VPP said something.
type ear struct{ s *session }

func (e ear) Read(b []byte) (int, error) {
	n, err := e.s.sock.Read(b)
	e.s.heard.Store(time.Now().UnixNano())
	return n, err
}

// fail ends the use of the session. The first reason stays.
func (s *session) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = err
		close(s.dead)
	}
}

// reason is why the session is of no use any more; nil while it is.
func (s *session) reason() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// away is the error of what the session was to answer.
func (s *session) away(what string) error {
	return fmt.Errorf("%s: %w: %w", what, southbound.ErrAway, s.reason())
}

// read takes in what VPP sends until the connection ends.
func (s *session) read(in *frames) {
	var touched []*exchange
	wake := func() {
		for _, x := range touched {
			select {
			case x.wake <- struct{}{}:
			default:
			}
		}
		clear(touched)
		touched = touched[:0]
	}
	in.idle = wake
	for {
		data, err := in.next()
		if err != nil {
			wake()
			if errors.Is(err, io.EOF) {
				err = errors.New("VPP has closed the connection")
			}
			s.fail(err)
			s.once.Do(func() { close(s.drained) })
			return
		}
		id := binary.BigEndian.Uint16(data)
		if event, ok := s.events[id]; ok {
			m := event()
			if err := decode(data, m); err != nil {
				s.fail(err)
				continue
			}
			s.c.listeners.tell(Event{Kind: Notified, Epoch: s.epoch, Message: m})
			continue
		}
		if x := s.put(binary.BigEndian.Uint32(data[replyContext:]), data); x != nil {
			if len(touched) == 0 || touched[len(touched)-1] != x {
				touched = append(touched, x)
			}
		}
	}
}

// put files a reply, and returns the exchange that has enough of them now. What
// nobody waits for any more is dropped.
func (s *session) put(context uint32, data []byte) *exchange {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range s.active {
		if context-x.first < x.n {
			x.in.add(data)
			if len(x.in.ends) < x.enough {
				return nil
			}
			return x
		}
	}
	s.c.late.Add(1)
	return nil
}

// begin reserves n contexts. end must follow.
func (s *session) begin(n int) *exchange {
	x := &exchange{n: uint32(n), wake: make(chan struct{}, 1)}
	x.first = s.c.contexts.Add(x.n) - x.n
	s.mu.Lock()
	s.active = append(s.active, x)
	s.mu.Unlock()
	return x
}

func (s *session) end(x *exchange) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, y := range s.active {
		if x == y {
			last := len(s.active) - 1
			s.active[i], s.active[last] = s.active[last], nil
			s.active = s.active[:last]
			return
		}
	}
}

// take swaps what has come for an empty inbox.
func (s *session) take(x *exchange, spare inbox) inbox {
	spare.reset()
	s.mu.Lock()
	defer s.mu.Unlock()
	full := x.in
	x.in = spare
	return full
}

// some reports whether anything has come for x.
func (s *session) some(x *exchange) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(x.in.ends) > 0
}

// wants sets how many replies are worth waking up for. Fewer are waited with, but no
// longer than for one.
func (s *session) wants(x *exchange, enough int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x.enough = enough
	if len(x.in.ends) >= enough {
		select {
		case x.wake <- struct{}{}:
		default:
		}
	}
}

// frame appends a request to dst.
func (s *session) frame(dst []byte, m api.Message, context uint32) ([]byte, error) {
	id, err := s.table.number(m)
	if err != nil {
		return dst, err
	}
	return appendFrame(dst, m, id, s.client, context)
}

// send writes requests at once, made by f.
func (s *session) send(f func(dst []byte) ([]byte, error)) error {
	s.wmu.Lock()
	defer s.wmu.Unlock()
	b, err := f(s.wbuf[:0])
	s.wbuf = b[:0]
	if err != nil {
		return err
	}
	return s.write(b)
}

// write sends frames. It needs wmu.
func (s *session) write(b []byte) error {
	select {
	case <-s.dead:
		return s.away("nothing was sent")
	default:
	}
	_ = s.sock.SetWriteDeadline(time.Now().Add(s.c.cfg.Deadline))
	n, err := s.sock.Write(b)
	if err == nil {
		return nil
	}
	s.rest = cut(b, n)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = fmt.Errorf("VPP has not taken a request in for %s", s.c.cfg.Deadline)
	}
	s.fail(err)
	return s.away("a request was not sent")
}

// cut returns the rest of the frame of b that the first n octets end in.
func cut(b []byte, n int) []byte {
	at := 0
	for at < n {
		at += headerLength + int(binary.BigEndian.Uint32(b[at+lengthAt:]))
	}
	return append([]byte(nil), b[n:at]...)
}

// wait returns once enough has come for x, or something within the deadline.
func (s *session) wait(x *exchange, timer *time.Timer, what string) error {
	timer.Reset(s.c.cfg.Deadline)
	select {
	case <-x.wake:
		return nil
	case <-s.dead:
		if s.some(x) { // what came before the end counts
			return nil
		}
		return s.away(what)
	case <-timer.C:
		if s.some(x) {
			return nil
		}
		s.fail(fmt.Errorf("VPP has not answered %s within %s", what, s.c.cfg.Deadline))
		return s.away(what)
	}
}

// watch asks VPP whether it is alive as long as it says nothing else.
func (s *session) watch() {
	tick := time.NewTicker(s.c.cfg.Interval)
	defer tick.Stop()
	for {
		select {
		case <-s.dead:
			return
		case <-tick.C:
		}
		if time.Since(time.Unix(0, s.heard.Load())) < s.c.cfg.Interval/2 {
			continue
		}
		if err := s.call(&memclnt.ControlPing{}, &memclnt.ControlPingReply{}); err != nil {
			s.fail(err)
		}
	}
}

// drain sends a last ping and sees drained closed when it is answered.
func (s *session) drain() {
	select {
	case <-s.drained:
		return
	default:
	}
	x := s.begin(1)
	defer s.end(x)
	// Nobody else writes any more: who gets the lock now sees that it is dead.
	s.wmu.Lock()
	rest := s.rest
	s.wmu.Unlock()
	b, err := s.frame(rest, &memclnt.ControlPing{}, x.first)
	if err == nil {
		_ = s.sock.SetWriteDeadline(time.Time{})
		_, err = s.sock.Write(b)
	}
	if err != nil {
		s.sock.Close()
	}
	select {
	case <-x.wake:
		s.once.Do(func() { close(s.drained) })
	case <-s.drained:
	}
}
