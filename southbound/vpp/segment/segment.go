// Package segment reads the counters that a VPP keeps in shared memory, its stats
// segment, in version 2 of its layout.
//
// VPP hands a file of shared memory to whoever connects to its stats socket. The
// memory begins with a header: version, the address that it has in VPP, an epoch,
// a flag, and a pointer to the directory, a vector of entries with a type, a value
// or a pointer, and a name. All pointers are addresses in VPP. VPP raises the flag
// while it changes the directory or moves a vector, and the epoch afterwards; what
// was read between two looks at both that agree is sound. Nothing that the memory
// says is believed without looking where it leads: memory that changes while it is
// read may say anything.
//
// Memory says nothing of whether anybody still writes to it. That is for the user
// to know.
package segment

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

const version = 2

// The header, and an entry of the directory.
const (
	baseAt      = 8
	epochAt     = 16
	progressAt  = 24
	directoryAt = 32
	headerSize  = 40

	entryValueAt = 8
	entryNameAt  = 16
	entryName    = 128
	entrySize    = entryNameAt + entryName

	// vectorHeader comes before the elements of a vector; it begins with their
	// count in 32 bits.
	vectorHeader = 8
)

// The types of entry that are read.
const (
	typeScalar   = 1
	typeSimple   = 2 // for each thread a vector of counters
	typeCombined = 3 // for each thread a vector of pairs
)

// threadLimit is more threads than a VPP has.
const threadLimit = 4096

// patience is how long VPP may take to change its directory.
const patience = 100 * time.Millisecond

// ErrBusy says that the memory was being changed all the time.
var ErrBusy = errors.New("the stats segment is being changed")

// errBounds says that something lies outside of the memory. Within View.Read it
// means that the memory has changed meanwhile, or that it is no stats segment.
var errBounds = errors.New("the stats segment points outside of itself")

// Pair counts packets and their octets.
type Pair struct{ Packets, Octets uint64 }

// Segment is the memory of one VPP.
type Segment struct {
	mu      sync.Mutex // guards what follows: one reads at a time
	mem     []byte
	release func() error
	where   map[string]int // of the entries looked for in the directory of epoch
	epoch   uint64
}

// New makes a Segment of memory, which must begin at a multiple of 8.
func New(mem []byte) (*Segment, error) {
	s := &Segment{mem: mem}
	if len(mem) < headerSize {
		return nil, fmt.Errorf("a stats segment of %d octets", len(mem))
	}
	if v := s.load(0); v != version {
		return nil, fmt.Errorf("the stats segment has layout %d; %d is known here", v, version)
	}
	return s, nil
}

// Close gives the memory back.
func (s *Segment) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mem = nil
	if s.release == nil {
		return nil
	}
	release := s.release
	s.release = nil
	return release()
}

// load reads what VPP changes while it is read. at is within the header.
func (s *Segment) load(at int) uint64 {
	return atomic.LoadUint64((*uint64)(unsafe.Pointer(&s.mem[at])))
}

// ErrClosed says that the memory was given back.
var ErrClosed = errors.New("the stats segment is closed")

// Read calls f with a view of the memory, again if what it read was being changed
// meanwhile: f must begin anew each time. Its error is that of f, or wraps
// ErrBusy.
func (s *Segment) Read(f func(v View) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mem == nil {
		return ErrClosed
	}
	start := time.Now()
	var last error
	for try := 0; ; try++ {
		epoch := s.load(epochAt)
		if s.load(progressAt) == 0 {
			last = f(View{s, epoch})
			if s.load(progressAt) == 0 && s.load(epochAt) == epoch {
				return last
			}
		}
		if time.Since(start) > patience {
			return errors.Join(ErrBusy, last)
		}
		time.Sleep(time.Duration(min(try+1, 50)) * 20 * time.Microsecond)
	}
}

// View is the memory as it is at one epoch.
type View struct {
	s *Segment
	// Epoch changes with the directory, and so whenever there is another
	// interface.
	Epoch uint64
}

// Scalar reads the value of an entry; false: there is none of that name.
func (v View) Scalar(name string) (value uint64, ok bool, err error) {
	e, ok, err := v.entry(name, typeScalar)
	if !ok || err != nil {
		return 0, false, err
	}
	return binary.NativeEndian.Uint64(e[entryValueAt:]), true, nil
}

// Simple calls add with each counter of an entry, once for each thread; nothing
// if there is none of that name.
func (v View) Simple(name string, add func(index int, value uint64)) error {
	return v.threads(name, typeSimple, 8, func(data []byte) {
		for i := 0; len(data) >= 8; i, data = i+1, data[8:] {
			if n := binary.NativeEndian.Uint64(data); n != 0 {
				add(i, n)
			}
		}
	})
}

// Combined is Simple for pairs of counters.
func (v View) Combined(name string, add func(index int, value Pair)) error {
	return v.threads(name, typeCombined, 16, func(data []byte) {
		for i := 0; len(data) >= 16; i, data = i+1, data[16:] {
			p := Pair{binary.NativeEndian.Uint64(data), binary.NativeEndian.Uint64(data[8:])}
			if p != (Pair{}) {
				add(i, p)
			}
		}
	})
}

func (v View) threads(name string, typ uint32, size int, f func(data []byte)) error {
	e, ok, err := v.entry(name, typ)
	if !ok || err != nil {
		return err
	}
	outer, err := v.vector(binary.NativeEndian.Uint64(e[entryValueAt:]), 8)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if len(outer) > 8*threadLimit {
		return fmt.Errorf("%s: %w", name, errBounds)
	}
	for ; len(outer) >= 8; outer = outer[8:] {
		data, err := v.vector(binary.NativeEndian.Uint64(outer), size)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		f(data)
	}
	return nil
}

// vector returns the elements of the vector at an address of VPP's; none at 0.
func (v View) vector(address uint64, size int) ([]byte, error) {
	if address == 0 {
		return nil, nil
	}
	mem := v.s.mem
	at := address - binary.NativeEndian.Uint64(mem[baseAt:])
	if at < headerSize+vectorHeader || at > uint64(len(mem)) {
		return nil, errBounds
	}
	n := uint64(binary.NativeEndian.Uint32(mem[at-vectorHeader:])) * uint64(size)
	if n > uint64(len(mem))-at {
		return nil, errBounds
	}
	return mem[at : at+n], nil
}

// entry finds an entry of the directory by its name; false where there is none of
// that type.
func (v View) entry(name string, typ uint32) ([]byte, bool, error) {
	dir, err := v.vector(binary.NativeEndian.Uint64(v.s.mem[directoryAt:]), entrySize)
	if err != nil {
		return nil, false, fmt.Errorf("directory: %w", err)
	}
	s := v.s
	if s.where == nil || s.epoch != v.Epoch {
		s.where, s.epoch = make(map[string]int), v.Epoch
	}
	i, ok := s.where[name]
	if !ok {
		i = find(dir, name)
		s.where[name] = i
	}
	if i < 0 || (i+1)*entrySize > len(dir) {
		return nil, false, nil
	}
	e := dir[i*entrySize : (i+1)*entrySize]
	return e, binary.NativeEndian.Uint32(e) == typ, nil
}

// find returns the place of a name in the directory; -1: it is not there.
func find(dir []byte, name string) int {
	if len(name) >= entryName {
		return -1
	}
	want := append([]byte(name), 0)
	for i := 0; len(dir) >= entrySize; i, dir = i+1, dir[entrySize:] {
		if bytes.HasPrefix(dir[entryNameAt:entrySize], want) {
			return i
		}
	}
	return -1
}
