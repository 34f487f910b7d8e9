// Package modeltest shows what a southbound.Model makes of configuration and of
// what was observed, as text that a golden file can hold.
//
//	RFC 7951 JSON ──Claims──▶ claims ──Describe──▶ text
//	object.State ──Screen.Show, Screen.Hide──▶ agent ──▶ operational JSON
package modeltest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/outrigger-cnf/outrigger/agent/codec/jsoncodec"
	"github.com/outrigger-cnf/outrigger/agent/path"
	"github.com/outrigger-cnf/outrigger/agent/schema"
	"github.com/outrigger-cnf/outrigger/agent/tree"
	"github.com/outrigger-cnf/outrigger/southbound"
	"github.com/outrigger-cnf/outrigger/southbound/object"
)

// Tree reads a configuration.
func Tree(t testing.TB, s *schema.Schema, json string) tree.Tree {
	t.Helper()
	n, err := jsoncodec.Decode([]byte(json), s.Root, nil, jsoncodec.DecodeOptions{Config: true})
	if err != nil {
		t.Fatalf("the configuration is no good: %v", err)
	}
	if n == nil {
		return tree.New(s)
	}
	return tree.FromRoot(s, n)
}

// Claims asks the models for what a configuration makes of the dataplane, in the
// order of their units and instances. It ends at the first error.
func Claims(config tree.Tree, models ...southbound.Model) ([]object.Claim, error) {
	var all []object.Claim
	for _, m := range models {
		for _, u := range m.Units() {
			var err error
			each(config.Root(), nil, u.Path, func(at path.Path, n *tree.Node) {
				if err != nil {
					return
				}
				var claims []object.Claim
				claims, err = u.Objects(config, at, n)
				all = append(all, claims...)
			})
			if err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// each visits the instances of a schema path.
func each(n *tree.Node, at, rest path.Path, visit func(path.Path, *tree.Node)) {
	switch {
	case n == nil:
	case n.Schema().Kind == schema.List && !n.IsEntry():
		for entry := range n.Entries() {
			each(entry, at.Parent().Child(entry.Elem()), rest, visit)
		}
	case len(rest) == 0:
		visit(at, n)
	default:
		def := n.Schema().Child(rest[0].Module, rest[0].Name)
		each(n.Child(def), at.Child(def.Elem()), rest[1:], visit)
	}
}

// Describe writes claims with where each attribute comes from, relative to the
// claim's own node.
func Describe(claims []object.Claim) string {
	var b strings.Builder
	for _, c := range claims {
		fmt.Fprintf(&b, "%s\n  at %s\n", c.ID(), c.At)
		for _, s := range c.From {
			from := "." + strings.TrimPrefix(s.Path().String(), c.At.String())
			if !s.Path().HasPrefix(c.At) {
				from = s.Path().String()
			}
			fmt.Fprintf(&b, "  %s %s from %s\n", s.Attr, object.Text(c.Object, s.Attr), from)
		}
	}
	return b.String()
}
