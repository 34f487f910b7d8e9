// Package compile turns YANG modules into the schema that the agent serves.
//
// It reads YANG 1 and 1.1 (RFC 6020, RFC 7950) with goyang's statement parser and
// does all the rest itself, in the order of Compile:
//
//	load       modules, submodules and imports, each file checked against the grammar
//	features   which are on, if-feature expressions decided
//	identities bound to their bases
//	expand     statements → a tree of nodes: groupings, refines, augments in uses
//	augment    top-level augments, in any order
//	deviate    deviations
//	finish     nodes → schema: config, keys, types, leafref targets, defaults
//
// Extensions are skipped, and with them all that they hold (RFC 7950 §6.3.1):
// yang-data and structure definitions are no data. Expressions of must and when
// are carried, not compiled: that is for agent/xpath.
//
// Resolved prints a compiled module as plain YANG for other tools.
package compile

import (
	"maps"
	"slices"

	"github.com/openconfig/goyang/pkg/yang"

	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// Options says what is to be implemented.
type Options struct {
	// Implement names the modules that are implemented, as name or
	// name@revision. What they import comes along, as imported only.
	Implement []string
	// Features maps a module to its enabled features; a module that is not there
	// has none. "*" stands for all.
	Features map[string][]string
	// AllFeatures enables every feature of every module.
	AllFeatures bool
}

// Compile compiles the modules that opt names. Its error joins all errors of the
// first phase that has any; each names file and line.
func Compile(src Sources, opt Options) (*schema.Schema, error) {
	c := &compiler{
		src:    src,
		opt:    opt,
		byFile: map[string]*yang.Statement{},
		scopes: map[*yang.Statement]*scope{},
		types:  map[*yang.Statement]*derived{},
	}
	var out *schema.Schema
	for _, phase := range []func(){
		c.load,
		c.decideFeatures,
		c.bindIdentities,
		c.expandAll,
		c.augmentAll,
		c.deviateAll,
		func() { out = c.finish() },
	} {
		phase()
		if err := c.errs.err(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// compiler is the state of one compilation.
type compiler struct {
	src  Sources
	opt  Options
	errs errorList

	modules []*module                  // in the order of loading: imports first
	byFile  map[string]*yang.Statement // parsed files

	scopes map[*yang.Statement]*scope   // of statements with definitions of their own
	types  map[*yang.Statement]*derived // by type statement
	nodes  int                          // made so far
	roots  []*node                      // top-level nodes of implemented modules
}

// implemented yields the implemented modules by name, so that the outcome does
// not depend on the order in which they were asked for.
func (c *compiler) implemented() []*module {
	byName := map[string]*module{}
	for _, m := range c.modules {
		if m.out.Implemented {
			byName[m.out.Name] = m
		}
	}
	sorted := make([]*module, 0, len(byName))
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		sorted = append(sorted, byName[name])
	}
	return sorted
}
