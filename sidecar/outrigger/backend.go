package main

import (
	"fmt"
	"log/slog"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/netlink"
	"github.com/outrigger-cnf/outrigger/southbound/vpp"
)

// newBackend opens the dataplane that the configuration names. VPP need not be
// there yet.
func newBackend(config *Config, log *slog.Logger) (southbound.Backend, error) {
	var b southbound.Backend
	var err error
	switch config.Backend {
	case "vpp":
		b, err = vpp.New(vpp.Config{Socket: config.VPP.APISocket, Stats: config.VPP.StatsSocket, Log: log})
	default:
		b, err = netlink.New(netlink.Config{Protocol: config.RouteProtocol, Log: log})
	}
	if err != nil {
		return nil, fmt.Errorf("the backend %s: %w", config.Backend, err)
	}
	return b, nil
}

// whileAway is what becomes of a commit while the dataplane is away; the kernel
// never is.
func (v VPP) whileAway() southbound.WhileAway {
	if v.WhileAway == "pending" {
		return southbound.Pend
	}
	return southbound.Refuse
}
