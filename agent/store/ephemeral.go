package store

import (
	"sync"

	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

// Ephemeral keeps everything in memory and forgets it with the process.
type Ephemeral struct {
	mu    sync.Mutex
	state State // guarded by mu
}

// NewEphemeral returns an empty store in memory.
func NewEphemeral(s *schema.Schema) *Ephemeral {
	return &Ephemeral{state: State{Running: tree.New(s), Startup: tree.New(s)}}
}

// State returns what was saved last.
func (e *Ephemeral) State() State {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.state
}

// Save never fails.
func (e *Ephemeral) Save(s State, entry *Entry) (State, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.state = e.state.next(s, entry)
	return e.state, nil
}

// Close does nothing.
func (e *Ephemeral) Close() error { return nil }
