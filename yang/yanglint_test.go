package yang_test

import (
	"bytes"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	goyang "github.com/openconfig/goyang/pkg/yang"

	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/schema/treeprint"
	"github.com/outrigger-cnf/outrigger/gen"
	"github.com/outrigger-cnf/outrigger/internal/prereq"
)

// yanglint is an independent reader of the same modules: what it makes of them,
// deviations and features included, is what was compiled. Modules that the
// product only imports but that libyang implements of its own accord (it does so
// for the target of any leafref, even of one that is deviated) are looked past.

// yanglint 2.1 dies of the tree diagram of a module with metadata annotations
// (RFC 7952), which libyang gives to ietf-netconf. These are compared in its other
// form; ietf-origin has no nodes.
const (
	netconf      = "ietf-netconf"
	withDefaults = "ietf-netconf-with-defaults"
	origin       = "ietf-origin"
)

// lint runs yanglint over the deviations and then the modules named, and returns
// what it prints of them.
func lint(t *testing.T, s *schema.Schema, format string, modules ...string) string {
	t.Helper()
	args := []string{"-p", ".", "-f", format}
	files := []string{"outrigger-deviations.yang"}
	for _, name := range modules {
		args = append(args, "-F", name+":"+strings.Join(s.Module(name).Features, ","))
		files = append(files, name+".yang")
	}
	args = append(args, files...)
	cmd := exec.CommandContext(t.Context(), prereq.Program(t, "yanglint"), args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	for line := range strings.Lines(errs.String()) {
		if !strings.HasPrefix(line, "libyang warn:") {
			t.Error(strings.TrimSpace(line))
		}
	}
	if err != nil {
		t.Fatalf("yanglint: %v", err)
	}
	return out.String()
}

func TestTreeAgreesWithYanglint(t *testing.T) {
	s := gen.Schema()
	var modules []string
	for _, m := range s.Modules {
		if m.Implemented && !slices.Contains([]string{netconf, withDefaults, origin, "outrigger-deviations"}, m.Name) {
			modules = append(modules, m.Name)
		}
	}
	theirs := diagrams(s, lint(t, s, "tree", modules...))
	compared := 0
	for _, name := range modules {
		var b strings.Builder
		if err := treeprint.Print(&b, s, name); err != nil {
			t.Fatal(err)
		}
		ours := diagrams(s, b.String())[name]
		compared += len(ours)
		if diff := cmp.Diff(theirs[name], ours); diff != "" {
			t.Errorf("%s (-yanglint +outrigger):\n%s", name, diff)
		}
	}
	if compared < 400 {
		t.Errorf("only %d nodes were compared", compared)
	}
}

// twig is one line of a tree diagram with the lines below it.
type twig struct {
	column int
	text   string
	below  []*twig
}

var (
	drawing   = regexp.MustCompile(`^([ |]*)([+xo]--.*)$`)
	condition = regexp.MustCompile(` \{[^}]*\}\?$`)
	foreign   = regexp.MustCompile(`^[+xo]--(?:[-\w]+ |:)\(?([\w.-]+):`)
)

// diagrams reads tree diagrams: for each module the lines of its data nodes, RPCs
// and notifications, each as its path of lines. Its augments are left out: they
// stand in the trees that they augment. Siblings are sorted, because YANG gives
// no order to what several modules add.
func diagrams(s *schema.Schema, text string) map[string][]string {
	served := map[string]bool{}
	for _, m := range s.Modules {
		served[m.Prefix] = served[m.Prefix] || m.Implemented
	}
	roots := map[string]*twig{}
	var path []*twig
	augment := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if name, ok := strings.CutPrefix(line, "module: "); ok {
			roots[name] = &twig{column: -1}
			path, augment = []*twig{roots[name]}, false
			continue
		}
		if title := strings.TrimSpace(line); strings.HasSuffix(title, ":") {
			augment = strings.HasPrefix(title, "augment ")
			continue
		}
		parts := drawing.FindStringSubmatch(line)
		if parts == nil || augment {
			continue
		}
		n := &twig{column: len(parts[1]), text: strings.Join(strings.Fields(condition.ReplaceAllString(parts[2], "")), " ")}
		for path[len(path)-1].column >= n.column {
			path = path[:len(path)-1]
		}
		parent := path[len(path)-1]
		parent.below = append(parent.below, n)
		path = append(path, n)
	}
	out := map[string][]string{}
	for name, root := range roots {
		root.prune(served)
		out[name] = root.lines("", nil)
	}
	return out
}

