package openconfig

import (
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
	if p := s.Path(); len(p) > 0 {
		state.Path = []any{p.String()}
	}
	r.Node(translate.Below(p, "state"), state)
}
