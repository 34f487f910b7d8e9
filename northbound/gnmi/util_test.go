package gnmi_test

import (
	"maps"
	"slices"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/outrigger-cnf/outrigger/agent"
)

type protoMessage = protoreflect.Message

func sorted(s []string) []string { slices.Sort(s); return s }

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

// stateGone removes the state at and below a path.
func stateGone(b *bench, p string) agent.StateChange {
	b.t.Helper()
	return agent.StateChange{Path: b.path(p)}
}
