package examples

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/outrigger-cnf/outrigger/gen"
	"github.com/outrigger-cnf/outrigger/yang/compile"
)

// modulesCommand writes the OpenConfig modules of the product into a folder, in
// resolved form where they are implemented and empty where they are only imported:
//
//	modules FOLDER
//
// yangcli would load them by get-schema, and can: but its parser ends with an
// assertion of its own on what OpenConfig's platform and OSPF modules have.
func modulesCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: modules FOLDER")
	}
	folder := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(folder, 0o700))
	schema := gen.Schema()
	for _, m := range schema.Modules {
		if !strings.HasPrefix(m.Name, "openconfig-") && !strings.HasPrefix(m.Name, "outrigger-") {
			continue
		}
		text := fmt.Sprintf("module %s { namespace %q; prefix %s; revision %s; }\n", m.Name, m.Namespace, m.Prefix, m.Revision)
		if m.Implemented {
			text = compile.Resolved(schema, m.Name)
		}
		ts.Check(os.WriteFile(filepath.Join(folder, m.Name+"@"+m.Revision+".yang"), []byte(text), 0o600))
	}
}
