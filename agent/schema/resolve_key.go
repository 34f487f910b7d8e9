package schema

import "github.com/outrigger-cnf/outrigger/agent/path"

// canonicalKey returns the canonical form of a key value.
func canonicalKey(_ *Schema, _ *Node, text string, _ path.Path) (string, error) {
	return text, nil
}
