package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"time"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/store"
	"github.com/outrigger-cnf/outrigger/agent/validate"
	"github.com/outrigger-cnf/outrigger/agent/yanglib"
	"github.com/outrigger-cnf/outrigger/gen"
	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/applied"
	"github.com/outrigger-cnf/outrigger/southbound/baseline"
	"github.com/outrigger-cnf/outrigger/southbound/ietf"
	"github.com/outrigger-cnf/outrigger/southbound/ledger"
	"github.com/outrigger-cnf/outrigger/southbound/netlink"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/openconfig"
)

// newAgent makes the agent with its store and its drivers; nothing is touched
// before its Start.
func newAgent(config *Config, log *slog.Logger) (*agent.Agent, error) {
	s := gen.Schema()
	validator, err := validate.New(s)
	if err != nil {
		return nil, err
	}
	// The store comes first: it keeps other processes out of the state directory.
	memory, err := newStore(config, s, log)
	if err != nil {
		return nil, err
	}
	driver, shown, about, err := newDriver(config, s, log)
	if err != nil {
		memory.Close()
		return nil, err
	}
	a, err := agent.New(agent.Config{
		Schema: s, Store: memory, Drivers: []agent.Driver{driver}, Follow: shown.Follow, Validator: validator, Log: log,
		MaxSessions: config.Limits.Sessions + config.Limits.Subscriptions,
	})
	if err != nil {
		memory.Close()
		return nil, err
	}
	library, err := yanglib.State(s, agent.Running, agent.Candidate, agent.Startup, agent.Operational)
	if err != nil {
		a.Close()
		return nil, err
	}
	a.Publish(library)
	a.Publish(about)
	return a, nil
}

// newDriver puts the models and the dataplane together, and what is shown of them
// when it was applied; the Update is what there is to say of them.
func newDriver(config *Config, s *schema.Schema, log *slog.Logger) (*southbound.Driver, *applied.Follower, agent.Update, error) {
	var about agent.Update
	oc, err := openconfig.New(s)
	if err != nil {
		return nil, nil, about, err
	}
	twin, err := ietf.New(s)
	if err != nil {
		return nil, nil, about, err
	}
	backend, err := newBackend(config, log)
	if err != nil {
		return nil, nil, about, err
	}
	var baselines southbound.Memory // neither without a state directory
	var made southbound.Ledger
	if config.StateDir != "" {
		baselines, made = baseline.In(config.StateDir), ledger.In(config.StateDir)
	}
	var kernel object.Dataplane // of a Remote backend the driver tells
	if _, remote := backend.(southbound.Remote); !remote {
		release, err := netlink.Release()
		if err != nil {
			return nil, nil, about, fmt.Errorf("the kernel's release: %w", err)
		}
		kernel = object.Dataplane{Version: release, Connected: true, Since: time.Now()}
	}
	dataplane, err := southbound.New(southbound.Config{
		Backend: backend, Models: []southbound.Model{oc, twin}, Memory: baselines, Ledger: made,
		Dataplane: kernel, WhileAway: config.VPP.whileAway(), Log: log,
	})
	if err != nil {
		return nil, nil, about, err
	}
	root, containers := oc.Applied()
	shown, err := applied.New(s, root, containers...)
	if err != nil {
		return nil, nil, about, err
	}
	about.Changes = oc.Backend(config.Backend)
	return dataplane, shown, about, nil
}

func newStore(config *Config, s *schema.Schema, log *slog.Logger) (agent.Store, error) {
	if config.StateDir == "" {
		log.Info("nothing is kept: there is no state-dir")
		return store.NewEphemeral(s), nil
	}
	if err := os.MkdirAll(config.StateDir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("state-dir: %w", err)
	}
	return store.Open(config.StateDir, s, store.Options{Log: log})
}
