package vpptest

import (
	"encoding/binary"
	"net"
	"os"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// segment is the stats segment of one life: a file of shared memory that is handed
// to whoever connects, and has what counts packets of a real one's directory. The
// symbolic links to the counters of each interface are left out.
type segment struct {
	mem      []byte
	fd       int
	next     int // where memory is free
	dir      int // where the directory is
	room     int // how many interfaces the vectors have room for
	listener *net.UnixListener
	done     chan struct{}
}

// The layout, version 2: a header, and vectors with their length before them. All
// pointers are addresses in VPP, where the segment begins at segmentBase.
const (
	segmentSize = 64 << 20 // taken only where it is written
	segmentBase = 0x1000000000

	headEpoch     = 16
	headProgress  = 24
	headDirectory = 32
	headSize      = 40

	entrySize  = 144
	entryValue = 8
	entryName  = 16

	threads = 2 // a main one and a worker
)

// The types of entry.
const (
	scalarEntry   = 1
	simpleEntry   = 2
	combinedEntry = 3
)

// directory is what a segment has, in the order of a real one.
var directory = []struct {
	kind uint32
	name string
}{
	{scalarEntry, "/sys/heartbeat"}, {scalarEntry, "/sys/last_stats_clear"}, {scalarEntry, "/sys/boottime"},
	{simpleEntry, "/if/drops"}, {simpleEntry, "/if/punt"}, {simpleEntry, "/if/ip4"}, {simpleEntry, "/if/ip6"},
	{simpleEntry, "/if/rx-no-buf"}, {simpleEntry, "/if/rx-miss"}, {simpleEntry, "/if/rx-error"}, {simpleEntry, "/if/tx-error"}, {simpleEntry, "/if/mpls"},
	{combinedEntry, "/if/rx"}, {combinedEntry, "/if/rx-unicast"}, {combinedEntry, "/if/rx-multicast"}, {combinedEntry, "/if/rx-broadcast"},
	{combinedEntry, "/if/tx"}, {combinedEntry, "/if/tx-unicast"}, {combinedEntry, "/if/tx-multicast"}, {combinedEntry, "/if/tx-broadcast"},
}

// width is how many octets a counter of a type has.
func width(kind uint32) int {
	if kind == combinedEntry {
		return 16
	}
	return 8
}

// newSegment makes a segment and serves it at path.
func newSegment(path string) (_ *segment, err error) {
	s := &segment{fd: -1, next: headSize, done: make(chan struct{})}
	defer func() {
		if err != nil {
			s.free()
		}
	}()
	if s.fd, err = unix.MemfdCreate("stat segment", unix.MFD_CLOEXEC); err != nil {
		return nil, err
	}
	if err = unix.Ftruncate(s.fd, segmentSize); err != nil {
		return nil, err
	}
	if s.mem, err = unix.Mmap(s.fd, 0, segmentSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED); err != nil {
		return nil, err
	}
	s.put(0, 2)
	s.put(8, segmentBase)
	s.put(headEpoch, 1)
	s.dir = s.vector(len(directory), entrySize)
	for i, e := range directory {
		at := s.dir + i*entrySize
		binary.NativeEndian.PutUint32(s.mem[at:], e.kind)
		copy(s.mem[at+entryName:at+entrySize], e.name)
	}
	s.put(s.dir+2*entrySize+entryValue, uint64(time.Now().Unix()))
	s.put(headDirectory, segmentBase+uint64(s.dir))
	s.grow(8)
	_ = os.Remove(path)
	if s.listener, err = net.ListenUnix("unixpacket", &net.UnixAddr{Name: path, Net: "unixpacket"}); err != nil {
		return nil, err
	}
	s.listener.SetUnlinkOnClose(false)
	go s.serve()
	return s, nil
}

// serve hands the file out, without an octet beside it, as VPP does.
func (s *segment) serve() {
	defer close(s.done)
	for {
		c, err := s.listener.AcceptUnix()
		if err != nil {
			return
		}
		if raw, err := c.SyscallConn(); err == nil {
			_ = raw.Control(func(fd uintptr) { _ = unix.Sendmsg(int(fd), nil, unix.UnixRights(s.fd), nil, 0) })
		}
		c.Close()
	}
}

// close ends it. Who has the memory keeps it as it was last.
func (s *segment) close() {
	s.listener.Close()
	<-s.done
	s.free()
}

func (s *segment) free() {
	if s.mem != nil {
		_ = unix.Munmap(s.mem)
		s.mem = nil
	}
	if s.fd >= 0 {
		_ = unix.Close(s.fd)
	}
}

func (s *segment) word(at int) *uint64 { return (*uint64)(unsafe.Pointer(&s.mem[at])) }

func (s *segment) put(at int, v uint64) { atomic.StoreUint64(s.word(at), v) }

// vector takes memory for a vector and returns where its elements are.
func (s *segment) vector(count, size int) int {
	s.next = (s.next + 8 + 63) &^ 63
	at := s.next
	s.next += count * size
	binary.NativeEndian.PutUint32(s.mem[at-8:], uint32(count))
	return at
}

// change lets f change the directory as VPP does: readers see that, and read again.
func (s *segment) change(f func()) {
	s.put(headProgress, 1)
	f()
	atomic.AddUint64(s.word(headEpoch), 1)
	s.put(headProgress, 0)
}

// grow moves all vectors to where there is room for count interfaces.
func (s *segment) grow(count int) {
	for i, e := range directory {
		if e.kind == scalarEntry {
			continue
		}
		outer := s.vector(threads, 8)
		for thread := range threads {
			inner := s.vector(count, width(e.kind))
			if s.room > 0 {
				copy(s.mem[inner:], s.mem[s.counter(i, thread, 0):][:s.room*width(e.kind)])
			}
			s.put(outer+8*thread, segmentBase+uint64(inner))
		}
		s.put(s.dir+i*entrySize+entryValue, segmentBase+uint64(outer))
	}
	s.room = count
}

// counter is where a counter is.
func (s *segment) counter(entry, thread int, index uint32) int {
	outer := int(*s.word(s.dir + entry*entrySize + entryValue) - segmentBase)
	inner := int(*s.word(outer + 8*thread) - segmentBase)
	return inner + int(index)*width(directory[entry].kind)
}

// link begins to count for an interface, from 0. The name is not kept.
func (s *segment) link(index uint32, _ string) {
	s.change(func() {
		if int(index) >= s.room {
			s.grow(max(2*s.room, int(index)+1))
		}
		for i, e := range directory {
			if e.kind == scalarEntry {
				continue
			}
			for thread := range threads {
				at := s.counter(i, thread, index)
				clear(s.mem[at : at+width(e.kind)])
			}
		}
	})
}

// unlink changes the directory; the counters stay, as VPP's do.
func (s *segment) unlink(uint32) { s.change(func() {}) }

// Count adds to a counter of an interface, such as /if/rx, half of it in each
// thread. Those that count no octets leave them out.
func (f *Fake) Count(name string, index uint32, packets, octets uint64) {
	f.t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.life == nil {
		f.t.Fatal("a VPP that is not there counts nothing")
	}
	s := f.life.stats
	for i, e := range directory {
		if e.name != name || e.kind == scalarEntry || int(index) >= s.room {
			continue
		}
		for thread := range threads {
			at := s.counter(i, thread, index)
			atomic.AddUint64(s.word(at), share(packets, thread))
			if e.kind == combinedEntry {
				atomic.AddUint64(s.word(at+8), share(octets, thread))
			}
		}
		return
	}
	f.t.Fatalf("there is no counter %s of interface %d", name, index)
}

// share is a thread's part.
func share(n uint64, thread int) uint64 {
	if thread == 0 {
		return n - n/threads*(threads-1)
	}
	return n / threads
}
