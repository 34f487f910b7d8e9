package store

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/outrigger-cnf/outrigger/agent/fault"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/yang/compile/compiletest"
)

const module = `
module t {
  yang-version 1.1; namespace urn:t; prefix t;
  container system {
    leaf hostname { type string; }
    leaf-list search { type string; ordered-by user; }
    container debug { presence "on"; }
  }
  list rule { key id; ordered-by user; leaf id { type uint16; } leaf action { type string; } }
  list if { key "name unit"; leaf name { type string; } leaf unit { type uint8; } leaf mtu { type uint16; } }
}`

type fixture struct {
	testing.TB
	s *schema.Schema
}

func newFixture(t testing.TB) fixture { return fixture{t, compiletest.Schema(t, module)} }

// edit changes a tree: "/path = value", "/path", "-/path", "</rule…" (to the
// front), "@/path" (metadata on).
func (f fixture) edit(t tree.Tree, lines ...string) tree.Tree {
	f.Helper()
	x := t.Txn()
	for _, l := range lines {
		text, value, leaf := strings.Cut(strings.TrimLeft(l, "-<@"), "] = ")
		if leaf {
			text += "]"
		} else if text, value, leaf = strings.Cut(text, " = "); !leaf {
			text = strings.TrimSpace(text)
		}
		p, def, err := f.s.Resolve(text)
		if err != nil {
			f.Fatal(err)
		}
		switch {
		case l[0] == '-':
			_, err = x.Delete(p)
		case l[0] == '@':
			if x.Node(p) != nil { // the save that makes it may have been refused
				err = x.SetMeta(p, []byte(value))
			}
		case l[0] == '<':
			err = x.Move(p, tree.Position{Where: tree.First})
		case leaf:
			v, perr := def.Parse(value, f.s.ModuleNames())
			if perr != nil {
				f.Fatal(perr)
			}
			err = x.Set(p, v)
		default:
			err = x.Ensure(p)
		}
		if err != nil {
			f.Fatalf("%s: %v", l, err)
		}
	}
	return x.Tree()
}

func (f fixture) open(dir string, o Options) *Store {
	f.Helper()
	s, err := Open(dir, f.s, o)
	if err != nil {
		f.Fatal(err)
	}
	return s
}

// story is a sequence of saves that has everything in it.
func (f fixture) story() []func(State) (State, *Entry) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)
	entry := func(comment string) *Entry {
		return &Entry{Time: at, Datastore: "running", User: "ann", Protocol: "test", Comment: comment, Changes: 1, Diff: []string{"~ " + comment}}
	}
	startup := func(e *Entry) *Entry { e.Datastore = "startup"; return e }
	run := func(lines ...string) func(State) (State, *Entry) {
		return func(s State) (State, *Entry) {
			s.Running, s.HasRunning = f.edit(s.Running, lines...), true
			return s, entry(lines[0])
		}
	}
	return []func(State) (State, *Entry){
		run("/t:system/hostname = a\"<é", "/t:rule[id='1']/action = x", "/t:rule[id='2']"),
		run("/t:rule[id='3']", "</t:rule[id='3']", `@/t:system/hostname = {"t:note":"x"}`),
		func(s State) (State, *Entry) { s.Startup = s.Running; return s, startup(entry("copy")) },
		run("/t:system/search = z", "/t:system/search = a", "/t:system/debug", `@/t:system/debug = {"t:note":"y"}`, `@/t:system/search = [null,{"t:note":"z"}]`),
		func(s State) (State, *Entry) {
			s.Pending = &Pending{Rollback: s.Running, Session: 7, User: "ann", Persist: "k", Timeout: time.Minute, Deadline: at, Boot: "b"}
			s.Running = f.edit(s.Running, "-/t:rule[id='2']", "/t:if[name='a/b'][unit='1']/mtu = 9000")
			return s, entry("trial")
		},
		func(s State) (State, *Entry) {
			if s.Pending == nil { // the save before was refused
				return s, nil
			}
			p := *s.Pending
			p.Deadline = at.Add(time.Minute)
			s.Pending = &p
			return s, nil
		},
		run("-/t:rule[id='1']"),
		func(s State) (State, *Entry) {
			if s.Pending != nil {
				s.Running, s.Pending = s.Pending.Rollback, nil
			}
			return s, entry("rollback")
		},
		run("/t:rule[id='9']/action = last", "</t:rule[id='9']", "-/t:system/search"),
		func(s State) (State, *Entry) { s.Startup = tree.New(f.s); return s, startup(entry("delete startup")) },
		run("-/t:system", "-/t:rule"),
		run("/t:if[name='x'][unit='2']"),
	}
}

