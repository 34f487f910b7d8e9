package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/outrigger-cnf/outrigger/southbound/netlink"
)

// alone sees to it that no other agent manages the same dataplane: each would
// remove what the other made as leftovers. In the kernel, those of different
// route-protocols can live side by side. The guard is a socket in the abstract
// namespace (unix(7)), which belongs to the network namespace, as a pod has one,
// and ends with the process, however that ends.
func alone(config *Config, log *slog.Logger) (io.Closer, error) {
	name, refusal := domain(config)
	guard, err := net.ListenUnix("unix", &net.UnixAddr{Net: "unix", Name: "@outrigger-" + name})
	switch {
	case err == nil:
		return guard, nil
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, errors.New(refusal + ": each would remove what the other made; end it first")
	}
	// A security module may forbid such sockets, which is no reason not to serve.
	log.Warn("another agent in this network namespace would not be noticed", "error", err)
	return io.NopCloser(nil), nil
}

// domain names what only one agent may manage, and says that another one does.
func domain(config *Config) (name, refusal string) {
	if config.Backend == "vpp" {
		file := config.VPP.APISocket
		if folder, err := filepath.EvalSymlinks(filepath.Dir(file)); err == nil { // the socket itself may not be there yet
			file = filepath.Join(folder, filepath.Base(file))
		}
		sum := sha256.Sum256([]byte(file)) // a path may be longer than the name of a socket
		return fmt.Sprintf("vpp-%x", sum[:8]), "another agent manages the VPP of " + config.VPP.APISocket
	}
	protocol := config.RouteProtocol
	if protocol == 0 {
		protocol = netlink.DefaultProtocol
	}
	return strconv.Itoa(int(protocol)), fmt.Sprintf("another agent manages this network namespace, and marks what it makes with the route-protocol %d as well", protocol)
}
