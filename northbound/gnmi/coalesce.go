package gnmi

import (
	"slices"
	"strings"

	"github.com/outrigger-cnf/outrigger/agent/path"
)

// change is an event of one of several batches, with the number of earlier
// values of the same leaf that it stands for.
type change struct {
	event      *event
	batch      int
	duplicates uint32
}

// coalesce reduces what happened in several batches to what a client needs to
// know at the end: the last value of each leaf, and deletions. Values that a
// later deletion has made moot are left out. want says which events count.
func coalesce(batches []*batch, want func(*event) bool) []change {
	var order []change
	last := make(map[string]int)    // by event key: index in order
	deleted := make(map[string]int) // by event key: index in order of a deletion
	for i, b := range batches {
		for _, e := range b.events {
			if !want(e) {
				continue
			}
			c := change{event: e, batch: i}
			if at, ok := last[e.key]; ok {
				before := &order[at]
				if !e.deleted() && !before.event.deleted() {
					c.duplicates = before.duplicates + 1
				}
				if !before.event.deleted() || single(e.def) || e.deleted() {
					before.event = nil // superseded
				}
			}
			last[e.key] = len(order)
			if e.deleted() {
				deleted[e.key] = len(order)
			}
			order = append(order, c)
		}
	}
	out := order[:0]
	for i, c := range order {
		if c.event != nil && !deletedAfter(deleted, c.event.path, i) {
			out = append(out, c)
		}
	}
	return out
}

// deletedAfter reports whether something above p was deleted after position i.
func deletedAfter(deleted map[string]int, p path.Path, i int) bool {
	if len(deleted) == 0 {
		return false
	}
	var b strings.Builder
	for _, e := range p {
		writeKey(&b, e)
		if at, ok := deleted[b.String()]; ok && at > i {
			return true
		}
	}
	return false
}

// below reports whether the event key k is at or below the one of above.
func below(k, above string) bool {
	return strings.HasPrefix(k, above) && (len(k) == len(above) || k[len(above)] == 0)
}

// forget removes from last what is at or below a deleted path.
func (u *subscription) forget(key string) {
	for k := range u.last {
		if below(k, key) {
			delete(u.last, k)
		}
	}
}

// covered reports whether one of the paths is p or above it.
func covered(paths []path.Path, p path.Path) bool {
	return slices.ContainsFunc(paths, p.HasPrefix)
}
