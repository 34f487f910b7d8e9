package prereq

import (
	"os"
	"testing"
)

// Tmpfs returns a directory in memory that goes with the test: a benchmark on it
// measures the code that writes files, not a disk.
func Tmpfs(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "outrigger-")
	Need(t, err == nil, "/dev/shm")
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}
