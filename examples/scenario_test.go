package examples

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/outrigger-cnf/outrigger/internal/prereq"
)

// patience is how long anything may take that a scenario waits for. It is a
// limit, not a wait: what happens at once is seen at once.
const patience = 20 * time.Second

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"gonetconf": goNetconf})
}

var serial atomic.Int32

func TestScenarios(t *testing.T) {
	prereq.Root(t)
	for _, program := range []string{"ip", "gnmic", "yangcli", "script"} {
		prereq.Program(t, program)
	}
	prereq.Need(t, exec.Command("/usr/bin/python3", "-c", "import ncclient").Run() == nil, "python3-ncclient")
	outrigger := build(t)
	testscript.Run(t, testscript.Params{
		Dir:      ".",
		Deadline: time.Now().Add(5 * time.Minute),
		Setup: func(env *testscript.Env) error {
			ns, err := newNamespace(env)
			if err != nil {
				return err
			}
			env.Setenv("NS", ns)
			env.Setenv("OUTRIGGER", outrigger)
			env.Setenv("STATE", filepath.Join(env.WorkDir, "state"))
			env.Setenv("VIA", "")
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("GNMIC", "-a 127.0.0.1:9339 -u admin -p admin --skip-verify")
			env.Values[agentKey{}] = &agentProcess{}
			env.Values[vppKey{}] = vppOf(t)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"agent":   agentCommand,
			"in":      inCommand,
			"until":   untilCommand,
			"modules": modulesCommand,
			"tmpfs":   tmpfsCommand,
			"vpp":     vppCommand,
		},
	})
}

// build makes the program as users get it.
func build(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "outrigger")
	cmd := exec.Command("go", "build", "-o", file, "../sidecar/outrigger")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return file
}

func newNamespace(env *testscript.Env) (string, error) {
	ns := fmt.Sprintf("outrigger-%d-%d", os.Getpid(), serial.Add(1))
	for _, args := range [][]string{
		{"netns", "add", ns},
		{"-n", ns, "link", "set", "lo", "up"},
		{"-n", ns, "link", "add", "net1", "type", "veth", "peer", "name", "peer"},
		{"-n", ns, "link", "set", "peer", "up"},
	} {
		if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
			return "", fmt.Errorf("ip %s: %w: %s", strings.Join(args, " "), err, out)
		}
	}
	env.Defer(func() {
		if err := exec.Command("ip", "netns", "delete", ns).Run(); err != nil {
			env.T().Log("ip netns delete:", err)
		}
	})
	return ns, nil
}

func inCommand(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) == 0 {
		ts.Fatalf("usage: [!] in COMMAND [ARGUMENT …]")
	}
	err := ts.Exec("ip", append([]string{"netns", "exec", ts.Getenv("NS")}, words(ts, args)...)...)
	switch {
	case neg && err == nil:
		ts.Fatalf("%s succeeded", args[0])
	case !neg && err != nil:
		ts.Fatalf("%s: %v", args[0], err)
	}
}

// words splits the value of $GNMIC, which testscript passes as one argument.
func words(ts *testscript.TestScript, args []string) []string {
	var out []string
	for _, arg := range args {
		if arg == ts.Getenv("GNMIC") {
			out = append(out, strings.Fields(arg)...)
		} else {
			out = append(out, arg)
		}
	}
	return out
}

// untilCommand asks again and again, since what it looks at has no event to
// wait for.
func untilCommand(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 || neg {
		ts.Fatalf("usage: until REGEXP COMMAND [ARGUMENT …]")
	}
	re, err := regexp.Compile("(?m)" + args[0])
	ts.Check(err)
	for deadline := time.Now().Add(patience); ; {
		cmd := exec.Command("ip", append([]string{"netns", "exec", ts.Getenv("NS")}, words(ts, args[1:])...)...)
		cmd.Dir = ts.MkAbs(".")
		cmd.Env = append(os.Environ(), "GNMIC="+ts.Getenv("GNMIC"))
		out, err := cmd.CombinedOutput()
		if err == nil && re.Match(out) {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%s: no match for %q after %v; the last output:\n%s", args[1], args[0], patience, out)
		}
		<-time.After(20 * time.Millisecond)
	}
}

// tmpfsCommand gives a directory a small file system of its own, which can be
// filled.
func tmpfsCommand(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 || neg {
		ts.Fatalf("usage: tmpfs DIRECTORY SIZE")
	}
	dir := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(dir, 0o700))
	ts.Check(ts.Exec("mount", "-t", "tmpfs", "-o", "size="+args[1], "tmpfs", dir))
	ts.Defer(func() {
		if err := exec.Command("umount", "--lazy", dir).Run(); err != nil {
			ts.Logf("umount %s: %v", dir, err)
		}
	})
}

type agentKey struct{}

// agentProcess is the agent of one scenario.
type agentProcess struct {
	cmd *exec.Cmd
	log *readyLog
}

func agentCommand(ts *testscript.TestScript, neg bool, args []string) {
	p := ts.Value(agentKey{}).(*agentProcess)
	if len(args) == 0 || neg || args[0] == "log" && len(args) != 2 {
		ts.Fatalf("usage: agent start [FLAG …] | kill | stop | log FILE")
	}
	switch args[0] {
	case "start":
		p.start(ts, args[1:])
	case "kill":
		ts.Check(p.cmd.Process.Kill())
		if err := p.cmd.Wait(); err == nil {
			ts.Fatalf("the agent ended by itself before it was killed")
		}
		p.cmd = nil
	case "stop":
		ts.Check(p.cmd.Process.Signal(syscall.SIGTERM))
		ts.Check(p.cmd.Wait())
		p.cmd = nil
	case "log":
		ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(p.log.text()), 0o600))
	default:
		ts.Fatalf("agent %s: there is start, kill, stop and log", args[0])
	}
}

func (p *agentProcess) start(ts *testscript.TestScript, flags []string) {
	if p.cmd != nil {
		ts.Fatalf("the agent is running already")
	}
	args := append([]string{"netns", "exec", ts.Getenv("NS")}, strings.Fields(ts.Getenv("VIA"))...)
	args = append(args, ts.Getenv("OUTRIGGER"), "run", "--dev", "--state-dir", ts.Getenv("STATE"), "--log-level", "debug")
	p.cmd = exec.Command("ip", append(args, flags...)...)
	p.cmd.Dir = ts.MkAbs(".")
	p.log = &readyLog{ready: make(chan struct{})}
	p.cmd.Stderr = p.log
	ts.Check(p.cmd.Start())
	ended := p.cmd
	ts.Defer(func() {
		if p.cmd == ended {
			p.cmd.Process.Kill()
			p.cmd.Wait()
		}
		ts.Logf("log of the agent:\n%s", p.log.text())
	})
	select {
	case <-p.log.ready:
	case <-time.After(patience):
		ts.Fatalf("the agent is not ready after %v", patience)
	}
}

// readyLog keeps an agent's log and sees the line that says it is ready.
type readyLog struct {
	ready chan struct{}
	lines lockedBuffer
	done  bool
}

// Write is called by one goroutine, the one that exec makes.
func (l *readyLog) Write(b []byte) (int, error) {
	n, err := l.lines.Write(b)
	if !l.done && bytes.Contains(l.lines.Bytes(), []byte("msg=ready")) {
		l.done = true
		close(l.ready)
	}
	return n, err
}

func (l *readyLog) text() string { return string(l.lines.Bytes()) }
