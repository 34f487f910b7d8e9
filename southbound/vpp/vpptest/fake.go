package vpptest

import (
	"bufio"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"testing"

	"go.fd.io/govpp/api"
	"go.fd.io/govpp/binapi/memclnt"
	"go.fd.io/govpp/codec"
)

// Fake is a VPP that is none. Its faults take effect at the moment that they are
// asked for; none waits for a clock.
type Fake struct {
	t   testing.TB
	dir string

	mu       sync.Mutex // guards what follows; it is VPP's main thread
	life     *life      // nil: not running
	lives    int
	gate     chan struct{} // closed: running; open: hung
	listener net.Listener
	sessions map[uint32]*session
	next     uint32
	faults   faults
	table    *table
	wg       sync.WaitGroup
}

// session is one client.
type session struct {
	fake  *Fake
	life  *life
	conn  net.Conn
	index uint32
	name  string

	mu     sync.Mutex // guards out and closed
	more   *sync.Cond
	out    []byte
	closed bool
}

// NewFake starts a fake that ends with the test.
func NewFake(t testing.TB) *Fake {
	t.Helper()
	f := NewAbsent(t)
	f.Restart(t)
	return f
}

// NewAbsent is a fake that is not there before it is told to Restart.
func NewAbsent(t testing.TB) *Fake {
	t.Helper()
	f := &Fake{t: t, dir: shortDir(t), gate: make(chan struct{}), sessions: make(map[uint32]*session)}
	close(f.gate)
	t.Cleanup(func() {
		f.Die()
		f.wg.Wait()
	})
	return f
}

// shortDir is a folder whose name is short enough for a socket in it.
func shortDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "vpp")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// Socket is where the binary API is.
func (f *Fake) Socket() string { return filepath.Join(f.dir, "api.sock") }

// Stats is where the stats segment is handed out.
func (f *Fake) Stats() string { return filepath.Join(f.dir, "stats.sock") }

// Dir is the folder of all its files.
func (f *Fake) Dir() string { return f.dir }

// Real is false.
func (f *Fake) Real() bool { return false }

// Restart begins a new life, with other message numbers and nothing remembered.
func (f *Fake) Restart(t testing.TB) {
	t.Helper()
	f.Die()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lives++
	l, err := newLife(f, f.lives, f.Stats())
	if err != nil {
		t.Fatal(err)
	}
	f.life = l
	f.table = newTable(f.lives, f.faults.missing)
	os.Remove(f.Socket())
	if f.listener, err = net.Listen("unix", f.Socket()); err != nil {
		t.Fatal(err)
	}
	f.listener.(*net.UnixListener).SetUnlinkOnClose(false)
	f.wg.Add(1)
	go f.accept(f.listener, l)
}

// Die closes everything at once, as SIGKILL does: the sockets' files stay.
func (f *Fake) Die() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.die()
}

// die needs the lock.
func (f *Fake) die() {
	if f.life == nil {
		return
	}
	close(f.life.dead)
	f.listener.Close()
	for _, s := range f.sessions {
		s.close()
	}
	clear(f.sessions)
	f.life.stats.close()
	f.life = nil
	f.resume()
}

func (f *Fake) accept(listener net.Listener, l *life) {
	defer f.wg.Done()
	for {
		if !f.running(l) {
			return
		}
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		s := &session{fake: f, life: l, conn: conn}
		s.more = sync.NewCond(&s.mu)
		f.mu.Lock()
		if f.life != l {
			f.mu.Unlock()
			conn.Close()
			return
		}
		f.next++
		s.index = f.next
		f.sessions[s.index] = s
		f.wg.Add(2)
		f.mu.Unlock()
		go s.read()
		go s.write()
	}
}

// running waits while the fake hangs; false: this life is over.
func (f *Fake) running(l *life) bool {
	for {
		f.mu.Lock()
		gate, same := f.gate, f.life == l
		f.mu.Unlock()
		if !same {
			return false
		}
		select {
		case <-gate:
			return true
		case <-l.dead:
			return false
		}
	}
}

// read handles what a client sends, one message after the other.
func (s *session) read() {
	defer s.fake.wg.Done()
	defer s.gone()
	r := bufio.NewReaderSize(s.conn, 1<<16)
	for {
		data, err := readFrame(r)
		if err != nil {
			return
		}
		if !s.fake.handle(s, data) {
			return
		}
	}
}

// gone forgets a client that has gone, and what it asked to be told.
func (s *session) gone() {
	s.close()
	s.fake.mu.Lock()
	defer s.fake.mu.Unlock()
	delete(s.fake.sessions, s.index)
	s.life.unsubscribe(s)
}

func (s *session) close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.more.Broadcast()
	s.conn.Close()
}

// write sends what is queued.
func (s *session) write() {
	defer s.fake.wg.Done()
	var chunk []byte
	for {
		s.mu.Lock()
		for len(s.out) == 0 && !s.closed {
			s.more.Wait()
		}
		if s.closed {
			s.mu.Unlock()
			return
		}
		chunk, s.out = s.out, chunk[:0]
		s.mu.Unlock()
		if _, err := s.conn.Write(chunk); err != nil {
			s.close()
			return
		}
	}
}

// send queues a message. It needs the fake's lock.
func (s *session) send(m api.Message, context uint32) {
	id, ok := s.fake.table.ids[key(m)]
	if !ok {
		return // a message that this VPP has in another version
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	out, err := appendFrame(s.out, m, id, s.index, context)
	if err != nil {
		s.fake.t.Errorf("fake VPP: %v", err)
		return
	}
	s.out = out
	s.more.Signal()
}

// handle answers one message; false: nothing more is to be read.
func (f *Fake) handle(s *session, data []byte) bool {
	if !f.running(s.life) {
		return false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.life != s.life {
		return false
	}
	typ, ok := f.table.types[idOf(data)]
	if !ok {
		return true // as VPP does: it logs, and does not answer
	}
	m := reflect.New(typ).Interface().(api.Message)
	if err := codec.DecodeMsg(data, m); err != nil {
		f.t.Errorf("fake VPP: %v", err)
		return false
	}
	context := contextOf(data, m.GetMessageType())
	if c, ok := m.(*memclnt.SockclntCreate); ok {
		s.name = c.Name
		s.send(&memclnt.SockclntCreateReply{Index: s.index, MessageTable: f.table.entries()}, context)
		return true
	}
	if _, ok := f.table.ids[key(m)]; !ok {
		return true
	}
	replies := f.answer(s, m)
	if f.life != s.life { // it died of this message
		return false
	}
	if wait := f.faults.late[m.GetMessageName()]; wait != nil {
		// VPP answers in order: what comes after waits, too.
		delete(f.faults.late, m.GetMessageName())
		f.mu.Unlock()
		select {
		case <-wait:
		case <-s.life.dead:
		}
		f.mu.Lock()
		if f.life != s.life {
			return false
		}
	}
	for _, r := range replies {
		s.send(r, context)
	}
	_, last := m.(*memclnt.SockclntDelete)
	return !last || len(replies) == 0
}
