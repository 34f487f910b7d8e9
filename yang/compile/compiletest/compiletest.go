// Package compiletest makes small schemas for tests.
package compiletest

import (
	"testing"

	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/yang/compile"
)

// Schema compiles modules given as text. All of them are implemented, with all
// their features; submodules may stand among them.
func Schema(t testing.TB, modules ...string) *schema.Schema {
	t.Helper()
	var names []string
	for _, text := range modules {
		if name, isModule := compile.NameOf(text); isModule {
			names = append(names, name)
		}
	}
	s, err := compile.Compile(compile.Texts(modules), compile.Options{Implement: names, AllFeatures: true})
	if err != nil {
		t.Fatalf("compile: %v", err)
	}
	return s
}
