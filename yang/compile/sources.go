package compile

import (
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// Sources has the text of modules and submodules.
type Sources interface {
	// Named returns every revision there is of a module or submodule. None is
	// no error.
	Named(name string) ([]Source, error)
}

// Source is the text of one module or submodule.
type Source struct {
	File string // for error messages; no two Sources share it
	Text string
}

// FS finds modules in the files name.yang and name@revision.yang anywhere in fsys.
func FS(fsys fs.FS) Sources { return &fileSources{fsys: fsys} }

type fileSources struct {
	fsys   fs.FS
	byName map[string][]string // nil before the first look
}

func (s *fileSources) Named(name string) ([]Source, error) {
	if s.byName == nil {
		if err := s.index(); err != nil {
			return nil, err
		}
	}
	found := make([]Source, 0, len(s.byName[name]))
	for _, file := range s.byName[name] {
		text, err := fs.ReadFile(s.fsys, file)
		if err != nil {
			return nil, fmt.Errorf("module %s: %w", name, err)
		}
		found = append(found, Source{File: file, Text: string(text)})
	}
	return found, nil
}

func (s *fileSources) index() error {
	byName := map[string][]string{}
	err := fs.WalkDir(s.fsys, ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if base, ok := strings.CutSuffix(path.Base(file), ".yang"); ok {
			name, _, _ := strings.Cut(base, "@")
			byName[name] = append(byName[name], file)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("find YANG modules: %w", err)
	}
	s.byName = byName
	return nil
}

// Join looks in several Sources; all that they have of a name counts.
func Join(sources ...Sources) Sources { return joined(sources) }

type joined []Sources

func (j joined) Named(name string) ([]Source, error) {
	var all []Source
	for _, s := range j {
		found, err := s.Named(name)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

// Texts holds modules as text. It finds each by the name in its first statement.
type Texts []string

// Named implements Sources.
func (t Texts) Named(name string) ([]Source, error) {
	var found []Source
	for _, text := range t {
		if n, _ := NameOf(text); n != name {
			continue
		}
		file := name + ".yang"
		if len(found) > 0 {
			file = fmt.Sprintf("%s (%d)", file, len(found)+1)
		}
		found = append(found, Source{File: file, Text: text})
	}
	return found, nil
}

// NameOf returns the name of the module or submodule in text, and which of the
// two it is. The text starts with that statement, or else the name is empty.
func NameOf(text string) (name string, isModule bool) {
	words := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t\r\n{;", r) })
	if len(words) < 2 || words[0] != "module" && words[0] != "submodule" {
		return "", false
	}
	return strings.Trim(words[1], `"'`), words[0] == "module"
}
