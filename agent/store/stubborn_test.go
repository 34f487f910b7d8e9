package store

import (
	"errors"
	"io/fs"
	"strings"
	"sync/atomic"
	"testing"
)

// A disk that is full keeps nobody from starting: the record that was torn was
// never acknowledged.
func TestTornTailOnFullDisk(t *testing.T) {
	f := newFixture(t)
	m := newMemFS()
	s := f.open("", Options{FS: m})
	for _, step := range f.story()[:3] {
		if _, err := s.Save(step(s.State())); err != nil {
			t.Fatal(err)
		}
	}
	name := journalName(1)
	for op := range 2 { // that makes the copy, that fills it
		image := m.killed()
		image.names[name].data = image.names[name].data[:len(image.names[name].data)-1]
		image.failAt, image.failure = op+1, refuse
		again := f.open("", Options{FS: image})
		if got := again.State().Seq; got != 2 {
			t.Errorf("operation %d fails: save %d, want 2", op+1, got)
		}
		if _, err := again.Save(f.story()[2](again.State())); err != nil {
			t.Errorf("operation %d fails: a save afterwards: %v", op+1, err)
		}
		if got := f.open("", Options{FS: image.killed()}).State().Seq; got != 3 {
			t.Errorf("operation %d fails: reopened at save %d, want 3", op+1, got)
		}
	}
}

// stubborn is a directory that at times does not let journals go.
type stubborn struct {
	*memFS
	removals atomic.Int32
	refuse   func(n int32) bool // the nth removal of a journal, from 1
}

func (d *stubborn) Remove(name string) error {
	if strings.HasPrefix(name, journalPrefix) && d.refuse(d.removals.Add(1)) {
		return errors.New("not now")
	}
	return d.memFS.Remove(name)
}

// Journals that could not be removed are removed by a later checkpoint, whatever
// went before.
func TestJournalsGoInTheEnd(t *testing.T) {
	f := newFixture(t)
	// The first checkpoint fails to remove a journal; the second removes that one
	// and fails at the next.
	d := &stubborn{memFS: newMemFS(), refuse: func(n int32) bool { return n == 1 || n == 3 }}
	s := f.open("", Options{FS: d, CheckpointBytes: 1})
	var fsys FS = d
	for range 8 {
		for _, step := range f.story() {
			if _, err := s.Save(step(s.State())); err != nil {
				t.Fatal(err)
			}
			s.tasks.Wait() // for the checkpoint
		}
	}
	if n := d.removals.Load(); n < 5 {
		t.Fatalf("only %d removals were tried", n)
	}
	names, err := fsys.Names()
	if err != nil {
		t.Fatal(err)
	}
	journals := 0
	for _, name := range names {
		if _, ok := journalFirst(name); ok {
			journals++
		}
	}
	if journals > 3 || len(s.old) > 2 {
		t.Errorf("%d journals are left, of which %d wait for a checkpoint: %v", journals, len(s.old), names)
	}
	if err := d.memFS.Remove("no such file"); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("the directory of the test is not like a real one: %v", err)
	}
}
