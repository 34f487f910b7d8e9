package store

import (
	"errors"
	"testing"
)

// FuzzOpen opens a directory whose files hold anything: it is opened or refused,
// and what was opened can be saved to and opened again.
func FuzzOpen(f *testing.F) {
	x := newFixture(f)
	m := newMemFS()
	s := x.open("", Options{FS: m, CheckpointBytes: 600})
	for _, step := range x.story() {
		if _, err := s.Save(step(s.State())); err != nil {
			f.Fatal(err)
		}
		s.tasks.Wait()
	}
	s.due = 1 << 30
	for _, step := range x.story()[:3] {
		if _, err := s.Save(step(s.State())); err != nil {
			f.Fatal(err)
		}
	}
	journal := s.journal.name
	f.Add(m.names[checkpointName].data, m.names[journal].data)
	f.Add([]byte(nil), []byte(journalMagic))
	f.Fuzz(func(t *testing.T, checkpoint, records []byte) {
		image := newMemFS()
		if len(checkpoint) > 0 {
			image.names[checkpointName] = &inode{data: checkpoint}
		}
		if len(records) > 0 {
			image.names[journal] = &inode{data: records}
		}
		s, err := Open("", x.s, Options{FS: image})
		if err != nil {
			var damage *DamageError
			if errors.As(err, &damage) && damage.Offset < 0 {
				t.Error(err)
			}
			return
		}
		want, err := s.Save(fixture{t, x.s}.story()[0](s.State()))
		if err != nil {
			t.Fatal(err)
		}
		again, err := Open("", x.s, Options{FS: image.killed()})
		if err != nil {
			t.Fatal(err)
		}
		if d := differ(again.State(), want); d != "" {
			t.Fatalf("opened again: %s", d)
		}
	})
}

// FuzzRecord replays any JSON as a record.
func FuzzRecord(f *testing.F) {
	x := newFixture(f)
	m := newMemFS()
	s := x.open("", Options{FS: m})
	st := s.State()
	for _, step := range x.story() {
		next, entry := step(st)
		text, err := encodeRecord(nil, st, next, entry)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
		st = st.next(next, entry)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := decodeRecord(x.s, 1, State{Running: st.Running, Startup: st.Startup, Pending: &Pending{Rollback: st.Startup}}, text)
		if err == nil && (got.Running.Root() == nil || got.Startup.Root() == nil) {
			t.Error("a tree without a root")
		}
	})
}
