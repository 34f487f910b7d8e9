package store

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// Open takes a directory into use, which it makes if there is none, and reads
// what was saved last. It fails where another agent has the directory, with a
// *DamageError where a file is damaged, and where data does not fit the schema;
// it has then changed nothing.
func Open(dir string, s *schema.Schema, o Options) (*Store, error) {
	st := &Store{dir: dir, schema: s, fs: o.FS, log: o.Log, smallest: o.CheckpointBytes}
	if st.log == nil {
		st.log = slog.New(slog.DiscardHandler)
	}
	if st.smallest == 0 {
		st.smallest = DefaultCheckpointBytes
	}
	if st.fs == nil {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("store: %w", err)
		}
		lock, err := lockDir(dir)
		if err != nil {
			return nil, err
		}
		st.fs, st.lock = dirFS(dir), lock
	}
	if err := st.load(); err != nil {
		if st.lock != nil {
			err = errors.Join(err, st.lock.Close())
		}
		return nil, err
	}
	return st, nil
}

// lockDir keeps other agents out as long as the file is open: the kernel lets go
// of it when the process dies.
func lockDir(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = errors.New("another agent uses it; two of them need two state directories")
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("store: %s: %w", dir, err), f.Close())
	}
	return f, nil
}

// load reads the checkpoint and the journals, and makes ready to append.
func (s *Store) load() error {
	names, err := s.fs.Names()
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	st := State{Running: tree.New(s.schema), Startup: tree.New(s.schema)}
	size, hasCheckpoint := int64(0), slices.Contains(names, checkpointName)
	if hasCheckpoint {
		data, err := s.fs.ReadFile(checkpointName)
		if err != nil {
			return fmt.Errorf("store: %w", err)
		}
		if st, err = decodeCheckpoint(s.schema, s.path(checkpointName), data); err != nil {
			return err
		}
		size = int64(len(data))
	}
	s.last = size
	s.due = max(s.smallest, size)

	journals, empty, err := s.readJournals(names)
	if err != nil {
		return err
	}
	for i := range journals {
		if st, err = s.replay(&journals[i], st, i == len(journals)-1); err != nil {
			return err
		}
	}
	for i := range empty {
		if err := s.follows(&empty[i], st.Seq); err != nil {
			return err
		}
	}
	s.state.Store(&st)
	// All of it has been read and understood: from here on files are changed.
	for _, j := range empty {
		if err := s.fs.Remove(j.name); err != nil {
			return fmt.Errorf("store: %w", err)
		}
	}
	return s.takeUp(journals, st.Seq)
}

func (s *Store) path(name string) string { return filepath.Join(s.dir, name) }

// journalFile is a journal as it was found.
type journalFile struct {
	name  string
	first uint64
	data  []byte
	good  int64 // up to the end of the last whole record
}

// readJournals reads the journals in order. Those without a record, which a
// crash or a full disk leaves behind, are empty.
func (s *Store) readJournals(names []string) (found, empty []journalFile, err error) {
	for _, name := range slices.Sorted(slices.Values(names)) {
		first, ok := journalFirst(name)
		if !ok {
			continue
		}
		data, err := s.fs.ReadFile(name)
		if err != nil {
			return nil, nil, fmt.Errorf("store: %w", err)
		}
		j := journalFile{name: name, first: first, data: data}
		if len(data) <= len(journalMagic) {
			empty = append(empty, j)
		} else {
			found = append(found, j)
		}
	}
	return found, empty, nil
}

// follows finds that saves are missing between what has been read and a journal.
func (s *Store) follows(j *journalFile, seq uint64) error {
	if j.first <= seq+1 {
		return nil
	}
	return &DamageError{s.path(j.name), 0, seq,
		fmt.Sprintf("it begins with save %d, but what is before it ends with %d: a file is missing", j.first, seq)}
}

// replay takes st through the records of one journal.
func (s *Store) replay(j *journalFile, st State, last bool) (State, error) {
	err := s.follows(j, st.Seq)
	if err != nil {
		return st, err
	}
	j.good, err = records(s.path(j.name), j.data, j.first-1, last, func(seq uint64, payload []byte) error {
		if seq <= st.Seq {
			return nil // the checkpoint has it
		}
		next, err := decodeRecord(s.schema, seq, st, payload)
		if err != nil {
			return fmt.Errorf("store: %s, save %d: %w; it was made under another schema, perhaps", s.path(j.name), seq, err)
		}
		st = next
		return nil
	})
	return st, err
}

// takeUp cuts a torn record off the last journal and goes on with it, or begins
// a journal where there is none.
func (s *Store) takeUp(journals []journalFile, seq uint64) error {
	if len(journals) == 0 {
		j, err := createJournal(s.fs, seq+1)
		if err != nil {
			return fmt.Errorf("store: %w", err)
		}
		s.journal = j
		return nil
	}
	for _, j := range journals {
		s.grown += j.good
	}
	for _, j := range journals[:len(journals)-1] {
		s.old = append(s.old, j.name)
	}
	tail := &journals[len(journals)-1]
	file, err := s.fs.Append(tail.name)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	s.journal = &journal{name: tail.name, file: file, size: tail.good}
	if int64(len(tail.data)) == tail.good {
		return nil
	}
	s.keepTorn(tail)
	if err := s.journal.mend(); err != nil {
		return errors.Join(fmt.Errorf("store: %s: cutting off a torn record: %w", s.path(tail.name), err), file.Close())
	}
	return nil
}

// keepTorn keeps what is about to be cut off, for whoever wants to look at it.
// Where there is no room for that it is lost: it was never acknowledged, and the
// agent is needed.
func (s *Store) keepTorn(j *journalFile) {
	s.log.Warn("a record was being written when the last agent died; it had not been acknowledged and is cut off",
		"file", s.path(j.name), "offset", j.good, "bytes", int64(len(j.data))-j.good)
	name := j.name + ".torn"
	f, err := s.fs.Create(name)
	if err == nil {
		_, err = f.Write(j.data[j.good:])
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		s.log.Warn("the torn record could not be kept", "file", s.path(name), "err", err)
	}
}
