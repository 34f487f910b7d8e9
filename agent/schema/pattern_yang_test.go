package schema_test

import (
	"io/fs"
	"strings"
	"testing"

	goyang "github.com/openconfig/goyang/pkg/yang"

	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/yang"
)

// Every pattern of every module that the project has can be used.
func TestPatternsOfModules(t *testing.T) {
	patterns := 0
	var visit func(file string, s *goyang.Statement)
	visit = func(file string, s *goyang.Statement) {
		if s.Keyword == "pattern" {
			patterns++
			if _, err := schema.CompilePattern(s.Argument); err != nil {
				t.Errorf("%s: %q: %v", file, s.Argument, err)
			}
		}
		for _, sub := range s.SubStatements() {
			visit(file, sub)
		}
	}
	err := fs.WalkDir(yang.FS, ".", func(file string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(file, ".yang") {
			return err
		}
		text, err := fs.ReadFile(yang.FS, file)
		if err != nil {
			return err
		}
		statements, err := goyang.Parse(string(text), file)
		for _, s := range statements {
			visit(file, s)
		}
		return err
	})
	if err != nil || patterns < 20 {
		t.Errorf("%d patterns found, %v", patterns, err)
	}
}
