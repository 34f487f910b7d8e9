package examples

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/outrigger-cnf/outrigger/internal/prereq"
	"github.com/outrigger-cnf/outrigger/southbound/vpp/vpptest"
)

// dataplane is the VPP of one scenario: a fake, or the one that OUTRIGGER_VPP names.
type dataplane interface {
	Socket() string
	Stats() string
	Die()
	Restart(t testing.TB)
}

type vppKey struct{}

// vppOf gives a scenario a VPP, which is not there yet.
func vppOf(t testing.TB) *vppProcess {
	if path := os.Getenv("OUTRIGGER_VPP"); path != "" {
		return &vppProcess{t: t, make: func() dataplane { return vpptest.Prepare(t, path) }}
	}
	return &vppProcess{t: t, make: func() dataplane { return vpptest.NewAbsent(t) }}
}

type vppProcess struct {
	t       testing.TB
	make    func() dataplane
	vpp     dataplane
	changes int // when marked
}

func vppCommand(ts *testscript.TestScript, neg bool, args []string) {
	p := ts.Value(vppKey{}).(*vppProcess)
	if neg || len(args) == 0 || (len(args) == 2) != (args[0] == "configure") {
		ts.Fatalf("usage: vpp configure FILE | start | die | mark | unchanged")
	}
	if p.vpp == nil {
		p.vpp = p.make()
	}
	switch args[0] {
	case "configure":
		text := fmt.Sprintf("backend: vpp\nvpp:\n  api-socket: %s\n  stats-socket: %s\n", p.vpp.Socket(), p.vpp.Stats())
		ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text), 0o600))
	case "start":
		p.vpp.Restart(p.t)
	case "die":
		p.vpp.Die()
	case "mark":
		p.changes = changes(p.vpp)
	case "unchanged":
		if n := changes(p.vpp) - p.changes; n != 0 {
			ts.Fatalf("VPP was told to change something, %d times", n)
		}
	default:
		ts.Fatalf("vpp %s: there is configure, start, die, mark and unchanged", args[0])
	}
}

// changes counts what a VPP was told to change; only a fake tells.
func changes(v dataplane) int {
	if f, ok := v.(*vpptest.Fake); ok {
		return f.Changes()
	}
	return 0
}

// The example of two VPPs says what is missing, and fails.
func TestVPPExampleWithoutVPP(t *testing.T) {
	bash := prereq.Program(t, "bash")
	notVPP := filepath.Join(t.TempDir(), "vpp")
	if err := os.WriteFile(notVPP, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		args []string
		says string
	}{
		{"none", nil, "there is no VPP: install VPP 25.10 (https://fd.io), or name the program"},
		{"nowhere", []string{"/nowhere/vpp"}, "/nowhere/vpp is no program: name the VPP 25.10 to run"},
		{"no program", []string{notVPP}, notVPP + " is no program"},
		{"a folder", []string{filepath.Dir(notVPP)}, "is no program"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cmd := exec.Command(bash, append([]string{"vpp/run.sh"}, c.args...)...)
			cmd.Env = append(os.Environ(), "PATH="+withoutVPP(t))
			out, err := cmd.CombinedOutput()
			if err == nil || !strings.Contains(string(out), c.says) {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
}

// withoutVPP is a PATH with what the script needs to begin with, and no VPP.
func withoutVPP(t *testing.T) string {
	dir := t.TempDir()
	for _, name := range []string{"dirname", "id"} {
		if err := os.Symlink(prereq.Program(t, name), filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// With a VPP, the example pings across.
func TestVPPExample(t *testing.T) {
	vpp := os.Getenv("OUTRIGGER_VPP")
	if vpp == "" {
		t.Skip("OUTRIGGER_VPP names no VPP: make test-vpp VPP=/path/to/vpp")
	}
	prereq.Root(t)
	prereq.Program(t, "gnmic")
	build(t)
	out, err := exec.Command("vpp/run.sh", vpp).CombinedOutput()
	if err != nil || !strings.Contains(string(out), " 0% packet loss") {
		t.Errorf("%v\n%s", err, out)
	}
}
