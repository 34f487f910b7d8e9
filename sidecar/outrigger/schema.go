package main

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/outrigger-cnf/outrigger/agent/schema/treeprint"
	"github.com/outrigger-cnf/outrigger/gen"
)

const schemaUsage = `usage: outrigger schema [MODULE ...]

Prints the YANG tree (RFC 8340) of the modules named, or of all that are served.
`

// schemaCommand prints the tree of the modules named, or of all that are
// implemented.
func schemaCommand(args []string, stdout io.Writer) error {
	modules, err := noFlags(schemaUsage, args)
	if err != nil {
		return err
	}
	s := gen.Schema()
	var served []string
	for _, m := range s.Modules {
		if m.Implemented {
			served = append(served, m.Name)
		}
	}
	for _, name := range modules {
		if !slices.Contains(served, name) {
			return fmt.Errorf("no module %q is served; there are\n  %s", name, strings.Join(served, "\n  "))
		}
	}
	if len(modules) == 0 {
		modules = served
	}
	w := bufio.NewWriter(stdout)
	if err := treeprint.Print(w, s, modules...); err != nil {
		return err
	}
	return w.Flush()
}
