// Package yanglib fills in the YANG library, by which clients learn what the
// agent serves: /yang-library of RFC 8525, and the deprecated /modules-state of
// RFC 7895, which some clients still read.
//
// It needs ietf-yang-library in the schema; without it there is nothing to fill
// in. The library is the same as long as the schema is, and its content-id and
// module-set-id are a hash of it.
package yanglib

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

const (
	library = "ietf-yang-library"
	// set names the one module-set and the one schema: every datastore serves
	// the same modules.
	set = "complete"
)

// ContentID identifies what is served: it changes when a module, its revision,
// its submodules, features or deviations do.
func ContentID(s *schema.Schema) string {
	h := sha256.New()
	for _, m := range s.Modules {
		fmt.Fprintf(h, "%q %q %q %t %q %q\n", m.Name, m.Revision, m.Namespace, m.Implemented, m.Features, m.DeviatedBy)
		for _, sub := range m.Submodules {
			fmt.Fprintf(h, "\t%q %q\n", sub.Name, sub.Revision)
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// State is the library as state to publish, for the datastores given.
func State(s *schema.Schema, datastores ...agent.Datastore) (agent.Update, error) {
	w := &writer{schema: s, x: tree.New(s).Txn()}
	root := path.Path{}
	var u agent.Update
	for _, part := range []struct {
		name string
		fill func(path.Path)
	}{
		{"yang-library", func(at path.Path) { w.yangLibrary(at, datastores) }},
		{"modules-state", w.modulesState},
	} {
		if s.Root.Child(library, part.name) == nil {
			continue
		}
		at := w.step(root, part.name)
		part.fill(at)
		if w.err != nil {
			return agent.Update{}, fmt.Errorf("yanglib: %w", w.err)
		}
		u.Changes = append(u.Changes, agent.StateChange{Path: at})
	}
	t := w.x.Tree()
	for i, c := range u.Changes {
		u.Changes[i].Node = t.Node(c.Path)
	}
	return u, nil
}

// yangLibrary fills in RFC 8525's container.
func (w *writer) yangLibrary(at path.Path, datastores []agent.Datastore) {
	modules := w.step(at, "module-set", set)
	for _, m := range w.schema.Modules {
		var p path.Path
		if m.Implemented {
			p = w.step(modules, "module", m.Name)
			w.optional(p, "revision", m.Revision)
			w.all(p, "feature", m.Features)
			w.all(p, "deviation", m.DeviatedBy)
		} else {
			p = w.step(modules, "import-only-module", m.Name, m.Revision)
			w.leaf(p, "revision", m.Revision)
		}
		w.leaf(p, "namespace", m.Namespace)
		for _, sub := range m.Submodules {
			q := w.step(p, "submodule", sub.Name)
			w.ensure(q)
			w.optional(q, "revision", sub.Revision)
		}
	}
	w.leaf(w.step(at, "schema", set), "module-set", set)
	for _, d := range datastores {
		w.leaf(w.step(at, "datastore", "ietf-datastores:"+d.String()), "schema", set)
	}
	w.leaf(at, "content-id", ContentID(w.schema))
}

// modulesState fills in RFC 7895's container.
func (w *writer) modulesState(at path.Path) {
	w.leaf(at, "module-set-id", ContentID(w.schema))
	for _, m := range w.schema.Modules {
		p := w.step(at, "module", m.Name, m.Revision)
		w.leaf(p, "namespace", m.Namespace)
		conformance := "import"
		if m.Implemented {
			conformance = "implement"
			w.all(p, "feature", m.Features)
		}
		w.leaf(p, "conformance-type", conformance)
		for _, name := range m.DeviatedBy {
			revision := ""
			if by := w.schema.Module(name); by != nil {
				revision = by.Revision
			}
			w.ensure(w.step(p, "deviation", name, revision))
		}
		for _, sub := range m.Submodules {
			w.ensure(w.step(p, "submodule", sub.Name, sub.Revision))
		}
	}
}

// writer sets nodes of ietf-yang-library until the first error.
type writer struct {
	schema *schema.Schema
	x      *tree.Txn
	err    error
}

// step is at and one node more, with its keys.
func (w *writer) step(at path.Path, name string, keys ...string) path.Path {
	if w.err != nil {
		return at
	}
	p := at.Child(path.Elem{Module: library, Name: name})
	def, err := w.schema.Find(p)
	if err != nil {
		w.err = err
		return at
	}
	return at.Child(def.Elem(keys...))
}

func (w *writer) ensure(p path.Path) {
	if w.err == nil {
		w.err = w.x.Ensure(p)
	}
}

func (w *writer) leaf(at path.Path, name, text string) {
	p := w.step(at, name)
	if w.err != nil {
		return
	}
	def, err := w.schema.Find(p)
	if err != nil {
		w.err = err
		return
	}
	v, err := def.Parse(text, w.schema.ModuleNames())
	if err != nil {
		w.err = fmt.Errorf("%s: %w", p, err)
		return
	}
	w.err = w.x.Set(p, v)
}

// optional is leaf for what may be missing.
func (w *writer) optional(at path.Path, name, text string) {
	if text != "" {
		w.leaf(at, name, text)
	}
}

func (w *writer) all(at path.Path, name string, texts []string) {
	for _, text := range texts {
		w.leaf(at, name, text)
	}
}
