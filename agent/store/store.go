package store

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// Options for Open; the zero value is good.
type Options struct {
	// CheckpointBytes is how large the journal may grow before a checkpoint is
	// made, however small that is; DefaultCheckpointBytes if zero.
	CheckpointBytes int64
	Log             *slog.Logger
	// FS replaces the directory, without a lock. For tests.
	FS FS
}

// DefaultCheckpointBytes is some thousand small commits.
const DefaultCheckpointBytes = 1 << 20

// Store is a durable store in a directory.
type Store struct {
	dir    string
	schema *schema.Schema
	fs     FS
	log    *slog.Logger
	lock   io.Closer

	state atomic.Pointer[State]

	// mu makes saves one after the other; it is held across the disk.
	mu      sync.Mutex
	journal *journal // that records go to; nil once closed
	buf     []byte   // of the record in hand, kept for the next
	// old are the journals before it, to be removed once a checkpoint covers
	// them. They and journal have grown to grown bytes; at due, it is time.
	old        []string
	grown, due int64
	smallest   int64 // Options.CheckpointBytes
	last       int64 // size of the last checkpoint; 0 if there is none
	writing    bool  // a checkpoint is being written

	tasks sync.WaitGroup // writing it
}

// State returns what was saved last. It never waits.
func (s *Store) State() State { return *s.state.Load() }

// Save makes st durable: see agent.Store. What cannot be written is
// resource-denied.
func (s *Store) Save(st State, e *Entry) (State, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.journal == nil {
		return State{}, errors.New("store: it is closed")
	}
	old := s.State()
	new := old.next(st, e)
	frame, err := encodeRecord(reserveHeader(s.buf[:0]), old, new, e)
	if err != nil {
		return State{}, err
	}
	if len(frame)-headerSize > maxPayload {
		return State{}, fault.New(fault.TooBig, nil, "the change takes %d bytes in the journal; make it in parts", len(frame))
	}
	sealFrame(frame, 0, new.Seq)
	if s.buf = frame; cap(frame) > maxKeptBuffer {
		s.buf = nil
	}
	if err := s.journal.append(frame); err != nil {
		return State{}, fault.Wrap(fault.ResourceDenied, nil, err, "the change could not be written to the journal in %s, and was not made", s.dir)
	}
	s.state.Store(&new)
	s.grown += int64(len(frame))
	if s.grown >= s.due && !s.writing {
		s.beginCheckpoint(new)
	}
	return new, nil
}

// maxKeptBuffer bounds the memory that a large record leaves behind.
const maxKeptBuffer = 64 << 10

// beginCheckpoint starts a new journal, and a goroutine that writes st, which is
// all that the journals before it lead to. Failure costs nothing but time: the
// journals stay, and it is tried again when they have grown. The caller has mu.
func (s *Store) beginCheckpoint(st State) {
	s.due = s.grown + s.smallest
	next, err := createJournal(s.fs, st.Seq+1)
	if err != nil {
		s.log.Warn("no checkpoint: a new journal could not be made", "dir", s.dir, "err", err)
		return
	}
	if err := s.journal.file.Close(); err != nil {
		s.log.Warn("closing a journal", "file", s.journal.name, "err", err)
	}
	s.old = append(s.old, s.journal.name)
	s.journal = next
	covered, size := s.old, s.grown
	room := s.last
	if room == 0 {
		room = size
	}
	s.writing = true
	s.tasks.Go(func() { s.checkpoint(st, room, covered, size) })
}

// checkpoint writes st, which takes about room bytes, and removes the journals
// that it covers; they have size bytes.
func (s *Store) checkpoint(st State, room int64, covered []string, size int64) {
	data, err := encodeCheckpoint(st, room)
	if err == nil {
		err = writeCheckpoint(s.fs, data)
	}
	if err == nil {
		for _, name := range covered {
			// One that is gone was removed by an attempt that then failed.
			if rerr := s.fs.Remove(name); !errors.Is(rerr, fs.ErrNotExist) {
				err = errors.Join(err, rerr)
			}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writing = false
	if err != nil {
		s.log.Warn("no checkpoint; the journal goes on", "dir", s.dir, "err", err)
		return
	}
	s.old = s.old[len(covered):]
	s.grown -= size
	s.last = int64(len(data))
	s.due = max(s.smallest, s.last)
}

// Close waits for a checkpoint that is being written and gives the directory up.
func (s *Store) Close() error {
	s.tasks.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.journal == nil {
		return nil
	}
	err := s.journal.file.Close()
	s.journal = nil
	if s.lock != nil {
		err = errors.Join(err, s.lock.Close())
	}
	if err != nil {
		return fmt.Errorf("store: closing %s: %w", s.dir, err)
	}
	return nil
}
