package modeltest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"iter"
	"net/netip"
	"slices"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/codec/jsoncodec"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/store"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// Screen is a dataplane that is described and a real agent that shows the state
// which models render of it.
type Screen struct {
	t      testing.TB
	agent  *agent.Agent
	models []southbound.Model
	world  world
}

// NewScreen is an empty dataplane.
func NewScreen(t testing.TB, s *schema.Schema, models ...southbound.Model) *Screen {
	t.Helper()
	var served []path.Path
	for _, top := range s.Root.Data {
		served = append(served, top.SchemaPath())
	}
	a, err := agent.New(agent.Config{Schema: s, Store: store.NewEphemeral(s), Served: served})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return &Screen{t: t, agent: a, models: models, world: world{}}
}

// Show makes states part of the dataplane, one after the other.
func (s *Screen) Show(states ...object.State) {
	for _, state := range states {
		s.render(s.put(state))
	}
}

// Hide removes objects from the dataplane, one after the other.
func (s *Screen) Hide(states ...object.State) {
	for _, state := range states {
		s.render(s.drop(state))
	}
}

// Turn hides objects and shows others, all before any of it is rendered.
func (s *Screen) Turn(hide, show []object.State) {
	var changes []southbound.Transition
	for _, state := range hide {
		changes = append(changes, s.drop(state))
	}
	for _, state := range show {
		changes = append(changes, s.put(state))
	}
	s.render(changes...)
}

func (s *Screen) put(state object.State) southbound.Transition {
	old := s.world[key(state)]
	s.world[key(state)] = state
	return southbound.Transition{Old: old, New: state}
}

func (s *Screen) drop(state object.State) southbound.Transition {
	old := s.world[key(state)]
	delete(s.world, key(state))
	return southbound.Transition{Old: old}
}

// key is where a state stands in the world.
func key(state object.State) object.ID {
	if _, ok := state.(*object.Status); ok {
		return statusID(state.ID())
	}
	return state.ID()
}

// statusID tells the status of an object from the object.
func statusID(id object.ID) object.ID { return object.ID{Name: id.String()} }

func (s *Screen) render(changes ...southbound.Transition) {
	for _, m := range s.models {
		s.Publish(m.State(s.world, changes...))
	}
}

// Publish shows changes.
func (s *Screen) Publish(changes []agent.StateChange) {
	s.agent.Publish(agent.Update{Changes: changes})
}

// Tables renders the tables of the models that have any.
func (s *Screen) Tables() {
	var routes []*object.RouteState
	for _, state := range s.world {
		if r, ok := state.(*object.RouteState); ok {
			routes = append(routes, r)
		}
	}
	for _, m := range s.models {
		if m, ok := m.(southbound.TableModel); ok {
			s.Publish(m.Tables(routes))
		}
	}
}

// World is the dataplane.
func (s *Screen) World() southbound.World { return s.world }

// Tree is the operational datastore.
func (s *Screen) Tree() tree.Tree { return s.agent.Snapshot().Operational }

// JSON is what the screen shows at a path; null for nothing.
func (s *Screen) JSON(at string) string {
	s.t.Helper()
	t := s.Tree()
	p, _, err := t.Schema().Resolve(at)
	if err != nil {
		s.t.Fatal(err)
	}
	n := t.Node(p)
	if n == nil {
		return "null"
	}
	var out bytes.Buffer
	if err := json.Indent(&out, jsoncodec.Append(nil, n, jsoncodec.Options{Qualify: jsoncodec.WhenChanged}), "", "  "); err != nil {
		s.t.Fatal(err)
	}
	return out.String()
}

// Leaves yields the schema path of each leaf that the screen shows.
func (s *Screen) Leaves() iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, n := range s.Tree().Under(nil) {
			if !yield(n.Schema().SchemaPath().String()) {
				return
			}
		}
	}
}

// world is all objects there are.
type world map[object.ID]object.State

var _ southbound.World = world(nil)

func all[S object.State](w world, match func(S) bool) iter.Seq[S] {
	return func(yield func(S) bool) {
		for _, state := range w {
			if s, ok := state.(S); ok && match(s) && !yield(s) {
				return
			}
		}
	}
}

func (w world) Link(name string) *object.LinkState {
	l, _ := w[object.LinkID(name)].(*object.LinkState)
	return l
}

func (w world) Links() iter.Seq[*object.LinkState] {
	return all(w, func(*object.LinkState) bool { return true })
}

func (w world) Addresses(link string) iter.Seq[*object.AddressState] {
	return all(w, func(a *object.AddressState) bool { return a.Link == link })
}

func (w world) Neighbors(link string) iter.Seq[*object.NeighborState] {
	return all(w, func(n *object.NeighborState) bool { return n.Link == link })
}

func (w world) Routes(table string, prefix netip.Prefix) iter.Seq[*object.RouteState] {
	routes := slices.SortedFunc(
		all(w, func(r *object.RouteState) bool { return r.Table == table && r.Prefix == prefix }),
		func(a, b *object.RouteState) int { return cmp.Compare(a.Metric, b.Metric) })
	return slices.Values(routes)
}

func (w world) Address(link string, ip netip.Addr) *object.AddressState {
	a, _ := w[object.AddressID(link, ip)].(*object.AddressState)
	return a
}

func (w world) Status(id object.ID) *object.Status {
	s, _ := w[statusID(id)].(*object.Status)
	return s
}

func (w world) Setting(name object.SettingName, f object.Family, link string) (uint32, bool) {
	s, ok := w[object.SettingID(name, f, link)].(*object.SettingState)
	if !ok {
		return 0, false
	}
	return s.Value, true
}
