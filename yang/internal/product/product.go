// Package product reads the two lists that say what of the YANG modules the
// product has: implemented.yaml and features.yaml in folder yang. Only the tools
// that derive and generate, and tests, use it; at run time the compiled schema
// says the same.
package product

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"go.yaml.in/yaml/v3"
)

// Implemented is implemented.yaml.
type Implemented struct {
	// Revision is that of the deviation module. It is raised by hand when what
	// is implemented changes.
	Revision string `yaml:"revision"`
	// Modules maps each implemented module to what of its own top level nodes
	// is kept; nodes that it augments elsewhere are listed where they stand.
	Modules map[string]Subtree `yaml:"modules"`
	// Deviations are further deviations, beside the not-supported ones.
	Deviations []Deviation `yaml:"deviations"`
}

// Subtree says what is kept below a schema node: all of it, or named children.
type Subtree struct {
	All      bool
	Children map[string]Subtree // by name, or module:name where the module is not the parent's
}

// Deviation is one deviation statement besides not-supported.
type Deviation struct {
	Target  string `yaml:"target"`  // schema node identifier, qualified by module names where they change
	Deviate string `yaml:"deviate"` // the deviate statements as YANG text
}

// UnmarshalYAML reads "all", a sequence of the names of children that are kept
// whole, or a mapping from names to subtrees.
func (s *Subtree) UnmarshalYAML(n *yaml.Node) error {
	switch {
	case n.Kind == yaml.ScalarNode && n.Tag == "!!null":
		return nil
	case n.Kind == yaml.ScalarNode && n.Value == "all":
		s.All = true
		return nil
	case n.Kind == yaml.SequenceNode:
		var names []string
		if err := n.Decode(&names); err != nil {
			return err
		}
		s.Children = map[string]Subtree{}
		for _, name := range names {
			s.Children[name] = Subtree{All: true}
		}
		return nil
	case n.Kind == yaml.MappingNode:
		return n.Decode(&s.Children)
	}
	return fmt.Errorf("line %d: want all, a list of names, or a mapping", n.Line)
}

// ModuleNames are the implemented modules, sorted.
func (i *Implemented) ModuleNames() []string { return slices.Sorted(maps.Keys(i.Modules)) }

// Implement is what the compiler is to implement: the modules and their
// deviations.
func (i *Implemented) Implement() []string { return append(i.ModuleNames(), Deviating) }

// Deviating is the name of the module that holds all deviations.
const Deviating = "outrigger-deviations"

// ReadImplemented reads implemented.yaml.
func ReadImplemented(fsys fs.FS) (*Implemented, error) {
	i := &Implemented{}
	return i, read(fsys, "implemented.yaml", i)
}

// ReadFeatures reads features.yaml: the enabled features of each module.
func ReadFeatures(fsys fs.FS) (map[string][]string, error) {
	f := map[string][]string{}
	return f, read(fsys, "features.yaml", &f)
}

func read(fsys fs.FS, name string, into any) error {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return err
	}
	if err := yaml.Unmarshal(data, into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
