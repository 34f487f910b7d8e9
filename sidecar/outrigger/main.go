// Outrigger is the management plane of a container network function.
//
//	outrigger run       serve gNMI and NETCONF, and keep the dataplane as configured
//	outrigger validate  check RFC 7951 JSON against the schema, without an agent
//	outrigger schema    print the YANG tree that is served (RFC 8340)
//	outrigger version   say which build this is
//
// This package is the only place that names both sides of the house: it hands
// the southbound driver to the agent and the agent to the northbound servers.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// Exit codes: 1 is an error of the work, 2 of the command line.
const (
	exitError = 1
	exitUsage = 2
)

const usage = `Outrigger gives a container network function a management plane.

usage:
  outrigger run [flags]            serve gNMI and NETCONF; --help lists the flags
  outrigger validate FILE          check RFC 7951 JSON against the schema, offline
  outrigger schema [MODULE ...]    print the YANG tree that is served
  outrigger hash-password          read a password, print its hash for the users section
  outrigger version

COMMAND --help says more of one.
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	os.Exit(command(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// command runs one command line and returns the process's exit code.
func command(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		fmt.Fprint(stderr, usage)
		return exitUsage
	}
	var err error
	switch name, rest := args[0], args[1:]; name {
	case "run":
		err = runCommand(ctx, rest, stderr)
	case "validate":
		err = validateCommand(rest, stdin, stdout)
	case "schema":
		err = schemaCommand(rest, stdout)
	case "hash-password":
		err = hashCommand(rest, stdin, stdout)
	case "version", "--version", "-version":
		err = versionCommand(rest, stdout)
	case "help", "-h", "-help", "--help":
		fmt.Fprint(stdout, usage)
	default:
		err = usageError{fmt.Errorf("there is no command %q", name)}
	}
	var (
		wrong usageError
		help  helpText
	)
	switch {
	case err == nil:
		return 0
	case errors.As(err, &help):
		fmt.Fprint(stdout, string(help))
		return 0
	case errors.As(err, &wrong):
		fmt.Fprintf(stderr, "outrigger: %v\nTry outrigger %s--help.\n", err, commandOf(args))
		return exitUsage
	default:
		fmt.Fprintf(stderr, "outrigger: %v\n", err)
		return exitError
	}
}

// commandOf is the command that a hint speaks of, with a space behind.
func commandOf(args []string) string {
	switch args[0] {
	case "run", "validate", "schema", "hash-password", "version":
		return args[0] + " "
	}
	return ""
}

// noFlags reads the command line of a command that has none but --help, which
// prints text, and returns its other arguments.
func noFlags(text string, args []string) ([]string, error) {
	fs := flag.NewFlagSet("outrigger", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	err := fs.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return nil, helpText(text)
	case err != nil:
		return nil, usageError{err}
	}
	return fs.Args(), nil
}

// helpText is what --help asks for; it ends a command like an error.
type helpText string

func (h helpText) Error() string { return string(h) }

// usageError is an error of the command line: --help would help.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }
