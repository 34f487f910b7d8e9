// Derive makes the YANG modules of the project from upstream ones.
//
//	go run ./yang/derive -upstream DIR [-update]
//	go run ./yang/derive
//
// It reads which modules the product implements (yang/implemented.yaml), takes
// the closure of what they import and include from the upstream folder, leaves
// out what only people read (description, reference, contact, organization and
// comments) and writes each to yang/ in one layout, under a header that names
// origin, license and copyright. yang/upstream.yaml pins the origin: a file of
// another hash is refused unless -update is given, which writes the new pin.
//
// Then, and without -upstream only, it writes yang/outrigger-deviations.yang:
// not-supported for what the implemented modules have and implemented.yaml does
// not list, at the topmost such node, and the further deviations listed there.
//
// An upstream folder need not have everything: a module that is not in it stays
// as it was derived before. Running the tool twice changes nothing.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/outrigger-cnf/outrigger/yang/internal/product"
)

func main() {
	dir := flag.String("yang", "yang", "the folder of the project's modules")
	from := flag.String("upstream", "", "a folder with the upstream modules; without it only the deviations are written")
	update := flag.Bool("update", false, "take upstream files as they are, and pin them anew")
	flag.Parse()
	if err := run(*dir, *from, *update); err != nil {
		fmt.Fprintln(os.Stderr, "derive:", err)
		os.Exit(1)
	}
}

func run(dir, from string, update bool) error {
	want, err := product.ReadImplemented(os.DirFS(dir))
	if err != nil {
		return err
	}
	if from != "" {
		if err := derive(dir, from, want, update); err != nil {
			return err
		}
	}
	features, err := product.ReadFeatures(os.DirFS(dir))
	if err != nil {
		return err
	}
	text, err := deviations(dir, want, features)
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(dir, product.Deviating+".yang"), text)
}

// own reports whether a module is written here and not derived.
func own(name string) bool { return strings.HasPrefix(name, "outrigger-") }

// derive writes every upstream module in the closure of what is implemented,
// and removes those that are no longer in it.
func derive(dir, from string, want *product.Implemented, update bool) error {
	pinFile := filepath.Join(dir, "upstream.yaml")
	pinned, err := readPins(pinFile)
	if err != nil {
		return err
	}
	files, err := scan(from)
	if err != nil {
		return err
	}
	done := map[string]bool{}
	todo := want.ModuleNames()
	for len(todo) > 0 {
		name := todo[0]
		todo = todo[1:]
		if done[name] || name == product.Deviating {
			continue
		}
		done[name] = true
		file := filepath.Join(dir, name+".yang")
		if own(name) || !files.has(name) {
			text, err := os.ReadFile(file)
			if err != nil {
				return fmt.Errorf("%s is neither in %s nor derived: %w", name, from, err)
			}
			m, err := parse(string(text), file)
			if err != nil {
				return err
			}
			todo = append(todo, m.Needs...)
			continue
		}
		o, p := pinned.find(name)
		if p == nil {
			return fmt.Errorf("%s is needed, but has no origin; add it to %s (and run with -update)", name, pinFile)
		}
		m, err := files.read(name, p, update)
		if err != nil {
			return err
		}
		if err := writeFile(file, append(header(m, o), format(m.statement)...)); err != nil {
			return err
		}
		todo = append(todo, m.Needs...)
	}
	if update {
		text, err := pinned.encode()
		if err != nil {
			return err
		}
		if err := writeFile(pinFile, text); err != nil {
			return err
		}
	}
	return removeOthers(dir, done)
}

// header is the comment at the head of a derived module.
func header(m *module, o *origin) []byte {
	name := m.Arg
	if m.Revision != "" {
		name += "@" + m.Revision
	}
	lines := []string{
		"Derived from " + name + ", prose left out; not to be edited.",
		"Origin: " + o.Source,
		"License: " + o.License,
	}
	return []byte("// " + strings.Join(append(lines, m.Copyright...), "\n// ") + "\n")
}

// removeOthers removes derived modules that are not in keep.
func removeOthers(dir string, keep map[string]bool) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.yang"))
	if err != nil {
		return err
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".yang")
		if !own(name) && !keep[name] {
			if err := os.Remove(file); err != nil {
				return err
			}
		}
	}
	return nil
}

// writeFile writes a file only where its content changes.
func writeFile(file string, text []byte) error {
	if old, err := os.ReadFile(file); err == nil && string(old) == string(text) {
		return nil
	}
	return os.WriteFile(file, text, 0o644)
}
