package compile_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/yang/compile"
)

var update = flag.Bool("update", false, "write what the goldens should hold")

// TestCompile compiles the modules of each archive in testdata. Its comment tells
// the story; "features" has lines "module feature...", without it all are on;
// "implement" names modules, without it all modules are; "schema" or "errors" is
// what comes of it, "resolved NAME" that module in resolved form.
func TestCompile(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			sources, opt := readArchive(archive)
			s, err := compile.Compile(sources, opt)
			for i := range archive.Files {
				f := &archive.Files[i]
				var got string
				module, isResolved := strings.CutPrefix(f.Name, "resolved ")
				switch {
				case f.Name == "errors" && err == nil:
					t.Fatal("it compiles, and should not")
				case f.Name == "errors":
					got = err.Error() + "\n"
				case f.Name != "schema" && !isResolved:
					continue
				case err != nil:
					t.Fatal(err)
				case isResolved:
					got = compile.Resolved(s, module)
				default:
					got = dump(s)
				}
				if *update {
					f.Data = []byte(got)
				} else if diff := cmp.Diff(string(f.Data), got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", f.Name, diff)
				}
			}
			if *update {
				if err := os.WriteFile(file, txtar.Format(archive), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if s != nil {
				survivesCompactForm(t, s)
				survivesResolution(t, s)
			}
		})
	}
}

func readArchive(archive *txtar.Archive) (compile.Texts, compile.Options) {
	opt := compile.Options{AllFeatures: true}
	var texts compile.Texts
	var all []string
	for _, f := range archive.Files {
		text := string(f.Data)
		switch {
		case strings.HasSuffix(f.Name, ".yang"):
			texts = append(texts, text)
			if name, isModule := compile.NameOf(text); isModule {
				all = append(all, name)
			}
		case f.Name == "implement":
			opt.Implement = strings.Fields(text)
		case f.Name == "features":
			opt.AllFeatures = false
			opt.Features = map[string][]string{}
			for line := range strings.Lines(text) {
				if words := strings.Fields(line); len(words) > 0 {
					opt.Features[words[0]] = words[1:]
				}
			}
		}
	}
	if opt.Implement == nil {
		opt.Implement = all
	}
	return texts, opt
}

func survivesCompactForm(t *testing.T, s *schema.Schema) {
	t.Helper()
	loaded, err := schema.Load(s.Marshal())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(dump(s), dump(loaded)); diff != "" {
		t.Errorf("the compact form differs (-compiled +loaded):\n%s", diff)
	}
}

// survivesResolution compiles the resolved form: that must be YANG, with the same
// data nodes.
func survivesResolution(t *testing.T, s *schema.Schema) {
	t.Helper()
	var texts compile.Texts
	var names []string
	for _, m := range s.Modules {
		if s.Module(m.Name) == m {
			texts = append(texts, compile.Resolved(s, m.Name))
			if m.Implemented {
				names = append(names, m.Name)
			}
		}
	}
	again, err := compile.Compile(texts, compile.Options{Implement: names})
	if err != nil {
		t.Fatalf("the resolved form does not compile: %v\n%s", err, strings.Join(texts, "\n"))
	}
	if diff := cmp.Diff(dataPaths(s), dataPaths(again)); diff != "" {
		t.Errorf("the resolved form has other data (-compiled +resolved):\n%s", diff)
	}
}

// dataPaths lists the data nodes with what they hold.
func dataPaths(s *schema.Schema) map[string]string {
	all := map[string]string{}
	var walk func(n *schema.Node)
	walk = func(n *schema.Node) {
		for _, c := range n.Data {
			text := c.Kind.String()
			if c.Config {
				text += " rw"
			}
			if c.Type != nil {
				text += " " + c.Type.Kind.String()
			}
			for _, v := range c.Defaults {
				text += " = " + v.Text
			}
			all[c.SchemaPath().String()] = text
			walk(c)
		}
	}
	walk(s.Root)
	return all
}
