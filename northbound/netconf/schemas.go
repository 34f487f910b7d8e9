package netconf

import (
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

// moduleText is one YANG module or submodule as get-schema serves it.
type moduleText struct {
	name, revision string // revision is empty where there is none
	file           string
}

// moduleSet is what get-schema can serve: all *.yang files of an fs.FS.
type moduleSet struct {
	fs   fs.FS
	list []moduleText // by name, then revision
}

// The statements that tell a module's identity. In a file the module statement
// comes first and revisions stand at its top level, newest first or not.
var (
	moduleStatement   = regexp.MustCompile(`(?m)^\s*(?:sub)?module\s+["']?([A-Za-z_][\w.-]*)["']?\s*\{`)
	revisionStatement = regexp.MustCompile(`(?m)^\s*revision\s+["']?(\d{4}-\d{2}-\d{2})["']?\s*[;{]`)
)

// readModules finds the modules in fsys; a nil fsys has none.
func readModules(fsys fs.FS) (*moduleSet, error) {
	m := &moduleSet{fs: fsys}
	if fsys == nil {
		return m, nil
	}
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != ".yang" {
			return err
		}
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		head := moduleStatement.FindSubmatch(text)
		if head == nil {
			return fmt.Errorf("%s holds no module or submodule statement", name)
		}
		t := moduleText{name: string(head[1]), file: name}
		for _, r := range revisionStatement.FindAllSubmatch(text, -1) {
			t.revision = max(t.revision, string(r[1]))
		}
		m.list = append(m.list, t)
		return nil
	})
	slices.SortFunc(m.list, func(a, b moduleText) int {
		return cmp.Or(strings.Compare(a.name, b.name), strings.Compare(a.revision, b.revision))
	})
	return m, err
}

// find returns the modules of that name and, unless it is nil, revision.
func (m *moduleSet) find(name string, revision *string) []moduleText {
	var out []moduleText
	for _, t := range m.list {
		if t.name == name && (revision == nil || *revision == t.revision) {
			out = append(out, t)
		}
	}
	return out
}

// text returns the text of a module.
func (m *moduleSet) text(t moduleText) ([]byte, error) { return fs.ReadFile(m.fs, t.file) }
