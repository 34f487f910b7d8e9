package vpp

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	interfaces "go.fd.io/govpp/binapi/interface"
	"go.fd.io/govpp/binapi/ip_neighbor"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/vpp/conn"
)

const (
	// oneByOne is how many objects that events are about are read one by one; of
	// more, the table is read.
	oneByOne = 32
	// leisure is how many times as long as the reading of a table took it is left
	// alone: VPP does nothing else meanwhile, and we take no more than this part
	// of its time. 10,000 routes take 25 ms, and so may be read every 1.25 s.
	leisure = 50
	// mostEach is how long, at the most, a table is left alone for each object in it, and
	// for each link, which all tables but that of routes ask about one by one: what
	// took longer than that was not VPP's work, but waiting for a busy machine, or for
	// others whom VPP answers first. It is eight times what a route takes.
	mostEach = time.Millisecond
)

// watcher tells changes within one connection. VPP tells of interfaces that come,
// go, or go up or down, and of neighbors. All else is found by reading the tables
// from time to time, and comparing.
type watcher struct {
	b        *Backend
	listener *conn.Listener
	epoch    uint64
	tables   []*table
}

// table is where the objects of a kind are read.
type table struct {
	kind  object.Kind
	dump  func(context.Context) ([]object.State, error)
	size  int           // how many objects it had
	began time.Time     // the last look; before there was one, the watch
	due   time.Time     // the next one
	late  time.Duration // after a change it may be told
	fault string        // why it cannot be read
}

// Watch listens, and reads tables from the first dump on. Its Watcher ends, with
// an error that wraps ErrAway, with the connection.
func (b *Backend) Watch(context.Context) (southbound.Watcher, error) {
	w := &watcher{b: b, listener: b.conn.Listen()}
	info := b.conn.Info()
	if !info.Connected {
		w.listener.Close()
		return nil, fmt.Errorf("%w: %s", southbound.ErrAway, info.Problem)
	}
	w.epoch = info.Epoch
	w.tables = []*table{
		{kind: object.KindLink, dump: b.linkStates},
		{kind: object.KindSetting, dump: b.dumpSettings},
		{kind: object.KindAddress, dump: b.dumpAddresses},
		{kind: object.KindNeighbor, dump: b.dumpNeighbors},
		{kind: object.KindRoute, dump: b.dumpRoutes},
	}
	now := time.Now()
	for _, t := range w.tables {
		t.began, t.due = now, now.Add(b.cfg.Poll)
	}
	b.dead.watch(w.epoch)
	b.told.begin(w.epoch)
	b.tryCounters()
	return w, nil
}

func (b *Backend) linkStates(ctx context.Context) ([]object.State, error) {
	links, err := b.dumpLinks(ctx)
	if err != nil {
		return nil, err
	}
	states := make([]object.State, len(links))
	for i, l := range links {
		states[i] = l
	}
	return states, nil
}

// Close ends Next.
func (w *watcher) Close() error {
	w.listener.Close()
	return nil
}

// Next waits for notifications, or for tables to be due, and tells what is another
// than before.
func (w *watcher) Next(ctx context.Context) (southbound.Events, error) {
	for {
		wait, cancel := context.WithDeadline(ctx, w.due())
		told, err := w.listener.Next(wait)
		cancel()
		var e southbound.Events
		switch {
		case ctx.Err() != nil:
			return e, ctx.Err()
		case errors.Is(err, context.DeadlineExceeded):
			e, err = w.poll(ctx)
		case err == nil:
			e, err = w.take(ctx, told)
		}
		if err != nil || e.Lost || len(e.Changes) > 0 {
			return e, err
		}
	}
}

func (w *watcher) due() time.Time {
	first := w.tables[0].due
	for _, t := range w.tables[1:] {
		if t.due.Before(first) {
			first = t.due
		}
	}
	return first
}

// take takes in what happened.
func (w *watcher) take(ctx context.Context, told []conn.Event) (southbound.Events, error) {
	n := notes{links: make(map[uint32]bool), neighbors: make(map[neighborKey]bool)}
	for _, e := range told {
		switch {
		case e.Epoch < w.epoch:
		case e.Kind == conn.Lost, e.Epoch > w.epoch:
			return southbound.Events{}, fmt.Errorf("%w: the connection was lost", southbound.ErrAway)
		case e.Kind == conn.Missed:
			w.b.stats.lost.Add(1)
			w.b.dead.watch(w.epoch)
			return southbound.Events{Lost: true}, nil
		case e.Kind == conn.Notified:
			w.b.stats.events.Add(1)
			n.add(e)
		}
	}
	gone := make(map[uint32]bool)
	for _, index := range n.gone {
		if w.b.dead.foreign(w.epoch, index) {
			gone[index] = true
		}
	}
	if len(gone) > 0 {
		if err := w.b.buryRoutes(ctx, gone); err != nil {
			return southbound.Events{}, err
		}
		// It may be there again, without all that was on it.
		now := time.Now()
		for _, t := range w.tables {
			t.due = now
		}
	}
	return w.read(ctx, n)
}

