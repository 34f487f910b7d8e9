package southbound

import (
	"errors"
	"slices"

	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// notebook is what the driver knows of its Memory.
type notebook struct {
	Memory                         // nil: there is none
	loaded  *Baselines             // until it is known whether it is of this dataplane
	where   string                 // the dataplane's incarnation; empty: not known
	kept    map[object.ID]Baseline // what the Memory holds
	unsaved map[object.ID]struct{} // what may differ from that
	// replacedUnsaved says that the links that were replaced differ from what the Memory holds.
	replacedUnsaved bool
}

func (n *notebook) open(m Memory) error {
	if m == nil {
		return nil
	}
	loaded, err := m.Load()
	if err != nil {
		return err
	}
	n.Memory, n.loaded = m, &loaded
	n.kept, n.unsaved = make(map[object.ID]Baseline), make(map[object.ID]struct{})
	return nil
}

// recall takes in which dataplane this is, once it has been seen what links there
// are, and with it what is known of it from before. Of another dataplane nothing is,
// nor of links that have been made anew since.
func (d *Driver) recall(where string) {
	n := &d.memory
	d.ledger.begin(where, d.seen.Link)
	loaded := n.loaded
	n.loaded = nil
	switch {
	case loaded != nil && where != "" && loaded.Incarnation == where:
		for _, b := range loaded.List {
			id := b.Object.ID()
			n.kept[id] = b
			if name := linkOf(b.Object); name == "" || d.seen.Link(name) == nil || b.of(d.seen.Link) {
				d.baseline[id] = b
			} else {
				n.unsaved[id] = struct{}{}
			}
		}
		for _, m := range loaded.Replaced {
			d.replaced[m.Link.Name] = m
		}
	case d.known && (where == "" || where != n.where):
		d.log.Info("the dataplane has begun anew; all that is configured is made again")
		clear(d.baseline)
		clear(d.past)
		d.replaced, n.replacedUnsaved = make(map[string]Replaced), false
		clear(n.kept) // of the one before
		clear(n.unsaved)
	}
	n.where, d.known = where, true
}

// setBaseline makes b the baseline of an object; without attributes: none.
func (d *Driver) setBaseline(id object.ID, b Baseline) {
	if len(b.Attrs) == 0 {
		delete(d.baseline, id)
	} else {
		d.baseline[id] = b
	}
	if d.memory.Memory != nil {
		d.memory.unsaved[id] = struct{}{}
	}
}

// flush saves the baselines if the Memory does not hold them already.
func (d *Driver) flush() error {
	n := &d.memory
	for id := range n.unsaved {
		if d.baseline[id].same(n.kept[id]) {
			delete(n.unsaved, id)
		}
	}
	if len(n.unsaved) == 0 && !n.replacedUnsaved {
		return nil
	}
	b := Baselines{Incarnation: n.where, List: make([]Baseline, 0, len(d.baseline)), Replaced: d.listReplaced()}
	for _, one := range d.baseline {
		b.List = append(b.List, one)
	}
	slices.SortFunc(b.List, func(a, b Baseline) int { return a.Object.ID().Compare(b.Object.ID()) })
	if err := n.Save(b); err != nil {
		return err
	}
	clear(n.kept)
	for _, one := range b.List {
		n.kept[one.Object.ID()] = one
	}
	clear(n.unsaved)
	n.replacedUnsaved = false
	return nil
}

// save saves what may as well be saved later: that a baseline is needed no more.
// Until it is, a baseline of what is back is without effect.
func (d *Driver) save() {
	if err := errors.Join(d.flush(), d.ledger.flush()); err != nil {
		d.log.Warn("what is no longer needed of what was before stays in the state directory for now", "err", err)
	}
}
