package bench

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// build makes the program as users get it.
func build(b *testing.B) string {
	b.Helper()
	file := filepath.Join(b.TempDir(), "outrigger")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", file, "../outrigger")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	return file
}

// process is an agent that runs.
type process struct {
	b     *testing.B
	cmd   *exec.Cmd
	ready time.Duration // from exec until it said that it is
}

// start runs a command in the namespace and waits until it logs that it is
// ready. The process ends with the benchmark, if stop does not end it before.
func (n *namespace) start(b *testing.B, cmd *exec.Cmd) *process {
	b.Helper()
	stderr, err := cmd.StderrPipe()
	if err != nil {
		b.Fatal(err)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{}
	begin := time.Now()
	if err := n.inside(cmd.Start); err != nil {
		b.Fatal(err)
	}
	p := &process{b: b, cmd: cmd}
	b.Cleanup(p.stop)
	log := bufio.NewReader(stderr)
	var before bytes.Buffer
	for {
		line, err := log.ReadString('\n')
		if strings.Contains(line, "msg=ready") {
			break
		}
		before.WriteString(line)
		if err != nil {
			b.Fatalf("the agent ended: %v\n%s", err, before.Bytes())
		}
	}
	p.ready = time.Since(begin)
	go func() { _, _ = io.Copy(io.Discard, log) }()
	return p
}

func (p *process) stop() {
	if p.cmd.ProcessState != nil {
		return
	}
	p.cmd.Process.Kill()
	_ = p.cmd.Wait() // it says that it was killed
}

// megabytes reads a value of /proc/PID/status: VmRSS is what is resident now,
// VmHWM the most that ever was.
func (p *process) megabytes(name string) float64 {
	p.b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		p.b.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, name+":"); ok {
			kB, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")))
			if err != nil {
				p.b.Fatal(err)
			}
			return float64(kB) * 1024 / 1e6
		}
	}
	p.b.Fatalf("no %s in\n%s", name, text)
	return 0
}
