// Lab runs an agent in a throw-away network namespace: `make run`.
//
//	lab OUTRIGGER [FLAGS of outrigger run]
//
// The namespace has a veth pair: net1, which the agent configures, and peer,
// which stands for the network. As root it is a plain network namespace, for
// everybody else one in a user namespace of its own. The listening sockets are
// opened outside and passed in (sd_listen_fds(3)), so that clients need not
// enter the namespace. It goes, with all that is in it, when the agent ends.
package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"syscall"
)

const (
	gnmiAddress    = "127.0.0.1:9339"
	netconfAddress = "127.0.0.1:8300"

	// inside marks the second stage: the same program, in the namespace.
	inside = "OUTRIGGER_LAB_INSIDE"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: lab OUTRIGGER [FLAGS of outrigger run]")
		os.Exit(2)
	}
	var err error
	if os.Getenv(inside) != "" {
		err = enter(os.Args[1], os.Args[2:])
	} else {
		err = outside()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "lab:", err)
		os.Exit(1)
	}
}

// outside opens the sockets, starts the second stage in a namespace and waits.
func outside() error {
	sockets := make([]*os.File, 0, 2)
	for _, address := range []string{gnmiAddress, netconfAddress} {
		l, err := net.Listen("tcp", address)
		if err != nil {
			return fmt.Errorf("%w: is another agent running?", err)
		}
		f, err := l.(*net.TCPListener).File()
		if err != nil {
			return err
		}
		l.Close()
		sockets = append(sockets, f)
	}
	child := exec.Command("/proc/self/exe", os.Args[1:]...)
	child.Stdout, child.Stderr = os.Stdout, os.Stderr
	child.ExtraFiles = sockets
	child.Env = append(os.Environ(), inside+"=1")
	child.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGTERM}
	root := os.Geteuid() == 0
	if !root {
		child.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		child.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
		child.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	}
	// Ctrl-C reaches the whole process group: the agent ends itself, this
	// process waits for it.
	signal.Ignore(syscall.SIGINT)
	if err := child.Start(); err != nil {
		if !root && errors.Is(err, syscall.EPERM) {
			return fmt.Errorf("%w: this machine does not let ordinary users make namespaces (sysctl kernel.unprivileged_userns_clone or kernel.apparmor_restrict_unprivileged_userns); run it as root", err)
		}
		return err
	}
	for _, f := range sockets {
		f.Close()
	}
	terminate := make(chan os.Signal, 1)
	signal.Notify(terminate, syscall.SIGTERM)
	go func() {
		for range terminate {
			child.Process.Signal(syscall.SIGTERM)
		}
	}()
	printSession(child.Process.Pid, root)
	return child.Wait()
}

// enter is the second stage: it furnishes the namespace and becomes the agent.
func enter(outrigger string, flags []string) error {
	if err := furnish(); err != nil {
		return err
	}
	os.Unsetenv(inside)
	os.Setenv("LISTEN_PID", strconv.Itoa(os.Getpid()))
	os.Setenv("LISTEN_FDS", "2")
	os.Setenv("LISTEN_FDNAMES", "grpc:netconf")
	return syscall.Exec(outrigger, append([]string{outrigger, "run", "--dev"}, flags...), os.Environ())
}
