package vpptest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.fd.io/govpp/binapi/memclnt"
)

// VPP is a real one, in folders of its own.
type VPP struct {
	path string
	dir  string

	mu      sync.Mutex // guards what follows
	process *exec.Cmd
	exited  chan struct{}
}

// Option is something about a VPP that is not as in most tests.
type Option string

// Busy has it never sleep between polls, as one that forwards packets does not: it
// takes a core then. One that sleeps takes no more than 4,096 octets from a socket
// each time, which would be the measure of all that benchmarks measure.
const Busy Option = "busy"

// Large has room for more than 10,000 interfaces.
const Large Option = "large"

// Start runs the VPP at path until the test ends: without hugepages, without
// DPDK, sleeping between polls, in a network namespace of its own.
func Start(t testing.TB, path string, options ...Option) *VPP {
	t.Helper()
	v := Prepare(t, path, options...)
	v.Restart(t)
	return v
}

// Prepare is Start without starting: it is not there before it is told to
// Restart.
func Prepare(t testing.TB, path string, options ...Option) *VPP {
	t.Helper()
	if err := Usable(path); err != nil {
		t.Fatal(err)
	}
	v := &VPP{path: path, dir: shortDir(t)}
	sleep := "poll-sleep-usec 100"
	if slices.Contains(options, Busy) {
		sleep = ""
	}
	heap, segment := "256M", "32m"
	if slices.Contains(options, Large) {
		heap, segment = "2G", "512m"
	}
	conf := fmt.Sprintf(`unix { nodaemon runtime-dir %[1]s cli-listen %[1]s/cli.sock log %[1]s/vpp.log %[4]s }
api-segment { prefix %[2]s }
socksvr { socket-name %[1]s/api.sock }
statseg { socket-name %[1]s/stats.sock size %[6]s page-size 4k }
memory { main-heap-size %[5]s main-heap-page-size 4k }
buffers { buffers-per-numa 4096 page-size 4k }
plugins { %[3]s plugin dpdk_plugin.so { disable } }
`, v.dir, filepath.Base(v.dir), pluginPath(path), sleep, heap, segment)
	if err := os.WriteFile(filepath.Join(v.dir, "startup.conf"), []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(v.Die)
	return v
}

// Usable says why a program is no VPP.
func Usable(path string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return fmt.Errorf("no VPP: %w", err)
	case info.IsDir():
		return fmt.Errorf("no VPP: %s is a folder; give the program, such as /usr/bin/vpp", path)
	}
	out, err := exec.Command(path, "--version").CombinedOutput()
	if err != nil && len(out) == 0 {
		return fmt.Errorf("no VPP: %s --version: %w", path, err)
	}
	if !bytes.Contains(out, []byte("vlib")) && !bytes.Contains(out, []byte("vpp v")) { // it knows "version", if anything
		line, _, _ := bytes.Cut(out, []byte("\n"))
		return fmt.Errorf("no VPP: %s --version says %q", path, line)
	}
	return nil
}

// pluginPath is where the plugins of a VPP are: beside a built one, or nothing to
// say of an installed one.
func pluginPath(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	base := filepath.Dir(filepath.Dir(path))
	for _, pattern := range []string{"lib/vpp_plugins", "lib/*/vpp_plugins", "lib64/vpp_plugins"} {
		if found, _ := filepath.Glob(filepath.Join(base, pattern)); len(found) > 0 {
			return "path " + found[0]
		}
	}
	return ""
}

// Socket is where the binary API is.
func (v *VPP) Socket() string { return filepath.Join(v.dir, "api.sock") }

// Stats is where the stats segment is handed out.
func (v *VPP) Stats() string { return filepath.Join(v.dir, "stats.sock") }

// Dir is the folder of all its files.
func (v *VPP) Dir() string { return v.dir }

// Real is true.
func (v *VPP) Real() bool { return true }

// Hang stops the process.
func (v *VPP) Hang() { v.signal(syscall.SIGSTOP) }

// Resume lets it go on.
func (v *VPP) Resume() { v.signal(syscall.SIGCONT) }

func (v *VPP) signal(s os.Signal) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.process != nil {
		v.process.Process.Signal(s) //nolint:errcheck // it may have gone
	}
}

// Die kills the process and returns when it is gone.
func (v *VPP) Die() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.process == nil {
		return
	}
	v.process.Process.Kill() //nolint:errcheck // it may have gone
	<-v.exited
	v.process = nil
}

// Restart begins anew and returns once the VPP answers.
func (v *VPP) Restart(t testing.TB) {
	t.Helper()
	v.Die()
	v.mu.Lock()
	defer v.mu.Unlock()
	log, err := os.OpenFile(filepath.Join(v.dir, "output"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	p := exec.Command(v.path, "-c", filepath.Join(v.dir, "startup.conf"))
	p.Stdout, p.Stderr = log, log
	p.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan struct{})
	go func() {
		p.Wait() //nolint:errcheck // killed, as a rule
		close(exited)
	}()
	v.process, v.exited = p, exited
	if err := v.answers(exited); err != nil {
		t.Fatalf("VPP does not start: %v\n%s", err, v.output())
	}
}

// answers waits until a client is answered.
func (v *VPP) answers(exited chan struct{}) error {
	deadline := time.After(30 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		c, err := dial(v.Socket())
		if err == nil {
			err = c.Call(&memclnt.ControlPing{}, &memclnt.ControlPingReply{})
			c.Close()
		}
		if err == nil {
			return nil
		}
		select {
		case <-exited:
			return errors.New("it has ended")
		case <-deadline:
			return err
		case <-tick.C:
		}
	}
}

func (v *VPP) output() string {
	text, err := os.ReadFile(filepath.Join(v.dir, "output"))
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(lines[max(0, len(lines)-20):], "\n")
}
