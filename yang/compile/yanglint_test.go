package compile_test

import (
	"cmp"
	"flag"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/schema/treeprint"
	"github.com/outrigger-cnf/outrigger/internal/prereq"
	"github.com/outrigger-cnf/outrigger/yang"
	"github.com/outrigger-cnf/outrigger/yang/compile"
	"github.com/outrigger-cnf/outrigger/yang/internal/product"
)

var otherModules = flag.String("yang", "", "compare the modules in this directory, all implemented with all features, instead of the product's")

// TestYanglint holds the compiler and the tree printer against yanglint: for each
// implemented module, both print the same tree.
func TestYanglint(t *testing.T) {
	yanglint := prereq.Program(t, "yanglint")
	sources, opt := modulesToCompare(t)
	s, err := compile.Compile(compile.FS(sources), opt)
	if err != nil {
		t.Fatal(err)
	}
	var ours strings.Builder
	if err := treeprint.Print(&ours, s); err != nil {
		t.Fatal(err)
	}
	got := parseDiagrams(t, ours.String())

	dir := t.TempDir()
	doctor(t, sources, dir)
	args := []string{"-i", "-Q", "-p", dir, "-f", "tree"}
	for _, name := range opt.Implement {
		args = append(args, filepath.Join(dir, doctoredName(name)+".yang"))
		if !opt.AllFeatures {
			args = append(args, "-F", doctoredName(name)+":"+strings.Join(opt.Features[name], ","))
		}
	}
	cmd := exec.Command(yanglint, args...)
	var complaints strings.Builder
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("yanglint: %v\n%s", err, complaints.String())
	}
	want := parseDiagrams(t, undoctor(string(out)))

	compared := 0
	for _, name := range opt.Implement {
		t.Run(name, func(t *testing.T) {
			w, g := want[name], got[name]
			w.dropModules(importedOnly(s))
			reconcile(s.Module(name), w, g)
			if diff := gocmp.Diff(w.lines(), g.lines()); diff != "" {
				t.Errorf("tree differs (-yanglint +ours):\n%s", diff)
			}
			compared += len(g.lines())
		})
	}
	t.Logf("%d lines in %d modules agree", compared, len(opt.Implement))
	if compared < 100 {
		t.Errorf("only %d lines were compared", compared)
	}
}

// TestProduct: what the product serves survives the compact form, and says the
// same of data in resolved form.
func TestProduct(t *testing.T) {
	sources, opt := modulesToCompare(t)
	s, err := compile.Compile(compile.FS(sources), opt)
	if err != nil {
		t.Fatal(err)
	}
	survivesCompactForm(t, s)
	survivesResolution(t, s)
}

