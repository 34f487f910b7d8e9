package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// pins is yang/upstream.yaml: where each module comes from.
type pins struct {
	Origins []*origin `yaml:"origins"`
}

// origin is one publication that modules are taken from.
type origin struct {
	Source  string          `yaml:"source"`  // a repository with its commit, or an RFC
	License string          `yaml:"license"` // SPDX identifier
	Modules map[string]*pin `yaml:"modules"` // by module name
}

// pin fixes one upstream file.
type pin struct {
	Revision string `yaml:"revision,omitempty"`
	SHA256   string `yaml:"sha256"`
}

const pinsHeader = `# Where the modules of this folder come from. The derivation tool reads this file
# and refuses an upstream file of another hash; with -update it takes the file as
# it is and writes revision and sha256 here. See README.md.
`

func readPins(file string) (*pins, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	p := &pins{}
	if err := yaml.Unmarshal(data, p); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	seen := map[string]bool{}
	for _, o := range p.Origins {
		for name, fixed := range o.Modules {
			if seen[name] {
				return nil, fmt.Errorf("%s: %s has two origins", file, name)
			}
			seen[name] = true
			if fixed == nil {
				o.Modules[name] = &pin{}
			}
		}
	}
	return p, nil
}

func (p *pins) find(name string) (*origin, *pin) {
	for _, o := range p.Origins {
		if pin := o.Modules[name]; pin != nil {
			return o, pin
		}
	}
	return nil, nil
}

func (p *pins) encode() ([]byte, error) {
	var b strings.Builder
	b.WriteString(pinsHeader)
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := errors.Join(enc.Encode(p), enc.Close()); err != nil {
		return nil, err
	}
	return []byte(b.String()), nil
}

// upstream finds the files of a folder by module name.
type upstream map[string][]string

// scan lists the .yang files below dir. A file is named for its module, with or
// without @revision (RFC 7950 §5.2).
func scan(dir string) (upstream, error) {
	u := upstream{}
	err := filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(file) != ".yang" {
			return err
		}
		name, _, _ := strings.Cut(strings.TrimSuffix(d.Name(), ".yang"), "@")
		u[name] = append(u[name], file)
		return nil
	})
	return u, err
}

// has reports whether there is a file of that module.
func (u upstream) has(name string) bool { return len(u[name]) > 0 }

// read returns the pinned file of a module; with update, the only one of that
// name, or of its pinned revision, and changes the pin.
func (u upstream) read(name string, pin *pin, update bool) (*module, error) {
	files := u[name]
	var found []*module
	var sums []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(text)
		hash := hex.EncodeToString(sum[:])
		m, err := parse(string(text), file)
		if err != nil {
			return nil, err
		}
		if hash == pin.SHA256 {
			return m, nil
		}
		found, sums = append(found, m), append(sums, hash)
	}
	if !update {
		return nil, fmt.Errorf("%s: sha256 of %s is %s, but upstream.yaml pins %s; run again with -update to take it",
			name, strings.Join(files, ", "), strings.Join(sums, ", "), pin.SHA256)
	}
	i := 0
	if len(found) > 1 {
		i = slices.IndexFunc(found, func(m *module) bool { return m.Revision == pin.Revision })
		if i < 0 {
			return nil, fmt.Errorf("%s: %s differ; give the revision to take in upstream.yaml", name, strings.Join(files, ", "))
		}
	}
	pin.Revision, pin.SHA256 = found[i].Revision, sums[i]
	return found[i], nil
}