// prune drops nodes of modules that are not served, and cases that features have
// emptied.
func (n *twig) prune(served map[string]bool) {
	n.below = slices.DeleteFunc(n.below, func(c *twig) bool {
		c.prune(served)
		prefix := foreign.FindStringSubmatch(c.text)
		return prefix != nil && !served[prefix[1]] ||
			strings.Contains(c.text, "--:(") && len(c.below) == 0
	})
	slices.SortStableFunc(n.below, func(a, b *twig) int { return strings.Compare(a.text, b.text) })
}

func (n *twig) lines(above string, out []string) []string {
	for _, c := range n.below {
		out = append(out, above+c.text)
		out = c.lines(above+c.text+" / ", out)
	}
	return out
}

func TestNETCONFAgreesWithYanglint(t *testing.T) {
	s := gen.Schema()
	text := lint(t, s, "info", netconf, withDefaults)
	stmts, err := goyang.Parse(text, "yanglint")
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(stmts, func(m *goyang.Statement) bool { return m.Argument == netconf })
	if i < 0 {
		t.Fatalf("yanglint printed no %s:\n%s", netconf, text)
	}
	theirs := compiled(stmts[i], "", nil)
	var ours []string
	for _, n := range s.Root.Children {
		if n.Module.Name == netconf {
			ours = nodes(n, "", ours)
		}
	}
	slices.Sort(ours)
	slices.Sort(theirs)
	if diff := cmp.Diff(theirs, ours); diff != "" || len(ours) < 50 {
		t.Errorf("%d nodes (-yanglint +outrigger):\n%s", len(ours), diff)
	}
}

var kinds = []string{"container", "list", "leaf", "leaf-list", "choice", "case", "anydata", "anyxml", "rpc", "action", "notification", "input", "output"}

// compiled lists the nodes below a statement of yanglint's info form, by kind and
// path. Empty cases, inputs and outputs are left out.
func compiled(s *goyang.Statement, above string, out []string) []string {
	for _, sub := range s.SubStatements() {
		if !slices.Contains(kinds, sub.Keyword) {
			continue
		}
		name := sub.Argument
		if name == "" {
			name = sub.Keyword
		}
		if _, local, ok := strings.Cut(name, ":"); ok {
			name = local
		}
		below := compiled(sub, above+"/"+name, nil)
		if len(below) > 0 || !slices.Contains([]string{"case", "input", "output"}, sub.Keyword) {
			out = append(append(out, sub.Keyword+" "+above+"/"+name), below...)
		}
	}
	return out
}

func nodes(n *schema.Node, above string, out []string) []string {
	name := above + "/" + n.Name
	if len(n.Children) > 0 || n.Kind != schema.Input && n.Kind != schema.Output {
		out = append(out, n.Kind.String()+" "+name)
	}
	for _, c := range n.Children {
		out = nodes(c, name, out)
	}
	return out
}

// Upstream modules have their warnings; the product's own have none.
func TestOwnModulesHaveNoWarnings(t *testing.T) {
	program := prereq.Program(t, "yanglint")
	for _, name := range []string{"outrigger-ext", "outrigger-deviations"} {
		out, err := exec.CommandContext(t.Context(), program, "-i", "-p", ".", name+".yang").CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
		for line := range strings.Lines(string(out)) {
			if strings.Contains(line, name+":") {
				t.Errorf("%s: %s", name, line)
			}
		}
	}
}
