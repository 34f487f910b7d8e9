package conformance

import (
	"sync"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// Ledger is a southbound.Ledger that outlives drivers, not the test.
type Ledger struct {
	mu          sync.Mutex
	incarnation string
	made        map[object.ID]southbound.Made
}

// Load returns what was noted.
func (l *Ledger) Load() (southbound.Ledgered, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	held := southbound.Ledgered{Incarnation: l.incarnation}
	for _, m := range l.made {
		held.List = append(held.List, m)
	}
	return held, nil
}

// Note adds and removes entries.
func (l *Ledger) Note(incarnation string, made []southbound.Made, gone []object.ID) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.made == nil || l.incarnation != incarnation {
		l.incarnation, l.made = incarnation, make(map[object.ID]southbound.Made)
	}
	for _, m := range made {
		l.made[m.ID] = m
	}
	for _, id := range gone {
		delete(l.made, id)
	}
	return nil
}
