package southbound

import (
	"net/netip"
	"slices"
	"time"

	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// mend is the account of an object with which not all is well, or was not of
// late.
type mend struct {
	due   time.Time     // when to look at it again; zero: when something happens
	wait  time.Duration // before the next mending of drift or retry
	row   int           // mendings without a rest between
	last  time.Time     // of the last mending
	mends uint32        // in all
	// blocked says that trying has shown that it must wait; vias are the gateways
	// that a blocked route waits for.
	blocked bool
	vias    []netip.Addr
}

// mends are the accounts, with indexes by what they wait for: looking for those that
// something concerns costs what it concerns.
type mends struct {
	of    map[object.ID]*mend
	timed map[object.ID]struct{}
	next  time.Time // none is due before; zero: none is due

	// gates are blocked routes by their gateways, and sorted those gateways, in
	// order unless unsorted. rest is what is blocked otherwise.
	gates    map[netip.Addr]map[object.ID]struct{}
	sorted   []netip.Addr
	unsorted bool
	rest     map[object.ID]struct{}
}

func newMends() *mends {
	return &mends{
		of: make(map[object.ID]*mend), timed: make(map[object.ID]struct{}),
		gates: make(map[netip.Addr]map[object.ID]struct{}), rest: make(map[object.ID]struct{}),
	}
}

// open returns the account of an object, a new one if there was none.
func (a *mends) open(id object.ID) *mend {
	m := a.of[id]
	if m == nil {
		m = &mend{}
		a.of[id] = m
	}
	return m
}

// close ends an account.
func (a *mends) close(id object.ID) {
	a.unblock(id)
	delete(a.of, id)
	delete(a.timed, id)
}

// at has an object be due; the zero time: never.
func (a *mends) at(id object.ID, due time.Time) {
	a.open(id).due = due
	if due.IsZero() {
		delete(a.timed, id)
		return
	}
	a.timed[id] = struct{}{}
	if a.next.IsZero() || due.Before(a.next) {
		a.next = due
	}
}

// due returns the objects whose time has come. They are due no more.
func (a *mends) due(now time.Time) (ids []object.ID) {
	if a.next.IsZero() || now.Before(a.next) {
		return nil
	}
	a.next = time.Time{}
	for id := range a.timed {
		if due := a.of[id].due; now.Before(due) {
			a.at(id, due)
		} else {
			ids = append(ids, id)
		}
	}
	for _, id := range ids {
		a.at(id, time.Time{})
	}
	return ids
}

// block notes that an object must wait, and for what.
func (a *mends) block(id object.ID, o object.Object) {
	a.unblock(id)
	m := a.open(id)
	m.blocked = true
	if r, ok := o.(*object.Route); ok {
		for _, h := range r.NextHops {
			if h.Via.IsValid() && !slices.Contains(m.vias, h.Via) {
				m.vias = append(m.vias, h.Via)
			}
		}
	}
	for _, via := range m.vias {
		if a.gates[via] == nil {
			a.gates[via] = make(map[object.ID]struct{})
			a.sorted, a.unsorted = append(a.sorted, via), true
		}
		a.gates[via][id] = struct{}{}
	}
	if len(m.vias) == 0 {
		a.rest[id] = struct{}{}
	}
}

// unblock notes that it need not wait any more.
func (a *mends) unblock(id object.ID) {
	m := a.of[id]
	if m == nil || !m.blocked {
		return
	}
	for _, via := range m.vias {
		// Its place among the sorted stays until they are sorted again: others are
		// likely to wait for the same gateway.
		if delete(a.gates[via], id); len(a.gates[via]) == 0 {
			delete(a.gates, via)
			a.unsorted = true
		}
	}
	delete(a.rest, id)
	m.blocked, m.vias = false, nil
}

// behind yields the blocked routes whose gateway is in a network.
func (a *mends) behind(network netip.Prefix, yield func(object.ID)) {
	if len(a.gates) == 0 {
		return
	}
	if a.unsorted {
		a.sorted = slices.DeleteFunc(a.sorted, func(via netip.Addr) bool { return a.gates[via] == nil })
		slices.SortFunc(a.sorted, netip.Addr.Compare)
		a.sorted = slices.Compact(a.sorted)
		a.unsorted = false
	}
	first, _ := slices.BinarySearchFunc(a.sorted, network.Masked().Addr(), netip.Addr.Compare)
	for _, via := range a.sorted[first:] {
		if !network.Contains(via) {
			return
		}
		for id := range a.gates[via] {
			yield(id)
		}
	}
}

// network is what an object, by being there, makes a way to.
func network(o object.Object) (netip.Prefix, bool) {
	switch o := o.(type) {
	case *object.Address:
		return o.Prefix().Masked(), true
	case *object.Route:
		return o.Prefix, true
	}
	return netip.Prefix{}, false
}
