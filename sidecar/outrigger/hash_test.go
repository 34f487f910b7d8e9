package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"
	"golang.org/x/sys/unix"
)

// A terminal is asked for the password, does not show it, and echoes again afterwards.
func TestHashPasswordOnTerminal(t *testing.T) {
	user, tty := terminal(t)
	var hash bytes.Buffer
	ended := make(chan error, 1)
	go func() { ended <- hashCommand(nil, tty, &hash) }()
	var seen []byte
	see := func(what string) {
		t.Helper()
		for b := make([]byte, 256); !bytes.Contains(seen, []byte(what)); {
			n, err := user.Read(b)
			if err != nil {
				t.Fatalf("after %q: %v", seen, err)
			}
			seen = append(seen, b[:n]...)
		}
	}
	see("Password: ")
	for echo := true; echo; { // a moment after it has asked
		s, err := unix.IoctlGetTermios(int(tty.Fd()), unix.TCGETS)
		if err != nil {
			t.Fatal(err)
		}
		echo = s.Lflag&unix.ECHO != 0
	}
	if _, err := user.WriteString("secret\n"); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	see("\n")
	if strings.Contains(string(seen), "secret") {
		t.Errorf("the terminal shows %q", seen)
	}
	if err := bcrypt.CompareHashAndPassword(bytes.TrimSpace(hash.Bytes()), []byte("secret")); err != nil {
		t.Errorf("%v: %q", err, hash.String())
	}
	s, err := unix.IoctlGetTermios(int(tty.Fd()), unix.TCGETS)
	if err != nil || s.Lflag&unix.ECHO == 0 {
		t.Errorf("the terminal does not echo any more: %v", err)
	}
}

// terminal makes one, and returns the end at which its user sits, too.
func terminal(t *testing.T) (user, tty *os.File) {
	t.Helper()
	user, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { user.Close() })
	if err := unix.IoctlSetPointerInt(int(user.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(int(user.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if tty, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tty.Close() })
	return user, tty
}
