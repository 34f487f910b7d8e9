package openconfig

import (
	"strconv"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/southbound/object"
	"github.com/outrigger-cnf/outrigger/southbound/translate"
)

// statusState renders how a desired object fares: an entry of outrigger-ext's
// realization while it is not in sync.
func (m *Model) statusState(s *object.Status, gone bool) []agent.StateChange {
	p := translate.Entry(translate.Below(m.statuses, "object"), "kind", s.Object.Kind.String(), "name", s.Object.Name)
	if gone || s.Condition == object.InSync {
		return []agent.StateChange{{Path: p}}
	}
	leaves := map[string]string{
		"kind":   s.Object.Kind.String(),
		"name":   s.Object.Name,
		"status": s.Condition.String(),
		"reason": s.Reason,
		"since":  strconv.FormatInt(s.Since.UnixNano(), 10),
		"path":   s.Path,
	}
	x := tree.New(m.Schema).Txn()
	for name, text := range leaves {
		at := translate.Below(p, "state/"+name)
		def, err := m.Schema.Find(at)
		if err != nil || text == "" {
			continue
		}
		v, err := def.Parse(text, m.Schema.ModuleNames())
		if err != nil {
			continue // a path that the schema cannot name: the rest still helps
		}
		if err := x.Set(at, v); err != nil {
			return nil
		}
	}
	return []agent.StateChange{{Path: p, Node: x.Tree().Node(p)}}
}
