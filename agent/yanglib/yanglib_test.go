package yanglib_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/agenttest"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/yanglib"
	"github.com/outrigger-cnf/outrigger/gen"
	"github.com/outrigger-cnf/outrigger/yang"
	"github.com/outrigger-cnf/outrigger/yang/compile/compiletest"
)

var update = flag.Bool("update", false, "write the golden file anew")

var small = []string{
	`module a { yang-version 1.1; namespace urn:a; prefix a; include a-sub; import b { prefix b; }
	   revision 2026-01-01; feature f; leaf x { type b:t; } leaf y { type string; } }`,
	`submodule a-sub { yang-version 1.1; belongs-to a { prefix a; } revision 2026-01-02; leaf z { type string; config false; } }`,
	`module b { namespace urn:b; prefix b; typedef t { type string; } }`,
	`module dev { namespace urn:dev; prefix d; import a { prefix a; } revision 2026-01-03;
	   deviation /a:y { deviate not-supported; } }`,
}

func library(t *testing.T, modules ...string) *schema.Schema {
	t.Helper()
	for _, name := range []string{"ietf-yang-library", "ietf-yang-types", "ietf-inet-types", "ietf-datastores"} {
		text, err := yang.FS.ReadFile(name + ".yang")
		if err != nil {
			t.Fatal(err)
		}
		_, module, _ := strings.Cut(string(text), "\nmodule ") // behind the header
		modules = append(modules, "module "+module)
	}
	return compiletest.Schema(t, modules...)
}

func TestLibrary(t *testing.T) {
	s := library(t, small...)
	u, err := yanglib.State(s, agent.Running, agent.Operational)
	if err != nil {
		t.Fatal(err)
	}
	if len(u.Changes) != 2 {
		t.Fatalf("%d parts, want yang-library and modules-state", len(u.Changes))
	}
	a := agenttest.New(t, s)
	a.Publish(u)
	if e := a.Events(); len(e) > 0 {
		t.Fatalf("the library does not fit its own schema: %+v", e)
	}
	id := yanglib.ContentID(s)
	var b strings.Builder
	for p, n := range a.Snapshot().Operational.Under(nil) {
		text := n.Value().Text
		for _, v := range n.Values() {
			text += " " + v.Text
		}
		b.WriteString(strings.ReplaceAll(p.String()+" = "+strings.TrimSpace(text), id, "ID") + "\n")
	}
	const golden = "testdata/library.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

func TestContentID(t *testing.T) {
	id := yanglib.ContentID(library(t, small...))
	if again := yanglib.ContentID(library(t, small...)); again != id {
		t.Errorf("the same schema has %s and %s", id, again)
	}
	for i, change := range []string{"2026-01-01", "2026-01-02", "urn:b", "feature f;"} {
		var other []string
		for _, m := range small {
			other = append(other, strings.ReplaceAll(m, change, strings.NewReplacer("2026", "2027", "urn:b", "urn:c", "feature f;", "").Replace(change)))
		}
		if yanglib.ContentID(library(t, other...)) == id {
			t.Errorf("change %d (%s) does not change the content-id", i, change)
		}
	}
}

// The schema that is served has its library.
func TestServed(t *testing.T) {
	s := gen.Schema()
	u, err := yanglib.State(s, agent.Running, agent.Candidate, agent.Startup, agent.Operational)
	if err != nil {
		t.Fatal(err)
	}
	if len(u.Changes) != 2 {
		t.Fatalf("%d parts, want yang-library and modules-state", len(u.Changes))
	}
	listed := 0
	for e := range u.Changes[0].Node.Children() {
		if e.Schema().Name == "module-set" {
			for set := range e.Entries() {
				for m := range set.Children() {
					if m.Schema().Name == "module" || m.Schema().Name == "import-only-module" {
						listed += m.Len()
					}
				}
			}
		}
	}
	if listed != len(s.Modules) {
		t.Errorf("%d modules listed, the schema has %d", listed, len(s.Modules))
	}
}

func TestWithoutLibrary(t *testing.T) {
	u, err := yanglib.State(compiletest.Schema(t, small...), agent.Running)
	if err != nil || len(u.Changes) != 0 {
		t.Errorf("%+v, %v", u, err)
	}
}
