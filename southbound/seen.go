package southbound

import (
	"iter"
	"net/netip"
	"slices"
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
	*records
	byLink   sets // addresses, neighbors and routes that use a link
	settings sets // of a link
	routes   map[routeKey][]*object.RouteState
	ports    map[string]map[string]struct{} // master or parent → links
	status   map[object.ID]*object.Status

	departures uint64 // counts links that went
}

type routeKey struct {
	table  string
	prefix netip.Prefix
}

var _ World = (*seen)(nil)

func newSeen(all *records) *seen {
	return &seen{
		records: all, byLink: make(sets), settings: make(sets),
		routes: make(map[routeKey][]*object.RouteState), ports: make(map[string]map[string]struct{}),
		status: make(map[object.ID]*object.Status),
	}
}

// set takes a state in, nil for what is gone, and returns what it replaces and
// whether that is a change.
func (s *seen) set(r *record, state object.State) (old object.State, changed bool) {
	old = r.state
	if old == nil && state == nil {
		return nil, false
	}
	if l, ok := state.(*object.LinkState); ok {
		state = sinceWhen(l, old, time.Now())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if old != nil {
		s.unlink(r)
	}
	if _, link := old.(*object.LinkState); link && state == nil {
		s.departures++
	}
	if r.state = state; state != nil {
		s.link(r)
	}
	return old, old == nil || state == nil || !state.Same(old)
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

func (s *seen) link(r *record) {
	for name := range object.Links(user(r.state)) {
		s.byLink.add(name, r)
	}
	switch st := r.state.(type) {
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
			s.settings.add(st.Link, r)
		}
	}
}

func (s *seen) unlink(r *record) {
	for name := range object.Links(user(r.state)) {
		s.byLink.remove(name, r)
	}
	switch st := r.state.(type) {
	case *object.RouteState:
		key := routeKey{st.Table, st.Prefix}
		if list := s.routes[key]; len(list) > 1 {
			s.routes[key] = slices.DeleteFunc(slices.Clone(list), func(r *object.RouteState) bool { return r.Metric == st.Metric })
		} else {
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
		s.settings.remove(st.Link, r)
	}
}

// user is the address, neighbor or route that is seen, and uses links; nil: it is
// none of them.
func user(state object.State) object.Object {
	switch st := state.(type) {
	case *object.AddressState:
		return &st.Address
	case *object.NeighborState:
		return &st.Neighbor
	case *object.RouteState:
		return &st.Route
	}
	return nil
}

// state is what there is of an object, nil if nothing.
func (s *seen) state(id object.ID) object.State {
	if r := s.find(id); r != nil {
		return r.state
	}
	return nil
}

// all yields all that there is, in no order. It may change meanwhile.
func (s *seen) all() iter.Seq2[object.ID, object.State] {
	return func(yield func(object.ID, object.State) bool) {
		for id, r := range s.of {
			if r.state != nil && !yield(id, r.state) {
				return
			}
		}
	}
}

// Link returns a link, nil if it is not there.
func (s *seen) Link(name string) *object.LinkState {
	l, _ := s.state(object.LinkID(name)).(*object.LinkState)
	return l
}

// Links yields all links.
func (s *seen) Links() iter.Seq[*object.LinkState] {
	return func(yield func(*object.LinkState) bool) {
		for _, st := range s.all() {
			if l, ok := st.(*object.LinkState); ok && !yield(l) {
				return
			}
		}
	}
}

// Address returns an address of a link, nil if it is not there.
func (s *seen) Address(link string, ip netip.Addr) *object.AddressState {
	a, _ := s.state(object.AddressID(link, ip)).(*object.AddressState)
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
		for r := range s.byLink[link] {
			if st, ok := r.state.(S); ok && !yield(st) {
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
	st, ok := s.state(object.SettingID(name, f, link)).(*object.SettingState)
	if !ok {
		return 0, false
	}
	return st.Value, true
}
