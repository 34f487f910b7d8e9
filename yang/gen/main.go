// Gen makes folder gen from the modules in folder yang.
//
//	go run ./yang/gen           writes gen
//	go run ./yang/gen -check    fails where gen is stale
//
//	yang/*.yang ─compile─▶ gen/schema.bin                 what the agent serves
//	                 └────▶ resolved YANG ─ygot─▶ gen/oc, gen/ietf
//
// ygot gets each module in resolved form (compile.Resolved), because it cannot
// read some as they are; so the Go structs agree exactly with the schema that is
// served. The same modules always give the same bytes.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/yang/compile"
	"github.com/outrigger-cnf/outrigger/yang/internal/product"
)

func main() {
	from := flag.String("yang", "yang", "the folder of the project's modules")
	to := flag.String("out", "gen", "the folder to write")
	check := flag.Bool("check", false, "write nothing; fail where the folder is not what would be written")
	flag.Parse()
	if err := run(*from, *to, *check); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// packages lists the packages of Go structs with the modules whose data they
// hold. The protocols' own modules are not among them: their data is made by
// code that works on tree nodes.
var packages = map[string][]string{
	"oc": {
		"openconfig-aft-network-instance",
		"openconfig-if-ethernet",
		"openconfig-if-ip",
		"openconfig-if-tunnel",
		"openconfig-interfaces",
		"openconfig-network-instance",
		"openconfig-vlan",
		"outrigger-ext",
	},
	"ietf": {
		"ietf-interfaces",
		"ietf-ip",
		"ietf-ipv4-unicast-routing",
		"ietf-ipv6-unicast-routing",
		"ietf-routing",
	},
}

func run(from, to string, check bool) error {
	s, err := load(os.DirFS(from))
	if err != nil {
		return err
	}
	files := map[string][]byte{"schema.bin": s.Marshal()}
	if s, err = load(os.DirFS(from)); err != nil { // a copy to change
		return err
	}
	renamed := tellApart(s.Root)
	for name, modules := range packages {
		code, err := structs(s, renamed, name, modules)
		if err != nil {
			return fmt.Errorf("package %s: %w", name, err)
		}
		for file, text := range code {
			files[name+"/"+file] = text
		}
	}
	if check {
		return compare(to, files)
	}
	return write(to, files)
}

// load compiles what the product implements.
func load(fsys fs.FS) (*schema.Schema, error) {
	want, err := product.ReadImplemented(fsys)
	if err != nil {
		return nil, err
	}
	features, err := product.ReadFeatures(fsys)
	if err != nil {
		return nil, err
	}
	return compile.Compile(compile.FS(fsys), compile.Options{
		Implement: want.Implement(),
		Features:  features,
	})
}

// compare reports which files of folder dir differ from what they should be.
func compare(dir string, want map[string][]byte) error {
	var stale []string
	for name, text := range want {
		if have, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !bytes.Equal(have, text) {
			stale = append(stale, name)
		}
	}
	left, err := leftovers(dir, want)
	if err != nil {
		return err
	}
	if stale = append(stale, left...); len(stale) == 0 {
		return nil
	}
	slices.Sort(stale)
	return fmt.Errorf("%s is stale (%s): run make gen", dir, strings.Join(stale, ", "))
}

// write brings folder dir to want. Files whose content stays are not touched.
func write(dir string, want map[string][]byte) error {
	left, err := leftovers(dir, want)
	if err != nil {
		return err
	}
	for _, name := range left {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		file := filepath.Join(dir, name)
		if have, err := os.ReadFile(file); err == nil && bytes.Equal(have, want[name]) {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, want[name], 0o644); err != nil {
			return err
		}
	}
	return nil
}

// leftovers lists the files in the packages' folders that are not wanted.
func leftovers(dir string, want map[string][]byte) ([]string, error) {
	var left []string
	for name := range packages {
		entries, err := os.ReadDir(filepath.Join(dir, name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		for _, e := range entries {
			if file := name + "/" + e.Name(); want[file] == nil {
				left = append(left, file)
			}
		}
	}
	return left, nil
}
