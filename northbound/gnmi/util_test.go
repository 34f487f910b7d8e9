package gnmi_test

import (
	"maps"
	"slices"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/outrigger-cnf/outrigger/agent"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
)

type protoMessage = protoreflect.Message

func sorted(s []string) []string { slices.Sort(s); return s }

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

// stateGone removes the state at and below a path.
func stateGone(b *bench, p string) agent.StateChange {
	b.t.Helper()
	return agent.StateChange{Path: b.path(p)}
}

// leaf makes a leaf.
func leaf(b *bench, p path.Path, v schema.Value) *tree.Node {
	return tree.New(b.schema).Set(p, v).Node(p)
}

// emitLog publishes the lines of the zoo's log, a list without keys.
func (b *bench) emitLog(lines ...string) {
	b.t.Helper()
	p, def, err := b.schema.Resolve("/openconfig-zoo:zoo/log")
	if err != nil {
		b.t.Fatal(err)
	}
	change := agent.StateChange{Path: p}
	if len(lines) > 0 {
		m := tree.NewBuilder()
		var entries []*tree.Node
		for _, line := range lines {
			v, err := def.Data[0].Parse(line, nil)
			if err != nil {
				b.t.Fatal(err)
			}
			e, err := m.Entry(def, []*tree.Node{m.Leaf(def.Data[0], v)})
			if err != nil {
				b.t.Fatal(err)
			}
			entries = append(entries, e)
		}
		if change.Node, err = m.List(def, entries); err != nil {
			b.t.Fatal(err)
		}
	}
	b.driver.Emit(change)
}