// differ says in what two states differ, or nothing.
func differ(a, b State) string {
	switch {
	case a.Seq != b.Seq || a.Entry != b.Entry || a.Commit != b.Commit || !a.Changed.Equal(b.Changed) || a.HasRunning != b.HasRunning:
		return fmt.Sprintf("counts: %d %d %s, %d %d %s", a.Seq, a.Commit, a.Changed, b.Seq, b.Commit, b.Changed)
	case !tree.Equal(a.Running.Root(), b.Running.Root()):
		return "running"
	case !tree.Equal(a.Startup.Root(), b.Startup.Root()):
		return "startup"
	case (a.Pending == nil) != (b.Pending == nil):
		return "pending"
	case fmt.Sprintf("%+v", a.History) != fmt.Sprintf("%+v", b.History):
		return fmt.Sprintf("history: %+v, %+v", a.History, b.History)
	case a.Pending == nil:
		return ""
	case !tree.Equal(a.Pending.Rollback.Root(), b.Pending.Rollback.Root()):
		return "rollback"
	}
	x, y := *a.Pending, *b.Pending
	x.Rollback, y.Rollback = tree.Tree{}, tree.Tree{}
	if !x.Deadline.Equal(y.Deadline) {
		return "deadline"
	}
	x.Deadline, y.Deadline = time.Time{}, time.Time{}
	if x != y {
		return fmt.Sprintf("pending: %+v, %+v", x, y)
	}
	return ""
}

func (f fixture) want(what string, got, want State) {
	f.Helper()
	if d := differ(got, want); d != "" {
		f.Fatalf("%s: %s", what, d)
	}
}

// TestReopen closes and opens the store after every save, from journals alone and
// from checkpoints.
func TestReopen(t *testing.T) {
	for _, size := range []int64{0, 1, 700} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			f := newFixture(t)
			dir := t.TempDir()
			o := Options{CheckpointBytes: size}
			want := f.open(dir, o).State()
			if want.HasRunning || want.Seq != 0 {
				t.Fatalf("a new store has %+v", want)
			}
			for i, step := range f.story() {
				_ = os.Remove(filepath.Join(dir, "lock")) // of a store that was left open
				s := f.open(dir, o)
				f.want(fmt.Sprintf("before save %d", i+1), s.State(), want)
				next, err := s.Save(step(s.State()))
				if err != nil {
					t.Fatal(err)
				}
				want = next
				f.want("state", s.State(), want)
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
				if _, err := s.Save(step(s.State())); err == nil {
					t.Fatal("a closed store took a save")
				}
			}
			s := f.open(dir, o)
			defer s.Close()
			f.want("at last", s.State(), want)
			if s.State().Startup.Root().Len() != 0 {
				t.Error("startup is not empty")
			}
		})
	}
}

// TestSharing: what is one tree in memory is one tree again after a restart.
func TestSharing(t *testing.T) {
	for _, size := range []int64{0, 1} {
		f := newFixture(t)
		m := newMemFS()
		s := f.open("", Options{FS: m, CheckpointBytes: size})
		for _, step := range f.story()[:5] {
			if _, err := s.Save(step(s.State())); err != nil {
				t.Fatal(err)
			}
			s.tasks.Wait()
		}
		st := s.State()
		st.Running = st.Startup
		if _, err := s.Save(st, nil); err != nil {
			t.Fatal(err)
		}
		s.tasks.Wait()
		got := f.open("", Options{FS: m.killed()}).State()
		if got.Running.Root() != got.Startup.Root() {
			t.Errorf("checkpoints at %d: startup is a second tree", size)
		}
	}
}

// TestFailureAtEveryStep lets the file system fail at its k-th operation, for
// every k, in each way. What was acknowledged is found again, what was refused is
// not, after a restart and after a power failure.
func TestFailureAtEveryStep(t *testing.T) {
	f := newFixture(t)
	r := rand.New(rand.NewPCG(1, 2))
	for way := range failures {
		for k := 1; ; k++ {
			m := newMemFS()
			m.failAt, m.failure = k, way
			o := Options{FS: m, CheckpointBytes: 400}
			name := fmt.Sprintf("%s at %d", way, k)
			s, err := Open("", f.s, o)
			var acked, inFlight State
			refused := 0
			if err == nil {
				acked = s.State()
				for _, step := range f.story() {
					next, entry := step(s.State())
					saved, err := s.Save(next, entry)
					s.tasks.Wait()
					if err != nil {
						refused++
						inFlight = s.State().next(next, entry)
						if e := fault.All(err)[0]; e.Tag != fault.ResourceDenied || !errors.Is(err, errInjected) {
							t.Fatalf("%s: %v", name, err)
						}
						if way >= die {
							break
						}
						continue
					}
					acked = saved
				}
				f.want(name+": in memory", s.State(), acked)
			} else {
				acked = State{Running: tree.New(f.s), Startup: tree.New(f.s)}
			}
			for _, image := range []*memFS{m.killed(), m.powerLost(r), m.powerLost(r)} {
				again, err := Open("", f.s, Options{FS: image})
				if err != nil {
					t.Fatalf("%s: cannot be opened again: %v", name, err)
				}
				got := again.State()
				if way >= die && refused > 0 && differ(got, inFlight) == "" {
					continue // nobody could be told what became of it
				}
				f.want(name+": reopened", got, acked)
				if _, err := again.Save(f.story()[0](got)); err != nil {
					t.Fatalf("%s: the first save after reopening: %v", name, err)
				}
			}
			if m.ops < k {
				if k < 40 {
					t.Fatalf("only %d operations: the test shows too little", m.ops)
				}
				break
			}
			if refused > 1 && way < die {
				t.Fatalf("%s: %d saves refused for one failure", name, refused)
			}
		}
	}
}