func modulesToCompare(t *testing.T) (fs.FS, compile.Options) {
	t.Helper()
	if *otherModules != "" {
		fsys := os.DirFS(*otherModules)
		return fsys, compile.Options{Implement: mainModules(t, fsys), AllFeatures: true}
	}
	fsys := os.DirFS("..")
	implemented, err := product.ReadImplemented(fsys)
	if err != nil {
		t.Fatal(err)
	}
	features, err := product.ReadFeatures(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return yang.FS, compile.Options{Implement: implemented.Implement(), Features: features}
}

// mainModules names all modules in the tree.
func mainModules(t *testing.T, fsys fs.FS) []string {
	t.Helper()
	var names []string
	eachModule(t, fsys, func(name, text string) {
		if !regexp.MustCompile(`(?m)^\s*submodule\s`).MatchString(text) {
			names = append(names, name)
		}
	})
	slices.Sort(names)
	return slices.Compact(names)
}

// eachModule calls f with the files in fsys; of two revisions, the later is last.
func eachModule(t *testing.T, fsys fs.FS, f func(name, text string)) {
	t.Helper()
	err := fs.WalkDir(fsys, ".", func(path string, d fs.DirEntry, err error) error {
		base, isYANG := strings.CutSuffix(filepath.Base(path), ".yang")
		if err != nil || d.IsDir() || !isYANG {
			return err
		}
		text, err := fs.ReadFile(fsys, path)
		name, _, _ := strings.Cut(base, "@")
		f(name, string(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// crashing are modules that libyang 2.1.30 adds annotations of its own to, or that
// have some; its tree printer then crashes (lysp ext instance without a printer). They
// are compared under another name and without the annotations, which are no
// nodes.
var crashing = []string{"ietf-netconf", "ietf-netconf-with-defaults", "ietf-origin"}

const alias = "alias-of-"

func doctoredName(name string) string {
	if slices.Contains(crashing, name) {
		return alias + name
	}
	return name
}

var annotation = regexp.MustCompile(`(?s)md:annotation "?[\w-]+"? \{[^{}]*(\{[^{}]*\}[^{}]*)*\}`)

func doctor(t *testing.T, fsys fs.FS, dir string) {
	t.Helper()
	var names []*regexp.Regexp
	for _, c := range crashing {
		names = append(names, regexp.MustCompile(`((?:module|import|include|belongs-to)\s+)(`+c+`)(\s*[;{])`))
	}
	eachModule(t, fsys, func(name, text string) {
		for _, re := range names {
			text = re.ReplaceAllString(text, "${1}"+alias+"${2}${3}")
		}
		if slices.Contains(crashing, name) {
			text = annotation.ReplaceAllString(text, "")
		}
		if err := os.WriteFile(filepath.Join(dir, doctoredName(name)+".yang"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	})
}

func undoctor(text string) string { return strings.ReplaceAll(text, alias, "") }

// diagram is a module's tree diagram: its lines below each heading ("" for the
// data tree), in a form in which equal diagrams are equal.
type diagram map[string]*twig

// twig is a line of a diagram and what hangs on it.
type twig struct {
	text string
	subs []*twig
}

var moduleLine = regexp.MustCompile(`^module: (\S+)$`)

func parseDiagrams(t *testing.T, text string) map[string]diagram {
	t.Helper()
	all := map[string]diagram{}
	var current diagram
	var path []*twig // the last line at each depth; path[0] is the section
	offset := 0
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if m := moduleLine.FindStringSubmatch(line); m != nil {
			current = diagram{}
			all[m[1]] = current
			path, offset = []*twig{current.section("")}, 2
			continue
		}
		rest := strings.TrimLeft(line, " |")
		switch {
		case rest == "":
			continue
		case strings.HasSuffix(line, ":") && line == "  "+rest:
			path, offset = []*twig{current.section(strings.TrimSuffix(rest, ":"))}, 4
			continue
		}
		depth := (len(line) - len(rest) - offset) / 3
		if depth < 0 || depth >= len(path) {
			t.Fatalf("line %q has no parent", line)
		}
		line = normal(rest)
		leaf := &twig{text: line}
		path[depth].subs = append(path[depth].subs, leaf)
		path = append(path[:depth+1], leaf)
	}
	return all
}

func (d diagram) section(heading string) *twig {
	if d[heading] == nil {
		d[heading] = &twig{}
	}
	return d[heading]
}

var (
	conditions = regexp.MustCompile(` \{[^}]*\}\?$`)
	optional   = regexp.MustCompile(`^(.--:\([^)]*\))\?$`)
)

// normal takes out of a line that yanglint prints what is not so in our diagrams.
func normal(line string) string {
	// How far to the right types stand is nobody's rule.
	line = strings.Join(strings.Fields(line), " ")
	// A compiled schema has no conditions: features are decided.
	line = conditions.ReplaceAllString(line, "")
	// RFC 8340 §2.6: the flags of notification parameters are "ro"; yanglint has none.
	if len(line) > 5 && line[1:6] == "---- " {
		line = line[:1] + "--ro " + line[6:]
	}
	// A mount point is a container like others as long as nothing is mounted.
	line = strings.Replace(line, "--mp ", "--rw ", 1)
	// RFC 8340 §2.2: a case is ":(name)"; within augments yanglint adds a "?".
	return optional.ReplaceAllString(line, "$1")
}

// reconcile drops from two diagrams of m, yanglint's and ours, what differs for a
// reason.
func reconcile(m *schema.Module, theirs, ours diagram) {
	for heading, section := range theirs {
		switch {
		case strings.HasPrefix(heading, "yang-data "), strings.HasPrefix(heading, "structure "):
			delete(theirs, heading) // extensions, no data
		case strings.HasPrefix(heading, "augment "):
			// yanglint prints an augment as it is written: with uses statements,
			// without the cases of shorthands, as if all were configuration, before
			// anything else augments it, and even where deviations or features leave
			// nothing of it. What comes of it is compared where it hangs, in the tree
			// of the other module; here, that each of ours is among them.
			section.subs = nil
			if ours[heading] == nil {
				delete(theirs, heading)
			}
		}
		section.dropEmptyCases()
	}
	for heading, section := range ours {
		if strings.HasPrefix(heading, "augment ") {
			section.subs = nil
			if theirs[heading] == nil && len(m.Submodules) > 0 {
				delete(ours, heading) // yanglint does not show the augments of submodules
			}
		}
		section.dropEmptyCases()
	}
}

// importedOnly has the prefixes of modules that are not implemented. yanglint
// needs -i, or else it refuses identities of such modules as defaults; with it, it
// implements whatever is referred to, even by what is deviated away.
func importedOnly(s *schema.Schema) map[string]bool {
	prefixes := map[string]bool{}
	for _, m := range s.Modules {
		if !m.Implemented {
			prefixes[m.Prefix] = true
		}
	}
	return prefixes
}

func (d diagram) dropModules(prefixes map[string]bool) {
	for _, section := range d {
		section.dropModules(prefixes)
	}
}

func (t *twig) dropModules(prefixes map[string]bool) {
	t.subs = slices.DeleteFunc(t.subs, func(s *twig) bool {
		s.dropModules(prefixes)
		return prefixes[originOf(s.text)]
	})
}

// dropEmptyCases drops cases with nothing in them. When a node that is a case in
// shorthand is switched off, or deviated away, yanglint still shows its case.
func (t *twig) dropEmptyCases() {
	t.subs = slices.DeleteFunc(t.subs, func(s *twig) bool {
		s.dropEmptyCases()
		return len(s.subs) == 0 && strings.HasPrefix(s.text[1:], "--:(")
	})
}

var prefixed = regexp.MustCompile(`^.--(?:.. |:)?\(?([\w.-]+):`)

// reordered are leafs that "uses { augment }" adds. libyang puts them before
// what is in the grouping's node, the published diagram (RFC 8639 §3.1) after.
var reordered = regexp.MustCompile(`--.. (configured-replay|replay-previous-event-time)\?`)

// lines flattens a diagram. What other modules, or several augments of one, add to
// a node stands in the order in which they are applied, which is nobody's rule:
// it is sorted. Nodes of one definition stay in their order.
func (d diagram) lines() []string {
	var out []string
	var flatten func(indent, origin string, subs []*twig)
	flatten = func(indent, origin string, subs []*twig) {
		slices.SortStableFunc(subs, func(a, b *twig) int {
			if late, other := reordered.MatchString(a.text), reordered.MatchString(b.text); late != other && originOf(a.text)+originOf(b.text) == "" {
				return map[bool]int{true: 1, false: -1}[late]
			}
			if c := cmp.Compare(originOf(a.text), originOf(b.text)); c != 0 || originOf(a.text) == origin {
				return c
			}
			return cmp.Compare(a.text, b.text)
		})
		for _, s := range subs {
			out = append(out, indent+s.text)
			flatten(indent+"   ", originOf(s.text), s.subs)
		}
	}
	for _, heading := range slices.Sorted(maps.Keys(d)) {
		if heading != "" || len(d[heading].subs) > 0 {
			out = append(out, heading+":")
			flatten("  ", "", d[heading].subs)
		}
	}
	return out
}

func originOf(line string) string {
	if m := prefixed.FindStringSubmatch(line); m != nil {
		return m[1]
	}
	return ""
}
