package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"go.yaml.in/yaml/v3"

	"github.com/outrigger-cnf/outrigger/yang/internal/product"
)

var updateGolden = flag.Bool("update", false, "write the golden files anew")

// lay writes the files of the example but those in want/ to a new folder.
func lay(t *testing.T) (dir string, archive *txtar.Archive) {
	t.Helper()
	archive, err := txtar.ParseFile("testdata/derive.txtar")
	if err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	for _, f := range archive.Files {
		if !strings.HasPrefix(f.Name, "want/") {
			put(t, filepath.Join(dir, f.Name), string(f.Data))
		}
	}
	return dir, archive
}

func put(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestDerive(t *testing.T) {
	dir, archive := lay(t)
	yangDir, upstream := filepath.Join(dir, "yang"), filepath.Join(dir, "upstream")
	if err := run(yangDir, upstream, true); err != nil {
		t.Fatal(err)
	}
	for i, f := range archive.Files {
		name, ok := strings.CutPrefix(f.Name, "want/")
		if !ok {
			continue
		}
		got := get(t, filepath.Join(yangDir, name))
		if *updateGolden {
			archive.Files[i].Data = []byte(got)
		} else if diff := cmp.Diff(string(f.Data), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if *updateGolden {
		put(t, "testdata/derive.txtar", string(txtar.Format(archive)))
	}
	if _, err := os.Stat(filepath.Join(yangDir, "gone.yang")); err == nil {
		t.Error("gone.yang, which nothing needs, is still there")
	}

	// Now that all is pinned, the same again changes nothing.
	before := folder(t, yangDir)
	for _, from := range []string{upstream, ""} {
		if err := run(yangDir, from, false); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(before, folder(t, yangDir)); diff != "" {
			t.Errorf("derived again from %q (-before +after):\n%s", from, diff)
		}
	}
}

func folder(t *testing.T, dir string) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, f := range files {
		all[filepath.Base(f)] = get(t, f)
	}
	return all
}

func TestDeriveRefuses(t *testing.T) {
	edit := func(file, from, to string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			file := filepath.Join(dir, file)
			text := get(t, file)
			if !strings.Contains(text, from) {
				t.Fatalf("%s has no %q", file, from)
			}
			put(t, file, strings.ReplaceAll(text, from, to))
		}
	}
	for name, tt := range map[string]struct {
		spoil  func(*testing.T, string)
		update bool
		want   string
	}{
		"another hash": {
			spoil: edit("upstream/example-b.yang", "urn:example:b", "urn:example:c"),
			want:  "run again with -update",
		},
		"no origin": {
			spoil:  edit("yang/upstream.yaml", "example-types", "example-other"),
			update: true,
			want:   "example-types is needed, but has no origin",
		},
		"nowhere": {
			spoil: edit("upstream/example-a@2025-05-05.yang", "import example-types", "import example-nowhere"),
			// The changed file has to be taken before its import is looked for.
			update: true,
			want:   "example-nowhere is neither in",
		},
		"two origins": {
			spoil: edit("yang/upstream.yaml", "origins:\n", "origins:\n  - source: x\n    license: y\n    modules: {example-a: {sha256: z}}\n"),
			want:  "example-a has two origins",
		},
		"a path that does not exist": {
			spoil: edit("yang/implemented.yaml", "part: [inner]", "part: [innner]"),
			want:  "/a:top/a:part has no node innner",
		},
		"a top level node that does not exist": {
			spoil: edit("yang/implemented.yaml", "run: all", "walk: all"),
			want:  "module example-a has no node walk",
		},
		"a deviation of nothing": {
			spoil: edit("yang/implemented.yaml", "/example-a:top/narrowed", "/example-a:top/absent"),
			want:  "no node example-a:absent",
		},
		"an unknown prefix": {
			spoil: edit("yang/implemented.yaml", `". < 9"`, `"zz:x < 9"`),
			want:  "no module has prefix zz",
		},
		"a word that is not all": {
			spoil: edit("yang/implemented.yaml", "kept: all", "kept: some"),
			want:  "want all, a list of names, or a mapping",
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir, _ := lay(t)
			yangDir, upstream := filepath.Join(dir, "yang"), filepath.Join(dir, "upstream")
			if err := run(yangDir, upstream, true); err != nil {
				t.Fatal(err)
			}
			tt.spoil(t, dir)
			err := run(yangDir, upstream, tt.update)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one that says %q", err, tt.want)
			}
		})
	}
}

