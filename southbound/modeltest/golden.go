package modeltest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// RunClaims holds the models against files that match a pattern. Each is a txtar
// archive of configurations, NAME.json, and of what is made of them: NAME.claims,
// as Describe writes it with the claims of one object merged, or NAME.error.
// With update it writes the latter.
func RunClaims(t *testing.T, s *schema.Schema, pattern string, update bool, models ...southbound.Model) {
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no files match %s: %v", pattern, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]string{}
			for _, f := range archive.Files {
				want[f.Name] = string(f.Data)
			}
			out := &txtar.Archive{Comment: archive.Comment}
			for _, f := range archive.Files {
				name, ok := strings.CutSuffix(f.Name, ".json")
				if !ok {
					continue
				}
				kind, got := outcome(t, s, string(f.Data), models)
				out.Files = append(out.Files, f, txtar.File{Name: name + kind, Data: []byte(got)})
				if !update && got != want[name+kind] {
					t.Errorf("%s%s is\n%swant\n%s", name, kind, got, want[name+".claims"]+want[name+".error"])
				}
			}
			if update {
				if err := os.WriteFile(file, txtar.Format(out), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// outcome is what the models make of a configuration, and the file that says so.
func outcome(t *testing.T, s *schema.Schema, json string, models []southbound.Model) (kind, text string) {
	t.Helper()
	claims, err := Claims(Tree(t, s, json), models...)
	if err != nil {
		return ".error", err.Error() + "\n"
	}
	var order []object.ID
	byID := map[object.ID][]object.Claim{}
	for _, c := range claims {
		if byID[c.ID()] == nil {
			order = append(order, c.ID())
		}
		byID[c.ID()] = append(byID[c.ID()], c)
	}
	merged := make([]object.Claim, 0, len(order))
	for _, id := range order {
		c, err := object.Merge(byID[id])
		if err != nil {
			return ".error", err.Error() + "\n"
		}
		merged = append(merged, c)
	}
	return ".claims", Describe(merged)
}
