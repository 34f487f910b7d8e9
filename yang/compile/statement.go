package compile

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/openconfig/goyang/pkg/yang"
)

// each yields s's substatements of one keyword.
func each(s *yang.Statement, keyword string) iter.Seq[*yang.Statement] {
	return func(yield func(*yang.Statement) bool) {
		for _, sub := range s.SubStatements() {
			if sub.Keyword == keyword && !yield(sub) {
				return
			}
		}
	}
}

// first returns s's first substatement of a keyword, or nil.
func first(s *yang.Statement, keyword string) *yang.Statement {
	for sub := range each(s, keyword) {
		return sub
	}
	return nil
}

// argOf returns the argument of s's substatement, or "".
func argOf(s *yang.Statement, keyword string) string {
	if sub := first(s, keyword); sub != nil {
		return sub.Argument
	}
	return ""
}

// isExtension tells a statement that some module's extension statement defines
// from one of YANG's own (RFC 7950 §6.3.1).
func isExtension(s *yang.Statement) bool { return strings.ContainsRune(s.Keyword, ':') }

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
