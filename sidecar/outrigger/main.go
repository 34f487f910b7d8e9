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
	case "version":
		err = versionCommand(rest, stdout)
	case "help", "-h", "-help", "--help":
		fmt.Fprint(stdout, usage)
	default:
		err = usageError{fmt.Errorf("there is no command %q", name)}
	}
	var wrong usageError
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.As(err, &wrong):
		fmt.Fprintf(stderr, "outrigger: %v\n\n%s", err, usage)
		return exitUsage
	default:
		fmt.Fprintf(stderr, "outrigger: %v\n", err)
		return exitError
	}
}

// usageError is an error of the command line: it is shown with the usage.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }
