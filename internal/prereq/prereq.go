// Package prereq says what a test needs from the machine it runs on.
package prereq

import (
	"os"
	"os/exec"
	"testing"
)

// Need skips the test where ok is false, saying what is missing. With CI=true
// it fails instead: there, a prerequisite that is missing is a defect.
func Need(t testing.TB, ok bool, what string) {
	t.Helper()
	switch {
	case ok:
	case os.Getenv("CI") == "true":
		t.Fatalf("missing prerequisite: %s", what)
	default:
		t.Skipf("missing prerequisite: %s", what)
	}
}

// Root needs the effective user to be root.
func Root(t testing.TB) {
	t.Helper()
	Need(t, os.Geteuid() == 0, "root")
}

// Program needs an executable on PATH and returns where it is.
func Program(t testing.TB, name string) string {
	t.Helper()
	p, err := exec.LookPath(name)
	Need(t, err == nil, "the program "+name)
	return p
}