// notes are what notifications are about. What they say of it is not believed: by
// now it may be otherwise.
type notes struct {
	order     []uint32
	links     map[uint32]bool
	gone      []uint32 // of each that went
	neighbors map[neighborKey]bool
}

type neighborKey struct {
	index uint32
	ip    netip.Addr
}

func (n *notes) add(e conn.Event) {
	switch m := e.Message.(type) {
	case *interfaces.SwInterfaceEvent:
		i := uint32(m.SwIfIndex)
		if m.Deleted {
			n.gone = append(n.gone, i)
		}
		if !n.links[i] {
			n.links[i] = true
			n.order = append(n.order, i)
		}
	case *ip_neighbor.IPNeighborEventV2:
		ip, ok := netip.AddrFromSlice(m.Neighbor.IPAddress.ToIP())
		if ok {
			n.neighbors[neighborKey{uint32(m.Neighbor.SwIfIndex), ip.Unmap()}] = true
		}
	}
}

// read reads what notifications are about.
func (w *watcher) read(ctx context.Context, n notes) (southbound.Events, error) {
	var e southbound.Events
	if len(n.order) > oneByOne {
		if err := w.compare(ctx, w.table(object.KindLink), &e); err != nil {
			return e, err
		}
	} else {
		for _, index := range n.order {
			if err := w.readLink(ctx, index, &e); err != nil || e.Lost {
				return e, err
			}
		}
	}
	if len(n.neighbors) > oneByOne {
		return e, w.compare(ctx, w.table(object.KindNeighbor), &e)
	}
	for k := range n.neighbors {
		name, err := w.b.nameAt(ctx, k.index)
		if err != nil {
			return e, err
		}
		if name == "" { // gone, with its neighbors
			continue
		}
		o := &object.Neighbor{Link: name, IP: k.ip}
		s, err := w.b.read(w.b.conn.Within(ctx), o)
		if err != nil {
			return e, err
		}
		w.tell(o.ID(), s, &e)
	}
	return e, nil
}

// readLink reads one link by its number.
func (w *watcher) readLink(ctx context.Context, index uint32, e *southbound.Events) error {
	if index == 0 {
		return nil
	}
	before := w.b.nameOf(index)
	s, err := w.b.linkAt(ctx, index)
	if err != nil {
		return err
	}
	switch {
	case s == nil:
		if before != "" {
			w.tell(object.LinkID(before), nil, e)
		}
	case before != "" && before != s.Name:
		// All that stands on it has another identity.
		w.b.stats.lost.Add(1)
		*e = southbound.Events{Lost: true}
	default:
		w.tell(s.ID(), s, e)
	}
	return nil
}

// lag notes how long it may take until a change is told.
func (w *watcher) lag() {
	var longest time.Duration
	for _, t := range w.tables {
		longest = max(longest, t.late)
	}
	w.b.lag.Store(int64(longest))
}

// Lag is how long after a change it may be told: as long as from the beginning of a
// look, which may just not have seen it, to the end of the next.
func (b *Backend) Lag() time.Duration {
	return max(b.cfg.Poll, time.Duration(b.lag.Load()))
}

// tell tells what an object is now.
func (w *watcher) tell(id object.ID, s object.State, e *southbound.Events) {
	e.Changes = append(e.Changes, w.b.told.tell(id, s))
}

func (w *watcher) table(k object.Kind) *table {
	for _, t := range w.tables {
		if t.kind == k {
			return t
		}
	}
	return nil
}

// poll reads the tables that are due. Links always come first: what is on them is
// told by numbers, which the list of links has the names of.
func (w *watcher) poll(ctx context.Context) (southbound.Events, error) {
	var e southbound.Events
	now := time.Now()
	for _, t := range w.tables {
		if t.kind != object.KindLink && t.due.After(now) {
			continue
		}
		if err := w.compare(ctx, t, &e); err != nil {
			return e, err
		}
	}
	return e, nil
}

// compare reads a table and tells what is another than before.
func (w *watcher) compare(ctx context.Context, t *table, e *southbound.Events) error {
	start := time.Now()
	w.b.told.look(t.kind)
	list, err := t.dump(ctx)
	now := time.Now()
	if err == nil {
		t.size = len(list)
	}
	pause := max(w.b.cfg.Poll, min(leisure*now.Sub(start), time.Duration(t.size+w.table(object.KindLink).size)*mostEach))
	t.late = max(pause+now.Sub(start), now.Sub(t.began))
	t.began, t.due = start, now.Add(pause)
	w.lag()
	if err != nil {
		if ctx.Err() != nil || errors.Is(err, southbound.ErrAway) {
			return err
		}
		if t.fault != err.Error() {
			t.fault = err.Error()
			w.b.log.Warn("a table of VPP cannot be read", "table", t.kind.String(), "err", err)
		}
		return nil
	}
	t.fault = ""
	e.Changes = append(e.Changes, w.b.told.looked(t.kind, list)...)
	return nil
}
