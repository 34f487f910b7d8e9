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
