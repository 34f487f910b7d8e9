package ledger_test

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/ledger"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

func entry(n int) southbound.Made {
	ip := netip.AddrFrom4([4]byte{10, 0, byte(n >> 8), byte(n)})
	return southbound.Made{ID: object.AddressID("eth0", ip), Link: "eth0", Index: 7}
}

func note(t *testing.T, l southbound.Ledger, where string, made []southbound.Made, gone ...object.ID) {
	t.Helper()
	if err := l.Note(where, made, gone); err != nil {
		t.Fatal(err)
	}
}

// holds reads the file as the next process would.
func holds(t *testing.T, dir string, want southbound.Ledgered) *ledger.File {
	t.Helper()
	l := ledger.In(dir)
	got, err := l.Load()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("-want +got:\n%s", diff)
	}
	return l
}

func TestNote(t *testing.T) {
	dir := t.TempDir()
	l := holds(t, dir, southbound.Ledgered{})
	made := func(n ...int) (list []southbound.Made) {
		for _, n := range n {
			list = append(list, entry(n))
		}
		return list
	}
	note(t, l, "one", made(1, 2))
	l = holds(t, dir, southbound.Ledgered{Incarnation: "one", List: made(1, 2)})
	note(t, l, "one", made(3), entry(1).ID)
	note(t, l, "one", made(4), entry(4).ID)
	l = holds(t, dir, southbound.Ledgered{Incarnation: "one", List: made(2, 3)})
	note(t, l, "two", made(5))
	holds(t, dir, southbound.Ledgered{Incarnation: "two", List: made(5)})
}

// A crash tears the last line; what is noted after it stands.
func TestTorn(t *testing.T) {
	dir := t.TempDir()
	l := ledger.In(dir)
	note(t, l, "one", []southbound.Made{entry(1)})
	note(t, l, "one", []southbound.Made{entry(2)})
	file := filepath.Join(dir, ledger.Name)
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	second := strings.LastIndex(strings.TrimSuffix(string(whole), "\n"), "\n") + 1
	for cut := second; cut < len(whole); cut++ {
		if err := os.WriteFile(file, whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		l := holds(t, dir, southbound.Ledgered{Incarnation: "one", List: []southbound.Made{entry(1)}})
		note(t, l, "one", []southbound.Made{entry(3)})
		holds(t, dir, southbound.Ledgered{Incarnation: "one", List: []southbound.Made{entry(1), entry(3)}})
	}
}

// What is history does not pile up.
func TestCompact(t *testing.T) {
	dir := t.TempDir()
	l := ledger.In(dir)
	for n := range 1000 {
		note(t, l, "one", []southbound.Made{entry(n)})
		note(t, l, "one", nil, entry(n).ID)
	}
	holds(t, dir, southbound.Ledgered{Incarnation: "one", List: []southbound.Made{}})
	info, err := os.Stat(filepath.Join(dir, ledger.Name))
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > 200_000 {
		t.Errorf("nothing is noted, in %d bytes", info.Size())
	}
}

func TestDamaged(t *testing.T) {
	head := `{"version":1,"dataplane":"x"}` + "\n"
	for name, text := range map[string]string{
		"version": `{"version":2}` + "\n", "no JSON": "?\n", "line": head + "{}\n",
		"both": head + `{"made":{"kind":"link","name":"a"},"gone":{"kind":"link","name":"a"}}` + "\n",
		"kind": head + `{"made":{"kind":"planet","name":"a"}}` + "\n", "field": head + `{"lost":{}}` + "\n",
		"nameless": head + `{"made":{"kind":"link"}}` + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, ledger.Name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := ledger.In(dir).Load(); err == nil || !strings.Contains(err.Error(), ledger.Name) {
				t.Errorf("got %v, want an error that names the file", err)
			}
		})
	}
}

// What could not be noted is told, and can be noted when there is room again.
func TestNoteFails(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "later")
	l := ledger.In(dir)
	if err := l.Note("one", []southbound.Made{entry(1)}, nil); err == nil {
		t.Fatal("noted in a directory that is not there")
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	note(t, l, "one", []southbound.Made{entry(2)}, entry(1).ID)
	holds(t, dir, southbound.Ledgered{Incarnation: "one", List: []southbound.Made{entry(2)}})
}

// FuzzLoad reads anything, and what it makes of it again as the same.
func FuzzLoad(f *testing.F) {
	f.Add([]byte(`{"version":1,"dataplane":"x"}` + "\n" + `{"made":{"kind":"address","name":"eth0 192.0.2.1","link":"eth0","index":3}}` + "\n" + `{"gone":{"kind":"address"`))
	f.Add([]byte(`{"version":1}` + "\n" + `{"gone":{"kind":"neighbor","name":"a"}}` + "\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, ledger.Name), text, 0o600); err != nil {
			t.Fatal(err)
		}
		l := ledger.In(dir)
		before, err := l.Load()
		if err != nil {
			return
		}
		note(t, l, before.Incarnation, []southbound.Made{entry(1)})
		note(t, l, before.Incarnation, nil, entry(1).ID)
		after, err := ledger.In(dir).Load()
		if err != nil {
			t.Fatal(err)
		}
		want := make([]southbound.Made, 0)
		for _, m := range before.List {
			if m.ID != entry(1).ID {
				want = append(want, m)
			}
		}
		if diff := cmp.Diff(fmt.Sprint(want), fmt.Sprint(after.List)); diff != "" {
			t.Error(diff)
		}
	})
}
