// Package gen holds the compiled schema of the product; below it stand packages
// oc and ietf, Go structs of the same schema as a typed view of small subtrees.
//
// All but this file and its test is written by yang/gen (make gen) from the
// modules in folder yang, and never edited.
package gen

import (
	_ "embed"

	"github.com/outrigger-cnf/outrigger/agent/schema"
)

//go:embed schema.bin
var compact []byte

// Schema loads the schema that the product serves. Each call loads it anew, in a
// few milliseconds.
func Schema() *schema.Schema {
	s, err := schema.Load(compact)
	if err != nil {
		panic("gen: schema.bin is damaged: " + err.Error()) // it is part of the binary
	}
	return s
}
