package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/outrigger-cnf/outrigger/northbound/auth"
)

const hashUsage = `usage: outrigger hash-password

Reads a password, one line, from standard input and prints its bcrypt hash, which
is a password-hash of the configuration file's users. A terminal does not show it.
`

// hashCommand reads one line, so that a password stands neither in the process
// list nor in the shell's history.
func hashCommand(args []string, stdin io.Reader, stdout io.Writer) error {
	args, err := noFlags(hashUsage, args)
	if err != nil {
		return err
	}
	if len(args) != 0 {
		return usageError{errors.New("hash-password takes no argument: it reads the password from standard input")}
	}
	password, err := readPassword(stdin)
	if err != nil {
		return err
	}
	if password == "" {
		return errors.New("hash-password: the password is empty")
	}
	hash, err := auth.Hash(password)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(stdout, hash)
	return err
}

// readPassword reads a line. A terminal is asked for it, on itself, and does not echo.
func readPassword(stdin io.Reader) (string, error) {
	if tty, ok := stdin.(*os.File); ok && term.IsTerminal(int(tty.Fd())) {
		if _, err := tty.WriteString("Password: "); err != nil {
			return "", err
		}
		password, err := term.ReadPassword(int(tty.Fd()))
		_, _ = tty.WriteString("\n") // the user's is not echoed either
		return string(password), err
	}
	line, err := bufio.NewReader(stdin).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	return strings.TrimRight(line, "\r\n"), nil
}