// A folder that has only some modules updates those and leaves the rest.
func TestDerivePartOfUpstream(t *testing.T) {
	dir, _ := lay(t)
	yangDir, upstream := filepath.Join(dir, "yang"), filepath.Join(dir, "upstream")
	if err := run(yangDir, upstream, true); err != nil {
		t.Fatal(err)
	}
	before := folder(t, yangDir)
	if err := os.Remove(filepath.Join(upstream, "example-b.yang")); err != nil {
		t.Fatal(err)
	}
	if err := run(yangDir, upstream, false); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, folder(t, yangDir)); diff != "" {
		t.Errorf("(-before +after):\n%s", diff)
	}
}

// The project's own folder is what the tool would write.
func TestProjectIsDerived(t *testing.T) {
	const dir = ".."
	want, err := product.ReadImplemented(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	features, err := product.ReadFeatures(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	text, err := deviations(dir, want, features)
	if err != nil {
		t.Fatal(err)
	}
	if string(text) != get(t, filepath.Join(dir, product.Deviating+".yang")) {
		t.Error("outrigger-deviations.yang is stale: go run ./yang/derive")
	}

	pinned, err := readPins(filepath.Join(dir, "upstream.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	modules, err := readModules(dir)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range modules {
		if own(name) {
			continue
		}
		m, err := parse(string(text), name)
		if err != nil {
			t.Error(err)
			continue
		}
		if len(m.Copyright) > 0 {
			t.Errorf("%s still holds prose: %q", name, m.Copyright)
		}
		o, p := pinned.find(name)
		if p == nil || p.SHA256 == "" || p.Revision != m.Revision {
			t.Errorf("%s@%s is pinned as %+v", name, m.Revision, p)
			continue
		}
		header, body, _ := bytes.Cut(text, []byte("\n"+m.Keyword+" "))
		if got := string(format(m.statement)); got != m.Keyword+" "+string(body) {
			t.Errorf("%s: not in the tool's own layout", name)
		}
		if !strings.Contains(string(header), o.Source) || !strings.Contains(string(header), o.License) {
			t.Errorf("%s: header names no origin or license: %s", name, header)
		}
	}
}

func TestQuote(t *testing.T) {
	for _, tt := range []struct{ keyword, arg, want string }{
		{"leaf", "name", "name"},
		{"key", "a b", `"a b"`},
		{"key", "a", "a"},
		{"namespace", "urn:x", `"urn:x"`},
		{"pattern", `[0-9]+\.`, `'[0-9]+\.'`},
		{"pattern", `it's "\d"`, `"it's \"\\d\""`},
		{"must", "a = 'x'", `"a = 'x'"`},
		{"must", `a = "x"`, `'a = "x"'`},
		{"must", "a\n     =  'x  y'", `"a = 'x  y'"`},
		{"default", "", `""`},
		{"error-message", "one\n\ttwo", `"one\n\ttwo"`},
		{"path", "/a:b/\n  a:c", `"/a:b/ a:c"`},
		{"enum", "a//b", `"a//b"`},
		{"enum", "a+b", `"a+b"`},
		{"units", `\`, `'\'`},
	} {
		got := quote(tt.keyword, tt.arg)
		if got != tt.want {
			t.Errorf("quote(%s, %q) = %s, want %s", tt.keyword, tt.arg, got, tt.want)
		}
		m, err := parse("module m { "+tt.keyword+" "+got+"; }", "m")
		if err != nil {
			t.Errorf("%s %s does not parse: %v", tt.keyword, got, err)
			continue
		}
		if back := m.Subs[0].Arg; back != tt.arg && (!expressions[tt.keyword] || back != squeeze(tt.arg)) {
			t.Errorf("%s %s reads as %q, want %q", tt.keyword, got, back, tt.arg)
		}
	}
}

func TestPinsRoundTrip(t *testing.T) {
	p, err := readPins("../upstream.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text, err := p.encode()
	if err != nil {
		t.Fatal(err)
	}
	var again pins
	if err := yaml.Unmarshal(text, &again); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(*p, again); diff != "" {
		t.Errorf("(-read +written):\n%s", diff)
	}
}
