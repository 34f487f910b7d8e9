// Package yang holds the YANG modules of the product: the ones that are derived
// from upstream (see README.md), and its own, outrigger-ext and
// outrigger-deviations. NETCONF serves these texts (RFC 6022 get-schema).
//
// The agent does not parse them at run time: package gen has the compiled schema.
package yang

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"
)

// FS holds one file for each module and submodule, NAME.yang.
//
//go:embed *.yang
var FS embed.FS

// Module is one module or submodule of FS.
type Module struct {
	Name      string
	Revision  string // the latest; empty where there is none
	Submodule bool
	File      string // in FS
}

func (m Module) String() string {
	if m.Revision == "" {
		return m.Name
	}
	return m.Name + "@" + m.Revision
}

var (
	opening  = regexp.MustCompile(`(?m)^(sub)?module ([\w.-]+) \{$`)
	revision = regexp.MustCompile(`(?m)^  revision "?(\d{4}-\d\d-\d\d)"?`)
)

// Modules lists the modules and submodules of fsys by name. The files must be
// laid out as those of FS are: one module a file, its opening brace on the line of
// its name, revisions indented by two spaces.
func Modules(fsys fs.FS) ([]Module, error) {
	files, err := fs.Glob(fsys, "*.yang")
	if err != nil {
		return nil, err
	}
	modules := make([]Module, 0, len(files))
	for _, file := range files {
		text, err := fs.ReadFile(fsys, file)
		if err != nil {
			return nil, err
		}
		open := opening.FindSubmatch(text)
		if open == nil {
			return nil, fmt.Errorf("%s: no module or submodule statement", file)
		}
		m := Module{Name: string(open[2]), Submodule: len(open[1]) > 0, File: file}
		if want := strings.TrimSuffix(path.Base(file), ".yang"); m.Name != want {
			return nil, fmt.Errorf("%s: holds module %s; the file must have the module's name", file, m.Name)
		}
		for _, r := range revision.FindAllSubmatch(text, -1) {
			m.Revision = max(m.Revision, string(r[1]))
		}
		modules = append(modules, m)
	}
	return modules, nil
}
