package southbound

import (
	"iter"
	"maps"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// seen is what there is: the dataplane as it was last read or told of. It is the
// World that models render from.
//
// Its writers hold Driver.mu, and mu for the moment of each change. So it may be
// read with either: with Driver.mu by who is going to change it, with mu by who
// must not wait for a commit.
type seen struct {
	mu       sync.RWMutex
	states   map[object.ID]object.State
	byLink   map[string]map[object.ID]struct{} // addresses, neighbors and routes that use a link
	settings map[string]map[object.ID]struct{} // of a link
	routes   map[routeKey][]*object.RouteState
	ports    map[string]map[string]struct{} // master or parent → links
	status   map[object.ID]*object.Status
}

type routeKey struct {
	table  string
	prefix netip.Prefix
}

var _ World = (*seen)(nil)

func newSeen() *seen {
	return &seen{
		states: make(map[object.ID]object.State), byLink: make(map[string]map[object.ID]struct{}),
		settings: make(map[string]map[object.ID]struct{}),
		routes:   make(map[routeKey][]*object.RouteState), ports: make(map[string]map[string]struct{}),
		status: make(map[object.ID]*object.Status),
	}
}

// set takes a state in, nil for what is gone, and returns what it replaces and
// whether that is a change.
func (s *seen) set(id object.ID, state object.State) (old object.State, changed bool) {
	old = s.states[id]
	if l, ok := state.(*object.LinkState); ok {
		state = sinceWhen(l, old, time.Now())
	}
	if old == nil && state == nil {
		return nil, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if old != nil {
		s.unlink(id, old)
	}
	if state == nil {
		delete(s.states, id)
		return old, true
	}
	s.states[id] = state
	s.link(id, state)
	return old, old == nil || !state.Same(old)
}

// setStatus notes how a desired object fares; nil: all is well.
func (s *seen) setStatus(id object.ID, status *object.Status) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if status == nil {
		delete(s.status, id)
		return
	}
	s.status[id] = status
}

// sinceWhen fills in since when a link has been there, and in its operational
// state: the dataplane may not know.
func sinceWhen(l *object.LinkState, old object.State, now time.Time) *object.LinkState {
	c := *l
	before, _ := old.(*object.LinkState)
	if before != nil && before.Index != l.Index {
		before = nil // another link of that name
	}
	if c.Since.IsZero() {
		c.Since = now
		if before != nil {
			c.Since = before.Since
		}
	}
	if c.LastChange.IsZero() {
		c.LastChange = now
		if before != nil && before.Oper == l.Oper {
			c.LastChange = before.LastChange
		}
	}
	return &c
}

func (s *seen) link(id object.ID, state object.State) {
	for name := range linksOf(state) {
		if s.byLink[name] == nil {
			s.byLink[name] = make(map[object.ID]struct{})
		}
		s.byLink[name][id] = struct{}{}
	}
	switch st := state.(type) {
	case *object.RouteState:
		key := routeKey{st.Table, st.Prefix}
		list := append(slices.Clip(s.routes[key]), st)
		slices.SortFunc(list, func(a, b *object.RouteState) int { return int(int64(a.Metric) - int64(b.Metric)) })
		s.routes[key] = list
	case *object.LinkState:
		for below := range object.Links(&st.Link) {
			if s.ports[below] == nil {
				s.ports[below] = make(map[string]struct{})
			}
			s.ports[below][st.Name] = struct{}{}
		}
	case *object.SettingState:
		if st.Link != "" {
			if s.settings[st.Link] == nil {
				s.settings[st.Link] = make(map[object.ID]struct{})
			}
			s.settings[st.Link][id] = struct{}{}
		}
	}
}

func (s *seen) unlink(id object.ID, state object.State) {
	for name := range linksOf(state) {
		delete(s.byLink[name], id)
		if len(s.byLink[name]) == 0 {
			delete(s.byLink, name)
		}
	}
	switch st := state.(type) {
	case *object.RouteState:
		key := routeKey{st.Table, st.Prefix}
		list := slices.DeleteFunc(slices.Clone(s.routes[key]), func(r *object.RouteState) bool { return r.Metric == st.Metric })
		if s.routes[key] = list; len(list) == 0 {
			delete(s.routes, key)
		}
	case *object.LinkState:
		for below := range object.Links(&st.Link) {
			delete(s.ports[below], st.Name)
			if len(s.ports[below]) == 0 {
				delete(s.ports, below)
			}
		}
	case *object.SettingState:
		delete(s.settings[st.Link], id)
		if len(s.settings[st.Link]) == 0 {
			delete(s.settings, st.Link)
		}
	}
}

// linksOf yields the links that an address, neighbor or route uses.
func linksOf(state object.State) iter.Seq[string] {
	switch st := state.(type) {
	case *object.AddressState:
		return object.Links(&st.Address)
	case *object.NeighborState:
		return object.Links(&st.Neighbor)
	case *object.RouteState:
		return object.Links(&st.Route)
	}
	return object.Links(nil)
}

// state is what there is of an object, nil if nothing.
func (s *seen) state(id object.ID) object.State { return s.states[id] }

// all yields all that there is, in no order. It may change meanwhile.
func (s *seen) all() iter.Seq2[object.ID, object.State] { return maps.All(s.states) }

// Link returns a link, nil if it is not there.
func (s *seen) Link(name string) *object.LinkState {
	l, _ := s.states[object.LinkID(name)].(*object.LinkState)
	return l
}

// Links yields all links.
func (s *seen) Links() iter.Seq[*object.LinkState] {
	return func(yield func(*object.LinkState) bool) {
		for _, st := range s.states {
			if l, ok := st.(*object.LinkState); ok && !yield(l) {
				return
			}
		}
	}
}

// Address returns an address of a link, nil if it is not there.
func (s *seen) Address(link string, ip netip.Addr) *object.AddressState {
	a, _ := s.states[object.AddressID(link, ip)].(*object.AddressState)
	return a
}

// Addresses yields the addresses of a link.
func (s *seen) Addresses(link string) iter.Seq[*object.AddressState] {
	return ofLink[*object.AddressState](s, link)
}

// Neighbors yields the neighbors of a link.
func (s *seen) Neighbors(link string) iter.Seq[*object.NeighborState] {
	return ofLink[*object.NeighborState](s, link)
}

func ofLink[S object.State](s *seen, link string) iter.Seq[S] {
	return func(yield func(S) bool) {
		for id := range s.byLink[link] {
			if st, ok := s.states[id].(S); ok && !yield(st) {
				return
			}
		}
	}
}

// Routes yields the routes to a prefix, the one with the least metric first.
func (s *seen) Routes(table string, prefix netip.Prefix) iter.Seq[*object.RouteState] {
	return slices.Values(s.routes[routeKey{table, prefix}])
}

// allRoutes returns the routes of all tables. It waits for no commit.
func (s *seen) allRoutes() []*object.RouteState {
	s.mu.RLock()
	defer s.mu.RUnlock()
	all := make([]*object.RouteState, 0, len(s.routes))
	for _, routes := range s.routes {
		all = append(all, routes...)
	}
	return all
}

// Status returns how a desired object fares; nil: all is well.
func (s *seen) Status(id object.ID) *object.Status { return s.status[id] }

// Setting returns a setting as it was last read.
func (s *seen) Setting(name object.SettingName, f object.Family, link string) (uint32, bool) {
	st, ok := s.states[object.SettingID(name, f, link)].(*object.SettingState)
	if !ok {
		return 0, false
	}
	return st.Value, true
}
