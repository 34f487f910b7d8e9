package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestGenIsCurrent(t *testing.T) {
	if err := run("..", "../../gen", true); err != nil {
		t.Error(err)
	}
}

// A folder is brought to what it should be whatever it held, and -check sees
// each way in which it is not.
func TestWriteAndCheck(t *testing.T) {
	dir := t.TempDir()
	want := map[string][]byte{"schema.bin": []byte("a"), "oc/x.go": []byte("b")}
	change := func(name, text string) {
		t.Helper()
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		name  string
		spoil func()
	}{
		{"empty", func() {}},
		{"changed", func() { change("oc/x.go", "c") }},
		{"left over", func() { change("ietf/old.go", "d") }},
		{"file missing", func() { _ = os.Remove(filepath.Join(dir, "schema.bin")) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.spoil()
			if err := compare(dir, want); err == nil || !strings.Contains(err.Error(), "make gen") {
				t.Errorf("check says %v of a stale folder", err)
			}
			change("gen.go", "written by hand")
			if err := write(dir, want); err != nil {
				t.Fatal(err)
			}
			if err := compare(dir, want); err != nil {
				t.Errorf("check of what was written: %v", err)
			}
			if _, err := os.Stat(filepath.Join(dir, "gen.go")); err != nil {
				t.Error(err)
			}
		})
	}
}
