package openconfig

import (
	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/translate"
)

// statusState renders how a desired object fares: an entry of outrigger-ext's
// realization while it is not in sync.
func (m *Model) statusState(r *translate.Rendering, s *object.Status, gone bool) {
	kind, name := s.Object.Kind.String(), s.Object.Name
	p := translate.Entry(translate.Below(m.realized, "objects/object"), "kind", kind, "name", name)
	if gone || s.Condition == object.InSync {
		r.None(p)
		return
	}
	state := &objectState{
		Kind: &kind, Name: &name, Status: conditions[s.Condition], Reason: text(s.Reason),
		Since: nanoseconds(s.Since),
	}
	if s.Path != "" {
		state.Path = []any{s.Path}
	}
	r.Node(translate.Below(p, "state"), state)
}

// Backend is state that says which dataplane the configuration is realized in.
func (m *Model) Backend(name string) []agent.StateChange {
	r := m.render.Begin()
	r.Leaf(translate.Below(m.realized, "state/backend"), name)
	return r.End()
}
