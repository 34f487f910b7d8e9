package openconfig

import (
	"strconv"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// statusState renders how a desired object fares: an entry of outrigger-ext's
// realisation while it is not in sync.
func (m *Model) statusState(s *object.Status, gone bool) []agent.StateChange {
	p := entry(below(m.statuses, "object"), path.Key{Name: "kind", Value: s.Object.Kind.String()}, path.Key{Name: "name", Value: s.Object.Name})
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
	x := tree.New(m.schema).Txn()
	for name, text := range leaves {
		at := below(p, "state/"+name)
		def, err := m.schema.Find(at)
		if err != nil || text == "" {
			continue
		}
		v, err := def.Parse(text, m.schema.ModuleNames())
		if err != nil {
			continue // a path that the schema cannot name: the rest still helps
		}
		if err := x.Set(at, v); err != nil {
			return nil
		}
	}
	return []agent.StateChange{{Path: p, Node: x.Tree().Node(p)}}
}
