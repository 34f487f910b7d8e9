package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// Names of the sockets that a service manager may pass (sd_listen_fds(3)): then
// they are used in place of --listen and --netconf-listen. This is how an agent
// serves an address of one network namespace and configures another.
const (
	socketGRPC    = "grpc"
	socketNETCONF = "netconf"

	firstPassedFD = 3
)

// socketFlags are the flags that the sockets stand for.
var socketFlags = map[string]string{socketGRPC: "--listen", socketNETCONF: "--netconf-listen"}

// passedListeners takes over the sockets that were passed, by name. None were
// when the environment does not say so to this very process.
func passedListeners() (map[string]net.Listener, error) {
	pid, count, names := os.Getenv("LISTEN_PID"), os.Getenv("LISTEN_FDS"), os.Getenv("LISTEN_FDNAMES")
	os.Unsetenv("LISTEN_PID")
	os.Unsetenv("LISTEN_FDS")
	os.Unsetenv("LISTEN_FDNAMES")
	if pid != strconv.Itoa(os.Getpid()) {
		return nil, nil
	}
	n, err := strconv.Atoi(count)
	if err != nil || n < 0 {
		return nil, fmt.Errorf("LISTEN_FDS=%q is no number of sockets", count)
	}
	passed := map[string]net.Listener{}
	list := strings.Split(names, ":")
	if len(list) != n {
		return nil, fmt.Errorf("LISTEN_FDNAMES=%q names %d sockets, LISTEN_FDS says %d; the names are %s and %s", names, len(list), n, socketGRPC, socketNETCONF)
	}
	for i, name := range list {
		if name != socketGRPC && name != socketNETCONF {
			return nil, fmt.Errorf("LISTEN_FDNAMES=%q: a socket is called %s or %s", names, socketGRPC, socketNETCONF)
		}
		f := os.NewFile(uintptr(firstPassedFD+i), name)
		l, err := net.FileListener(f)
		f.Close()
		if err != nil {
			return nil, fmt.Errorf("the socket %q that was passed: %w", name, err)
		}
		passed[name] = l
	}
	return passed, nil
}

// listen opens the address, unless its socket was passed.
func listen(passed map[string]net.Listener, name, address string) (net.Listener, error) {
	if l, ok := passed[name]; ok {
		return l, nil
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("%s: %w%s", socketFlags[name], err, hint(err))
	}
	return l, nil
}

// hint says what helps against an error of listening, where that is known.
func hint(err error) string {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return ": another program listens there, or another agent"
	case errors.Is(err, syscall.EACCES):
		return ": a port below 1024 takes the capability NET_BIND_SERVICE"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return ": no interface has this address"
	}
	return ""
}
