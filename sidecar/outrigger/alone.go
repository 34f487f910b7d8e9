package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"syscall"

	"github.com/outrigger-cnf/outrigger/southbound/netlink"
)

// alone sees to it that no other agent marks what it makes in this network
// namespace as this one does: each would remove the other's as leftovers. The
// guard is a socket in the abstract namespace (unix(7)), which belongs to the
// network namespace and ends with the process, however that ends.
func alone(protocol uint8, log *slog.Logger) (io.Closer, error) {
	if protocol == 0 {
		protocol = netlink.DefaultProtocol
	}
	guard, err := net.ListenUnix("unix", &net.UnixAddr{Net: "unix", Name: fmt.Sprintf("@outrigger-%d", protocol)})
	switch {
	case err == nil:
		return guard, nil
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("another agent manages this network namespace, and marks what it makes with the route-protocol %d as well: each would remove what the other made; end it first", protocol)
	}
	// A security module may forbid such sockets, which is no reason not to serve.
	log.Warn("another agent in this network namespace would not be noticed", "error", err)
	return io.NopCloser(nil), nil
}
