package southbound_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/conformance"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/plan"
)

// The driver on a dataplane in memory, of manners quite unlike the kernel's: it
// changes everything in place and takes nothing along when a link goes down. What
// passes here and on a real dataplane depends on neither.
func TestConformance(t *testing.T) {
	conformance.Run(t, func(testing.TB) conformance.World { return newMemory() })
}

// memory is a dataplane.
type memory struct {
	mu       sync.Mutex // guards what follows
	states   map[object.ID]object.State
	watchers map[*memoryWatcher]struct{}
	index    uint32
}

func newMemory() *memory {
	m := &memory{states: make(map[object.ID]object.State), watchers: make(map[*memoryWatcher]struct{})}
	for _, name := range []string{"p", "q"} {
		m.set(&object.LinkState{Link: object.Link{Name: name, Kind: object.Ethernet, Up: true, MTU: 1500}, Oper: object.OperUp, Index: m.next(), Counters: object.Counters{Time: time.Unix(1, 0)}})
	}
	return m
}

func (m *memory) next() uint32 { m.index++; return m.index }

func (m *memory) set(s object.State) { m.change(s.ID(), s) }

// change changes a state and tells of it; with a link goes what is on it.
func (m *memory) change(id object.ID, s object.State) {
	if s == nil {
		delete(m.states, id)
	} else {
		m.states[id] = s
	}
	for w := range m.watchers {
		w.tell(southbound.Change{ID: id, State: s})
	}
	if s == nil && id.Kind == object.KindLink {
		for other, st := range maps.Clone(m.states) {
			if object.Needs(desired(st), id.Name) {
				if l, ok := st.(*object.LinkState); ok { // a port stays
					free := *l
					free.Master = ""
					m.set(&free)
					continue
				}
				m.change(other, nil)
			}
		}
	}
}

func desired(s object.State) object.Object {
	switch s := s.(type) {
	case *object.LinkState:
		return &s.Link
	case *object.AddressState:
		return &s.Address
	case *object.NeighborState:
		return &s.Neighbor
	case *object.RouteState:
		return &s.Route
	}
	return nil
}

// observed is the state of an object that somebody has made.
func (m *memory) observed(o object.Object, owned bool) object.State {
	switch o := o.(type) {
	case *object.Link:
		l := *o
		l.Up = false
		if l.MTU = 1500; l.Kind == object.Existing {
			l.Kind = object.Ethernet
		}
		return &object.LinkState{Link: l, Owned: owned, Index: m.next(), Oper: object.OperUp, Counters: object.Counters{Time: time.Unix(1, 0)}}
	case *object.Address:
		return &object.AddressState{Address: *o, Owned: owned, Origin: object.OriginStatic}
	case *object.Neighbor:
		return &object.NeighborState{Neighbor: *o, Owned: owned, Origin: object.OriginStatic, Status: object.NeighborPermanent}
	case *object.Route:
		return &object.RouteState{Route: *o, Owned: owned}
	}
	return nil
}

func (m *memory) Backend(testing.TB) southbound.Backend { return &memoryBackend{m: m} }
func (m *memory) Ports() (string, string)               { return "p", "q" }

func (m *memory) Samples() []conformance.Sample {
	bridge := func(l object.Link, attrs ...object.Attr) object.Claim {
		l.Name, l.Kind = "br0", object.Bridge
		return conformance.Created(l, attrs...)
	}
	return []conformance.Sample{
		{Name: "bridge", Claim: bridge(object.Link{}), Changes: []object.Claim{
			bridge(object.Link{MTU: 9000, Description: "inside"}, object.MTU, object.Description),
			bridge(object.Link{STP: true}, object.STP),
		}, Foreign: &object.Link{Name: "br0", Kind: object.Tap}},
		{Name: "port", Needs: []object.Claim{bridge(object.Link{})},
			Claim: conformance.Link(object.Link{Name: "p", Up: true, MTU: 1500, Master: "br0"}, object.Up, object.MTU, object.Master, object.Description)},
	}
}

func (m *memory) Add(_ testing.TB, o object.Object) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.set(m.observed(o, false))
}

func (m *memory) Remove(t testing.TB, o object.Object) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.states[o.ID()] == nil {
		t.Errorf("%s is not there to be removed", o.ID())
	}
	m.change(o.ID(), nil)
}

func (m *memory) Set(_ testing.TB, l *object.Link, a object.Attr) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.setAttr(l, a)
}

func (m *memory) setAttr(l *object.Link, a object.Attr) {
	now := *m.states[l.ID()].(*object.LinkState)
	now.Link = *object.With(&now.Link, l, a).(*object.Link)
	m.set(&now)
}

// memoryBackend is one process's way to the dataplane.
type memoryBackend struct {
	m     *memory
	stats southbound.Stats // guarded by m.mu
}

