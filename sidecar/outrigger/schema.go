package main

import (
	"bufio"
	"flag"
	"io"

	"github.com/outrigger-cnf/outrigger/agent/schema/treeprint"
	"github.com/outrigger-cnf/outrigger/gen"
)

// schemaCommand prints the tree of the modules named, or of all that are
// implemented.
func schemaCommand(args []string, stdout io.Writer) error {
	fs := flag.NewFlagSet("outrigger schema", flag.ContinueOnError)
	fs.SetOutput(stdout)
	if err := fs.Parse(args); err != nil {
		return err
	}
	s := gen.Schema()
	modules := fs.Args()
	if len(modules) == 0 {
		for _, m := range s.Modules {
			if m.Implemented {
				modules = append(modules, m.Name)
			}
		}
	}
	w := bufio.NewWriter(stdout)
	if err := treeprint.Print(w, s, modules...); err != nil {
		return err
	}
	return w.Flush()
}
