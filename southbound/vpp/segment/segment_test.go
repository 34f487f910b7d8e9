package segment

import (
	"encoding/binary"
	"errors"
	"net"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// base is where the memory is said to be in VPP.
const base = 0x1300000000

// image lays a segment out.
type image struct {
	mem     []byte
	next    int
	entries []entry
}

type entry struct {
	typ   uint32
	value uint64
	name  string
}

func newImage(size int) *image {
	words := make([]uint64, size/8) // aligned
	m := &image{mem: unsafe.Slice((*byte)(unsafe.Pointer(&words[0])), size), next: headerSize + 8}
	binary.NativeEndian.PutUint64(m.mem, version)
	binary.NativeEndian.PutUint64(m.mem[baseAt:], base)
	binary.NativeEndian.PutUint64(m.mem[epochAt:], 1)
	return m
}

// vector lays a vector out and returns its address.
func (m *image) vector(count, size int) (data []byte, address uint64) {
	m.next = (m.next + vectorHeader + 63) &^ 63
	at := m.next
	binary.NativeEndian.PutUint32(m.mem[at-vectorHeader:], uint32(count))
	m.next += count * size
	return m.mem[at:m.next], base + uint64(at)
}

// counters lays a vector for each thread out.
func (m *image) counters(name string, typ uint32, threads ...[]uint64) {
	outer, address := m.vector(len(threads), 8)
	for i, words := range threads {
		size := 8
		if typ == typeCombined {
			size = 16
		}
		data, at := m.vector(len(words)*8/size, size)
		for j, w := range words {
			binary.NativeEndian.PutUint64(data[8*j:], w)
		}
		binary.NativeEndian.PutUint64(outer[8*i:], at)
	}
	m.entries = append(m.entries, entry{typ, address, name})
}

// done lays the directory out.
func (m *image) done() []byte {
	data, address := m.vector(len(m.entries), entrySize)
	for i, e := range m.entries {
		b := data[i*entrySize:]
		binary.NativeEndian.PutUint32(b, e.typ)
		binary.NativeEndian.PutUint64(b[entryValueAt:], e.value)
		copy(b[entryNameAt:entrySize], e.name)
	}
	binary.NativeEndian.PutUint64(m.mem[directoryAt:], address)
	return m.mem
}

func sample() *image {
	m := newImage(1 << 14)
	m.entries = append(m.entries, entry{typeScalar, 42, "/sys/heartbeat"}, entry{5, 0, ""})
	m.counters("/if/drops", typeSimple, []uint64{1, 2, 3}, []uint64{10, 20, 30, 40})
	m.counters("/if/rx", typeCombined, []uint64{1, 100, 2, 200})
	m.entries = append(m.entries, entry{typeSimple, 0, "/if/none"}, entry{typeSimple, base + 1<<20, "/if/outside"}, entry{typeSimple, base - 64, "/if/before"}, entry{typeSimple, ^uint64(0), "/if/far"})
	return m
}

func sum(v View, name string) (map[int]uint64, error) {
	got := make(map[int]uint64)
	err := v.Simple(name, func(i int, n uint64) { got[i] += n })
	return got, err
}

func TestRead(t *testing.T) {
	s, err := New(sample().done())
	if err != nil {
		t.Fatal(err)
	}
	err = s.Read(func(v View) error {
		if n, ok, err := v.Scalar("/sys/heartbeat"); n != 42 || !ok || err != nil {
			t.Errorf("scalar: %d, %t, %v", n, ok, err)
		}
		got, err := sum(v, "/if/drops")
		if err != nil || len(got) != 4 || got[0] != 11 || got[2] != 33 || got[3] != 40 {
			t.Errorf("simple: %v, %v", got, err)
		}
		pairs := make(map[int]Pair)
		if err := v.Combined("/if/rx", func(i int, p Pair) { pairs[i] = p }); err != nil || pairs[1] != (Pair{2, 200}) || len(pairs) != 2 {
			t.Errorf("combined: %v, %v", pairs, err)
		}
		for _, name := range []string{"/if/none", "/if/absent", "/if/drop", "/if/drops/", "/if/rx"} {
			if got, err := sum(v, name); err != nil || len(got) != 0 {
				t.Errorf("%s: %v, %v", name, got, err)
			}
		}
		for _, name := range []string{"/if/outside", "/if/before", "/if/far"} {
			if _, err := sum(v, name); !errors.Is(err, errBounds) {
				t.Errorf("%s: %v", name, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Read(func(View) error { return nil }); !errors.Is(err, ErrClosed) {
		t.Fatalf("closed: %v", err)
	}
}

// A name is found anew once the directory is another.
func TestDirectoryChanges(t *testing.T) {
	m := newImage(1 << 14)
	m.counters("/a", typeSimple, []uint64{1})
	m.counters("/b", typeSimple, []uint64{2})
	s, err := New(m.done())
	if err != nil {
		t.Fatal(err)
	}
	for round, want := range []uint64{2, 1} {
		if round == 1 {
			m.entries[0].name, m.entries[1].name = "/b", "/a"
			m.done()
			binary.NativeEndian.PutUint64(m.mem[epochAt:], 2)
		}
		if err := s.Read(func(v View) error {
			got, err := sum(v, "/b")
			if got[0] != want {
				t.Errorf("round %d: %v", round, got)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestLayout(t *testing.T) {
	m := sample()
	m.mem[0] = 3
	if _, err := New(m.done()); err == nil {
		t.Error("another layout was taken")
	}
	if _, err := New(m.mem[:headerSize-1]); err == nil {
		t.Error("a part of a header was taken")
	}
}

func TestBusy(t *testing.T) {
	m := sample()
	s, err := New(m.done())
	if err != nil {
		t.Fatal(err)
	}
	progress := (*uint64)(unsafe.Pointer(&m.mem[progressAt]))
	atomic.StoreUint64(progress, 1)
	if err := s.Read(func(View) error { t.Error("read while it is changed"); return nil }); !errors.Is(err, ErrBusy) {
		t.Fatalf("for ever: %v", err)
	}
	atomic.StoreUint64(progress, 0)
	// What changes in the midst is read again.
	rounds := 0
	if err := s.Read(func(View) error {
		if rounds++; rounds == 1 {
			atomic.AddUint64((*uint64)(unsafe.Pointer(&m.mem[epochAt])), 1)
			return errBounds
		}
		return nil
	}); err != nil || rounds != 2 {
		t.Fatalf("%d rounds, %v", rounds, err)
	}
}

// The counters of each state hold together while VPP goes from one to the next.
func TestConcurrent(t *testing.T) {
	m := sample()
	s, err := New(m.done())
	if err != nil {
		t.Fatal(err)
	}
	word := func(at int) *uint64 { return (*uint64)(unsafe.Pointer(&m.mem[at])) }
	data, at := m.vector(2, 8)
	outer, address := m.vector(1, 8)
	binary.NativeEndian.PutUint64(outer, at)
	m.entries[2].value = address
	m.done()
	_ = data
	stop := make(chan struct{})
	var all sync.WaitGroup
	all.Add(1)
	go func() {
		defer all.Done()
		offset := int(at - base)
		for i := uint64(1); ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			atomic.StoreUint64(word(progressAt), 1)
			atomic.StoreUint64(word(offset), i)
			runtime.Gosched()
			atomic.StoreUint64(word(offset+8), i)
			atomic.AddUint64(word(epochAt), 1)
			atomic.StoreUint64(word(progressAt), 0)
			for range 100 {
				runtime.Gosched()
			}
		}
	}()
	for range 200 {
		var a, b uint64
		err := s.Read(func(View) error {
			a, b = atomic.LoadUint64(word(int(at-base))), atomic.LoadUint64(word(int(at-base)+8))
			return nil
		})
		if err == nil && a != b || err != nil && !errors.Is(err, ErrBusy) {
			t.Fatalf("%d and %d, %v", a, b, err)
		}
	}
	close(stop)
	all.Wait()
}

// hand serves memory as VPP does: the file alone, without an octet.
func hand(t *testing.T, fds func() []int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.ListenUnix("unixpacket", &net.UnixAddr{Name: path, Net: "unixpacket"})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.AcceptUnix()
			if err != nil {
				return
			}
			if list := fds(); len(list) > 0 {
				raw, _ := c.SyscallConn()
				_ = raw.Control(func(fd uintptr) { _ = unix.Sendmsg(int(fd), nil, unix.UnixRights(list...), nil, 0) })
			}
			c.Close()
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return path
}

func TestOpen(t *testing.T) {
	fd, err := unix.MemfdCreate("stats", 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	image := sample().done()
	if _, err := unix.Write(fd, image); err != nil {
		t.Fatal(err)
	}
	s, pid, err := Open(hand(t, func() []int { return []int{fd, fd} }))
	if err != nil || pid != unix.Getpid() {
		t.Fatalf("of process %d, %v", pid, err)
	}
	// What VPP writes is seen.
	word := make([]byte, 8)
	binary.NativeEndian.PutUint64(word, 43)
	at := int(binary.NativeEndian.Uint64(image[directoryAt:]) - base)
	if _, err := unix.Pwrite(fd, word, int64(at+entryValueAt)); err != nil {
		t.Fatal(err)
	}
	if err := s.Read(func(v View) error {
		if n, _, _ := v.Scalar("/sys/heartbeat"); n != 43 {
			t.Errorf("heartbeat %d", n)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	empty, err := unix.MemfdCreate("empty", 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(empty)
	for name, path := range map[string]string{
		"nothing":        hand(t, func() []int { return nil }),
		"an empty file":  hand(t, func() []int { return []int{empty} }),
		"nobody":         filepath.Join(t.TempDir(), "absent"),
		"another socket": stream(t),
	} {
		start := time.Now()
		if _, _, err := Open(path); err == nil || time.Since(start) > 5*time.Second {
			t.Errorf("%s: %v after %v", name, err, time.Since(start))
		}
	}
}

func stream(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return path
}

// FuzzRead reads anything as a stats segment.
func FuzzRead(f *testing.F) {
	f.Add(sample().done())
	short := sample().done()
	f.Add(short[:300])
	f.Add(newImage(64).done()[:48])
	f.Fuzz(func(t *testing.T, data []byte) {
		words := make([]uint64, len(data)/8+1)
		mem := unsafe.Slice((*byte)(unsafe.Pointer(&words[0])), len(data))
		copy(mem, data)
		s, err := New(mem)
		if err != nil || s.load(progressAt) != 0 {
			return
		}
		_ = s.Read(func(v View) error {
			_, _, _ = v.Scalar("/sys/heartbeat")
			for _, name := range []string{"/if/drops", "/if/rx", "/if/outside"} {
				_, _ = sum(v, name)
				_ = v.Combined(name, func(int, Pair) {})
			}
			return nil
		})
	})
}