func (b *memoryBackend) Change(_, want object.Object, a object.Attr) plan.Manner {
	switch a {
	case object.LinkKindAttr:
		return plan.BreakBeforeMake
	case object.PrefixLength:
		return plan.BreakBeforeMake
	}
	return plan.InPlace
}
func (b *memoryBackend) NeedsUp(object.Object) bool                  { return false }
func (b *memoryBackend) Takes(plan.Step, object.Object) bool         { return false }
func (b *memoryBackend) Exclusive(object.Object) string              { return "" }
func (b *memoryBackend) Normal(o object.Object) object.Object        { return o }
func (b *memoryBackend) Restore(context.Context, object.State) error { return nil }

// Check refuses long descriptions, as every dataplane does.
func (b *memoryBackend) Check(c *object.Claim) error {
	if l, ok := c.Object.(*object.Link); ok && len(l.Description) > 255 {
		return &southbound.AttrError{Attr: object.Description, Reason: "it is too long"}
	}
	return nil
}

func (b *memoryBackend) Incarnation(context.Context) (string, error) {
	return fmt.Sprintf("%p", b.m), nil
}

func (b *memoryBackend) Default(have object.Object, a object.Attr) (object.Object, bool) {
	switch a {
	case object.Description, object.Master, object.STP:
		return object.With(have, &object.Link{}, a), true
	case object.MTU:
		return object.With(have, &object.Link{MTU: 1500}, a), true
	}
	return nil, false
}

func (b *memoryBackend) Stats() southbound.Stats {
	b.m.mu.Lock()
	defer b.m.mu.Unlock()
	return b.stats
}

func (b *memoryBackend) Watch(context.Context) (southbound.Watcher, error) {
	w := &memoryWatcher{m: b.m, some: make(chan struct{}, 1), closed: make(chan struct{})}
	b.m.mu.Lock()
	defer b.m.mu.Unlock()
	b.m.watchers[w] = struct{}{}
	return w, nil
}

func (b *memoryBackend) Dump(context.Context) ([]object.State, error) {
	b.m.mu.Lock()
	defer b.m.mu.Unlock()
	return slices.Collect(maps.Values(b.m.states)), nil
}

func (b *memoryBackend) Read(_ context.Context, o object.Object) (object.State, error) {
	b.m.mu.Lock()
	defer b.m.mu.Unlock()
	return b.m.states[o.ID()], nil
}

func (b *memoryBackend) Under(_ context.Context, link string) ([]object.State, error) {
	b.m.mu.Lock()
	defer b.m.mu.Unlock()
	var found []object.State
	for _, s := range b.m.states {
		if _, isLink := s.(*object.LinkState); !isLink && object.Needs(desired(s), link) {
			found = append(found, s)
		}
	}
	return found, nil
}

func (b *memoryBackend) Counters(context.Context, string, []object.LinkCounters) ([]object.LinkCounters, error) {
	return nil, nil
}

func (b *memoryBackend) Do(_ context.Context, s plan.Step) error {
	b.m.mu.Lock()
	defer b.m.mu.Unlock()
	b.stats.Writes++
	now := b.m.states[s.ID]
	switch s.Op {
	case plan.Create:
		for l := range object.Links(s.Want) {
			if b.m.states[object.LinkID(l)] == nil {
				return fmt.Errorf("link %s: %w", l, southbound.ErrNotReady)
			}
		}
		if now != nil {
			return southbound.ErrExists
		}
		b.m.set(b.m.observed(s.Want, true))
	case plan.Update:
		if now == nil {
			return southbound.ErrGone
		}
		if l, ok := s.Want.(*object.Link); ok {
			b.m.setAttr(l, s.Attr())
			return nil
		}
		b.m.set(b.m.observed(s.Want, true))
	case plan.Delete:
		if now == nil {
			return southbound.ErrGone
		}
		b.m.change(s.ID, nil)
	}
	return nil
}

// memoryWatcher queues changes.
type memoryWatcher struct {
	m      *memory
	queue  []southbound.Change // guarded by m.mu
	some   chan struct{}
	closed chan struct{}
}

func (w *memoryWatcher) tell(c southbound.Change) {
	w.queue = append(w.queue, c)
	select {
	case w.some <- struct{}{}:
	default:
	}
}

func (w *memoryWatcher) Next(ctx context.Context) (southbound.Events, error) {
	select {
	case <-w.some:
	case <-ctx.Done():
		return southbound.Events{}, ctx.Err()
	case <-w.closed:
		return southbound.Events{}, context.Canceled
	}
	w.m.mu.Lock()
	defer w.m.mu.Unlock()
	// An event is a trigger: what is told is how things are now.
	var events southbound.Events
	for _, c := range w.queue {
		events.Changes = append(events.Changes, southbound.Change{ID: c.ID, State: w.m.states[c.ID]})
	}
	w.queue = nil
	return events, nil
}

func (w *memoryWatcher) Close() error {
	w.m.mu.Lock()
	defer w.m.mu.Unlock()
	delete(w.m.watchers, w)
	close(w.closed)
	return nil
}

func (b *memoryBackend) ReadFirst(k object.Kind) bool { return k != object.KindRoute }
