package vpptest

import (
	"os/exec"
	"runtime"
)

// start starts a program from a thread that never ends, for the kernel's
// Pdeathsig means the thread that has started it.
func start(p *exec.Cmd) error {
	errs := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		errs <- p.Start()
		select {} // as long as this process
	}()
	return <-errs
}
