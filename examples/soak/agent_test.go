package soak

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/outrigger-cnf/outrigger/internal/prereq"
)

// patience is a limit for what happens at once if it happens at all.
const patience = 30 * time.Second

var binaryFlag = flag.String("binary", "", "the program `file` to test; built with the race detector if none is given")

// build makes the program, once for all tests.
var build = sync.OnceValues(func() (string, error) {
	if *binaryFlag != "" {
		return *binaryFlag, nil
	}
	dir, err := os.MkdirTemp("", "outrigger-soak-")
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "outrigger")
	out, err := exec.Command("go", "build", "-race", "-o", file, "../../sidecar/outrigger").CombinedOutput()
	if err != nil {
		return "", &buildError{err, out}
	}
	return file, nil
})

type buildError struct {
	err error
	out []byte
}

func (e *buildError) Error() string { return e.err.Error() + "\n" + string(e.out) }

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	if *binaryFlag == "" {
		if file, err := build(); err == nil {
			os.RemoveAll(filepath.Dir(file))
		}
	}
	os.Exit(code)
}

// machine is a namespace with an agent in it.
type machine struct {
	ns    *namespace
	state string
	flags []string

	agent *process
}

// process is one run of the program.
type process struct {
	cmd   *exec.Cmd
	log   *agentLog
	ended chan struct{}
	err   error
}

func newMachine(t *testing.T, flags ...string) *machine {
	t.Helper()
	prereq.Root(t)
	prereq.Program(t, "ip")
	if _, err := build(); err != nil {
		t.Fatal(err)
	}
	m := &machine{ns: newNamespace(t), state: filepath.Join(t.TempDir(), "state"), flags: flags}
	t.Cleanup(func() {
		if m.agent == nil {
			return
		}
		m.agent.cmd.Process.Kill()
		<-m.agent.ended
		if m.agent.log.raced() {
			t.Error("the agent has data races")
		}
		if t.Failed() {
			t.Logf("the agent's log:\n%s", m.agent.log.tail(60_000))
		}
	})
	return m
}

// start runs the program until it is ready.
func (m *machine) start(t *testing.T) {
	t.Helper()
	file, err := build()
	if err != nil {
		t.Fatal(err)
	}
	args := append([]string{"netns", "exec", m.ns.name, file, "run", "--dev", "--state-dir", m.state}, m.flags...)
	p := &process{cmd: exec.Command("ip", args...), log: &agentLog{ready: make(chan struct{})}, ended: make(chan struct{})}
	p.cmd.Stderr = p.log
	p.cmd.Env = append(os.Environ(), "GORACE=halt_on_error=1")
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	m.agent = p
	go func() {
		p.err = p.cmd.Wait()
		close(p.ended)
	}()
	select {
	case <-p.log.ready:
	case <-p.ended:
		t.Fatalf("the agent has ended: %v\n%s", p.err, p.log.tail(10_000))
	case <-time.After(patience):
		if err := p.cmd.Process.Signal(syscall.SIGQUIT); err == nil { // it says what it is at
			<-p.ended
		}
		t.Fatalf("the agent is not ready after %v\n%s", patience, p.log.tail(60_000))
	}
}

// kill ends the program without a warning.
func (m *machine) kill(t *testing.T) {
	t.Helper()
	select {
	case <-m.agent.ended:
		t.Fatalf("the agent has ended by itself: %v\n%s", m.agent.err, m.agent.log.tail(20_000))
	default:
	}
	if err := m.agent.cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-m.agent.ended
	if m.agent.log.raced() {
		t.Fatalf("the agent had a data race:\n%s", m.agent.log.tail(20_000))
	}
}

func (m *machine) pid() int { return m.agent.cmd.Process.Pid }

// agentLog keeps what the agent says, and sees the line that says it is ready.
type agentLog struct {
	ready chan struct{}

	mu   sync.Mutex
	buf  bytes.Buffer
	seen bool
}

func (l *agentLog) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n, err := l.buf.Write(b)
	if !l.seen && bytes.Contains(l.buf.Bytes(), []byte("msg=ready")) {
		l.seen = true
		close(l.ready)
	}
	return n, err
}

func (l *agentLog) raced() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Contains(l.buf.Bytes(), []byte("DATA RACE")) || bytes.Contains(l.buf.Bytes(), []byte("panic:"))
}

func (l *agentLog) tail(n int) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.buf.Bytes()
	return string(b[max(0, len(b)-n):])
}