func TestTornTailIsCutAndKept(t *testing.T) {
	f := newFixture(t)
	m := newMemFS()
	s := f.open("", Options{FS: m})
	var ends []int
	name := journalName(1)
	for _, step := range f.story()[:3] {
		if _, err := s.Save(step(s.State())); err != nil {
			t.Fatal(err)
		}
		ends = append(ends, len(m.names[name].data))
	}
	whole := m.names[name].data
	for size := ends[1]; size < ends[2]; size++ {
		image := m.killed()
		image.names[name].data = bytes.Clone(whole[:size])
		again := f.open("", Options{FS: image})
		if got := again.State().Seq; got != 2 {
			t.Fatalf("cut to %d bytes: save %d", size, got)
		}
		if kept := image.names[name+".torn"]; size > ends[1] && !bytes.Equal(kept.data, whole[ends[1]:size]) {
			t.Fatalf("cut to %d bytes: the torn record was not kept", size)
		}
		if got := len(image.names[name].data); got != ends[1] {
			t.Fatalf("the journal has %d bytes, want %d", got, ends[1])
		}
	}
}

// TestDamage flips each byte of a store in turn: Open either refuses, naming the
// file, and changes nothing, or it is the last record that is taken for torn.
func TestDamage(t *testing.T) {
	f := newFixture(t)
	m := newMemFS()
	s := f.open("", Options{FS: m, CheckpointBytes: 900})
	for _, step := range f.story() {
		if _, err := s.Save(step(s.State())); err != nil {
			t.Fatal(err)
		}
		s.tasks.Wait()
	}
	s.due = 1 << 30 // the journal has records, too
	for _, step := range f.story()[:2] {
		if _, err := s.Save(step(s.State())); err != nil {
			t.Fatal(err)
		}
	}
	want := s.State()
	names, _ := m.Names()
	if len(names) != 2 || len(m.names[checkpointName].data) == 0 {
		t.Fatalf("files: %v", names)
	}
	for _, name := range names {
		for i := range m.names[name].data {
			image := m.killed()
			image.names[name].data[i] ^= 0x10
			image.failAt, image.failure = 1, die
			_, err := Open("/state", f.s, Options{FS: image})
			var damage *DamageError
			switch {
			case errors.As(err, &damage):
				if damage.File != filepath.Join("/state", name) || damage.Offset > int64(i) || !strings.Contains(err.Error(), "Restore") {
					t.Fatalf("%s, byte %d: %v", name, i, err)
				}
			case errors.Is(err, errInjected): // it went on to cut off a torn record
				image = m.killed()
				image.names[name].data[i] ^= 0x10
				got := f.open("", Options{FS: image}).State()
				if name == checkpointName || got.Seq != want.Seq-1 {
					t.Fatalf("%s, byte %d: save %d, want %d", name, i, got.Seq, want.Seq)
				}
			default:
				t.Fatalf("%s, byte %d: %v", name, i, err)
			}
		}
	}
	image := m.killed()
	delete(image.names, checkpointName)
	if _, err := Open("/state", f.s, Options{FS: image}); err == nil || !strings.Contains(err.Error(), "missing") {
		t.Errorf("without its checkpoint: %v", err)
	}
}

func TestOneAgentOnly(t *testing.T) {
	f := newFixture(t)
	dir := filepath.Join(t.TempDir(), "state")
	s := f.open(dir, Options{})
	if _, err := Open(dir, f.s, Options{}); err == nil || !strings.Contains(err.Error(), "another agent") {
		t.Errorf("a second agent: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.open(dir, Options{}).Close(); err != nil {
		t.Error(err)
	}
}

func TestOtherSchema(t *testing.T) {
	f := newFixture(t)
	m := newMemFS()
	s := f.open("", Options{FS: m})
	if _, err := s.Save(f.story()[0](s.State())); err != nil {
		t.Fatal(err)
	}
	other := compiletest.Schema(t, `module t { namespace urn:t; prefix t; container system { leaf hostname { type string; } } }`)
	if _, err := Open("/state", other, Options{FS: m.killed()}); err == nil || !strings.Contains(err.Error(), "/t:rule") {
		t.Errorf("data that the schema does not have: %v", err)
	}
}
