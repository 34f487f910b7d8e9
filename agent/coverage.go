package agent

import (
	"fmt"
	"strings"

	"github.com/outrigger-cnf/outrigger/agent/schema"
)

// checkCoverage holds the schema against what is realized: every configurable
// leaf must be somebody's, and nobody may claim what the schema does not have.
// Keys come with their lists.
func checkCoverage(cfg Config) error {
	served := make(map[*schema.Node]bool)
	claim := func(who string, c interface{ String() string }, def *schema.Node, err error) error {
		if err != nil {
			return fmt.Errorf("agent: %s speaks of %s, which the schema does not have: %w", who, c, err)
		}
		served[def] = true
		return nil
	}
	for i, d := range cfg.Drivers {
		for _, p := range d.Leaves() {
			def, err := cfg.Schema.Find(p)
			if err := claim(fmt.Sprintf("driver %d (%T)", i+1, d), p, def, err); err != nil {
				return err
			}
		}
	}
	for _, p := range cfg.Served {
		def, err := cfg.Schema.Find(p)
		if err := claim("Config.Served", p, def, err); err != nil {
			return err
		}
	}
	var gaps []string
	var walk func(n *schema.Node)
	walk = func(n *schema.Node) {
		if served[n] || !n.Config {
			return
		}
		switch n.Kind {
		case schema.Container, schema.List:
			for _, c := range n.Data {
				walk(c)
			}
		case schema.Leaf, schema.LeafList, schema.AnyData, schema.AnyXML:
			if !n.IsKey() {
				gaps = append(gaps, n.SchemaPath().String())
			}
		}
	}
	for _, c := range cfg.Schema.Root.Data {
		walk(c)
	}
	if len(gaps) == 0 {
		return nil
	}
	const shown = 10
	n := len(gaps)
	if n > shown {
		gaps = append(gaps[:shown], "…")
	}
	return fmt.Errorf("agent: the schema has %d configurable leaves that no driver realizes; implement them or deviate them as not-supported:\n\t%s",
		n, strings.Join(gaps, "\n\t"))
}
