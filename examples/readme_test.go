package examples

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/outrigger-cnf/outrigger/internal/prereq"
)

// snippet is one command of the README with the output that it shows. An
// ellipsis in the output stands for anything.
type snippet struct{ command, output string }

// snippets reads the console blocks of a Markdown text.
func snippets(markdown string) []snippet {
	var all []snippet
	for _, block := range regexp.MustCompile("(?s)```console\n(.*?)```").FindAllStringSubmatch(markdown, -1) {
		more := false // the command goes on
		for line := range strings.Lines(block[1]) {
			switch {
			case more:
				all[len(all)-1].command += line
			case strings.HasPrefix(line, "$ "):
				all = append(all, snippet{command: line[2:]})
			default:
				all[len(all)-1].output += line
				continue
			}
			more = strings.HasSuffix(line, "\\\n")
		}
	}
	return all
}

func (s snippet) matches(output string) bool {
	pattern := strings.ReplaceAll(regexp.QuoteMeta(strings.TrimSpace(s.output)), "…", ".*?")
	return regexp.MustCompile("^" + pattern + "$").MatchString(strings.TrimSpace(output))
}

// The first session of the README shows what one sees: `make run` is played in a
// namespace, so that its ports are free.
func TestREADME(t *testing.T) {
	prereq.Root(t)
	for _, program := range []string{"ip", "gnmic", "nsenter", "bash"} {
		prereq.Program(t, program)
	}
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	session := snippets(string(text))
	if len(session) < 4 {
		t.Fatalf("the README has %d commands in console blocks", len(session))
	}

	ns := "outrigger-readme"
	exec.Command("ip", "netns", "delete", ns).Run() // of a run that was killed
	run(t, "ip", "netns", "add", ns)
	t.Cleanup(func() { exec.Command("ip", "netns", "delete", ns).Run() })
	run(t, "ip", "-n", ns, "link", "set", "lo", "up")

	outrigger := build(t)
	lab := filepath.Join(filepath.Dir(outrigger), "lab")
	run(t, "go", "build", "-o", lab, "../sidecar/lab")
	var printed lockedBuffer
	cmd := exec.Command("ip", "netns", "exec", ns, lab, outrigger)
	cmd.Stdout, cmd.Stderr = &printed, &printed
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		cmd.Wait()
		if t.Failed() {
			t.Logf("make run printed:\n%s", printed.Bytes())
		}
	})
	target := regexp.MustCompile(`nsenter --target (\d+)`)
	deadline := time.Now().Add(patience)
	for !target.Match(printed.Bytes()) {
		if time.Now().After(deadline) {
			t.Fatalf("make run printed no session:\n%s", printed.Bytes())
		}
		<-time.After(10 * time.Millisecond)
	}
	pid := string(target.FindSubmatch(printed.Bytes())[1])

	for _, s := range session {
		var out bytes.Buffer
		shell := exec.Command("ip", "netns", "exec", ns, "bash", "-c", strings.ReplaceAll(s.command, "4711", pid))
		shell.Dir = ".."
		shell.Stdout, shell.Stderr = &out, &out
		shell.Run() // some commands of the session fail on purpose: the output tells
		if !s.matches(out.String()) {
			t.Errorf("$ %s\nprints\n%s\nbut the README shows\n%s", s.command, out.String(), s.output)
		}
	}
}

func run(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}
