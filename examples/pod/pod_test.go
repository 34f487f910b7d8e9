package pod

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/outrigger-cnf/outrigger/internal/prereq"
)

// maxImage is what the image may weigh, in bytes.
const maxImage = 25 << 20

// engine runs podman with storage of its own.
type engine struct {
	t   *testing.T
	dir string
}

// containersConf lets podman work where there is no systemd and no crun.
const containersConf = `[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
cgroup_manager = "cgroupfs"
runtime = "runc"
`

func newEngine(t *testing.T) *engine {
	prereq.Root(t)
	for _, program := range []string{"podman", "runc", "catatonit", "gnmic", "openssl", "nsenter"} {
		prereq.Program(t, program)
	}
	e := &engine{t, t.TempDir()}
	conf := e.file("containers.conf")
	if err := os.WriteFile(conf, []byte(containersConf), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("CONTAINERS_CONF", conf)
	t.Cleanup(func() {
		// The storage holds mounts: podman must take it down itself.
		e.try("podman", e.flags("pod", "rm", "-fa", "-t", "0")...)
		e.try("podman", e.flags("system", "reset", "-f")...)
	})
	return e
}

func (e *engine) file(name string) string { return filepath.Join(e.dir, name) }

func (e *engine) flags(args ...string) []string {
	return append([]string{"--root", e.file("root"), "--runroot", e.file("run")}, args...)
}

func (e *engine) try(name string, args ...string) (string, error) {
	var stderr bytes.Buffer
	cmd := exec.Command(name, args...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if name == "podman" && slices.Contains(args, "logs") {
		out = append(out, stderr.Bytes()...)
	}
	if err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s%s", name, strings.Join(args, " "), err, out, stderr.Bytes())
	}
	return string(out), nil
}

func (e *engine) run(name string, args ...string) string {
	e.t.Helper()
	out, err := e.try(name, args...)
	if err != nil {
		e.t.Fatal(err)
	}
	return out
}

func (e *engine) podman(args ...string) string {
	e.t.Helper()
	return e.run("podman", e.flags(args...)...)
}

func (e *engine) images() {
	e.t.Helper()
	e.t.Setenv("PODMAN_FLAGS", strings.Join(e.flags(), " "))
	e.run("../../sidecar/image/build.sh", "test")
	busybox := "/bin/busybox"
	_, err := os.Stat(busybox)
	prereq.Need(e.t, err == nil, "busybox-static")
	context := e.file("cnf")
	if err := os.Mkdir(context, 0o700); err != nil {
		e.t.Fatal(err)
	}
	e.run("cp", busybox, "Containerfile", context)
	e.podman("build", "-q", "-t", "localhost/cnf-busybox:latest", context)
}

// The manifest is played as it stands. The sidecar is configured over gNMI, and
// the network function sees the outcome.
func TestPod(t *testing.T) {
	e := newEngine(t)
	e.images()
	size, err := strconv.Atoi(strings.TrimSpace(e.podman("image", "inspect", "localhost/outrigger:latest", "--format", "{{.Size}}")))
	if err != nil {
		t.Fatal(err)
	}
	if t.Logf("the image has %d bytes", size); size > maxImage {
		t.Errorf("the image has %d bytes, more than %d", size, maxImage)
	}

	secret := e.file("secret.yaml")
	if err := os.WriteFile(secret, []byte(e.run("./credentials.sh", "--podman", e.file("tls"))), 0o600); err != nil {
		t.Fatal(err)
	}
	e.podman("secret", "create", "outrigger-tls", secret)
	e.podman("kube", "play", "--network", "none", "pod.yaml")
	pid := strings.TrimSpace(e.podman("inspect", "cnf-outrigger", "--format", "{{.State.Pid}}"))
	t.Cleanup(func() {
		if t.Failed() {
			log, _ := e.try("podman", e.flags("logs", "--tail", "20", "cnf-outrigger")...)
			t.Logf("the end of the sidecar's log:\n%s", log)
		}
	})
	e.run("ip", "link", "add", "net1", "netns", pid, "type", "veth", "peer", "name", "peer", "netns", pid)

	in := func(args ...string) (string, error) {
		return e.try("nsenter", append([]string{"-t", pid, "-n"}, args...)...)
	}
	ready := func() error {
		_, err := in("/usr/bin/python3", "-c", `
import ssl, urllib.request
context = ssl.create_default_context(cafile="`+e.file("tls/ca.crt")+`")
for path in "/livez", "/readyz":
    assert urllib.request.urlopen("https://localhost:9339" + path, context=context).status == 200`)
		return err
	}
	deadline := time.Now().Add(20 * time.Second)
	for err := ready(); err != nil; err = ready() {
		if time.Now().After(deadline) {
			t.Fatalf("the sidecar is not ready: %v", err)
		}
		<-time.After(50 * time.Millisecond)
	}

	status := e.run("cat", "/proc/"+pid+"/status")
	if !strings.Contains(status, "CapEff:\t0000000000001000\n") || !strings.Contains(status, "NoNewPrivs:\t1\n") {
		t.Errorf("the sidecar has other privileges than NET_ADMIN:\n%s", status)
	}
	gnmic := []string{"gnmic", "-a", "127.0.0.1:9339", "--tls-ca", e.file("tls/ca.crt"),
		"--tls-cert", e.file("tls/operator.crt"), "--tls-key", e.file("tls/operator.key"), "-e", "json_ietf"}
	if _, err := in(append(gnmic, "set", "--update-path", "/interfaces/interface[name=net1]", "--update-file", "../net1.json")...); err != nil {
		t.Fatal(err)
	}
	seen := e.podman("exec", "cnf-cnf", "/bin/busybox", "ip", "address", "show", "dev", "net1")
	if !strings.Contains(seen, "inet 192.0.2.1/24") {
		t.Errorf("the network function sees\n%s", seen)
	}
	out, err := in(append(gnmic, "get", "--path", "/interfaces/interface[name=net1]/state/admin-status")...)
	if err != nil || !strings.Contains(out, `"UP"`) {
		t.Errorf("%s%v", out, err)
	}

	// Nobody without a certificate, nor with a password that nobody has.
	for _, args := range [][]string{
		{"gnmic", "-a", "127.0.0.1:9339", "--tls-ca", e.file("tls/ca.crt"), "capabilities"},
		{"gnmic", "-a", "127.0.0.1:9339", "--tls-ca", e.file("tls/ca.crt"), "-u", "operator", "-p", "", "capabilities"},
	} {
		if out, err := in(args...); err == nil {
			t.Errorf("%v was let in:\n%s", args, out)
		}
	}

	// SIGTERM leaves the dataplane alone.
	e.podman("stop", "-t", "10", "cnf-outrigger")
	if seen := e.podman("exec", "cnf-cnf", "/bin/busybox", "ip", "address", "show", "dev", "net1"); !strings.Contains(seen, "inet 192.0.2.1/24") {
		t.Errorf("after the sidecar has ended the network function sees\n%s", seen)
	}
}
