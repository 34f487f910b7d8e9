package vpp

import (
	"sync"

	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
)

// dumped is the first dump after Watch: what it has shown, the watcher compares
// with. So nothing is told twice, and nothing is missed that has happened between
// the dump and the first look at a table.
type dumped struct {
	mu     sync.Mutex
	epoch  uint64
	wanted bool
	kinds  map[object.Kind]map[object.ID]object.State
	// written is what was written since its table was read: somebody may have
	// undone it before the table is read again, which then is as it was before. It
	// may name one thing often, and is gone with the next look.
	written map[object.Kind][]object.ID
}

// write notes that steps were carried out, or failed.
func (d *dumped) write(steps ...plan.Step) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.written == nil {
		d.written = make(map[object.Kind][]object.ID)
	}
	for i := range steps {
		id := steps[i].ID
		d.written[id.Kind] = append(d.written[id.Kind], id)
	}
}

// wrote hands out what was written of a kind. It is asked before the table is read.
func (d *dumped) wrote(k object.Kind) []object.ID {
	d.mu.Lock()
	defer d.mu.Unlock()
	ids := d.written[k]
	delete(d.written, k)
	return ids
}

// expect takes the next dump in.
func (d *dumped) expect(epoch uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.epoch, d.wanted, d.kinds, d.written = epoch, true, nil, nil
}

// note takes a dump in that was begun in an epoch.
func (d *dumped) note(epoch uint64, states []object.State) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.wanted || d.epoch != epoch {
		return
	}
	d.wanted = false
	d.kinds = make(map[object.Kind]map[object.ID]object.State)
	for _, k := range []object.Kind{object.KindLink, object.KindSetting, object.KindAddress, object.KindNeighbor, object.KindRoute} {
		d.kinds[k] = make(map[object.ID]object.State)
	}
	for _, s := range states {
		id := s.ID()
		d.kinds[id.Kind][id] = s
	}
}

// take hands out what the dump has shown of a kind; nil: there was none.
func (d *dumped) take(epoch uint64, k object.Kind) map[object.ID]object.State {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.epoch != epoch {
		return nil
	}
	known := d.kinds[k]
	delete(d.kinds, k)
	return known
}
