package netlink

import (
	"bytes"

	"golang.org/x/sys/unix"
)

// Release is that of the kernel, as uname -r has it.
func Release() (string, error) {
	var name unix.Utsname
	if err := unix.Uname(&name); err != nil {
		return "", err
	}
	release, _, _ := bytes.Cut(name.Release[:], []byte{0})
	return string(release), nil
}
