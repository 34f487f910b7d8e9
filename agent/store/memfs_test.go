package store

import (
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"syscall"
)

// failure is what happens at the chosen operation of a memFS.
type failure uint8

const (
	refuse   failure = iota // that operation fails without effect
	half                    // a write gets half way and fails; others as with refuse
	die                     // that operation and all after it fail
	halfDie                 // both
	failures                // their number
)

func (f failure) String() string { return [...]string{"refuse", "half", "die", "halfDie"}[f] }

var errInjected = syscall.ENOSPC

// memFS is a directory in memory that fails at its failAt-th changing operation,
// and knows what a power failure would leave of it.
type memFS struct {
	mu      sync.Mutex
	names   map[string]*inode // as a running process sees it
	durable map[string]*inode // as of the last SyncDir
	ops     int
	failAt  int // 0: never
	failure failure
}

type inode struct {
	data   []byte
	synced []byte
}

func newMemFS() *memFS { return &memFS{names: map[string]*inode{}, durable: map[string]*inode{}} }

// step counts an operation and says whether it fails.
func (m *memFS) step() error {
	m.ops++
	if m.failAt == 0 || m.ops < m.failAt || m.ops > m.failAt && m.failure < die {
		return nil
	}
	return errInjected
}

func (m *memFS) Create(name string) (File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.step(); err != nil {
		return nil, err
	}
	if m.names[name] == nil {
		m.names[name] = &inode{}
	}
	m.names[name].data = nil
	return &memFile{m, m.names[name], false}, nil
}

func (m *memFS) Append(name string) (File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := m.names[name]
	if n == nil {
		return nil, fs.ErrNotExist
	}
	return &memFile{m, n, false}, nil
}

func (m *memFS) ReadFile(name string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := m.names[name]
	if n == nil {
		return nil, fs.ErrNotExist
	}
	return slices.Clone(n.data), nil
}

func (m *memFS) Names() ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Collect(maps.Keys(m.names)), nil
}

func (m *memFS) Rename(from, to string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.step(); err != nil {
		return err
	}
	m.names[to] = m.names[from]
	delete(m.names, from)
	return nil
}

func (m *memFS) Remove(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.step(); err != nil {
		return err
	}
	if m.names[name] == nil {
		return fs.ErrNotExist
	}
	delete(m.names, name)
	return nil
}

func (m *memFS) SyncDir() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.step(); err != nil {
		return err
	}
	m.durable = maps.Clone(m.names)
	return nil
}

// killed is what a new process finds after this one has died.
func (m *memFS) killed() *memFS {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := newMemFS()
	for name, n := range m.names {
		out.names[name] = &inode{slices.Clone(n.data), slices.Clone(n.data)}
	}
	out.durable = maps.Clone(out.names)
	return out
}

// powerLost is what may be found after a power failure: of directory changes that
// were not synced all or nothing, of data that was not synced any part, and what
// the blocks held before in the place of some.
func (m *memFS) powerLost(r *rand.Rand) *memFS {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := newMemFS()
	names := m.durable
	if r.IntN(2) == 0 {
		names = m.names
	}
	for name, n := range names {
		data := slices.Clone(n.synced)
		if rest, ok := bytes.CutPrefix(n.data, n.synced); ok {
			data = append(data, rest[:r.IntN(len(rest)+1)]...)
			if len(data) > len(n.synced) && r.IntN(3) == 0 {
				clear(data[len(n.synced)+r.IntN(len(data)-len(n.synced)):])
			}
		} else if r.IntN(2) == 0 {
			data = slices.Clone(n.data)
		}
		out.names[name] = &inode{data, slices.Clone(data)}
	}
	out.durable = maps.Clone(out.names)
	return out
}

type memFile struct {
	fs     *memFS
	inode  *inode
	closed bool
}

func (f *memFile) Write(p []byte) (int, error) {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if err := f.fs.step(); err != nil {
		if f.fs.ops == f.fs.failAt && (f.fs.failure == half || f.fs.failure == halfDie) {
			f.inode.data = append(f.inode.data, p[:len(p)/2]...)
		}
		return 0, err
	}
	f.inode.data = append(f.inode.data, p...)
	return len(p), nil
}

func (f *memFile) Sync() error {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if err := f.fs.step(); err != nil {
		return err
	}
	f.inode.synced = slices.Clone(f.inode.data)
	return nil
}

func (f *memFile) Truncate(size int64) error {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if err := f.fs.step(); err != nil {
		return err
	}
	f.inode.data = slices.Clone(f.inode.data[:size])
	return nil
}

func (f *memFile) Close() error {
	if f.closed {
		return errors.New("closed twice")
	}
	f.closed = true
	return nil
}
